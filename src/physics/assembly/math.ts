/** float32 arithmetic as Box2D's C++ does it: every operation rounds, in the same order. */

// @ts-ignore: decorator
@inline
export function min(a: f32, b: f32): f32 {
  return a < b ? a : b;
}

// @ts-ignore: decorator
@inline
export function max(a: f32, b: f32): f32 {
  return a > b ? a : b;
}

// @ts-ignore: decorator
@inline
export function clamp(a: f32, low: f32, high: f32): f32 {
  return max(low, min(a, high));
}

// @ts-ignore: decorator
@inline
export function cross(ax: f32, ay: f32, bx: f32, by: f32): f32 {
  return ax * by - ay * bx;
}

// @ts-ignore: decorator
@inline
export function dot(ax: f32, ay: f32, bx: f32, by: f32): f32 {
  return ax * bx + ay * by;
}

// Sine and cosine of a float32 as glibc computes them (2.28 and later; from ARM's optimized routines): a polynomial in float64 on
// [-pi/4, pi/4] after an exact enough reduction, rounded once. Box2D calls these, and bits must not depend on the engine's Math.
const HPI_INV: f64 = 10680707.430881744;
const HPI: f64 = 1.5707963267948966;
const C1: f64 = -0.49999999725108224;
const C2: f64 = 0.041666623324344516;
const C3: f64 = -0.001388676379437604;
const C4: f64 = 0.000024390450703564542;
const S1: f64 = -0.16666654943701084;
const S2: f64 = 0.008332178146138854;
const S3: f64 = -0.00019517298981385725;

// @ts-ignore: decorator
@inline
function sinePart(x: f64, x2: f64): f32 {
  const x3 = x * x2;
  const s1 = S2 + x2 * S3;
  const x7 = x3 * x2;
  const s = x + x3 * S1;
  return <f32>(s + x7 * s1);
}

// @ts-ignore: decorator
@inline
function cosinePart(x2: f64, sign: f64): f32 {
  const x4 = x2 * x2;
  const c2 = sign * C3 + x2 * (sign * C4);
  const c1 = sign + x2 * (sign * C1);
  const x6 = x4 * x2;
  const c = c1 + x4 * (sign * C2);
  return <f32>(c + x6 * c2);
}

/** The part of an angle beyond |pi/4|: quadrant in `quadrant`, rest returned. */
let quadrant: i32 = 0;
function reduce(x: f64): f64 {
  if (abs(x) < 1e6) {
    const r = x * HPI_INV;
    let n: i32;
    if (abs(x) < 120.0) n = (<i32>r + 0x800000) >> 24;
    else n = <i32>nearest(x / HPI);
    quadrant = n;
    return x - <f64>n * HPI;
  }
  // Bodies do not turn this far; an exact remainder would need pi to many digits.
  quadrant = 0;
  return x % (4.0 * HPI);
}

export function sine(y: f32): f32 {
  const x = <f64>y;
  const bits = reinterpret<u32>(y) & 0x7fffffff;
  if (bits >> 20 < 0x3f4) {
    if (bits >> 20 < 0x398) return y;
    return sinePart(x, x * x);
  }
  if (bits >= 0x7f800000) return NaN;
  const r = reduce(x);
  const n = quadrant;
  const flip = (n & 2) != 0;
  if ((n & 1) == 0) return sinePart(flip ? -r : r, r * r);
  return cosinePart(r * r, flip ? -1.0 : 1.0);
}

export function cosine(y: f32): f32 {
  const x = <f64>y;
  const bits = reinterpret<u32>(y) & 0x7fffffff;
  if (bits >> 20 < 0x3f4) {
    if (bits >> 20 < 0x398) return 1.0;
    return cosinePart(x * x, 1.0);
  }
  if (bits >= 0x7f800000) return NaN;
  const r = reduce(x);
  const n = quadrant;
  if ((n & 1) == 0) return cosinePart(r * r, (n & 2) != 0 ? -1.0 : 1.0);
  // sign[n & 3] of the odd quadrants: -1 for 1, +1 for 3.
  return sinePart((n & 3) == 1 ? -r : r, r * r);
}

/** b2Abs: the sign of a zero is the original's, too. */
// @ts-ignore: decorator
@inline
export function abs32(x: f32): f32 {
  return x > 0 ? x : -x;
}
