/** Training on pixels, on stacked frames and with a memory: it learns, repeats itself and goes on where it was stopped. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluatePolicy } from '../../agents/common/evaluate.js';
import { Policy } from '../../agents/common/policy.js';
import type { PpoConfig } from '../../agents/ppo/config.js';
import type { PpoProblem } from '../../agents/ppo/ppo.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { verifyEpisodes } from '../../src/episode/index.js';
import { constructEnv } from '../../src/registration/index.js';
import { Arena, planArena, planPixels } from '../../src/rollout/arena.js';
import { FITS, observationRows } from '../../src/rollout/observation-rows.js';
import { evaluate } from '../../src/runs/evaluate.js';
import { recordRun } from '../../src/runs/record.js';
import { resume, train } from '../../src/runs/train.js';
import { Box } from '../../src/spaces/index.js';
import { rejectsWith, throwsError } from '../support/misuse.js';
import { startPpo, stateHash } from '../support/ppo-runs.js';
import { temporaryFolder } from '../support/temporary.js';

const spec = (file: string, exportName: string, more: Partial<EnvSpec> = {}): EnvSpec => ({
  id: `${exportName}-v0`,
  moduleUrl: new URL(`../../${file}.js`, import.meta.url).href,
  exportName,
  maxEpisodeSteps: null,
  rewardThreshold: null,
  nondeterministic: false,
  kwargs: {},
  ...more,
});
const stack = (stackSize: number): EnvSpec['wrappers'] => [
  { name: 'FrameStackObservation', moduleUrl: null, kwargs: { stackSize } },
];
const catching = spec('scripts/bench/catch', 'CatchEnv', { kwargs: { cells: 6 } });
const stacked = spec('scripts/bench/catch', 'CatchEnv', {
  kwargs: { cells: 6 },
  wrappers: stack(3)!,
  maxEpisodeSteps: 4,
});
const recall = spec('test/fixtures/envs/recall', 'RecallEnv');

/** Everything, the memories of envs too. */
async function hashAfter(
  env: EnvSpec,
  settings: Partial<PpoConfig>,
  workers: number,
  iterations: number,
  over: Partial<PpoProblem> = {},
): Promise<string> {
  const ppo = await startPpo(env, settings, workers, 1, { workerLearner: 'onnx', ...over });
  for (let k = 0; k < iterations; k++) await ppo.iterate();
  const memories = ppo.state.memories === null ? '' : Buffer.from(ppo.state.memories.buffer).toString('base64');
  const hash = stateHash(ppo) + memories;
  await ppo.close();
  return hash;
}

const SMALL = { numEnvs: 32, numSteps: 8, numMinibatches: 2, updateEpochs: 2, totalSteps: 32 * 8 * 4 };
const CASES: readonly (readonly [string, EnvSpec, Partial<PpoConfig>])[] = [
  ['pixels', catching, SMALL],
  ['stacked frames that are cut by time', stacked, SMALL],
  ['a GRU', recall, { ...SMALL, recurrent: 'gru', recurrentUnits: 8, sequenceLength: 4, hidden: [8] }],
  ['an LSTM on pixels', stacked, { ...SMALL, recurrent: 'lstm', recurrentUnits: 8, sequenceLength: 2 }],
];
for (const [name, env, settings] of CASES) {
  test(`${name}: the same bytes for 1, 2 and 4 workers`, async () => {
    const hashes = new Set<string>();
    for (const workers of [1, 2, 4]) hashes.add(await hashAfter(env, settings, workers, 3));
    assert.is(hashes.size, 1);
  });

  test(`${name}: a run that was stopped goes on to the bytes of one that was not`, async () => {
    const folder = temporaryFolder();
    const common = { env, config: settings, checkpointEvery: 1, workers: 2, onNotice: () => {} };
    await train({ ...common, runDir: join(folder, 'whole') });
    const stop = new AbortController();
    let seen = 0;
    await train({
      ...common,
      runDir: join(folder, 'parts'),
      signal: stop.signal,
      onIteration: () => {
        if (++seen === 2) stop.abort();
      },
    });
    await resume(join(folder, 'parts'), { workers: 1 });
    const last = (run: string): string =>
      readFileSync(join(folder, run, 'checkpoints', 'last.safetensors')).toString('base64');
    assert.ok(last('whole') === last('parts'), 'the last checkpoints are the same');
  });
}

test('a stack that is put together from single frames is the stack: the same bytes as whole stacks in each row', async () => {
  assert.is(await hashAfter(stacked, SMALL, 2, 3), await hashAfter(stacked, SMALL, 2, 3, { frameStack: 1 }));
});

