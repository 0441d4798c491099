// The registry is the test list: every built-in env keeps the contract and has a README that is up to date.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { envDocs, staleDocs } from '../../scripts/generate-env-docs.js';
import type { EnvDocs } from '../../src/core/docs.js';
import { registry, spec } from '../../src/registration/index.js';
import { envContract } from '../contracts/env-contract.js';
import { projectRoot } from '../support/paths.js';

test("the built-in envs, their limits and thresholds are Gymnasium's", () => {
  const rows = [...registry.values()].map(({ id, maxEpisodeSteps, rewardThreshold }) => [
    id,
    maxEpisodeSteps,
    rewardThreshold,
  ]);
  assert.equal(rows, [
    ['CartPole-v1', 500, 475],
    ['MountainCar-v0', 200, -110],
    ['MountainCarContinuous-v0', 999, 90],
    ['Pendulum-v1', 200, null],
    ['Acrobot-v1', 500, -100],
    ['FrozenLake-v1', 100, 0.7],
    ['FrozenLake8x8-v1', 200, 0.85],
    ['CliffWalking-v1', null, null],
    ['CliffWalkingSlippery-v1', null, null],
    ['Taxi-v4', 200, 8],
    ['Blackjack-v1', null, null],
    ['LunarLander-v3', 1000, 200],
    ['LunarLanderContinuous-v3', 1000, 200],
    ['BipedalWalker-v3', 1600, 300],
    ['BipedalWalkerHardcore-v3', 2000, 300],
    ['CarRacing-v3', 1000, 900],
    ['CarRacing-lidar-v3', 1000, 900],
    ['Driving-v0', 1000, null],
    ['Driving-pixels-v0', 1000, null],
    ['StatelessCartPole-v0', 500, 475],
    ['MemoryChain-v0', null, null],
  ]);
  for (const { moduleUrl, exportName, nondeterministic } of registry.values()) {
    assert.match(moduleUrl ?? '', /^gymkhana:envs\/[a-z-]+\/[a-z-]+\.js$/);
    assert.match(exportName ?? '', /^[A-Z]\w+Env$/);
    assert.is(nondeterministic, false);
  }
  assert.is(spec('CartPole-v1'), registry.get('CartPole-v1'));
});

test('generated docs are up to date: node dist/scripts/generate-env-docs.js', async () => {
  const files = await envDocs(projectRoot);
  assert.is(files.size, new Set(Array.from(registry.values(), ({ moduleUrl }) => moduleUrl)).size + 1);
  assert.equal(staleDocs(files), []);
  for (const [path, text] of files) {
    assert.not.match(text, /undefined|\| NaN|\[object/, path);
    assert.match(text, /\n$/);
  }
});

const docsOf = async (moduleUrl: string): Promise<EnvDocs> => {
  const path = moduleUrl.replace('gymkhana:', '../../').replace(/[^/]+$/, 'docs.js');
  return ((await import(new URL(path, import.meta.url).href)) as { docs: EnvDocs }).docs;
};
for (const known of registry.values()) envContract(known, await docsOf(known.moduleUrl ?? ''));

test.run();
