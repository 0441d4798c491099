import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { errorDocs } from '../../scripts/generate-error-docs.js';
import { projectRoot } from '../support/paths.js';

test('docs/errors.md lists every code: if this fails, run node dist/scripts/generate-error-docs.js', () => {
  const text = errorDocs(projectRoot);
  assert.is(readFileSync(join(projectRoot, 'docs/errors.md'), 'utf8'), text);
  for (const code of ['ENV_NOT_FOUND', 'INVALID_ACTION', 'WORKER_DIED', 'CHECKPOINT_CORRUPT', 'EPISODE_CORRUPT']) {
    assert.match(text, `\`${code}\``);
  }
});

test.run();
