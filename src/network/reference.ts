/**
 * The policy network, its distributions and the PPO loss with gradients, in plain float64 TypeScript: the readable
 * definition that every learner is tested against. Written for clarity; nothing here is fast.
 */
import { frozenSlices, parameterLayout, parameterSlice } from './layout.js';
import { networkPlan, stateSize } from './plan.js';
import { type LayerContext, pictureRows, runLayers, type Sequences, type Trace } from './reference-layers.js';
import type { NetworkSpec } from './spec.js';
import { actionWidth, actorOutputs, choiceSizes } from './validate.js';

const LOG_2PI = Math.log(2 * Math.PI);

/** Logit of a choice that a mask forbids: far enough that its probability is exactly 0, finite so that 0 times it is 0. */
export const FORBIDDEN = -1e8;

/** Any flat list of numbers. */
export type Numbers = ArrayLike<number>;

/** Outputs of both towers for a batch of B observations. */
export interface Evaluation {
  /** [B, A], row-major: logits or means. */
  readonly outputs: Float64Array;
  /** [B]. */
  readonly values: Float64Array;
  /** Memory after the last step of each sequence, [sequences, S]; empty without a memory. */
  readonly state: Float64Array;
}

/** A forward pass of all parts, and the way back from the slopes by both heads. */
interface NetworkTrace extends Evaluation {
  readonly back: (outputSlope: Float64Array, valueSlope: Float64Array, gradient: Float64Array) => void;
}

/**
 * Runs actor and critic on `observations` [B, O], row-major and already normalised, or pixels from 0 to 255. A network with a memory begins with
 * zeros at every observation, unless it is given `sequences`.
 */
export function evaluate(
  spec: NetworkSpec,
  parameters: Numbers,
  observations: Numbers,
  sequences?: Sequences,
): Evaluation {
  return runNetwork(spec, parameters, observations, sequences);
}

function runNetwork(
  spec: NetworkSpec,
  parameters: Numbers,
  observations: Numbers,
  given: Sequences | undefined,
): NetworkTrace {
  const plan = networkPlan(spec);
  const S = stateSize(spec);
  const rows = observations.length / spec.observationSize;
  const sequences = given ?? { steps: 1, state: new Float64Array(rows * S), starts: new Uint8Array(rows) };
  const context: LayerContext = { layout: parameterLayout(spec), parameters, sequences };
  const input = spec.picture === undefined ? observations : pictureRows(spec.picture, observations);
  const trunk: Trace = runLayers(plan.trunk, context, input);
  const actor = runLayers(plan.actor, context, trunk.output);
  const critic = runLayers(plan.critic, context, trunk.output);
  return {
    outputs: actor.output,
    values: critic.output,
    state: trunk.state ?? new Float64Array(0),
    back: (outputSlope, valueSlope, gradient) => {
      const byActor = actor.back(outputSlope, gradient);
      const byCritic = critic.back(valueSlope, gradient);
      if (plan.trunk.length === 0) return;
      trunk.back(
        byActor.map((d, k) => d + byCritic[k]!),
        gradient,
      );
    },
  };
}

/** Log-probabilities of a categorical's choices from its logits. */
export function logSoftmax(logits: Numbers): Float64Array {
  let top = Number.NEGATIVE_INFINITY;
  // A NaN logit must win: Math.max returns it.
  for (let k = 0; k < logits.length; k += 1) top = Math.max(top, logits[k]!);
  let total = 0;
  for (let k = 0; k < logits.length; k += 1) total += Math.exp(logits[k]! - top);
  const logTotal = Math.log(total);
  return Float64Array.from(logits, (logit) => logit - top - logTotal);
}

/** Log-density of independent normals at `action`; all lists have length A. */
export function gaussianLogProb(mean: Numbers, logStd: Numbers, action: Numbers): number {
  let sum = 0;
  for (let d = 0; d < mean.length; d += 1) {
    const z = (action[d]! - mean[d]!) / Math.exp(logStd[d]!);
    sum += -0.5 * z * z - logStd[d]! - 0.5 * LOG_2PI;
  }
  return sum;
}

/** Entropy of independent normals, in nats. */
export function gaussianEntropy(logStd: Numbers): number {
  let sum = 0;
  for (let d = 0; d < logStd.length; d += 1) sum += logStd[d]! + 0.5 + 0.5 * LOG_2PI;
  return sum;
}

/** Entropy of a categorical in nats, from its log-probabilities. */
export function categoricalEntropy(logProbs: Numbers): number {
  let sum = 0;
  for (let k = 0; k < logProbs.length; k += 1) sum -= Math.exp(logProbs[k]!) * logProbs[k]!;
  return sum;
}

/** The first choice whose cumulative probability exceeds `uniform` in [0, 1): inverse transform sampling. */
export function sampleCategorical(logits: Numbers, uniform: number): number {
  const logProbs = logSoftmax(logits);
  let cumulative = 0;
  for (let k = 0; k < logProbs.length - 1; k += 1) {
    cumulative += Math.exp(logProbs[k]!);
    if (cumulative > uniform) return k;
  }
  return logProbs.length - 1;
}

