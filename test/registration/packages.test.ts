import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { locateModule, nearestManifest, resolvePackage } from '../../src/registration/packages.js';
import { throwsError } from '../support/misuse.js';
import { temporaryFolder } from '../support/temporary.js';
import { writeFiles } from './layouts.js';

const pack = (name: string, manifest: object, ...files: string[]): Record<string, string> => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, ...manifest }),
  ...Object.fromEntries(files.map((file) => [`node_modules/${name}/${file}`, ''])),
});

const folder = temporaryFolder();
writeFiles(folder, {
  'deep/er/env.ts': '',
  ...pack('plain', {}, 'index.js'),
  ...pack('main', { main: './lib/main' }, 'lib/main.js', 'extra.js'),
  ...pack('sugar', { exports: './a.mjs' }, 'a.mjs', 'b.mjs'),
  ...pack('conditions', { exports: { types: './x.d.ts', require: './r.cjs', import: './i.mjs' } }, 'r.cjs', 'i.mjs'),
  ...pack(
    'nested',
    { exports: { '.': { browser: './b.js', node: { require: './r.js', default: './n.js' } } } },
    'n.js',
    'r.js',
  ),
  ...pack(
    'sub',
    { exports: { '.': './a.js', './part': './p.js', './envs/*': './e/*.js', './no': null } },
    'a.js',
    'p.js',
    'e/x.js',
  ),
  ...pack('@scope/name', { main: 'm.js' }, 'm.js', 's/t.js'),
  ...pack('broken', { exports: './gone.js' }),
});

const FOUND: readonly [string, string][] = [
  ['plain', 'plain/index.js'],
  ['main', 'main/lib/main.js'],
  ['main/extra', 'main/extra.js'],
  ['sugar', 'sugar/a.mjs'],
  ['conditions', 'conditions/i.mjs'],
  ['nested', 'nested/n.js'],
  ['sub', 'sub/a.js'],
  ['sub/part', 'sub/p.js'],
  ['sub/envs/x', 'sub/e/x.js'],
  ['@scope/name', '@scope/name/m.js'],
  ['@scope/name/s/t.js', '@scope/name/s/t.js'],
];
for (const [reference, file] of FOUND) {
  test(`'${reference}' is ${file}, also from a deeper folder`, () => {
    for (const from of [folder, join(folder, 'deep', 'er')]) {
      assert.is(resolvePackage(reference, from), join(folder, 'node_modules', file));
    }
  });
}

for (const reference of ['absent', 'sugar/b.mjs', 'sub/no', 'sub/envs/y', 'broken', '../plain', '@scope', '']) {
  test(`'${reference}' is not found`, () => assert.is(resolvePackage(reference, folder), null));
}

test('a linked package is where it really lies', () => {
  const elsewhere = temporaryFolder();
  writeFiles(elsewhere, { 'package.json': '{ "name": "linked" }', 'index.js': '' });
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(elsewhere, join(folder, 'node_modules', 'linked'), 'dir');
  assert.is(resolvePackage('linked', folder), join(elsewhere, 'index.js'));
});

test('locateModule knows paths, URLs and packages', () => {
  const url = pathToFileURL(join(folder, 'deep/er/env.ts')).href;
  assert.is(locateModule('./deep/er/env.ts', folder), url);
  assert.is(locateModule('deep/er/env.ts', folder), url);
  assert.is(locateModule(join(folder, 'deep/er/env.ts'), '/'), url);
  assert.is(locateModule(url, '/'), url);
  assert.is(locateModule('plain', folder), pathToFileURL(join(folder, 'node_modules/plain/index.js')).href);
  throwsError(() => locateModule('file:///no/such.ts', folder), { code: 'MODULE_NOT_FOUND', says: ['/no/such.ts'] });
});

test('nearestManifest climbs to the first package.json', () => {
  assert.is(nearestManifest(join(folder, 'node_modules/sub/e'))?.manifest.name, 'sub');
  writeFiles(folder, { 'bad/package.json': '{' });
  throwsError(() => nearestManifest(join(folder, 'bad')), { code: 'MODULE_NOT_FOUND', says: ['is not JSON'] });
});

test.run();
