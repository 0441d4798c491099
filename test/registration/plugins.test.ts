import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { findPlugins, loadPlugins, make, resolveEnv } from '../../src/registration/index.js';
import { run } from '../support/command.js';
import { rejectsWith } from '../support/misuse.js';
import { projectRoot } from '../support/paths.js';
import { temporaryFolder } from '../support/temporary.js';

const cli = join(projectRoot, 'dist', 'src', 'cli', 'main.js');

const source = (name: string): string => `
import { Box, Discrete, Env, register } from 'gymkhana';
export class ${name} extends Env {
  observationSpace = new Box(0, 1, { shape: [1] });
  actionSpace = new Discrete(2);
  metadata = { about: 'Wait for three steps.' };
  steps = 0;
  reset(options = {}) {
    super.reset(options);
    this.steps = 0;
    return { observation: Float32Array.of(this.rng.random()), info: {} };
  }
  step() {
    this.steps++;
    return { observation: Float32Array.of(0), reward: 1, terminated: this.steps === 3, truncated: false, info: {} };
  }
}
`;

/** A package in a folder. */
function put(folder: string, manifest: object, files: Readonly<Record<string, string>> = {}): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const registers = (name: string, id: string): string =>
  `${source(name)}\nregister({ id: '${id}', entryPoint: ${name}, moduleUrl: import.meta.url, maxEpisodeSteps: 9 });\n`;

/** An app with envs of its own, from TypeScript and compiled dependencies, and with packages that are wrong in a way each. */
function app(): string {
  const folder = temporaryFolder();
  const modules = join(folder, 'node_modules');
  put(
    join(modules, 'wait-pack'),
    { name: 'wait-pack', gymkhana: { envs: ['./src/index.ts'] } },
    {
      'src/index.ts': registers('WaitOne', 'wait-pack/WaitOne-v0'),
    },
  );
  put(
    join(modules, '@scope/compiled'),
    { name: '@scope/compiled', type: 'module', gymkhana: { envs: ['./dist/a.js:WaitTwo'] } },
    {
      'dist/a.js': source('WaitTwo'),
    },
  );
  put(join(modules, 'gone'), { name: 'gone', gymkhana: { envs: ['./src/gone.ts'] } });
  put(join(modules, 'text'), { name: 'text', gymkhana: { envs: './src/a.ts' } });
  put(join(modules, 'empty'), { name: 'empty', gymkhana: { envs: ['./a.ts'] } }, { 'a.ts': 'export const a = 1;\n' });
  put(join(modules, 'broken'), { name: 'broken', gymkhana: { envs: ['./a.ts'] } }, { 'a.ts': 'export const = 1;\n' });
  put(join(modules, 'plain'), { name: 'plain' });
  put(
    join(modules, 'unused'),
    { name: 'unused', gymkhana: { envs: ['./a.ts'] } },
    {
      'a.ts': registers('Unused', 'unused/Unused-v0'),
    },
  );
  const names = ['wait-pack', '@scope/compiled', 'gone', 'text', 'empty', 'broken', 'plain', 'missing'];
  return put(
    folder,
    {
      name: 'app',
      gymkhana: { envs: ['./own.ts:Own'] },
      dependencies: Object.fromEntries(names.map((name) => [name, '*'])),
    },
    { 'own.ts': source('Own') },
  );
}

test('the envs of a package and of its dependencies are found; what is wrong with one harms no other', async () => {
  const folder = app();
  const { envs, errors } = await loadPlugins(join(folder, 'node_modules', '..'));
  assert.equal(
    envs.map(({ packageName, spec }) => [packageName, spec.id]),
    [
      ['app', 'Own'],
      ['@scope/compiled', 'WaitTwo'],
      ['wait-pack', 'wait-pack/WaitOne-v0'],
    ],
  );
  const messages = errors.map(({ code, message }) => `${code}: ${message}`);
  assert.is(messages.length, 4);
  for (const [name, says] of [
    ['text', "must be a list of './module.ts'"],
    ['gone', 'there is no file'],
    ['empty', 'it registers no env'],
    ['broken', 'does not load'],
  ]) {
    assert.ok(
      messages.some((text) => text.startsWith(`INVALID_PLUGIN: package '${name}'`) && text.includes(says!)),
      `${name}: ${messages.join('\n')}`,
    );
  }
});

test('an env of a package is made by its id from the folder of the app', async () => {
  const spec = await resolveEnv('wait-pack/WaitOne-v0', { cwd: app() });
  assert.is(spec.maxEpisodeSteps, 9);
  const env = await make(spec);
  env.reset({ seed: 1 });
  assert.is(env.step(0).reward, 1);
  await rejectsWith(() => resolveEnv('wait-pack/WaitNone-v0', { cwd: app() }), { code: 'ENV_NOT_FOUND' });
});

test('a folder without a package has none', () => {
  assert.equal(findPlugins('/'), { plugins: [], errors: [] });
});

test('list shows them with their package, and says on the side what is wrong', async () => {
  const { status, stdout, stderr } = await run(process.execPath, [cli, 'list', '--json'], { cwd: app() });
  assert.is(status, 0, stderr);
  const rows = JSON.parse(stdout) as { id: string; package: string; about: string }[];
  assert.equal(
    rows.filter((row) => row.package !== 'gymkhana').map((row) => row.id),
    ['Own', 'WaitTwo', 'wait-pack/WaitOne-v0'],
  );
  assert.is(stderr.match(/INVALID_PLUGIN/g)?.length, 4);
});

test.run();
