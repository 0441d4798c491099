/**
 * Files of data run no code: episodes, runs, launches and folders of a stranger, each of which names a module that would leave a
 * mark. It runs once the user names it, and then needs no naming again.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CommandResult, run } from '../support/command.js';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'gymkhana-trust-'));
const mark = join(root, 'mark');

const CODE = `import { writeFileSync } from 'node:fs';
import { Box, Discrete, Env, register } from 'gymkhana';
writeFileSync(${JSON.stringify(mark)}, 'ran');
export class Evil extends Env {
  observationSpace = new Box(-1, 1, { shape: [1] });
  actionSpace = new Discrete(2);
  #steps = 0;
  reset(options = {}) { super.reset(options); this.#steps = 0; return { observation: new Float32Array(1), info: {} }; }
  step() { return { observation: new Float32Array(1), reward: 1, terminated: ++this.#steps === 5, truncated: false, info: {} }; }
}
register({ id: 'Evil-v0', entryPoint: Evil, moduleUrl: import.meta.url });
`;
const SMALL = [
  '--num-envs',
  '4',
  '--num-steps',
  '16',
  '--hidden',
  '8',
  '--num-minibatches',
  '2',
  '--total-steps',
  '128',
];

/** A command of a user whose memory is in \`home\`. */
const as =
  (home: string) =>
  (...args: string[]): Promise<CommandResult> =>
    run(process.execPath, [main, ...args], { cwd: root, env: { ...process.env, XDG_STATE_HOME: join(root, home) } });
const author = as('author');
const victim = as('victim');

const ran = (): boolean => {
  const there = existsSync(mark);
  rmSync(mark, { force: true });
  return there;
};

test.before(async () => {
  writeFileSync(join(root, 'evil.ts'), CODE);
  mkdirSync(join(root, 'package'));
  writeFileSync(join(root, 'package', 'evil.ts'), CODE);
  writeFileSync(
    join(root, 'package', 'package.json'),
    JSON.stringify({ name: 'evil', version: '1.0.0', gymkhana: { envs: ['./evil.ts'] } }),
  );
  writeFileSync(join(root, 'package', 'offered.yaml'), 'env: Evil-v0\nseeds: 1\ntotalSteps: 128\n');
  writeFileSync(
    join(root, 'sweep.yaml'),
    'env: ./evil.ts:Evil\nseeds: 1\ntotalSteps: 128\nconfig: { numEnvs: 4, numSteps: 16, hidden: [8], numMinibatches: 2 }\n',
  );
  for (const words of [
    ['train', './evil.ts:Evil', ...SMALL, '--run-dir', 'run'],
    ['record', 'run', '--out', 'a.episode'],
    ['launch', 'sweep.yaml', '--allow-env', './evil.ts:Evil', '--run-dir', 'launched', '--quiet'],
  ]) {
    const { status, stderr } = await author(...words);
    assert.is(status, 0, stderr);
    assert.ok(ran(), words.join(' '));
  }
});

/** The code of the refusal, what was opened, and what lets it run; empty where another row shows that. */
const OPENINGS: readonly (readonly [code: string, words: string, named: string])[] = [
  ['MODULE_UNTRUSTED', 'eval run --episodes 1', '--module ./evil.ts'],
  ['MODULE_UNTRUSTED', 'record run --out b.episode', ''],
  ['MODULE_UNTRUSTED', 'export run', ''],
  ['MODULE_UNTRUSTED', 'train --resume run --total-steps 256', '--module ./evil.ts'],
  ['EPISODE_MODULE_UNTRUSTED', 'replay verify a.episode', '--module ./evil.ts'],
  ['EPISODE_MODULE_UNTRUSTED', 'replay view a.episode --out a.html', ''],
  ['MODULE_UNTRUSTED', 'launch sweep.yaml --dry-run', ''],
  ['MODULE_UNTRUSTED', 'launch sweep.yaml --run-dir other', '--allow-env ./evil.ts:Evil'],
  ['MODULE_UNTRUSTED', 'launch sweep.yaml --export slurm', ''],
  ['MODULE_UNTRUSTED', 'launch --resume launched', ''],
  ['MODULE_UNTRUSTED', 'launch package/offered.yaml --dry-run', '--allow-env Evil-v0'],
];

