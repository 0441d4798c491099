import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluatePolicy } from '../../agents/common/evaluate.js';
import { Policy } from '../../agents/common/policy.js';
import { GymkhanaError } from '../../src/core/errors.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { constructEnv } from '../../src/registration/index.js';
import type { MaskFault } from '../fixtures/envs/masked.js';
import { startPpo, stateHash } from '../support/ppo-runs.js';

const spec = (fault: MaskFault): EnvSpec => ({
  id: 'Masked-v0',
  moduleUrl: new URL('../fixtures/envs/masked.js', import.meta.url).href,
  exportName: 'MaskedEnv',
  maxEpisodeSteps: null,
  rewardThreshold: null,
  nondeterministic: false,
  kwargs: { fault },
});
const SIZES = { numEnvs: 32, numSteps: 16, numMinibatches: 4, totalSteps: 32 * 16 * 25, learningRate: 5e-3 };

test('PPO learns which allowed action is right and never takes a forbidden one; the same bytes for 1, 2 and 4 workers', async () => {
  const hashes = new Set<string>();
  for (const workers of [1, 2, 4]) {
    const ppo = await startPpo(spec('none'), SIZES, workers);
    assert.equal(ppo.problem.network.distribution, { type: 'categorical', actions: 5, masked: true });
    // The env throws at a forbidden action.
    while (ppo.state.iteration < ppo.plan.iterations) await ppo.iterate();
    hashes.add(stateHash(ppo));
    const weights = ppo.weights();
    // Choices are not normalised.
    assert.equal(Array.from(weights.normalization!.mean), [0, 0, 0, 0]);
    assert.equal(Array.from(weights.normalization!.variance), [1, 1, 1, 1]);
    await ppo.close();
    if (workers > 1) continue;
    const env = await constructEnv(spec('none'));
    const policy = await Policy.create(weights, { observation: env.observationSpace, action: env.actionSpace });
    const result = await evaluatePolicy(policy, { spec: spec('none'), episodes: 70, seed: 3 });
    assert.is(result.meanReturn, 8);
    for (const allowed of [0, 1, 2, 3, 4]) {
      const actionMask = Int8Array.from({ length: 5 }, (_, k) => (k === allowed ? 1 : 0));
      assert.is(policy.predict(2, { actionMask }), 3 + allowed);
    }
    assert.throws(() => policy.predict(2, { actionMask: [0, 0, 0, 0, 0] }), /only zeros/);
    assert.throws(() => policy.predict(2, { actionMask: [1] }), /length 1/);
  }
  assert.is(hashes.size, 1);
});

const faults: readonly [MaskFault, RegExp][] = [
  ['zeros', /only zeros/],
  ['missing', /got nothing/],
  ['short', /length 4/],
  ['two', /2 at index 1/],
];
for (const [fault, text] of faults) {
  test(`a mask that goes wrong ends the run: ${fault}`, async () => {
    const ppo = await startPpo(spec(fault), SIZES, 2);
    try {
      await ppo.iterate();
    } catch (error) {
      assert.ok(error instanceof GymkhanaError);
      assert.is(error.code, 'INVALID_ACTION_MASK');
      assert.match(error.message, text);
      assert.is(error.details.step, 4);
      return;
    } finally {
      await ppo.close();
    }
    throw new Error('the run did not fail');
  });
}

test.run();
