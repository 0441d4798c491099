/**
 * `onnx:webgpu` on whatever adapter there is, SwiftShader at the last. The tests run in a process of their own, because an adapter in
 * software has to be named before a process starts. Software is slow: `npm run test:webgpu` has ten updates of each network and trainings.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeviceLearner, LearnerStats } from '../../../src/backends/backend.js';
import { backendStatus, chooseBackend, measurableDevices } from '../../../src/backends/choose.js';
import { OnnxLearner } from '../../../src/backends/onnx/device-learner.js';
import { train } from '../../../src/index.js';
import { policyNetwork } from '../../../src/network/build.js';
import { mlpNetwork } from '../../../src/network/init.js';
import {
  apart,
  DISTRIBUTIONS,
  INPUTS,
  largest,
  networkProblem,
  problem,
  referenceState,
  referenceUpdate,
  residentMiB,
  SAMPLES,
  SETTINGS,
} from '../../support/learner-problem.js';
import { NETWORK_CASES } from '../../support/network-cases.js';
import { skipped } from '../../support/skip.js';
import { temporaryFolder } from '../../support/temporary.js';
import { webgpuEnvironment } from '../../support/webgpu.js';

/** Largest |a - b| of a parameter after eighteen Adam steps of 1e-3 against the float64 reference. Measured on SwiftShader: 3.6e-7. */
const PARAMETERS_BOUND = 5e-6;
/** The same for Adam's moments, over the largest of them. Measured on SwiftShader: 7.5e-7. */
const MOMENTS_BOUND = 5e-6;
/** Largest |a - b| of a stat's mean over samples. Measured on SwiftShader: 2.1e-7. */
const STATS_BOUND = 2e-6;

/** Samples of pictures, six a minibatch. */
const PICTURES = 18;
/** One network of each kind. The small CNN has 6 channels, and 6 in its slopes by weights, which the provider gets wrong by itself. */
const OVER_LAYERS = ['layer norm and SiLU', 'a small CNN on stacked colours', 'an LSTM after a frozen layer'];

const INSIDE = 'GYMKHANA_TEST_WEBGPU';

function outside(): void {
  const name = 'the learner onnx:webgpu, on an adapter';
  const { env, missing } = webgpuEnvironment();
  if (env === null) {
    skipped(name, missing);
    test.skip(name, () => {});
    return;
  }
  test(name, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url)], {
      env: { ...env, [INSIDE]: '1' },
      encoding: 'utf8',
      timeout: 560_000,
    });
    process.stdout.write(stdout);
    assert.is(status, 0, `${stdout}\n${stderr}`);
  });
}

async function webgpu(p: ReturnType<typeof problem>): Promise<DeviceLearner> {
  const { name, learner } = await chooseBackend('onnx:webgpu', p.network);
  assert.is(name, 'onnx:webgpu');
  return learner!;
}

