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

// 4/pi in windows of 32 bits, 8 bits apart.
const FOUR_BY_PI = memory.data<u32>([
  0xa2, 0xa2f9, 0xa2f983, 0xa2f9836e, 0xf9836e4e, 0x836e4e44, 0x6e4e4415, 0x4e441529, 0x441529fc, 0x1529fc27, 0x29fc2757, 0xfc2757d1,
  0x2757d1f5, 0x57d1f534, 0xd1f534dd, 0xf534ddc0, 0x34ddc0db, 0xddc0db62, 0xc0db6295, 0xdb629599, 0x6295993c, 0x95993c43, 0x993c4390,
  0x3c439041,
]);
const HPI_BY_2_62: f64 = HPI / 4611686018427387904.0;

/** The part of an angle beyond |pi/4|: quadrant in `quadrant`, rest returned. */
let quadrant: i32 = 0;

/** Of an angle up to 120 rad. */
// @ts-ignore: decorator
@inline
function reduceSmall(x: f64): f64 {
  const n = (<i32>(x * HPI_INV) + 0x800000) >> 24;
  quadrant = n;
  return x - <f64>n * HPI;
}

/** Of an angle's magnitude from 120 rad on, given by its bits: times 4/pi in fixed point, of which only the low bits matter. */
function reduceLarge(bits: u32): f64 {
  const at = FOUR_BY_PI + <usize>(((bits >> 26) & 15) << 2);
  const x = ((bits & 0xffffff) | 0x800000) << ((bits >> 23) & 7);
  let product = (<u64>(x * load<u32>(at)) << 32) | ((<u64>x * <u64>load<u32>(at, 32)) >> 32);
  product += <u64>x * <u64>load<u32>(at, 16);
  const n = (product + (<u64>1 << 61)) >> 62;
  quadrant = <i32>n;
  return <f64>(<i64>(product - (n << 62))) * HPI_BY_2_62;
}

// The bits of 120 above the lower 20.
const LARGE: u32 = 0x42f;

export function sine(y: f32): f32 {
  const x = <f64>y;
  const bits = reinterpret<u32>(y) & 0x7fffffff;
  if (bits >> 20 < 0x3f4) {
    if (bits >> 20 < 0x398) return y;
    return sinePart(x, x * x);
  }
  if (bits >= 0x7f800000) return NaN;
  const large = bits >> 20 >= LARGE;
  const r = large ? reduceLarge(bits) : reduceSmall(x);
  const n = quadrant;
  const flip = ((n & 2) != 0) != (large && y < 0);
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
  const r = bits >> 20 >= LARGE ? reduceLarge(bits) : reduceSmall(x);
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
