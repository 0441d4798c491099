import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { engineInfo, libraryVersion, mathFingerprint } from '../../src/core/fingerprint.js';
import { projectRoot } from '../support/paths.js';

test('the fingerprint is eight hex digits and the same each time', () => {
  assert.match(mathFingerprint(), /^[0-9a-f]{8}$/);
  assert.is(mathFingerprint(), mathFingerprint());
});

test('Node 20 and 22 on x64 share a fingerprint, which this test pins', () => {
  const major = Number(process.versions.node.split('.')[0]);
  if ((major !== 20 && major !== 22) || process.arch !== 'x64') {
    console.log(
      `# skipped: pinned Math fingerprint (recorded for Node 20 and 22 on x64, this is ${process.version} on ${process.arch})`,
    );
    return;
  }
  assert.is(mathFingerprint(), '786d192f');
});

test('engineInfo states versions and nothing personal', () => {
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  assert.is(libraryVersion(), manifest.version);
  assert.equal(Object.keys(engineInfo()).sort(), ['arch', 'gymkhana', 'mathFingerprint', 'node', 'platform', 'v8']);
});

test.run();
