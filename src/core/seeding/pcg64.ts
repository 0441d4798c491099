/**
 * PCG64 (O'Neill 2014, "PCG XSL RR 128/64", numpy's default bit generator) on 32-bit limbs, without BigInt or allocation in a step.
 *
 * One generator is twelve words: state 0-3 and increment 4-7 with the lowest limb first, then whether a half-word is buffered
 * (8) and that half-word (9), then the last output, low (10) and high (11). The first ten are the state that counts.
 */
import type { SeedSequence } from './seed-sequence.js';

/** Words of a generator's full state, the buffered half-word included. */
export const GENERATOR_WORDS = 10;
/** Words of a generator with its scratch output. */
export const PCG64_WORDS = 12;
export const HAS_UINT32 = 8;
export const UINTEGER = 9;
export const OUTPUT_LOW = 10;
export const OUTPUT_HIGH = 11;

const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const M0 = 0x9fccf645;
const M1 = 0x4385df64;
const M2 = 0x1fc65da4;
const M3 = 0x2360ed05;
const INVERSE_2_32 = 1 / 4294967296;
const MASK_128 = (1n << 128n) - 1n;

/**
 * Advances the state by one step and leaves the 64-bit output in words 10 and 11.
 *
 * The high half of a 32 x 32 bit product is `(a * b - low) / 2^32` in float64, wrong by less than 2^-20; sums of a few of them,
 * with one half added, therefore truncate to the exact integer.
 */
export function stepPcg64(words: Uint32Array): void {
  const s0 = words[0]!;
  const s1 = words[1]!;
  const s2 = words[2]!;
  const s3 = words[3]!;
  const low00 = Math.imul(s0, M0) >>> 0;
  const low01 = Math.imul(s0, M1) >>> 0;
  const low10 = Math.imul(s1, M0) >>> 0;
  const low02 = Math.imul(s0, M2) >>> 0;
  const low11 = Math.imul(s1, M1) >>> 0;
  const low20 = Math.imul(s2, M0) >>> 0;
  const sum0 = low00 + words[4]!;
  const limb0 = sum0 >>> 0;
  const sum1 = (s0 * M0 - low00 + (sum0 - limb0)) * INVERSE_2_32 + 0.5 + low01 + low10 + words[5]!;
  const limb1 = sum1 >>> 0;
  const sum2 =
    (s0 * M1 - low01 + (s1 * M0 - low10) + (sum1 - limb1)) * INVERSE_2_32 + 0.5 + low02 + low11 + low20 + words[6]!;
  const limb2 = sum2 >>> 0;
  const sum3 = (s0 * M2 - low02 + (s1 * M1 - low11) + (s2 * M0 - low20) + (sum2 - limb2)) * INVERSE_2_32 + 0.5;
  const low3 = (Math.imul(s0, M3) + Math.imul(s1, M2) + Math.imul(s2, M1) + Math.imul(s3, M0)) | 0;
  const limb3 = ((sum3 >>> 0) + low3 + words[7]!) >>> 0;
  words[0] = limb0;
  words[1] = limb1;
  words[2] = limb2;
  words[3] = limb3;
  const low = limb0 ^ limb2;
  const high = limb1 ^ limb3;
  const rotation = limb3 >>> 26;
  // Shifts count modulo 32, so a rotation by 32 or more only swaps the halves.
  const first = rotation < 32 ? low : high;
  const second = rotation < 32 ? high : low;
  const right = rotation & 31;
  const left = 31 - right;
  words[OUTPUT_LOW] = (first >>> right) | ((second << 1) << left);
  words[OUTPUT_HIGH] = (second >>> right) | ((first << 1) << left);
}

/** The next 32 random bits: the low half of a fresh output, then its high half, as numpy buffers them. */
export function nextUint32(words: Uint32Array): number {
  if (words[HAS_UINT32] !== 0) {
    words[HAS_UINT32] = 0;
    return words[UINTEGER]!;
  }
  stepPcg64(words);
  words[HAS_UINT32] = 1;
  words[UINTEGER] = words[OUTPUT_HIGH]!;
  return words[OUTPUT_LOW]!;
}

/** Reads a 128-bit number from four words. */
export function readUint128(words: Uint32Array, offset: number): bigint {
  let value = 0n;
  for (let i = 3; i >= 0; i--) value = (value << 32n) | BigInt(words[offset + i]!);
  return value;
}

/** Writes a 128-bit number to four words. */
export function writeUint128(words: Uint32Array, offset: number, value: bigint): void {
  for (let i = 0; i < 4; i++) words[offset + i] = Number((value >> BigInt(32 * i)) & 0xffffffffn);
}

/**
 * Seeds the words from a seed sequence as numpy's `PCG64(sequence)` does: of its four 64-bit words the first two are the seed and
 * the last two the increment, the high one first.
 */
export function seedPcg64(words: Uint32Array, sequence: SeedSequence): void {
  const [a0, a1, b0, b1, c0, c1, d0, d1] = sequence.generateState(8) as unknown as readonly [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  words.fill(0);
  // Twice the number, plus 1.
  words[4] = (d0 << 1) | 1;
  words[5] = (d1 << 1) | (d0 >>> 31);
  words[6] = (c0 << 1) | (d1 >>> 31);
  words[7] = (c1 << 1) | (c0 >>> 31);
  // numpy: one step from zero gives the increment, the seed is added, and another step follows.
  let sum = words[4]! + b0;
  words[0] = sum;
  sum = words[5]! + b1 + (sum > 0xffffffff ? 1 : 0);
  words[1] = sum;
  sum = words[6]! + a0 + (sum > 0xffffffff ? 1 : 0);
  words[2] = sum;
  words[3] = words[7]! + a1 + (sum > 0xffffffff ? 1 : 0);
  stepPcg64(words);
  words[OUTPUT_LOW] = 0;
  words[OUTPUT_HIGH] = 0;
}

/** Jumps the state `delta` steps ahead in O(log delta) and drops the buffered half-word, as numpy's `PCG64.advance` does. */
export function advancePcg64(words: Uint32Array, delta: bigint): void {
  let remaining = delta & MASK_128;
  let multiplier = MULTIPLIER;
  let increment = readUint128(words, 4);
  let totalMultiplier = 1n;
  let totalIncrement = 0n;
  while (remaining > 0n) {
    if (remaining & 1n) {
      totalMultiplier = (totalMultiplier * multiplier) & MASK_128;
      totalIncrement = (totalIncrement * multiplier + increment) & MASK_128;
    }
    increment = ((multiplier + 1n) * increment) & MASK_128;
    multiplier = (multiplier * multiplier) & MASK_128;
    remaining >>= 1n;
  }
  writeUint128(words, 0, (totalMultiplier * readUint128(words, 0) + totalIncrement) & MASK_128);
  words[HAS_UINT32] = 0;
  words[UINTEGER] = 0;
}
