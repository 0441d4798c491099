/** Launches on this machine: processes of their own, failures apart, and what a killed launch leaves. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type LaunchedRun,
  type LaunchInput,
  type LaunchPlan,
  type LaunchResult,
  launch,
  parseLaunch,
  planLaunch,
  train,
} from '../../../src/index.js';
import { shareOf } from '../../../src/runs/launch/launch.js';
import { rejectsWith } from '../../support/misuse.js';
import { temporaryFolder } from '../../support/temporary.js';

const SMALL = { numEnvs: 8, numSteps: 16, hidden: [8], minibatchSize: 64, updateEpochs: 1 };
const plan = (input: LaunchInput, cwd: string): Promise<LaunchPlan> =>
  planLaunch(parseLaunch({ totalSteps: 1024, config: SMALL, ...input }), { cwd, name: 'test' });
const bytes = (runDir: string): string[] =>
  ['metrics.jsonl', 'summary.json', 'checkpoints/last.safetensors'].map((file) =>
    readFileSync(join(runDir, file), 'base64'),
  );
const statuses = ({ runs }: LaunchResult): string[] => runs.map(({ status }) => status);

/** An env that does what a file says: throws in a reset or ends its process, once (an episode later the file is gone) or always. */
const TROUBLE = `import { existsSync, rmSync, readFileSync } from 'node:fs';
import { Box, Discrete, Env } from 'gymkhana';
export class Trouble extends Env {
  observationSpace = new Box(-1, 1, { shape: [1] });
  actionSpace = new Discrete(2);
  #k = 0;
  constructor(options) { super(); this.file = options.file; this.keep = options.keep; }
  reset(options = {}) {
    super.reset(options);
    if ((this.keep || this.#k++ > 20) && existsSync(this.file)) {
      const what = readFileSync(this.file, 'utf8');
      if (!this.keep) rmSync(this.file);
      if (what === 'throw') throw new Error('trouble in reset');
      if (what === 'kill') process.kill(process.pid, 'SIGKILL');
    }
    return { observation: new Float32Array(1), info: {} };
  }
  step() { return { observation: new Float32Array(1), reward: 1, terminated: this.rng.random() < 0.2, truncated: false, info: {} }; }
}
`;

test('every run has its own process and directory, with the bytes of the same run trained alone', async () => {
  const cwd = temporaryFolder();
  const planned = await plan(
    { env: 'CartPole-v1', seeds: [1, 2], config: { ...SMALL, learningRate: { grid: [1e-3, 1e-2] } } },
    cwd,
  );
  const changes: string[] = [];
  const result = await launch(planned, {
    runDir: 'runs',
    parallel: 2,
    onChange: (runs) => changes.push(runs.map(({ status }) => status[0]).join('')),
  });
  assert.equal(statuses(result), ['finished', 'finished', 'finished', 'finished']);
  assert.is(result.finished, 4);
  assert.ok(changes.includes('rrww') && changes.at(-1) === 'ffff', changes.join(' '));
  assert.not(
    changes.some((text) => text.replace(/[^r]/g, '').length > 2),
    'more than two at a time',
  );
  const [first] = result.runs;
  const alone = join(cwd, 'alone');
  await train({
    env: 'CartPole-v1',
    seed: 1,
    config: { ...SMALL, learningRate: 1e-3, totalSteps: 1024 },
    runDir: alone,
    workers: 2,
  });
  assert.equal(bytes(first!.runDir), bytes(alone));
  assert.is(first!.steps, 1024);
  const saved = JSON.parse(readFileSync(join(cwd, 'runs', 'launch.json'), 'utf8')) as { runs: { hash: string }[] };
  assert.equal(
    saved.runs.map(({ hash }) => hash),
    planned.runs.map(({ hash }) => hash),
  );

  await rejectsWith(() => launch(planned, { runDir: 'runs' }), {
    code: 'LAUNCH_EXISTS',
    kind: 'usage',
    says: ['--resume'],
  });
  const again = await launch(planned, { runDir: 'runs', resume: true });
  assert.equal(
    again.runs.map(({ attempts }) => attempts),
    [0, 0, 0, 0],
  );
  assert.equal(
    again.runs.map(({ meanReturn }) => meanReturn),
    result.runs.map(({ meanReturn }) => meanReturn),
  );
});

