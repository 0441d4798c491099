import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type EnvSpec,
  GymkhanaError,
  type RunSummary,
  resume,
  spec,
  type TrainOptions,
  train,
} from '../../src/index.js';
import { encodeCheckpoint, loadCheckpoint } from '../../src/runs/checkpoint.js';
import { readJsonl } from '../../src/runs/metrics.js';

const folder = mkdtempSync(join(tmpdir(), 'gymkhana-resume-'));
const small = { numEnvs: 48, numSteps: 16, numMinibatches: 3, updateEpochs: 2, totalSteps: 48 * 16 * 9, hidden: [16] };

/** Trains, and stops after some iterations if asked to. */
async function trained(
  env: string | EnvSpec,
  runDir: string,
  over: Partial<TrainOptions> = {},
  stopAfter = Number.POSITIVE_INFINITY,
): Promise<RunSummary> {
  const stop = new AbortController();
  return await train({
    env,
    runDir,
    cwd: folder,
    workers: 2,
    config: small,
    signal: stop.signal,
    onIteration: ({ iteration }) => {
      if (iteration.iteration >= stopAfter) stop.abort();
    },
    ...over,
  });
}

/** Every file of a run that must not depend on the clock, with its bytes. */
function bytesOf(run: string): Record<string, string> {
  const path = join(folder, run);
  const checkpoints = readdirSync(join(path, 'checkpoints')).filter((name) => name !== 'previous.safetensors');
  const names = [
    'metrics.jsonl',
    'summary.json',
    'config.json',
    ...checkpoints.map((name) => join('checkpoints', name)),
  ];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(path, name), 'base64')]));
}

async function codeOf(call: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof GymkhanaError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('nothing was thrown');
}

const wrapped: EnvSpec = {
  ...spec('Pendulum-v1'),
  wrappers: [{ name: 'NormalizeObservation', moduleUrl: null, kwargs: {} }],
};
const cases: readonly [string, string | EnvSpec, Partial<TrainOptions>][] = [
  ['choices', 'CartPole-v1', { evalEvery: 3, evalEpisodes: 3 }],
  ['dimensions, measures and scaled rewards', 'Driving-v0', {}],
  ['masks and text-like states', 'Taxi-v4', {}],
  ["wrappers' states", wrapped, {}],
  ['a target', 'CartPole-v1', { targetReturn: 22 }],
];
for (const [name, env, over] of cases) {
  test(`a run that was stopped twice comes to the bytes of one that was not: ${name}`, async () => {
    const whole = await trained(env, `${name}-whole`, over);
    const first = await trained(env, `${name}-stopped`, over, 2);
    assert.is(first.status, 'stopped');
    const stop = new AbortController();
    const halfway = await resume(`${name}-stopped`, {
      cwd: folder,
      workers: 1,
      signal: stop.signal,
      onIteration: ({ iteration }) => {
        if (iteration.iteration >= 4) stop.abort();
      },
    });
    assert.ok(halfway.steps > first.steps);
    const last = await resume(`${name}-stopped`, { cwd: folder, workers: 3, checkpointEvery: 1 });
    assert.is(last.parametersHash, whole.parametersHash);
    assert.is(last.reachedTarget, name === 'a target');
    // `workers` stands in the configuration, as the run was begun.
    assert.equal(bytesOf(`${name}-stopped`), bytesOf(`${name}-whole`));
    const timing = readJsonl(join(folder, `${name}-stopped`, 'timing.jsonl')).map((line) => line['iteration']);
    assert.equal(
      timing,
      timing.map((_, k) => k + 1),
      'no line is missing or doubled',
    );
    const seconds = readJsonl(join(folder, `${name}-stopped`, 'timing.jsonl')).map((line) =>
      Number(line['time/seconds']),
    );
    assert.ok(
      seconds.every((value, k) => k === 0 || value > seconds[k - 1]!),
      'the time of earlier sittings counts',
    );
  });
}

