/** A file of metrics that grows, is torn, cut and replaced while it is followed. */
import { appendFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MetricsFile } from '../../src/dash/metrics-file.js';
import { temporaryFolder } from '../support/temporary.js';

const KEY = 'charts/episodic_return';
const line = (k: number, value: number | null, more: object = {}): string =>
  `${JSON.stringify({ iteration: k, steps: 64 * k, [KEY]: value, 'losses/a': k / 3, ...more })}\n`;
const lines = (from: number, to: number, scale = 1): string =>
  Array.from({ length: to - from }, (_, i) => line(from + i, scale * (from + i))).join('');
let count = 0;
const fresh = (text: string): MetricsFile => {
  const path = join(temporaryFolder(), `metrics${count++}.jsonl`);
  writeFileSync(path, text);
  return new MetricsFile(path, KEY);
};
const values = (file: MetricsFile, key = KEY): number[] => [...file.viewOf(key)!.values];

test('only what was added is read, whole lines of it, and each number is that of the file', async () => {
  const file = fresh(`${line(1, null)}${line(2, 0.1 + 0.2)}`);
  await file.advance();
  assert.equal(values(file), [Number.NaN, 0.1 + 0.2]);
  assert.equal([...file.viewOf(KEY)!.steps], [64, 128]);
  const before = file.viewOf(KEY)!;
  const next = line(3, 1e-7);
  appendFileSync(file.path, next.slice(0, 30));
  await file.advance();
  assert.is(file.lines, 2, 'half a line waits');
  appendFileSync(file.path, `${next.slice(30)}${line(4, -5)}`);
  await file.advance();
  assert.equal(values(file), [Number.NaN, 0.1 + 0.2, 1e-7, -5]);
  assert.is(file.best, 0.1 + 0.2);
  assert.is(file.generation, 1);
  assert.is(before.values.length, 2, 'a view stays as it was');
});

test('another metric is read later, from the beginning, and goes on with the file', async () => {
  const file = fresh(lines(1, 4000));
  await file.advance();
  assert.is(file.viewOf('losses/a'), null);
  const { steps, values: read } = await file.curve('losses/a');
  assert.is(read.length, 3999);
  assert.is(read[3998], 3999 / 3);
  assert.is(steps[3998], 64 * 3999);
  appendFileSync(file.path, line(4000, 7, { 'eval/mean_return': 5 }));
  await file.advance();
  assert.is(values(file, 'losses/a').at(-1), 4000 / 3);
  const sparse = await file.curve('eval/mean_return');
  assert.is(sparse.values.at(-1), 5);
  assert.ok(sparse.values.subarray(0, 3999).every(Number.isNaN));
  file.release('losses/a');
  file.release('eval/mean_return');
  file.release(KEY);
  assert.is(file.bytes, 0);
  appendFileSync(file.path, line(4001, 1e6));
  await file.advance();
  assert.is(file.best, 1e6, 'the best value is known without the column');
  const again = await file.curve(KEY);
  assert.is(again.values.length, 4001);
  assert.is(again.steps.at(-1), 64 * 4001);
});

test('a file that a resume has cut begins anew, also if it has already passed the place where it was', async () => {
  const file = fresh(lines(1, 50));
  await file.advance();
  truncateSync(file.path, Buffer.byteLength(lines(1, 20)));
  await file.advance();
  assert.is(file.generation, 2);
  assert.is(file.lines, 19);
  truncateSync(file.path, Buffer.byteLength(lines(1, 10)));
  appendFileSync(file.path, lines(10, 80, 3));
  await file.advance();
  assert.is(file.generation, 3);
  assert.equal(values(file).slice(7, 12), [8, 9, 30, 33, 36]);
  assert.is(file.best, 3 * 79);
});

test('a resume that writes the same bytes again is no new beginning', async () => {
  const file = fresh(lines(1, 50));
  await file.advance();
  truncateSync(file.path, Buffer.byteLength(lines(1, 20)));
  appendFileSync(file.path, lines(20, 60));
  await file.advance();
  assert.is(file.generation, 1);
  assert.equal(
    values(file),
    Array.from({ length: 59 }, (_, i) => i + 1),
  );
});

test('a file that was replaced, or is gone, begins anew', async () => {
  const file = fresh(lines(1, 9));
  await file.advance();
  writeFileSync(`${file.path}.new`, lines(1, 12));
  renameSync(`${file.path}.new`, file.path);
  await file.advance();
  assert.is(file.generation, 2);
  assert.is(file.lines, 11);
  rmSync(file.path);
  await file.advance();
  assert.is(file.lines, 0);
  assert.is(file.problem, null);
});

for (const [what, text, says] of [
  ['no JSON', 'not json at all\n', /line 4.*not json/],
  ['two lines that a crash has joined', `${line(4, 1).trimEnd()}${line(5, 1)}`, /line 4/],
  ['no object', '[1,2]\n', /line 4/],
  ['steps that go back', line(2, 1), /steps above 192/],
  ['binary data', '\u0000\u0001\uffff\n', /line 4/],
  ['a line without an end', `{"iteration":4,"a":"${'x'.repeat(3 << 20)}`, /at most 1048576 bytes/],
] as const) {
  test(`${what}: what was before is kept, the problem is named, and a new file is read again`, async () => {
    const file = fresh(`${lines(1, 4)}${text}`);
    await file.advance();
    assert.is(file.problem?.code, 'METRICS_CORRUPT');
    assert.match(file.problem!.message, says);
    assert.equal(values(file), [1, 2, 3]);
    await file.advance();
    assert.is(file.lines, 3);
    assert.equal([...(await file.curve('losses/a')).values], [1 / 3, 2 / 3, 1]);
    writeFileSync(file.path, lines(1, 3));
    await file.advance();
    assert.is(file.problem, null);
    assert.is(file.lines, 2);
  });
}

test('a text where a number should be is a gap, and a link is not followed', async () => {
  const file = fresh(`${line(1, 1)}${JSON.stringify({ steps: 128, [KEY]: 'high' })}\n${line(3, 3)}`);
  await file.advance();
  assert.equal(values(file), [1, Number.NaN, 3]);
  const link = new MetricsFile(`${file.path}.link`, KEY);
  symlinkSync(file.path, link.path);
  await link.advance();
  assert.is(link.problem?.code, 'RUN_NOT_READABLE');
});

test('lines far longer than the part that is read at once are put together, whatever reads meanwhile', async () => {
  const wide = Array.from({ length: 3000 }, (_, i) => line(i + 1, i, { note: 'é'.repeat(300) })).join('');
  const file = fresh(wide);
  const [a, b] = await Promise.all([file.curve('losses/a'), file.curve(KEY), file.advance()]);
  assert.is(a.values.length, 3000);
  assert.is(b.values[2999], 2999);
  assert.is(file.problem, null);
});

test.run();
