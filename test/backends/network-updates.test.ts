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
  SAMPLES,
  SETTINGS,
} from '../support/learner-problem.js';
import { NETWORK_CASES } from '../support/network-cases.js';

/** How far a learner in float32 may be from float64. */
interface Bounds {
  /** Largest |a - b| of a parameter after six Adam steps of 1e-3. */
  readonly parameters: number;
  /** Of Adam's moments, over the largest of them. */
  readonly moments: number;
  /** Of a loss's mean over samples and of the gradient's mean norm, over max(1, that). */
  readonly stats: number;
}
/** Measured: 2.3e-7, 1.7e-6 and 4.0e-7 at most. */
const BOUNDS: Bounds = { parameters: 5e-6, moments: 2e-5, stats: 5e-6 };
/**
 * WebAssembly's convolutions add a filter's slopes up over all places and samples one after the other, and lose digits on it. Measured: 1.1e-4,
 * 8.6e-4 and 2.3e-5 at most, those of the IMPALA network, whose slopes reach 1e3.
 */
const WASM_PICTURES: Bounds = { parameters: 5e-4, moments: 4e-3, stats: 1e-4 };

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
  // Sample by sample in float64, pictures take long.
  const p = networkProblem(network, network.picture === undefined ? SAMPLES : 20);
  const want = referenceState(p);
  const { stats: expected } = referenceUpdate(p, 3, SETTINGS, want);
  for (const [learnerName, create] of LEARNERS) {
    // Plain JavaScript takes minutes for the larger encoders.
    if (learnerName === 'tfjs:cpu' && network.picture !== undefined && name !== 'a small CNN') continue;
    test(`${name}: an update by ${learnerName} is the reference's`, async () => {
      const bounds = learnerName === 'tfjs:wasm' && network.picture !== undefined ? WASM_PICTURES : BOUNDS;
      const learner = await create(network);
      const state = p.fresh();
      const stats = await learner.update(p.batch, p.permutations, 3, SETTINGS, state);
      const held = (): number => (learnerName.startsWith('tfjs') ? tf.memory().numTensors : 0);
      const tensors = held();
      await learner.update(p.batch, p.permutations, 3, SETTINGS, p.fresh());
      assert.is(held(), tensors, 'no tensor is left over');
      learner.dispose();
      assert.is(state.step, want.adam.step);
      assert.equal([stats.samples, stats.minibatches], [expected.samples, expected.minibatches]);
      for (const [key, value] of Object.entries(expected) as [keyof typeof expected, number][]) {
        const count = key === 'gradNorm' ? stats.minibatches : stats.samples;
        const far = Math.abs(stats[key] - value) / Math.max(count, Math.abs(value));
        assert.ok(far < bounds.stats, `${key}: ${stats[key]} instead of ${value}`);
      }
      assert.ok(apart(state.parameters, p.fresh().parameters) > 1e-3, 'the update moves parameters');
      const d = apart(state.parameters, want.parameters);
      assert.ok(d < bounds.parameters, `parameters differ by ${d}`);
      const first = apart(state.firstMoments, want.adam.firstMoments) / largest(want.adam.firstMoments);
      const second = apart(state.secondMoments, want.adam.secondMoments) / largest(want.adam.secondMoments);
      assert.ok(Math.max(first, second) < bounds.moments, `moments differ by ${first} and ${second} of the largest`);
    });
  }
}

test.run();
