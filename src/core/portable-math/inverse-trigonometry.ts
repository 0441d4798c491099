/** Arc sine, arc cosine and arc tangent. */
// The method, its constants and its order of operations are those of fdlibm (http://www.netlib.org/fdlibm):
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
import { clearLow, high } from './words.js';

const PI = Math.PI;
const PI_LOW = 1.2246467991473532e-16;
const PIO2_HIGH = 1.5707963267948966;
const PIO2_LOW = 6.123233995736766e-17;
const PIO4_HIGH = 0.7853981633974483;

/** (asin(x) - x) / x^3 for z = x^2 in [0, 0.25], times z. */
function rational(z: number): number {
  const p =
    z *
    (0.16666666666666666 +
      z *
        (-0.3255658186224009 +
          z *
            (0.20121253213486293 +
              z * (-0.04005553450067941 + z * (0.0007915349942898145 + z * 0.00003479331075960212)))));
  const q =
    1 + z * (-2.403394911734414 + z * (2.0209457602335057 + z * (-0.6882839716054533 + z * 0.07703815055590194)));
  return p / q;
}

/** Arc cosine, radians from 0 to pi. */
export function acos(argument: number): number {
  const x = +argument;
  const hx = high(x);
  const ix = hx & 0x7fffffff;
  if (ix >= 0x3ff00000) return x === 1 ? 0 : x === -1 ? PI + 2 * PIO2_LOW : Number.NaN;
  if (ix < 0x3fe00000) {
    if (ix <= 0x3c600000) return PIO2_HIGH + PIO2_LOW;
    return PIO2_HIGH - (x - (PIO2_LOW - x * rational(x * x)));
  }
  if (hx < 0) {
    const z = (1 + x) * 0.5;
    const s = Math.sqrt(z);
    return PI - 2 * (s + (rational(z) * s - PIO2_LOW));
  }
  const z = (1 - x) * 0.5;
  const s = Math.sqrt(z);
  const top = clearLow(s);
  const c = (z - top * top) / (s + top);
  return 2 * (top + (rational(z) * s + c));
}

/** Arc sine, radians from -pi/2 to pi/2. */
export function asin(argument: number): number {
  const x = +argument;
  const hx = high(x);
  const ix = hx & 0x7fffffff;
  if (ix >= 0x3ff00000) return x === 1 || x === -1 ? x * PIO2_HIGH + x * PIO2_LOW : Number.NaN;
  if (ix < 0x3fe00000) return ix < 0x3e400000 ? x : x + x * rational(x * x);
  const t = (1 - Math.abs(x)) * 0.5;
  const r = rational(t);
  const s = Math.sqrt(t);
  let result: number;
  if (ix >= 0x3fef3333) {
    result = PIO2_HIGH - (2 * (s + s * r) - PIO2_LOW);
  } else {
    const w = clearLow(s);
    const c = (t - w * w) / (s + w);
    const p = 2 * s * r - (PIO2_LOW - 2 * c);
    const q = PIO4_HIGH - 2 * w;
    result = PIO4_HIGH - (p - q);
  }
  return hx > 0 ? result : -result;
}

/** Arc tangents of 1/2, 1, 3/2 and infinity, each with its tail. */
const ATAN_HIGH: readonly number[] = [0.4636476090008061, 0.7853981633974483, 0.982793723247329, 1.5707963267948966];
const ATAN_LOW: readonly number[] = [
  2.2698777452961687e-17, 3.061616997868383e-17, 1.3903311031230998e-17, 6.123233995736766e-17,
];
// Constants of their own, since engines do not see through an array.
const A0 = 0.3333333333333293;
const A1 = -0.19999999999876483;
const A2 = 0.14285714272503466;
const A3 = -0.11111110405462356;
const A4 = 0.09090887133436507;
const A5 = -0.0769187620504483;
const A6 = 0.06661073137387531;
const A7 = -0.058335701337905735;
const A8 = 0.049768779946159324;
const A9 = -0.036531572744216916;
const A10 = 0.016285820115365782;

/** Arc tangent, radians from -pi/2 to pi/2. */
export function atan(argument: number): number {
  let x = +argument;
  const hx = high(x);
  const ix = hx & 0x7fffffff;
  if (ix >= 0x44100000) {
    if (Number.isNaN(x)) return Number.NaN;
    const limit = ATAN_HIGH[3]! + ATAN_LOW[3]!;
    return hx > 0 ? limit : -limit;
  }
  let id = -1;
  if (ix < 0x3fdc0000) {
    if (ix < 0x3e400000) return x;
  } else {
    x = Math.abs(x);
    if (ix < 0x3fe60000) {
      id = 0;
      x = (2 * x - 1) / (2 + x);
    } else if (ix < 0x3ff30000) {
      id = 1;
      x = (x - 1) / (x + 1);
    } else if (ix < 0x40038000) {
      id = 2;
      x = (x - 1.5) / (1 + 1.5 * x);
    } else {
      id = 3;
      x = -1 / x;
    }
  }
  const z = x * x;
  const w = z * z;
  const s1 = z * (A0 + w * (A2 + w * (A4 + w * (A6 + w * (A8 + w * A10)))));
  const s2 = w * (A1 + w * (A3 + w * (A5 + w * (A7 + w * A9))));
  if (id < 0) return x - x * (s1 + s2);
  const size = ATAN_HIGH[id]! - (x * (s1 + s2) - ATAN_LOW[id]! - x);
  return hx < 0 ? -size : size;
}

/** The angle of the point (x, y) from the x axis, radians from -pi to pi. */
export function atan2(ordinate: number, abscissa: number): number {
  const y = +ordinate;
  const x = +abscissa;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === 1) return atan(y);
  const hx = high(x);
  const hy = high(y);
  const signed = (size: number): number => (hy < 0 ? -size : size);
  if (y === 0) return hx < 0 ? signed(PI) : y;
  if (x === 0) return signed(PIO2_HIGH);
  const infiniteX = Math.abs(x) === Number.POSITIVE_INFINITY;
  const infiniteY = Math.abs(y) === Number.POSITIVE_INFINITY;
  if (infiniteX) {
    if (infiniteY) return signed(hx < 0 ? 3 * PIO4_HIGH : PIO4_HIGH);
    return signed(hx < 0 ? PI : 0);
  }
  if (infiniteY) return signed(PIO2_HIGH);
  const k = ((hy & 0x7fffffff) - (hx & 0x7fffffff)) >> 20;
  let z: number;
  let left = hx < 0;
  if (k > 60) {
    z = PIO2_HIGH + 0.5 * PI_LOW;
    left = false;
  } else if (left && k < -60) {
    z = 0;
  } else {
    z = atan(Math.abs(y / x));
  }
  if (!left) return signed(z);
  return hy < 0 ? z - PI_LOW - PI : PI - (z - PI_LOW);
}
