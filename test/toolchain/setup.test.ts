import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CommandResult, run, start } from '../support/command.js';
import { projectRoot } from '../support/paths.js';
import { temporaryFolder } from '../support/temporary.js';

/** Notes its words, waits, and leaves what npm would leave; fails with npm's words for it if `NPM_FAILS` is set. */
const FAKE_NPM = `#!${process.execPath}
const { appendFileSync, mkdirSync, rmSync, writeFileSync } = require('node:fs');
appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n');
setTimeout(() => {
  if (process.env.NPM_FAILS) {
    console.error('npm error code ' + process.env.NPM_FAILS);
    process.exit(1);
  }
  rmSync('node_modules', { recursive: true, force: true });
  mkdirSync('node_modules/some-package', { recursive: true });
  writeFileSync('node_modules/some-package/index.js', '');
}, Number(process.env.NPM_TAKES ?? 0));
`;

const FAKE_BUILD = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
appendFileSync('build.log', 'built\\n');
if (process.env.BUILD_FAILS) {
  console.log('src/index.ts(1,1): error TS1005');
  process.exit(2);
}
mkdirSync('dist/src', { recursive: true });
mkdirSync('dist/scripts', { recursive: true });
writeFileSync('dist/src/index.js', '');
writeFileSync('dist/scripts/main-job.js', 'console.log("job " + process.argv.slice(2).join(" ")); process.exitCode = 7;');
`;

interface Project {
  readonly root: string;
  path(...names: string[]): string;
  lines(log: 'npm.log' | 'build.log'): string[];
  environment(extra?: NodeJS.ProcessEnv): { cwd: string; env: NodeJS.ProcessEnv };
  setUp(extra?: NodeJS.ProcessEnv): Promise<CommandResult>;
}

function makeProject(): Project {
  const root = temporaryFolder();
  const path = (...names: string[]): string => join(root, ...names);
  for (const folder of ['bin', 'scripts', 'src', 'test/golden']) mkdirSync(path(folder), { recursive: true });
  for (const script of ['setup.mjs', 'start.mjs']) {
    copyFileSync(join(projectRoot, 'scripts', script), path('scripts', script));
  }
  writeFileSync(path('scripts', 'build.mjs'), FAKE_BUILD);
  writeFileSync(path('bin', 'npm'), FAKE_NPM);
  writeFileSync(path('bin', 'package.json'), '{"type":"commonjs"}');
  chmodSync(path('bin', 'npm'), 0o755);
  writeFileSync(path('package.json'), '{"name":"fake","type":"module"}');
  writeFileSync(path('package-lock.json'), '{"packages":{"":{},"node_modules/some-package":{"version":"1.0.0"}}}');
  writeFileSync(path('src', 'index.ts'), '');
  const lines = (log: string): string[] => {
    const text = existsSync(path(log)) ? readFileSync(path(log), 'utf8') : '';
    return text.split('\n').slice(0, -1);
  };
  const environment = (extra: NodeJS.ProcessEnv = {}) => ({
    cwd: root,
    env: { ...process.env, PATH: path('bin') + delimiter + process.env['PATH'], ...extra },
  });
  const setUp = (extra?: NodeJS.ProcessEnv) =>
    run(process.execPath, [path('scripts', 'setup.mjs')], environment(extra));
  return { root, path, lines, environment, setUp };
}

function succeeded({ status, stdout, stderr }: CommandResult): void {
  assert.is(status, 0, stdout + stderr);
}

const INSTALL = /^ci --ignore-scripts --include=dev( |$)/;

test('a fresh clone is installed and built once; a second time nothing is touched', async () => {
  const project = makeProject();
  const first = await project.setUp({ NODE_ENV: 'production', npm_config_ignore_scripts: 'true' });
  succeeded(first);
  assert.is(project.lines('npm.log').length, 1);
  assert.match(project.lines('npm.log')[0]!, INSTALL);
  assert.equal(project.lines('build.log'), ['built']);
  assert.is(first.stdout, '');
  assert.is(first.stderr.split('\n').length, 3, `one line a stage: ${first.stderr}`);
  const before = statSync(project.path('node_modules')).mtimeMs;
  const second = await project.setUp();
  succeeded(second);
  assert.is(second.stderr, '');
  assert.is(statSync(project.path('node_modules')).mtimeMs, before);
  assert.is(project.lines('npm.log').length, 1);
  assert.is(project.lines('build.log').length, 1);
  assert.not(existsSync(project.path('.setup', 'lock')));
});

test('installs again when the lock file changed, not when sources did', async () => {
  const project = makeProject();
  succeeded(await project.setUp());
  writeFileSync(project.path('src', 'index.ts'), 'export {};');
  succeeded(await project.setUp());
  assert.is(project.lines('npm.log').length, 1);
  assert.is(project.lines('build.log').length, 2);
  writeFileSync(project.path('package-lock.json'), '{"packages":{}}');
  succeeded(await project.setUp());
  assert.is(project.lines('npm.log').length, 2);
  rmSync(project.path('node_modules'), { recursive: true });
  succeeded(await project.setUp());
  assert.is(project.lines('npm.log').length, 3);
});

const changes: [string, (project: Project) => void, boolean][] = [
  ['a new source', ({ path }) => writeFileSync(path('src', 'new.ts'), ''), true],
  ['a renamed source', ({ path }) => renameSync(path('src', 'index.ts'), path('src', 'b.ts')), true],
  ['a build script', ({ path }) => writeFileSync(path('scripts', 'other.mjs'), ''), true],
  ['package.json', ({ path }) => writeFileSync(path('package.json'), '{"name":"fake2","type":"module"}'), true],
  ['a deleted output', ({ path }) => rmSync(path('dist', 'src', 'index.js')), true],
  ['golden data', ({ path }) => writeFileSync(path('test', 'golden', 'a.json'), '{}'), false],
  ['a file that is not built', ({ path }) => writeFileSync(path('README.md'), ''), false],
];
for (const [title, change, builds] of changes) {
  test(`${title} ${builds ? 'leads to' : 'needs no'} new build`, async () => {
    const project = makeProject();
    succeeded(await project.setUp());
    change(project);
    succeeded(await project.setUp());
    assert.is(project.lines('build.log').length, builds ? 2 : 1);
    assert.is(project.lines('npm.log').length, 1);
  });
}

test('two at once install and build once', async () => {
  const project = makeProject();
  const results = await Promise.all([1, 2, 3].map(() => project.setUp({ NPM_TAKES: '300' })));
  for (const result of results) succeeded(result);
  assert.is(project.lines('npm.log').length, 1);
  assert.is(project.lines('build.log').length, 1);
  assert.not(existsSync(project.path('.setup', 'lock')));
});

/** Writes a lock as another process would. */
function lockAs(project: Project, pid: number, host = hostname()): string {
  mkdirSync(project.path('.setup', 'lock'), { recursive: true });
  const file = project.path('.setup', 'lock', 'other.json');
  writeFileSync(file, JSON.stringify({ pid, host, start: null, since: Date.now(), state: 'asking' }));
  return file;
}

test('waits for a live holder, and takes over once it is killed', async () => {
  const project = makeProject();
  const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const gone = once(holder, 'exit');
  try {
    lockAs(project, holder.pid!);
    const waiting = start(process.execPath, [project.path('scripts', 'setup.mjs')], project.environment());
    await waiting.saying(`process ${holder.pid}`);
    assert.equal(project.lines('npm.log'), []);
    holder.kill('SIGKILL');
    await gone;
    succeeded(await waiting.ended);
    assert.is(project.lines('npm.log').length, 1);
  } finally {
    holder.kill('SIGKILL');
  }
});

test('a lock left by a dead process is taken over at once', async () => {
  const project = makeProject();
  const holder = spawn(process.execPath, ['-e', '']);
  await once(holder, 'exit');
  const file = lockAs(project, holder.pid!);
  const result = await project.setUp();
  succeeded(result);
  assert.not(result.stderr.includes('Waiting'));
  assert.not(existsSync(file));
});

test('a failing npm is shown with its words and what to do; nothing counts as installed', async () => {
  const project = makeProject();
  const offline = await project.setUp({ NPM_FAILS: 'ENOTFOUND' });
  assert.is(offline.status, 1);
  assert.match(offline.stderr, /npm error code ENOTFOUND/);
  assert.match(offline.stderr, /registry cannot be reached[\s\S]*copy node_modules/);
  assert.not.match(offline.stderr, /\.mjs:\d+/, 'no stack trace');
  const broken = await project.setUp({ NPM_FAILS: 'EINTEGRITY' });
  assert.is(broken.status, 1);
  assert.match(broken.stderr, /`npm ci --ignore-scripts --include=dev/);
  assert.equal(project.lines('build.log'), []);
  succeeded(await project.setUp());
  assert.is(project.lines('npm.log').length, 3);
});

