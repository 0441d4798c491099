/** The table of runs on real directories: what comes and goes, what launches have planned, and what is damaged. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { madeConfig, madeLine, makeRuns } from '../../scripts/bench/made-runs.js';
import type { RunRow } from '../../src/dash/api.js';
import { RunIndex } from '../../src/dash/run-index.js';
import { spec } from '../../src/index.js';
import { acquireRunLock } from '../../src/runs/lock.js';
import { temporaryFolder } from '../support/temporary.js';

const KEY = 'charts/episodic_return';

interface RunFiles {
  readonly config?: string;
  readonly metrics?: string;
  readonly summary?: string;
}

const GOOD = JSON.stringify(madeConfig(spec('CartPole-v1'), 3, { totalSteps: 20_480, learningRate: 0.01 }));

/** Writes a run directory, sound but for what is given. */
function makeRun(root: string, id: string, { config = GOOD, metrics, summary }: RunFiles = {}): string {
  const path = join(root, id);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'config.json'), config);
  if (metrics !== undefined) writeFileSync(join(path, 'metrics.jsonl'), metrics);
  if (summary !== undefined) writeFileSync(join(path, 'summary.json'), summary);
  return path;
}

const threeLines = [1, 2, 3].map((k) => `${madeLine(k, [5, 9, 7][k - 1]!)}\n`).join('');

async function indexed(root: string, body: (index: RunIndex) => Promise<void> | void): Promise<void> {
  const index = await RunIndex.open(root, { pollMs: 20 });
  // Somebody listens, so that it looks often.
  const stop = index.subscribe(() => {});
  try {
    await index.warm;
    await body(index);
  } finally {
    stop();
    await index.close();
  }
}

