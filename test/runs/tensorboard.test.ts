import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { train } from '../../src/index.js';
import { readJsonl } from '../../src/runs/metrics.js';
import { EventWriter } from '../../src/runs/tensorboard.js';
import { throwsError } from '../support/misuse.js';
import { golden } from '../support/paths.js';
import { skipped } from '../support/skip.js';
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

/** A Python that has TensorBoard: `GYMKHANA_PYTHON`, or `python3`; null if neither has. */
function pythonWithTensorBoard(): string | null {
  const names = [process.env['GYMKHANA_PYTHON'], 'python3'].filter((name) => name !== undefined && name !== '');
  return names.find((name) => spawnSync(name!, ['-c', 'import tensorboard'], { stdio: 'ignore' }).status === 0) ?? null;
}

const python = pythonWithTensorBoard();
if (python === null) skipped('TensorBoard opens the events of a run', 'no Python with the package tensorboard');
(python === null ? test.skip : test)(
  'TensorBoard opens the events of a run, and shows what metrics.jsonl says',
  async () => {
    const runDir = join(temporaryFolder(), 'run');
    const config = {
      numEnvs: 8,
      numSteps: 32,
      hidden: [8],
      numMinibatches: 2,
      updateEpochs: 1,
      totalSteps: 8 * 32 * 12,
    };
    await train({ env: 'CartPole-v1', config, runDir });
    const script = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0})
events.Reload()
print(json.dumps({tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()['scalars']}))
`;
    const { stdout, stderr, status } = spawnSync(python!, ['-c', script, runDir], { encoding: 'utf8' });
    assert.is(status, 0, stderr);
    const shown = JSON.parse(stdout) as Record<string, [number, number][]>;
    const rows = readJsonl(join(runDir, 'metrics.jsonl'));
    const names = Object.keys(rows.at(-1)!).filter((name) => name.includes('/'));
    assert.ok(names.length > 8);
    for (const name of names) {
      const expected = rows.flatMap((row) =>
        typeof row[name] === 'number' ? [[row['steps'], Math.fround(row[name])]] : [],
      );
      assert.equal(shown[name], expected, name);
    }
    assert.is(shown['time/steps_per_second']!.length, rows.length);
  },
);

test.run();
