import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { register, resolveEnv } from '../../src/registration/index.js';
import { type AutoresetMode, makeVec, type VectorEnv } from '../../src/vector/index.js';
import { rejectsWith, throwsError } from '../support/misuse.js';
import { projectRoot } from '../support/paths.js';

const MODES: readonly AutoresetMode[] = ['same-step', 'next-step', 'disabled'];
const trouble = async (how: string) => ({
  ...(await resolveEnv('./test/fixtures/envs/trouble.ts:Trouble', { cwd: projectRoot })),
  kwargs: { how },
});

/** Everything that a vector env says in `steps` steps of random actions. */
function transcript(env: VectorEnv, steps: number): unknown[] {
  env.actionSpace.seed(7);
  const rows: unknown[] = [env.reset({ seed: 3 })];
  for (let k = 0; k < steps; k++) {
    const result = env.step(env.actionSpace.sample() as never);
    rows.push(result);
    const over = Array.from(result.terminations, (value, i) => value === 1 || result.truncations[i] === 1);
    if (env.autoresetMode === 'disabled' && over.includes(true)) rows.push(env.reset({ options: { resetMask: over } }));
  }
  return rows;
}

for (const [id, numEnvs] of [
  ['CartPole-v1', 6],
  ['FrozenLake-v1', 5],
  ['Blackjack-v1', 4],
  ['Pendulum-v1', 4],
  ['Driving-v0', 4],
] as const) {
  const modes = id === 'CartPole-v1' || id === 'Blackjack-v1' ? MODES : MODES.slice(0, 1);
  test(`${id}: sync and async give the same over 1, 2 and 4 workers: ${modes.join(', ')}`, async () => {
    for (const autoresetMode of modes) {
      const options = { numEnvs, autoresetMode, maxEpisodeSteps: 25 };
      const sync = await makeVec(id, options);
      const expected = transcript(sync as VectorEnv, 60);
      for (const numWorkers of [1, 2, 4]) {
        const env = await makeVec(id, { ...options, vectorizationMode: 'async', numWorkers });
        try {
          assert.equal(transcript(env as VectorEnv, 60), expected, `${numWorkers} workers, ${autoresetMode}`);
        } finally {
          env.close();
        }
      }
    }
  });
}

test('seeds of each env, and the next episodes of their streams', async () => {
  const options = { numEnvs: 3 } as const;
  const sync = await makeVec('CartPole-v1', options);
  const env = await makeVec('CartPole-v1', { ...options, vectorizationMode: 'async', numWorkers: 2 });
  for (const seed of [4, [5, null, 9], undefined]) {
    assert.equal(env.reset({ seed }).observations, sync.reset({ seed }).observations);
  }
  env.close();
});

test('stepAsync is waited for, blocking or not', async () => {
  const env = await makeVec('CartPole-v1', { numEnvs: 4, vectorizationMode: 'async', numWorkers: 2 });
  const sync = await makeVec('CartPole-v1', { numEnvs: 4 });
  for (const each of [env, sync]) {
    each.reset({ seed: 1 });
    each.stepAsync(Int32Array.of(0, 1, 0, 1));
    throwsError(() => each.stepAsync(Int32Array.of(0, 1, 0, 1)), {
      code: 'ALREADY_PENDING_CALL',
      kind: 'usage',
      says: ['Call stepWait() first'],
    });
  }
  assert.equal(env.stepWait(), sync.stepWait());
  for (const each of [env, sync]) each.stepAsync(Int32Array.of(1, 1, 0, 0));
  assert.equal(await env.stepWaitAsync(), await sync.stepWaitAsync());
  for (const each of [env, sync])
    throwsError(() => each.stepWait(), { code: 'NO_ASYNC_CALL', says: ['nothing to wait for', 'stepAsync'] });
  env.close();
});

