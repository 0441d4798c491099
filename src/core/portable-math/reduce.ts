/** The remainder of an argument after the nearest multiple of pi/2, in two numbers, for every finite argument. */
// The method, its constants and its order of operations are those of fdlibm (http://www.netlib.org/fdlibm):
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
import { fromWords, high, low, powerOfTwo } from './words.js';

/** 2/pi in pieces of 24 bits. */
const TWO_OVER_PI: readonly number[] = [
  0xa2f983, 0x6e4e44, 0x1529fc, 0x2757d1, 0xf534dd, 0xc0db62, 0x95993c, 0x439041, 0xfe5163, 0xabdebb, 0xc561b7,
  0x246e3a, 0x424dd2, 0xe00649, 0x2eea09, 0xd1921c, 0xfe1deb, 0x1cb129, 0xa73ee8, 0x8235f5, 0x2ebb44, 0x84e99c,
  0x7026b4, 0x5f7e41, 0x3991d6, 0x398353, 0x39f49c, 0x845f8b, 0xbdf928, 0x3b1ff8, 0x97ffde, 0x05980f, 0xef2f11,
  0x8b5a0a, 0x6d1f6d, 0x367ecf, 0x27cb09, 0xb74f46, 0x3f669e, 0x5fea2d, 0x7527ba, 0xc7ebe5, 0xf17b3d, 0x0739f7,
  0x8a5292, 0xea6bfb, 0x5fb11f, 0x8d5d08, 0x560330, 0x46fc7b, 0x6babf0, 0xcfbc20, 0x9af436, 0x1da9e3, 0x91615e,
  0xe61b08, 0x659985, 0x5f14a0, 0x68408d, 0xffd880, 0x4d7327, 0x310606, 0x1556ca, 0x73a8c9, 0x60e27b, 0xc08c6b,
];

/** High words of the first 32 multiples of pi/2. */
const MULTIPLES: readonly number[] = [
  0x3ff921fb, 0x400921fb, 0x4012d97c, 0x401921fb, 0x401f6a7a, 0x4022d97c, 0x4025fdbb, 0x402921fb, 0x402c463a,
  0x402f6a7a, 0x4031475c, 0x4032d97c, 0x40346b9c, 0x4035fdbb, 0x40378fdb, 0x403921fb, 0x403ab41b, 0x403c463a,
  0x403dd85a, 0x403f6a7a, 0x40407e4c, 0x4041475c, 0x4042106c, 0x4042d97c, 0x4043a28c, 0x40446b9c, 0x404534ac,
  0x4045fdbb, 0x4046c6cb, 0x40478fdb, 0x404858eb, 0x404921fb,
];

/** pi/2 in pieces of 24 bits, as float64. */
const PIO2: readonly number[] = [
  1.570796251296997, 7.549789415861596e-8, 5.390302529957765e-15, 3.282003415807913e-22, 1.270655753080676e-29,
  1.2293330898111133e-36, 2.7337005381646456e-44, 2.1674168387780482e-51,
];

const TWO24 = 16777216;
const TWO_N24 = 1 / 16777216;
const INV_PIO2 = 0.6366197723675814;
/** The first, second and third 33 bits of pi/2, each with what is left after it. */
const PIO2_1 = 1.5707963267341256;
const PIO2_1T = 6.077100506506192e-11;
const PIO2_2 = 6.077100506303966e-11;
const PIO2_2T = 2.0222662487959506e-21;
const PIO2_3 = 2.0222662487111665e-21;
const PIO2_3T = 8.4784276603689e-32;

/** What `reduce` gives beside its result: the remainder and its tail. */
export const remainder: Float64Array = new Float64Array(2);

/** Writes the remainder of a finite `x` to `remainder` and returns the multiple of pi/2 that was taken off, modulo 8. */
export function reduce(x: number): number {
  const hx = high(x);
  const ix = hx & 0x7fffffff;
  if (ix <= 0x3fe921fb) {
    remainder[0] = x;
    remainder[1] = 0;
    return 0;
  }
  if (ix < 0x4002d97c) return nearest(x, hx > 0, ix !== 0x3ff921fb);
  const n = ix <= 0x413921fb ? medium(Math.abs(x), ix) : large(x, ix);
  if (hx >= 0) return n;
  remainder[0] = -remainder[0]!;
  remainder[1] = -remainder[1]!;
  return -n;
}

/** Below 3pi/4 in size. */
function nearest(x: number, positive: boolean, easy: boolean): number {
  const sign = positive ? 1 : -1;
  // A product with 1 or -1 is exact, so both signs take the same path.
  let z = x - sign * PIO2_1;
  const tail = sign * (easy ? PIO2_1T : PIO2_2T);
  if (!easy) z -= sign * PIO2_2;
  const y0 = z - tail;
  remainder[0] = y0;
  remainder[1] = z - y0 - tail;
  return sign;
}

/** Up to 2^19 pi/2. */
function medium(size: number, ix: number): number {
  const n = (size * INV_PIO2 + 0.5) | 0;
  let r = size - n * PIO2_1;
  let w = n * PIO2_1T;
  let y0 = r - w;
  if (n >= 32 || ix === MULTIPLES[n - 1]) {
    const exponent = ix >> 20;
    if (exponent - ((high(y0) >> 20) & 0x7ff) > 16) {
      let t = r;
      w = n * PIO2_2;
      r = t - w;
      w = n * PIO2_2T - (t - r - w);
      y0 = r - w;
      if (exponent - ((high(y0) >> 20) & 0x7ff) > 49) {
        t = r;
        w = n * PIO2_3;
        r = t - w;
        w = n * PIO2_3T - (t - r - w);
        y0 = r - w;
      }
    }
  }
  remainder[0] = y0;
  remainder[1] = r - y0 - w;
  return n;
}

