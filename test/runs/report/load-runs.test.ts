/** Runs are found at any depth; what is damaged is named and harms no other. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findRuns } from '../../../src/runs/report/find-runs.js';
import { loadRuns } from '../../../src/runs/report/load-runs.js';
import { readCurve } from '../../../src/runs/report/read-curve.js';
import type { LoadedRuns } from '../../../src/runs/report/types.js';
import { rejectsWith, throwsError } from '../../support/misuse.js';
import { temporaryFolder } from '../../support/temporary.js';
import { writeRun } from './support.js';

const METRIC = 'charts/episodic_return';

test('runs are found below folders, in the order given and by name; what lies inside or aside of a run is none', () => {
  const root = temporaryFolder();
  for (const path of [
    'b/deep/er/run',
    'a/run2',
    'a/run1',
    'a/run1/previous-1',
    'a/run1/nested',
    'previous-3/run',
    '.hidden/run',
  ]) {
    writeRun(join(root, path));
  }
  writeRun(join(root, 'a/checkpoints/run'));
  mkdirSync(join(root, 'empty'));
  const names = (...paths: string[]): string[] =>
    findRuns(paths.map((path) => join(root, path))).runs.map((run) => relative(root, run));
  assert.equal(names('.'), ['a/run1', 'a/run2', 'b/deep/er/run']);
  assert.equal(names('b', 'a'), ['b/deep/er/run', 'a/run1', 'a/run2']);
  // Given by name, a run that was moved aside is what is asked for.
  assert.equal(names('a/run1/previous-1'), ['a/run1/previous-1']);
});

test('a run given twice, or through a link, is one run; links below a folder are not followed', () => {
  const root = temporaryFolder();
  writeRun(join(root, 'real/run'));
  symlinkSync(join(root, 'real'), join(root, 'link'));
  symlinkSync(root, join(root, 'real/circle'));
  assert.is(findRuns([root, join(root, 'real/run'), join(root, 'real')]).runs.length, 1);
  assert.equal(findRuns([root]).leftOut, []);
  assert.equal(findRuns([join(root, 'link')]).runs, [join(root, 'link/run')]);
  assert.equal(findRuns([join(root, 'real'), join(root, 'link')]).leftOut, []);
});

test('files, folders without runs, and runs without config.json are named', async () => {
  const root = temporaryFolder();
  writeRun(join(root, 'good'));
  mkdirSync(join(root, 'empty'));
  writeFileSync(join(root, 'launch.json'), '{}');
  writeRun(join(root, 'bare'));
  rmSync(join(root, 'bare/config.json'));
  const { runs, leftOut } = await loadRuns(['good', 'empty', 'launch.json', 'bare'].map((name) => join(root, name)));
  assert.is(runs.length, 1);
  assert.equal(
    leftOut.map(({ path, code }) => [relative(root, path), code]),
    [
      ['empty', 'NOT_A_RUN'],
      ['launch.json', 'NOT_A_RUN'],
      ['bare', 'CONFIG_MISSING'],
    ],
  );
});

test('the curve of a run: nulls are passed over, the status is the summary says, times are optional', async () => {
  const root = temporaryFolder();
  const points = [
    [100, null],
    [200, -5.25],
    [300, 1e-7],
    [400, null],
  ] as const;
  writeRun(join(root, 'a'), { points, seed: 9, config: { gamma: 0.9 } });
  writeRun(join(root, 'b'), { status: 'stopped' });
  writeRun(join(root, 'c'), { status: 'unfinished' });
  rmSync(join(root, 'b/timing.json'));
  const { runs, metric, leftOut } = await loadRuns([root]);
  assert.is(metric, METRIC);
  assert.equal(leftOut, []);
  const [a, b, c] = runs as [LoadedRuns['runs'][0], LoadedRuns['runs'][0], LoadedRuns['runs'][0]];
  assert.equal([...a.steps], [200, 300]);
  assert.equal([...a.values], [-5.25, 1e-7]);
  assert.equal(
    [a.seed, a.config, a.algo, a.env.id, a.status, a.seconds],
    [9, { gamma: 0.9 }, 'ppo', 'CartPole-v1', 'finished', 1.5],
  );
  assert.equal([b.status, b.seconds, c.status, c.seconds], ['stopped', null, 'unfinished', null]);
});

test('another metric is read wherever a line has it', async () => {
  const root = temporaryFolder();
  writeRun(join(root, 'a'), {
    points: [
      [1, 0.5],
      [2, 0.6],
    ],
  });
  appendFileSync(join(root, 'a/metrics.jsonl'), '{"iteration":3,"steps":3,"eval/mean_return":7}\n');
  const [run] = (await loadRuns([root], { metric: 'eval/mean_return' })).runs;
  assert.equal([[...run!.steps], [...run!.values]], [[3], [7]]);
  const [losses] = (await loadRuns([root], { metric: 'losses/entropy' })).runs;
  assert.equal([...losses!.values], [0.5, 0.5]);
});

/** How a run is damaged, the code under which it is left out, and what is said. */
const damages: readonly [string, (run: string) => void, string, string][] = [
  ['config.json is no JSON', (run) => writeFileSync(join(run, 'config.json'), '{'), 'CONFIG_CORRUPT', 'is not JSON'],
  [
    'config.json is of something else',
    (run) => writeFileSync(join(run, 'config.json'), '{"a":1}'),
    'CONFIG_CORRUPT',
    'not the configuration of a run',
  ],
  [
    'config.json is huge',
    (run) => truncateSync(join(run, 'config.json'), 2 ** 30),
    'RUN_NOT_READABLE',
    '1073741824 bytes',
  ],
  [
    'summary.json is of something else',
    (run) => writeFileSync(join(run, 'summary.json'), '[]'),
    'SUMMARY_CORRUPT',
    'not the summary',
  ],
  ['there are no metrics', (run) => rmSync(join(run, 'metrics.jsonl')), 'METRICS_NOT_FOUND', 'wrote no metrics'],
  [
    'the metrics are empty',
    (run) => writeFileSync(join(run, 'metrics.jsonl'), ''),
    'METRIC_NOT_FOUND',
    'no metrics yet',
  ],
  [
    'no episode has ended',
    (run) => writeFileSync(join(run, 'metrics.jsonl'), `{"iteration":1,"steps":1,"${METRIC}":null}\n`),
    'METRIC_WITHOUT_VALUES',
    'no episode has ended',
  ],
  ['a line is torn in the middle', (run) => splice(run, '{"iteration":2,"ste\n'), 'METRICS_CORRUPT', 'line 2'],
  [
    'two lines are joined',
    (run) => splice(run, `{"iteration":2,"steps":150,"char{"iteration":3,"steps":160,"${METRIC}":1}\n`),
    'METRICS_CORRUPT',
    'line 2',
  ],
  [
    'steps go back',
    (run) => splice(run, `{"iteration":2,"steps":99,"${METRIC}":1}\n`),
    'METRICS_CORRUPT',
    'a whole number above 100, got 99',
  ],
  [
    'steps stand',
    (run) => splice(run, `{"iteration":2,"steps":100,"${METRIC}":1}\n`),
    'METRICS_CORRUPT',
    'above 100, got 100',
  ],
  [
    'steps are a text',
    (run) => splice(run, `{"iteration":2,"steps":"200","${METRIC}":1}\n`),
    'METRICS_CORRUPT',
    'got "200"',
  ],
  ['steps are missing', (run) => splice(run, `{"iteration":2,"${METRIC}":1}\n`), 'METRICS_CORRUPT', 'got none'],
  [
    'a value is a text',
    (run) => splice(run, `{"iteration":2,"steps":200,"${METRIC}":"1"}\n`),
    'METRICS_CORRUPT',
    'a finite number or null, got "1"',
  ],
  [
    'a value is beyond float64',
    (run) => splice(run, `{"iteration":2,"steps":200,"${METRIC}":1e999}\n`),
    'METRICS_CORRUPT',
    'a finite number',
  ],
  [
    'a value is no JSON',
    (run) => splice(run, `{"iteration":2,"steps":200,"${METRIC}":1.2.3}\n`),
    'METRICS_CORRUPT',
    'a JSON object',
  ],
  ['a line is an array', (run) => splice(run, '[1]\n'), 'METRICS_CORRUPT', 'a JSON object, got "[1]"'],
  [
    'a line never ends',
    (run) => appendFileSync(join(run, 'metrics.jsonl'), 'x'.repeat(2 ** 21)),
    'METRICS_CORRUPT',
    'at most 1048576 bytes',
  ],
];

