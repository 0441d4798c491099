/** A rollout with every detail of PPO's loss in it, and what an update of it comes to in float64; for tests of learners. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as assert from 'uvu/assert';
import type { LearnerBatch, LearnerSettings, LearnerState, LearnerStats } from '../../src/backends/backend.js';
import { Generator } from '../../src/core/seeding/generator.js';
import { initialParameters, mlpNetwork } from '../../src/network/init.js';
import { type AdamState, adamState, adamStep, clipGlobalNorm } from '../../src/network/optimizer.js';
import { ppoLoss } from '../../src/network/reference.js';
import type { Distribution, NetworkSpec } from '../../src/network/spec.js';
import { actionWidth, actorOutputs, choiceSizes, isMasked } from '../../src/network/validate.js';

export const SAMPLES = 200;
export const INPUTS = 5;
const CLIP = 2;

export const DISTRIBUTIONS: readonly Distribution[] = [
  { type: 'categorical', actions: 3 },
  { type: 'categorical', actions: 3, masked: true },
  { type: 'multi-categorical', nvec: [3, 2] },
  { type: 'multi-categorical', nvec: [2, 4, 3], masked: true },
  { type: 'gaussian', size: 2, logStdInit: -0.3 },
];
export const SETTINGS: LearnerSettings = {
  learningRate: 1e-3,
  clipCoef: 0.2,
  clipVloss: true,
  normAdv: true,
  entCoef: 0.02,
  vfCoef: 0.5,
  maxGradNorm: 0.5,
  adamEps: 1e-5,
  targetKl: null,
};

export interface Problem {
  readonly network: NetworkSpec;
  readonly batch: LearnerBatch;
  readonly permutations: readonly Int32Array[];
  fresh(): LearnerState;
}

/** A rollout whose ratios and values are partly clipped; its 200 samples make three minibatches of unequal size. */
export function problem(
  distribution: Distribution,
  activation: 'tanh' | 'relu',
  freeze: (network: NetworkSpec) => NetworkSpec = (network) => network,
  hidden: readonly number[] = [17, 8],
): Problem {
  const network = freeze(mlpNetwork({ observationSize: INPUTS, hidden, distribution, activation }));
  const generator = Generator.fromSeed(7);
  const normals = (count: number, scale: number, centre = 0): Float32Array =>
    Float32Array.from({ length: count }, () => centre + scale * generator.standardNormal());
  const parameters = initialParameters(network, generator);
  const sizes = choiceSizes(distribution);
  const width = actionWidth(network);
  const A = actorOutputs(network);
  const actions =
    sizes.length > 0
      ? Int32Array.from({ length: SAMPLES * width }, (_, i) => generator.integers(0, sizes[i % width]!))
      : normals(SAMPLES * width, 0.8);
  const chosen = new Set(
    Array.from(actions, (action, i) => {
      const f = i % width;
      return Math.floor(i / width) * A + sizes.slice(0, f).reduce((sum, n) => sum + n, 0) + action;
    }),
  );
  return {
    network,
    batch: {
      observations: normals(SAMPLES * INPUTS, 2),
      mean: normals(INPUTS, 0.3),
      invStd: normals(INPUTS, 0.1, 1),
      observationClip: CLIP,
      actions,
      // The choice that was made is allowed, and about half of the others.
      ...(isMasked(network) && {
        masks: Uint8Array.from({ length: SAMPLES * A }, (_, i) => (chosen.has(i) || Math.sin(i * 5.1) > 0 ? 1 : 0)),
      }),
      logProbs: normals(SAMPLES, 0.25, sizes.length > 0 ? -sizes.reduce((sum, n) => sum + Math.log(n), 0) : -1.6),
      advantages: normals(SAMPLES, 2, 0.5),
      returns: normals(SAMPLES, 1),
      values: normals(SAMPLES, 0.4),
    },
    permutations: [0, 1].map(() => Int32Array.from(generator.permutation(SAMPLES))),
    fresh: () => ({
      parameters: parameters.slice(),
      firstMoments: new Float32Array(parameters.length),
      secondMoments: new Float32Array(parameters.length),
      step: 0,
    }),
  };
}