const pieces = new Float64Array(3);

/** Any larger one: as three pieces of 24 bits. */
function large(x: number, ix: number): number {
  const e0 = (ix >> 20) - 1046;
  let z = fromWords(ix - (e0 << 20), low(x));
  for (let i = 0; i < 2; i++) {
    pieces[i] = z | 0;
    z = (z - pieces[i]!) * TWO24;
  }
  pieces[2] = z;
  let count = 3;
  while (pieces[count - 1] === 0) count--;
  return payneHanek(e0, count);
}

/** Terms of 2/pi to begin with, less one: enough for a remainder of two float64. */
const JK = 4;
const iq = new Int32Array(20);
const f = new Float64Array(20);
const fq = new Float64Array(20);
const q = new Float64Array(20);

/** One digit of the product of the argument's pieces and 2/pi. */
function digit(jx: number, i: number): number {
  let sum = 0;
  for (let j = 0; j <= jx; j++) sum += pieces[j]! * f[jx + i - j]!;
  return sum;
}

/** Multiplies by as much of 2/pi as matters: the part of the product that is a multiple of 8 is never computed. */
function payneHanek(e0: number, nx: number): number {
  const jx = nx - 1;
  const jv = Math.max(0, ((e0 - 3) / 24) | 0);
  let q0 = e0 - 24 * (jv + 1);
  for (let i = 0; i <= jx + JK; i++) f[i] = jv - jx + i < 0 ? 0 : TWO_OVER_PI[jv - jx + i]!;
  for (let i = 0; i <= JK; i++) q[i] = digit(jx, i);
  let jz = JK;
  let z: number;
  let n: number;
  let ih: number;
  for (;;) {
    z = q[jz]!;
    for (let i = 0, j = jz; j > 0; i++, j--) {
      const fw = (TWO_N24 * z) | 0;
      iq[i] = (z - TWO24 * fw) | 0;
      z = q[j - 1]! + fw;
    }
    z *= powerOfTwo(q0);
    z -= 8 * Math.floor(z * 0.125);
    n = z | 0;
    z -= n;
    ih = 0;
    if (q0 > 0) {
      const i = iq[jz - 1]! >> (24 - q0);
      n += i;
      iq[jz - 1]! -= i << (24 - q0);
      ih = iq[jz - 1]! >> (23 - q0);
    } else if (q0 === 0) {
      ih = iq[jz - 1]! >> 23;
    } else if (z >= 0.5) {
      ih = 2;
    }
    if (ih > 0) {
      n += 1;
      const carry = complement(jz);
      if (q0 === 1) iq[jz - 1]! &= 0x7fffff;
      else if (q0 === 2) iq[jz - 1]! &= 0x3fffff;
      if (ih === 2) {
        z = 1 - z;
        if (carry) z -= powerOfTwo(q0);
      }
    }
    if (z !== 0) break;
    let rest = 0;
    for (let i = jz - 1; i >= JK; i--) rest |= iq[i]!;
    if (rest !== 0) break;
    // Everything cancelled: more terms are needed.
    let k = 1;
    while (JK >= k && iq[JK - k] === 0) k++;
    for (let i = jz + 1; i <= jz + k; i++) {
      f[jx + i] = TWO_OVER_PI[jv + i]!;
      q[i] = digit(jx, i);
    }
    jz += k;
  }
  if (z === 0) {
    do {
      jz--;
      q0 -= 24;
    } while (iq[jz] === 0);
  } else {
    z *= powerOfTwo(-q0);
    if (z >= TWO24) {
      const fw = (TWO_N24 * z) | 0;
      iq[jz] = z - TWO24 * fw;
      jz++;
      q0 += 24;
      iq[jz] = fw;
    } else {
      iq[jz] = z;
    }
  }
  timesPio2(jz, q0, ih === 0 ? 1 : -1);
  return n & 7;
}

/** Turns the digits of q into those of 1 - q; whether there were any. */
function complement(jz: number): boolean {
  let carry = false;
  for (let i = 0; i < jz; i++) {
    const digitNow = iq[i]!;
    if (carry) {
      iq[i] = 0xffffff - digitNow;
    } else if (digitNow !== 0) {
      carry = true;
      iq[i] = 0x1000000 - digitNow;
    }
  }
  return carry;
}

/** The fraction's digits times pi/2, as the remainder and its tail. */
function timesPio2(jz: number, q0: number, sign: 1 | -1): void {
  let scale = powerOfTwo(q0);
  for (let i = jz; i >= 0; i--) {
    q[i] = scale * iq[i]!;
    scale *= TWO_N24;
  }
  for (let i = jz; i >= 0; i--) {
    let sum = 0;
    for (let k = 0; k <= JK && k <= jz - i; k++) sum += PIO2[k]! * q[i + k]!;
    fq[jz - i] = sum;
  }
  let sum = 0;
  for (let i = jz; i >= 0; i--) sum += fq[i]!;
  remainder[0] = sign * sum;
  sum = fq[0]! - sum;
  for (let i = 1; i <= jz; i++) sum += fq[i]!;
  remainder[1] = sign * sum;
}