/** Puts a line after the first, which is at 100 steps. */
function splice(run: string, text: string): void {
  appendFileSync(join(run, 'metrics.jsonl'), text);
}

for (const [name, damage, code, says] of damages) {
  test(`a damaged run is left out and named, the others stay: ${name}`, async () => {
    const root = temporaryFolder();
    writeRun(join(root, 'good'));
    damage(writeRun(join(root, 'bad')));
    const { runs, leftOut } = await loadRuns([root]);
    assert.equal(
      runs.map(({ path }) => path),
      [join(root, 'good')],
    );
    assert.is(leftOut.length, 1);
    assert.is(leftOut[0]!.code, code, leftOut[0]!.reason);
    assert.ok(leftOut[0]!.reason.includes(says), leftOut[0]!.reason);
  });
}

test('a last line without its end is being written: the lines before it count', async () => {
  const root = temporaryFolder();
  appendFileSync(join(writeRun(join(root, 'a')), 'metrics.jsonl'), `{"iteration":2,"steps":200,"${METRIC}":5}`);
  const [run] = (await loadRuns([root])).runs;
  assert.equal([...run!.steps], [100]);
});

test('a metric that is not there is named with those that are, and with the likely one', async () => {
  const root = temporaryFolder();
  writeRun(join(root, 'a'));
  await rejectsWith(() => loadRuns([root], { metric: 'losses/entropi' }), {
    code: 'NO_RUNS',
    says: ["Did you mean 'losses/entropy'?", 'charts/learning_rate'],
  });
  // Names that every object has are no metrics.
  for (const metric of ['__proto__', 'constructor', 'toString']) {
    await rejectsWith(() => loadRuns([root], { metric }), { code: 'NO_RUNS', says: ['has no metric'] });
  }
});

