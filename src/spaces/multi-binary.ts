import type { Json, JsonObject } from '../core/json.js';
import { arrayFromJSON, invalidSpace, preview, sameNumbers, shapeText, sizeOf } from './arrays.js';
import { checkedProbability, invalidMask, rejectBoth, type SampleOptions } from './masks.js';
import { Space } from './space.js';

/** Zeros and ones in a fixed shape; values are `Int8Array`, row-major if there are several axes. */
export class MultiBinary extends Space<Int8Array> {
  readonly type = 'MultiBinary';
  readonly dtype = 'int8';
  readonly shape: readonly number[];
  /** The length, or the shape where one was given. */
  readonly n: number | readonly number[];
  /** Number of elements. */
  readonly size: number;

  /** @throws `INVALID_SPACE` unless all lengths are whole numbers from 1. */
  constructor(n: number | readonly number[]) {
    super();
    const shape = typeof n === 'number' ? [n] : n;
    if (
      !Array.isArray(shape) ||
      shape.length === 0 ||
      !shape.every((length) => Number.isSafeInteger(length) && length >= 1)
    ) {
      const got = Array.isArray(shape) ? shape.join(', ') : preview(n);
      throw invalidSpace(`Expected n of a MultiBinary space as whole numbers from 1, got ${got}.`, {
        expected: 'whole numbers from 1',
        got,
        field: 'n',
      });
    }
    this.shape = [...shape];
    this.n = typeof n === 'number' ? n : this.shape;
    this.size = sizeOf(this.shape);
  }

  /**
   * Fair coin tosses, except where `mask` fixes an element (0 or 1; 2 leaves it random) or `probability` weights it.
   * @throws `INVALID_MASK` if a mask does not fit.
   */
  sample(options: SampleOptions = {}): Int8Array {
    rejectBoth(options);
    const { mask, probability } = options;
    if (probability !== undefined) {
      checkedProbability(probability, this.size, false);
      return Int8Array.from({ length: this.size }, (_, i) => (this.generator.random() <= probability[i]! ? 1 : 0));
    }
    if (mask !== undefined) {
      if (mask.length !== this.size)
        throw invalidMask(`Expected a mask of ${this.size} values, got ${mask.length}.`, `${mask.length}`);
      for (let i = 0; i < this.size; i++) {
        if (mask[i] !== 0 && mask[i] !== 1 && mask[i] !== 2) {
          throw invalidMask(`Expected a mask of 0, 1 and 2 (random), got ${mask[i]} at ${i}.`, String(mask[i]));
        }
      }
    }
    const value = this.generator.integersArray('int8', 0, 2, this.size);
    if (mask !== undefined) for (let i = 0; i < this.size; i++) if (mask[i] !== 2) value[i] = mask[i]!;
    return value;
  }

  contains(value: unknown): value is Int8Array {
    if (!(value instanceof Int8Array) || value.length !== this.size) return false;
    for (let i = 0; i < value.length; i++) if (value[i] !== 0 && value[i] !== 1) return false;
    return true;
  }

  explain(value: unknown): string | null {
    if (this.contains(value)) return null;
    if (!(value instanceof Int8Array) || value.length !== this.size) {
      return `expected an Int8Array of length ${this.size}, got ${preview(value)}`;
    }
    const i = value.findIndex((element) => element !== 0 && element !== 1);
    return `expected element ${i} as 0 or 1, got ${value[i]}`;
  }

  toJSON(): JsonObject {
    return { type: this.type, n: typeof this.n === 'number' ? this.n : [...this.n] };
  }

  valueToJSON(value: Int8Array): Json {
    return [...value];
  }

  valueFromJSON(json: Json): Int8Array {
    return arrayFromJSON(json, 'int8', this.size, this.toString());
  }

  equals(other: unknown): boolean {
    return other instanceof MultiBinary && typeof other.n === typeof this.n && sameNumbers(other.shape, this.shape);
  }

  toString(): string {
    return `MultiBinary(${typeof this.n === 'number' ? this.n : shapeText(this.shape)})`;
  }
}
