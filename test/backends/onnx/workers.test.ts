import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shardCount } from '../../../agents/ppo/worker.js';
import type { EnvSpec } from '../../../src/core/spec.js';
import { registry } from '../../../src/registration/index.js';
import { startPpo, stateHash } from '../../support/ppo-runs.js';

const choices: EnvSpec = {
  id: 'Choices-v0',
  moduleUrl: new URL('../../fixtures/envs/choices.js', import.meta.url).href,
  exportName: 'ChoicesEnv',
  maxEpisodeSteps: null,
  rewardThreshold: null,
  nondeterministic: false,
  kwargs: { kind: 'discrete' },
};

/** Largest |a - b| of a first iteration's losses, over max(1, |loss|): four Adam steps in float32. Measured: 1.5e-6. */
const LOSSES_BOUND = 1e-5;
/** Minibatches of 1,536 samples: three shards of 512. */
const SIZES = { numEnvs: 96, numSteps: 32, numMinibatches: 2, updateEpochs: 2, totalSteps: 96 * 32 * 2 };

for (const [spec, settings] of [
  [registry.get('CartPole-v1')!, {}],
  [registry.get('CartPole-v1')!, { hidden: [256, 256], activation: 'relu', entCoef: 0.01 }],
  [registry.get('Pendulum-v1')!, { hidden: [40], numMinibatches: 3, targetKl: 0.02 }],
  [registry.get('Taxi-v4')!, { clipVloss: false, entCoef: 0.01 }],
  [choices, { normAdv: false }],
] as const) {
  test(`${spec.id} ${JSON.stringify(settings)}: the same bytes for 1, 2, 3 and 4 workers, near the kernels' numbers`, async () => {
    const hashes = new Set<string>();
    const losses: Record<string, number>[] = [];
    for (const workers of [1, 2, 3, 4]) {
      const ppo = await startPpo(spec, { ...SIZES, ...settings } as object, workers, 1, { workerLearner: 'onnx' });
      for (let k = 0; k < 2; k++) losses.push({ ...(await ppo.iterate()).losses });
      hashes.add(stateHash(ppo));
      await ppo.close();
    }
    assert.is(hashes.size, 1);
    const kernels = await startPpo(spec, { ...SIZES, ...settings } as object, 2, 1, { workerLearner: 'kernels' });
    const first = (await kernels.iterate()).losses;
    await kernels.close();
    for (const [name, value] of Object.entries(first)) {
      const off = Math.abs(losses[0]![name]! - value) / Math.max(1, Math.abs(value));
      assert.ok(off < LOSSES_BOUND, `${name} is ${losses[0]![name]}, with the kernels ${value}`);
    }
  });
}

test("shards are a function of the minibatch: whole graphs' worth of samples for onnx", () => {
  const counts = [1, 2, 64, 1024, 1535, 1536, 4096, 16_384].map((size) => shardCount(size, 'onnx'));
  assert.equal(counts, [1, 2, 2, 2, 2, 3, 8, 8]);
  assert.is(shardCount(256), 4);
});

test.run();
