// `gymkhana check` as a process: table, JSON, exit status, and --watch over a save.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CheckReport } from '../../src/check/report.js';
import { run, start } from '../support/command.js';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gymkhana-check-'));
const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };
const gymkhana = (...words: string[]) => run(process.execPath, [main, ...words], { cwd: folder, env });

const source = (reward: string): string => `
import { Box, Discrete, Env, type ResetOptions } from 'gymkhana';
import { SIZE } from './size.js';
console.log('noise on standard output');
export class Mine extends Env<Float32Array, number> {
  readonly observationSpace = new Box(-1, SIZE, { shape: [1] });
  readonly actionSpace = new Discrete(2);
  #place = 0;
  override reset(options: ResetOptions = {}) {
    super.reset(options);
    this.#place = this.rng.uniform(-0.2, 0.2);
    return { observation: Float32Array.of(this.#place), info: {} };
  }
  step(action: number) {
    this.#place += action === 1 ? 0.1 : -0.1;
    return { observation: Float32Array.of(this.#place), reward: ${reward}, terminated: Math.abs(this.#place) > 0.8, truncated: false, info: {} };
  }
}
`;
writeFileSync(join(folder, 'size.ts'), 'export const SIZE = 1;\n');

test('a table for people with cause and fix, data for machines, and the exit status', async () => {
  writeFileSync(join(folder, 'mine.ts'), source('this.#place'));
  const good = await gymkhana('check', './mine.ts:Mine');
  assert.is(good.status, 0, good.stdout + good.stderr);
  assert.match(good.stdout, /^ ✓ determinism +\d+ transitions are the same/m);
  assert.match(good.stdout, /passed: \d+ passed, 0 warnings, 0 failed/);
  writeFileSync(join(folder, 'bad.ts'), source('Math.random()'));
  const bad = await gymkhana('check', './bad.ts:Mine', '--steps', '50');
  assert.is(bad.status, 1);
  assert.match(bad.stdout, /✗ randomness +UNSEEDED_RANDOMNESS: .*Math\.random \(at .*bad\.ts:\d+/);
  assert.match(bad.stdout, /cause {2}Its values differ/);
  assert.match(bad.stdout, /fix {4}this\.rng\.random/);
  const json = await gymkhana('check', './bad.ts:Mine', '--json');
  assert.is(json.status, 1);
  const report = JSON.parse(json.stdout) as CheckReport;
  assert.is(report.passed, false);
  assert.ok(report.results.some(({ code }) => code === 'UNSEEDED_RANDOMNESS'));
});

test('bad usage has exit status 2', async () => {
  const table: readonly [string[], RegExp][] = [
    [['check'], /Not enough|USAGE/],
    [['check', 'Nothing-v9'], /ENV_NOT_FOUND/],
    [['check', 'CartPole-v1', '--steps', 'many'], /INVALID_FLAG: --steps/],
    [['check', 'CartPole-v1', '--watch'], /INVALID_FLAG: --watch needs a file/],
  ];
  for (const [words, says] of table) {
    const { status, stderr } = await gymkhana(...words);
    assert.is(status, 2, words.join(' '));
    assert.match(stderr, says);
  }
});

test('--watch checks again when the file, or one beside it, is saved, and ends on Ctrl-C', async () => {
  const file = join(folder, 'watched.ts');
  writeFileSync(file, source('this.#place'));
  const watching = start(process.execPath, [main, 'check', './watched.ts:Mine', '--watch', '--steps', '100'], {
    cwd: folder,
    env,
  });
  try {
    await watching.saying('passed: ');
    await watching.saying('watching watched.ts: save it to check again');
    writeFileSync(file, source('Math.random()'));
    writeFileSync(file, source('Math.random() '));
    await watching.saying('watched.ts was saved');
    await watching.saying('UNSEEDED_RANDOMNESS');
    await watching.saying('failed: ');
    writeFileSync(join(folder, 'size.ts'), 'export const SIZE = 0.01;\n');
    await watching.saying('size.ts was saved');
    await watching.saying('OBSERVATION_OUTSIDE');
  } finally {
    watching.child.kill('SIGINT');
  }
  const { status, stdout } = await watching.ended;
  assert.is(status, 0);
  assert.is(stdout.match(/watched\.ts was saved/g)?.length, 1, 'two saves at once are one check');
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
