import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluatePolicy } from '../../../agents/common/evaluate.js';
import { Policy } from '../../../agents/common/policy.js';
import { ppoPresets } from '../../../agents/ppo/presets.js';
import { constructEnv, registry } from '../../../src/registration/index.js';
import { startPpo } from '../../support/ppo-runs.js';

test('PPO with its preset solves CartPole-v1 with the onnx learner', async () => {
  const cartPole = registry.get('CartPole-v1')!;
  const ppo = await startPpo(cartPole, ppoPresets['CartPole-v1']!, 2, 1, { workerLearner: 'onnx' });
  while (ppo.state.iteration < ppo.plan.iterations) await ppo.iterate();
  const weights = ppo.weights();
  await ppo.close();
  const env = await constructEnv(cartPole);
  const policy = await Policy.create(weights, { observation: env.observationSpace, action: env.actionSpace });
  const result = await evaluatePolicy(policy, { spec: cartPole, episodes: 100, seed: 5 });
  assert.ok(result.meanReturn >= 475, `mean return ${result.meanReturn}`);
});

test.run();
