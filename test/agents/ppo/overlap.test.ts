/** `overlap`: the workers collect the next rollout while a learner of its own trains on the last. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { problemOf } from '../../../agents/common/problem.js';
import { defaultPpoConfig, type PpoConfig } from '../../../agents/ppo/config.js';
import { Ppo, type PpoProblem } from '../../../agents/ppo/ppo.js';
import type { DeviceLearner, LearnerBatch, LearnerState } from '../../../src/backends/backend.js';
import { chooseBackend } from '../../../src/backends/choose.js';
import type { EnvSpec } from '../../../src/core/spec.js';
import { resume, spec, train } from '../../../src/index.js';
import { evaluate, logSoftmax } from '../../../src/network/reference.js';
import type { NetworkSpec } from '../../../src/network/spec.js';
import { constructEnv } from '../../../src/registration/index.js';
import type { MishapOptions } from '../../fixtures/envs/mishap.js';
import { mishapSpec } from '../../support/mishap-spec.js';
import { errorOf } from '../../support/misuse.js';
import { stateHash } from '../../support/ppo-runs.js';

const folder = mkdtempSync(join(tmpdir(), 'gymkhana-overlap-'));
const ITERATIONS = 6;
const small: Partial<PpoConfig> = {
  numEnvs: 48,
  numSteps: 16,
  numMinibatches: 3,
  updateEpochs: 2,
  hidden: [16],
  totalSteps: 48 * 16 * ITERATIONS,
  overlap: true,
};

/** What a learner was given, and what it came to. */
interface Seen {
  readonly batch: LearnerBatch;
  readonly before: Float32Array;
}

function copyOf(batch: LearnerBatch): LearnerBatch {
  const entries = Object.entries(batch).map(([name, value]: [string, unknown]) => [
    name,
    value instanceof Float32Array || value instanceof Int32Array ? value.slice() : value,
  ]);
  return Object.fromEntries(entries) as LearnerBatch;
}

/** A learner that notes what it is given, and may be slow or come to nonsense. */
async function watched(network: NetworkSpec, seen: Seen[], delay: number, failAt: number): Promise<DeviceLearner> {
  const { learner } = await chooseBackend('tfjs:wasm', network);
  return {
    name: learner!.name,
    async update(batch, permutations, minibatches, settings, state: LearnerState) {
      // A copy: the last rollout is not one, for nothing overwrites it while the learner trains.
      seen.push({ batch: copyOf(batch), before: state.parameters.slice() });
      if (delay > 0) await sleep(delay);
      const stats = await learner!.update(batch, permutations, minibatches, settings, state);
      if (seen.length === failAt) state.parameters.fill(Number.NaN);
      return stats;
    },
    dispose: () => learner!.dispose(),
  };
}

async function start(
  env: EnvSpec,
  { over = {}, problem = {}, workers = 2, seen = [] as Seen[], delay = 0, failAt = -1 } = {} as {
    over?: Partial<PpoConfig>;
    problem?: Partial<PpoProblem>;
    workers?: number;
    seen?: Seen[];
    delay?: number;
    failAt?: number;
  },
): Promise<Ppo> {
  const config = { ...defaultPpoConfig, ...small, ...over };
  const base = problemOf(await constructEnv(env), env, config);
  const learner = await watched(base.network, seen, delay, failAt);
  return await Ppo.create(config, { ...base, seed: 1, workers, learner, ...problem });
}

/** A short name of what iterations reported. */
function digest(reports: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(reports)).digest('hex');
}

/** All iterations; gives the state and what they reported. */
async function whole(ppo: Ppo): Promise<string> {
  const reports: unknown[] = [];
  try {
    while (ppo.state.iteration < ppo.plan.iterations) reports.push(await ppo.iterate());
    return `${stateHash(ppo)} ${digest(reports)}`;
  } finally {
    await ppo.close();
  }
}