test('send and recv: every env steps as it would in step', async () => {
  const numEnvs = 6;
  const env = await makeVec('CartPole-v1', { numEnvs, vectorizationMode: 'async', numWorkers: 2, batchSize: 3 });
  const sync = await makeVec('CartPole-v1', { numEnvs });
  sync.reset({ seed: 8 });
  const steps = 40;
  const expected = Array.from({ length: steps }, (_, t) => sync.step(new Int32Array(numEnvs).fill(t % 2)));
  const counts = new Array<number>(numEnvs).fill(0);
  env.resetAsync({ seed: 8 });
  let received = env.recv();
  assert.is(received.envIds.length, 3);
  assert.equal([...received.rewards], [0, 0, 0]);
  while (Math.min(...counts) < steps) {
    const acting = received.envIds.filter((i) => counts[i]! < steps);
    if (acting.length > 0) {
      env.send(
        Int32Array.from(acting, (i) => counts[i]! % 2),
        acting,
      );
    }
    for (const i of acting) counts[i]!++;
    received = env.recv();
    received.envIds.forEach((i, row) => {
      const t = counts[i]! - 1;
      if (t < 0) return;
      const whole = expected[t]!;
      assert.equal(
        [...received.observations.subarray(4 * row, 4 * row + 4)],
        [...whole.observations.subarray(4 * i, 4 * i + 4)],
      );
      assert.is(received.terminations[row], whole.terminations[i]);
      assert.equal(received.infos.finalObs?.[row] ?? null, whole.infos.finalObs?.[i] ?? null);
    });
    if (acting.length < 3) break;
  }
  assert.ok(Math.max(...counts) === steps, String(counts));
  env.close();
});

test('call, getAttr, setAttr and render reach every env', async () => {
  const spec = await trouble('none');
  for (const vectorizationMode of ['sync', 'async'] as const) {
    const env = await makeVec(spec, { numEnvs: 3, vectorizationMode });
    env.reset({ seed: 1 });
    env.setAttr('speed', [1, 2, 3]);
    assert.equal(env.getAttr('speed'), [1, 2, 3]);
    assert.equal(env.call('double', 5), [10, 20, 30]);
    assert.equal(env.render(), [null, null, null]);
    throwsError(() => env.setAttr('speed', [1]), { code: 'INVALID_OPTION', says: ['a list of 3'] });
    throwsError(() => env.getAttr('colour'), { code: 'ATTRIBUTE_NOT_FOUND', says: ['colour'] });
    env.close();
  }
});

for (const [how, code, says] of [
  ['throw', 'ENV_THREW', ['env 2', 'step 3', 'out of luck']],
  ['nan', 'INVALID_OBSERVATION', ['env 2', 'NaN']],
  ['exit', 'WORKER_DIED', ['worker 1', 'envs 2 to 3', 'process.exit']],
  ['hang', 'VECTOR_ENV_TIMEOUT', ['worker 1', 'silent for 400 ms']],
] as const) {
  for (const blocking of [true, false]) {
    test(`an env that does "${how}" ends in ${code}, ${blocking ? 'blocking' : 'awaited'}`, async () => {
      const broken = await makeVec(await trouble(how), {
        numEnvs: 4,
        vectorizationMode: 'async',
        numWorkers: 2,
        timeoutMs: 400,
      });
      broken.reset({ seed: 1 });
      const actions = new Int32Array(4);
      // Envs 0 and 1 are ahead, so that worker 1 meets the trouble first.
      broken.reset({ options: { resetMask: [true, true, false, false] } });
      broken.step(actions);
      broken.step(actions);
      broken.reset({ options: { resetMask: [true, true, false, false] } });
      broken.stepAsync(actions);
      const expected = { code, says };
      if (blocking) throwsError(() => broken.stepWait(), expected);
      else await rejectsWith(() => broken.stepWaitAsync(), expected);
      throwsError(() => broken.step(actions), expected);
      broken.close();
      broken.close();
      throwsError(() => broken.step(actions), { code: 'VECTOR_ENV_CLOSED' });
    });
  }
}

