import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeRun } from '../runs/report/support.js';
import { type CommandResult, run } from '../support/command.js';
import { temporaryFolder } from '../support/temporary.js';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const folder = temporaryFolder();
const report = (...args: string[]): Promise<CommandResult> =>
  run(process.execPath, [main, 'report', ...args], { cwd: folder });

for (const seed of [1, 2, 3]) {
  for (const lr of [1, 2]) {
    const points = [
      [100, 50 * seed],
      [200, 100 * seed + lr],
    ] as const;
    writeRun(join(folder, `runs/lr${lr}/seed${seed}`), { seed, config: { lr }, points });
  }
}
writeRun(join(folder, 'runs/lr1/seed4'), { seed: 4, config: { lr: 1 }, status: 'unfinished' });
writeFileSync(join(folder, 'broken.json'), '{}');

test('Markdown on standard output; what is left out on standard error too', async () => {
  const { status, stdout, stderr } = await report('runs', '--reps', '100');
  assert.is(status, 0, stderr);
  assert.match(stdout, /^# Training report\n/);
  assert.match(stdout, '| CartPole-v1 | ppo lr=1 | 3 | 201 ± 100 |');
  assert.match(stderr, 'left out: runs/lr1/seed4: RUN_INCOMPLETE');
});

test('--json is --format json, alone on standard output', async () => {
  const both = await Promise.all([report('runs', '--json'), report('runs/lr1', 'runs/lr2', '--format', 'json')]);
  for (const { status, stderr } of both) assert.is(status, 0, stderr);
  const data = JSON.parse(both[0].stdout) as { groups: { seeds: number[] }[]; options: unknown; leftOut: unknown[] };
  assert.equal(JSON.parse(both[1].stdout), data);
  assert.equal(
    data.groups.map(({ seeds }) => seeds),
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
  );
  assert.equal(data.options, { reps: 2000, confidence: 0.95, seed: 0, points: 100, incomplete: false });
  assert.is(data.leftOut.length, 1);
});

test('--out says the format by its ending, --format goes first, --json sums up what was written', async () => {
  const html = await report('runs', '--out', 'report.html', '--title', 'Rates & <b>');
  assert.is(html.status, 0, html.stderr);
  assert.match(html.stdout, 'Wrote report.html: 6 runs in 2 groups, 1 left out.');
  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  assert.match(page, '<h1>Rates &amp; &lt;b&gt;</h1>');
  assert.match(page, '<svg viewBox=');
  const csv = await report('runs', '--out', 'report.txt', '--format', 'csv', '--incomplete');
  assert.is(csv.status, 0, csv.stderr);
  assert.match(csv.stdout, '7 runs in 2 groups, 0 left out');
  assert.match(readFileSync(join(folder, 'report.txt'), 'utf8'), /^table,env,method,/);
  const json = await report('runs', '--out', 'report.json', '--json');
  const { bytes, ...rest } = JSON.parse(json.stdout) as { bytes: number };
  assert.equal(rest, { path: 'report.json', format: 'json', runs: 6, leftOut: 1 });
  assert.is(bytes, readFileSync(join(folder, 'report.json')).length);
});

test('scores of the user to compare with', async () => {
  const random = { score: 0, std: 1, episodes: 100, seed: 0 };
  const references = [{ name: 'the lab', score: 400, std: null, steps: null, source: 'a notebook' }];
  writeFileSync(
    join(folder, 'own.json'),
    JSON.stringify({ version: 1, envs: { 'CartPole-v1': { random, references } } }),
  );
  const { status, stdout, stderr } = await report('runs', '--references', 'own.json', '--json');
  assert.is(status, 0, stderr);
  const { groups } = JSON.parse(stdout) as { groups: { score: { normalizedIqm: number } }[] };
  assert.is(groups[0]!.score.normalizedIqm, 201 / 400);
});

const refusals: readonly [string[], number, string][] = [
  [[], 2, 'Not enough non-option arguments'],
  [['gone'], 2, 'RUN_NOT_FOUND'],
  [['broken.json'], 2, 'NO_RUNS'],
  [['runs', '--format', 'pdf'], 2, 'UNKNOWN_FORMAT'],
  [['runs', '--format', 'html', '--json'], 2, '--json asks for JSON and --format for html'],
  [['runs', '--out', 'report.doc'], 2, 'UNKNOWN_FORMAT'],
  [['runs', '--out', 'gone/report.md'], 1, 'NOT_WRITABLE'],
  [['runs', '--reps', 'many'], 2, '--reps takes a number'],
  [['runs', '--reps', '0'], 2, 'reps must be'],
  [['runs', '--confidence', '95'], 2, 'confidence must be'],
  [['runs', '--points', '1'], 2, 'points must be'],
  [['runs', '--seed', '-1'], 2, 'INVALID_SEED'],
  [['runs', '--metric', 'charts/episode_return'], 2, "Did you mean 'charts/episodic_return'?"],
  [['runs', '--references', 'broken.json'], 2, 'INVALID_REFERENCES'],
  [['runs', '--out', 'a.md', '--out', 'b.md'], 2, 'REPEATED_FLAG'],
  [['runs', '--nope'], 2, 'Unknown argument'],
];
for (const [args, code, says] of refusals) {
  test(`refused: report ${args.join(' ')}`, async () => {
    const { status, stdout, stderr } = await report(...args);
    assert.is(status, code, stderr);
    assert.is(stdout, '');
    assert.ok(stderr.includes(says), stderr);
    assert.not.match(stderr, /\n {4}at /);
    assert.not.ok(existsSync(join(folder, 'a.md')));
  });
}

test.run();
