import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import * as tf from '@tensorflow/tfjs-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LearnerBatch, LearnerSettings, LearnerState, LearnerStats } from '../../../src/backends/backend.js';
import { backendStatuses, chooseBackend } from '../../../src/backends/choose.js';
import { Generator } from '../../../src/core/seeding/generator.js';
import { GymkhanaError, train } from '../../../src/index.js';
import { initialParameters, mlpNetwork } from '../../../src/network/init.js';
import type { Distribution, NetworkSpec } from '../../../src/network/spec.js';
import { actionWidth, actorOutputs, choiceSizes, isMasked } from '../../../src/network/validate.js';
import { referenceUpdate } from '../../support/reference-update.js';

/**
 * Largest |a - b| of a parameter after two epochs of three minibatches, TensorFlow.js in float32 against the float64
 * reference; a parameter moves by up to 6e-3 meanwhile. Measured: 2.8e-7 at most.
 */
const PARAMETERS_BOUND = 2e-6;
/** The same for Adam's moments, over the largest of them. Measured: 3.3e-7 at most. */
const MOMENTS_BOUND = 2e-6;
/** Largest |a - b| of a stat's mean over samples, and of the gradient's mean norm. Measured: 2.1e-7 at most. */
const STATS_BOUND = 1e-6;

const errorHandlers = (): number =>
  process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection');
const handlersBefore = errorHandlers();

const SAMPLES = 200;
const INPUTS = 5;
const CLIP = 2;

