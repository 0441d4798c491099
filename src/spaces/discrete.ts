import { usageError } from '../core/errors.js';
import type { Json, JsonObject } from '../core/json.js';
import type { IntegerDType } from '../core/seeding/generator.js';
import { invalidSpace, preview } from './arrays.js';
import { checkedMask, checkedProbability, type SampleOptions } from './masks.js';
import { Space } from './space.js';

/** The integer types a Discrete space can draw as; they differ in how many random bits a draw takes. */
export type DiscreteDType = Exclude<IntegerDType, 'bool' | 'uint64'>;

const DTYPES: readonly DiscreteDType[] = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64'];

/** The whole numbers `start .. start + n - 1`; values are JavaScript numbers. */
export class Discrete extends Space<number> {
  readonly type = 'Discrete';
  readonly shape: readonly number[] = [];
  readonly dtype: DiscreteDType;
  /** How many values there are. */
  readonly n: number;
  /** The smallest value. */
  readonly start: number;

  /** @throws `INVALID_SPACE` unless `n` is a whole number from 1 and `start` is whole. */
  constructor(n: number, options: { readonly start?: number; readonly dtype?: DiscreteDType } = {}) {
    super();
    const { start = 0, dtype = 'int64' } = options;
    if (!Number.isSafeInteger(n) || n < 1) {
      throw invalidSpace(`Expected n of a Discrete space as a whole number from 1, got ${preview(n)}.`, {
        expected: 'a whole number from 1',
        got: preview(n),
        field: 'n',
      });
    }
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(start + n)) {
      throw invalidSpace(`Expected start of a Discrete space as a whole number, got ${preview(start)}.`, {
        field: 'start',
      });
    }
    if (!DTYPES.includes(dtype)) {
      throw invalidSpace(`Expected a Discrete dtype among ${DTYPES.join(', ')}, got ${preview(dtype)}.`, {
        field: 'dtype',
      });
    }
    this.n = n;
    this.start = start;
    this.dtype = dtype;
  }

  /**
   * A random value: of all, of those with `mask[i] === 1` (`start` if there is none), or by `probability[i]`.
   * @throws `INVALID_MASK` if a mask does not fit.
   */
  sample(options: SampleOptions = {}): number {
    const { generator, n, start } = this;
    if (options.mask !== undefined) {
      const candidates = checkedMask(options, n);
      return candidates.length === 0 ? start : start + candidates[generator.integers(candidates.length)]!;
    }
    if (options.probability !== undefined) {
      return start + generator.choice(n, 1, { p: checkedProbability(options.probability, n) })[0]!;
    }
    if (this.dtype === 'int64') return start + generator.integers(n);
    return start + Number(generator.integersArray(this.dtype, 0, n, 1)[0]);
  }

  contains(value: unknown): value is number {
    return Number.isInteger(value) && (value as number) >= this.start && (value as number) < this.start + this.n;
  }

  explain(value: unknown): string | null {
    if (this.contains(value)) return null;
    const last = this.start + this.n - 1;
    const expected = this.n === 1 ? `the whole number ${last}` : `a whole number from ${this.start} to ${last}`;
    return `expected ${expected}, got ${preview(value)}`;
  }

  toJSON(): JsonObject {
    return { type: this.type, n: this.n, start: this.start, dtype: this.dtype };
  }

  valueToJSON(value: number): Json {
    return value;
  }

  valueFromJSON(json: Json): number {
    if (Number.isInteger(json)) return json as number;
    throw usageError('INVALID_VALUE', `Expected a value of ${this} as a whole number, got ${preview(json)}.`, {
      expected: 'a whole number',
      got: preview(json),
    });
  }

  equals(other: unknown): boolean {
    return other instanceof Discrete && other.n === this.n && other.start === this.start && other.dtype === this.dtype;
  }

  toString(): string {
    const start = this.start === 0 ? '' : `, start=${this.start}`;
    const dtype = this.dtype === 'int64' ? '' : `, dtype=${this.dtype}`;
    return `Discrete(${this.n}${start}${dtype})`;
  }
}
