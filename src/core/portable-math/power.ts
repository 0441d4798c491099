/** Powers, the cube root and the length of a vector. */
// The method, its constants and its order of operations are those of fdlibm (http://www.netlib.org/fdlibm):
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
import { clearLow, fromWords, high, low, powerOfTwo, withHigh } from './words.js';

/** Cube root. */
export function cbrt(argument: number): number {
  const x = +argument;
  const top = high(x);
  const sign = top & 0x80000000;
  const hx = top & 0x7fffffff;
  if (hx >= 0x7ff00000 || x === 0) return x;
  let t: number;
  if (hx < 0x00100000) {
    const scaled = high(18014398509481984 * x) & 0x7fffffff;
    t = fromWords(sign | (((scaled / 3) | 0) + 696219795), 0);
  } else {
    t = fromWords(sign | (((hx / 3) | 0) + 715094163), 0);
  }
  let r = t * t * (t / x);
  t *=
    1.87595182427177 +
    r * (-1.8849797954337717 + r * 1.6214297201053545) +
    r * r * r * (-0.758397934778766 + r * 0.14599619288661245);
  // Rounded away from zero to 23 bits, so that its square is exact.
  const bits = (low(t) >>> 0) + 0x80000000;
  t = fromWords(high(t) + (bits > 0xffffffff ? 1 : 0), bits & 0xc0000000);
  const s = t * t;
  r = x / s;
  const w = t + t;
  r = (r - t) / (w + r);
  return t + t * r;
}

