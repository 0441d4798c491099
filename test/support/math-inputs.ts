/** Seeded arguments for mathematical functions, a tour of everything a float64 can be, and a hash of results. */
import type { PortableName } from '../../src/core/portable-math/index.js';

/** Functions of two arguments; all others take one. */
const BINARY: readonly PortableName[] = ['atan2', 'hypot', 'pow'];

const SPECIALS: readonly number[] = [
  ...[0, 1, 0.5, 2, 3, 1 / 3, 22, 709.7, 709.79, 710.475, 745.13, 1024, 1074, 1075, 2147483648, 9007199254740992],
  ...[Number.MIN_VALUE, 2.2250738585072014e-308, Number.MAX_VALUE, Number.EPSILON, Number.POSITIVE_INFINITY],
  ...[Math.PI, Math.PI / 2, Math.PI / 4, 0.975, 7 / 16, 11 / 16, 19 / 16, 39 / 16, Math.LN2, Math.SQRT2, Math.E],
].flatMap((value) => [value, -value]);

/** An endless row of arguments: the same for the same seed on every engine, since it only adds, multiplies and shifts. */
export class MathInputs {
  #a: number;
  #b = 362436069;
  #c = 521288629;
  #d = 88675123;
  readonly #bytes = new DataView(new ArrayBuffer(8));
  #turn = 0;

  constructor(seed: number) {
    this.#a = seed | 1;
  }

  #word(): number {
    const t = this.#a ^ (this.#a << 11);
    this.#a = this.#b;
    this.#b = this.#c;
    this.#c = this.#d;
    this.#d = this.#d ^ (this.#d >>> 19) ^ (t ^ (t >>> 8));
    return this.#d >>> 0;
  }

  #uniform(): number {
    return this.#word() / 4294967296 + this.#word() / (4294967296 * 4294967296);
  }

  #bits(high: number): number {
    this.#bytes.setUint32(0, high);
    this.#bytes.setUint32(4, this.#word());
    return this.#bytes.getFloat64(0);
  }

  /** The next argument: of ten kinds by turns. */
  next(): number {
    const kind = this.#turn++ % 10;
    const u = this.#uniform();
    const signed = 2 * u - 1;
    if (kind === 0) return this.#bits(this.#word());
    if (kind === 1) return signed;
    if (kind === 2) return 10 * signed;
    if (kind === 3) return 800 * signed;
    // Near multiples of pi/2, where the reduction cancels.
    if (kind === 4) return Math.round(200_000 * signed) * (Math.PI / 2) * (1 + 1e-15 * (this.#uniform() - 0.5));
    if (kind === 5) return 1 + 1e-5 * signed;
    // Subnormal numbers.
    if (kind === 6) return this.#bits((this.#word() & 0x800fffff) >>> 0);
    // Huge ones, up to the largest.
    if (kind === 7) return this.#bits(((0x41000000 + (this.#word() % 0x3ef00000)) | (this.#word() & 0x80000000)) >>> 0);
    if (kind === 8) return Math.round(300 * signed) / 2;
    // Special values, and their nearest neighbours.
    const special = SPECIALS[this.#word() % SPECIALS.length]!;
    return u < 0.5 ? special : special * (1 + (u - 0.75) * 1e-15);
  }
}

/** Whether a function takes two arguments. */
export function takesTwo(name: PortableName): boolean {
  return BINARY.includes(name);
}

/** Calls `visit` with `count` seeded arguments; the second of a pair comes from a row of its own, so that all kinds meet. */
export function forInputs(seed: number, count: number, visit: (x: number, y: number) => void): void {
  const first = new MathInputs(seed);
  const second = new MathInputs(seed + 7919);
  for (let i = 0; i < count; i++) {
    // One more at every tenth, which shifts the kinds of the second row against those of the first.
    if (i % 10 === 0) second.next();
    visit(first.next(), second.next());
  }
}

/** A 32-bit hash of a function's results, every NaN being the same. */
export function resultHash(apply: (x: number, y: number) => number, seed: number, count: number): number {
  const value = new Float64Array(1);
  const words = new Int32Array(value.buffer);
  let hash = 0x811c9dc5 | 0;
  forInputs(seed, count, (x, y) => {
    const result = apply(x, y);
    value[0] = result;
    const number = !Number.isNaN(result);
    hash = Math.imul(hash ^ (number ? words[0]! : 1), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15) ^ (number ? words[1]! : 0x7ff80000), 0x01000193);
  });
  return hash >>> 0;
}
