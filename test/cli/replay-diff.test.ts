import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { make, RecordReplay } from '../../src/index.js';
import { run } from '../support/command.js';
import { temporaryFolder } from '../support/temporary.js';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const folder = temporaryFolder();
const gymkhana = (...words: string[]) => run(process.execPath, [main, ...words], { cwd: folder });

/** Records CartPole with a fixed action pattern. */
async function record(name: string, flip: number): Promise<void> {
  const env = new RecordReplay(await make('CartPole-v1'), { path: join(folder, name) });
  env.reset({ seed: 3 });
  for (let step = 1; step <= 8; step++) env.step(step === flip ? 0 : step % 2);
  env.close();
}

test('replay diff says where two episodes part, and its exit status is the verdict', async () => {
  await record('a.episode', 0);
  await record('b.episode', 0);
  await record('c.episode', 5);
  const same = await gymkhana('replay', 'diff', 'a.episode', 'b.episode');
  assert.is(same.status, 0, same.stderr);
  assert.match(same.stdout, /The same, step by step/);
  const other = await gymkhana('replay', 'diff', 'a.episode', 'c.episode');
  assert.is(other.status, 1);
  assert.match(other.stdout, /first differing action: step 5, 1 \(\w+.*\) in a, 0 \(\w+.*\) in b/);
  assert.match(other.stdout, /first differing observation \(velocity, m\/s\): step 5/);
  assert.match(other.stdout, /Not the same\.\n$/);
  const data = await gymkhana('replay', 'diff', 'a.episode', 'c.episode', '--json');
  assert.is(data.status, 1);
  const diff = JSON.parse(data.stdout) as { same: boolean; first: { action: { step: number } } };
  assert.equal([diff.same, diff.first.action.step], [false, 5]);
});

test('replay diff refuses what it cannot compare', async () => {
  await record('a.episode', 0);
  const cases: [string[], number, RegExp][] = [
    [['a.episode', 'none.episode'], 2, /^FILE_NOT_FOUND: /],
    [['a.episode', 'a.episode', '--episode-b', '4'], 2, /^EPISODE_NOT_FOUND: /],
    [['a.episode', 'a.episode', '--episode-b', 'last'], 2, /^INVALID_FLAG: /],
    [['a.episode'], 2, /Not enough/],
  ];
  for (const [words, status, says] of cases) {
    const ended = await gymkhana('replay', 'diff', ...words);
    assert.is(ended.status, status, ended.stderr);
    assert.match(ended.stderr, says);
  }
});

test.run();