test('rows of frames give the stacks that the wrapper gave, over rollouts, episodes and buffers', async () => {
  const env = await constructEnv(stacked);
  const [N, T, k, side] = [1, 7, 3, 36 * 36];
  const network = { ...(await startPpoNetwork()), observationSize: k * side };
  // Two frames in a buffer, so that stacks cross from one to the next.
  const plan = {
    ...planArena([
      { name: 'ages', type: 'u8', shape: [T + 1, N] },
      { name: 'finalObservations', type: 'u8', shape: [1, 1, k * side] },
    ]),
    pixels: planPixels((T + k) * N, side, 2 * side),
  };
  const rows = observationRows(
    new Arena(plan),
    { network, numEnvs: N, numSteps: T, frameStack: k },
    env.observationSpace,
  );
  const read = (row: number): Uint8Array => {
    const pixels = new Uint8Array(k * side);
    rows.read(row, 1, pixels);
    return pixels;
  };
  let seen = env.reset({ seed: 4 }).observation as Uint8Array;
  assert.is(rows.write(seen, 0, true), FITS);
  for (let rollout = 0; rollout < 3; rollout++) {
    const shown: Uint8Array[] = [seen.slice()];
    for (let t = 0; t < T; t++) {
      const result = env.step(t % 3);
      const ended = result.terminated || result.truncated;
      rows.write(result.observation, t + 1, false);
      seen = (ended ? env.reset({}).observation : result.observation) as Uint8Array;
      if (ended) rows.write(seen, t + 1, true);
      shown.push(seen.slice());
    }
    shown.forEach((want, row) => {
      assert.ok(Buffer.compare(read(row), want) === 0, `row ${row} of rollout ${rollout}`);
    });
    const sum = rows.logged(T);
    rows.carry(0, 1);
    assert.equal(rows.logged(0), sum);
  }
  assert.is(rows.write(new Float32Array(k * side), 1, false), -2);
  assert.is(rows.write(new Uint8Array(5), 1, false), -2);

  async function startPpoNetwork() {
    const ppo = await startPpo(stacked, SMALL, 1, 1, { workerLearner: 'onnx' });
    await ppo.close();
    return ppo.problem.network;
  }
});

test('PPO learns to catch from pixels alone; the policy plays, decides, records and tells its outputs', async () => {
  const folder = temporaryFolder();
  const config = {
    numEnvs: 64,
    numSteps: 16,
    numMinibatches: 4,
    totalSteps: 64 * 16 * 30,
    learningRate: 1e-3,
    entCoef: 0.01,
    normReward: false,
  };
  const summary = await train({ env: catching, runDir: join(folder, 'run'), config, workers: 2, onNotice: () => {} });
  assert.is(summary.backend, 'onnx');
  const result = await evaluate(join(folder, 'run'), { episodes: 100, seed: 3 });
  assert.ok(result.meanReturn > 0.9, `mean return ${result.meanReturn}`);
  const few = await evaluate(join(folder, 'run'), { episodes: 3, seed: 3 });
  assert.equal(few.returns, result.returns.slice(0, 3));
  const { path } = await recordRun(join(folder, 'run'), { episodes: 3, seed: 3, policyOutputs: true });
  assert.ok(existsSync(path));
  assert.ok((await verifyEpisodes(path)).ok);
});

test('a memory recalls what it saw first; without one the same training cannot', async () => {
  const settings = {
    numEnvs: 64,
    numSteps: 16,
    numMinibatches: 4,
    totalSteps: 64 * 16 * 40,
    learningRate: 3e-3,
    hidden: [16],
    normObs: false,
    normReward: false,
    entCoef: 0.01,
  };
  const returns: number[] = [];
  for (const recurrent of ['gru', 'none'] as const) {
    const ppo = await startPpo(recall, { ...settings, recurrent, recurrentUnits: 16 }, 2, 1, { workerLearner: 'onnx' });
    while (ppo.state.iteration < ppo.plan.iterations) await ppo.iterate();
    const weights = ppo.weights();
    await ppo.close();
    const env = await constructEnv(recall);
    const policy = await Policy.create(weights, { observation: env.observationSpace, action: env.actionSpace });
    returns.push((await evaluatePolicy(policy, { spec: recall, episodes: 200, seed: 3 })).meanReturn);
    if (recurrent === 'none') continue;
    // One step at a time, in float64 and with the runtime.
    const { observation } = env.reset({ seed: 7 });
    const [a, b] = [policy.newMemory(), policy.newMemory()];
    const decided = await policy.decide(observation, { memory: b });
    assert.is(policy.predict(observation, { memory: a }), decided.action);
    a.forEach((x, k) => {
      assert.ok(Math.abs(x - b[k]!) < 1e-5);
    });
    const told = policy.predictWithOutputs(observation, { memory: policy.newMemory() }).outputs;
    told.forEach((x, k) => {
      assert.ok(Math.abs(x - decided.outputs[k]!) < 1e-4);
    });
    throwsError(() => policy.predict(observation), { code: 'MEMORY_MISSING', kind: 'usage', says: ['newMemory'] });
    throwsError(() => policy.predict(observation, { memory: new Float32Array(3) }), { code: 'MEMORY_MISSING' });
  }
  assert.ok(returns[0]! > 0.95, `with a memory ${returns[0]}`);
  assert.ok(Math.abs(returns[1]!) < 0.3, `without one ${returns[1]}`);
});

test('what cannot be trained is refused with what to do', async () => {
  const folder = temporaryFolder();
  const common = { env: catching, runDir: join(folder, 'run'), config: SMALL };
  await rejectsWith(() => train({ ...common, backend: 'kernels' }), {
    code: 'UNSUPPORTED_NETWORK',
    kind: 'usage',
    says: ['conv2d', '--backend auto'],
  });
  await rejectsWith(() => train({ ...common, env: recall, config: { ...SMALL, encoder: 'small-cnn' } }), {
    code: 'UNSUPPORTED_SPACE',
    says: ['pictures'],
  });
  await rejectsWith(
    () => train({ ...common, env: recall, config: { ...SMALL, recurrent: 'gru', sequenceLength: 3 } }),
    { code: 'INVALID_OPTION', says: ['sequenceLength', 'numSteps'] },
  );
  assert.not.ok(existsSync(common.runDir));
  assert.instance((await constructEnv(catching)).observationSpace, Box);
});

test.run();
