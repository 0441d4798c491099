import type { Field } from '../core/env.js';
import type { Json, JsonObject } from '../core/json.js';
import {
  arrayFromJSON,
  DTYPE_NAMES,
  DTYPE_RANGE,
  invalidSpace,
  isArrayOf,
  isDType,
  isFloat,
  newArray,
  numbersToJSON,
  numberToJSON,
  preview,
  sameNumbers,
  shapeText,
  sizeOf,
} from './arrays.js';
import { type BoxBounds, coversDtype, intervalsOf, sharedBounds } from './box-bounds.js';
import { formatArray, formatScalar } from './format.js';
import { type DType, type DTypes, Space } from './space.js';

/** What a Box can be told beside its bounds. */
export interface BoxOptions<D extends DType> {
  /** Lengths of the axes; taken from the bounds if they are arrays, else `[1]`. */
  readonly shape?: readonly number[];
  /** Element type, `'float32'` by default. */
  readonly dtype?: D;
}

/**
 * A closed box of real or whole numbers: each element between its own bounds, either of which may be infinite.
 * Values are flat, row-major typed arrays of the dtype.
 */
export class Box<D extends DType = 'float32'> extends Space<DTypes[D]> {
  readonly type = 'Box';
  readonly shape: readonly number[];
  /** Element type. `NoInfer`, so that a Box assigned to a `Space<...>` takes its dtype from the options or the default. */
  readonly dtype: NoInfer<D>;
  /** Number of elements. */
  readonly size: number;
  /** Lower bounds, one for each element, row-major. An integer Box holds its dtype's smallest value for -Infinity. */
  readonly low: DTypes[D];
  /** Upper bounds, one for each element, row-major. An integer Box holds its dtype's largest value for Infinity. */
  readonly high: DTypes[D];
  readonly boundedBelow: readonly boolean[];
  readonly boundedAbove: readonly boolean[];
  /** Where all of these are from: one object for all equal Boxes. */
  readonly #bounds: BoxBounds<D>;
  /** Whether the bounds are those of the dtype, so that every array of it with the right length is a member: bytes of a picture. */
  readonly coversDtype: boolean;

  /** A flat float32 box with the bounds of a field table, one element a row. */
  static ofFields(fields: readonly Field[]): Box {
    return new Box(
      fields.map(({ low }) => low),
      fields.map(({ high }) => high),
    );
  }

