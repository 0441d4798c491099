/** How epochs are cut into minibatches, and these for the workers. Shards depend on the minibatch and the learner, never on the number of workers. */
import type { WorkerLearner } from './backend.js';

/** Where minibatch `m` of an epoch begins among its samples: minibatches hold whole sequences of `steps` rows. */
export function minibatchStart(m: number, samples: number, minibatches: number, steps = 1): number {
  return Math.floor((m * (samples / steps)) / minibatches) * steps;
}

/** Gradient shards of a minibatch at most: as many workers can share it. */
export const MAX_SHARDS = 8;

/** Samples that a shard has at least, where there are enough of them: a run of a graph costs more than a call of a kernel. */
const SHARD_SAMPLES: Readonly<Record<WorkerLearner, number>> = { kernels: 64, onnx: 512 };

/** How many gradient shards a minibatch of `size` samples is cut into. */
export function shardCount(size: number, learner: WorkerLearner): number {
  return Math.min(size, MAX_SHARDS, Math.max(2, Math.floor(size / SHARD_SAMPLES[learner])));
}
