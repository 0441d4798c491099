import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSettings } from '../../src/cli/options.js';
import { throwsError } from '../support/misuse.js';
import { temporaryFolder } from '../support/temporary.js';

const path = join(temporaryFolder(), 'settings.json');

function settingsOf(value: unknown) {
  writeFileSync(path, JSON.stringify(value));
  return readSettings(path);
}

test('settings come from a run, with its seed, or are an object of their own', () => {
  assert.equal(settingsOf({ config: { gamma: 0.9 }, seed: 3, env: {} }), { config: { gamma: 0.9 }, seed: 3 });
  assert.equal(settingsOf({ gamma: 0.9 }), { config: { gamma: 0.9 } });
});

test('a seed that is none is refused, not ignored', () => {
  for (const seed of ['3', null, -1, 1.5, 1e308]) {
    throwsError(() => settingsOf({ config: {}, seed }), { code: 'CONFIG_FILE', kind: 'usage', says: ['seed'] });
  }
});

test.run();
