import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluatePolicy } from '../../agents/common/evaluate.js';
import { Policy } from '../../agents/common/policy.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { verifyEpisodes } from '../../src/episode/index.js';
import { constructEnv } from '../../src/registration/index.js';
import { recordRun } from '../../src/runs/record.js';
import { train } from '../../src/runs/train.js';
import { startPpo, stateHash } from '../support/ppo-runs.js';
import { temporaryFolder } from '../support/temporary.js';

const spec = (kind: 'discrete' | 'binary'): EnvSpec => ({
  id: 'Choices-v0',
  moduleUrl: new URL('../fixtures/envs/choices.js', import.meta.url).href,
  exportName: 'ChoicesEnv',
  maxEpisodeSteps: null,
  rewardThreshold: null,
  nondeterministic: false,
  kwargs: { kind },
});
const SIZES = {
  numEnvs: 32,
  numSteps: 16,
  numMinibatches: 4,
  totalSteps: 32 * 16 * 60,
  learningRate: 2e-3,
  entCoef: 0.01,
};

for (const [kind, distribution] of [
  ['discrete', { type: 'multi-categorical', nvec: [3, 2], masked: true }],
  ['binary', { type: 'multi-categorical', nvec: [2, 2, 2, 2] }],
] as const) {
  test(`PPO learns every choice of a multi-${kind} action; the same bytes for 1, 2 and 4 workers`, async () => {
    const hashes = new Set<string>();
    for (const workers of [1, 2, 4]) {
      const ppo = await startPpo(spec(kind), SIZES, workers);
      assert.equal(ppo.problem.network.distribution, distribution);
      while (ppo.state.iteration < ppo.plan.iterations) await ppo.iterate();
      hashes.add(stateHash(ppo));
      const weights = ppo.weights();
      await ppo.close();
      if (workers > 1) continue;
      const env = await constructEnv(spec(kind));
      const policy = await Policy.create(weights, { observation: env.observationSpace, action: env.actionSpace });
      const result = await evaluatePolicy(policy, { spec: spec(kind), episodes: 70, seed: 3 });
      assert.is(result.meanReturn, 16);
      const { observation } = env.reset({ seed: 1 });
      const one = policy.predict(observation);
      assert.is(env.actionSpace.explain(one), null);
      assert.is((policy.predict([observation, observation]) as Int32Array).length, 2 * (one as Int32Array).length);
      if (kind === 'binary') continue;
      const actionMask = [0, 0, 1, 1, 0];
      assert.equal(policy.predict(observation, { actionMask }), Int32Array.of(3, -1));
      assert.throws(() => policy.predict(observation, { actionMask: [1, 1, 1, 0, 0] }), /only zeros for choice 1/);
    }
    assert.is(hashes.size, 1);
  });
}

test('a run of several choices is recorded and verified bit for bit', async () => {
  const folder = join(temporaryFolder(), 'run');
  const summary = await train({
    env: spec('discrete'),
    seed: 1,
    runDir: folder,
    config: { ...SIZES, totalSteps: 32 * 16 * 2 },
    workers: 2,
  });
  const { path } = await recordRun(summary.runDir, { episodes: 2, seed: 4 });
  assert.ok((await verifyEpisodes(path)).ok);
});

test.run();
