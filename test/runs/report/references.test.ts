/** The shipped scores are what the script measures and what docs/learning.json says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { measureRandom } from '../../../scripts/reference-scores.js';
import { registry } from '../../../src/registration/index.js';
import { shippedReferences } from '../../../src/runs/report/references.js';
import { projectRoot } from '../../support/paths.js';

const { envs } = shippedReferences();

for (const id of ['CartPole-v1', 'Blackjack-v1', 'MountainCar-v0']) {
  test(`random play on ${id} is measured anew`, async () => {
    assert.equal(await measureRandom(id), envs[id]!.random);
  });
}

test('our own results are those of docs/learning.json', () => {
  const learning = JSON.parse(readFileSync(join(projectRoot, 'docs/learning.json'), 'utf8')) as Record<
    string,
    { meanReturn: number; steps: number }[]
  >;
  for (const [id, rows] of Object.entries(learning)) {
    const own = envs[id]!.references.find(({ name }) => name === 'PPO, Gymkhana')!;
    const mean = rows.reduce((sum, { meanReturn }) => sum + meanReturn, 0) / rows.length;
    assert.ok(Math.abs(own.score - mean) < 1e-6 * Math.max(1, Math.abs(mean)), id);
    assert.is(own.steps, rows[0]!.steps);
  }
  assert.is(Object.keys(learning).length, 17);
});

test('published scores, as the source has them', () => {
  const ppo = Object.fromEntries(
    Object.entries(envs).flatMap(([id, { references }]) => {
      const [first] = references;
      return first?.name === 'PPO, RL Baselines3 Zoo' ? [[id, [first.score, first.std, first.steps]]] : [];
    }),
  );
  assert.equal(ppo, {
    'CartPole-v1': [500, 0, 100_000],
    'MountainCar-v0': [-110.423, 19.473, 1_000_000],
    'MountainCarContinuous-v0': [88.343, 2.572, 20_000],
    'Pendulum-v1': [-172.225, 104.159, 100_000],
    'Acrobot-v1': [-73.506, 18.201, 1_000_000],
    'LunarLander-v3': [242.119, 31.823, 1_000_000],
    'LunarLanderContinuous-v3': [270.863, 32.072, 1_000_000],
    'BipedalWalker-v3': [213.299, 129.49, 5_000_000],
    'BipedalWalkerHardcore-v3': [122.374, 117.605, 100_000_000],
    'CarRacing-v3': [153.938, 74.465, 4_000_000],
  });
});

test('every env has a random score', () => {
  assert.equal(Object.keys(envs), [...registry.keys()]);
  for (const [id, { random }] of Object.entries(envs)) assert.is(random.episodes, 1000, id);
});

test.run();
