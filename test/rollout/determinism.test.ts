import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { registry } from '../../src/registration/index.js';
import { startPpo, stateHash } from '../support/ppo-runs.js';

for (const [id, spec] of registry) {
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
