/**
 * Integers between bounds, numpy's rules: Lemire's multiply-and-reject on the narrowest word that holds the range, with 8- and
 * 16-bit words cut from buffered 32-bit ones. Source: `numpy/random/src/distributions/distributions.c`.
 */
import { usageError } from '../errors.js';
import { nextUint32, OUTPUT_HIGH, OUTPUT_LOW, stepPcg64 } from './pcg64.js';

/** The arrays `integersArray` fills, by numpy's name of the element type. */
export interface IntegerArrays {
  bool: Uint8Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
}
export type IntegerDType = keyof IntegerArrays;

const TWO_32 = 4294967296;
const INVERSE_2_32 = 1 / TWO_32;

/** A whole number from 0 to `range` inclusive, `range` below 2^32; draws nothing when `range` is 0. */
export function boundedUint32(words: Uint32Array, range: number): number {
  if (range === 0) return 0;
  if (range === 0xffffffff) return nextUint32(words);
  const count = range + 1;
  let draw = nextUint32(words);
  let low = Math.imul(draw, count) >>> 0;
  if (low < count) {
    const threshold = (0xffffffff - range) % count;
    while (low < threshold) {
      draw = nextUint32(words);
      low = Math.imul(draw, count) >>> 0;
    }
  }
  // The high half of the product: wrong by less than 2^-20 before the half is added.
  return ((draw * count - low) * INVERSE_2_32 + 0.5) >>> 0;
}

/** A whole number from 0 to `range` inclusive, `range` from 2^32 - 1 to 2^53, exactly, without BigInt except in rare rejections. */
function boundedUint53(words: Uint32Array, range: number): number {
  const count = range + 1;
  if (count > Number.MAX_SAFE_INTEGER) return Number(boundedUint64(words, BigInt(range)));
  const countHigh = Math.floor(count / TWO_32);
  const countLow = count >>> 0;
  let threshold = -1;
  for (;;) {
    stepPcg64(words);
    const low = words[OUTPUT_LOW]!;
    const high = words[OUTPUT_HIGH]!;
    // (high, low) x (countHigh, countLow) in 32-bit columns; countHigh is below 2^21.
    const ll = Math.imul(low, countLow) >>> 0;
    const lh = Math.imul(low, countHigh) >>> 0;
    const hl = Math.imul(high, countLow) >>> 0;
    const carry = Math.floor((low * countLow - ll) * INVERSE_2_32 + 0.5);
    const column1 = carry + lh + hl;
    const productLow1 = column1 >>> 0;
    const column2 =
      Math.floor((low * countHigh - lh) * INVERSE_2_32 + 0.5) +
      Math.floor((high * countLow - hl) * INVERSE_2_32 + 0.5) +
      Math.floor(column1 * INVERSE_2_32);
    // high * countHigh is below 2^53 and the whole result is at most `range`, so this sum is exact.
    const result = high * countHigh + column2;
    // leftover = (productLow1, ll) must not be below the threshold, which is below count.
    if (productLow1 > countHigh || productLow1 * TWO_32 + ll >= count) return result;
    if (threshold < 0) threshold = Number((0xffffffffffffffffn - BigInt(range)) % BigInt(count));
    if (productLow1 * TWO_32 + ll >= threshold) return result;
  }
}

/** A whole number from 0 to `range` inclusive for `range` up to 2^53 - 1. */
export function boundedSafeInteger(words: Uint32Array, range: number): number {
  return range <= 0xffffffff ? boundedUint32(words, range) : boundedUint53(words, range);
}

function nextUint64(words: Uint32Array): bigint {
  stepPcg64(words);
  return (BigInt(words[OUTPUT_HIGH]!) << 32n) | BigInt(words[OUTPUT_LOW]!);
}

/** A whole number from 0 to `range` inclusive, `range` up to 2^64 - 1. */
export function boundedUint64(words: Uint32Array, range: bigint): bigint {
  if (range <= 0xffffffffn) return BigInt(boundedUint32(words, Number(range)));
  if (range === 0xffffffffffffffffn) return nextUint64(words);
  const count = range + 1n;
  let product = nextUint64(words) * count;
  if ((product & 0xffffffffffffffffn) < count) {
    const threshold = (0xffffffffffffffffn - range) % count;
    while ((product & 0xffffffffffffffffn) < threshold) product = nextUint64(words) * count;
  }
  return product >> 64n;
}

/** Cuts words of `bits` bits from 32-bit ones, the lowest first. A buffer lives for one call of numpy's, one array. */
class SmallWords {
  #buffer = 0;
  #left = 0;
  readonly #mask: number;

  constructor(
    readonly words: Uint32Array,
    readonly bits: number,
  ) {
    this.#mask = 2 ** bits - 1;
  }