test('what others made runs nothing until its module is named', async () => {
  for (const [k, [code, told, named]] of OPENINGS.entries()) {
    const words = told.split(' ');
    const refused = await victim(...words);
    assert.not(ran(), told);
    assert.is(refused.status, 2, `${told}: ${refused.stderr}`);
    assert.ok(refused.stderr.startsWith(`${code}: `), `${told}: ${refused.stderr}`);
    assert.match(refused.stderr, /evil\.ts/);
    if (named === '') continue;
    // Each by a user of its own, so that none profits from what another named.
    const allowed = await as(`named-${k}`)(...words, ...named.split(' '));
    assert.is(allowed.status, 0, `${told}: ${allowed.stderr}`);
    assert.ok(ran(), told);
  }
});

test('reading alone needs no name', async () => {
  for (const words of [
    ['replay', 'info', 'a.episode'],
    ['replay', 'diff', 'a.episode', 'a.episode'],
    ['report', 'run'],
  ]) {
    const { status, stderr } = await victim(...words);
    assert.is(status, 0, `${words.join(' ')}: ${stderr}`);
    assert.not(ran(), words.join(' '));
  }
});

test('what was named in one command is known to the next, by its path alone', async () => {
  const user = as('user');
  assert.is((await user('info', './evil.ts:Evil')).status, 0);
  assert.ok(ran());
  const known = await user('replay', 'verify', 'a.episode');
  assert.is(known.status, 0, known.stderr);
  assert.ok(ran());
  assert.is(
    readFileSync(join(root, 'user', 'gymkhana', 'modules.txt'), 'utf8'),
    `${pathToFileURL(join(root, 'evil.ts'))}\n`,
  );
  cpSync(join(root, 'evil.ts'), join(root, 'copy.ts'));
  const elsewhere = JSON.parse(readFileSync(join(root, 'run', 'config.json'), 'utf8'));
  elsewhere.env.moduleUrl = String(pathToFileURL(join(root, 'copy.ts')));
  cpSync(join(root, 'run'), join(root, 'moved'), { recursive: true });
  writeFileSync(join(root, 'moved', 'config.json'), JSON.stringify(elsewhere));
  assert.match((await user('eval', 'moved', '--episodes', '1')).stderr, /^MODULE_UNTRUSTED: .*copy\.ts/);
  assert.not(ran());
});

test('no address leads out of the engine, whatever it begins with', async () => {
  const config = JSON.parse(readFileSync(join(root, 'run', 'config.json'), 'utf8'));
  cpSync(join(root, 'run'), join(root, 'crooked'), { recursive: true });
  for (const moduleUrl of [
    `gymkhana:../../../../../../../..${root}/evil.ts`,
    'gymkhana:envs/../../../x.js',
    'data:text/javascript,process.exit(7)',
    'https://example.com/evil.js',
  ]) {
    writeFileSync(
      join(root, 'crooked', 'config.json'),
      JSON.stringify({ ...config, env: { ...config.env, moduleUrl } }),
    );
    const { status, stderr } = await victim('eval', 'crooked', '--episodes', '1');
    assert.is(status, 2, `${moduleUrl}: ${stderr}`);
    assert.match(stderr, /^MODULE_UNTRUSTED/, moduleUrl);
    assert.not(ran());
  }
});

test('a memory that cannot be kept does no harm', async () => {
  writeFileSync(join(root, 'no-folder'), '');
  const { status, stderr } = await as('no-folder')('info', './evil.ts:Evil');
  assert.is(status, 0, stderr);
  ran();
});

test.run();