/** Two standard normals from u1 in (0, 1] and u2 in [0, 1): Box and Muller 1958, cosine first. */
export function boxMuller(u1: number, u2: number): readonly [number, number] {
  const radius = Math.sqrt(-2 * Math.log(u1));
  return [radius * Math.cos(2 * Math.PI * u2), radius * Math.sin(2 * Math.PI * u2)];
}

/** A minibatch of B samples; observations and advantages are already normalised. */
export interface PpoBatch {
  /** [B, O]. */
  readonly observations: Numbers;
  /** [B] choices of a categorical, [B, F] of several, [B, A] of a gaussian. */
  readonly actions: Numbers;
  /** [B], under the policy that acted. */
  readonly logProbs: Numbers;
  readonly advantages: Numbers;
  readonly returns: Numbers;
  /** [B], the critic's when the policy acted. */
  readonly values: Numbers;
  /** [B, A], 0 where a choice was not allowed; only with masks. */
  readonly masks?: Numbers;
  /** Of a network with a memory. */
  readonly sequences?: Sequences;
}

/** Coefficients of the PPO loss, named as in CleanRL. */
export interface PpoCoefficients {
  readonly clipCoef: number;
  readonly clipVloss: boolean;
  readonly entCoef: number;
  readonly vfCoef: number;
}

/** The PPO loss of a minibatch; means over its samples. */
export interface PpoLoss {
  /** policyLoss - entCoef entropy + vfCoef valueLoss. */
  readonly loss: number;
  readonly policyLoss: number;
  /** 0.5 mean of the squared error, or of its clipped form where `clipVloss`. */
  readonly valueLoss: number;
  readonly entropy: number;
  /** mean(-log r). */
  readonly k1: number;
  /** mean(r - 1 - log r). */
  readonly k3: number;
  readonly clipFraction: number;
  /** d loss / d parameters in the layout's order, padding 0. */
  readonly gradient: Float64Array;
  /** [B] each. */
  readonly samples: {
    readonly logProbs: Float64Array;
    readonly entropies: Float64Array;
    readonly ratios: Float64Array;
  };
  readonly evaluation: Evaluation;
}

/** Computes the PPO loss and its gradient by hand-written backpropagation (Schulman et al. 2017; loss as CleanRL's ppo.py). */
export function ppoLoss(spec: NetworkSpec, parameters: Numbers, batch: PpoBatch, config: PpoCoefficients): PpoLoss {
  const layout = parameterLayout(spec);
  const count = batch.logProbs.length;
  const width = actorOutputs(spec);
  const trace = runNetwork(spec, parameters, batch.observations, batch.sequences);
  const { outputs, values } = trace;
  const gradient = new Float64Array(layout.count);
  const logStdOffset = spec.distribution.type === 'gaussian' ? parameterSlice(layout, 'logStd').offset : 0;
  const logStd = Float64Array.from({ length: width }, (_, d) => parameters[logStdOffset + d]!);
  const samples = {
    logProbs: new Float64Array(count),
    entropies: new Float64Array(count),
    ratios: new Float64Array(count),
  };
  const outputGradient = new Float64Array(count * width);
  const valueGradient = new Float64Array(count);
  const sums = { policy: 0, value: 0, entropy: 0, k1: 0, k3: 0, clipped: 0 };

  for (let b = 0; b < count; b += 1) {
    const row = masked(outputs.subarray(b * width, (b + 1) * width), batch.masks, b * width);
    const distribution = describe(row, logStd, batch.actions, b);
    const logRatio = distribution.logProb - batch.logProbs[b]!;
    const ratio = Math.exp(logRatio);
    const policy = clippedSurrogate(ratio, batch.advantages[b]!, config.clipCoef);
    const value = valueTerm(values[b]!, batch.values[b]!, batch.returns[b]!, config);
    samples.logProbs[b] = distribution.logProb;
    samples.entropies[b] = distribution.entropy;
    samples.ratios[b] = ratio;
    sums.policy += policy.loss;
    sums.value += value.loss;
    sums.entropy += distribution.entropy;
    sums.k1 -= logRatio;
    sums.k3 += ratio - 1 - logRatio;
    sums.clipped += Math.abs(ratio - 1) > config.clipCoef ? 1 : 0;

    valueGradient[b] = (config.vfCoef * value.slope) / count;
    const weight = policy.slope / count;
    const entropyWeight = config.entCoef / count;
    for (let d = 0; d < width; d += 1) {
      outputGradient[b * width + d] =
        weight * distribution.logProbSlope[d]! - entropyWeight * distribution.entropySlope[d]!;
      if (spec.distribution.type === 'gaussian') {
        gradient[logStdOffset + d] =
          gradient[logStdOffset + d]! + weight * distribution.logStdSlope[d]! - entropyWeight;
      }
    }
  }

  trace.back(outputGradient, valueGradient, gradient);
  for (const { offset, size } of frozenSlices(spec, layout)) gradient.fill(0, offset, offset + size);
  const policyLoss = sums.policy / count;
  const valueLoss = sums.value / count;
  const entropy = sums.entropy / count;
  return {
    loss: policyLoss - config.entCoef * entropy + config.vfCoef * valueLoss,
    policyLoss,
    valueLoss,
    entropy,
    k1: sums.k1 / count,
    k3: sums.k3 / count,
    clipFraction: sums.clipped / count,
    gradient,
    samples,
    evaluation: { outputs, values, state: trace.state },
  };

  function describe(row: Float64Array, logStds: Float64Array, actions: Numbers, b: number): DistributionTerms {
    if (spec.distribution.type === 'gaussian') return gaussianTerms(row, logStds, actions, b * width);
    return choiceTerms(row, choiceSizes(spec.distribution), actions, b * actionWidth(spec));
  }
}

