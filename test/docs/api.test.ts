import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apiDocs, docstringFault, stalePages } from '../../scripts/generate-api-docs.js';
import * as gymkhana from '../../src/index.js';
import * as physics from '../../src/physics/index.js';
import * as testing from '../../src/testing/index.js';
import { projectRoot } from '../support/paths.js';

const { pages, undocumented } = apiDocs(projectRoot);

test('docs/api is fresh: if this fails, run node dist/scripts/generate-api-docs.js', () => {
  assert.equal(stalePages(join(projectRoot, 'docs/api'), pages), []);
});

test('every export has a docstring that opens with a sentence', () => {
  assert.equal(undocumented, []);
});

test('a docstring needs a first sentence that stands alone', () => {
  assert.is(docstringFault('Plays an env. More.'), null);
  assert.is(docstringFault('Plays\nan env.\n\nmore'), null);
  for (const text of ['', 'Plays.', 'plays an env.', 'Plays an env', 'Plays an env\n\nand more.']) {
    assert.type(docstringFault(text), 'string', JSON.stringify(text));
  }
});

test('every exported value has a heading and a line in the index', () => {
  const text = [...pages.values()].join('\n');
  for (const name of [gymkhana, physics, testing].flatMap((module) => Object.keys(module))) {
    assert.ok(text.includes(`\n## ${name}\n`), `${name} has no heading`);
    assert.ok(pages.get('index.md')!.includes(`- [\`${name}\`](`), `${name} is not in the index`);
  }
});

test('pages stay small, show no machine paths and no private members', () => {
  let bytes = 0;
  for (const [name, page] of pages) {
    bytes += Buffer.byteLength(page);
    assert.not.ok(page.includes(projectRoot), name);
    assert.not.match(page, /import\("/, name);
    assert.not.match(page, /^- `(private |#)/m, name);
  }
  assert.ok(bytes < 400_000, `${bytes} bytes`);
});

test('changed, missing and left-over pages are stale', () => {
  const folder = mkdtempSync(join(tmpdir(), 'api-docs-'));
  try {
    writeFileSync(join(folder, 'same.md'), 'same\n');
    writeFileSync(join(folder, 'changed.md'), 'old\n');
    writeFileSync(join(folder, 'left-over.md'), 'old\n');
    const wanted = new Map([
      ['same.md', 'same\n'],
      ['changed.md', 'new\n'],
      ['missing.md', 'new\n'],
    ]);
    assert.equal(stalePages(folder, wanted), ['changed.md', 'left-over.md', 'missing.md']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