/** Largest difference between the log-probabilities of a batch and those of a policy for its choices. */
function offPolicy(network: NetworkSpec, parameters: Float32Array, batch: LearnerBatch): number {
  const O = network.observationSize;
  const row = new Float64Array(O);
  let worst = 0;
  for (let k = 0; k < batch.logProbs.length; k++) {
    const observation = (batch.observations as Float32Array).subarray(k * O, (k + 1) * O);
    const clip = batch.observationClip;
    observation.forEach((x, i) => {
      row[i] = Math.min(clip, Math.max(-clip, (x - batch.mean[i]!) * batch.invStd[i]!));
    });
    const { outputs } = evaluate(network, parameters, row);
    worst = Math.max(worst, Math.abs(logSoftmax(outputs)[batch.actions[k]!]! - batch.logProbs[k]!));
  }
  return worst;
}

test('a rollout comes from the policy of exactly one iteration before; the learner goes on from the newest parameters', async () => {
  const seen: Seen[] = [];
  const ppo = await start(spec('CartPole-v1'), { seen, over: { learningRate: 1e-2, annealLr: false } });
  const { network } = ppo.problem;
  const after: Float32Array[] = [];
  for (let k = 0; k < ITERATIONS; k++) {
    await ppo.iterate();
    after.push(ppo.state.parameters.slice());
  }
  await ppo.close();
  assert.is(seen.length, ITERATIONS);
  seen.forEach(({ batch, before }, k) => {
    if (k > 0) assert.equal(before, after[k - 1], `update ${k} goes on from the update before`);
    const collectedWith = seen[Math.max(0, k - 1)]!.before;
    const off = offPolicy(network, collectedWith, batch);
    assert.ok(off < 1e-5, `rollout ${k} is ${off} from the policy of an iteration before`);
    if (k > 0) {
      const present = offPolicy(network, before, batch);
      assert.ok(present > 1e-3, `rollout ${k} is only ${present} from the present policy`);
    }
  });
});

test('the same bytes with 1, 2 and 4 workers, and with a learner that is faster or slower than the workers', async () => {
  const memory = { recurrent: 'gru', recurrentUnits: 8, sequenceLength: 8 } as const;
  for (const [id, over] of [
    ['CartPole-v1', {}],
    ['Pendulum-v1', memory],
    ['Taxi-v4', {}],
  ] as const) {
    const want = await whole(await start(spec(id), { over }));
    for (const workers of [1, 4]) {
      assert.is(await whole(await start(spec(id), { over, workers })), want, `${id}, ${workers}`);
    }
    assert.is(await whole(await start(spec(id), { over, delay: 60 })), want, `${id}, a slow learner`);
  }
  const plain = await whole(await start(spec('CartPole-v1'), { over: { overlap: false } }));
  assert.is.not(await whole(await start(spec('CartPole-v1'))), plain, 'overlap is another algorithm');
});

/** Every file of a run that must not depend on the clock, with its bytes. */
function bytesOf(run: string): Record<string, string> {
  const checkpoints = readdirSync(join(run, 'checkpoints')).filter((name) => name !== 'previous.safetensors');
  const names = ['metrics.jsonl', 'summary.json', 'config.json', ...checkpoints.map((name) => `checkpoints/${name}`)];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(run, name), 'base64')]));
}

for (const id of ['CartPole-v1', 'Driving-v0']) {
  test(`a run of ${id} that was stopped after each iteration comes to the bytes of one that was not`, async () => {
    const options = {
      env: id,
      config: small,
      workers: 2,
      backend: 'tfjs:wasm',
      evalEvery: 3,
      evalEpisodes: 2,
    } as const;
    const [straight, stopped] = [join(folder, `${id}-whole`), join(folder, `${id}-stopped`)];
    const want = await train({ ...options, runDir: straight, recordEpisodes: 'every:20' });
    let stop = new AbortController();
    const sitting = { onIteration: () => stop.abort() };
    await train({ ...options, ...sitting, signal: stop.signal, runDir: stopped, recordEpisodes: 'every:20' });
    for (let k = 2; k < ITERATIONS; k++) {
      stop = new AbortController();
      const { status } = await resume(stopped, { ...sitting, workers: 1 + (k % 3), signal: stop.signal });
      assert.is(status, 'stopped');
    }
    assert.is((await resume(stopped, { workers: 3 })).parametersHash, want.parametersHash);
    const [got, wanted] = [bytesOf(stopped), bytesOf(straight)];
    assert.equal(Object.keys(got), Object.keys(wanted));
    for (const name of Object.keys(wanted)) assert.ok(got[name] === wanted[name], `${name} differs`);
    assert.equal(readdirSync(join(stopped, 'episodes')), readdirSync(join(straight, 'episodes')));
  });
}

