/** Typed arrays by dtype, shapes, and numbers as exact JSON: what the spaces share. */
import { usageError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { DType, DTypes } from './space.js';

const CONSTRUCTORS: { readonly [D in DType]: new (size: number | ArrayBufferLike) => DTypes[D] } = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
};

/** Smallest and largest finite value of each dtype. */
export const DTYPE_RANGE: { readonly [D in DType]: readonly [number, number] } = {
  float32: [-3.4028234663852886e38, 3.4028234663852886e38],
  float64: [-Number.MAX_VALUE, Number.MAX_VALUE],
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-2147483648, 2147483647],
  uint32: [0, 4294967295],
};

/** The dtypes, in the order of their documentation. */
export const DTYPE_NAMES = Object.keys(CONSTRUCTORS) as readonly DType[];

/** Whether `name` is a dtype a Box can hold. */
export function isDType(name: unknown): name is DType {
  return typeof name === 'string' && Object.hasOwn(CONSTRUCTORS, name);
}

/** Whether a dtype holds fractions. */
export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64';
}

/** A zeroed typed array of a dtype. */
export function newArray<D extends DType>(dtype: D, size: number): DTypes[D] {
  return new CONSTRUCTORS[dtype](size);
}

/** A typed array of a dtype over part of a buffer, shared or not; `offset` in bytes, `size` in elements. */
export function arrayOver<D extends DType>(dtype: D, buffer: ArrayBufferLike, offset: number, size: number): DTypes[D] {
  const make = CONSTRUCTORS[dtype] as new (buffer: ArrayBufferLike, offset: number, size: number) => DTypes[D];
  return new make(buffer, offset, size);
}

/** Whether `value` is exactly the typed array of a dtype; a subclass, such as Node's Buffer, is not. */
export function isArrayOf<D extends DType>(dtype: D, value: unknown): value is DTypes[D] {
  return typeof value === 'object' && value !== null && value.constructor === CONSTRUCTORS[dtype];
}

/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Python's text of a shape: `(2,)`, `(3, 2)`. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

export function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Numbers nested to any depth, all rows of a level equally long. */
export type NestedNumbers = readonly (number | NestedNumbers)[] | ArrayLike<number>;

/**
 * Flattens nested numbers in row-major order.
 * @throws `INVALID_SPACE` for ragged rows or anything but numbers.
 */
export function flattenNested(nested: NestedNumbers, name: string): { values: number[]; shape: number[] } {
  const values: number[] = [];
  const shape: number[] = [];
  const visit = (level: ArrayLike<unknown>, depth: number): void => {
    if (shape.length === depth) shape.push(level.length);
    let valid = level.length === shape[depth];
    for (let i = 0; i < level.length && valid; i++) {
      const item = level[i];
      if (typeof item === 'number') {
        valid = shape.length === depth + 1;
        values.push(item);
      } else {
        valid = typeof item === 'object' && item !== null && 'length' in item && (depth + 1 < shape.length || i === 0);
        if (valid) visit(item as ArrayLike<unknown>, depth + 1);
      }
    }
    if (!valid) throw invalidSpace(`Expected ${name} as numbers in rows of equal length.`, { field: name });
  };
  visit(nested, 0);
  return { values, shape };
}

/** An error about how a space was made. */
export function invalidSpace(message: string, details: Parameters<typeof usageError>[2] = {}): Error {
  return usageError('INVALID_SPACE', message, details);
}

/** A number as exact JSON: the values JSON lacks become text. */
export function numberToJSON(value: number): number | string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : value;
  return String(value);
}

/** The number that `numberToJSON` wrote, or null. */
export function numberFromJSON(json: Json | undefined): number | null {
  if (typeof json === 'number') return json;
  if (json === 'NaN' || json === 'Infinity' || json === '-Infinity' || json === '-0') return Number(json);
  return null;
}

/** Numbers as exact JSON. */
export function numbersToJSON(values: ArrayLike<number>): (number | string)[] {
  return Array.from(values, numberToJSON);
}

/** The numbers that `numbersToJSON` wrote, or null for anything else. */
export function numbersFromJSON(json: Json | undefined): number[] | null {
  if (!Array.isArray(json)) return null;
  const values: number[] = [];
  for (const item of json) {
    const value = numberFromJSON(item);
    if (value === null) return null;
    values.push(value);
  }
  return values;
}

/** Reads one member of a space from JSON into a typed array. @throws `INVALID_VALUE` */
export function arrayFromJSON<D extends DType>(json: Json, dtype: D, size: number, space: string): DTypes[D] {
  const values = numbersFromJSON(json);
  if (values === null || values.length !== size) {
    throw usageError(
      'INVALID_VALUE',
      `Expected a value of ${space} as a list of ${size} numbers, got ${preview(json)}.`,
      {
        expected: `${size} numbers`,
        got: preview(json),
      },
    );
  }
  const array = newArray(dtype, size);
  array.set(values);
  return array;
}

/** A short text of any value, for messages. */
export function preview(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number') return String(value);
  if (typeof value === 'string')
    return value.length > 40 ? `${JSON.stringify(value.slice(0, 37))}...` : JSON.stringify(value);
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    const kind = Array.isArray(value) ? 'an Array' : withArticle(value.constructor.name);
    const length = 'length' in value ? value.length : value.byteLength;
    return `${kind} of length ${String(length)}`;
  }
  if (typeof value === 'object') return withArticle(value.constructor?.name ?? 'object');
  return typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}

function withArticle(name: string): string {
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;
}
