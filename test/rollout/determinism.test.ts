import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { networkFor } from '../../agents/common/problem.js';
import '../../envs/index.js';
import type { GymkhanaError } from '../../src/core/errors.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { constructEnv, registry } from '../../src/registration/index.js';
import { startPpo, stateHash } from '../support/ppo-runs.js';

/** Whether PPO can train on the spaces of a spec's env; where it cannot, its error is the one that names the space. */
async function trains(spec: EnvSpec): Promise<boolean> {
  try {
    networkFor(await constructEnv(spec), { hidden: [4], activation: 'tanh', logStdInit: 0 });
    return true;
  } catch (error) {
    assert.is((error as GymkhanaError).code, 'UNSUPPORTED_SPACE');
    return false;
  }
}

for (const [id, spec] of registry) {
  if (!(await trains(spec))) continue;
  test(`${id}: the same bytes and episodes for 1, 2 and 4 workers`, async () => {
    const hashes = new Set<string>();
    for (const workers of [1, 2, 4]) {
      const ppo = await startPpo(
        spec,
        { numEnvs: 72, numSteps: 16, numMinibatches: 3, updateEpochs: 2, totalSteps: 72 * 16 * 6 },
        workers,
      );
      const episodes: unknown[] = [];
      for (let k = 0; k < 6; k++) episodes.push((await ppo.iterate()).episodes);
      hashes.add(stateHash(ppo) + JSON.stringify(episodes));
      await ppo.close();
    }
    assert.is(hashes.size, 1);
  });
}

test('another seed gives other bytes', async () => {
  const spec = registry.get('CartPole-v1')!;
  const hashes: string[] = [];
  for (const seed of [1, 2]) {
    const ppo = await startPpo(spec, { numEnvs: 16, numSteps: 16, numMinibatches: 2, totalSteps: 256 }, 1, seed);
    await ppo.iterate();
    hashes.push(stateHash(ppo));
    await ppo.close();
  }
  assert.is.not(hashes[0], hashes[1]);
});

test.run();