test('another launch in the same folder does only what is new', async () => {
  const cwd = temporaryFolder();
  const one = await plan({ env: 'CartPole-v1', seeds: [1] }, cwd);
  await launch(one, { runDir: 'runs' });
  const more = await plan({ env: 'CartPole-v1', seeds: [1, 2] }, cwd);
  const result = await launch(more, { runDir: 'runs', resume: true });
  assert.equal(
    result.runs.map(({ status, attempts }) => [status, attempts]),
    [
      ['finished', 0],
      ['finished', 1],
    ],
  );
});

test('a run that fails is listed and disturbs no other; one whose process dies is gone on with, at the same bytes', async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'trouble.ts'), TROUBLE);
  const file = (name: string): string => join(cwd, name);
  const env = (name: string, keep: boolean) => ({ id: './trouble.ts:Trouble', kwargs: { file: file(name), keep } });
  const planned = await plan(
    {
      env: [env('always', true), env('once', false), env('killed', false), env('never', false)],
      retries: 2,
      totalSteps: 4096,
    },
    cwd,
  );
  const peaceful = await launch(planned, { runDir: 'peaceful' });
  assert.equal(statuses(peaceful), ['finished', 'finished', 'finished', 'finished']);
  writeFileSync(file('always'), 'throw');
  writeFileSync(file('once'), 'throw');
  writeFileSync(file('killed'), 'kill');
  const notices: string[] = [];
  const result = await launch(planned, { runDir: 'runs', onNotice: (text) => notices.push(text) });
  assert.equal(statuses(result), ['failed', 'finished', 'finished', 'finished']);
  assert.equal(
    result.runs.map(({ attempts }) => attempts),
    [3, 1, 2, 1],
  );
  const [always, once, killed, never] = result.runs as [LaunchedRun, LaunchedRun, LaunchedRun, LaunchedRun];
  assert.match(always.failure!.message, /trouble in reset/);
  assert.match(readFileSync(always.logFile, 'utf8'), /trouble in reset/);
  assert.is(notices.filter((text) => text.includes('gone on with')).length, 3, notices.join('\n'));
  assert.ok(notices.some((text) => text.includes('RUN_CRASHED')));
  for (const [k, run] of [once, killed, never].entries())
    assert.equal(bytes(run.runDir), bytes(peaceful.runs[k + 1]!.runDir));
});

test('a mistake is not tried again', async () => {
  const cwd = temporaryFolder();
  const planned = await plan({ env: 'CartPole-v1', seeds: [1, 2] }, cwd);
  const run = planned.runs[0]!;
  mkdirSync(join(cwd, 'runs', run.name), { recursive: true });
  writeFileSync(join(cwd, 'runs', run.name, 'mine.txt'), 'not a run');
  const result = await launch(planned, { runDir: 'runs' });
  assert.equal(
    result.runs.map(({ status, attempts, failure }) => [status, attempts, failure?.code]),
    [
      ['failed', 1, 'RUN_DIR_NOT_EMPTY'],
      ['finished', 1, undefined],
    ],
  );
  assert.is(readFileSync(join(cwd, 'runs', run.name, 'mine.txt'), 'utf8'), 'not a run');
});

test('a run whose files are damaged is listed, and nothing of it is touched', async () => {
  const cwd = temporaryFolder();
  const planned = await plan({ env: 'CartPole-v1', seeds: [1, 2] }, cwd);
  const place = join(cwd, 'runs', planned.runs[0]!.name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'config.json'), '{"version": 1');
  const result = await launch(planned, { runDir: 'runs' });
  assert.equal(statuses(result), ['failed', 'finished']);
  assert.is(result.runs[0]!.failure!.code, 'CONFIG_CORRUPT');
  assert.is(readFileSync(join(place, 'config.json'), 'utf8'), '{"version": 1');
});

test("an env's file that changes while a launch goes on does not give another run under the same name", async () => {
  const cwd = temporaryFolder();
  const path = join(cwd, 'trouble.ts');
  writeFileSync(path, TROUBLE);
  const planned = await plan(
    { env: { id: './trouble.ts:Trouble', kwargs: { file: join(cwd, 'none'), keep: false } }, seeds: 1 },
    cwd,
  );
  const other = { ...planned, runs: planned.runs.map((run) => ({ ...run, moduleHash: 'f'.repeat(64) })) };
  const result = await launch(other, { runDir: 'runs' });
  assert.is(result.runs[0]!.failure?.code, 'MODULE_CHANGED');
  assert.not(existsSync(result.runs[0]!.runDir));
});

