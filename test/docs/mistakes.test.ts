import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mistakesDocs, showMistakes } from '../../scripts/generate-mistakes.js';
import { projectRoot } from '../support/paths.js';

const shown = await showMistakes(projectRoot);
const page = mistakesDocs(shown);

test('docs/mistakes.md is fresh: if this fails, run node dist/scripts/generate-mistakes.js', () => {
  assert.is(readFileSync(join(projectRoot, 'docs/mistakes.md'), 'utf8'), page);
});

test('every mistake gives an error, also without a compiler, and its mended program gives none', () => {
  assert.ok(shown.length >= 10);
  assert.ok(shown.filter(({ wrong }) => wrong.compiler !== '').length >= 5);
  for (const { title, wrong, mended } of shown) {
    assert.is.not(wrong.run, '', title);
    assert.equal(mended, { compiler: '', run: '' }, title);
  }
});

test('the errors of the library have a code and say what to do', () => {
  const codes = shown.flatMap(({ wrong }) => /code: '([A-Z_]+)'/.exec(wrong.run)?.[1] ?? []);
  for (const code of [
    'INVALID_ACTION',
    'INVALID_OBSERVATION',
    'INVALID_RESULT',
    'ENV_NOT_FOUND',
    'RESET_WITHOUT_SUPER',
  ]) {
    assert.ok(codes.includes(code), code);
  }
  assert.ok(new Set(codes).size >= 10, codes.join());
});

test('no message shows a folder of this machine', () => {
  assert.not.match(page, projectRoot);
  assert.not.match(page, /file:|\/home\/|\/work\/|\/tmp\/|program-\d|\.mistakes/);
});

test.run();
