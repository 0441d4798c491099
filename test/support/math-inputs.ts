/** Seeded arguments for mathematical functions, a tour of everything a float64 can be, and a hash of results. */
import type { PortableName } from '../../src/core/portable-math/index.js';
import { Generator } from '../../src/core/seeding/index.js';

/** Functions of two arguments; all others take one. */
const BINARY: readonly PortableName[] = ['atan2', 'hypot', 'pow'];

/** Special values, and arguments at which one of the functions changes its method or leaves the range of float64. */
const SPECIALS: readonly number[] = [
  ...[0, 1, 0.5, 2, 3, 1 / 3, 22, 709.7, 709.79, 710.475, 745.13, 1024, 1074, 1075, 2147483648, 9007199254740992],
  ...[
    Number.MIN_VALUE,
    2.2250738585072014e-308,
    Number.MAX_VALUE,
    Number.EPSILON,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  ],
  ...[Math.PI, Math.PI / 2, Math.PI / 4, 0.975, 7 / 16, 11 / 16, 19 / 16, 39 / 16, Math.LN2, Math.SQRT2, Math.E],
].flatMap((value) => [value, -value]);

const words = new Uint32Array(2);
const double = new Float64Array(words.buffer);
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

function fromBits(high: number, low: number): number {
  words[HIGH] = high;
  words[1 - HIGH] = low;
  return double[0]!;
}

/** What an argument may be; each is drawn from the generator. */
const KINDS: readonly ((random: Generator) => number)[] = [
  // Any bits: all exponents and mantissas, and one NaN in 1,024.
  (random) => fromBits(random.nextUint32(), random.nextUint32()),
  (random) => random.uniform(-1, 1),
  (random) => random.uniform(-10, 10),
  (random) => random.uniform(-800, 800),
  // Near multiples of pi/2, where the reduction cancels; small multiples, and those beyond the reduction's first method.
  (random) => nearQuarterTurn(random, 200_000),
  (random) => nearQuarterTurn(random, 1e15),
  // Near 1, for logarithms and long powers.
  (random) => 1 + 1e-5 * random.uniform(-1, 1),
  (random) => 1 + 1e-14 * random.uniform(-1, 1),
  // Subnormal numbers.
  (random) => fromBits((random.nextUint32() & 0x800fffff) >>> 0, random.nextUint32()),
  // Huge ones, from 2^17 to the largest, which need as much of 2/pi as there is.
  (random) => {
    const high = (0x41000000 + (random.nextUint32() % 0x3ef00000)) | (random.nextUint32() & 0x80000000);
    return fromBits(high >>> 0, random.nextUint32());
  },
  // Whole numbers and halves.
  (random) => Math.round(random.uniform(-300, 300)) / 2,
  (random) => Math.round(random.uniform(-12, 12)),
  // Positive ones of every moderate size.
  (random) => fromBits(0x3e000000 + (random.nextUint32() & 0x03ffffff), random.nextUint32()),
  (random) => {
    const special = SPECIALS[random.nextUint32() % SPECIALS.length]!;
    const nudge = random.uniform(-1, 1);
    return nudge < 0 ? special : special * (1 + (nudge - 0.5) * 1e-15);
  },
];

function nearQuarterTurn(random: Generator, most: number): number {
  return Math.round(random.uniform(-most, most)) * (Math.PI / 2) * (1 + 1e-15 * random.uniform(-0.5, 0.5));
}

/** Whether a function takes two arguments. */
export function takesTwo(name: PortableName): boolean {
  return BINARY.includes(name);
}

/**
 * Calls `visit` with `count` pairs of arguments, the same for the same seed on every engine. The kinds take turns, those of the second
 * argument shifted by one after each round, so that all kinds meet.
 */
export function forInputs(seed: number, count: number, visit: (x: number, y: number) => void): void {
  const random = Generator.fromSeed(seed);
  const kinds = KINDS.length;
  for (let i = 0; i < count; i++) {
    const x = KINDS[i % kinds]!(random);
    const y = KINDS[(i + ((i / kinds) | 0)) % kinds]!(random);
    visit(x, y);
  }
}

/** A 32-bit hash of a function's results on seeded arguments, every NaN being the same. */
export function resultHash(apply: (x: number, y: number) => number, seed: number, count: number): number {
  let hash = 0x811c9dc5 | 0;
  forInputs(seed, count, (x, y) => {
    const result = apply(x, y);
    double[0] = result;
    const isNumber = !Number.isNaN(result);
    hash = Math.imul(hash ^ (isNumber ? words[1 - HIGH]! : 1), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15) ^ (isNumber ? words[HIGH]! : 0x7ff80000), 0x01000193);
  });
  return hash >>> 0;
}