  /**
   * @param low - lower bound of all elements, or of each.
   * @param high - upper bound of all elements, or of each.
   * @throws `INVALID_SPACE` for NaN bounds, low above high, bounds the dtype cannot hold, or shapes that do not fit.
   */
  constructor(low: number | ArrayLike<number>, high: number | ArrayLike<number>, options: BoxOptions<D> = {}) {
    super();
    const dtype = options.dtype ?? 'float32';
    if (!isDType(dtype)) {
      throw invalidSpace(`Expected a Box dtype among ${DTYPE_NAMES.join(', ')}, got ${preview(dtype)}.`, {
        field: 'dtype',
      });
    }
    const shape = boxShape(low, high, options.shape);
    this.size = sizeOf(shape);
    const lows = boundArray(low, dtype as D, this.size, 'low', shape);
    const highs = boundArray(high, dtype as D, this.size, 'high', shape);
    for (let i = 0; i < this.size; i++) {
      if (lows.values[i]! > highs.values[i]!) {
        throw invalidSpace(
          `Expected low <= high in a Box, got low ${lows.values[i]} and high ${highs.values[i]} at element ${i}.`,
          {
            expected: 'low <= high',
            got: `low ${lows.values[i]}, high ${highs.values[i]} at element ${i}`,
            field: `element ${i}`,
          },
        );
      }
    }
    this.#bounds = sharedBounds({
      dtype: dtype as D,
      shape,
      low: lows.values,
      high: highs.values,
      boundedBelow: lows.bounded,
      boundedAbove: highs.bounded,
    });
    this.shape = this.#bounds.shape;
    this.dtype = this.#bounds.dtype;
    this.low = this.#bounds.low;
    this.high = this.#bounds.high;
    this.boundedBelow = this.#bounds.boundedBelow;
    this.boundedAbove = this.#bounds.boundedAbove;
    this.coversDtype = coversDtype(this.#bounds);
  }

  /** Whether the bounds are finite: on one side or, by default, on both. */
  isBounded(manner: 'both' | 'below' | 'above' = 'both'): boolean {
    const below = manner === 'above' || this.boundedBelow.every(Boolean);
    return below && (manner === 'below' || this.boundedAbove.every(Boolean));
  }

  /** Uniform between finite bounds, normal without bounds, exponential from a single bound; whole dtypes are floored. */
  sample(): DTypes[D] {
    const { low, high, generator } = this;
    const float = isFloat(this.dtype);
    const draws = new Float64Array(this.size);
    const extra = float ? 0 : 1;
    const { unbounded, onlyBelow, onlyAbove, bounded } = intervalsOf(this.#bounds);
    for (const i of unbounded) draws[i] = generator.standardNormal();
    for (const i of onlyBelow) draws[i] = generator.standardExponential() + low[i]!;
    for (const i of onlyAbove) draws[i] = -generator.standardExponential() + (high[i]! + extra);
    for (const i of bounded) draws[i] = generator.uniform(low[i]!, high[i]! + extra);
    if (!float) {
      const [min, max] = DTYPE_RANGE[this.dtype];
      for (let i = 0; i < draws.length; i++) draws[i] = Math.min(Math.max(Math.floor(draws[i]!), min), max);
    }
    const value = newArray(this.dtype, this.size);
    value.set(draws);
    return value;
  }

  /** Whether `value` is the dtype's typed array of the right length with every element within bounds; NaN is not. */
  contains(value: unknown): value is DTypes[D] {
    if (!isArrayOf(this.dtype, value) || value.length !== this.size) return false;
    if (this.coversDtype) return true;
    const { low, high, size } = this;
    for (let i = 0; i < size; i++) {
      const element = value[i]!;
      if (!(element >= low[i]! && element <= high[i]!)) return false;
    }
    return true;
  }

  explain(value: unknown): string | null {
    const kind = this.low.constructor.name;
    if (!isArrayOf(this.dtype, value) || value.length !== this.size) {
      const shape = this.shape.length === 1 ? '' : ` (shape ${shapeText(this.shape)})`;
      return `expected a ${kind} of length ${this.size}${shape}, got ${preview(value)}`;
    }
    for (let i = 0; i < this.size; i++) {
      const element = value[i]!;
      if (!(element >= this.low[i]! && element <= this.high[i]!)) {
        return `expected element ${i} from ${this.low[i]} to ${this.high[i]}, got ${element}`;
      }
    }
    return null;
  }

  toJSON(): JsonObject {
    return {
      type: this.type,
      low: boundsToJSON(this.low, this.boundedBelow, '-Infinity'),
      high: boundsToJSON(this.high, this.boundedAbove, 'Infinity'),
      shape: [...this.shape],
      dtype: this.dtype,
    };
  }

  valueToJSON(value: DTypes[D]): Json {
    return numbersToJSON(value);
  }

  valueFromJSON(json: Json): DTypes[D] {
    return arrayFromJSON(json, this.dtype, this.size, this.toString());
  }

  equals(other: unknown): boolean {
    return (
      other instanceof Box &&
      (other.#bounds === this.#bounds ||
        (other.dtype === this.dtype &&
          sameNumbers(other.shape, this.shape) &&
          sameNumbers(other.low, this.low) &&
          sameNumbers(other.high, this.high)))
    );
  }

  toString(): string {
    const bound = (values: DTypes[D]): string => {
      const uniform = values.length > 0 && values.every((value: number) => value === values[0]);
      return uniform ? formatScalar(values[0]!, this.dtype) : formatArray(values, this.shape, this.dtype);
    };
    return `Box(${bound(this.low)}, ${bound(this.high)}, ${shapeText(this.shape)}, ${this.dtype})`;
  }
}