test('a named pipe in place of a file is refused instead of waited for', async () => {
  if (process.platform === 'win32') return;
  const root = temporaryFolder();
  writeRun(join(root, 'good'));
  for (const name of ['config.json', 'metrics.jsonl']) {
    const run = writeRun(join(root, name.replace('.', '-')));
    rmSync(join(run, name));
    assert.is(spawnSync('mkfifo', [join(run, name)]).status, 0);
  }
  const { leftOut } = await loadRuns([root]);
  assert.equal(leftOut.map(({ code }) => code).sort(), ['METRICS_NOT_FOUND', 'RUN_NOT_READABLE']);
});

test('reasons show paths as they were given, not where they are on the machine', async () => {
  const root = temporaryFolder();
  writeRun(join(root, 'good'));
  writeFileSync(join(writeRun(join(root, 'bad')), 'config.json'), '{');
  const before = process.cwd();
  process.chdir(root);
  try {
    const { leftOut } = await loadRuns(['.']);
    assert.is(leftOut[0]!.path, 'bad');
    assert.ok(!leftOut[0]!.reason.includes(root), leftOut[0]!.reason);
  } finally {
    process.chdir(before);
  }
});

test('lines are read the same whether they are scanned or parsed, over the edges of what is read at once', () => {
  const root = temporaryFolder();
  const path = join(root, 'metrics.jsonl');
  const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null), fc.integer());
  const row = fc.record({ value, spaced: fc.boolean(), filler: fc.integer({ min: 0, max: 40_000 }) });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), (rows) => {
      const lines = rows.map(({ value: one, spaced, filler }, k) => {
        const record = { iteration: k + 1, steps: 10 * k, a: 1, [METRIC]: one, 'losses/x': 2, ü: 'y'.repeat(filler) };
        return spaced ? JSON.stringify(record).replaceAll(',', ', ') : JSON.stringify(record);
      });
      writeFileSync(path, `${lines.join('\n')}\n`);
      const { steps, values } = readCurve(path, METRIC);
      const wanted = lines.flatMap((line) => {
        const parsed = JSON.parse(line) as { steps: number; [METRIC]: number | null };
        return parsed[METRIC] === null ? [] : [[parsed.steps, parsed[METRIC]]];
      });
      assert.equal(
        [...steps].map((at, k) => [at, values[k]]),
        wanted,
      );
    }),
    { numRuns: 40 },
  );
});

test('reading changes nothing', async () => {
  const root = temporaryFolder();
  const run = writeRun(join(root, 'a'));
  appendFileSync(join(run, 'metrics.jsonl'), 'torn');
  const before = readFileSync(join(run, 'metrics.jsonl'), 'utf8');
  await loadRuns([root]);
  assert.is(readFileSync(join(run, 'metrics.jsonl'), 'utf8'), before);
});

test('misuse', async () => {
  const root = temporaryFolder();
  throwsError(() => findRuns([]), { code: 'INVALID_OPTION', says: ['at least one run directory'] });
  throwsError(() => findRuns([3 as never]), { code: 'INVALID_OPTION' });
  throwsError(() => findRuns(['']), { code: 'INVALID_OPTION' });
  throwsError(() => findRuns('runs' as never), { code: 'INVALID_OPTION' });
  throwsError(() => findRuns([join(root, 'nope')]), { code: 'RUN_NOT_FOUND', says: ['nope does not exist'] });
  await rejectsWith(() => loadRuns([root], { metric: '' }), { code: 'INVALID_OPTION', says: ['metric'] });
  await rejectsWith(() => loadRuns([root]), { code: 'NO_RUNS', kind: 'usage', says: ['no config.json'] });
});

test.run();
