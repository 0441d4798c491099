import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GymkhanaError } from '../../../src/core/errors.js';
import { RolloutError } from '../../../src/rollout/engine.js';
import { startPpo } from '../../support/ppo-runs.js';

/** A network so wide that ONNX Runtime acts too. */
const SETTINGS = { hidden: [512, 512], numEnvs: 32, numSteps: 16, numMinibatches: 2, updateEpochs: 1, totalSteps: 512 };

for (const [fault, code, step] of [
  ['throw', 'ENV_THREW', 4],
  ['nan', 'INVALID_OBSERVATION', 5],
  ['exit', 'WORKER_DIED', 5],
] as const) {
  test(`with ONNX Runtime acting, the fault '${fault}' of an env ends the run with ${code}`, async () => {
    const spec = {
      id: 'Faulty-v0',
      moduleUrl: new URL('../../fixtures/envs/faulty.js', import.meta.url).href,
      exportName: 'FaultyEnv',
      maxEpisodeSteps: null,
      rewardThreshold: null,
      nondeterministic: false,
      kwargs: { fault },
    };
    const ppo = await startPpo(spec, SETTINGS, 2, 1, 'onnx');
    let error: unknown;
    try {
      await ppo.iterate();
    } catch (caught) {
      error = caught;
    } finally {
      await ppo.close();
    }
    assert.instance(error, GymkhanaError);
    assert.ok(error instanceof RolloutError);
    assert.is(error.code, code);
    assert.is(error.details.step, step);
    if (fault !== 'exit') assert.is(error.place?.actions.length, 5);
  });
}

test.run();