test('a failing build is shown and tried again', async () => {
  const project = makeProject();
  const failed = await project.setUp({ BUILD_FAILS: '1' });
  assert.is(failed.status, 1);
  assert.match(failed.stderr, /error TS1005/);
  succeeded(await project.setUp());
  assert.is(project.lines('npm.log').length, 1);
  assert.is(project.lines('build.log').length, 2);
});

test('dependencies installed by hand are used as they are', async () => {
  const project = makeProject();
  mkdirSync(project.path('node_modules', 'some-package'), { recursive: true });
  const record = project.path('node_modules', '.package-lock.json');
  writeFileSync(record, '{"packages":{"node_modules/some-package":{"version":"1.0.0"}}}');
  succeeded(await project.setUp());
  assert.equal(project.lines('npm.log'), []);
  assert.equal(readdirSync(project.path('node_modules')).sort(), ['.package-lock.json', 'some-package']);
  writeFileSync(record, '{"packages":{"node_modules/some-package":{"version":"0.9.0"}}}');
  succeeded(await project.setUp());
  assert.is(project.lines('npm.log').length, 1);
});

test('stopped in the middle of an install, it ends at once and installs the next time', async () => {
  const project = makeProject();
  const running = start(
    process.execPath,
    [project.path('scripts', 'setup.mjs')],
    project.environment({ NPM_TAKES: '60000' }),
  );
  for (let turn = 0; turn < 200 && project.lines('npm.log').length === 0; turn++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  running.child.kill('SIGTERM');
  assert.is((await running.ended).status, 143);
  succeeded(await project.setUp());
  assert.is(project.lines('npm.log').length, 2);
});

test('start passes arguments and the exit status of the main job', async () => {
  const project = makeProject();
  const words = [project.path('scripts', 'start.mjs'), '--seed', '3'];
  const result = await run(process.execPath, words, project.environment());
  assert.is(result.stdout, 'job --seed 3\n');
  assert.is(result.status, 7);
});

test('a Node that is too old is told so', async () => {
  const code = `
    import { nodeComplaint } from ${JSON.stringify(join(projectRoot, 'scripts', 'setup.mjs'))};
    for (const version of ['v18.20.0', 'v20.18.9', 'v20.19.0', 'v24.1.0']) console.log(nodeComplaint(version));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code]);
  const [first, second, ...rest] = stdout.split('\n');
  assert.match(first!, /needs Node 20\.19 or newer; this is v18\.20\.0/);
  assert.match(second!, /this is v20\.18\.9/);
  assert.equal(rest, ['null', 'null', '']);
});

test('the lock file is complete: every dependency of every package is in it, for all platforms', () => {
  interface Entry {
    readonly [kind: string]: Readonly<Record<string, string>> | undefined;
  }
  const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Entry>;
  };
  const missing: string[] = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    const kinds = ['dependencies', 'optionalDependencies', ...(path === '' ? ['devDependencies'] : [])];
    for (const name of kinds.flatMap((kind) => Object.keys(entry[kind] ?? {}))) {
      let folder = path;
      while (lock.packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] === undefined && folder !== '') {
        folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1));
      }
      if (lock.packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] === undefined)
        missing.push(`${path}: ${name}`);
    }
  }
  assert.equal(missing, []);
});

test.run();