test('a torn checkpoint is detected and the one before is used, with a notice; without any whole one nothing is trained', async () => {
  await trained('CartPole-v1', 'torn', { checkpointEvery: 1 }, 5);
  const whole = await trained('CartPole-v1', 'untorn');
  const checkpoints = join(folder, 'torn', 'checkpoints');
  const last = join(checkpoints, 'last.safetensors');
  const kept = readFileSync(last);
  cpSync(join(folder, 'torn'), join(folder, 'torn-both'), { recursive: true });
  cpSync(join(folder, 'torn'), join(folder, 'missing'), { recursive: true });
  truncateSync(last, kept.length - 100);
  const notices: string[] = [];
  const summary = await resume('torn', { cwd: folder, onNotice: (text) => notices.push(text) });
  assert.match(
    notices.join('\n'),
    /last\.safetensors is damaged: .* Going on from .*previous\.safetensors, which is whole/,
  );
  assert.is(summary.parametersHash, whole.parametersHash);
  assert.is(
    readFileSync(join(folder, 'torn', 'metrics.jsonl'), 'utf8'),
    readFileSync(join(folder, 'untorn', 'metrics.jsonl'), 'utf8'),
  );

  rmSync(join(folder, 'missing', 'checkpoints', 'last.safetensors'));
  const other = await resume('missing', { cwd: folder, onNotice: (text) => notices.push(text) });
  assert.match(notices.at(-1)!, /last\.safetensors is missing\. Going on from/);
  assert.is(other.parametersHash, whole.parametersHash);

  for (const name of ['last', 'previous'])
    truncateSync(join(folder, 'torn-both', 'checkpoints', `${name}.safetensors`), 50);
  assert.is((await codeOf(resume('torn-both', { cwd: folder }))).code, 'CHECKPOINT_CORRUPT');
});

test('a run without a checkpoint yet begins anew, and its own lock does not stay behind', async () => {
  const whole = await trained('CartPole-v1', 'early-whole');
  await trained('CartPole-v1', 'early', {}, 3);
  rmSync(join(folder, 'early', 'checkpoints'), { recursive: true });
  rmSync(join(folder, 'early', 'summary.json'));
  const summary = await resume('early', { cwd: folder });
  assert.is(summary.parametersHash, whole.parametersHash);
  assert.equal(bytesOf('early'), bytesOf('early-whole'));
  assert.not(existsSync(join(folder, 'early', '.lock')));
});

test('a finished run has nothing to resume; more steps make it another run, which says so', async () => {
  const finished = await trained('CartPole-v1', 'longer');
  const refused = await codeOf(resume('longer', { cwd: folder }));
  assert.is(refused.code, 'RUN_FINISHED');
  assert.match(refused.message, /larger --total-steps than 6912/);
  assert.is((await codeOf(resume('longer', { cwd: folder, totalSteps: 100 }))).code, 'INVALID_OPTION');
  const more = await resume('longer', { cwd: folder, totalSteps: 10_000 });
  assert.is(more.steps, 48 * 16 * 14);
  assert.ok(more.steps > finished.steps);
  const config = JSON.parse(readFileSync(join(folder, 'longer', 'config.json'), 'utf8'));
  assert.equal(config.extended, [{ steps: 6912, from: 6912, to: 10_000 }]);
  assert.is(config.config.totalSteps, 10_000);
  assert.is(readJsonl(join(folder, 'longer', 'metrics.jsonl')).length, 14);
});

test('misuse of resume: each with its code, and nothing of the run is lost', async () => {
  writeFileSync(
    join(folder, 'own.ts'),
    `import { Box, Discrete, Env, type ResetOptions } from 'gymkhana';
export class Own extends Env<Float32Array, number> {
  readonly observationSpace = new Box(-1, 1, { shape: [1] });
  readonly actionSpace = new Discrete(2);
  override reset(options: ResetOptions = {}) { super.reset(options); return { observation: Float32Array.of(0), info: {} }; }
  step(action: number) { return { observation: Float32Array.of(0.5), reward: action, terminated: this.rng.random() < 0.1, truncated: false, info: {} }; }
}`,
  );
  await trained('./own.ts:Own', 'own', {}, 3);
  // A module is loaded once a process; the run is made to remember another one instead.
  const remembered = join(folder, 'own', 'config.json');
  const before = readFileSync(remembered, 'utf8');
  writeFileSync(
    remembered,
    before.replace(/(own\.ts": ")\w{8}/, (_, start: string) => `${start}00000000`),
  );
  const changed = await codeOf(resume('own', { cwd: folder }));
  assert.is(changed.code, 'MODULE_CHANGED');
  assert.match(changed.message, /own\.ts has changed since/);
  writeFileSync(remembered, before);
  assert.is((await resume('own', { cwd: folder })).status, 'finished');

  assert.is((await codeOf(resume('nowhere', { cwd: folder }))).code, 'RUN_NOT_FOUND');
  assert.is((await codeOf(resume('own', { cwd: folder, workers: 0 }))).code, 'INVALID_OPTION');
  assert.is((await codeOf(resume('own', { cwd: folder, hangTimeout: -1 }))).code, 'INVALID_OPTION');

  await trained('CartPole-v1', 'policy-only', {}, 3);
  const last = join(folder, 'policy-only', 'checkpoints', 'last.safetensors');
  writeFileSync(last, encodeCheckpoint({ ...loadCheckpoint(last), training: null }).bytes);
  assert.is((await codeOf(resume('policy-only', { cwd: folder }))).code, 'CHECKPOINT_WITHOUT_TRAINING');

  await trained('CartPole-v1', 'other-envs', {}, 3);
  const config = join(folder, 'other-envs', 'config.json');
  writeFileSync(config, readFileSync(config, 'utf8').replace('"numEnvs": 48', '"numEnvs": 32'));
  assert.is((await codeOf(resume('other-envs', { cwd: folder }))).code, 'CHECKPOINT_MISMATCH');

  await trained('CartPole-v1', 'two', {}, 3);
  const both = await Promise.allSettled([resume('two', { cwd: folder }), resume('two', { cwd: folder })]);
  const codes = both.map((one) => (one.status === 'fulfilled' ? one.value.status : (one.reason as GymkhanaError).code));
  assert.equal(codes.sort(), ['RUN_DIR_TAKEN', 'finished']);

  await trained('CartPole-v1', 'fewer-lines', {}, 4);
  writeFileSync(join(folder, 'fewer-lines', 'metrics.jsonl'), '');
  const notices: string[] = [];
  await resume('fewer-lines', { cwd: folder, onNotice: (text) => notices.push(text) });
  assert.match(notices.join(), /has 0 of the 4 lines/);
});

