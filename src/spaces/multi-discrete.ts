import type { Json, JsonObject } from '../core/json.js';
import { arrayFromJSON, flattenNested, invalidSpace, type NestedNumbers, preview, sameNumbers } from './arrays.js';
import { formatArray } from './format.js';
import { checkedMask, checkedProbability, invalidMask, rejectBoth } from './masks.js';
import { Space } from './space.js';

/** What `sample` of a MultiDiscrete space can be told: one list for each element, row-major; at most one of the two. */
export interface MultiSampleOptions {
  readonly mask?: readonly ArrayLike<number>[];
  readonly probability?: readonly ArrayLike<number>[];
}

/** Several Discrete spaces side by side; values are `Int32Array`, row-major if there are several axes. */
export class MultiDiscrete extends Space<Int32Array> {
  readonly type = 'MultiDiscrete';
  readonly dtype = 'int32';
  readonly shape: readonly number[];
  /** How many values each element has. */
  readonly nvec: Int32Array;
  /** The smallest value of each element. */
  readonly start: Int32Array;

  /**
   * @param nvec - counts from 1, nested for several axes.
   * @throws `INVALID_SPACE` unless there is at least one count, all are whole and from 1, and `start` has their shape.
   */
  constructor(nvec: NestedNumbers, options: { readonly start?: NestedNumbers } = {}) {
    super();
    const counts = flattenNested(nvec, 'nvec');
    if (
      counts.values.length === 0 ||
      !counts.values.every((count) => Number.isInteger(count) && count >= 1 && count < 2 ** 31)
    ) {
      throw invalidSpace(
        `Expected nvec of a MultiDiscrete space as whole numbers from 1, got [${counts.values.join(', ')}].`,
        {
          expected: 'whole numbers from 1',
          got: counts.values.join(', '),
          field: 'nvec',
        },
      );
    }
    this.shape = counts.shape;
    this.nvec = Int32Array.from(counts.values);
    const start = options.start === undefined ? null : flattenNested(options.start, 'start');
    if (
      start !== null &&
      (!sameNumbers(start.shape, counts.shape) || !start.values.every((value) => (value | 0) === value))
    ) {
      throw invalidSpace(
        `Expected start of a MultiDiscrete space as whole numbers in the shape of nvec [${counts.shape}], got shape [${start.shape}].`,
        { field: 'start' },
      );
    }
    this.start = start === null ? new Int32Array(this.nvec.length) : Int32Array.from(start.values);
  }

  /** Number of elements. */
  get size(): number {
    return this.nvec.length;
  }

  /**
   * Random values: of all, of those each mask allows (`start` if it allows none), or by each list of probabilities.
   * @throws `INVALID_MASK` if a mask does not fit.
   */
  sample(options: MultiSampleOptions = {}): Int32Array {
    rejectBoth(options);
    const { generator, nvec, start } = this;
    const lists = options.mask ?? options.probability;
    if (lists !== undefined && lists.length !== nvec.length) {
      throw invalidMask(
        `Expected ${nvec.length} masks, one for each element, got ${lists.length}.`,
        String(lists.length),
      );
    }
    const value = new Int32Array(nvec.length);
    for (let i = 0; i < nvec.length; i++) {
      const n = nvec[i]!;
      let offset = 0;
      if (options.mask !== undefined) {
        const candidates = checkedMask({ mask: options.mask[i]! }, n);
        if (candidates.length > 0) offset = candidates[generator.integers(candidates.length)]!;
      } else if (options.probability !== undefined) {
        offset = this.#weighted(checkedProbability(options.probability[i]!, n));
      } else {
        offset = Math.floor(generator.random() * n);
      }
      value[i] = start[i]! + offset;
    }
    return value;
  }

  /** Gymnasium drops impossible values and normalises before it chooses. */
  #weighted(probability: ArrayLike<number>): number {
    const p = Array.from(probability);
    const sum = p.reduce((total, value) => total + value, 0);
    const possible = p.map((value, i) => ({ value, i })).filter(({ value }) => value > 0);
    const choice = this.generator.choice(possible.length, 1, { p: possible.map(({ value }) => value / sum) })[0]!;
    return possible[choice]!.i;
  }

  contains(value: unknown): value is Int32Array {
    if (!(value instanceof Int32Array) || value.length !== this.nvec.length) return false;
    for (let i = 0; i < value.length; i++) {
      const offset = value[i]! - this.start[i]!;
      if (offset < 0 || offset >= this.nvec[i]!) return false;
    }
    return true;
  }

  explain(value: unknown): string | null {
    if (this.contains(value)) return null;
    if (!(value instanceof Int32Array) || value.length !== this.nvec.length) {
      return `expected an Int32Array of length ${this.nvec.length}, got ${preview(value)}`;
    }
    const outside = (element: number, i: number): boolean =>
      element < this.start[i]! || element >= this.start[i]! + this.nvec[i]!;
    const i = value.findIndex(outside);
    return `expected element ${i} from ${this.start[i]} to ${this.start[i]! + this.nvec[i]! - 1}, got ${value[i]}`;
  }

  toJSON(): JsonObject {
    return { type: this.type, nvec: [...this.nvec], start: [...this.start], shape: [...this.shape] };
  }

  /** A MultiDiscrete from flat lists and a shape, as `toJSON` writes it. */
  static fromFlat(nvec: readonly number[], start: readonly number[], shape: readonly number[]): MultiDiscrete {
    return new MultiDiscrete(nest(nvec, shape), { start: nest(start, shape) });
  }

  valueToJSON(value: Int32Array): Json {
    return [...value];
  }

  valueFromJSON(json: Json): Int32Array {
    return arrayFromJSON(json, 'int32', this.nvec.length, this.toString());
  }

  equals(other: unknown): boolean {
    return (
      other instanceof MultiDiscrete &&
      sameNumbers(other.shape, this.shape) &&
      sameNumbers(other.nvec, this.nvec) &&
      sameNumbers(other.start, this.start)
    );
  }

  toString(): string {
    const start = this.start.some((value) => value !== 0)
      ? `, start=${formatArray(this.start, this.shape, 'int32')}`
      : '';
    return `MultiDiscrete(${formatArray(this.nvec, this.shape, 'int32')}${start})`;
  }
}

function nest(values: readonly number[], shape: readonly number[]): NestedNumbers {
  if (shape.length <= 1) return values;
  const rows = shape[0]!;
  const width = values.length / rows;
  return Array.from({ length: rows }, (_, i) => nest(values.slice(i * width, (i + 1) * width), shape.slice(1)));
}
