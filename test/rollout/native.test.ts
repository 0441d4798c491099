import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { networkDescriptor } from '../../src/backends/kernels/kernels.js';
import { mlpNetwork } from '../../src/network/init.js';
import { registry } from '../../src/registration/index.js';
import { Arena } from '../../src/rollout/arena.js';
import { Control, createControlBuffer } from '../../src/rollout/control.js';
import { Crew, CrewError } from '../../src/rollout/crew.js';
import { LOG_LIMIT, PLACE, planRollout, type RolloutOptions } from '../../src/rollout/plan.js';
import { BACK, CALL_MS } from '../fixtures/programs/native.js';

const options: RolloutOptions = {
  spec: registry.get('CartPole-v1')!,
  network: mlpNetwork({ observationSize: 4, hidden: [8], distribution: { type: 'categorical', actions: 2 } }),
  numEnvs: 8,
  numSteps: 4,
  workers: 2,
  seed: 1,
  observationClip: Number.POSITIVE_INFINITY,
  noiseHold: 1,
  measures: [],
  logLimit: LOG_LIMIT,
};

test('threads inside a native library are ended only once they came out', async () => {
  const arena = new Arena(planRollout(options, []));
  arena.i32('network').set(networkDescriptor(options.network));
  const url = new URL('../fixtures/programs/native.js', import.meta.url).href;
  const crew = await Crew.start(options, arena, { url, config: null }, { hangSeconds: 0 }, null);
  const started = performance.now();
  let error: unknown;
  try {
    await crew.run('iterate');
  } catch (caught) {
    error = caught;
  }
  await crew.close();
  assert.instance(error, CrewError);
  assert.match(String((error as CrewError).failure.error.message), /worker 0 .* failed: a wheel came off/);
  assert.is(arena.f64('clock')[BACK], 1);
  assert.ok(performance.now() - started > CALL_MS - 100);
  assert.is(arena.i32('places')[PLACE.stride + PLACE.native], 0);
});

test('after an abort no thread goes into a native library', async () => {
  const place = new Int32Array(new SharedArrayBuffer(PLACE.stride * 4));
  const control = new Control(createControlBuffer(), 1, 1, place);
  const inside = await control.native(() => Promise.resolve(place[PLACE.native]));
  assert.equal([inside, place[PLACE.native]], [1, 0]);
  control.abort();
  let called = false;
  let message = '';
  await control
    .native(() => {
      called = true;
      return Promise.resolve();
    })
    .catch((error: Error) => {
      message = error.name;
    });
  assert.equal([called, message, place[PLACE.native]], [false, 'Aborted', 0]);
});

test.run();
