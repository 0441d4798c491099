// Reduction of the shards, clipping by the global norm, Adam; the minibatch permutation; moments of a column.
import { add, mac, mul, splat, sub } from './math';

// Both passes take 16 parameters at a time, so that the loop over the shards is paid once for four vectors.

/** Sum of the squares of the shards' sum, in float64. */
function sumOfSquares(gradients: usize, shards: i32, stride: usize, bytes: usize): f64 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 64) {
    let from = gradients + i;
    let g0 = v128.load(from);
    let g1 = v128.load(from, 16);
    let g2 = v128.load(from, 32);
    let g3 = v128.load(from, 48);
    for (let s = 1; s < shards; ++s) {
      from += stride;
      g0 = add(g0, v128.load(from));
      g1 = add(g1, v128.load(from, 16));
      g2 = add(g2, v128.load(from, 32));
      g3 = add(g3, v128.load(from, 48));
    }
    even = f64x2.add(even, f64x2.add(squares(g0), squares(g1)));
    odd = f64x2.add(odd, f64x2.add(squares(g2), squares(g3)));
  }
  const sum = f64x2.add(even, odd);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** (g0^2 + g2^2, g1^2 + g3^2) in float64. */
@inline function squares(g: v128): v128 {
  const low = f64x2.promote_low_f32x4(g);
  const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(g, g, 1, 0));
  return f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high));
}

/** Applies the update to four parameters whose gradient is scale * sum; c1 and c2 are 1 - beta. */
@inline function update(
  parameters: usize, firstMoments: usize, secondMoments: usize, sum: v128, scale: v128, b1: v128, c1: v128, b2: v128, c2: v128,
  step: v128, root: v128, epsilon: v128,
): void {
  const g = mul(sum, scale);
  const m = mac(v128.load(firstMoments), b1, mul(g, c1));
  const v = mac(v128.load(secondMoments), b2, mul(mul(g, g), c2));
  v128.store(firstMoments, m);
  v128.store(secondMoments, v);
  const denominator = mac(f32x4.sqrt(v), root, epsilon);
  v128.store(parameters, sub(v128.load(parameters), f32x4.div(mul(step, m), denominator)));
}

/** Reads the shards twice rather than storing their sum, so that several threads may run it on the same shards at once. */
export function adam(
  parameters: usize, firstMoments: usize, secondMoments: usize, gradients: usize, shards: i32, shardStride: usize, count: i32,
  learningRate: f64, beta1: f64, beta2: f64, epsilon: f64, biasCorrection1: f64, biasCorrection2: f64, maxGradNorm: f64,
): f64 {
  const bytes = <usize>count * 4;
  const norm = sqrt(sumOfSquares(gradients, shards, shardStride, bytes));
  let clip: f64 = 1;
  if (maxGradNorm < Infinity) {
    clip = maxGradNorm / (norm + 1e-6);
    if (clip > 1) clip = 1; // A NaN norm is not greater: it reaches the parameters, where the run's checks find it.
  }
  const scale = splat(<f32>clip);
  const b1 = splat(<f32>beta1);
  const c1 = splat(<f32>(1 - beta1));
  const b2 = splat(<f32>beta2);
  const c2 = splat(<f32>(1 - beta2));
  const step = splat(<f32>(learningRate / biasCorrection1));
  const root = splat(<f32>(1 / sqrt(biasCorrection2)));
  const eps = splat(<f32>epsilon);
  for (let i: usize = 0; i < bytes; i += 64) {
    let from = gradients + i;
    let g0 = v128.load(from);
    let g1 = v128.load(from, 16);
    let g2 = v128.load(from, 32);
    let g3 = v128.load(from, 48);
    for (let s = 1; s < shards; ++s) {
      from += shardStride;
      g0 = add(g0, v128.load(from));
      g1 = add(g1, v128.load(from, 16));
      g2 = add(g2, v128.load(from, 32));
      g3 = add(g3, v128.load(from, 48));
    }
    const p = parameters + i;
    const m = firstMoments + i;
    const v = secondMoments + i;
    update(p, m, v, g0, scale, b1, c1, b2, c2, step, root, eps);
    update(p + 16, m + 16, v + 16, g1, scale, b1, c1, b2, c2, step, root, eps);
    update(p + 32, m + 32, v + 32, g2, scale, b1, c1, b2, c2, step, root, eps);
    update(p + 48, m + 48, v + 48, g3, scale, b1, c1, b2, c2, step, root, eps);
  }
  return norm;
}

/** Domain tag of the shuffle's counters; action noise uses small lane numbers. */
@inline const SHUFFLE: i32 = 0x53485546;

/** Writes 0..count-1 in an order drawn by Fisher-Yates from the top down: word w of the stream is word w & 3 of counter w >> 2. */
export function shuffle(permutation: usize, count: i32, seedLo: i32, seedHi: i32, keyLo: i32, keyHi: i32): void {
  for (let i = 0; i < count; ++i) store<i32>(permutation + (<usize>i << 2), i);
  let counter: u32 = 0;
  for (let i = count - 1; i > 0; i -= 4) {
    let c0 = counter;
    let c1 = <u32>keyLo;
    let c2 = <u32>keyHi;
    let c3 = <u32>SHUFFLE;
    let k0 = <u32>seedLo;
    let k1 = <u32>seedHi;
    for (let round = 0; round < 10; ++round) {
      const a = <u64>0xd2511f53 * <u64>c0;
      const b = <u64>0xcd9e8d57 * <u64>c2;
      c0 = <u32>(b >> 32) ^ c1 ^ k0;
      c1 = <u32>b;
      c2 = <u32>(a >> 32) ^ c3 ^ k1;
      c3 = <u32>a;
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    ++counter;
    swap(permutation, i, c0);
    if (i > 1) swap(permutation, i - 1, c1);
    if (i > 2) swap(permutation, i - 2, c2);
    if (i > 3) swap(permutation, i - 3, c3);
  }
}

/** Swaps element i with one of 0..i, chosen by the upper half of word * (i + 1). */
@inline function swap(permutation: usize, i: i32, word: u32): void {
  const a = permutation + (<usize>i << 2);
  const b = permutation + (<usize>((<u64>word * <u64>(i + 1)) >> 32) << 2);
  const t = load<i32>(a);
  store<i32>(a, load<i32>(b));
  store<i32>(b, t);
}

/** f64[2] at out: mean and unbiased standard deviation of column[indices], 0 for a single sample. */
export function meanStd(column: usize, indices: usize, count: i32, out: usize): void {
  const mean = sumOf(column, indices, count, 0, false) / <f64>count;
  store<f64>(out, mean);
  store<f64>(out + 8, count > 1 ? sqrt(sumOf(column, indices, count, mean, true) / <f64>(count - 1)) : 0);
}

/** Sum of x, or of (x - mean)^2, in four strands that are joined at the end. */
function sumOf(column: usize, indices: usize, count: i32, mean: f64, squared: bool): f64 {
  let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at = indices + (<usize>i << 2);
    s0 += term(column, at, mean, squared);
    s1 += term(column, at + 4, mean, squared);
    s2 += term(column, at + 8, mean, squared);
    s3 += term(column, at + 12, mean, squared);
  }
  for (; i < count; ++i) s0 += term(column, indices + (<usize>i << 2), mean, squared);
  return s0 + s1 + (s2 + s3);
}

@inline function term(column: usize, index: usize, mean: f64, squared: bool): f64 {
  const d = <f64>load<f32>(column + (<usize>load<i32>(index) << 2)) - mean;
  return squared ? d * d : d;
}