test('a stopped launch leaves checkpoints, and comes to the same bytes when it is gone on with', async () => {
  const cwd = temporaryFolder();
  const planned = await plan({ env: 'CartPole-v1', seeds: [1, 2, 3], totalSteps: 200_000 }, cwd);
  const stop = new AbortController();
  const stopped = await launch(planned, {
    runDir: 'runs',
    parallel: 2,
    signal: stop.signal,
    onChange: (runs) => {
      if (runs.filter(({ steps }) => steps > 1000).length === 2) stop.abort();
    },
  });
  assert.equal(statuses(stopped), ['stopped', 'stopped', 'waiting']);
  assert.is(stopped.unfinished, 3);
  const steps = stopped.runs.map((run) => run.steps);
  assert.ok(steps[0]! > 0 && steps[0]! < 200_000 && steps[2] === 0, `${steps}`);
  const result = await launch(planned, { runDir: 'runs', resume: true });
  assert.equal(statuses(result), ['finished', 'finished', 'finished']);
  const whole = await launch(planned, { runDir: 'whole' });
  for (const [k, run] of result.runs.entries()) assert.equal(bytes(run.runDir), bytes(whole.runs[k]!.runDir));
});

test('a share of a launch is what --only names; shares of one launch do not stand in each others way', async () => {
  const cwd = temporaryFolder();
  const planned = await plan({ env: 'CartPole-v1', seeds: 4 }, cwd);
  const shares = await Promise.all([
    launch(planned, { runDir: 'runs', only: [0, 2], parallel: 1 }),
    launch(planned, { runDir: 'runs', only: [3], parallel: 1 }),
  ]);
  assert.equal(
    shares.map((share) => share.runs.map(({ run }) => run.index)),
    [[0, 2], [3]],
  );
  const rest = await launch(planned, { runDir: 'runs', resume: true });
  assert.equal(
    rest.runs.map(({ attempts }) => attempts),
    [0, 1, 0, 0],
  );
  await rejectsWith(() => launch(planned, { runDir: 'runs', only: [4] }), { code: 'LAUNCH_INVALID', says: ['0 to 3'] });
});

test('two launches in one folder at a time: the second is told', async () => {
  const cwd = temporaryFolder();
  const planned = await plan({ env: 'CartPole-v1', seeds: [1], totalSteps: 60_000 }, cwd);
  let second: Promise<void> | null = null;
  await launch(planned, {
    runDir: 'runs',
    onChange: (runs) => {
      if (runs[0]!.status !== 'running' || second !== null) return;
      second = rejectsWith(() => launch(planned, { runDir: 'runs', resume: true }), {
        code: 'RUN_DIR_TAKEN',
        kind: 'usage',
      });
    },
  });
  assert.ok(second !== null);
  await second;
});

test('runs are fitted to cores', () => {
  const cores = shareOf({}, 1e6).parallel;
  assert.equal(shareOf({}, 1e6), { parallel: cores, workers: 1 });
  assert.equal(shareOf({}, 1), { parallel: 1, workers: 1 });
  assert.equal(shareOf({ parallel: 1 }, 9), { parallel: 1, workers: cores });
  assert.equal(shareOf({ workers: cores }, 9), { parallel: 1, workers: cores });
  assert.equal(shareOf({ parallel: 3 * cores }, 1e6), { parallel: 3 * cores, workers: 1 });
});

test('numbers that make no sense are refused before anything starts', async () => {
  const cwd = temporaryFolder();
  const planned = await plan({ env: 'CartPole-v1' }, cwd);
  for (const bad of [{ parallel: 0 }, { parallel: 1.5 }, { workers: -1 }, { retries: -1 }, { retries: Number.NaN }]) {
    await rejectsWith(() => launch(planned, { runDir: 'runs', ...bad }), { code: 'INVALID_OPTION', kind: 'usage' });
  }
  assert.not(existsSync(join(cwd, 'runs')));
});

test.run();
