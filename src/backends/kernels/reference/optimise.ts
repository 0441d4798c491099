import { clipGlobalNorm } from '../../../network/optimizer.js';
import { multiplyHigh, philox4x32 } from './philox.js';

/** Settings of one Adam update; corrections are 1 - beta^step. */
export interface AdamUpdate {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly biasCorrection1: number;
  readonly biasCorrection2: number;
  readonly maxGradNorm: number;
}

/** The reference of `Kernels.adam`: sums the shards, clips, updates `parameters` and moments in place; returns the norm. */
export function adam(
  parameters: Float64Array,
  firstMoments: Float64Array,
  secondMoments: Float64Array,
  shards: readonly ArrayLike<number>[],
  update: AdamUpdate,
): number {
  const gradient = parameters.map((_, i) => shards.reduce((sum, shard) => sum + shard[i]!, 0));
  const norm = clipGlobalNorm(gradient, update.maxGradNorm);
  const { learningRate, beta1, beta2, epsilon, biasCorrection1, biasCorrection2 } = update;
  gradient.forEach((g, i) => {
    const m = beta1 * firstMoments[i]! + (1 - beta1) * g;
    const v = beta2 * secondMoments[i]! + (1 - beta2) * g * g;
    firstMoments[i] = m;
    secondMoments[i] = v;
    const denominator = Math.sqrt(v) / Math.sqrt(biasCorrection2) + epsilon;
    parameters[i] = parameters[i]! - (learningRate / biasCorrection1) * (m / denominator);
  });
  return norm;
}

const SHUFFLE_LANE = 0x53485546;

/** The reference of `Kernels.shuffle`, equal to it: 0..count-1 by Fisher-Yates, word w being word w & 3 of counter w >> 2. */
export function shuffle(count: number, seed: readonly [number, number], key: readonly [number, number]): Int32Array {
  const permutation = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i -= 1) {
    const w = count - 1 - i;
    const word = philox4x32([w >>> 2, key[0], key[1], SHUFFLE_LANE], seed)[w & 3]!;
    const j = multiplyHigh(word, i + 1);
    const t = permutation[i]!;
    permutation[i] = permutation[j]!;
    permutation[j] = t;
  }
  return permutation;
}

/** The reference of `Kernels.meanStd`: mean and unbiased standard deviation, 0 for a single sample. */
export function meanStd(column: ArrayLike<number>, indices: ArrayLike<number>): readonly [number, number] {
  const picked = Array.from(indices, (i) => column[i]!);
  const mean = picked.reduce((sum, x) => sum + x, 0) / picked.length;
  const squares = picked.reduce((sum, x) => sum + (x - mean) * (x - mean), 0);
  return [mean, picked.length > 1 ? Math.sqrt(squares / (picked.length - 1)) : 0];
}
