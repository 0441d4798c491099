import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shardCount } from '../../../src/backends/shards.js';
import type { EnvSpec } from '../../../src/core/spec.js';
import { mlpNetwork } from '../../../src/network/init.js';
import { multiplyAdds } from '../../../src/network/validate.js';
import { registry } from '../../../src/registration/index.js';
import { actWith, blockSize } from '../../../src/rollout/plan.js';
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
  // Blocks of two groups act together, the last of them alone.
  [registry.get('Taxi-v4')!, { numEnvs: 600, numSteps: 8, updateEpochs: 1, hidden: [256] }],
  [registry.get('Pendulum-v1')!, { numEnvs: 600, numSteps: 8, updateEpochs: 1, hidden: [192, 96], noiseHold: 2 }],
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

test('ONNX Runtime acts where network and batches are large, in blocks that depend on the number of envs only', () => {
  const network = (width: number) =>
    mlpNetwork({ observationSize: 8, hidden: [width, width], distribution: { type: 'categorical', actions: 4 } });
  assert.is(multiplyAdds(network(64)), 8 * 64 * 2 + 64 * 64 * 2 + 64 * 5);
  assert.equal(
    [16, 64, 256, 600, 1024, 2048, 100_000].map((numEnvs) => blockSize({ numEnvs, actWith: 'onnx' })),
    [1, 1, 1, 2, 4, 8, 16],
  );
  assert.is(blockSize({ numEnvs: 2048 }), 1);
  for (const [width, numEnvs, expected] of [
    [64, 64, 'kernels'],
    [64, 1024, 'kernels'],
    [64, 4096, 'onnx'],
    [256, 4, 'kernels'],
    [256, 64, 'onnx'],
  ] as const) {
    assert.is(actWith(network(width), numEnvs), expected, `${width} units, ${numEnvs} envs`);
  }
});

test("shards are a function of the minibatch: whole graphs' worth of samples for onnx", () => {
  const counts = [1, 2, 64, 1024, 1535, 1536, 4096, 16_384].map((size) => shardCount(size, 'onnx'));
  assert.equal(counts, [1, 2, 2, 2, 2, 3, 8, 8]);
  assert.is(shardCount(256, 'kernels'), 4);
});

test.run();
