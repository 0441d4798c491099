import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  evaluate,
  GymkhanaError,
  loadPolicy,
  make,
  readEpisodes,
  recordRun,
  spec,
  type TrainOptions,
  train,
  verifyEpisodes,
} from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'gymkhana-train-'));
const small: TrainOptions = {
  env: 'Pendulum-v1',
  cwd: folder,
  workers: 2,
  config: { totalSteps: 20_000, numEnvs: 32, numSteps: 32, numMinibatches: 4, updateEpochs: 2 },
};

test('a run leaves its configuration, metrics, checkpoints and summary, and runs again from them', async () => {
  const iterations: number[] = [];
  const summary = await train({
    ...small,
    runDir: 'first',
    onIteration: ({ iteration }) => iterations.push(iteration.steps),
  });
  assert.is(summary.steps, 20_480, 'rounded up to whole iterations');
  assert.is(summary.status, 'finished');
  assert.is(iterations.length, 20);
  const config = JSON.parse(readFileSync(join(folder, 'first', 'config.json'), 'utf8'));
  const metrics = readFileSync(join(folder, 'first', 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n');
  assert.is(metrics.length, 20);
  assert.not.match(metrics.join(), /second/, 'nothing in metrics.jsonl depends on the clock');
  const again = await train({
    env: config.env,
    seed: config.seed,
    config: config.config,
    workers: 1,
    cwd: folder,
    runDir: 'again',
  });
  assert.is(again.parametersHash, summary.parametersHash);
  assert.equal(
    readFileSync(join(folder, 'again', 'metrics.jsonl')),
    readFileSync(join(folder, 'first', 'metrics.jsonl')),
  );
});

test('evaluation during training changes no parameter and keeps the best checkpoint', async () => {
  const plain = await train({ ...small, runDir: 'plain' });
  const watched = await train({ ...small, runDir: 'watched', evalEvery: 5, evalEpisodes: 4 });
  assert.is(watched.parametersHash, plain.parametersHash);
  const step = await evaluate(join(folder, 'watched'), { checkpoint: '5120', episodes: 5 });
  assert.is(step.episodes, 5);
  const best = await evaluate(join(folder, 'watched'), { checkpoint: 'best', episodes: 5 });
  assert.is(best.episodes, 5);
  assert.match(readFileSync(join(folder, 'watched', 'metrics.jsonl'), 'utf8'), /eval\/mean_return/);
});

test('the same evaluation gives the same returns, and its first episodes do not depend on how many follow', async () => {
  await train({ ...small, runDir: 'evaluated' });
  const run = join(folder, 'evaluated');
  const a = await evaluate(run, { episodes: 70, seed: 3 });
  const b = await evaluate(await loadPolicy(run), { episodes: 70, seed: 3 });
  const few = await evaluate(run, { episodes: 3, seed: 3 });
  assert.equal(a.returns, b.returns);
  assert.equal(a.returns.slice(0, 3), few.returns);
  assert.not.equal((await evaluate(run, { episodes: 3, seed: 4 })).returns, few.returns);
});

test('an env with choices as observations and action masks trains, records and verifies; one that is nondeterministic says so', async () => {
  const taxi = { ...spec('Taxi-v4'), kwargs: {} };
  const exact = await train({ ...small, env: taxi, runDir: 'taxi' });
  assert.is(exact.exact, true);
  assert.match(exact.exactOn ?? '', /fused multiply-add|same kind of processor/);
  const recorded = await recordRun(join(folder, 'taxi'), { episodes: 2 });
  const verified = await verifyEpisodes(recorded.path);
  assert.is(verified.verification, 'done');
  assert.ok(verified.ok);

  const loose = await train({ ...small, env: { ...taxi, nondeterministic: true }, runDir: 'loose' });
  assert.is(loose.exact, false);
  assert.match(loose.exactReason ?? '', /nondeterministic/);
  assert.is(loose.parametersHash, exact.parametersHash);
  const summary = JSON.parse(readFileSync(join(folder, 'loose', 'summary.json'), 'utf8'));
  assert.is(summary.exact, false);
  assert.is(summary.exactReason, loose.exactReason);
  assert.is(summary.exactOn, null);
  const onnx = await train({ ...small, env: taxi, runDir: 'onnx', backend: 'onnx' });
  assert.is(onnx.exact, true);
  assert.match(onnx.exactOn ?? '', /same kind of processor/);
  const kernels = await train({ ...small, env: taxi, runDir: 'kernels', backend: 'kernels' });
  assert.match(kernels.exactOn ?? '', /^every processor with(out)? fused multiply-add$/);
  const kept = await recordRun(join(folder, 'loose'));
  const { episodes } = await readEpisodes(kept.path);
  assert.is((await verifyEpisodes(kept.path)).verification, 'off');
  assert.is(episodes[0]?.observations?.length, (episodes[0]?.steps ?? 0) + 1);
});

test('predict takes one observation or a batch, and refuses others', async () => {
  await train({ ...small, runDir: 'predicting' });
  const { predict } = await loadPolicy(join(folder, 'predicting'));
  const env = await make('Pendulum-v1');
  const { observation } = env.reset({ seed: 1 });
  const one = predict(observation, { deterministic: true });
  assert.instance(one, Float32Array);
  const batch = predict([observation, observation]) as Float32Array;
  assert.equal(predict([...observation, ...observation]), batch);
  assert.equal([...batch], [...(one as Float32Array), ...(one as Float32Array)]);
  assert.throws(
    () => predict([1, 2]),
    (error: unknown) => error instanceof GymkhanaError && error.code === 'INVALID_OBSERVATION',
  );
  assert.throws(
    () => predict([1, 2, Number.NaN]),
    (error: unknown) => error instanceof GymkhanaError && error.code === 'INVALID_OBSERVATION',
  );
});

const misuse: readonly [string, Partial<TrainOptions>, string, RegExp][] = [
  [
    'an unknown setting',
    { config: { totalStep: 1 } as never },
    'UNKNOWN_OPTION',
    /'totalStep'. Did you mean 'totalSteps'\?/,
  ],
  ['no envs', { config: { numEnvs: 0 } }, 'INVALID_OPTION', /numEnvs cannot be 0/],
  ['a NaN rate', { config: { learningRate: Number.NaN } }, 'INVALID_OPTION', /learningRate/],
  ['a gamma above 1', { config: { gamma: 1.5 } }, 'INVALID_OPTION', /gamma cannot be 1.5/],
  ['a fractional seed', { seed: 0.5 }, 'INVALID_OPTION', /seed must be a whole number/],
  ['no workers', { workers: 0 }, 'INVALID_OPTION', /workers must be a whole number/],
  [
    'a minibatch beyond the rollout',
    { config: { numEnvs: 4, numSteps: 4, minibatchSize: 17 } },
    'MINIBATCH_TOO_LARGE',
    /4 envs x 4 steps = 16 samples/,
  ],
  ['an arena beyond 4 GiB', { config: { numEnvs: 1_000_000, numSteps: 1000 } }, 'ARENA_TOO_LARGE', /4 GiB/],
  ['an unknown env', { env: 'Pendlum-v1' }, 'ENV_NOT_FOUND', /Did you mean 'Pendulum-v1'/],
];
for (const [name, options, code, text] of misuse) {
  test(`misuse: ${name}`, async () => {
    let error: unknown = null;
    try {
      await train({ ...small, runDir: 'misuse', overwrite: true, ...options });
    } catch (caught) {
      error = caught;
    }
    assert.instance(error, GymkhanaError);
    assert.is((error as GymkhanaError).code, code);
    assert.is((error as GymkhanaError).kind, 'usage');
    assert.match((error as GymkhanaError).message, text);
    assert.not.ok(existsSync(join(folder, 'misuse')), 'nothing is left behind');
  });
}

test.after(() => rmSync(folder, { recursive: true, force: true }));

test.run();
