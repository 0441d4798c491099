/** A learner in float64 and sample by sample: the definition that fast learners are compared with. */
import {
  ADAM_BETA1,
  ADAM_BETA2,
  type DeviceLearner,
  type LearnerBatch,
  type LearnerSettings,
  type LearnerState,
  type LearnerStats,
  type SequenceColumns,
} from '../../src/backends/backend.js';
import { minibatchStart } from '../../src/backends/shards.js';
import { type AdamState, adamStep, clipGlobalNorm } from '../../src/network/optimizer.js';
import { ppoLoss } from '../../src/network/reference.js';
import type { Sequences } from '../../src/network/reference-layers.js';
import type { NetworkSpec } from '../../src/network/spec.js';
import { actionWidth, actorOutputs } from '../../src/network/validate.js';

/** What an update comes to, before anything is rounded. */
export interface ReferenceUpdate {
  readonly parameters: Float64Array;
  readonly adam: AdamState;
  readonly stats: LearnerStats;
}

/** PPO's epochs over a rollout as `DeviceLearner.update` takes it; parameters and moments are overwritten. */
export function updateReference(
  network: NetworkSpec,
  batch: LearnerBatch,
  permutations: readonly Int32Array[],
  minibatches: number,
  settings: LearnerSettings,
  parameters: Float64Array,
  adam: AdamState,
): LearnerStats {
  const samples = batch.logProbs.length;
  const { learningRate, adamEps: epsilon } = settings;
  const options = { learningRate, beta1: ADAM_BETA1, beta2: ADAM_BETA2, epsilon };
  const width = actionWidth(network);
  const A = actorOutputs(network);
  const O = network.observationSize;
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
        ...permutation.subarray(
          minibatchStart(m, samples, minibatches, batch.memory?.steps),
          minibatchStart(m + 1, samples, minibatches, batch.memory?.steps),
        ),
      ];
      const picked = rows.map((row) => batch.advantages[row]!);
      const mean = picked.reduce((sum, a) => sum + a, 0) / rows.length;
      const std = Math.sqrt(picked.reduce((sum, a) => sum + (a - mean) * (a - mean), 0) / (rows.length - 1));
      const loss = ppoLoss(
        network,
        parameters,
        {
          observations: rows.flatMap((row) =>
            Array.from({ length: O }, (_, k) => {
              if (network.picture !== undefined) return batch.observations[row * O + k]!;
              const scaled = (batch.observations[row * O + k]! - batch.mean[k]!) * batch.invStd[k]!;
              return Math.min(Math.max(scaled, -batch.observationClip), batch.observationClip);
            }),
          ),
          actions: rows.flatMap((row) => [...batch.actions.subarray(row * width, (row + 1) * width)]),
          logProbs: rows.map((row) => batch.logProbs[row]!),
          advantages: settings.normAdv && rows.length > 1 ? picked.map((a) => (a - mean) / (std + 1e-8)) : picked,
          returns: rows.map((row) => batch.returns[row]!),
          values: rows.map((row) => batch.values[row]!),
          ...(batch.memory && { sequences: sequencesOf(batch.memory, rows) }),
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
  return stats;
}

/** What the sequences of a minibatch begin with. */
function sequencesOf({ steps, sequences, states, starts }: SequenceColumns, rows: readonly number[]): Sequences {
  const S = states.length / (sequences.length / steps);
  const heads = rows.filter((_, k) => k % steps === 0).map((row) => sequences[row]!);
  return {
    steps,
    state: heads.flatMap((s) => [...states.subarray(s * S, (s + 1) * S)]),
    starts: rows.map((row) => starts[row]!),
  };
}

/** The same from a state that stays as it is. */
export function referenceUpdate(
  network: NetworkSpec,
  batch: LearnerBatch,
  permutations: readonly Int32Array[],
  minibatches: number,
  settings: LearnerSettings,
  start: LearnerState,
): ReferenceUpdate {
  const parameters = Float64Array.from(start.parameters);
  const adam: AdamState = {
    firstMoments: Float64Array.from(start.firstMoments),
    secondMoments: Float64Array.from(start.secondMoments),
    step: start.step,
  };
  const stats = updateReference(network, batch, permutations, minibatches, settings, parameters, adam);
  return { parameters, adam, stats };
}

/** The reference as a learner of a run; its state between updates is rounded to float32, as every learner's is. */
export function referenceLearner(network: NetworkSpec): DeviceLearner {
  return {
    name: 'kernels',
    async update(batch, permutations, minibatches, settings, state) {
      const { parameters, adam, stats } = referenceUpdate(network, batch, permutations, minibatches, settings, state);
      state.parameters.set(parameters);
      state.firstMoments.set(adam.firstMoments);
      state.secondMoments.set(adam.secondMoments);
      state.step = adam.step;
      return stats;
    },
    dispose() {},
  };
}
