import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { damagedFile } from '../../scripts/fuzz/cases.js';
import { loadSamples, makeSamples } from '../../scripts/fuzz/samples.js';
import { type FuzzReport, fuzz, fuzzText } from '../../scripts/fuzz.js';
import { temporaryFolder } from '../support/temporary.js';

const CASES = 700;

test('damaged files give an error with a code, or what they held before: a share of npm run fuzz', async () => {
  const keep = join(temporaryFolder(), 'keep');
  const report: FuzzReport = await fuzz({ count: CASES, seed: 20, keep });
  assert.is(report.wrong.length, 0, fuzzText(report));
  const kinds = Object.values(report.kinds);
  assert.is(
    kinds.reduce((sum, kind) => sum + kind.cases, 0),
    CASES,
  );
  // A fuzzer that reaches nothing finds nothing: each kind has refusals, and what was signed anew gets further than the checksum.
  for (const [name, { outcomes }] of Object.entries(report.kinds)) {
    assert.ok(
      Object.keys(outcomes).some((outcome) => /^[A-Z_]+$/.test(outcome)),
      `${name}: nothing was refused`,
    );
  }
  assert.ok(report.kinds['checkpoint, signed anew']!.outcomes['accepted: valid content, signed anew']! > 0);
  assert.ok(report.kinds['episodes, signed anew']!.outcomes['refused by verify']! > 0);
  assert.not(existsSync(keep));
});

test('a case gives the same file again', async () => {
  const folder = temporaryFolder();
  await makeSamples(folder);
  const samples = loadSamples(folder);
  for (let index = 0; index < 28; index++) {
    const { bytes, original } = damagedFile(samples, 3, index);
    assert.ok(bytes.equals(damagedFile(samples, 3, index).bytes));
    assert.ok(
      [...samples.checkpoints, ...samples.episodes, ...samples.tensors, ...samples.configs, ...samples.summaries].some(
        (one) => one.equals(original),
      ),
    );
  }
  assert.ok(readFileSync(join(folder, 'plain.safetensors')).equals(samples.tensors[0]!));
});

test.run();