  next(): number {
    if (this.#left === 0) {
      this.#buffer = nextUint32(this.words);
      this.#left = 32 / this.bits - 1;
    } else {
      this.#buffer >>>= this.bits;
      this.#left--;
    }
    return this.#buffer & this.#mask;
  }

  bounded(range: number): number {
    if (range === 0) return 0;
    if (range === this.#mask) return this.next();
    const count = range + 1;
    let product = this.next() * count;
    if ((product & this.#mask) < count) {
      const threshold = (this.#mask - range) % count;
      while ((product & this.#mask) < threshold) product = this.next() * count;
    }
    return product >>> this.bits;
  }
}

const LIMITS: Record<IntegerDType, readonly [bigint, bigint]> = {
  bool: [0n, 1n],
  int8: [-128n, 127n],
  uint8: [0n, 255n],
  int16: [-32768n, 32767n],
  uint16: [0n, 65535n],
  // Shifts, since a bundle for pages writes `**` as calls of Math.pow, which refuses a BigInt.
  int32: [-(1n << 31n), (1n << 31n) - 1n],
  uint32: [0n, (1n << 32n) - 1n],
  int64: [-(1n << 63n), (1n << 63n) - 1n],
  uint64: [0n, (1n << 64n) - 1n],
};

function toBigInt(value: number | bigint, name: string): bigint {
  if (typeof value === 'bigint') return value;
  if (Number.isInteger(value)) return BigInt(value);
  throw usageError('INVALID_RANGE', `Expected ${name} as a whole number, got ${value}.`, {
    expected: 'a whole number',
    got: String(value),
  });
}

/**
 * `size` whole numbers from `low` (inclusive) to `high` (exclusive), drawn as numpy's `integers(low, high, size, dtype)` draws them.
 * @throws `INVALID_RANGE` if `high` is not above `low` or the dtype cannot hold the range.
 */
export function boundedArray<D extends IntegerDType>(
  words: Uint32Array,
  dtype: D,
  low: number | bigint,
  high: number | bigint,
  size: number,
): IntegerArrays[D] {
  const first = toBigInt(low, 'low');
  const last = toBigInt(high, 'high') - 1n;
  const [min, max] = LIMITS[dtype];
  if (first < min || last > max || last < first) {
    throw usageError(
      'INVALID_RANGE',
      `Expected low < high with all values in ${dtype} (${min} to ${max}), got low ${low}, high ${high}.`,
      { expected: `${min} <= low < high <= ${max + 1n}`, got: `low ${low}, high ${high}` },
    );
  }
  const range = last - first;
  const make = MAKERS[dtype] as (words: Uint32Array, low: bigint, range: bigint, size: number) => IntegerArrays[D];
  return make(words, first, range, size);
}

function fillSmall<A extends Int8Array | Uint8Array | Int16Array | Uint16Array>(
  target: A,
  words: Uint32Array,
  bits: number,
  low: bigint,
  range: bigint,
): A {
  const source = new SmallWords(words, bits);
  for (let i = 0; i < target.length; i++) target[i] = Number(low) + source.bounded(Number(range));
  return target;
}

function fill32<A extends Int32Array | Uint32Array>(target: A, words: Uint32Array, low: bigint, range: bigint): A {
  for (let i = 0; i < target.length; i++) target[i] = Number(low) + boundedUint32(words, Number(range));
  return target;
}

function fill64<A extends BigInt64Array | BigUint64Array>(
  target: A,
  words: Uint32Array,
  low: bigint,
  range: bigint,
): A {
  for (let i = 0; i < target.length; i++) target[i] = low + boundedUint64(words, range);
  return target;
}

const MAKERS: {
  [D in IntegerDType]: (words: Uint32Array, low: bigint, range: bigint, size: number) => IntegerArrays[D];
} = {
  bool: (words, low, range, size) => fillSmall(new Uint8Array(size), words, 1, low, range),
  int8: (words, low, range, size) => fillSmall(new Int8Array(size), words, 8, low, range),
  uint8: (words, low, range, size) => fillSmall(new Uint8Array(size), words, 8, low, range),
  int16: (words, low, range, size) => fillSmall(new Int16Array(size), words, 16, low, range),
  uint16: (words, low, range, size) => fillSmall(new Uint16Array(size), words, 16, low, range),
  int32: (words, low, range, size) => fill32(new Int32Array(size), words, low, range),
  uint32: (words, low, range, size) => fill32(new Uint32Array(size), words, low, range),
  int64: (words, low, range, size) => fill64(new BigInt64Array(size), words, low, range),
  uint64: (words, low, range, size) => fill64(new BigUint64Array(size), words, low, range),
};
