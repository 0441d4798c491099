import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { errorDocs } from '../../scripts/generate-error-docs.js';
import { ASYNC_PATTERN, readSupportGrid, STATUSES, supportDocs } from '../../scripts/generate-support-grid.js';
import * as library from '../../src/index.js';
import { projectRoot } from '../support/paths.js';
import { publicNames } from './public-types.js';

const grid = readSupportGrid(projectRoot);
const isPublic = publicNames(projectRoot);

test('docs/support.md is fresh: if this fails, run node dist/scripts/generate-support-grid.js', () => {
  assert.is(readFileSync(join(projectRoot, 'docs/support.md'), 'utf8'), supportDocs(grid));
});

test('every name has one place, a known status, and a name here or a reason', () => {
  const groups = new Set(grid.groups.map(({ group }) => group));
  const seen = new Set<string>();
  for (const { group, name, status, ours, note } of grid.names) {
    const place = `${group} ${name}`;
    assert.ok(groups.has(group), place);
    assert.not(seen.has(place), `${place} stands twice`);
    seen.add(place);
    assert.ok(STATUSES.includes(status), place);
    assert.is(ours !== null, status === 'same' || status === 'renamed', place);
    if (ours === null) assert.ok(note.length > 8, `${place} gives no reason`);
    if (status === 'same') assert.is(ours!.split('.').at(-1), name.split('.').at(-1), place);
  }
  assert.ok(seen.size > 400, String(seen.size));
});

test('every name here is there: exported, a member of the exported type, or a registered id', () => {
  assert.not(isPublic('NoSuchName'));
  assert.not(isPublic('Env.noSuchMember'));
  const exports = library as unknown as Readonly<Record<string, unknown>>;
  for (const { group, name, ours } of grid.names) {
    if (ours === null) continue;
    const found = /-v\d+$/.test(ours) ? library.registry.has(ours) : isPublic(ours);
    assert.ok(found, `${group} ${name}: the package has no ${ours}`);
    // What is a value in Gymnasium and has the same name is a value here, not only a type.
    const isType = ['EnvSpec', 'WrapperSpec', 'FuncEnv', 'AutoresetMode'].includes(ours);
    if (ours === name && /^\w+$/.test(ours) && !isType)
      assert.ok(exports[ours] !== undefined, `${ours} is only a type`);
  }
});

test('a name for later is not there yet', () => {
  const camel = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const there = grid.names
    .filter(({ status }) => status === 'later')
    .map(({ group, name }) => (group === 'gymnasium.wrappers.vector' ? `Vector${name}` : camel(name)))
    .filter((name) => isPublic(name) || library.registry.has(name));
  assert.equal(there, [], 'these are there: say so in docs/support.json');
});

test('every error code of a note exists', () => {
  const codes = errorDocs(projectRoot);
  let checked = 0;
  for (const { note } of grid.names) {
    for (const [code] of note.matchAll(/`[A-Z]+(?:_[A-Z]+)+`/g)) {
      assert.match(codes, code);
      checked++;
    }
  }
  assert.ok(checked > 10);
});

test('the pattern for asynchronous sources runs', async () => {
  const folder = join(projectRoot, 'dist/test/docs/.support');
  mkdirSync(folder, { recursive: true });
  const { outputText } = ts.transpileModule(ASYNC_PATTERN, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  });
  const file = join(folder, 'thermostat.js');
  writeFileSync(file, outputText);
  await import(pathToFileURL(file).href);
  const env = await library.make<Float32Array, number>('Thermostat-v0');
  env.reset({ seed: 1 });
  await new Promise((resolve) => setTimeout(resolve, 40));
  const { observation, reward } = env.step(1);
  env.close();
  assert.ok(observation[0]! >= 20 && observation[0]! <= 21, String(observation));
  assert.ok(reward <= 0 && reward >= -1, String(reward));
  assert.is(env.spec!.nondeterministic, true);
});

test.run();