/** Square root of the sum of the squares: scaled by the largest, added with Kahan's compensation. */
export function hypot(...values: number[]): number {
  let max = 0;
  let hasNaN = false;
  for (const value of values) {
    // As `Math.hypot` does, even where something that is no number comes.
    const size = Math.abs(value);
    if (size === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    if (Number.isNaN(size)) hasNaN = true;
    else if (size > max) max = size;
  }
  if (hasNaN) return Number.NaN;
  if (max === 0) return 0;
  let sum = 0;
  let compensation = 0;
  for (const value of values) {
    const n = Math.abs(value) / max;
    const summand = n * n - compensation;
    const next = sum + summand;
    compensation = next - sum - summand;
    sum = next;
  }
  return Math.sqrt(sum) * max;
}

const HUGE = Number.POSITIVE_INFINITY;

/** Whether `y` is a whole number: 0 if not, 1 for an odd one, 2 for an even one. */
function wholeness(y: number): 0 | 1 | 2 {
  const size = Math.abs(y);
  if (size >= 9007199254740992) return 2;
  if (size < 1 || Math.floor(size) !== size) return 0;
  return size % 2 === 1 ? 1 : 2;
}

/** `base` to the power of `exponent`, as Node 20 has it: with 1 and -1 to an infinite power NaN, as the language wants. */
export function pow(base: number, exponent: number): number {
  const x = +base;
  const y = +exponent;
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const hx = high(x);
  const hy = high(y);
  const ix = hx & 0x7fffffff;
  const iy = hy & 0x7fffffff;
  const whole = hx < 0 ? wholeness(y) : 0;
  if (iy === 0x7ff00000) {
    if (x === 1 || x === -1) return Number.NaN;
    return ix >= 0x3ff00000 === hy >= 0 ? HUGE : 0;
  }
  if (y === 1) return x;
  if (y === -1) return 1 / x;
  if (y === 2) return x * x;
  if (y === 0.5 && hx >= 0) return Math.sqrt(x);
  const size = Math.abs(x);
  if (size === HUGE || size === 0 || size === 1) {
    const z = hy < 0 ? 1 / size : size;
    if (hx >= 0) return z;
    if (size === 1 && whole === 0) return Number.NaN;
    return whole === 1 ? -z : z;
  }
  if (hx < 0 && whole === 0) return Number.NaN;
  const sign = hx < 0 && whole === 1 ? -1 : 1;
  if (iy > 0x41e00000) {
    if (iy > 0x43f00000) {
      if (ix <= 0x3fefffff) return hy < 0 ? HUGE : 0;
      return hy > 0 ? HUGE : 0;
    }
    if (ix < 0x3fefffff) return sign * (hy < 0 ? HUGE : 0);
    if (ix > 0x3ff00000) return sign * (hy > 0 ? HUGE : 0);
    logNearOne(size);
  } else {
    logOf(size, ix);
  }
  return sign * powerFromLog(y);
}

/** The binary logarithm of `pow`'s base: its upper part and the rest. */
const logarithm = new Float64Array(2);

/** For a base within 2^-20 of 1. */
function logNearOne(size: number): void {
  const t = size - 1;
  const w = t * t * (0.5 - t * (0.3333333333333333 - t * 0.25));
  const u = 1.4426950216293335 * t;
  const v = t * 1.9259629911266175e-8 - w * Math.LOG2E;
  const t1 = clearLow(u + v);
  logarithm[0] = t1;
  logarithm[1] = v - (t1 - u);
}

// Constants of their own, since engines do not see through an array.
const L0 = 0.5999999999999946;
const L1 = 0.4285714285785502;
const L2 = 0.33333332981837743;
const L3 = 0.272728123808534;
const L4 = 0.23066074577556175;
const L5 = 0.20697501780033842;

/** For any other base; `highWord` is its high word. */
function logOf(base: number, highWord: number): void {
  let ax = base;
  let ix = highWord;
  let n = 0;
  if (ix < 0x00100000) {
    ax *= 9007199254740992;
    n = -53;
    ix = high(ax);
  }
  n += (ix >> 20) - 0x3ff;
  const j = ix & 0x000fffff;
  ix = j | 0x3ff00000;
  let k = 0;
  if (j > 0x3988e) {
    if (j < 0xbb67a) {
      k = 1;
    } else {
      n += 1;
      ix -= 0x00100000;
    }
  }
  ax = withHigh(ax, ix);
  const bp = k === 0 ? 1 : 1.5;
  let u = ax - bp;
  let v = 1 / (ax + bp);
  const ss = u * v;
  const sHigh = clearLow(ss);
  let tHigh = fromWords(((ix >> 1) | 0x20000000) + 0x00080000 + (k << 18), 0);
  let tLow = ax - (tHigh - bp);
  const sLow = v * (u - sHigh * tHigh - sHigh * tLow);
  let s2 = ss * ss;
  let r = s2 * s2 * (L0 + s2 * (L1 + s2 * (L2 + s2 * (L3 + s2 * (L4 + s2 * L5)))));
  r += sLow * (sHigh + ss);
  s2 = sHigh * sHigh;
  tHigh = clearLow(3 + s2 + r);
  tLow = r - (tHigh - 3 - s2);
  u = sHigh * tHigh;
  v = sLow * tHigh + tLow * ss;
  const pHigh = clearLow(u + v);
  const pLow = v - (pHigh - u);
  const zHigh = 0.9617967009544373 * pHigh;
  const zLow = -7.028461650952758e-9 * pHigh + pLow * 0.9617966939259756 + (k === 0 ? 0 : 1.350039202129749e-8);
  const dp = k === 0 ? 0 : 0.5849624872207642;
  const t1 = clearLow(zHigh + zLow + dp + n);
  logarithm[0] = t1;
  logarithm[1] = zLow - (t1 - n - dp - zHigh);
}

/** 2 to the power of `y` times the logarithm. */
function powerFromLog(y: number): number {
  const t1 = logarithm[0]!;
  const y1 = clearLow(y);
  const pLow = (y - y1) * t1 + y * logarithm[1]!;
  let pHigh = y1 * t1;
  let z = pLow + pHigh;
  const j = high(z);
  if (j >= 0x40900000) {
    if (z !== 1024 || pLow + 8.008566259537294e-17 > z - pHigh) return HUGE;
  } else if ((j & 0x7fffffff) >= 0x4090cc00) {
    if (z !== -1075 || pLow <= z - pHigh) return 0;
  }
  const i = j & 0x7fffffff;
  let n = 0;
  if (i > 0x3fe00000) {
    n = j + (0x00100000 >> ((i >> 20) - 0x3ff + 1));
    const k = ((n & 0x7fffffff) >> 20) - 0x3ff;
    pHigh -= fromWords(n & ~(0x000fffff >> k), 0);
    n = ((n & 0x000fffff) | 0x00100000) >> (20 - k);
    if (j < 0) n = -n;
  }
  let t = clearLow(pLow + pHigh);
  const u = t * 0.6931471824645996;
  const v = (pLow - (t - pHigh)) * Math.LN2 + t * -1.904654299957768e-9;
  z = u + v;
  const w = v - (z - u);
  t = z * z;
  const c =
    z -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (0.00006613756321437934 + t * (-0.0000016533902205465252 + t * 4.1381367970572385e-8))));
  // fdlibm subtracts the last term from the quotient; Node 20 from the divisor.
  const r = (z * c) / (c - 2 - (w + z * w));
  z = 1 - (r - z);
  const word = high(z) + (n << 20);
  // A subnormal result is rounded once, by the last product.
  if (word >> 20 <= 0) return z * powerOfTwo(n + 108) * 3.0814879110195774e-33;
  return withHigh(z, word);
}
