// Statistics of Gymnasium's lander over hundreds of seeds, and its answers to constant actions.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { LunarLanderEnv } from '../../envs/lunar-lander/lunar-lander.js';
import { checkReturns, checkStarts, type EnvStats, envOf, readBox2d } from '../support/box2d-golden.js';

interface Probe {
  readonly action: number | number[];
  readonly runs: readonly { readonly seed: number; readonly obs: number[][]; readonly reward: number[] }[];
}
interface LanderStats extends EnvStats {
  readonly probes: Readonly<Record<string, Probe>>;
  readonly bodies: Readonly<Record<string, number>>;
}
const stats = readBox2d<Record<string, LanderStats>>('lunar-lander-stats');

for (const id of ['LunarLander-v3', 'LunarLanderContinuous-v3']) {
  const { [id]: expected } = stats;

  test(`${id}: first observations of 300 seeds`, async () => await checkStarts(id, expected!));

  test(`${id}: open-loop probes, to the bit`, async () => {
    const env = await envOf({ id, kwargs: {} });
    for (const [name, { action, runs }] of Object.entries(expected!.probes)) {
      const given = Array.isArray(action) ? Float32Array.from(action) : action;
      for (const { seed, obs, reward } of runs) {
        assert.equal(Array.from(env.reset({ seed }).observation as Float32Array), obs[0], `${name}, seed ${seed}`);
        reward.forEach((value, k) => {
          const result = env.step(given);
          const where = `${name}, seed ${seed}, step ${k + 1}`;
          assert.equal(Array.from(result.observation as Float32Array), obs[k + 1], where);
          assert.ok(Math.abs(result.reward - value) < 1e-9, where);
        });
      }
    }
  });

  for (const policy of ['random', 'heuristic'] as const) {
    test(`${id}: the ${policy} controller's returns over ${expected![policy].episodes} seeds`, async () => {
      const equal = await checkReturns(id, policy, expected!);
      assert.is(equal.length, 20, `the same of the first 20 episodes: ${equal}`);
    });
  }
}

test('masses and moments of inertia', () => {
  const env = new LunarLanderEnv();
  env.reset({ seed: 0 });
  const { bodies } = stats['LunarLander-v3']!;
  assert.is(env.lander.mass, bodies['lander_mass']);
  assert.is(env.lander.inertia, bodies['lander_inertia']);
  for (const leg of env.legs) {
    assert.is(leg.mass, bodies['leg_mass']);
    assert.is(leg.inertia, bodies['leg_inertia']);
  }
});

test.run();
