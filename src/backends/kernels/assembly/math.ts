// Elementary functions of four float32 lanes, of our own so that every engine gives the same bits and nothing needs a table.
// A NaN lane stays NaN: `pmin(x, c)` and `pmax(x, c)` return x where the comparison is false, so x always comes first.

@inline export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

@inline export function mul(a: v128, b: v128): v128 {
  return f32x4.mul(a, b);
}

@inline export function add(a: v128, b: v128): v128 {
  return f32x4.add(a, b);
}

@inline export function sub(a: v128, b: v128): v128 {
  return f32x4.sub(a, b);
}

/** a * b + c: rounded once in the module for processors that fuse it, twice in the other one. */
@inline export function mac(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Sum of the four lanes as (0 + 2) + (1 + 3). */
@inline export function sumLanes(a: v128): f32 {
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 2) + (f32x4.extract_lane(a, 1) + f32x4.extract_lane(a, 3));
}

/** e^x, about 1e-7 relative; infinity above 88.72, gradual underflow below -87.3 (Cephes expf polynomial). */
@inline export function exp(input: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(input, splat(89)), splat(-105));
  const n = f32x4.nearest(mul(x, splat(1.44269504088896341)));
  const r = sub(sub(x, mul(n, splat(0.693359375))), mul(n, splat(-2.12194440e-4)));
  let p = mac(splat(1.9875691500e-4), r, splat(1.3981999507e-3));
  p = mac(p, r, splat(8.3334519073e-3));
  p = mac(p, r, splat(4.1665795894e-2));
  p = mac(p, r, splat(1.6666665459e-1));
  p = mac(p, r, splat(5.0000001201e-1));
  p = add(mac(p, mul(r, r), r), splat(1));
  // 2^n in two factors, so that both ends of the range come out right. NaN gives n = 0 here and stays NaN in p.
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  const rest = i32x4.sub(whole, half);
  const bias = i32x4.splat(127);
  return mul(mul(p, i32x4.shl(i32x4.add(half, bias), 23)), i32x4.shl(i32x4.add(rest, bias), 23));
}

/** ln x for positive normal x, about 1e-7 relative (Cephes logf); NaN for NaN; other inputs are not used by the kernels. */
@inline export function log(x: v128): v128 {
  // Exponent so that the mantissa lies in [sqrt(1/2), sqrt(2)).
  const shifted = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.shr_s(shifted, 23);
  const m = sub(i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3)), splat(1));
  const e = f32x4.convert_i32x4_s(exponent);
  let p = mac(splat(7.0376836292e-2), m, splat(-1.1514610310e-1));
  p = mac(p, m, splat(1.1676998740e-1));
  p = mac(p, m, splat(-1.2420140846e-1));
  p = mac(p, m, splat(1.4249322787e-1));
  p = mac(p, m, splat(-1.6668057665e-1));
  p = mac(p, m, splat(2.0000714765e-1));
  p = mac(p, m, splat(-2.4999993993e-1));
  p = mac(p, m, splat(3.3333331174e-1));
  const z = mul(m, m);
  let y = mul(mul(p, m), z);
  y = mac(e, splat(-2.12194440e-4), y);
  y = sub(y, mul(z, splat(0.5)));
  y = mac(e, splat(0.693359375), add(m, y));
  // The bit arithmetic above would make a finite number of a NaN or an infinity.
  return add(y, sub(x, x));
}

/** sin of x in [-pi/4, pi/4] (Cephes sinf). */
@inline export function sinReduced(x: v128): v128 {
  const z = mul(x, x);
  let p = mac(splat(-1.9515295891e-4), z, splat(8.3321608736e-3));
  p = mac(p, z, splat(-1.6666654611e-1));
  return mac(mul(p, z), x, x);
}

/** cos of x in [-pi/4, pi/4] (Cephes cosf). */
@inline export function cosReduced(x: v128): v128 {
  const z = mul(x, x);
  let p = mac(splat(2.443315711809948e-5), z, splat(-1.388731625493765e-3));
  p = mac(p, z, splat(4.166664568298827e-2));
  return add(sub(mul(p, mul(z, z)), mul(z, splat(0.5))), splat(1));
}

/** sin (quarter = 0) or cos (quarter = 1) of a whole turn's fraction u in [0, 1): exact reduction, since the argument is in turns. */
@inline export function sinTurn(u: v128, quarter: i32): v128 {
  const t = mul(u, splat(4));
  const n = f32x4.nearest(t);
  const x = mul(sub(t, n), splat(1.57079632679489662));
  const q = i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(quarter));
  const odd = i32x4.eq(v128.and(q, i32x4.splat(1)), i32x4.splat(1));
  const value = v128.bitselect(cosReduced(x), sinReduced(x), odd);
  // Quadrants 2 and 3 are negative.
  return v128.xor(value, i32x4.shl(v128.and(q, i32x4.splat(2)), 30));
}

