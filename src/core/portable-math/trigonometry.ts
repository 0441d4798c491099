/** Sine, cosine and tangent. */
// The method, its constants and its order of operations are those of fdlibm (http://www.netlib.org/fdlibm):
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
import { reduce, remainder } from './reduce.js';
import { clearLow, fromWords, high, low } from './words.js';

/** Sine of `x` in [-pi/4, pi/4] with the tail `y`. */
function kernelSin(x: number, y: number, hasTail: boolean): number {
  if ((high(x) & 0x7fffffff) < 0x3e400000) return x;
  const z = x * x;
  const v = z * x;
  const r =
    0.00833333333332249 +
    z *
      (-0.0001984126982985795 +
        z * (0.0000027557313707070068 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  const S1 = -0.16666666666666632;
  if (!hasTail) return x + v * (S1 + z * r);
  return x - (z * (0.5 * y - v * r) - y - v * S1);
}

/** Cosine of `x` in [-pi/4, pi/4] with the tail `y`. */
function kernelCos(x: number, y: number): number {
  const ix = high(x) & 0x7fffffff;
  if (ix < 0x3e400000) return 1;
  const z = x * x;
  const r =
    z *
    (0.0416666666666666 +
      z *
        (-0.001388888888887411 +
          z *
            (0.00002480158728947673 +
              z * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11)))));
  if (ix < 0x3fd33333) return 1 - (0.5 * z - (z * r - x * y));
  const qx = ix > 0x3fe90000 ? 0.28125 : fromWords(ix - 0x00200000, 0);
  const iz = 0.5 * z - qx;
  return 1 - qx - (iz - (z * r - x * y));
}

// Constants of their own, since engines do not see through an array.
const T0 = 0.3333333333333341;
const T1 = 0.13333333333320124;
const T2 = 0.05396825397622605;
const T3 = 0.021869488294859542;
const T4 = 0.0088632398235993;
const T5 = 0.0035920791075913124;
const T6 = 0.0014562094543252903;
const T7 = 0.0005880412408202641;
const T8 = 0.0002464631348184699;
const T9 = 0.00007817944429395571;
const T10 = 0.00007140724913826082;
const T11 = -0.000018558637485527546;
const T12 = 0.00002590730518636337;
const PIO4 = 0.7853981633974483;
const PIO4_LOW = 3.061616997868383e-17;

/** -1 / (w + rest) with less error than a division has. */
function negativeInverse(w: number, z: number, v: number): number {
  const a = -1 / w;
  const t = clearLow(a);
  const s = 1 + t * z;
  return t + a * (s + t * v);
}

/** Tangent of `x0` in [-pi/4, pi/4] with the tail `y0`, or -1 over it. */
function kernelTan(x0: number, y0: number, inverse: boolean): number {
  let x = x0;
  let y = y0;
  const hx = high(x);
  const ix = hx & 0x7fffffff;
  if (ix < 0x3e300000) {
    if ((ix | low(x)) === 0 && inverse) return 1 / Math.abs(x);
    if (!inverse) return x;
    const w = x + y;
    const z = clearLow(w);
    return negativeInverse(w, z, y - (z - x));
  }
  const big = ix >= 0x3fe59428;
  if (big) {
    if (hx < 0) {
      x = -x;
      y = -y;
    }
    x = PIO4 - x + (PIO4_LOW - y);
    y = 0;
  }
  const z = x * x;
  const w = z * z;
  const odd = T1 + w * (T3 + w * (T5 + w * (T7 + w * (T9 + w * T11))));
  const even = z * (T2 + w * (T4 + w * (T6 + w * (T8 + w * (T10 + w * T12)))));
  const s = z * x;
  let r = y + z * (s * (odd + even) + y);
  r += T0 * s;
  const sum = x + r;
  if (big) {
    const v = inverse ? -1 : 1;
    return (1 - ((hx >> 30) & 2)) * (v - 2 * (x - ((sum * sum) / (sum + v) - r)));
  }
  if (!inverse) return sum;
  const top = clearLow(sum);
  return negativeInverse(sum, top, r - (top - x));
}

/** Sine of an angle in radians. */
export function sin(argument: number): number {
  const x = +argument;
  const ix = high(x) & 0x7fffffff;
  if (ix <= 0x3fe921fb) return kernelSin(x, 0, false);
  if (ix >= 0x7ff00000) return Number.NaN;
  const n = reduce(x) & 3;
  const y0 = remainder[0]!;
  const y1 = remainder[1]!;
  if (n === 0) return kernelSin(y0, y1, true);
  if (n === 1) return kernelCos(y0, y1);
  return n === 2 ? -kernelSin(y0, y1, true) : -kernelCos(y0, y1);
}

/** Cosine of an angle in radians. */
export function cos(argument: number): number {
  const x = +argument;
  const ix = high(x) & 0x7fffffff;
  if (ix <= 0x3fe921fb) return kernelCos(x, 0);
  if (ix >= 0x7ff00000) return Number.NaN;
  const n = reduce(x) & 3;
  const y0 = remainder[0]!;
  const y1 = remainder[1]!;
  if (n === 0) return kernelCos(y0, y1);
  if (n === 1) return -kernelSin(y0, y1, true);
  return n === 2 ? -kernelCos(y0, y1) : kernelSin(y0, y1, true);
}

/** Tangent of an angle in radians. */
export function tan(argument: number): number {
  const x = +argument;
  const ix = high(x) & 0x7fffffff;
  if (ix <= 0x3fe921fb) return kernelTan(x, 0, false);
  if (ix >= 0x7ff00000) return Number.NaN;
  const n = reduce(x);
  return kernelTan(remainder[0]!, remainder[1]!, (n & 1) === 1);
}