test('counters go on beyond 2^32 steps, with the same bytes for any number of workers', async () => {
  const config = { ...small, totalSteps: 2 ** 32 + 1_000_000 };
  const samples = small.numEnvs * small.numSteps;
  await trained('Pendulum-v1', 'far', { config }, 2);
  const last = join(folder, 'far', 'checkpoints', 'last.safetensors');
  const iteration = Math.floor(2 ** 32 / samples) - 1;
  const near = { ...loadCheckpoint(last), iteration, steps: iteration * samples };
  writeFileSync(last, encodeCheckpoint({ ...near, adam: { ...near.adam, step: 2 ** 32 - 5 } }).bytes);
  const outcomes: string[] = [];
  for (const workers of [1, 2]) {
    cpSync(join(folder, 'far'), join(folder, `far-${workers}`), { recursive: true });
    const stop = new AbortController();
    const summary = await resume(`far-${workers}`, {
      cwd: folder,
      workers,
      signal: stop.signal,
      onIteration: (progress) => {
        if (progress.iteration.iteration >= iteration + 4) stop.abort();
      },
    });
    assert.is(summary.steps, (iteration + 4) * samples);
    assert.ok(summary.steps > 2 ** 32);
    const lines = readJsonl(join(folder, `far-${workers}`, 'metrics.jsonl'));
    assert.is(lines.at(-1)?.['steps'], summary.steps);
    assert.ok(lines.slice(-3).every((line) => Number.isFinite(Number(line['losses/value_loss']))));
    const checkpoint = loadCheckpoint(join(folder, `far-${workers}`, 'checkpoints', 'last.safetensors'));
    assert.is(checkpoint.steps, summary.steps);
    assert.ok(checkpoint.adam.step > 2 ** 32);
    outcomes.push(checkpoint.hash);
  }
  assert.is(outcomes[0], outcomes[1]);
});

test('a run that was begun under another Math, or with another arithmetic of the kernels, goes on and says so', async () => {
  await trained('Pendulum-v1', 'elsewhere', {}, 4);
  const file = join(folder, 'elsewhere', 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  const notices: string[] = [];
  config.engine = {
    ...config.engine,
    mathFingerprint: '00000000',
    kernels: config.engine.kernels === 'fused' ? 'plain' : 'fused',
  };
  writeFileSync(file, JSON.stringify(config));
  const summary = await resume('elsewhere', { cwd: folder, onNotice: (text) => notices.push(text) });
  assert.is(summary.status, 'finished');
  assert.is(notices.filter((text) => /with another Math/.test(text)).length, 1);
  assert.is(notices.filter((text) => /multiply-add, those of this machine are/.test(text)).length, 1);
});

test('the files of a run that is gone on with elsewhere are its own', async () => {
  await trained('CartPole-v1', 'moved-from', {}, 4);
  cpSync(join(folder, 'moved-from'), join(folder, 'moved-to'), { recursive: true });
  copyFileSync(join(folder, 'moved-from', 'config.json'), join(folder, 'moved-to', 'config.json'));
  const there = await resume('moved-to', { cwd: folder });
  const whole = await trained('CartPole-v1', 'moved-whole');
  assert.is(there.parametersHash, whole.parametersHash);
  assert.is(there.runDir, join(folder, 'moved-to'));
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
