/**
 * PPO's update on TensorFlow.js: the same network, loss and Adam as the kernels. The rollout goes to the device once, the
 * parameters come back once. Gradients of the loss by the actor's and critic's outputs are written out; the rest is plain
 * backpropagation with matrix products, which every backend has.
 */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { parameterLayout } from '../../network/layout.js';
import type { LayerSpec, NetworkSpec } from '../../network/spec.js';
import type { DeviceLearner, LearnerBatch, LearnerSettings, LearnerState, LearnerStats } from '../backend.js';
import { loadTensorFlow, type TensorFlow, type TfjsBackend } from './load.js';

const BETA1 = 0.9;
const BETA2 = 0.999;
const LOG_2PI = Math.log(2 * Math.PI);

type Parameters = Map<string, Tensor2D>;

/** A rollout on the device. */
interface DeviceBatch {
  readonly observations: Tensor2D;
  readonly actions: Tensor2D;
  readonly logProbs: Tensor1D;
  readonly advantages: Tensor1D;
  readonly returns: Tensor1D;
  readonly values: Tensor1D;
}

/** Builds the learner; the backend is started here, so that what is missing is said before a run begins. */
export async function createTfjsLearner(name: TfjsBackend, network: NetworkSpec): Promise<DeviceLearner> {
  return new TfjsLearner(name, network, await loadTensorFlow(name));
}

class TfjsLearner implements DeviceLearner {
  readonly name: TfjsBackend;
  readonly #network: NetworkSpec;
  readonly #tf: TensorFlow;

  constructor(name: TfjsBackend, network: NetworkSpec, tf: TensorFlow) {
    this.name = name;
    this.#network = network;
    this.#tf = tf;
  }

  /** Tensors alive on the device: the same before and after every update. */
  get tensors(): number {
    return this.#tf.memory().numTensors;
  }

  async update(
    batch: LearnerBatch,
    permutations: readonly Int32Array[],
    minibatches: number,
    settings: LearnerSettings,
    state: LearnerState,
  ): Promise<LearnerStats> {
    const tf = this.#tf;
    const samples = batch.returns.length;
    const device = this.#upload(batch);
    let parameters = this.#split(state.parameters);
    let first = this.#split(state.firstMoments);
    let second = this.#split(state.secondMoments);
    let sums = tf.zeros([7]) as Tensor1D;
    let count = 0;
    let used = 0;
    for (const permutation of permutations) {
      const klBefore = settings.targetKl === null ? 0 : (await sums.data())[4]!;
      for (let m = 0; m < minibatches; m++) {
        const from = Math.floor((m * samples) / minibatches);
        const to = Math.floor(((m + 1) * samples) / minibatches);
        state.step++;
        const next = tf.tidy(() => {
          const rows = this.#rows(device, permutation.subarray(from, to));
          const { gradients, stats } = this.#gradients(parameters, rows, settings);
          const { norm, scale } = this.#clip(gradients, settings.maxGradNorm);
          const updated = this.#adam(parameters, first, second, gradients, scale, settings, state.step);
          return { ...updated, sums: tf.add(sums, tf.concat([stats, tf.reshape(norm, [1])])) as Tensor1D };
        });
        tf.dispose([[...parameters.values()], [...first.values()], [...second.values()], sums]);
        const names = [...parameters.keys()];
        parameters = new Map(names.map((name, k) => [name, next.parameters[k]!]));
        first = new Map(names.map((name, k) => [name, next.first[k]!]));
        second = new Map(names.map((name, k) => [name, next.second[k]!]));
        sums = next.sums;
        count++;
        used += to - from;
      }
      // The kernels stop on the mean of the minibatches' means; minibatches of one size make that the mean over samples.
      if (settings.targetKl !== null && ((await sums.data())[4]! - klBefore) / samples > settings.targetKl) break;
    }
    await this.#join(parameters, state.parameters);
    await this.#join(first, state.firstMoments);
    await this.#join(second, state.secondMoments);
    const total = await sums.data();
    tf.dispose([[...parameters.values()], [...first.values()], [...second.values()], sums, Object.values(device)]);
    return {
      policyLoss: total[0]!,
      valueLoss: total[1]!,
      entropy: total[2]!,
      oldApproxKl: total[3]!,
      approxKl: total[4]!,
      clipFraction: total[5]!,
      gradNorm: total[6]!,
      samples: used,
      minibatches: count,
    };
  }