/** Parameters and Adam's state in float64. */
export interface ReferenceState {
  readonly parameters: Float64Array;
  readonly adam: AdamState;
}

export function referenceState({ fresh }: Problem): ReferenceState {
  const parameters = Float64Array.from(fresh().parameters);
  return { parameters, adam: adamState(parameters.length) };
}

/** What a learner does in one update, in float64 and sample by sample; `state` is overwritten. */
export function referenceUpdate(
  p: Problem,
  minibatches: number,
  settings: LearnerSettings,
  state: ReferenceState = referenceState(p),
) {
  const { network, batch, permutations } = p;
  const { parameters, adam } = state;
  const options = { learningRate: settings.learningRate, beta1: 0.9, beta2: 0.999, epsilon: settings.adamEps };
  const width = batch.actions.length / SAMPLES;
  const A = actorOutputs(network);
  const stats: LearnerStats = {
    policyLoss: 0,
    valueLoss: 0,
    entropy: 0,
    oldApproxKl: 0,
    approxKl: 0,
    clipFraction: 0,
    samples: 0,
    gradNorm: 0,
    minibatches: 0,
  };
  for (const permutation of permutations) {
    let kl = 0;
    for (let m = 0; m < minibatches; m++) {
      const rows = [
        ...permutation.subarray(Math.floor((m * SAMPLES) / minibatches), Math.floor(((m + 1) * SAMPLES) / minibatches)),
      ];
      const picked = rows.map((row) => batch.advantages[row]!);
      const mean = picked.reduce((sum, a) => sum + a, 0) / rows.length;
      const std = Math.sqrt(picked.reduce((sum, a) => sum + (a - mean) * (a - mean), 0) / (rows.length - 1));
      const loss = ppoLoss(
        network,
        parameters,
        {
          observations: rows.flatMap((row) =>
            Array.from({ length: INPUTS }, (_, k) => {
              const scaled = (batch.observations[row * INPUTS + k]! - batch.mean[k]!) * batch.invStd[k]!;
              return Math.min(Math.max(scaled, -CLIP), CLIP);
            }),
          ),
          actions: rows.flatMap((row) => [...batch.actions.subarray(row * width, (row + 1) * width)]),
          logProbs: rows.map((row) => batch.logProbs[row]!),
          advantages: settings.normAdv ? picked.map((a) => (a - mean) / (std + 1e-8)) : picked,
          returns: rows.map((row) => batch.returns[row]!),
          values: rows.map((row) => batch.values[row]!),
          ...(batch.masks && { masks: rows.flatMap((row) => [...batch.masks!.subarray(row * A, (row + 1) * A)]) }),
        },
        settings,
      );
      stats.policyLoss += loss.policyLoss * rows.length;
      stats.valueLoss += loss.valueLoss * rows.length;
      stats.entropy += loss.entropy * rows.length;
      stats.oldApproxKl += loss.k1 * rows.length;
      stats.approxKl += loss.k3 * rows.length;
      stats.clipFraction += loss.clipFraction * rows.length;
      stats.samples += rows.length;
      stats.gradNorm += clipGlobalNorm(loss.gradient, settings.maxGradNorm);
      stats.minibatches++;
      adamStep(parameters, loss.gradient, adam, options);
      kl += loss.k3;
    }
    if (settings.targetKl !== null && kl / minibatches > settings.targetKl) break;
  }
  return { parameters, adam, stats };
}

/** Largest |a - b|. */
export const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  assert.is(a.length, b.length);
  // A NaN on either side must not pass as close.
  return Array.from(a, (x, i) => Math.abs(x - b[i]!)).reduce((most, d) => (d <= most ? most : d), 0);
};

/** Largest |x|. */
export const largest = (values: ArrayLike<number>): number => apart(values, new Float64Array(values.length));

/** MiB of the process after a collection, of what lies outside the heap too. */
export function residentMiB(): number {
  // As a flag of the command line it would be missing under the test runner.
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage.rss() / 2 ** 20;
}
