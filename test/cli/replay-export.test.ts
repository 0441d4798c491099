import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { make, RecordReplay, resolveEnv } from '../../src/index.js';
import { run } from '../support/command.js';
import { temporaryFolder } from '../support/temporary.js';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const folder = temporaryFolder();
const gymkhana = (...words: string[]) => run(process.execPath, [main, ...words], { cwd: folder });
/** The same command, given by somebody who has named no module yet. */
const stranger = (...words: string[]) =>
  run(process.execPath, [main, ...words], {
    cwd: folder,
    env: { ...process.env, XDG_STATE_HOME: join(folder, 'new') },
  });

async function record(name: string): Promise<void> {
  const env = new RecordReplay(await make('CartPole-v1'), { path: join(folder, name) });
  for (const seed of [3, 4]) {
    env.reset({ seed });
    for (let step = 1; step <= 8; step++) env.step(step % 2);
  }
  env.close();
}

test("replay export writes by a format's name or by the ending of the file", async () => {
  await record('a.episode');
  for (const format of ['parquet', 'hdf5', 'gif']) {
    const ended = await gymkhana('replay', 'export', 'a.episode', '--format', format, '--json');
    assert.is(ended.status, 0, ended.stderr);
    const summary = JSON.parse(ended.stdout) as { path: string; format: string; episodes: number; bytes: number };
    assert.is(summary.format, format);
    assert.ok(existsSync(join(folder, summary.path)) && summary.bytes > 0);
    assert.is(summary.episodes, format === 'gif' ? 1 : 2);
  }
  const words = ['--out', 'b.csv', '--episodes', '1', '--next-observations', '--fps', '4'];
  const csv = await gymkhana('replay', 'export', 'a.episode', ...words);
  assert.is(csv.stdout.split(':')[0], 'Wrote b.csv');
  const lines = readFileSync(join(folder, 'b.csv'), 'utf8').trimEnd().split('\n');
  assert.is(lines.length, 9);
  assert.match(lines[0]!, /next\.observation\.state\.angle/);
  assert.match(lines[2]!, /,0\.25,1,1,1,0$/);
});

test('a Minari dataset goes out and comes back as the same episodes', async () => {
  await record('c.episode');
  assert.is((await gymkhana('replay', 'export', 'c.episode', '--format', 'hdf5', '--out', 'sets')).status, 0);
  const words = ['sets/gymkhana/cartpole-v1', '--env', 'CartPole-v1', '--out', 'd.episode'];
  const imported = await gymkhana('replay', 'import', ...words);
  assert.is(imported.status, 0, imported.stderr);
  assert.match(imported.stdout, /episode_1 +4 +8 +8\.00 +cut +the same +the same/);
  for (const index of ['0', '1']) {
    const diff = await gymkhana('replay', 'diff', 'c.episode', 'd.episode', '--episode-a', index, '--episode-b', index);
    assert.is(diff.status, 0, diff.stdout);
  }
});

test("an env of the user's own needs its module named", async () => {
  const source = `
import { Box, Discrete, Env, type ResetOptions } from 'gymkhana';
export class Count extends Env<Float32Array, number> {
  readonly observationSpace = new Box(0, 9, { shape: [1] });
  readonly actionSpace = new Discrete(2);
  #steps = 0;
  override reset(options: ResetOptions = {}) {
    super.reset(options);
    this.#steps = 0;
    return { observation: Float32Array.of(0), info: {} };
  }
  step(action: number) {
    this.#steps++;
    return { observation: Float32Array.of(this.#steps), reward: action, terminated: this.#steps === 3, truncated: false, info: {} };
  }
}
`;
  writeFileSync(join(folder, 'count.ts'), source);
  writeFileSync(join(folder, 'count.csv'), '1\n0\n1\n');
  const imported = await gymkhana('replay', 'import', 'count.csv', '--env', './count.ts:Count', '--json');
  assert.is(imported.status, 0, imported.stderr);
  assert.is((JSON.parse(imported.stdout) as { steps: number }).steps, 3);
  const refused = await stranger('replay', 'export', 'count.csv.episode', '--format', 'csv', '--out', 'no.csv');
  assert.is(refused.status, 2);
  assert.match(refused.stderr, /^EPISODE_MODULE_UNTRUSTED: /);
  const named = await stranger('replay', 'export', 'count.csv.episode', '--out', 'yes.csv', '--module', './count.ts');
  assert.is(named.status, 0, named.stderr);
  assert.match(readFileSync(join(folder, 'yes.csv'), 'utf8'), /\n2,1,1,true,true,false,/);
  assert.is((await resolveEnv('CartPole-v1', { cwd: folder })).id, 'CartPole-v1');
});

test('replay export and import refuse what they cannot do', async () => {
  await record('a.episode');
  const cases: [string[], RegExp][] = [
    [['export', 'a.episode'], /^EXPORT_FORMAT: /],
    [['export', 'a.episode', '--format', 'doc'], /^EXPORT_FORMAT: /],
    [['export', 'a.episode', '--format', 'gif', '--width', 'wide'], /^INVALID_FLAG: /],
    [['export', 'a.episode', '--format', 'csv', '--episodes', '0,x'], /^INVALID_FLAG: /],
    [['export', 'none', '--format', 'csv'], /^FILE_NOT_FOUND: /],
    [['import', 'a.episode', '--env', 'CartPole-v1'], /^IMPORT_UNSUPPORTED: /],
    [['import', 'a.csv'], /env/],
    [['import', 'a.csv', '--env', 'CartPole-v9'], /^ENV_NOT_FOUND: /],
  ];
  for (const [words, says] of cases) {
    const ended = await gymkhana('replay', ...words);
    assert.is(ended.status, 2, `${words.join(' ')}: ${ended.stderr}`);
    assert.match(ended.stderr, says);
  }
});

test.run();