async function until(index: RunIndex, what: string, holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < 8000; waited += 10) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never: ${what}; rows: ${JSON.stringify(index.rows(), null, 1)}`);
}

const rowsOf = (index: RunIndex): Record<string, RunRow> =>
  Object.fromEntries(index.rows().map((row) => [row.id, row]));

test('runs are found at any depth, each row with what its files say', async () => {
  const root = temporaryFolder();
  const path = makeRun(root, 'a/b/one', { metrics: threeLines, summary: '{"status":"finished"}' });
  writeFileSync(join(path, 'timing.json'), '{"seconds":12.5,"stepsPerSecond":500}');
  makeRun(root, 'two', { metrics: threeLines });
  writeFileSync(
    join(root, 'two/timing.jsonl'),
    '{"iteration":3,"steps":6144,"time/seconds":3,"time/steps_per_second":2048}\n',
  );
  makeRun(root, 'three');
  makeRun(root, 'two/previous-1');
  await indexed(root, (index) => {
    const { 'a/b/one': one, two, three, ...others } = rowsOf(index);
    assert.equal(Object.keys(others), [], 'what was moved aside is no run');
    const { changedAt, ...fields } = one!;
    assert.ok(Date.now() - changedAt < 60_000);
    assert.equal(fields, {
      id: 'a/b/one',
      status: 'finished',
      problem: null,
      env: 'CartPole-v1',
      algo: 'ppo',
      seed: 3,
      step: 6144,
      totalSteps: 20_480,
      meanReturn: 7,
      bestReturn: 9,
      stepsPerSecond: 500,
      seconds: 12.5,
      settings: { totalSteps: 20_480, learningRate: 0.01, seed: 3 },
    });
    assert.equal([two!.status, two!.stepsPerSecond, two!.seconds], ['stopped', 2048, 3]);
    assert.equal([three!.status, three!.step, three!.meanReturn, three!.bestReturn], ['waiting', 0, null, null]);
    assert.is(index.keys()[0], KEY);
    assert.ok(index.keys().includes('losses/value_loss') && index.keys().includes('time/seconds'));
    assert.not.ok(index.keys().includes('iteration'));
  });
});

test('one run is watched by itself as well', async () => {
  const path = makeRun(temporaryFolder(), 'alone', { metrics: threeLines });
  await indexed(path, async (index) => {
    assert.equal(
      index.rows().map(({ id, step }) => [id, step]),
      [['.', 6144]],
    );
    assert.equal((await index.thinned('.', KEY, 100))?.values, [5, 9, 7]);
  });
});

test('what is damaged is unreadable and says why, and the run beside it is as it was', async () => {
  const root = temporaryFolder();
  const huge = join(makeRun(root, 'huge'), 'config.json');
  writeFileSync(huge, Buffer.alloc(17 << 20, 0x20));
  makeRun(root, 'not-json', { config: '{' });
  makeRun(root, 'another-thing', { config: '{"version":1}' });
  makeRun(root, 'bad-summary', { metrics: threeLines, summary: '{"status":"unheard of"}' });
  makeRun(root, 'bad-line', { metrics: `${threeLines}oops\n${madeLine(5, 1)}\n` });
  makeRun(root, 'bad-end', { metrics: `${threeLines}oops\n` });
  makeRun(root, 'long-line', { metrics: `${threeLines}{"steps":9999999,"x":"${'y'.repeat(2 << 20)}"}\n` });
  const lost = makeRun(root, 'no-config', { metrics: threeLines });
  rmSync(join(lost, 'config.json'));
  const folder = makeRun(root, 'folders');
  rmSync(join(folder, 'config.json'));
  mkdirSync(join(folder, 'config.json'));
  const secret = join(temporaryFolder(), 'secret.json');
  writeFileSync(secret, 'root:x:0:0');
  const link = makeRun(root, 'link');
  rmSync(join(link, 'config.json'));
  symlinkSync(secret, join(link, 'config.json'));
  const linked = makeRun(root, 'linked-metrics');
  symlinkSync(secret, join(linked, 'metrics.jsonl'));
  symlinkSync(temporaryFolder(), join(root, 'out'));
  const settings = Object.fromEntries(Array.from({ length: 5000 }, (_, k) => [`s${k}`, 'x'.repeat(1500)]));
  const large = { ...settings, long: 1, '__proto__ ': 2, s0: 'y'.repeat(100_000) };
  makeRun(root, 'large', { config: JSON.stringify(madeConfig(spec('CartPole-v1'), 3, large as object)) });
  makeRun(root, '<script>alert(1)</script>', { metrics: threeLines });
  makeRun(root, 'good, with a comma', { metrics: threeLines });
  await indexed(root, async (index) => {
    const rows = rowsOf(index);
    const problems: Record<string, RegExp> = {
      huge: /^RUN_NOT_READABLE/,
      'not-json': /^CONFIG_CORRUPT/,
      'another-thing': /^CONFIG_CORRUPT/,
      'bad-summary': /^SUMMARY_CORRUPT/,
      'bad-line': /^METRICS_CORRUPT.*line 4/,
      'bad-end': /^METRICS_CORRUPT/,
      'long-line': /^METRICS_CORRUPT/,
      'no-config': /^RUN_NOT_FOUND/,
      folders: /^(RUN_NOT_READABLE|CONFIG_CORRUPT)/,
      link: /^RUN_NOT_READABLE.*link/,
      'linked-metrics': /^RUN_NOT_READABLE.*link/,
    };
    for (const [id, says] of Object.entries(problems)) {
      assert.is(rows[id]?.status, 'unreadable', id);
      assert.match(rows[id]!.problem!, says, id);
      assert.not.match(rows[id]!.problem!, root, 'where the folder is is nobody’s business');
      assert.not.match(rows[id]!.problem!, 'root:x');
    }
    for (const id of ['<script>alert(1)</script>', 'good, with a comma']) {
      assert.equal([rows[id]!.status, rows[id]!.bestReturn], ['stopped', 9]);
    }
    assert.is(rows['large']!.status, 'waiting');
    assert.ok(JSON.stringify(rows['large']).length < 600_000);
    assert.is(Object.keys(rows).length, Object.keys(problems).length + 3);
    assert.equal((await index.thinned('bad-line', KEY, 100))?.values, [5, 9, 7], 'what was read before the damage');
    // Mended, it is a run like any other.
    writeFileSync(join(root, 'not-json/config.json'), GOOD);
    writeFileSync(join(root, 'bad-end/metrics.jsonl'), threeLines);
    await until(index, 'mended', () => rowsOf(index)['not-json']!.status === 'waiting');
    await until(index, 'mended too', () => rowsOf(index)['bad-end']!.status === 'stopped');
  });
});

test('runs that come, grow, are moved and removed while they are watched', async () => {
  const root = temporaryFolder();
  const going = makeRun(root, 'going', { metrics: threeLines });
  await indexed(root, async (index) => {
    const heard: string[] = [];
    let seen = index.version;
    index.subscribe(() => {
      const { changed, gone } = index.changesSince(seen);
      seen = index.version;
      heard.push(...changed.map(({ id }) => `+${id}`), ...gone.map((id) => `-${id}`));
    });
    const lock = await acquireRunLock(going);
    await until(index, 'running', () => rowsOf(index)['going']!.status === 'running');
    appendFileSync(join(going, 'metrics.jsonl'), `${madeLine(4, 11)}\n`);
    await until(index, 'a new best', () => rowsOf(index)['going']!.bestReturn === 11);
    assert.is(rowsOf(index)['going']!.step, 4 * 2048);
    lock.release();
    await until(index, 'stopped', () => rowsOf(index)['going']!.status === 'stopped');
    makeRun(root, 'deep/er/new', { metrics: threeLines });
    await until(index, 'a new run', () => rowsOf(index)['deep/er/new']?.bestReturn === 9);
    renameSync(going, join(root, 'gone-on'));
    await until(index, 'moved', () => index.row('going') === undefined && index.row('gone-on')?.bestReturn === 11);
    rmSync(join(root, 'deep'), { recursive: true });
    await until(index, 'removed', () => index.rows().length === 1);
    await until(index, 'told', () => heard.includes('-deep/er/new'));
    for (const what of ['+going', '+deep/er/new', '-going', '+gone-on']) assert.ok(heard.includes(what), what);
    assert.is(await index.thinned('going', KEY, 10), null);
  });
});

test('runs of a launch that have not begun are shown by its plan, and one that failed by its log', async () => {
  const root = temporaryFolder();
  const planned = (name: string, seed: number) => ({
    name,
    envId: 'CartPole-v1',
    algo: 'ppo',
    seed,
    totalSteps: 1000,
    config: { gamma: 0.9 },
    envKwargs: { gravity: 3 },
  });
  const launch = join(root, 'sweep');
  mkdirSync(join(launch, 'logs'), { recursive: true });
  const plan = { version: 1, runs: [planned('r1', 1), planned('r2', 2), planned('r3', 3), planned('../out', 4)] };
  writeFileSync(join(launch, 'launch.json'), JSON.stringify(plan));
  const r2 = makeRun(root, 'sweep/r2', { metrics: threeLines });
  const log = join(launch, 'logs/r2.log');
  writeFileSync(log, 'ENV_FAILED: Error: Bad-v0 threw in step 7: no.\n    at somewhere (file:1:2)\n');
  writeFileSync(join(launch, 'logs/r3.log'), 'ENV_NOT_FOUND: Error: there is none.\nBut more:\n1\n    at x (y:1:2)\n');
  await indexed(root, async (index) => {
    // A plan that names a way out is not believed at all.
    assert.equal(Object.keys(rowsOf(index)), ['sweep/r2']);
    writeFileSync(join(launch, 'launch.json'), JSON.stringify({ ...plan, runs: plan.runs.slice(0, 3) }));
    await until(index, 'the plan', () => index.rows().length === 3);
    const rows = rowsOf(index);
    assert.equal([rows['sweep/r1']!.status, rows['sweep/r1']!.totalSteps], ['waiting', 1000]);
    assert.equal(rows['sweep/r1']!.settings, { gamma: 0.9, 'env.gravity': 3, seed: 1 });
    assert.equal([rows['sweep/r2']!.status, rows['sweep/r2']!.step], ['failed', 6144]);
    assert.is(rows['sweep/r2']!.problem, 'ENV_FAILED: Bad-v0 threw in step 7: no.');
    assert.equal(
      [rows['sweep/r3']!.status, rows['sweep/r3']!.problem],
      ['failed', 'ENV_NOT_FOUND: there is none.\nBut more:\n1'],
    );
    // Gone on with since: what the log says is over.
    const later = new Date(Date.now() + 5000);
    utimesSync(join(r2, 'metrics.jsonl'), later, later);
    await until(index, 'gone on', () => rowsOf(index)['sweep/r2']!.status === 'stopped');
    makeRun(root, 'sweep/r1', { metrics: threeLines });
    await until(index, 'begun', () => rowsOf(index)['sweep/r1']!.step === 6144);
    rmSync(launch, { recursive: true });
    await until(index, 'all gone', () => index.rows().length === 0);
  });
});

test('the memory of columns is bounded, and what was forgotten is read again', async () => {
  const root = temporaryFolder();
  makeRuns(root, 12, 2000);
  const index = await RunIndex.open(root, { columnBytes: 200_000 });
  await index.warm;
  const first = index.rows()[0]!.id;
  const whole = await index.thinned(first, 'losses/entropy', 50);
  for (const { id } of index.rows()) await index.thinned(id, 'losses/entropy', 50);
  assert.ok(index.columnBytes < 300_000, String(index.columnBytes));
  assert.equal(await index.thinned(first, 'losses/entropy', 50), whole);
  const returns = readFileSync(join(root, first, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text)[KEY]);
  assert.equal((await index.thinned(first, KEY, 5000))?.values, returns);
  assert.is(index.row(first)!.bestReturn, Math.max(...returns));
  await index.close();
  assert.ok(existsSync(root));
});

test.run();