/**
 * Whether members are pictures: bytes from 0 to 255 of height x width x 1 or 3 channels, or grey ones of height x width. Their numbers
 * need no rows in a field table.
 * @internal
 */
export function isPicture(space: unknown): boolean {
  if (!(space instanceof Box)) return false;
  const { dtype, shape, size, coversDtype } = space as Box<DType>;
  const [, , channels = 1] = shape;
  const axes = shape.length === 2 || shape.length === 3;
  return dtype === 'uint8' && coversDtype && size > 0 && axes && (channels === 1 || channels === 3);
}

function boxShape(
  low: number | ArrayLike<number>,
  high: number | ArrayLike<number>,
  shape: readonly number[] | undefined,
): readonly number[] {
  for (const [name, bound] of [
    ['low', low],
    ['high', high],
  ] as const) {
    if (
      typeof bound !== 'number' &&
      (typeof bound !== 'object' || bound === null || typeof bound.length !== 'number')
    ) {
      throw invalidSpace(`Expected ${name} of a Box as a number or a list of numbers, got ${preview(bound)}.`, {
        field: name,
      });
    }
  }
  if (shape !== undefined) {
    if (!Array.isArray(shape) || !shape.every((length) => Number.isInteger(length) && length >= 0)) {
      throw invalidSpace(`Expected the shape of a Box as a list of whole numbers from 0, got [${String(shape)}].`, {
        field: 'shape',
      });
    }
    return [...shape];
  }
  if (typeof low !== 'number' && typeof high !== 'number' && low.length !== high.length) {
    throw invalidSpace(`Expected as many low as high bounds in a Box, got ${low.length} and ${high.length}.`, {
      got: `${low.length} low, ${high.length} high`,
    });
  }
  if (typeof low !== 'number') return [low.length];
  return typeof high === 'number' ? [1] : [high.length];
}

function boundArray<D extends DType>(
  bound: number | ArrayLike<number>,
  dtype: D,
  size: number,
  name: 'low' | 'high',
  shape: readonly number[],
): { values: DTypes[D]; bounded: boolean[] } {
  if (typeof bound !== 'number' && bound.length !== size) {
    throw invalidSpace(`Expected ${size} ${name} bounds for a Box of shape ${shapeText(shape)}, got ${bound.length}.`, {
      expected: String(size),
      got: String(bound.length),
      field: name,
    });
  }
  const [min, max] = DTYPE_RANGE[dtype];
  const open = name === 'low' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const values = newArray(dtype, size);
  const bounded: boolean[] = [];
  for (let i = 0; i < size; i++) {
    const value = typeof bound === 'number' ? bound : bound[i]!;
    const unsigned = min === 0;
    const infinite = value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
    const fits = infinite ? isFloat(dtype) || (value === open && !unsigned) : value >= min && value <= max;
    if (typeof value !== 'number' || !fits) {
      throw invalidSpace(
        `Expected ${name} of a Box as numbers that ${dtype} can hold (${min} to ${max}), got ${preview(value)} at element ${i}.`,
        { expected: `${min} to ${max}`, got: preview(value), field: `${name} ${i}` },
      );
    }
    bounded.push(value !== open);
    values[i] = infinite && !isFloat(dtype) ? (name === 'low' ? min : max) : value;
  }
  return { values, bounded };
}

function boundsToJSON(values: ArrayLike<number>, bounded: readonly boolean[], open: string): Json {
  const list = Array.from(values, (value, i) => (bounded[i] ? numberToJSON(value) : open));
  return list.length > 0 && list.every((value) => value === list[0]) ? list[0]! : list;
}
