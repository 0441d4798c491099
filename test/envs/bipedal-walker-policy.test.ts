// A policy that was trained in Gymnasium's walker does here what it did there.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { spec } from '../../src/registration/index.js';
import {
  envOf,
  type GoldenPolicy,
  moments,
  playSeeds,
  policyController,
  readBox2d,
  share,
} from '../support/box2d-golden.js';

const ID = 'BipedalWalker-v3';

interface WalkerPolicy extends GoldenPolicy {
  /** What the policy does in Gymnasium in a new env for each seed, with this test's arithmetic. */
  readonly fresh: { readonly returns: readonly number[]; readonly lengths: readonly number[] };
}

test('the mean return is within two standard errors, as many episodes end, and new envs give the same episodes', async () => {
  const policy = readBox2d<WalkerPolicy>('bipedal-walker-policy');
  const act = policyController(policy);
  const env = await envOf({ id: ID, kwargs: {} });
  const { returns, lengths, terminated } = playSeeds(env, policy.seeds, spec(ID).maxEpisodeSteps!, () => act);
  const { mean } = moments(returns);
  assert.ok(
    Math.abs(mean - policy.mean_return) <= 2 * policy.sem,
    `mean return ${mean}, expected ${policy.mean_return} +- ${2 * policy.sem}`,
  );
  const expected = share(policy.terminated);
  const most = 2 * Math.sqrt((expected * (1 - expected)) / policy.seeds.length);
  assert.ok(
    Math.abs(share(terminated) - expected) <= most,
    `ended ${share(terminated)}, expected ${expected} +- ${most}`,
  );
  const { fresh } = policy;
  const equal = policy.seeds.filter(
    (_, k) => lengths[k] === fresh.lengths[k] && Math.abs(returns[k]! - fresh.returns[k]!) < 1e-9,
  ).length;
  // All 100 when this was written; a sum that rounds the other way would begin another course.
  assert.ok(equal >= policy.seeds.length - 2, `${equal} of ${policy.seeds.length} episodes are the same`);
});

test.run();
