/** Statistics of Gymnasium's walker over hundreds of seeds and its answers to constant actions, as tests of one id. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BipedalWalkerEnv } from '../../envs/bipedal-walker/bipedal-walker.js';
import { checkReturns, checkStarts, type EnvStats, FIRST_SEED, readBox2d, seedsFrom } from './box2d-golden.js';

interface Probe {
  readonly seed: number;
  readonly action: number[];
  readonly obs_without_lidar: number[][];
  readonly reward: number[];
}
interface WalkerStats extends EnvStats {
  readonly probes: Readonly<Record<string, Probe>>;
  readonly bodies: { readonly hull_mass: number; readonly hull_inertia: number };
  readonly terrain_y_min_max_absdiff_sd: Record<'mean' | 'sd' | 'min' | 'max', number[]> & { readonly n: number };
}

/**
 * Adds the tests of one id to the file's suite.
 * @param equal - which of the first 20 episodes of each controller are the reference's. Its world went on over its resets, so
 *   that its later episodes are not those of a new env; a new Gymnasium env for each seed has the same ones in common with it.
 */
export function walkerStatistics(
  id: 'BipedalWalker-v3' | 'BipedalWalkerHardcore-v3',
  equal: Readonly<Record<'random' | 'heuristic', readonly number[]>>,
): void {
  const expected = readBox2d<Record<string, WalkerStats>>('bipedal-walker-stats')[id]!;
  const hardcore = id === 'BipedalWalkerHardcore-v3';

  test(`${id}: first observations of 300 seeds`, async () => await checkStarts(id, expected));

  test(`${id}: open-loop probes, observations to the bit`, () => {
    const env = new BipedalWalkerEnv({ hardcore });
    for (const [name, { seed, action, obs_without_lidar: obs, reward }] of Object.entries(expected.probes)) {
      const given = Float32Array.from(action);
      assert.equal(Array.from(env.reset({ seed }).observation.subarray(0, 14)), obs[0], name);
      reward.forEach((value, k) => {
        const result = env.step(given);
        assert.equal(Array.from(result.observation.subarray(0, 14)), obs[k + 1], `${name}, step ${k + 1}`);
        // Some probes had float64 actions, for which the reference's reward is float64.
        assert.ok(Math.abs(result.reward - value) < 1e-6, `${name}, step ${k + 1}: reward ${result.reward}, ${value}`);
      });
    }
  });

  test(`${id}: the heights of 60 lands`, () => {
    const env = new BipedalWalkerEnv({ hardcore });
    const { n, min, max } = expected.terrain_y_min_max_absdiff_sd;
    const lands = seedsFrom(FIRST_SEED, n).map((seed) => {
      env.reset({ seed });
      return Array.from(env.terrain!.y);
    });
    const lowest = lands.map((y) => Math.min(...y));
    const highest = lands.map((y) => Math.max(...y));
    assert.equal([Math.min(...lowest), Math.max(...lowest)], [min[0], max[0]]);
    assert.equal([Math.min(...highest), Math.max(...highest)], [min[1], max[1]]);
  });

  for (const policy of ['random', 'heuristic'] as const) {
    test(`${id}: the ${policy} controller's returns over ${expected[policy].episodes} seeds`, async () => {
      assert.equal(await checkReturns(id, policy, expected), equal[policy], 'equal episodes among the first 20');
    });
  }

  test(`${id}: mass and moment of inertia of the hull`, () => {
    const env = new BipedalWalkerEnv({ hardcore });
    env.reset({ seed: 0 });
    const { hull_mass, hull_inertia } = expected.bodies;
    assert.equal([env.hull.mass, env.hull.inertia], [hull_mass, hull_inertia]);
  });
}
