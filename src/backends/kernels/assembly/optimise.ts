// Reduction of the shards, clipping by the global norm, Adam; the minibatch permutation; moments of a column.
import { add, mac, mul, splat, sub } from './math';

// @ts-ignore: decorator
@inline function shardSum(gradients: usize, shards: i32, stride: usize): v128 {
  let g = v128.load(gradients);
  for (let s = 1; s < shards; ++s) {
    gradients += stride;
    g = add(g, v128.load(gradients));
  }
  return g;
}

/** Reads the shards twice rather than storing their sum, so that several threads may run it on the same shards at once. */
export function adam(
  parameters: usize, firstMoments: usize, secondMoments: usize, gradients: usize, shards: i32, shardStride: usize, count: i32,
  learningRate: f64, beta1: f64, beta2: f64, epsilon: f64, biasCorrection1: f64, biasCorrection2: f64, maxGradNorm: f64,
): f64 {
  const bytes = <usize>count * 4;
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const g = shardSum(gradients + i, shards, shardStride);
    const a = f64x2.promote_low_f32x4(g);
    const b = f64x2.promote_low_f32x4(v128.shuffle<i64>(g, g, 1, 0));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const squares = f64x2.add(low, high);
  const norm = sqrt(f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1));
  let scale: f64 = 1;
  if (maxGradNorm < Infinity) {
    scale = maxGradNorm / (norm + 1e-6);
    if (scale > 1) scale = 1; // A NaN norm is not greater: it reaches the parameters, where the run's checks find it.
  }
  const scaled = splat(<f32>scale);
  const b1 = splat(<f32>beta1);
  const c1 = splat(<f32>(1 - beta1));
  const b2 = splat(<f32>beta2);
  const c2 = splat(<f32>(1 - beta2));
  const step = splat(<f32>(learningRate / biasCorrection1));
  const rootCorrection = splat(<f32>(1 / sqrt(biasCorrection2)));
  const eps = splat(<f32>epsilon);
  for (let i: usize = 0; i < bytes; i += 16) {
    const g = mul(shardSum(gradients + i, shards, shardStride), scaled);
    const m = mac(v128.load(firstMoments + i), b1, mul(g, c1));
    const v = mac(v128.load(secondMoments + i), b2, mul(mul(g, g), c2));
    v128.store(firstMoments + i, m);
    v128.store(secondMoments + i, v);
    const denominator = mac(f32x4.sqrt(v), rootCorrection, eps);
    v128.store(parameters + i, sub(v128.load(parameters + i), f32x4.div(mul(step, m), denominator)));
  }
  return norm;
}

/** Domain tag of the shuffle's counters; action noise uses small lane numbers. */
// @ts-ignore: decorator
@inline const SHUFFLE: i32 = 0x53485546;

/** Writes 0..count-1 in an order drawn by Fisher-Yates, word by word from the top down. */
export function shuffle(permutation: usize, count: i32, seedLo: i32, seedHi: i32, keyLo: i32, keyHi: i32): void {
  for (let i = 0; i < count; ++i) store<i32>(permutation + (<usize>i << 2), i);
  for (let i = count - 1; i > 0; --i) {
    const word = philoxWord(count - 1 - i, keyLo, keyHi, seedLo, seedHi);
    const j = <u32>((<u64>word * <u64>(i + 1)) >> 32);
    const a = permutation + (<usize>i << 2);
    const b = permutation + (<usize>j << 2);
    const t = load<i32>(a);
    store<i32>(a, load<i32>(b));
    store<i32>(b, t);
  }
}

/** Word `index & 3` of the shuffle's counter `index >> 2`. */
function philoxWord(index: i32, keyLo: i32, keyHi: i32, key0: i32, key1: i32): u32 {
  let c0 = <u32>index >> 2;
  let c1 = <u32>keyLo;
  let c2 = <u32>keyHi;
  let c3 = <u32>SHUFFLE;
  let k0 = <u32>key0;
  let k1 = <u32>key1;
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
  const word = index & 3;
  return word < 2 ? (word == 0 ? c0 : c1) : word == 2 ? c2 : c3;
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

// @ts-ignore: decorator
@inline function term(column: usize, index: usize, mean: f64, squared: bool): f64 {
  const d = <f64>load<f32>(column + (<usize>load<i32>(index) << 2)) - mean;
  return squared ? d * d : d;
}
