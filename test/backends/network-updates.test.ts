/** Whole updates of networks that the kernels do not know, by every learner outside of the workers, against the float64 reference. */
import * as tf from '@tensorflow/tfjs-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeviceLearner } from '../../src/backends/backend.js';
import { chooseBackend } from '../../src/backends/choose.js';
import { OnnxLearner } from '../../src/backends/onnx/device-learner.js';
import { policyNetwork } from '../../src/network/build.js';
import type { NetworkSpec } from '../../src/network/spec.js';
import {
  apart,
  largest,
  networkProblem,
  referenceState,
  referenceUpdate,
  SETTINGS,
} from '../support/learner-problem.js';
import { NETWORK_CASES } from '../support/network-cases.js';

/** Largest |a - b| of a parameter after six Adam steps of 1e-3, in float32 against float64. */
const PARAMETERS_BOUND = 5e-6;
/** Of Adam's moments, over the largest of them. */
const MOMENTS_BOUND = 2e-5;
/** Of a loss's mean over samples, and of the gradient's mean norm. */
const STATS_BOUND = 5e-6;

const tfjs =
  (name: string) =>
  async (network: NetworkSpec): Promise<DeviceLearner> =>
    (await chooseBackend(name, network)).learner!;
const LEARNERS: readonly (readonly [string, (network: NetworkSpec) => Promise<DeviceLearner>])[] = [
  ['onnx in a loop', async (network) => new OnnxLearner('onnx:cuda', 'cpu', network, 'loop')],
  ['onnx step by step', async (network) => new OnnxLearner('onnx:webgpu', 'cpu', network, 'steps')],
  ['tfjs:wasm', tfjs('tfjs:wasm')],
  ['tfjs:cpu', tfjs('tfjs:cpu')],
];

for (const [name, options] of NETWORK_CASES) {
  const network = policyNetwork({ actorGain: 0.5, ...options });
  const p = networkProblem(network);
  const want = referenceState(p);
  const { stats: expected } = referenceUpdate(p, 3, SETTINGS, want);
  for (const [learnerName, create] of LEARNERS) {
    // Plain JavaScript takes minutes for the larger encoders.
    if (learnerName === 'tfjs:cpu' && network.picture !== undefined && name !== 'a small CNN') continue;
    test(`${name}: an update by ${learnerName} is the reference's`, async () => {
      const learner = await create(network);
      const state = p.fresh();
      const stats = await learner.update(p.batch, p.permutations, 3, SETTINGS, state);
      const tensors = tf.memory().numTensors;
      await learner.update(p.batch, p.permutations, 3, SETTINGS, p.fresh());
      assert.is(tf.memory().numTensors, tensors, 'no tensor is left over');
      learner.dispose();
      assert.is(state.step, want.adam.step);
      assert.equal([stats.samples, stats.minibatches], [expected.samples, expected.minibatches]);
      for (const [key, value] of Object.entries(expected) as [keyof typeof expected, number][]) {
        const off = Math.abs(stats[key] - value) / (key === 'gradNorm' ? stats.minibatches : stats.samples);
        assert.ok(off < STATS_BOUND, `${key}: ${stats[key]} instead of ${value}`);
      }
      assert.ok(apart(state.parameters, p.fresh().parameters) > 1e-3, 'the update moves parameters');
      const d = apart(state.parameters, want.parameters);
      assert.ok(d < PARAMETERS_BOUND, `parameters differ by ${d}`);
      const first = apart(state.firstMoments, want.adam.firstMoments) / largest(want.adam.firstMoments);
      const second = apart(state.secondMoments, want.adam.secondMoments) / largest(want.adam.secondMoments);
      assert.ok(Math.max(first, second) < MOMENTS_BOUND, `moments differ by ${first} and ${second} of the largest`);
    });
  }
}

test.run();
