// Users' TypeScript envs in real folders outside the project, in the main thread and in a worker thread.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Env } from '../../src/core/env.js';
import type { EnvSpec } from '../../src/core/spec.js';
import {
  assertNotImporting,
  assertPortable,
  bundledModules,
  make,
  modulesFor,
  register,
  registry,
  resolveEnv,
} from '../../src/registration/index.js';
import { rejectsWith, throwsError } from '../support/misuse.js';
import { temporaryFolder } from '../support/temporary.js';
import type { ThreadAnswer, ThreadTask } from './env-thread.js';
import { LAYOUTS, walkFolder, writeFiles } from './layouts.js';

async function inThread(spec: EnvSpec): Promise<ThreadAnswer> {
  const workerData: ThreadTask = JSON.parse(JSON.stringify({ table: await modulesFor(spec), spec })) as ThreadTask;
  const worker = new Worker(new URL('./env-thread.js', import.meta.url), { workerData });
  try {
    return await new Promise<ThreadAnswer>((resolve, reject) => {
      worker.on('message', resolve).on('error', reject);
    });
  } finally {
    await worker.terminate();
  }
}

const near = (values: readonly number[], expected: readonly number[]): void =>
  values.forEach((value, k) => {
    assert.ok(Math.abs(value - expected[k]!) < 1e-5, `${values} is not ${expected}`);
  });

for (const [name, createFolder] of Object.entries(LAYOUTS)) {
  test(`${name}: registered id and exported class, in main and in a worker`, async () => {
    const folder = createFolder();
    const spec = await resolveEnv('./walk.ts:team/Walk-v0', { cwd: folder });
    const url = pathToFileURL(join(folder, 'walk.ts')).href;
    assert.equal(spec, {
      id: 'team/Walk-v0',
      moduleUrl: url,
      exportName: null,
      maxEpisodeSteps: 7,
      rewardThreshold: null,
      nondeterministic: false,
      kwargs: { start: 5 },
    });
    const env = await make(spec);
    assert.ok(env.unwrapped instanceof Env, 'the env extends this Env');
    assert.is(env.metadata.about, 'Walk along a line.');
    const { observation, info } = env.reset({ seed: 3 });
    const first = (observation as Float32Array)[0]!;
    assert.is(info['source'], url);
    const seen = [first, first + 1, first];
    // Seed 3 begins with 0.0856...: numpy.random.default_rng(3).uniform(0, 1).
    near(seen, [15.085649, 16.085649, 15.085649]);
    const registered = await inThread(spec);
    assert.equal([registered.isEnv, registered.error], [true, null]);
    near(registered.observations, seen);

    const exported = await resolveEnv('./walk.ts:Walk', { cwd: folder });
    assert.equal([exported.id, exported.exportName, exported.moduleUrl], ['Walk', 'Walk', url]);
    near((await inThread(exported)).observations, [10.085649, 11.085649, 10.085649]);
  });
}

test('an env registered without moduleUrl belongs to the module that registers it', async () => {
  const folder = walkFolder();
  const first = await resolveEnv('./walk.ts:Careless-v0', { cwd: folder });
  assert.is(first.moduleUrl, pathToFileURL(join(folder, 'walk.ts')).href);
  assert.equal(await resolveEnv('./walk.ts:Careless-v0', { cwd: folder }), first);
});

test('a module is bundled once, and its hash does not depend on where it lies', async () => {
  const [one, two] = [walkFolder(), walkFolder()];
  const specs = await Promise.all([
    resolveEnv('./walk.ts:Walk', { cwd: one }),
    resolveEnv('./walk.ts:Walk', { cwd: one }),
    resolveEnv('./walk.ts:Walk', { cwd: two }),
  ]);
  const hashes = specs.map(({ moduleUrl }) => {
    const entries = bundledModules().filter(({ source }) => source === moduleUrl);
    assert.is(entries.length, 1);
    return entries[0]!.hash;
  });
  assert.is(hashes[0], hashes[2]);
  writeFiles(two, { 'other.ts': "export { Walk } from './walk.js';\nexport const changed = 1;\n" });
  const { moduleUrl } = await resolveEnv('./other.ts:Walk', { cwd: two });
  assert.is.not(bundledModules().find(({ source }) => source === moduleUrl)?.hash, hashes[0]);
});

test('a package of envs, ES modules only, with an own dependency on the library', async () => {
  const folder = walkFolder({
    'node_modules/walks/package.json':
      '{ "name": "walks", "exports": { ".": { "types": "./x.d.ts", "import": "./lib/main.mjs" } }, "peerDependencies": { "gymkhana": "*" } }',
    'node_modules/walks/lib/main.mjs':
      "import { Box, Discrete, Env } from 'gymkhana';\nimport { at } from './at.mjs';\nexport class Still extends Env {\n  observationSpace = new Box(-1, 1);\n  actionSpace = new Discrete(2);\n  reset(options) { super.reset(options); return { observation: Float32Array.of(at), info: {} }; }\n  step() { return { observation: Float32Array.of(at), reward: 0, terminated: false, truncated: false, info: {} }; }\n}\n",
    'node_modules/walks/lib/at.mjs': 'export const at = 0.5;\n',
    'import.ts': "export { Still } from 'walks';\n",
  });
  for (const reference of ['walks:Still', './import.ts:Still']) {
    const spec = await resolveEnv(reference, { cwd: folder });
    near((await inThread(spec)).observations, [0.5, 0.5, 0.5]);
  }
});

