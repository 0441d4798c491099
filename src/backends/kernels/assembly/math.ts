// Elementary functions of four float32 lanes, of our own so that every engine gives the same bits and nothing needs a table.
// A NaN lane stays NaN: `pmin(x, c)` and `pmax(x, c)` return x where the comparison is false, so x always comes first.

// @ts-ignore: decorator
@inline export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

// @ts-ignore: decorator
@inline export function mul(a: v128, b: v128): v128 {
  return f32x4.mul(a, b);
}

// @ts-ignore: decorator
@inline export function add(a: v128, b: v128): v128 {
  return f32x4.add(a, b);
}

// @ts-ignore: decorator
@inline export function sub(a: v128, b: v128): v128 {
  return f32x4.sub(a, b);
}

/** a * b + c, rounded twice. */
// @ts-ignore: decorator
@inline export function mac(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Sum of the four lanes as (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline export function sumLanes(a: v128): f32 {
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 2) + (f32x4.extract_lane(a, 1) + f32x4.extract_lane(a, 3));
}

/** e^x, about 1e-7 relative; infinity above 88.72, gradual underflow below -87.3 (Cephes expf polynomial). */
// @ts-ignore: decorator
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
// @ts-ignore: decorator
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
// @ts-ignore: decorator
@inline export function sinReduced(x: v128): v128 {
  const z = mul(x, x);
  let p = mac(splat(-1.9515295891e-4), z, splat(8.3321608736e-3));
  p = mac(p, z, splat(-1.6666654611e-1));
  return mac(mul(p, z), x, x);
}

/** cos of x in [-pi/4, pi/4] (Cephes cosf). */
// @ts-ignore: decorator
@inline export function cosReduced(x: v128): v128 {
  const z = mul(x, x);
  let p = mac(splat(2.443315711809948e-5), z, splat(-1.388731625493765e-3));
  p = mac(p, z, splat(4.166664568298827e-2));
  return add(sub(mul(p, mul(z, z)), mul(z, splat(0.5))), splat(1));
}

/** sin (quarter = 0) or cos (quarter = 1) of a whole turn's fraction u in [0, 1): exact reduction, since the argument is in turns. */
// @ts-ignore: decorator
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

/** tanh, a 13/6 rational (Eigen's), about 3e-7 relative; +-1 beyond the clamp. */
// @ts-ignore: decorator
@inline export function tanh(input: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(input, splat(7.90531110763549805)), splat(-7.90531110763549805));
  const z = mul(x, x);
  let p = mac(splat(-2.76076847742355e-16), z, splat(2.00018790482477e-13));
  p = mac(p, z, splat(-8.60467152213735e-11));
  p = mac(p, z, splat(5.12229709037114e-8));
  p = mac(p, z, splat(1.48572235717979e-5));
  p = mac(p, z, splat(6.37261928875436e-4));
  p = mac(p, z, splat(4.89352455891786e-3));
  let q = mac(splat(1.19825839466702e-6), z, splat(1.18534705686654e-4));
  q = mac(q, z, splat(2.26843463243900e-3));
  q = mac(q, z, splat(4.89352518554385e-3));
  return f32x4.div(mul(x, p), q);
}
