import type { Json, JsonObject } from '../core/json.js';
import { invalidSpace, preview } from './arrays.js';
import { invalidValue, maskList, partMasks, requireSpace, samplePart, type ValueOf } from './composite.js';
import { invalidSeeds, type Seeds, subseeds } from './seeds.js';
import { type SampleMasks, Space } from './space.js';

/** The value of a Tuple: the value of each of its spaces, in order. */
export type TupleValue<S extends readonly Space[]> = { -readonly [K in keyof S]: ValueOf<S[K]> };

/** Several spaces in order; values are arrays with a value of each. */
export class Tuple<const S extends readonly Space[] = readonly Space[]> extends Space<TupleValue<S>> {
  readonly type = 'Tuple';
  readonly shape = null;
  readonly dtype = null;
  readonly spaces: S;

  /** @throws `INVALID_SPACE` unless there is at least one and all are Spaces. */
  constructor(spaces: S) {
    super();
    if (!Array.isArray(spaces) || spaces.length === 0) {
      throw invalidSpace(`Expected the spaces of a Tuple as a list of at least one, got ${preview(spaces)}.`, {
        expected: 'a list of spaces',
        got: preview(spaces),
      });
    }
    for (const [k, space] of spaces.entries()) requireSpace('Tuple', `element ${k}`, space);
    this.spaces = [...spaces] as unknown as S;
  }

  override seed(seed: Seeds = null): Seeds {
    if (typeof seed === 'number') {
      super.seed(seed);
      const seeds = subseeds(this, this.spaces.length);
      return this.spaces.map((space, k) => space.seed(seeds[k]!));
    }
    if (seed !== null && (!Array.isArray(seed) || seed.length !== this.spaces.length))
      throw invalidSeeds(this, `a number or a list of ${this.spaces.length}`, seed);
    const seeds = seed as readonly Seeds[] | null;
    return this.spaces.map((space, k) => space.seed(seeds?.[k] ?? null));
  }

  /**
   * A random value; `mask` and `probability` are lists with what each space takes, null for nothing.
   * @throws `INVALID_MASK`
   */
  sample(options: SampleMasks = {}): TupleValue<S> {
    const masks = partMasks(options);
    const parts = masks === null ? null : maskList(this, masks.kind, masks.parts, this.spaces.length);
    return this.spaces.map((space, k) => samplePart(space, masks?.kind ?? 'mask', parts?.[k])) as TupleValue<S>;
  }

  contains(value: unknown): value is TupleValue<S> {
    if (!Array.isArray(value) || value.length !== this.spaces.length) return false;
    for (let k = 0; k < value.length; k++) if (!this.spaces[k]!.contains(value[k])) return false;
    return true;
  }

  explain(value: unknown): string | null {
    if (!Array.isArray(value) || value.length !== this.spaces.length)
      return `expected an Array of length ${this.spaces.length}, got ${preview(value)}`;
    for (const [k, space] of this.spaces.entries()) {
      const reason = space.explain(value[k]);
      if (reason !== null) return `element ${k}: ${reason}`;
    }
    return null;
  }

  toJSON(): JsonObject {
    return { type: this.type, spaces: this.spaces.map((space) => space.toJSON()) };
  }

  valueToJSON(value: TupleValue<S>): Json {
    return this.spaces.map((space, k) => space.valueToJSON(value[k]));
  }

  valueFromJSON(json: Json): TupleValue<S> {
    if (!Array.isArray(json) || json.length !== this.spaces.length)
      throw invalidValue(this, `a list of ${this.spaces.length}`, json);
    return this.spaces.map((space, k) => space.valueFromJSON(json[k]!)) as TupleValue<S>;
  }

  equals(other: unknown): boolean {
    return (
      other instanceof Tuple &&
      other.spaces.length === this.spaces.length &&
      this.spaces.every((space, k) => space.equals(other.spaces[k]))
    );
  }

  toString(): string {
    return `Tuple(${this.spaces.join(', ')})`;
  }
}
