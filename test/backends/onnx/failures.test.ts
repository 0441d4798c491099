import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GymkhanaError } from '../../../src/core/errors.js';
import type { EnvSpec } from '../../../src/core/spec.js';
import { resume, type TrainOptions, train } from '../../../src/index.js';
import { RolloutError } from '../../../src/rollout/engine.js';
import type { Mishap } from '../../fixtures/envs/mishap.js';
import { mishapSpec } from '../../support/mishap-spec.js';
import { startPpo, stateHash } from '../../support/ppo-runs.js';
import { temporaryFolder } from '../../support/temporary.js';

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
    const ppo = await startPpo(spec, SETTINGS, 2, 1, { workerLearner: 'onnx' });
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

const folder = temporaryFolder();
const ITERATIONS = 4;
const mishap = (how: Mishap): EnvSpec => mishapSpec({ how, marker: join(folder, how) });

/** The bytes of a run that ONNX Runtime acts and learns in. */
async function bytesOf(how: Mishap): Promise<{ hash: string; notices: string[] }> {
  const notices: string[] = [];
  const settings = { ...SETTINGS, updateEpochs: 6, totalSteps: 512 * ITERATIONS };
  const ppo = await startPpo(mishap(how), settings, 2, 1, {
    workerLearner: 'onnx',
    hangSeconds: 3,
    onNotice: (text) => void notices.push(text),
  });
  try {
    for (let k = 0; k < ITERATIONS; k++) await ppo.iterate();
    return { hash: stateHash(ppo), notices };
  } finally {
    await ppo.close();
  }
}

const undisturbed = await bytesOf('none');

for (const how of ['exit', 'hang'] as const) {
  test(`a worker whose env has the accident '${how}' is replaced, and the run comes to the same bytes`, async () => {
    const { hash, notices } = await bytesOf(how);
    assert.is(notices.length, 1, notices.join('\n'));
    assert.is(hash, undisturbed.hash);
  });
}

test('a run that was stopped goes on with the onnx learner to the same bytes, with another number of workers', async () => {
  const options: TrainOptions = {
    env: 'Pendulum-v1',
    backend: 'onnx',
    cwd: folder,
    config: { numEnvs: 32, numSteps: 32, numMinibatches: 2, updateEpochs: 2, totalSteps: 1024 * 5, hidden: [300, 300] },
  };
  const whole = await train({ ...options, runDir: 'whole', workers: 2 });
  const stop = new AbortController();
  const stopped = await train({
    ...options,
    runDir: 'stopped',
    workers: 1,
    signal: stop.signal,
    onIteration: ({ iteration }) => {
      if (iteration.iteration === 2) stop.abort();
    },
  });
  assert.is(stopped.status, 'stopped');
  const resumed = await resume('stopped', { cwd: folder, workers: 3 });
  assert.equal([resumed.status, resumed.backend, resumed.parametersHash], ['finished', 'onnx', whole.parametersHash]);
});

test.run();
