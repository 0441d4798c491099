/**
 * PPO's loss and its gradient by the parameters, written out in TensorFlow.js operations, on top of `layers.ts`.
 * `src/network/reference.ts` has the same terms sample by sample.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { ALIGNMENT, frozenSlices, type ParameterLayout, parameterSlice } from '../../network/layout.js';
import type { NetworkPlan } from '../../network/plan.js';
import { FORBIDDEN } from '../../network/reference.js';
import type { NetworkSpec } from '../../network/spec.js';
import { choiceSizes } from '../../network/validate.js';
import type { LearnerSettings } from '../backend.js';
import { runNetwork, type SequenceTensors } from './layers.js';
import type { TensorFlow } from './load.js';

const LOG_2PI = Math.log(2 * Math.PI);

/** Tensors of `n` samples, all of rank 2 so that they broadcast as columns; an alias, because `tidy` takes no interfaces. */
export type Columns = {
  /** [n, O], normalised, or pixels from 0 to 255. */
  readonly observations: Tensor;
  /** [n, A]: one-hot choices of a categorical policy, actions of a gaussian. */
  readonly actions: Tensor;
  /** [n, 1], as are the others. */
  readonly logProbs: Tensor;
  readonly advantages: Tensor;
  readonly returns: Tensor;
  readonly values: Tensor;
  /** [n, A] of 0 and 1; only with masks. */
  readonly masks?: Tensor;
};

/** The coefficients that the loss needs. */
export type LossSettings = Pick<LearnerSettings, 'clipCoef' | 'clipVloss' | 'entCoef' | 'vfCoef'>;

/** What a minibatch gives: 1-D tensors. */
export interface MinibatchGradient {
  /** [P] in the layout's order, padding 0. */
  readonly gradient: Tensor;
  /** Sums over samples: policy loss, value loss, entropy, k1, k3, clipped ratios; [6]. */
  readonly sums: Tensor;
}

/** One sample's log-probability and entropy as columns, and how a slope by the log-probability reaches the outputs. */
interface Terms {
  readonly logProb: Tensor;
  readonly entropy: Tensor;
  /** d loss / d outputs [n, A], given d loss / d log-probability [n, 1]; entropy's own part included. */
  outputSlope(logProbSlope: Tensor): Tensor;
  /** d loss / d logStd [A]; null for a categorical. */
  logStdSlope(logProbSlope: Tensor): Tensor | null;
}

/** The gradient of the mean PPO loss of a minibatch; call it inside `tf.tidy`. Advantages are already normalised. */
export function minibatchGradient(
  tf: TensorFlow,
  spec: NetworkSpec,
  plan: NetworkPlan,
  layout: ParameterLayout,
  parameters: Tensor,
  batch: Columns,
  memory: SequenceTensors | null,
  settings: LossSettings,
): MinibatchGradient {
  const { clipCoef, clipVloss, entCoef, vfCoef } = settings;
  const count = batch.logProbs.shape[0]!;
  const part = (name: string): Tensor => {
    const { offset, size, shape } = parameterSlice(layout, name);
    return tf.reshape(tf.slice(parameters, [offset], [size]), [...shape]);
  };
  const pieces = new Map<string, Tensor>();
  const network = runNetwork({ tf, part, memory, pieces }, spec, plan, batch.observations);
  const { outputs: head, value } = network;
  // Forbidden logits become FORBIDDEN, the others keep their bits; the loss has no slope by the former.
  const outputs =
    batch.masks === undefined ? head : tf.sub(tf.mul(head, batch.masks), tf.mul(tf.sub(1, batch.masks), -FORBIDDEN));
  const terms =
    spec.distribution.type === 'gaussian'
      ? gaussianTerms(tf, outputs, part('logStd'), batch.actions, entCoef)
      : choiceTerms(tf, outputs, choiceSizes(spec.distribution), batch.actions, entCoef);

  const logRatio = tf.sub(terms.logProb, batch.logProbs);
  const ratio = tf.exp(logRatio);
  const negative = tf.neg(batch.advantages);
  const plain = tf.mul(negative, ratio);
  const bounded = tf.mul(negative, tf.clipByValue(ratio, 1 - clipCoef, 1 + clipCoef));
  const policyLoss = tf.maximum(plain, bounded);
  // Where the bounded form is larger the loss is constant; -A r is its own slope by log r.
  const policySlope = tf.div(tf.mul(plain, holds(tf, tf.greaterEqual(plain, bounded))), count);

  const error = tf.sub(value, batch.returns);
  let square = tf.square(error);
  let valueSlope = error;
  if (clipVloss) {
    const moved = tf.sub(value, batch.values);
    const near = tf.add(batch.values, tf.clipByValue(moved, -clipCoef, clipCoef));
    const boundedSquare = tf.square(tf.sub(near, batch.returns));
    const constant = tf.logicalAnd(tf.greater(tf.abs(moved), clipCoef), tf.greater(boundedSquare, square));
    valueSlope = tf.mul(error, holds(tf, tf.logicalNot(constant)));
    square = tf.maximum(square, boundedSquare);
  }

  network.back(terms.outputSlope(policySlope), tf.mul(valueSlope, vfCoef / count));
  const logStd = terms.logStdSlope(policySlope);
  if (logStd !== null) pieces.set('logStd', logStd);

  const clipped = holds(tf, tf.greater(tf.abs(tf.sub(ratio, 1)), clipCoef));
  const sums = [
    tf.sum(policyLoss),
    tf.mul(tf.sum(square), 0.5),
    tf.sum(terms.entropy),
    tf.neg(tf.sum(logRatio)),
    // expm1 keeps the digits that `ratio - 1` loses near 0.
    tf.sum(tf.sub(tf.expm1(logRatio), logRatio)),
    tf.sum(clipped),
  ];
  for (const { name, size } of frozenSlices(spec, layout)) pieces.set(name, tf.zeros([size]));
  return { gradient: flatten(tf, layout, pieces), sums: tf.concat(sums.map((sum) => tf.reshape(sum, [1]))) };
}