function inside(): void {
  for (const [k, settings] of [
    [3, { ...SETTINGS, targetKl: 0.06, clipVloss: false }],
    [4, { ...SETTINGS, normAdv: false, maxGradNorm: 0.02 }],
  ] as const) {
    const distribution = DISTRIBUTIONS[k]!;
    test(`webgpu: three updates agree with the float64 reference, ${distribution.type}`, async () => {
      const p = problem(distribution, 'tanh');
      const learner = await webgpu(p);
      const [state, want] = [p.fresh(), referenceState(p)];
      for (let round = 0; round < 3; round++) {
        const expected = referenceUpdate(p, 3, settings, want).stats;
        const stats = await learner.update(p.batch, p.permutations, 3, settings, state);
        assert.equal([stats.minibatches, stats.samples], [expected.minibatches, expected.samples]);
        if (round > 0) continue;
        for (const [key, value] of Object.entries(expected) as [keyof LearnerStats, number][]) {
          const off = Math.abs(stats[key] - value) / (key === 'gradNorm' ? stats.minibatches : stats.samples);
          assert.ok(off < STATS_BOUND, `${key}: ${stats[key]} instead of ${value}`);
        }
      }
      learner.dispose();
      assert.is(state.step, want.adam.step);
      const d = apart(state.parameters, want.parameters);
      assert.ok(d < PARAMETERS_BOUND, `parameters differ by ${d}`);
      const first = apart(state.firstMoments, want.adam.firstMoments) / largest(want.adam.firstMoments);
      const second = apart(state.secondMoments, want.adam.secondMoments) / largest(want.adam.secondMoments);
      assert.ok(Math.max(first, second) < MOMENTS_BOUND, `moments differ by ${first} and ${second} of the largest`);
    });
  }

  for (const [name, options] of NETWORK_CASES) {
    if (!OVER_LAYERS.includes(name)) continue;
    test(`webgpu: an update of ${name} agrees with the float64 reference`, async () => {
      const network = policyNetwork({ actorGain: 0.5, ...options });
      const p = networkProblem(network, network.picture === undefined ? SAMPLES : PICTURES);
      const learner = await webgpu(p);
      const [state, want] = [p.fresh(), referenceState(p)];
      referenceUpdate(p, 3, SETTINGS, want);
      await learner.update(p.batch, p.permutations, 3, SETTINGS, state);
      learner.dispose();
      assert.ok(apart(state.parameters, p.fresh().parameters) > 1e-3);
      const d = apart(state.parameters, want.parameters);
      assert.ok(d < PARAMETERS_BOUND, `parameters differ by ${d}`);
    });
  }

  test('webgpu: a loop inside the model comes to the same as a run for each minibatch', async () => {
    const p = problem(DISTRIBUTIONS[0]!, 'relu');
    const states = [p.fresh(), p.fresh()] as const;
    for (const [k, scheme] of (['steps', 'loop'] as const).entries()) {
      const learner = new OnnxLearner('onnx:webgpu', 'webgpu', p.network, scheme);
      const stats = await learner.update(p.batch, p.permutations, 3, SETTINGS, states[k]!);
      assert.is(stats.samples, 2 * SAMPLES);
      learner.dispose();
    }
    assert.ok(apart(states[0].parameters, p.fresh().parameters) > 1e-3);
    assert.ok(apart(states[0].parameters, states[1].parameters) < 1e-7);
  });

  test('webgpu: values on the device are given back: memory stays what it is over many updates', async () => {
    // 1.6 MiB of parameters and moments, which every update makes anew.
    const p = networkProblem(
      mlpNetwork({ observationSize: INPUTS, hidden: [256, 256], distribution: DISTRIBUTIONS[0]! }),
      10,
    );
    const learner = await webgpu(p);
    const state = p.fresh();
    const one = p.permutations.slice(0, 1);
    const round = async (): Promise<number> => {
      for (let k = 0; k < 8; k++) await learner.update(p.batch, one, 1, { ...SETTINGS, learningRate: 1e-5 }, state);
      return residentMiB();
    };
    await round();
    const [before, after] = [await round(), await round()];
    assert.ok(after - before < 8, `${before.toFixed(0)} MiB, then ${after.toFixed(0)} MiB`);
    learner.dispose();
  });

  test('webgpu: a whole run has the losses of the kernels', async () => {
    const config = { totalSteps: 1024, numEnvs: 16, numSteps: 16, minibatchSize: 128, updateEpochs: 1 };
    const losses = async (backend: 'kernels' | 'onnx:webgpu'): Promise<Record<string, number>[]> => {
      const runDir = join(temporaryFolder(), 'run');
      const summary = await train({ env: 'CartPole-v1', backend, runDir, config, seed: 3 });
      assert.is(summary.backend, backend);
      const lines = readFileSync(join(runDir, 'metrics.jsonl'), 'utf8').trim().split('\n');
      return lines.map((line) => JSON.parse(line) as Record<string, number>);
    };
    const [kernels, device] = [await losses('kernels'), await losses('onnx:webgpu')];
    assert.is(device.length, 4);
    for (const [k, line] of device.entries()) {
      const keys = Object.keys(line).filter((key) => key.startsWith('losses/'));
      assert.ok(keys.length >= 7, keys.join());
      for (const key of keys) {
        const want = kernels[k]![key]!;
        assert.ok(
          Math.abs(line[key]! - want) < 1e-4 * Math.max(1, Math.abs(want)),
          `${key}: ${line[key]}, not ${want}`,
        );
      }
    }
  });

  test('webgpu: doctor names the adapter; one in software is never measured for auto', async () => {
    const { available, detail } = await backendStatus('onnx:webgpu');
    assert.ok(available, detail);
    assert.match(detail, /^ONNX Runtime 1\.\d+\.\d+ on /);
    const software = detail.includes('a program plays the device');
    if (/swiftshader/i.test(detail)) assert.ok(software, detail);
    const measured = (await measurableDevices()).some(({ name }) => name === 'onnx:webgpu');
    assert.is(measured, !software);
  });
}

if (process.env[INSIDE] === '1') inside();
else outside();

test.run();