// tanh x = x P(x^2) / Q(x^2) with P of degree 4 and Q monic of degree 3, the best approximation by relative error (1.9e-7) on
// [-7.9, 7.9] by the Remez algorithm; beyond, the value at the end, 1 - 2.7e-7. V8 builds a vector constant from a 64-bit
// immediate with three instructions at every use, so tanh, which is a third of a forward pass, loads its constants from scratch.

/** Bytes kept for the constants. */
@inline export const CONSTANT_BYTES: i32 = 256;

/** Writes the constants of tanh, 160 bytes; CONSTANT_BYTES are reserved. */
export function writeConstants(at: usize): void {
  v128.store(at, splat(7.9));
  v128.store(at, splat(-7.9), 16);
  v128.store(at, splat(-3.16520314387e-5), 32);
  v128.store(at, splat(0.036532858586), 48);
  v128.store(at, splat(13.670998933), 64);
  v128.store(at, splat(642.863082457), 80);
  v128.store(at, splat(5053.58730463), 96);
  v128.store(at, splat(115.664806352), 112);
  v128.store(at, splat(2327.38463182), 128);
  v128.store(at, splat(5053.58828176), 144);
}

/** Stores tanh(a) and tanh(b) at y and y + 16. */
@inline export function storeTanh2(y: usize, a: v128, b: v128, constants: usize): void {
  let k = v128.load(constants);
  a = f32x4.pmin(a, k);
  b = f32x4.pmin(b, k);
  k = v128.load(constants, 16);
  a = f32x4.pmax(a, k);
  b = f32x4.pmax(b, k);
  const za = mul(a, a);
  const zb = mul(b, b);
  k = v128.load(constants, 32);
  let pa = mul(za, k);
  let pb = mul(zb, k);
  k = v128.load(constants, 48);
  pa = mul(add(pa, k), za);
  pb = mul(add(pb, k), zb);
  k = v128.load(constants, 64);
  pa = mul(add(pa, k), za);
  pb = mul(add(pb, k), zb);
  k = v128.load(constants, 80);
  pa = mul(add(pa, k), za);
  pb = mul(add(pb, k), zb);
  k = v128.load(constants, 96);
  pa = mul(add(pa, k), a);
  pb = mul(add(pb, k), b);
  k = v128.load(constants, 112);
  let qa = mul(add(za, k), za);
  let qb = mul(add(zb, k), zb);
  k = v128.load(constants, 128);
  qa = mul(add(qa, k), za);
  qb = mul(add(qb, k), zb);
  k = v128.load(constants, 144);
  v128.store(y, f32x4.div(pa, add(qa, k)));
  v128.store(y, f32x4.div(pb, add(qb, k)), 16);
}

/** Stores tanh of a and b at y, of c and d at y2: four at a time share the constants and hide each other's latency. */
@inline export function storeTanh4(y: usize, a: v128, b: v128, y2: usize, c: v128, d: v128, constants: usize): void {
  let k = v128.load(constants);
  a = f32x4.pmin(a, k);
  b = f32x4.pmin(b, k);
  c = f32x4.pmin(c, k);
  d = f32x4.pmin(d, k);
  k = v128.load(constants, 16);
  a = f32x4.pmax(a, k);
  b = f32x4.pmax(b, k);
  c = f32x4.pmax(c, k);
  d = f32x4.pmax(d, k);
  const za = mul(a, a);
  const zb = mul(b, b);
  const zc = mul(c, c);
  const zd = mul(d, d);
  k = v128.load(constants, 32);
  let pa = mul(za, k);
  let pb = mul(zb, k);
  let pc = mul(zc, k);
  let pd = mul(zd, k);
  k = v128.load(constants, 48);
  pa = mul(add(pa, k), za);
  pb = mul(add(pb, k), zb);
  pc = mul(add(pc, k), zc);
  pd = mul(add(pd, k), zd);
  k = v128.load(constants, 64);
  pa = mul(add(pa, k), za);
  pb = mul(add(pb, k), zb);
  pc = mul(add(pc, k), zc);
  pd = mul(add(pd, k), zd);
  k = v128.load(constants, 80);
  pa = mul(add(pa, k), za);
  pb = mul(add(pb, k), zb);
  pc = mul(add(pc, k), zc);
  pd = mul(add(pd, k), zd);
  k = v128.load(constants, 96);
  pa = mul(add(pa, k), a);
  pb = mul(add(pb, k), b);
  pc = mul(add(pc, k), c);
  pd = mul(add(pd, k), d);
  k = v128.load(constants, 112);
  let qa = mul(add(za, k), za);
  let qb = mul(add(zb, k), zb);
  let qc = mul(add(zc, k), zc);
  let qd = mul(add(zd, k), zd);
  k = v128.load(constants, 128);
  qa = mul(add(qa, k), za);
  qb = mul(add(qb, k), zb);
  qc = mul(add(qc, k), zc);
  qd = mul(add(qd, k), zd);
  k = v128.load(constants, 144);
  v128.store(y, f32x4.div(pa, add(qa, k)));
  v128.store(y, f32x4.div(pb, add(qb, k)), 16);
  v128.store(y2, f32x4.div(pc, add(qc, k)));
  v128.store(y2, f32x4.div(pd, add(qd, k)), 16);
}
