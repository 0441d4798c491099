// Policies that were trained in Gymnasium's lander do here what they did there.
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

const ID = 'LunarLander-v3';

for (const stage of ['early', 'late']) {
  test(`the ${stage} policy: the same mean return and ends, and the same episodes seed by seed`, async () => {
    const policy = readBox2d<GoldenPolicy>(`lunar-lander-policy-${stage}`);
    const act = policyController(policy);
    const env = await envOf({ id: ID, kwargs: {} });
    const { returns, lengths, terminated } = playSeeds(env, policy.seeds, spec(ID).maxEpisodeSteps!, () => act);
    const { mean } = moments(returns);
    assert.ok(
      Math.abs(mean - policy.mean_return) <= 2 * policy.sem,
      `mean return ${mean}, expected ${policy.mean_return} +- ${2 * policy.sem}`,
    );
    assert.ok(Math.abs(share(terminated) - share(policy.terminated)) <= 0.02, `ended ${share(terminated)}`);
    const equal = policy.seeds.filter(
      (_, k) => lengths[k] === policy.lengths[k] && Math.abs(returns[k]! - policy.returns[k]!) < 1e-3,
    ).length;
    // All 200 when this was written; a sum that rounds the other way could turn a decision.
    assert.ok(equal >= policy.seeds.length - 2, `${equal} of ${policy.seeds.length} episodes are the same`);
  });
}

for (const stage of ['early', 'late']) {
  test(`without exact the ${stage} policy has the same mean return and the same share of ends`, async () => {
    const policy = readBox2d<GoldenPolicy>(`lunar-lander-policy-${stage}`);
    const act = policyController(policy);
    const env = await envOf({ id: ID, kwargs: { exact: false } });
    const { returns, terminated } = playSeeds(env, policy.seeds, spec(ID).maxEpisodeSteps!, () => act);
    const { mean } = moments(returns);
    assert.ok(
      Math.abs(mean - policy.mean_return) <= 2 * policy.sem,
      `mean return ${mean}, expected ${policy.mean_return} +- ${2 * policy.sem}`,
    );
    const ended = share(policy.terminated);
    const error = Math.sqrt((ended * (1 - ended)) / policy.seeds.length);
    assert.ok(Math.abs(share(terminated) - ended) <= 2 * error, `ended ${share(terminated)}, expected ${ended}`);
  });
}

test.run();