const normalized: EnvSpec['wrappers'] = [{ name: 'NormalizeObservation', moduleUrl: null, kwargs: {} }];
const mishap = (kwargs: MishapOptions): EnvSpec => mishapSpec(kwargs, { wrappers: normalized });

test('workers that die while the learner trains are replaced, and the run comes to the same bytes', async () => {
  const want = await whole(await start(mishap({})));
  for (const how of ['throw', 'exit'] as const) {
    const marker = join(folder, how);
    const notices: string[] = [];
    const problem = { onNotice: (text: string) => notices.push(text) };
    assert.is(await whole(await start(mishap({ how, marker }), { problem })), want, how);
    assert.ok(existsSync(marker), 'the accident happened');
    assert.is(notices.length, 1, notices.join('\n'));
  }
  const ended = await start(mishap({}), { delay: 100 });
  const reports: unknown[] = [];
  while (ended.state.iteration < ITERATIONS) {
    const next = ended.iterate();
    // The rollout ahead is under way, or waits for the learner.
    if (ended.state.iteration === 2) setTimeout(() => void ended.threads[0]?.terminate(), 40);
    reports.push(await next);
  }
  const got = `${stateHash(ended)} ${digest(reports)}`;
  await ended.close();
  assert.is(got, want);
});

test('an env that fails in the rollout ahead fails the iteration that would learn from it, and the one before is complete', async () => {
  const failing = await start(mishap({ how: 'throw' }), { over: { numSteps: 3, totalSteps: 48 * 3 * 8 } });
  // Step 7 of the episodes is in the third rollout.
  await failing.iterate();
  await failing.iterate();
  assert.is(failing.state.iteration, 2);
  const logs = failing.logs();
  const error = await errorOf(failing.iterate());
  assert.is(error.code, 'ENV_THREW');
  assert.is(failing.state.iteration, 2);
  assert.equal(failing.logs(), logs);
  await failing.close();
});

test('a learner that comes to nonsense leaves the state of the iteration before, from which the run goes on to the same bytes', async () => {
  const env = spec('Pendulum-v1');
  const want = await start(env);
  while (want.state.iteration < ITERATIONS) await want.iterate();
  const failing = await start(env, { failAt: 3 });
  await failing.iterate();
  await failing.iterate();
  const [hash, logs] = [stateHash(failing), failing.logs()!];
  const error = await errorOf(failing.iterate());
  assert.is(error.code, 'NUMERIC_ERROR');
  assert.is(stateHash(failing), hash);
  assert.equal(failing.logs(), logs);
  await failing.close();
  const again = await start(env, { problem: { resume: { state: failing.state, logs } } });
  while (again.state.iteration < ITERATIONS) await again.iterate();
  assert.is(stateHash(again), stateHash(want));
  for (const ppo of [again, want]) await ppo.close();
});

test('closing does not wait for the rollout ahead', async () => {
  const ppo = await start(spec('CartPole-v1'), {
    over: { numSteps: 8192, numMinibatches: 1, updateEpochs: 1, totalSteps: 1e9 },
  });
  await ppo.iterate();
  const from = performance.now();
  await ppo.close();
  assert.ok(performance.now() - from < 5000);
  assert.is(ppo.threads.length, 0);
});

test('workers that learn themselves have nothing to overlap', async () => {
  for (const backend of ['kernels', 'onnx', 'auto'] as const) {
    const runDir = join(folder, `refused-${backend}`);
    const error = await errorOf(train({ env: 'CartPole-v1', config: small, backend, runDir }));
    assert.is(error.code, 'INVALID_OPTION');
    assert.match(
      error.message,
      /--overlap needs a learner that leaves the workers free.*'(kernels|onnx)' the workers learn/,
    );
    assert.is(existsSync(runDir), false);
  }
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
