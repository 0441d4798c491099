/**
 * PPO's epochs on TensorFlow.js: the rollout goes to the device once an update, parameters come back once. The steps are
 * those of the workers' kernels (`agents/ppo/worker.ts`), whose results it meets within a stated bound, not bit for bit.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { type ParameterLayout, parameterLayout } from '../../network/layout.js';
import { type NetworkPlan, networkPlan } from '../../network/plan.js';
import type { NetworkSpec } from '../../network/spec.js';
import { actorOutputs, choiceSizes } from '../../network/validate.js';
import {
  ADAM_BETA1,
  ADAM_BETA2,
  type DeviceLearner,
  type LearnerBatch,
  type LearnerSettings,
  type LearnerState,
  type LearnerStats,
  type SequenceColumns,
} from '../backend.js';
import { minibatchStart } from '../shards.js';
import { type Columns, minibatchGradient } from './gradient.js';
import type { SequenceTensors } from './layers.js';
import { type LoadedBackend, loadTensorFlow, type TensorFlow, type TfjsBackend } from './load.js';

/** Place of k3, the estimate of the KL divergence, among a minibatch's sums. */
const K3 = 4;
/** A minibatch's numbers: six sums of the loss, then the gradient's norm. */
const STATS = 7;

/**
 * Creates a learner on the main thread.
 *
 * @throws `BACKEND_UNAVAILABLE` where its backend cannot run, with the reason and what to do.
 */
export async function createTfjsLearner(name: TfjsBackend, network: NetworkSpec): Promise<DeviceLearner> {
  return new TfjsLearner(name, network, await loadTensorFlow(name));
}

/** Parameters and moments on the device, [P] each; an alias, because `tidy` takes no interfaces. */
type Weights = {
  readonly parameters: Tensor;
  readonly first: Tensor;
  readonly second: Tensor;
};

class TfjsLearner implements DeviceLearner {
  readonly name: TfjsBackend;
  readonly #network: NetworkSpec;
  readonly #plan: NetworkPlan;
  readonly #layout: ParameterLayout;
  readonly #tf: TensorFlow;
  readonly #backend: string;
  #disposed = false;

  constructor(name: TfjsBackend, network: NetworkSpec, { tf, backend }: LoadedBackend) {
    this.name = name;
    this.#network = network;
    this.#plan = networkPlan(network);
    this.#layout = parameterLayout(network);
    this.#tf = tf;
    this.#backend = backend;
  }

  async update(
    batch: LearnerBatch,
    permutations: readonly Int32Array[],
    minibatches: number,
    settings: LearnerSettings,
    state: LearnerState,
  ): Promise<LearnerStats> {
    if (this.#disposed) throw new Error('internal: the learner was disposed of');
    // The engine has one current backend for the whole process. A started one is current as soon as this call returns, and
    // nothing below waits, so that another learner cannot slip in between.
    void this.#tf.setBackend(this.#backend);
    this.#tf.engine().startScope();
    try {
      return this.#epochs(batch, permutations, minibatches, settings, state);
    } finally {
      this.#tf.engine().endScope();
    }
  }

  /** Every tensor lives inside one update, so nothing is left to free; the backend may serve other learners. */
  dispose(): void {
    this.#disposed = true;
  }

  #epochs(
    batch: LearnerBatch,
    permutations: readonly Int32Array[],
    minibatches: number,
    settings: LearnerSettings,
    state: LearnerState,
  ): LearnerStats {
    const tf = this.#tf;
    const samples = batch.logProbs.length;
    const rollout = this.#upload(batch, samples);
    const memory = batch.memory === undefined ? null : uploadMemory(tf, batch.memory);
    const { steps = 1 } = batch.memory ?? {};
    // Typed arrays over shared memory are copied: a backend may keep what it is given.
    let weights: Weights = {
      parameters: tf.tensor1d(state.parameters.slice()),
      first: tf.tensor1d(state.firstMoments.slice()),
      second: tf.tensor1d(state.secondMoments.slice()),
    };
    const taken: { readonly size: number; readonly stats: Tensor }[] = [];
    let step = state.step;
    for (const permutation of permutations) {
      const epochStart = taken.length;
      const after = tf.tidy(() => {
        const order = tf.tensor1d(permutation.slice(0, samples), 'int32');
        let current = weights;
        const stats: Tensor[] = [];
        for (let m = 0; m < minibatches; m++) {
          const from = minibatchStart(m, samples, minibatches, steps);
          const size = minibatchStart(m + 1, samples, minibatches, steps) - from;
          step++;
          const previous = current;
          const next = tf.tidy(() => {
            const picked = tf.slice(order, [from], [size]);
            const rows = mapColumns(rollout, (column) => tf.gather(column, picked));
            const sequences = memory === null ? null : pickedMemory(tf, memory, picked);
            return this.#minibatch(rows, sequences, size, settings, previous, step);
          });
          if (previous !== weights) tf.dispose([previous.parameters, previous.first, previous.second]);
          current = next.weights;
          stats.push(next.stats);
          taken.push({ size, stats: next.stats });
        }
        return { weights: current, stats };
      });
      tf.dispose([weights.parameters, weights.first, weights.second]);
      weights = after.weights;
      if (settings.targetKl === null) continue;
      const epoch = taken.slice(epochStart);
      const numbers = tf.tidy(() => tf.concat(epoch.map(({ stats }) => stats)).dataSync());
      const kl = epoch.reduce((sum, { size }, m) => sum + numbers[m * STATS + K3]! / size, 0);
      if (kl / minibatches > settings.targetKl) break;
    }
    return this.#download(weights, taken, state, step);
  }