  dispose(): void {}

  #upload(batch: LearnerBatch): DeviceBatch {
    const tf = this.#tf;
    const { distribution, observationSize } = this.#network;
    const samples = batch.returns.length;
    // Shared memory is copied: backends keep a reference to what they are given.
    const column = (values: Float32Array): Tensor1D => tf.tensor1d(new Float32Array(values.subarray(0, samples)));
    const observations = tf.tidy(() => {
      const raw = tf.tensor2d(new Float32Array(batch.observations), [samples, observationSize]);
      const scaled = tf.mul(
        tf.sub(raw, tf.tensor1d(new Float32Array(batch.mean))),
        tf.tensor1d(new Float32Array(batch.invStd)),
      );
      const clip = batch.observationClip;
      return (Number.isFinite(clip) ? tf.clipByValue(scaled, -clip, clip) : scaled) as Tensor2D;
    });
    const actions = tf.tidy(() =>
      distribution.type === 'categorical'
        ? (tf.cast(
            tf.oneHot(tf.tensor1d(new Int32Array(batch.actions), 'int32'), distribution.actions),
            'float32',
          ) as Tensor2D)
        : tf.tensor2d(new Float32Array(batch.actions), [samples, distribution.size]),
    );
    return {
      observations,
      actions,
      logProbs: column(batch.logProbs),
      advantages: column(batch.advantages),
      returns: column(batch.returns),
      values: column(batch.values),
    };
  }

  #rows(device: DeviceBatch, indices: Int32Array): DeviceBatch {
    const tf = this.#tf;
    const at = tf.tensor1d(new Int32Array(indices), 'int32');
    return {
      observations: tf.gather(device.observations, at),
      actions: tf.gather(device.actions, at),
      logProbs: tf.gather(device.logProbs, at),
      advantages: tf.gather(device.advantages, at),
      returns: tf.gather(device.returns, at),
      values: tf.gather(device.values, at),
    };
  }

  /** Loss and gradients of one minibatch; formulas as in `src/network/reference.ts`. */
  #gradients(
    parameters: Parameters,
    batch: DeviceBatch,
    settings: LearnerSettings,
  ): { gradients: Parameters; stats: Tensor1D } {
    const tf = this.#tf;
    const { distribution, actor, critic } = this.#network;
    const n = batch.returns.shape[0];
    const { clipCoef, entCoef, vfCoef } = settings;
    const advantages = settings.normAdv && n > 1 ? this.#normalised(batch.advantages) : batch.advantages;
    const actorRows = this.#forward('actor', actor, parameters, batch.observations);
    const criticRows = this.#forward('critic', critic, parameters, batch.observations);
    const outputs = actorRows.at(-1)!;
    const values = tf.squeeze<Tensor1D>(criticRows.at(-1)!, [1]);

    let logProbs: Tensor1D;
    let entropy: Tensor1D;
    let logProbByOutput: Tensor2D;
    let entropyByOutput: Tensor2D;
    const gradients: Parameters = new Map();
    let logStdTerms: { byLogProb: Tensor2D } | null = null;
    if (distribution.type === 'categorical') {
      const shifted = tf.sub(outputs, tf.max(outputs, 1, true));
      const logP = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true))) as Tensor2D;
      const p = tf.exp(logP);
      logProbs = tf.sum(tf.mul(logP, batch.actions), 1);
      entropy = tf.neg(tf.sum(tf.mul(p, logP), 1));
      logProbByOutput = tf.sub(batch.actions, p);
      entropyByOutput = tf.neg(tf.mul(p, tf.add(logP, tf.expandDims(entropy, 1))));
    } else {
      const logStd = parameters.get('logStd')!;
      const inverse = tf.exp(tf.neg(logStd));
      const z = tf.mul(tf.sub(batch.actions, outputs), inverse) as Tensor2D;
      const squares = tf.square(z);
      logProbs = tf.sum(tf.sub(tf.mul(squares, -0.5), tf.add(logStd, LOG_2PI / 2)), 1);
      entropy = tf.mul(tf.onesLike(logProbs), tf.sum(tf.add(logStd, 0.5 + LOG_2PI / 2)));
      logProbByOutput = tf.mul(z, inverse);
      entropyByOutput = tf.zerosLike(outputs);
      logStdTerms = { byLogProb: tf.sub(squares, 1) };
    }

    const logRatio = tf.sub(logProbs, batch.logProbs);
    const ratio = tf.exp(logRatio);
    const plain = tf.mul(tf.neg(advantages), ratio);
    const clipped = tf.mul(tf.neg(advantages), tf.clipByValue(ratio, 1 - clipCoef, 1 + clipCoef));
    const policyLoss = tf.maximum(plain, clipped);
    // Where the clipped surrogate is the larger one, its ratio is at a bound and has no gradient.
    const active = tf.cast(tf.greaterEqual(plain, clipped), 'float32');
    const byLogProb = tf.div(tf.mul(plain, active), n);

    const error = tf.sub(values, batch.returns);
    let valueLoss = tf.mul(tf.square(error), 0.5);
    let byValue = error;
    if (settings.clipVloss) {
      const moved = tf.sub(values, batch.values);
      const near = tf.add(batch.values, tf.clipByValue(moved, -clipCoef, clipCoef));
      const clippedError = tf.sub(near, batch.returns);
      const clippedLoss = tf.mul(tf.square(clippedError), 0.5);
      const plainWins = tf.cast(tf.greaterEqual(valueLoss, clippedLoss), 'float32');
      const inside = tf.cast(tf.lessEqual(tf.abs(moved), clipCoef), 'float32');
      byValue = tf.add(tf.mul(error, plainWins), tf.mul(tf.mul(clippedError, inside), tf.sub(1, plainWins)));
      valueLoss = tf.maximum(valueLoss, clippedLoss);
    }

    const byOutput = tf.sub(
      tf.mul(tf.expandDims(byLogProb, 1), logProbByOutput),
      tf.mul(entropyByOutput, entCoef / n),
    ) as Tensor2D;
    this.#backward('actor', actor, parameters, batch.observations, actorRows, byOutput, gradients);
    const byCritic = tf.expandDims(tf.mul(byValue, vfCoef / n), 1) as Tensor2D;
    this.#backward('critic', critic, parameters, batch.observations, criticRows, byCritic, gradients);
    if (logStdTerms !== null) {
      const fromPolicy = tf.sum(tf.mul(tf.expandDims(byLogProb, 1), logStdTerms.byLogProb), 0, true);
      gradients.set('logStd', tf.sub(fromPolicy, entCoef));
    }
    const clippedCount = tf.sum(tf.cast(tf.greater(tf.abs(tf.sub(ratio, 1)), clipCoef), 'float32'));
    const k3 = tf.sub(tf.sub(ratio, 1), logRatio);
    const stats = tf.stack([
      tf.sum(policyLoss),
      tf.sum(valueLoss),
      tf.sum(entropy),
      tf.neg(tf.sum(logRatio)),
      tf.sum(k3),
      clippedCount,
    ]);
    return { gradients, stats: stats as Tensor1D };
  }

  #normalised(advantages: Tensor1D): Tensor1D {
    const tf = this.#tf;
    const centred = tf.sub(advantages, tf.mean(advantages));
    const variance = tf.div(tf.sum(tf.square(centred)), advantages.shape[0] - 1);
    return tf.div(centred, tf.add(tf.sqrt(variance), 1e-8));
  }

  /** Rows after every layer. */
  #forward(tower: string, layers: readonly LayerSpec[], parameters: Parameters, input: Tensor2D): Tensor2D[] {
    const tf = this.#tf;
    const rows: Tensor2D[] = [];
    layers.forEach((layer, k) => {
      const weight = parameters.get(`${tower}.${k}.weight`)!;
      const bias = parameters.get(`${tower}.${k}.bias`)!;
      const sum = tf.add(tf.matMul(rows.at(-1) ?? input, weight), bias) as Tensor2D;
      rows.push(layer.activation === 'tanh' ? tf.tanh(sum) : layer.activation === 'relu' ? tf.relu(sum) : sum);
    });
    return rows;
  }

  #backward(
    tower: string,
    layers: readonly LayerSpec[],
    parameters: Parameters,
    input: Tensor2D,
    rows: readonly Tensor2D[],
    byOutput: Tensor2D,
    gradients: Parameters,
  ): void {
    const tf = this.#tf;
    let signal = byOutput;
    for (let k = layers.length - 1; k >= 0; k--) {
      const { activation } = layers[k]!;
      const output = rows[k]!;
      if (activation === 'tanh') signal = tf.mul(signal, tf.sub(1, tf.square(output)));
      else if (activation === 'relu') signal = tf.mul(signal, tf.cast(tf.greater(output, 0), 'float32'));
      gradients.set(`${tower}.${k}.weight`, tf.matMul(rows[k - 1] ?? input, signal, true, false));
      gradients.set(`${tower}.${k}.bias`, tf.sum(signal, 0, true));
      if (k > 0) signal = tf.matMul(signal, parameters.get(`${tower}.${k}.weight`)!, false, true);
    }
  }

  #clip(
    gradients: Parameters,
    maxNorm: number,
  ): { norm: ReturnType<TensorFlow['scalar']>; scale: ReturnType<TensorFlow['scalar']> } {
    const tf = this.#tf;
    const squares = [...gradients.values()].map((gradient) => tf.sum(tf.square(gradient)));
    const norm = tf.sqrt(tf.addN(squares)) as ReturnType<TensorFlow['scalar']>;
    if (!Number.isFinite(maxNorm)) return { norm, scale: tf.scalar(1) };
    return { norm, scale: tf.minimum(1, tf.div(maxNorm, tf.add(norm, 1e-6))) };
  }

  #adam(
    parameters: Parameters,
    first: Parameters,
    second: Parameters,
    gradients: Parameters,
    scale: ReturnType<TensorFlow['scalar']>,
    settings: LearnerSettings,
    step: number,
  ): { parameters: Tensor2D[]; first: Tensor2D[]; second: Tensor2D[] } {
    const tf = this.#tf;
    const correction1 = 1 - BETA1 ** step;
    const correction2 = 1 - BETA2 ** step;
    const next = { parameters: [] as Tensor2D[], first: [] as Tensor2D[], second: [] as Tensor2D[] };
    for (const [name, parameter] of parameters) {
      const gradient = tf.mul(gradients.get(name)!, scale);
      const m = tf.add(tf.mul(first.get(name)!, BETA1), tf.mul(gradient, 1 - BETA1)) as Tensor2D;
      const v = tf.add(tf.mul(second.get(name)!, BETA2), tf.mul(tf.square(gradient), 1 - BETA2)) as Tensor2D;
      const denominator = tf.add(tf.div(tf.sqrt(v), Math.sqrt(correction2)), settings.adamEps);
      next.parameters.push(tf.sub(parameter, tf.mul(tf.div(m, denominator), settings.learningRate / correction1)));
      next.first.push(m);
      next.second.push(v);
    }
    return next;
  }

  /** One matrix a slice; biases and `logStd` are rows. */
  #split(flat: Float32Array): Parameters {
    const tf = this.#tf;
    return new Map(
      parameterLayout(this.#network).slices.map(({ name, shape, offset, size }) => {
        const [rows, columns] = shape.length === 2 ? [shape[0]!, shape[1]!] : [1, size];
        return [name, tf.tensor2d(flat.slice(offset, offset + size), [rows, columns])];
      }),
    );
  }

  async #join(parameters: Parameters, flat: Float32Array): Promise<void> {
    for (const { name, offset } of parameterLayout(this.#network).slices)
      flat.set(await parameters.get(name)!.data<'float32'>(), offset);
  }
}
