import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { networkFor } from '../../../agents/common/problem.js';
import { defaultPpoConfig, type PpoConfig } from '../../../agents/ppo/config.js';
import { Ppo } from '../../../agents/ppo/ppo.js';
import { chooseBackend } from '../../../src/backends/choose.js';
import { backendStatuses, evaluate, GymkhanaError, makeFromSpec, spec, train } from '../../../src/index.js';

/**
 * Largest difference between a parameter after one update by the kernels and by TensorFlow.js, both in float32: 8 Adam
 * steps of 1e-3. Measured: 6.0e-8.
 */
const BOUND = 1e-6;
/** The same for the means that become metrics, over max(1, |mean|). Measured: 2.7e-6. */
const STATS_BOUND = 1e-5;

const cases: readonly [string, Partial<PpoConfig>][] = [
  ['CartPole-v1', { activation: 'tanh' }],
  ['CartPole-v1', { activation: 'relu', clipVloss: false, normAdv: false, entCoef: 0.01, hidden: [32] }],
  ['Pendulum-v1', { activation: 'tanh', entCoef: 0.01 }],
  ['Pendulum-v1', { activation: 'relu', maxGradNorm: 1e9, normObs: false }],
];

async function oneUpdate(id: string, settings: Partial<PpoConfig>, backend: string) {
  const config = {
    ...defaultPpoConfig,
    numEnvs: 16,
    numSteps: 16,
    numMinibatches: 4,
    updateEpochs: 2,
    totalSteps: 256 * 4,
    ...settings,
  };
  const env = await makeFromSpec(spec(id));
  const network = networkFor(env, config);
  const { learner } = await chooseBackend(backend, network);
  const ppo = await Ppo.create(config, {
    spec: spec(id),
    network,
    seed: 3,
    workers: 2,
    measures: [],
    ...(learner && { learner }),
  });
  const { losses } = await ppo.iterate();
  const parameters = ppo.state.parameters.slice();
  const tensors: number[] = [];
  for (let k = 0; k < 2; k++) {
    await ppo.iterate();
    tensors.push(learner === null ? 0 : tf.memory().numTensors);
  }
  await ppo.close();
  return { parameters, losses, tensors };
}

for (const backend of ['tfjs:cpu', 'tfjs:wasm']) {
  for (const [id, settings] of cases) {
    test(`${backend}: one full update agrees with the kernels', ${id} ${JSON.stringify(settings)}`, async () => {
      const kernels = await oneUpdate(id, settings, 'kernels');
      const device = await oneUpdate(id, settings, backend);
      const difference = kernels.parameters.reduce(
        (most, value, k) => Math.max(most, Math.abs(value - device.parameters[k]!)),
        0,
      );
      assert.ok(difference < BOUND, `parameters differ by ${difference}`);
      for (const [name, value] of Object.entries(kernels.losses)) {
        const other = device.losses[name]!;
        assert.ok(
          Math.abs(value - other) < STATS_BOUND * Math.max(1, Math.abs(value)),
          `${name}: ${value} and ${other}`,
        );
      }
      assert.is(device.tensors[0], device.tensors[1], 'no tensor leaks');
    });
  }
}

test('a whole run trains on tfjs:cpu and leaves a policy', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gymkhana-tfjs-'));
  const config = { totalSteps: 1024, numEnvs: 16, numSteps: 16, numMinibatches: 2, updateEpochs: 1 };
  const summary = await train({ env: 'CartPole-v1', backend: 'tfjs:cpu', runDir: folder, config });
  assert.is(summary.backend, 'tfjs:cpu');
  assert.is((await evaluate(folder, { episodes: 2 })).episodes, 2);
  rmSync(folder, { recursive: true, force: true });
});

test('every learner is present, or says why not and what to do', async () => {
  for (const { name, available, detail } of await backendStatuses()) {
    if (!available) assert.match(detail, /cannot run here: .*--backend kernels/, name);
    else assert.ok(detail.length > 0);
  }
});

test('an unknown learner is a usage error with the nearest name', async () => {
  const env = await makeFromSpec(spec('CartPole-v1'));
  const network = networkFor(env, defaultPpoConfig);
  let error: unknown;
  try {
    await chooseBackend('tfjs:cup', network);
  } catch (caught) {
    error = caught;
  }
  assert.instance(error, GymkhanaError);
  assert.is((error as GymkhanaError).code, 'UNKNOWN_BACKEND');
  assert.match((error as GymkhanaError).message, /Did you mean 'tfjs:cpu'\?/);
});

test.run();