/** Independent choices: log-probabilities and entropies add up, slopes stand side by side. */
function choiceTerms(
  tf: TensorFlow,
  logits: Tensor,
  sizes: readonly number[],
  choices: Tensor,
  entCoef: number,
): Terms {
  let at = 0;
  const terms = sizes.map((size) => {
    const columns = (tensor: Tensor): Tensor => tf.slice(tensor, [0, at], [tensor.shape[0]!, size]);
    const term = categoricalTerms(tf, columns(logits), columns(choices), entCoef);
    at += size;
    return term;
  });
  if (terms.length === 1) return terms[0]!;
  return {
    logProb: tf.addN(terms.map(({ logProb }) => logProb)),
    entropy: tf.addN(terms.map(({ entropy }) => entropy)),
    outputSlope: (logProbSlope) =>
      tf.concat(
        terms.map((term) => term.outputSlope(logProbSlope)),
        1,
      ),
    logStdSlope: () => null,
  };
}

function categoricalTerms(tf: TensorFlow, logits: Tensor, choices: Tensor, entCoef: number): Terms {
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  const logProbs = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
  const probabilities = tf.exp(logProbs);
  const entropy = tf.neg(tf.sum(tf.mul(probabilities, logProbs), 1, true));
  return {
    logProb: tf.sum(tf.mul(choices, logProbs), 1, true),
    entropy,
    outputSlope(logProbSlope) {
      const slope = tf.mul(logProbSlope, tf.sub(choices, probabilities));
      const entropySlope = tf.mul(probabilities, tf.add(logProbs, entropy));
      return tf.add(slope, tf.mul(entropySlope, entCoef / logits.shape[0]!));
    },
    logStdSlope: () => null,
  };
}

function gaussianTerms(tf: TensorFlow, mean: Tensor, logStd: Tensor, actions: Tensor, entCoef: number): Terms {
  const std = tf.exp(logStd);
  const z = tf.div(tf.sub(actions, mean), std);
  const perAction = tf.sub(tf.mul(tf.square(z), -0.5), tf.add(logStd, 0.5 * LOG_2PI));
  const entropy = tf.sum(tf.add(logStd, 0.5 + 0.5 * LOG_2PI));
  return {
    logProb: tf.sum(perAction, 1, true),
    entropy: tf.mul(tf.onesLike(tf.slice(mean, [0, 0], [mean.shape[0]!, 1])), entropy),
    outputSlope: (logProbSlope) => tf.mul(logProbSlope, tf.div(z, std)),
    logStdSlope: (logProbSlope) => tf.sub(tf.sum(tf.mul(logProbSlope, tf.sub(tf.square(z), 1)), 0), entCoef),
  };
}

/** 1 where a condition holds, else 0. */
function holds(tf: TensorFlow, condition: Tensor): Tensor {
  return tf.cast(condition, 'float32');
}

/** Named gradients as one flat vector with zeros between slices. */
function flatten(tf: TensorFlow, layout: ParameterLayout, pieces: ReadonlyMap<string, Tensor>): Tensor {
  return tf.concat(
    layout.slices.flatMap(({ name, size }) => {
      const piece = tf.reshape(pieces.get(name)!, [size]);
      const padding = (ALIGNMENT - (size % ALIGNMENT)) % ALIGNMENT;
      return padding === 0 ? [piece] : [piece, tf.zeros([padding])];
    }),
  );
}
