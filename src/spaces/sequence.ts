import { usageError } from '../core/errors.js';
import type { Json, JsonObject } from '../core/json.js';
import { preview } from './arrays.js';
import { type BatchOf, batchSpace, concatenate, iterate } from './batch.js';
import { invalidValue, maskList, partMasks, requireSpace, samplePart, type ValueOf } from './composite.js';
import { invalidSeeds, type Seeds } from './seeds.js';
import { type SampleMasks, Space } from './space.js';

/** How likely a random sequence is to end after each member, Gymnasium's choice. */
const END_PROBABILITY = 0.25;

/** The value of a Sequence: a list of members, or with `stack` one batch of them. */
export type SequenceValue<S, Stack extends boolean> = Stack extends true ? BatchOf<S> : ValueOf<S>[];

/** Any number of values of one space; values are arrays of members, or one batched value with `stack: true`. */
export class Sequence<S extends Space = Space, Stack extends boolean = false> extends Space<SequenceValue<S, Stack>> {
  readonly type = 'Sequence';
  readonly shape = null;
  readonly dtype = null;
  readonly featureSpace: S;
  readonly stack: Stack;

  /** @throws `INVALID_SPACE`; `UNSUPPORTED_SPACE` for `stack` with members that have no batch. */
  constructor(featureSpace: S, options: { readonly stack?: Stack } = {}) {
    super();
    requireSpace('Sequence', 'the members', featureSpace);
    this.featureSpace = featureSpace;
    this.stack = (options.stack ?? false) as Stack;
  }

  override seed(seed: Seeds = null): Seeds {
    if (typeof seed === 'number') {
      super.seed(seed);
      const feature = this.generator.integers(2147483647);
      super.seed(seed);
      return [seed, this.featureSpace.seed(feature)];
    }
    if (seed !== null && (!Array.isArray(seed) || seed.length !== 2))
      throw invalidSeeds(this, 'a number or a list of two, its own and the members’', seed);
    const seeds = seed as readonly Seeds[] | null;
    return [super.seed(seeds?.[0] ?? null), this.featureSpace.seed(seeds?.[1] ?? null)];
  }

  /**
   * A random value of geometric length. `mask` and `probability` are `[length, member]`: a length, a list of lengths to choose
   * from, or null; and what each member's `sample` takes.
   * @throws `INVALID_MASK`
   */
  sample(options: SampleMasks = {}): SequenceValue<S, Stack> {
    const masks = partMasks(options);
    const parts = masks === null ? null : maskList(this, masks.kind, masks.parts, 2);
    const length = this.#length(parts?.[0] ?? null);
    const members: unknown[] = [];
    for (let k = 0; k < length; k++) members.push(samplePart(this.featureSpace, masks?.kind ?? 'mask', parts?.[1]));
    return this.#stacked(members);
  }

  #length(given: unknown): number {
    if (given === null) return this.generator.geometric(END_PROBABILITY);
    const lengths =
      Array.isArray(given) || ArrayBuffer.isView(given) ? Array.from(given as ArrayLike<number>) : [given];
    if (lengths.length === 0 || !lengths.every((length) => Number.isSafeInteger(length) && (length as number) >= 0)) {
      throw usageError(
        'INVALID_MASK',
        `Expected the length of ${this} as whole numbers from 0, got ${preview(given)}.`,
        {
          expected: 'whole numbers from 0',
          got: preview(given),
        },
      );
    }
    const list = lengths as number[];
    return typeof given === 'number' ? given : list[this.generator.integers(list.length)]!;
  }

  #stacked(members: unknown[]): SequenceValue<S, Stack> {
    return (this.stack ? concatenate(this.featureSpace, members) : members) as SequenceValue<S, Stack>;
  }

  /** The members of a value. */
  members(value: SequenceValue<S, Stack>): ValueOf<S>[] {
    if (!this.stack) return value as ValueOf<S>[];
    return [...iterate(batchSpace(this.featureSpace, 1), value)] as ValueOf<S>[];
  }

  contains(value: unknown): value is SequenceValue<S, Stack> {
    return this.explain(value) === null;
  }

  explain(value: unknown): string | null {
    let members: unknown[];
    if (this.stack) {
      try {
        members = this.members(value as SequenceValue<S, Stack>);
      } catch {
        return `expected a batch of members of ${this.featureSpace}, got ${preview(value)}`;
      }
    } else if (Array.isArray(value)) {
      members = value;
    } else {
      return `expected an Array of members, got ${preview(value)}`;
    }
    for (const [k, member] of members.entries()) {
      const reason = this.featureSpace.explain(member);
      if (reason !== null) return `member ${k}: ${reason}`;
    }
    return null;
  }

  toJSON(): JsonObject {
    return { type: this.type, space: this.featureSpace.toJSON(), stack: this.stack };
  }

  valueToJSON(value: SequenceValue<S, Stack>): Json {
    return this.members(value).map((member) => this.featureSpace.valueToJSON(member));
  }

  valueFromJSON(json: Json): SequenceValue<S, Stack> {
    if (!Array.isArray(json)) throw invalidValue(this, 'a list', json);
    return this.#stacked(json.map((member) => this.featureSpace.valueFromJSON(member)));
  }

  equals(other: unknown): boolean {
    return other instanceof Sequence && other.stack === this.stack && this.featureSpace.equals(other.featureSpace);
  }

  toString(): string {
    return `Sequence(${this.featureSpace}, stack=${this.stack ? 'True' : 'False'})`;
  }
}
