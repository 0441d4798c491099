import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SuiteResult } from '../../scripts/bench/results.js';
import { projectRoot } from '../support/paths.js';

function bench(...args: string[]) {
  const main = join(projectRoot, 'dist', 'scripts', 'bench', 'main.js');
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', timeout: 150_000 });
}

test('bad flags: the fault and the usage, status 2', () => {
  const { status, stderr, stdout } = bench('--suite', '9');
  assert.is(status, 2);
  assert.is(stdout, '');
  assert.match(stderr, /^--suite needs a whole number from 1 to 8, not '9'\.\n\nnpm run bench -- \[flags\]/);
});

test('--list names the suites', () => {
  const { status, stdout } = bench('--list');
  assert.is(status, 0);
  assert.equal(
    stdout.match(/^\d /gm)?.map((text) => Number(text)),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
});

test('a suite runs, keeps its result and leaves the README alone', () => {
  const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
  const { status, stdout, stderr } = bench('--suite', '7', '--quick', '--no-peers', '--json', '--rounds', '1');
  assert.is(status, 0, stderr);
  const { results, failures } = JSON.parse(stdout) as { results: SuiteResult[]; failures: string[] };
  assert.equal(failures, []);
  assert.equal(
    results[0]!.rows.map(({ id }) => id),
    ['barrier-1', 'ring-1', 'barrier-2', 'ring-2', 'barrier-4', 'ring-4', 'beside-busy', 'start-up'],
  );
  for (const { id, entries } of results[0]!.rows) {
    const { summary } = entries[0]!;
    assert.ok(
      summary !== null && summary.low > 0 && summary.low <= summary.median,
      `${id}: ${JSON.stringify(summary)}`,
    );
  }
  assert.ok(existsSync(join(projectRoot, 'bench', '.quick', '7-barrier.json')));
  assert.is(readFileSync(join(projectRoot, 'README.md'), 'utf8'), readme);
});

test.run();