const DISTRIBUTIONS: readonly Distribution[] = [
  { type: 'categorical', actions: 3 },
  { type: 'categorical', actions: 3, masked: true },
  { type: 'multi-categorical', nvec: [3, 2] },
  { type: 'multi-categorical', nvec: [2, 4, 3], masked: true },
  { type: 'gaussian', size: 2, logStdInit: -0.3 },
];
const SETTINGS: LearnerSettings = {
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

interface Problem {
  readonly network: NetworkSpec;
  readonly batch: LearnerBatch;
  readonly permutations: readonly Int32Array[];
  fresh(): LearnerState;
}

/** A rollout whose ratios and values are partly clipped; its 200 samples make three minibatches of unequal size. */
function problem(distribution: Distribution, activation: 'tanh' | 'relu'): Problem {
  const network = mlpNetwork({ observationSize: INPUTS, hidden: [17, 8], distribution, activation });
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

const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  assert.is(a.length, b.length);
  // A NaN on either side must not pass as close.
  return Array.from(a, (x, i) => Math.abs(x - b[i]!)).reduce((most, d) => (d <= most ? most : d), 0);
};

const largest = (values: ArrayLike<number>): number => apart(values, new Float64Array(values.length));

for (const name of ['tfjs:cpu', 'tfjs:wasm']) {
  for (const distribution of DISTRIBUTIONS) {
    for (const activation of ['tanh', 'relu'] as const) {
      for (const settings of [SETTINGS, { ...SETTINGS, clipVloss: false, normAdv: false, maxGradNorm: 100 }]) {
        const options = settings.normAdv ? 'all details' : 'plain loss';
        test(`${name}: an update agrees with the float64 reference, ${distribution.type} ${activation}, ${options}`, async () => {
          const p = problem(distribution, activation);
          const want = referenceUpdate(p.network, p.batch, p.permutations, 3, settings, p.fresh());
          const { learner } = await chooseBackend(name, p.network);
          const state = p.fresh();
          const stats = await learner!.update(p.batch, p.permutations, 3, settings, state);
          assert.is(state.step, 6);
          const moved = apart(state.parameters, p.fresh().parameters);
          assert.ok(moved > 1e-3, `the update moves parameters: ${moved}`);
          const d = apart(state.parameters, want.parameters);
          assert.ok(d < PARAMETERS_BOUND, `parameters differ by ${d}`);
          const first = apart(state.firstMoments, want.adam.firstMoments) / largest(want.adam.firstMoments);
          const second = apart(state.secondMoments, want.adam.secondMoments) / largest(want.adam.secondMoments);
          assert.ok(Math.max(first, second) < MOMENTS_BOUND, `moments differ by ${first} and ${second} of the largest`);
          for (const [key, value] of Object.entries(want.stats) as [keyof LearnerStats, number][]) {
            const off = Math.abs(stats[key] - value) / (key === 'gradNorm' ? 6 : 2 * SAMPLES);
            assert.ok(off < STATS_BOUND, `${key}: ${stats[key]} instead of ${value}`);
          }
        });
      }
    }
  }

  test(`${name}: targetKl ends the epochs after the one that passes it`, async () => {
    const p = problem(DISTRIBUTIONS[0]!, 'tanh');
    const { learner } = await chooseBackend(name, p.network);
    const state = p.fresh();
    const stopped = await learner!.update(p.batch, p.permutations, 3, { ...SETTINGS, targetKl: 1e-9 }, state);
    assert.equal([stopped.minibatches, stopped.samples, state.step], [3, SAMPLES, 3]);
    const one = p.fresh();
    await learner!.update(p.batch, p.permutations.slice(0, 1), 3, SETTINGS, one);
    assert.equal(state, one);
    const whole = await learner!.update(p.batch, p.permutations, 3, { ...SETTINGS, targetKl: 1e9 }, p.fresh());
    assert.is(whole.minibatches, 6);
  });

  test(`${name}: numbers that are not finite leave parameters and moments as they were`, async () => {
    const p = problem(DISTRIBUTIONS[1]!, 'tanh');
    const { learner } = await chooseBackend(name, p.network);
    const returns = p.batch.returns.slice();
    returns[11] = Number.NaN;
    const state = p.fresh();
    const stats = await learner!.update({ ...p.batch, returns }, p.permutations, 3, SETTINGS, state);
    assert.ok(Number.isNaN(stats.gradNorm), 'which the algorithm reports');
    assert.equal(state, p.fresh());
  });

  test(`${name}: updates leave no tensor behind, failed ones neither`, async () => {
    const p = problem(DISTRIBUTIONS[0]!, 'relu');
    const { learner } = await chooseBackend(name, p.network);
    const before = tf.memory().numTensors;
    for (let k = 0; k < 3; k++) {
      await learner!.update(p.batch, p.permutations, 3, { ...SETTINGS, targetKl: 1 }, p.fresh());
      assert.is(tf.memory().numTensors, before);
    }
    const short = { ...p.batch, observations: p.batch.observations.slice(1) };
    let failed = false;
    await learner!.update(short, p.permutations, 3, SETTINGS, p.fresh()).catch(() => {
      failed = true;
    });
    assert.ok(failed);
    assert.is(tf.memory().numTensors, before);
  });
}

for (const name of ['tfjs:cpu', 'tfjs:wasm']) {
  test(`${name}: tensors and bytes stay what they are over 1,000 updates, each of which reads once`, async () => {
    const p = problem(DISTRIBUTIONS[0]!, 'tanh');
    const samples = 16;
    const first = (column: Float32Array): Float32Array => column.slice(0, samples);
    const batch: LearnerBatch = {
      ...p.batch,
      observations: p.batch.observations.slice(0, samples * INPUTS),
      actions: p.batch.actions.slice(0, samples),
      logProbs: first(p.batch.logProbs),
      advantages: first(p.batch.advantages),
      returns: first(p.batch.returns),
      values: first(p.batch.values),
    };
    const order = [Int32Array.from({ length: samples }, (_, i) => samples - 1 - i)];
    const { learner } = await chooseBackend(name, p.network);
    const state = p.fresh();
    const settings = { ...SETTINGS, learningRate: 1e-5 };
    await learner!.update(batch, order, 2, settings, state);
    const { numTensors, numBytes } = tf.memory();
    const { dataSync } = tf.Tensor.prototype;
    let reads = 0;
    tf.Tensor.prototype.dataSync = function (...args) {
      reads++;
      return dataSync.apply(this, args) as never;
    };
    try {
      for (let k = 0; k < 1000; k++) await learner!.update(batch, order, 2, settings, state);
    } finally {
      tf.Tensor.prototype.dataSync = dataSync;
    }
    assert.equal([tf.memory().numTensors, tf.memory().numBytes], [numTensors, numBytes]);
    assert.is(reads, 1000);
    assert.is(state.step, 2002);
  });
}

test('two learners keep their own backends, whatever started last', async () => {
  const p = problem(DISTRIBUTIONS[0]!, 'tanh');
  const alone = async (name: string): Promise<Float32Array> => {
    const { learner } = await chooseBackend(name, p.network);
    const state = p.fresh();
    await learner!.update(p.batch, p.permutations, 3, SETTINGS, state);
    return state.parameters;
  };
  const [cpu, wasm] = [await alone('tfjs:cpu'), await alone('tfjs:wasm')];
  assert.not.equal(cpu, wasm, 'their last bits tell them apart');
  const first = (await chooseBackend('tfjs:cpu', p.network)).learner!;
  const second = (await chooseBackend('tfjs:wasm', p.network)).learner!;
  const states = [p.fresh(), p.fresh()] as const;
  await Promise.all([
    first.update(p.batch, p.permutations, 3, SETTINGS, states[0]),
    second.update(p.batch, p.permutations, 3, SETTINGS, states[1]),
  ]);
  assert.equal(states[0].parameters, cpu);
  assert.equal(states[1].parameters, wasm);
});

test("the WebAssembly runtime leaves the process's error handling alone", () => {
  assert.is(errorHandlers(), handlersBefore);
});

test('a learner that cannot run is a named error that says what to do, before the run has a directory', async () => {
  const status = (await backendStatuses()).find(({ name }) => name === 'tfjs:tensorflow')!;
  if (status.available) return assert.match(status.detail, /native TensorFlow on (a GPU|the processor)/);
  const folder = mkdtempSync(join(tmpdir(), 'gymkhana-unavailable-'));
  try {
    let error: unknown;
    await train({ env: 'CartPole-v1', backend: 'tfjs:tensorflow', runDir: join(folder, 'run') }).catch((caught) => {
      error = caught;
    });
    assert.instance(error, GymkhanaError);
    assert.is((error as GymkhanaError).code, 'BACKEND_UNAVAILABLE');
    assert.match((error as GymkhanaError).message, /'tfjs:tensorflow' cannot run here: .*npm run link-tf/);
    assert.equal(readdirSync(folder), []);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