  /** One gradient step; `step` counts from 1. */
  #minibatch(
    rows: Columns,
    sequences: SequenceTensors | null,
    size: number,
    settings: LearnerSettings,
    weights: Weights,
    step: number,
  ): { weights: Weights; stats: Tensor } {
    const tf = this.#tf;
    const advantages = settings.normAdv && size > 1 ? normalised(tf, rows.advantages, size) : rows.advantages;
    const columns = { ...rows, advantages };
    const { gradient, sums } = minibatchGradient(
      tf,
      this.#network,
      this.#plan,
      this.#layout,
      weights.parameters,
      columns,
      sequences,
      settings,
    );
    const norm = tf.sqrt(tf.sum(tf.square(gradient)));
    const scale = tf.minimum(tf.div(settings.maxGradNorm, tf.add(norm, 1e-6)), 1);
    return {
      weights: adam(tf, weights, tf.mul(gradient, scale), step, settings),
      stats: tf.concat([sums, tf.reshape(norm, [1])]),
    };
  }

  /** The rollout's columns on the device: observations normalised, choices one-hot. */
  #upload(batch: LearnerBatch, samples: number): Columns {
    const tf = this.#tf;
    const width = actorOutputs(this.#network);
    const { distribution } = this.#network;
    const column = (values: Float32Array): Tensor => tf.tensor2d(values.slice(0, samples), [samples, 1]);
    return tf.tidy(() => {
      const actions =
        distribution.type === 'gaussian'
          ? tf.tensor2d(batch.actions.slice(0, samples * width), [samples, width])
          : oneHotChoices(tf, batch.actions, samples, choiceSizes(distribution));
      return {
        observations: this.#observations(batch, samples),
        actions: tf.cast(actions, 'float32'),
        logProbs: column(batch.logProbs),
        advantages: column(batch.advantages),
        returns: column(batch.returns),
        values: column(batch.values),
        ...(batch.masks && {
          masks: tf.tensor2d(Float32Array.from(batch.masks.subarray(0, samples * width)), [samples, width]),
        }),
      };
    });
  }

  /** Normalised observations, or pixels as they are. */
  #observations(batch: LearnerBatch, samples: number): Tensor {
    const tf = this.#tf;
    const { observationSize: inputs, picture } = this.#network;
    const raw = tf.tensor2d(Float32Array.from(batch.observations.subarray(0, samples * inputs)), [samples, inputs]);
    if (picture !== undefined) return raw;
    const mean = tf.tensor1d(batch.mean.slice(0, inputs));
    const scaled = tf.mul(tf.sub(raw, mean), tf.tensor1d(batch.invStd.slice(0, inputs)));
    const clip = batch.observationClip;
    return Number.isFinite(clip) ? tf.clipByValue(scaled, -clip, clip) : scaled;
  }

  /** Everything in one read; the state is overwritten only by finite numbers. */
  #download(
    weights: Weights,
    taken: readonly { readonly size: number; readonly stats: Tensor }[],
    state: LearnerState,
    step: number,
  ): LearnerStats {
    const tf = this.#tf;
    const numbers = tf
      .concat([weights.parameters, weights.first, weights.second, ...taken.map(({ stats }) => stats)])
      .dataSync();
    const P = this.#layout.count;
    const finite = numbers.every((x) => Number.isFinite(x));
    if (finite) {
      state.parameters.set(numbers.subarray(0, P));
      state.firstMoments.set(numbers.subarray(P, 2 * P));
      state.secondMoments.set(numbers.subarray(2 * P, 3 * P));
      state.step = step;
    }
    const total = (k: number): number =>
      taken.reduce((sum, _, m) => sum + numbers[3 * P + m * STATS + k]!, finite ? 0 : Number.NaN);
    return {
      policyLoss: total(0),
      valueLoss: total(1),
      entropy: total(2),
      oldApproxKl: total(3),
      approxKl: total(K3),
      clipFraction: total(5),
      samples: taken.reduce((sum, { size }) => sum + size, 0),
      gradNorm: total(6),
      minibatches: taken.length,
    };
  }
}

