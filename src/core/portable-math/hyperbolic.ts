/** Hyperbolic functions and their inverses. */
// The method, its constants and its order of operations are those of fdlibm (http://www.netlib.org/fdlibm):
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
import { exp, expm1 } from './exponential.js';
import { log, log1p } from './logarithm.js';
import { high } from './words.js';

const LN2 = Math.LN2;
/** Beyond it the result is infinite. */
const OVERFLOW = 710.4758600739439;
/** The logarithm of the largest number, without its low word. */
const LOG_LARGEST = 709.7822265625;

/** Hyperbolic cosine. */
export function cosh(argument: number): number {
  const x = +argument;
  const ix = high(x) & 0x7fffffff;
  const size = Math.abs(x);
  if (ix < 0x3fd62e43) {
    const t = expm1(size);
    const w = 1 + t;
    return ix < 0x3c800000 ? w : 1 + (t * t) / (w + w);
  }
  if (ix < 0x40360000) {
    const t = exp(size);
    return 0.5 * t + 0.5 / t;
  }
  if (ix < 0x40862e42) return 0.5 * exp(size);
  if (size <= OVERFLOW) {
    const w = exp(0.5 * size);
    return 0.5 * w * w;
  }
  return Number.isNaN(x) ? Number.NaN : Number.POSITIVE_INFINITY;
}

/** Hyperbolic sine. */
export function sinh(argument: number): number {
  const x = +argument;
  const h = x < 0 ? -0.5 : 0.5;
  const size = Math.abs(x);
  if (size < 22) {
    if (size < 3.725290298461914e-9) return x;
    const t = expm1(size);
    return size < 1 ? h * (2 * t - (t * t) / (t + 1)) : h * (t + t / (t + 1));
  }
  if (size < LOG_LARGEST) return h * exp(size);
  if (size <= OVERFLOW) {
    const w = exp(0.5 * size);
    return h * w * w;
  }
  return x * 1e307;
}

/** Hyperbolic tangent. */
export function tanh(argument: number): number {
  const x = +argument;
  const ix = high(x) & 0x7fffffff;
  if (Number.isNaN(x)) return Number.NaN;
  if (ix < 0x3e300000) return x;
  let z = 1;
  if (ix < 0x40360000) {
    if (ix >= 0x3ff00000) {
      const t = expm1(2 * Math.abs(x));
      z = 1 - 2 / (t + 2);
    } else {
      const t = expm1(-2 * Math.abs(x));
      z = -t / (t + 2);
    }
  }
  return x >= 0 ? z : -z;
}

/** Inverse hyperbolic cosine. */
export function acosh(argument: number): number {
  const x = +argument;
  const hx = high(x);
  if (x < 1 || Number.isNaN(x)) return Number.NaN;
  if (x === 1) return 0;
  if (hx >= 0x41b00000) return x === Number.POSITIVE_INFINITY ? x : log(x) + LN2;
  if (hx > 0x40000000) return log(2 * x - 1 / (x + Math.sqrt(x * x - 1)));
  const t = x - 1;
  return log1p(t + Math.sqrt(2 * t + t * t));
}

/** Inverse hyperbolic sine. */
export function asinh(argument: number): number {
  const x = +argument;
  const hx = high(x);
  const ix = hx & 0x7fffffff;
  if (ix >= 0x7ff00000 || ix < 0x3e300000) return x;
  const size = Math.abs(x);
  let w: number;
  if (ix > 0x41b00000) {
    w = log(size) + LN2;
  } else if (ix > 0x40000000) {
    w = log(2 * size + 1 / (Math.sqrt(x * x + 1) + size));
  } else {
    const t = x * x;
    w = log1p(size + t / (1 + Math.sqrt(1 + t)));
  }
  return hx > 0 ? w : -w;
}

/** Inverse hyperbolic tangent. */
export function atanh(input: number): number {
  const argument = +input;
  const ix = high(argument) & 0x7fffffff;
  const x = Math.abs(argument);
  if (x > 1 || Number.isNaN(x)) return Number.NaN;
  if (x === 1) return argument > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (ix < 0x3e300000) return argument;
  const t = x + x;
  const size = 0.5 * log1p(ix < 0x3fe00000 ? t + (t * x) / (1 - x) : t / (1 - x));
  return argument >= 0 ? size : -size;
}
