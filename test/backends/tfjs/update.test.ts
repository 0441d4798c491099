import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import * as tf from '@tensorflow/tfjs-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LearnerStats } from '../../../src/backends/backend.js';
import { backendStatus, chooseBackend } from '../../../src/backends/choose.js';
import { GymkhanaError, train } from '../../../src/index.js';
import { policyNetwork } from '../../../src/network/build.js';
import {
  apart,
  DISTRIBUTIONS,
  INPUTS,
  largest,
  networkProblem,
  problem,
  referenceState,
  referenceUpdate,
  SAMPLES,
  SETTINGS,
} from '../../support/learner-problem.js';
import { NETWORK_CASES } from '../../support/network-cases.js';

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

for (const name of ['tfjs:cpu', 'tfjs:wasm']) {
  for (const distribution of DISTRIBUTIONS) {
    for (const activation of ['tanh', 'relu'] as const) {
      for (const settings of [SETTINGS, { ...SETTINGS, clipVloss: false, normAdv: false, maxGradNorm: 100 }]) {
        const options = settings.normAdv ? 'all details' : 'plain loss';
        test(`${name}: an update agrees with the float64 reference, ${distribution.type} ${activation}, ${options}`, async () => {
          const p = problem(distribution, activation);
          const want = referenceUpdate(p, 3, settings, referenceState(p));
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

const CASES = Object.fromEntries(NETWORK_CASES);
for (const [name, kind, options] of [
  ['tfjs:cpu', 'dense', { observationSize: INPUTS, hidden: [17, 8], distribution: DISTRIBUTIONS[0]! }],
  ['tfjs:wasm', 'dense', { observationSize: INPUTS, hidden: [17, 8], distribution: DISTRIBUTIONS[0]! }],
  ...['a shared trunk with GELU', 'a small CNN', 'a GRU'].map((kind) => ['tfjs:wasm', kind, CASES[kind]!] as const),
] as const) {
  test(`${name}, ${kind}: tensors and bytes stay what they are over 1,000 updates, each of which reads once`, async () => {
    const p = networkProblem(policyNetwork(options), 20);
    const order = p.permutations.slice(0, 1);
    const { learner } = await chooseBackend(name, p.network);
    const state = p.fresh();
    const settings = { ...SETTINGS, learningRate: 1e-5 };
    await learner!.update(p.batch, order, 2, settings, state);
    const { numTensors, numBytes } = tf.memory();
    const { dataSync } = tf.Tensor.prototype;
    let reads = 0;
    tf.Tensor.prototype.dataSync = function (...args) {
      reads++;
      return dataSync.apply(this, args) as never;
    };
    try {
      for (let k = 0; k < 1000; k++) await learner!.update(p.batch, order, 2, settings, state);
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
  const status = await backendStatus('tfjs:tensorflow');
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