/** The sequences of a rollout on the device. */
interface MemoryTensors {
  readonly steps: number;
  /** Number of each row's sequence, [B]. */
  readonly sequences: Tensor;
  readonly states: Tensor;
  /** [B, 1]. */
  readonly starts: Tensor;
}

function uploadMemory(tf: TensorFlow, { steps, sequences, states, starts }: SequenceColumns): MemoryTensors {
  const count = sequences.length / steps;
  return {
    steps,
    sequences: tf.tensor1d(sequences.slice(), 'int32'),
    states: tf.tensor2d(states.slice(), [count, states.length / count]),
    starts: tf.tensor2d(starts.slice(), [starts.length, 1]),
  };
}

/** What the sequences of a minibatch begin with. */
function pickedMemory(
  tf: TensorFlow,
  { steps, sequences, states, starts }: MemoryTensors,
  rows: Tensor,
): SequenceTensors {
  const count = rows.shape[0]! / steps;
  // A sequence's rows all have its number.
  const numbers = tf.slice(tf.reshape(tf.gather(sequences, rows), [count, steps]), [0, 0], [count, 1]);
  return { states: tf.gather(states, tf.reshape(numbers, [count])), starts: tf.gather(starts, rows) };
}

/** Choices [samples, F] as one-hot vectors side by side. */
function oneHotChoices(
  tf: TensorFlow,
  actions: Int32Array | Float32Array,
  samples: number,
  sizes: readonly number[],
): Tensor {
  const F = sizes.length;
  return tf.concat(
    sizes.map((size, f) => {
      const column = Int32Array.from({ length: samples }, (_, i) => actions[i * F + f]!);
      return tf.cast(tf.oneHot(tf.tensor1d(column, 'int32'), size), 'float32');
    }),
    1,
  );
}

/** Advantages less their mean, over their unbiased standard deviation. */
function normalised(tf: TensorFlow, advantages: Tensor, size: number): Tensor {
  const centred = tf.sub(advantages, tf.mean(advantages));
  const std = tf.sqrt(tf.div(tf.sum(tf.square(centred)), size - 1));
  return tf.div(centred, tf.add(std, 1e-8));
}

/** One Adam step (Kingma and Ba 2015, with PyTorch's place of epsilon) on the flat vectors. */
function adam(
  tf: TensorFlow,
  { parameters, first, second }: Weights,
  gradient: Tensor,
  step: number,
  { learningRate, adamEps }: LearnerSettings,
): Weights {
  const m = tf.add(tf.mul(first, ADAM_BETA1), tf.mul(gradient, 1 - ADAM_BETA1));
  const v = tf.add(tf.mul(second, ADAM_BETA2), tf.mul(tf.square(gradient), 1 - ADAM_BETA2));
  const denominator = tf.add(tf.mul(tf.sqrt(v), 1 / Math.sqrt(1 - ADAM_BETA2 ** step)), adamEps);
  const move = tf.mul(tf.div(m, denominator), learningRate / (1 - ADAM_BETA1 ** step));
  return { parameters: tf.sub(parameters, move), first: m, second: v };
}

function mapColumns(columns: Columns, f: (column: Tensor) => Tensor): Columns {
  return {
    observations: f(columns.observations),
    actions: f(columns.actions),
    logProbs: f(columns.logProbs),
    advantages: f(columns.advantages),
    returns: f(columns.returns),
    values: f(columns.values),
    ...(columns.masks && { masks: f(columns.masks) }),
  };
}
