import { type Numbers, type PpoBatch, type PpoCoefficients, ppoLoss } from '../../../network/reference.js';
import type { NetworkSpec } from '../../../network/spec.js';
import { actionWidth, actorOutputs } from '../../../network/validate.js';
import { type Normalizer, normalise } from './act.js';

/** Columns of a whole rollout, [T*N] where `PpoBatch` says [B]; its observations are raw. */
export type RolloutColumns = PpoBatch;

/** What one shard adds to a minibatch. */
export interface Shard {
  readonly gradient: Float64Array;
  /** Sums of policy loss, value loss, entropy, k1, k3, clip count, 0, 0. */
  readonly stats: Float64Array;
}

/** The reference of `Kernels.gradient`: the samples `indices` of a rollout, each weighted by `invBatch`. */
export function gradientShard(
  spec: NetworkSpec,
  parameters: Numbers,
  indices: ArrayLike<number>,
  columns: RolloutColumns,
  normalizer: Normalizer,
  advantage: { readonly mean: number; readonly invStd: number },
  invBatch: number,
  coefficients: PpoCoefficients,
): Shard {
  const size = spec.observationSize;
  const width = actionWidth(spec);
  const rows = Array.from(indices);
  const pick = (column: Numbers, length = 1): number[] =>
    rows.flatMap((row) => Array.from({ length }, (_, i) => column[row * length + i]!));
  const batch = {
    observations: normalise(pick(columns.observations, size), normalizer),
    actions: pick(columns.actions, width),
    logProbs: pick(columns.logProbs),
    advantages: pick(columns.advantages).map((a) => (a - advantage.mean) * advantage.invStd),
    returns: pick(columns.returns),
    values: pick(columns.values),
    ...(columns.masks !== undefined && { masks: pick(columns.masks, actorOutputs(spec)) }),
  };
  const result = ppoLoss(spec, parameters, batch, coefficients);
  const count = rows.length;
  const { policyLoss, valueLoss, entropy, k1, k3, clipFraction } = result;
  return {
    gradient: result.gradient.map((g) => g * count * invBatch),
    stats: Float64Array.from([policyLoss, valueLoss, entropy, k1, k3, clipFraction, 0, 0], (mean) => mean * count),
  };
}
