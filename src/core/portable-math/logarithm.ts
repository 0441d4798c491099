/** Logarithms: natural, of one more than the argument, binary and decimal. */
// The method, its constants and its order of operations are those of fdlibm (http://www.netlib.org/fdlibm):
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
import { clearLow, high, withHigh } from './words.js';

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const TWO54 = 18014398509481984;
// Constants of their own, since engines do not see through an array.
const L0 = 0.6666666666666735;
const L1 = 0.3999999999940942;
const L2 = 0.2857142874366239;
const L3 = 0.22222198432149784;
const L4 = 0.1818357216161805;
const L5 = 0.15313837699209373;
const L6 = 0.14798198605116586;

/** The series of the logarithm for z = s^2, odd and even terms apart. */
function series(z: number): number {
  const w = z * z;
  const even = w * (L1 + w * (L3 + w * L5));
  const odd = z * (L0 + w * (L2 + w * (L4 + w * L6)));
  return odd + even;
}

/** What every logarithm gives for an argument without one, or null. */
function special(x: number): number | null {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x < 0 || Number.isNaN(x)) return Number.NaN;
  return x === Number.POSITIVE_INFINITY ? x : null;
}

/** Natural logarithm. */
export function log(input: number): number {
  const argument = +input;
  const known = special(argument);
  if (known !== null) return known;
  let x = argument;
  let k = 0;
  if (high(x) < 0x00100000) {
    k = -54;
    x *= TWO54;
  }
  let hx = high(x);
  k += (hx >> 20) - 1023;
  hx &= 0x000fffff;
  const carry = (hx + 0x95f64) & 0x100000;
  k += carry >> 20;
  const f = withHigh(x, hx | (carry ^ 0x3ff00000)) - 1;
  if ((0x000fffff & (2 + hx)) < 3) {
    if (f === 0) return k === 0 ? 0 : k * LN2_HIGH + k * LN2_LOW;
    const R = f * f * (0.5 - 0.3333333333333333 * f);
    return k === 0 ? f - R : k * LN2_HIGH - (R - k * LN2_LOW - f);
  }
  const s = f / (2 + f);
  const R = series(s * s);
  if (((hx - 0x6147a) | (0x6b851 - hx)) > 0) {
    const hfsq = 0.5 * f * f;
    if (k === 0) return f - (hfsq - s * (hfsq + R));
    return k * LN2_HIGH - (hfsq - (s * (hfsq + R) + k * LN2_LOW) - f);
  }
  return k === 0 ? f - s * (f - R) : k * LN2_HIGH - (s * (f - R) - k * LN2_LOW - f);
}

/** Natural logarithm of `1 + x`, without loss near 0. */
export function log1p(argument: number): number {
  const x = +argument;
  const hx = high(x);
  const ax = hx & 0x7fffffff;
  if (Number.isNaN(x) || x < -1) return Number.NaN;
  if (x === -1) return Number.NEGATIVE_INFINITY;
  if (ax < 0x3e200000) return ax < 0x3c900000 ? x : x - x * x * 0.5;
  if (hx >= 0x7ff00000) return x;
  let k = 1;
  let f = 0;
  let hu = 1;
  let c = 0;
  if (hx < 0x3fda827a && (hx > 0 || hx <= (0xbfd2bec4 | 0))) {
    k = 0;
    f = x;
  } else {
    let u = x;
    if (hx < 0x43400000) {
      u = 1 + x;
      k = (high(u) >> 20) - 1023;
      c = k > 0 ? 1 - (u - x) : x - (u - 1);
      c /= u;
    } else {
      k = (high(u) >> 20) - 1023;
    }
    hu = high(u) & 0x000fffff;
    if (hu < 0x6a09e) {
      u = withHigh(u, hu | 0x3ff00000);
    } else {
      k += 1;
      u = withHigh(u, hu | 0x3fe00000);
      hu = (0x00100000 - hu) >> 2;
    }
    f = u - 1;
  }
  const hfsq = 0.5 * f * f;
  if (hu === 0) {
    if (f === 0) return k === 0 ? 0 : k * LN2_HIGH + (c + k * LN2_LOW);
    const R = hfsq * (1 - 0.6666666666666666 * f);
    return k === 0 ? f - R : k * LN2_HIGH - (R - (k * LN2_LOW + c) - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const R = z * (L0 + z * (L1 + z * (L2 + z * (L3 + z * (L4 + z * (L5 + z * L6))))));
  if (k === 0) return f - (hfsq - s * (hfsq + R));
  return k * LN2_HIGH - (hfsq - (s * (hfsq + R) + (k * LN2_LOW + c)) - f);
}

/** Binary logarithm. */
export function log2(input: number): number {
  const argument = +input;
  const known = special(argument);
  if (known !== null) return known;
  if (argument === 1) return 0;
  let x = argument;
  let k = 0;
  if (high(x) < 0x00100000) {
    k = -54;
    x *= TWO54;
  }
  let hx = high(x);
  k += (hx >> 20) - 1023;
  hx &= 0x000fffff;
  const carry = (hx + 0x95f64) & 0x100000;
  k += carry >> 20;
  const f = withHigh(x, hx | (carry ^ 0x3ff00000)) - 1;
  const hfsq = 0.5 * f * f;
  const s = f / (2 + f);
  const r = s * (hfsq + series(s * s));
  const hi = clearLow(f - hfsq);
  const lo = f - hi - hfsq + r;
  const INV_LN2_HIGH = 1.4426950407214463;
  const INV_LN2_LOW = 1.6751713164886512e-10;
  const upper = hi * INV_LN2_HIGH;
  const lower = (lo + hi) * INV_LN2_LOW + lo * INV_LN2_HIGH;
  const w = k + upper;
  return lower + (k - w + upper) + w;
}

/** Decimal logarithm. */
export function log10(input: number): number {
  const argument = +input;
  const known = special(argument);
  if (known !== null) return known;
  if (argument === 1) return 0;
  let x = argument;
  let k = 0;
  if (high(x) < 0x00100000) {
    k = -54;
    x *= TWO54;
  }
  const hx = high(x);
  k += (hx >> 20) - 1023;
  const i = k < 0 ? 1 : 0;
  const y = k + i;
  const scaled = withHigh(x, (hx & 0x000fffff) | ((0x3ff - i) << 20));
  const z = y * 3.694239077158931e-13 + Math.LOG10E * log(scaled);
  return z + y * 0.30102999566361177;
}