test('a JavaScript env of a CommonJS folder that requires a package and the library', async () => {
  const folder = walkFolder({
    'package.json': '{ "type": "commonjs" }',
    'old.js':
      "const { Box, Discrete, Env } = require('gymkhana');\nconst { factor } = require('common-scale');\nexports.Old = class Old extends Env {\n  observationSpace = new Box(-9, 9);\n  actionSpace = new Discrete(2);\n  reset(options) { super.reset(options); return { observation: Float32Array.of(factor), info: {} }; }\n  step() { return { observation: Float32Array.of(1), reward: 0, terminated: false, truncated: false, info: {} }; }\n};\n",
    'old-entry.ts': "import old from './old.js';\nexport const Old = old.Old;\n",
  });
  const spec = await resolveEnv('./old-entry.ts:Old', { cwd: folder });
  near((await inThread(spec)).observations, [2, 1, 1]);
});

test('a module may make its own require', async () => {
  const folder = walkFolder({
    'own.ts':
      "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nexport const factor = require('common-scale').factor;\nexport { Walk } from './walk.js';\n",
  });
  assert.is((await resolveEnv('./own.ts:Walk', { cwd: folder })).id, 'Walk');
});

test('an env registered by the running program itself is bundled for the workers', async () => {
  const folder = walkFolder();
  const moduleUrl = pathToFileURL(join(folder, 'walk.ts')).href;
  class Native extends Env {
    readonly observationSpace = null as never;
    readonly actionSpace = null as never;
    override step(): never {
      throw new Error('never called');
    }
  }
  register({ id: 'team/Walk-v0', entryPoint: Native, moduleUrl });
  near(
    (await inThread({ ...registry.get('team/Walk-v0')!, kwargs: { start: 1 } })).observations,
    [11.085649, 12.085649, 11.085649],
  );
});

const PROGRAM = (body: string): string =>
  `import { Env } from 'gymkhana';\n${body}\nexport class Late extends Env { reset() { return null; } step() { return null; } }\n`;
const BAD_MODULES: readonly [string, string, string, readonly (string | RegExp)[]][] = [
  ['syntax.ts', 'const x = 1;\nconst y = ;\n', 'MODULE_LOAD_FAILED', [/syntax\.ts:2:11: Unexpected ";"/]],
  [
    'missing.ts',
    "\nimport './nowhere.js';\n",
    'MODULE_LOAD_FAILED',
    [/missing\.ts:2:8: Could not resolve "\.\/nowhere\.js"/],
  ],
  [
    'package.ts',
    "import 'no-such-package';\n",
    'MODULE_LOAD_FAILED',
    [/package\.ts:1:8: Could not resolve "no-such-package"/],
  ],
  ['part.ts', "import 'gymkhana/src/core/env.js';\n", 'MODULE_LOAD_FAILED', [/import from 'gymkhana'/]],
  [
    'throws.ts',
    "\n\nthrow new RangeError('no track');\n",
    'MODULE_LOAD_FAILED',
    ['RangeError: no track', /throws\.ts:3:7/],
  ],
  [
    'badid.ts',
    "import { register } from 'gymkhana';\nregister({ id: 'no version', entryPoint: 'a:B' });\n",
    'INVALID_ENV_ID',
    ["'no version'"],
  ],
  ['class.ts', 'export class Late {}\n', 'NOT_AN_ENV', ["'Late'", 'extends Env']],
  [
    'other.ts',
    'export class Early {}\nexport const x = 1;\n',
    'EXPORT_NOT_FOUND',
    ['neither registers nor exports', 'Early, x'],
  ],
  ['spaceless.ts', PROGRAM(''), 'INVALID_ENV', ['Late has no observationSpace', 'new Box']],
];
for (const [file, text, code, says] of BAD_MODULES) {
  test(`${file}: ${code}`, async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { [file]: text });
    await rejectsWith(async () => make(await resolveEnv(`./${file}:Late`, { cwd: folder })), { code, says });
  });
}

test('a module that trains at its top level ends by name in a worker', async () => {
  const folder = walkFolder();
  const spec = await resolveEnv('./walk.ts:Walk', { cwd: folder });
  const url = new URL('../../src/registration/index.js', import.meta.url).href;
  writeFiles(folder, {
    'nest.ts': `import { isMainThread } from 'node:worker_threads';\nconst { assertNotImporting } = await import(${JSON.stringify(url)} as string);\nassertNotImporting('train');\nexport { Walk } from './walk.js';\nexport const main = isMainThread;\n`,
  });
  const nested = await resolveEnv('./nest.ts:Walk', { cwd: folder });
  const { error } = await inThread(nested);
  assert.is(error?.code, 'NESTED_IN_WORKER');
  assert.match(error?.message ?? '', /put the env in its own file, or guard the program/i);
  assert.is((await inThread(spec)).error, null);
  assertNotImporting('train');
});

test('a spec that names no module works in its own thread only', () => {
  const spec: EnvSpec = {
    id: 'Here-v0',
    moduleUrl: null,
    exportName: null,
    maxEpisodeSteps: null,
    rewardThreshold: null,
    nondeterministic: false,
    kwargs: {},
  };
  throwsError(() => assertPortable(spec), {
    code: 'ENV_NOT_PORTABLE',
    kind: 'usage',
    says: ['Here-v0', 'moduleUrl: import.meta.url'],
  });
});

test.run();
