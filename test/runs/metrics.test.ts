import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JsonlWriter, MetricsRecorder, readJsonl } from '../../src/runs/metrics.js';
import { throwsError } from '../support/misuse.js';
import { temporaryFolder } from '../support/temporary.js';

function recorderFiles(folder: string) {
  return { folder, metricsFile: join(folder, 'metrics.jsonl'), timingFile: join(folder, 'timing.jsonl') };
}

test('what depends on the clock never reaches metrics.jsonl', () => {
  const contents = [1, 2].map((seconds) => {
    const files = recorderFiles(temporaryFolder());
    const recorder = new MetricsRecorder(files);
    const metrics = { 'charts/episodic_return': 12.5, 'losses/approx_kl': Number.NaN };
    recorder.record({ iteration: 1, steps: 2048, metrics, timing: { 'time/seconds': seconds } });
    recorder.close();
    recorder.close();
    assert.equal(readJsonl(files.timingFile), [{ iteration: 1, steps: 2048, 'time/seconds': seconds }]);
    assert.is(readdirSync(files.folder).filter((name) => name.startsWith('events.out.tfevents.')).length, 1);
    return readFileSync(files.metricsFile, 'utf8');
  });
  assert.is(contents[0], '{"iteration":1,"steps":2048,"charts/episodic_return":12.5,"losses/approx_kl":null}\n');
  assert.is(contents[0], contents[1]);
});

test('numbers survive the file exactly', () => {
  const path = join(temporaryFolder(), 'm.jsonl');
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), (numbers) => {
      writeFileSync(path, '');
      const writer = new JsonlWriter(path);
      for (const x of numbers) writer.write({ x });
      writer.close();
      // JSON has no negative zero.
      assert.equal(
        readJsonl(path),
        numbers.map((x) => ({ x: x === 0 ? 0 : x })),
      );
    }),
    { numRuns: 30 },
  );
});

test('a torn last line is left out when read, and cut off when the file is opened again', () => {
  const path = join(temporaryFolder(), 'm.jsonl');
  writeFileSync(path, '{"a":1}\n{"a":2}\n{"a":');
  assert.equal(readJsonl(path), [{ a: 1 }, { a: 2 }]);
  const writer = new JsonlWriter(path);
  writer.write({ a: 3 });
  assert.equal(readJsonl(path), [{ a: 1 }, { a: 2 }, { a: 3 }]);
  writer.close();
  // Even a last line that happens to be valid may be the beginning of a longer number.
  appendFileSync(path, '{"a":4}');
  assert.is(readJsonl(path).length, 3);
});

test('a damaged line in the middle is named', () => {
  const path = join(temporaryFolder(), 'm.jsonl');
  writeFileSync(path, '{"a":1}\n{"a"\u0000:2}\n{"a":3}\n');
  throwsError(() => readJsonl(path), { code: 'METRICS_CORRUPT', kind: 'failure', says: [path, 'line 2'] });
  writeFileSync(path, '{"a":1}\n[2]\n');
  throwsError(() => readJsonl(path), { code: 'METRICS_CORRUPT', says: ['line 2'] });
});

test('files that cannot be read or written are named', () => {
  const folder = temporaryFolder();
  throwsError(() => readJsonl(join(folder, 'none.jsonl')), { code: 'METRICS_NOT_FOUND', says: ['none.jsonl'] });
  throwsError(() => new JsonlWriter(join(folder, 'none', 'm.jsonl')), { code: 'NOT_WRITABLE' });
});

test.run();
