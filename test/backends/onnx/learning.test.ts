import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { spec } from '../../../src/registration/index.js';
import { trainedReturn } from '../../support/ppo-runs.js';

test('PPO with its preset solves CartPole-v1 with the onnx learner', async () => {
  const meanReturn = await trainedReturn(spec('CartPole-v1'), { workerLearner: 'onnx' });
  assert.ok(meanReturn >= 475, `mean return ${meanReturn}`);
});

test.run();
