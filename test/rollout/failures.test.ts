import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GymkhanaError } from '../../src/core/errors.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { RolloutError } from '../../src/rollout/engine.js';
import type { Fault } from '../fixtures/envs/faulty.js';
import { startPpo } from '../support/ppo-runs.js';

const spec = (fault: Fault): EnvSpec => ({
  id: 'Faulty-v0',
  moduleUrl: new URL('../fixtures/envs/faulty.js', import.meta.url).href,
  exportName: 'FaultyEnv',
  maxEpisodeSteps: null,
  rewardThreshold: null,
  nondeterministic: false,
  kwargs: { fault },
});

async function failureOf(fault: Fault): Promise<GymkhanaError> {
  let ppo: Awaited<ReturnType<typeof startPpo>> | null = null;
  try {
    ppo = await startPpo(spec(fault), { numEnvs: 32, numSteps: 16, numMinibatches: 2, totalSteps: 512 }, 2);
    await ppo.iterate();
  } catch (error) {
    if (error instanceof GymkhanaError) return error;
    throw error;
  } finally {
    await ppo?.close();
  }
  throw new Error('the run did not fail');
}

const table: readonly [Fault, string, RegExp, number][] = [
  ['throw', 'ENV_THREW', /step 4 of its episode\) threw RangeError: wheel fell off/, 4],
  ['throw-in-reset', 'ENV_THREW', /in reset\) threw TypeError: no track left/, 0],
  ['nan', 'INVALID_OBSERVATION', /observation\[0\] is NaN, outside its bounds -1 to 1/, 5],
  ['escape', 'INVALID_OBSERVATION', /observation\[1\] is 7, outside its bounds -1 to 1/, 5],
  ['short', 'INVALID_OBSERVATION', /does not fit the space/, 5],
  ['nan-reward', 'INVALID_REWARD', /reward NaN/, 5],
  ['no-super', 'RESET_WITHOUT_SUPER', /super\.reset\(options\)/, 0],
  [
    'exit',
    'WORKER_DIED',
    /worker \d died while stepping Faulty-v0, env \d+ at step 5 of its episode: .*process\.exit/s,
    5,
  ],
];
for (const [fault, code, text, step] of table) {
  test(`an env with the fault '${fault}' ends the run with ${code}, and nobody waits for ever`, async () => {
    const error = await failureOf(fault);
    assert.is(error.code, code);
    assert.match(error.message, text);
    assert.is(error.details.step, step);
    assert.type(error.details.envIndex, 'number');
    assert.type(error.details.worker, 'number');
    assert.ok(error instanceof RolloutError);
    if (step > 0 && fault !== 'exit') assert.is((error as RolloutError).place?.actions.length, 5);
  });
}

test.run();