/** Logits with those of forbidden choices far below the others: a policy over the allowed ones (Huang and Ontanon 2022). */
export function masked(logits: Float64Array, masks: Numbers | undefined, offset: number): Float64Array {
  return masks === undefined ? logits : logits.map((logit, k) => (masks[offset + k] === 0 ? FORBIDDEN : logit));
}

/** One sample's log-probability and entropy, with slopes by the outputs and, for a gaussian, of log-prob by log-std. */
interface DistributionTerms {
  readonly logProb: number;
  readonly entropy: number;
  readonly logProbSlope: Float64Array;
  readonly entropySlope: Float64Array;
  readonly logStdSlope: Float64Array;
}

/** Independent choices: log-probabilities and entropies add up, slopes stand one after the other. */
function choiceTerms(
  logits: Float64Array,
  sizes: readonly number[],
  actions: Numbers,
  offset: number,
): DistributionTerms {
  let at = 0;
  const terms = sizes.map((size, f) => {
    const term = categoricalTerms(logits.subarray(at, at + size), actions[offset + f]!);
    at += size;
    return term;
  });
  const joined = (pick: (term: DistributionTerms) => Float64Array): Float64Array =>
    Float64Array.from(terms.flatMap((term) => [...pick(term)]));
  return {
    logProb: terms.reduce((sum, { logProb }) => sum + logProb, 0),
    entropy: terms.reduce((sum, { entropy }) => sum + entropy, 0),
    logProbSlope: joined(({ logProbSlope }) => logProbSlope),
    entropySlope: joined(({ entropySlope }) => entropySlope),
    logStdSlope: new Float64Array(0),
  };
}

function categoricalTerms(logits: Float64Array, action: number): DistributionTerms {
  const logProbs = logSoftmax(logits);
  const entropy = categoricalEntropy(logProbs);
  return {
    logProb: logProbs[action]!,
    entropy,
    logProbSlope: logProbs.map((logProb, k) => (k === action ? 1 : 0) - Math.exp(logProb)),
    entropySlope: logProbs.map((logProb) => -Math.exp(logProb) * (logProb + entropy)),
    logStdSlope: new Float64Array(0),
  };
}

function gaussianTerms(mean: Float64Array, logStd: Float64Array, actions: Numbers, offset: number): DistributionTerms {
  const action = mean.map((_, d) => actions[offset + d]!);
  const z = mean.map((center, d) => (action[d]! - center) / Math.exp(logStd[d]!));
  return {
    logProb: gaussianLogProb(mean, logStd, action),
    entropy: gaussianEntropy(logStd),
    logProbSlope: z.map((score, d) => score / Math.exp(logStd[d]!)),
    entropySlope: new Float64Array(mean.length),
    logStdSlope: z.map((score) => score * score - 1),
  };
}

/** max(-A r, -A clip(r, 1 - c, 1 + c)) and its slope by the log-probability. */
function clippedSurrogate(ratio: number, advantage: number, clip: number): { loss: number; slope: number } {
  const plain = -advantage * ratio;
  const bounded = -advantage * Math.min(Math.max(ratio, 1 - clip), 1 + clip);
  return { loss: Math.max(plain, bounded), slope: plain < bounded ? 0 : plain };
}

/** Half the squared error, or PPO's clipped form of it, and its slope by the value. */
function valueTerm(
  value: number,
  old: number,
  target: number,
  config: PpoCoefficients,
): { loss: number; slope: number } {
  const error = value - target;
  const square = error * error;
  if (!config.clipVloss) return { loss: 0.5 * square, slope: error };
  const moved = value - old;
  const boundedError = old + Math.min(Math.max(moved, -config.clipCoef), config.clipCoef) - target;
  const boundedSquare = boundedError * boundedError;
  const constant = Math.abs(moved) > config.clipCoef && boundedSquare > square;
  return { loss: 0.5 * Math.max(square, boundedSquare), slope: constant ? 0 : error };
}
