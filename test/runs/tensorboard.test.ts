import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EventWriter } from '../../src/runs/tensorboard.js';
import { throwsError } from '../support/misuse.js';
import { golden } from '../support/paths.js';
import { temporaryFolder } from '../support/temporary.js';

interface Golden {
  readonly meta: { readonly wallTime: number };
  readonly scalars: readonly { readonly step: number; readonly values: { readonly [tag: string]: number } }[];
  readonly file: string;
}

const { meta, scalars, file } = JSON.parse(readFileSync(golden('tensorboard.json'), 'utf8')) as Golden;

test('writes the very bytes that TensorBoard’s own Python package writes', () => {
  const writer = new EventWriter(temporaryFolder(), () => meta.wallTime);
  for (const { step, values } of scalars) writer.scalars(step, values);
  writer.close();
  assert.is(readFileSync(writer.path).toString('hex'), file);
});

test('leaves out values that no chart can show, and events without any', () => {
  const writer = new EventWriter(temporaryFolder(), () => meta.wallTime);
  const { step, values } = scalars[0]!;
  writer.scalars(step, { 'charts/none_yet': Number.NaN, ...values });
  writer.scalars(5, { 'charts/none_yet': Number.POSITIVE_INFINITY });
  const bytes = readFileSync(writer.path).toString('hex');
  writer.close();
  writer.close();
  assert.ok(file.startsWith(bytes), bytes);
});

test('the file is named as TensorBoard looks for it', () => {
  const writer = new EventWriter(temporaryFolder(), () => meta.wallTime);
  writer.close();
  assert.match(writer.path, /[\\/]events\.out\.tfevents\.1700000000\.[^\\/]+$/);
});

test('a folder that is a file is a named error', () => {
  const folder = join(temporaryFolder(), 'sub');
  writeFileSync(folder, '');
  throwsError(() => new EventWriter(folder), { code: 'NOT_WRITABLE', kind: 'failure', says: [folder] });
  mkdirSync(`${folder}s`);
  new EventWriter(`${folder}s`).close();
});

test.run();