test('bad input', async () => {
  const async = { numEnvs: 2, vectorizationMode: 'async' } as const;
  await rejectsWith(async () => await makeVec(await trouble('constructor'), async), {
    code: 'ENV_CONSTRUCTOR_FAILED',
    says: ['no such luck'],
  });
  for (const [options, says] of [
    [{ numWorkers: 3 }, 'numWorkers as a whole number from 1 to 2, got 3'],
    [{ batchSize: 0 }, 'batchSize as a whole number from 1 to 2, got 0'],
    [{ timeoutMs: -1 }, 'timeoutMs as a whole number from 1'],
    [{ autoresetMode: 'never' as never }, 'autoresetMode among same-step'],
    [{ vectorizationMode: 'sync' as const, numWorkers: 2 }, "needs vectorizationMode: 'async'"],
  ] as const) {
    await rejectsWith(() => makeVec('CartPole-v1', { ...async, ...options }), { code: 'INVALID_OPTION', says: [says] });
  }
  class Local {}
  register({ id: 'Local-v0', entryPoint: Local as never });
  await rejectsWith(() => makeVec('Local-v0', async), { code: 'ENV_NOT_PORTABLE', says: ['moduleUrl'] });

  const env = await makeVec('CartPole-v1', { ...async, batchSize: 1 });
  throwsError(() => env.step(Int32Array.of(0, 0)), { code: 'RESET_NEEDED', says: ['Call reset() first'] });
  throwsError(() => env.send(Int32Array.of(0), [0]), { code: 'RESET_NEEDED' });
  throwsError(() => env.reset({ options: { resetMask: [true, false] } }), { code: 'RESET_NEEDED' });
  throwsError(() => env.recv(), { code: 'NO_ASYNC_CALL', says: ['at least 1 more'] });
  env.reset({ seed: 1 });
  throwsError(() => env.step(Int32Array.of(0, 7)), { code: 'INVALID_ACTION', says: ['env 1'] });
  throwsError(() => env.reset({ seed: [1] }), { code: 'INVALID_SEED' });
  for (const [ids, says] of [
    [[2], 'no env 2'],
    [[-1], 'no env -1'],
    [[], 'at least one'],
  ] as const) {
    throwsError(() => env.send(new Int32Array(ids.length), ids), { code: 'INVALID_ENV_IDS', says: [says] });
  }
  throwsError(() => env.send(Int32Array.of(0, 0), [1, 1]), { code: 'INVALID_ENV_IDS', says: ['stands twice'] });
  env.send(Int32Array.of(0), [1]);
  throwsError(() => env.send(Int32Array.of(0), [1]), { code: 'INVALID_ENV_IDS', says: ['still at work'] });
  throwsError(() => env.step(Int32Array.of(0, 0)), { code: 'ALREADY_PENDING_CALL', says: ['recv'] });
  assert.equal([...env.recv().envIds], [1]);
  env.stepAsync(Int32Array.of(0, 0));
  for (const call of [() => env.reset(), () => env.call('render'), () => env.send(Int32Array.of(0), [0])]) {
    throwsError(call, { code: 'ALREADY_PENDING_CALL', says: ['stepWait'] });
  }
  env.stepWait();
  env.close();
  throwsError(() => env.reset(), { code: 'VECTOR_ENV_CLOSED' });

  const sync = await makeVec('CartPole-v1', { numEnvs: 2 });
  throwsError(() => sync.send(Int32Array.of(0), [0]), { code: 'SEND_UNAVAILABLE', says: ["'async'"] });
  throwsError(() => sync.recv(), { code: 'SEND_UNAVAILABLE' });
});

test('a process ends by itself, whether or not its async env was closed', () => {
  for (const end of ['env.close();', '']) {
    const program = `
      import { makeVec } from ${JSON.stringify(new URL('../../src/index.js', import.meta.url).href)};
      const env = await makeVec('CartPole-v1', { numEnvs: 4, vectorizationMode: 'async', numWorkers: 2 });
      env.reset({ seed: 1 });
      env.step(Int32Array.of(0, 1, 0, 1));
      ${end}
      console.log('done');`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], { timeout: 20_000 });
    assert.is(child.status, 0, String(child.stderr));
    assert.is(String(child.stdout), 'done\n');
  }
});

test.run();
