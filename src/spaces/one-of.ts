import type { Json, JsonObject } from '../core/json.js';
import { invalidSpace, preview } from './arrays.js';
import { invalidValue, maskList, partMasks, requireSpace, samplePart, type ValueOf } from './composite.js';
import { invalidSeeds, type Seeds, subseeds } from './seeds.js';
import { type SampleMasks, Space } from './space.js';

/** The value of a OneOf: which space, and a value of it. */
export type OneOfValue<S extends readonly Space[]> = [index: number, value: ValueOf<S[number]>];

/** A value of exactly one of several spaces; values are `[index, value]`. */
export class OneOf<const S extends readonly Space[] = readonly Space[]> extends Space<OneOfValue<S>> {
  readonly type = 'OneOf';
  readonly shape = null;
  readonly dtype = null;
  readonly spaces: S;

  /** @throws `INVALID_SPACE` unless there is at least one and all are Spaces. */
  constructor(spaces: S) {
    super();
    if (!Array.isArray(spaces) || spaces.length === 0) {
      throw invalidSpace(`Expected the spaces of a OneOf as a list of at least one, got ${preview(spaces)}.`, {
        expected: 'a list of spaces',
        got: preview(spaces),
      });
    }
    for (const [k, space] of spaces.entries()) requireSpace('OneOf', `element ${k}`, space);
    this.spaces = [...spaces] as unknown as S;
  }

  override seed(seed: Seeds = null): Seeds {
    if (typeof seed === 'number') {
      super.seed(seed);
      const seeds = subseeds(this, this.spaces.length);
      super.seed(seed);
      return [seed, ...this.spaces.map((space, k) => space.seed(seeds[k]!))];
    }
    const length = this.spaces.length + 1;
    if (seed !== null && (!Array.isArray(seed) || seed.length !== length))
      throw invalidSeeds(this, `a number or a list of ${length}, its own first`, seed);
    const seeds = seed as readonly Seeds[] | null;
    return [super.seed(seeds?.[0] ?? null), ...this.spaces.map((space, k) => space.seed(seeds?.[k + 1] ?? null))];
  }

  /**
   * A random value, each space equally likely; `mask` and `probability` are lists with what each space takes.
   * @throws `INVALID_MASK`
   */
  sample(options: SampleMasks = {}): OneOfValue<S> {
    const masks = partMasks(options);
    const parts = masks === null ? null : maskList(this, masks.kind, masks.parts, this.spaces.length);
    const index = this.generator.integers(this.spaces.length);
    return [index, samplePart(this.spaces[index]!, masks?.kind ?? 'mask', parts?.[index]) as ValueOf<S[number]>];
  }

  contains(value: unknown): value is OneOfValue<S> {
    return (
      Array.isArray(value) &&
      value.length === 2 &&
      Number.isInteger(value[0]) &&
      this.spaces[value[0] as number] !== undefined &&
      this.spaces[value[0] as number]!.contains(value[1])
    );
  }

  explain(value: unknown): string | null {
    if (!Array.isArray(value) || value.length !== 2) return `expected [index, value], got ${preview(value)}`;
    const space = Number.isInteger(value[0]) ? this.spaces[value[0] as number] : undefined;
    if (space === undefined)
      return `expected the index as a whole number from 0 to ${this.spaces.length - 1}, got ${preview(value[0])}`;
    const reason = space.explain(value[1]);
    return reason === null ? null : `value of space ${String(value[0])}: ${reason}`;
  }

  toJSON(): JsonObject {
    return { type: this.type, spaces: this.spaces.map((space) => space.toJSON()) };
  }

  valueToJSON([index, value]: OneOfValue<S>): Json {
    return [index, this.spaces[index]!.valueToJSON(value)];
  }

  valueFromJSON(json: Json): OneOfValue<S> {
    const space = Array.isArray(json) && json.length === 2 ? this.spaces[json[0] as number] : undefined;
    if (space === undefined) throw invalidValue(this, '[index, value]', json);
    const [index, value] = json as [number, Json];
    return [index, space.valueFromJSON(value) as ValueOf<S[number]>];
  }

  equals(other: unknown): boolean {
    return (
      other instanceof OneOf &&
      other.spaces.length === this.spaces.length &&
      this.spaces.every((space, k) => space.equals(other.spaces[k]))
    );
  }

  toString(): string {
    return `OneOf(${this.spaces.join(', ')})`;
  }
}
