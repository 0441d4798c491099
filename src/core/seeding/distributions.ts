/**
 * Continuous draws on a generator's words: doubles, floats, and the ziggurat normal and exponential of numpy
 * (`numpy/random/src/distributions/distributions.c`), bit for bit.
 */
import { nextUint32, OUTPUT_HIGH, OUTPUT_LOW, stepPcg64 } from './pcg64.js';
import {
  EXPONENTIAL_F,
  EXPONENTIAL_F32,
  EXPONENTIAL_K,
  EXPONENTIAL_K32,
  EXPONENTIAL_R,
  EXPONENTIAL_W,
  EXPONENTIAL_W32,
  NORMAL_F,
  NORMAL_F32,
  NORMAL_INVERSE_R,
  NORMAL_K,
  NORMAL_K32,
  NORMAL_R,
  NORMAL_W,
  NORMAL_W32,
} from './ziggurat-tables.js';

const INVERSE_2_53 = 1 / 9007199254740992;
const INVERSE_2_24 = 1 / 16777216;
const fround = Math.fround;

/** A float64 in [0, 1) with 53 random bits. */
export function nextDouble(words: Uint32Array): number {
  stepPcg64(words);
  return (words[OUTPUT_HIGH]! * 2097152 + (words[OUTPUT_LOW]! >>> 11)) * INVERSE_2_53;
}

/** A float32 in [0, 1) with 24 random bits. */
export function nextFloat(words: Uint32Array): number {
  return (nextUint32(words) >>> 8) * INVERSE_2_24;
}

/** A standard normal float64. */
export function standardNormal(words: Uint32Array): number {
  for (;;) {
    stepPcg64(words);
    const low = words[OUTPUT_LOW]!;
    const step = low & 0xff;
    const magnitude = (words[OUTPUT_HIGH]! & 0x1fffffff) * 8388608 + (low >>> 9);
    const x = (low & 0x100) !== 0 ? -(magnitude * NORMAL_W[step]!) : magnitude * NORMAL_W[step]!;
    if (magnitude < NORMAL_K[step]!) return x;
    if (step === 0) return normalTail(words, (low & 0x20000) !== 0);
    const density = NORMAL_F[step]!;
    if ((NORMAL_F[step - 1]! - density) * nextDouble(words) + density < Math.exp(-0.5 * x * x)) return x;
  }
}

function normalTail(words: Uint32Array, negative: boolean): number {
  for (;;) {
    const x = -NORMAL_INVERSE_R * Math.log1p(-nextDouble(words));
    const y = -Math.log1p(-nextDouble(words));
    if (y + y > x * x) return negative ? -(NORMAL_R + x) : NORMAL_R + x;
  }
}

/** A standard normal float32. */
export function standardNormalFloat(words: Uint32Array): number {
  const radius = fround(NORMAL_R);
  for (;;) {
    const draw = nextUint32(words);
    const step = draw & 0xff;
    const magnitude = draw >>> 9;
    const positive = fround(magnitude * NORMAL_W32[step]!);
    const x = (draw & 0x100) !== 0 ? -positive : positive;
    if (magnitude < NORMAL_K32[step]!) return x;
    if (step === 0) {
      for (;;) {
        const distance = fround(-fround(NORMAL_INVERSE_R) * fround(Math.log1p(-nextFloat(words))));
        const y = fround(-Math.log1p(-nextFloat(words)));
        if (fround(y + y) > fround(distance * distance)) {
          const value = fround(radius + distance);
          return (magnitude & 0x100) !== 0 ? -value : value;
        }
      }
    }
    const density = NORMAL_F32[step]!;
    const height = fround(fround(fround(NORMAL_F32[step - 1]! - density) * nextFloat(words)) + density);
    if (height < Math.exp(-0.5 * x * x)) return x;
  }
}

/** A standard exponential float64. */
export function standardExponential(words: Uint32Array): number {
  for (;;) {
    stepPcg64(words);
    const low = words[OUTPUT_LOW]!;
    const step = (low >>> 3) & 0xff;
    const magnitude = words[OUTPUT_HIGH]! * 2097152 + (low >>> 11);
    const x = magnitude * EXPONENTIAL_W[step]!;
    if (magnitude < EXPONENTIAL_K[step]!) return x;
    if (step === 0) return EXPONENTIAL_R - Math.log1p(-nextDouble(words));
    const density = EXPONENTIAL_F[step]!;
    if ((EXPONENTIAL_F[step - 1]! - density) * nextDouble(words) + density < Math.exp(-x)) return x;
  }
}

/** A standard exponential float32. Beyond 7.697 (1 draw in 2,200) numpy has its C library's `log1pf`, which can differ by one unit. */
export function standardExponentialFloat(words: Uint32Array): number {
  for (;;) {
    const draw = nextUint32(words);
    const step = (draw >>> 1) & 0xff;
    const magnitude = draw >>> 9;
    const x = fround(magnitude * EXPONENTIAL_W32[step]!);
    if (magnitude < EXPONENTIAL_K32[step]!) return x;
    if (step === 0) return fround(fround(EXPONENTIAL_R) - fround(Math.log1p(-nextFloat(words))));
    const density = EXPONENTIAL_F32[step]!;
    const height = fround(fround(fround(EXPONENTIAL_F32[step - 1]! - density) * nextFloat(words)) + density);
    if (height < fround(Math.exp(-x))) return x;
  }
}

/** Trials up to and including the first success of probability `p` in (0, 1]. */
export function geometric(words: Uint32Array, p: number): number {
  if (p >= 1 / 3) {
    let trials = 1;
    let product = p;
    let sum = p;
    const q = 1 - p;
    const u = nextDouble(words);
    while (u > sum) {
      product *= q;
      sum += product;
      trials++;
    }
    return trials;
  }
  return Math.ceil(-standardExponential(words) / Math.log1p(-p));
}
