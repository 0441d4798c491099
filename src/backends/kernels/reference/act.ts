import { parameterLayout, parameterSlice } from '../../../network/layout.js';
import { boxMuller, evaluate, gaussianLogProb, logSoftmax, masked, type Numbers } from '../../../network/reference.js';
import type { NetworkSpec } from '../../../network/spec.js';
import { actionWidth, actorOutputs, choiceSizes } from '../../../network/validate.js';
import { philox4x32 } from './philox.js';

/** Frozen observation statistics: clip((x - mean) invStd, +-clip). */
export interface Normalizer {
  /** [O]. */
  readonly mean: Numbers;
  /** [O], 1 / sqrt(variance + epsilon). */
  readonly invStd: Numbers;
  readonly clip: number;
}

/** Keys of the action noise: see `Kernels.act`. */
export interface NoiseKey {
  readonly seed: readonly [number, number];
  readonly key: readonly [number, number];
  readonly firstEnv: number;
}

/** What acting gives for n observations. */
export interface ActResult {
  /** [n] choices, [n, F] of several, or [n, A] numbers. */
  readonly actions: Float64Array;
  readonly logProbs: Float64Array;
  readonly values: Float64Array;
  /** Choices: how close in probability each draw came to another action; 1 elsewhere. */
  readonly margins: Float64Array;
}

/** Normalises rows [n, O] as the kernels do. */
export function normalise(observations: Numbers, normalizer: Normalizer): Float64Array {
  const { mean, invStd, clip } = normalizer;
  const size = mean.length;
  return Float64Array.from(observations, (x, i) => {
    const scaled = (x - mean[i % size]!) * invStd[i % size]!;
    return Math.min(Math.max(scaled, -clip), clip);
  });
}

/** The reference of `Kernels.act`; without `noise` it takes the most likely action. `masks` [n, A] has 0 for forbidden choices. */
export function act(
  spec: NetworkSpec,
  parameters: Numbers,
  observations: Numbers,
  normalizer: Normalizer,
  noise: NoiseKey | undefined,
  masks?: Numbers,
): ActResult {
  const { outputs, values } = evaluate(spec, parameters, normalise(observations, normalizer));
  const n = values.length;
  const width = actorOutputs(spec);
  const sizes = choiceSizes(spec.distribution);
  const stored = actionWidth(spec);
  const actions = new Float64Array(n * stored);
  const logProbs = new Float64Array(n);
  const margins = new Float64Array(n).fill(1);
  for (let i = 0; i < n; i += 1) {
    const row = masked(outputs.subarray(i * width, (i + 1) * width), masks, i * width);
    if (sizes.length > 0) {
      let from = 0;
      sizes.forEach((size, f) => {
        const logits = row.subarray(from, from + size);
        from += size;
        const logP = logSoftmax(logits);
        const draw = noise === undefined ? argmax(logits) : choose(logP, unit(words(noise, i, f >> 2)[f & 3]!));
        actions[i * stored + f] = draw.action;
        margins[i] = Math.min(margins[i]!, draw.margin);
        logProbs[i] = logProbs[i]! + logP[draw.action]!;
      });
    } else {
      const logStd = logStdOf(spec, parameters);
      const action = row.map(
        (mean, d) => mean + (noise === undefined ? 0 : Math.exp(logStd[d]!) * normal(noise, i, d)),
      );
      actions.set(action, i * width);
      logProbs[i] = gaussianLogProb(row, logStd, action);
    }
  }
  return { actions, logProbs, values, margins };
}

function logStdOf(spec: NetworkSpec, parameters: Numbers): Float64Array {
  const { offset, size } = parameterSlice(parameterLayout(spec), 'logStd');
  return Float64Array.from({ length: size }, (_, d) => parameters[offset + d]!);
}

/** The four words of env i's noise in one lane. */
function words(noise: NoiseKey, i: number, lane: number): readonly [number, number, number, number] {
  return philox4x32([noise.firstEnv + i, noise.key[0], noise.key[1], lane], noise.seed);
}

/** The top 24 bits of a word as a number in [0, 1). */
function unit(word: number): number {
  return (word >>> 8) / 0x1000000;
}

/** Dimension d's standard normal: lanes hold four dimensions, two words (radius, angle) a pair. */
function normal(noise: NoiseKey, i: number, d: number): number {
  const block = words(noise, i, d >> 2);
  const pair = d & 2;
  return boxMuller(unit(block[pair]!) + 1 / 0x1000000, unit(block[pair + 1]!))[d & 1]!;
}

function argmax(row: Float64Array): { action: number; margin: number } {
  let action = 0;
  for (let k = 1; k < row.length; k += 1) if (row[k]! > row[action]!) action = k;
  let margin = 1;
  row.forEach((logit, k) => {
    if (k !== action) margin = Math.min(margin, row[action]! - logit);
  });
  return { action, margin };
}

function choose(logP: Float64Array, uniform: number): { action: number; margin: number } {
  let cumulative = 0;
  let action = 0;
  let margin = 1;
  for (let k = 0; k < logP.length - 1; k += 1) {
    cumulative += Math.exp(logP[k]!);
    margin = Math.min(margin, Math.abs(cumulative - uniform));
    if (cumulative <= uniform) action = k + 1;
  }
  return { action, margin };
}
