import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tableFromIPC } from 'apache-arrow';
import { parse } from 'csv-parse/sync';
import { unzipSync } from 'fflate';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tableColumns } from '../../../src/episode/exchange/columns.js';
import { batchRows } from '../../../src/episode/exchange/rows.js';
import { type ExportFormat, exportEpisodes, openEpisodes } from '../../../src/episode/index.js';
import { inFolder } from '../support.js';
import { leafOf, plain, recordAny, SPACES, type Witness } from './support.js';

type Row = Record<string, unknown>;

/** The rows of a table as plain values, read back by a reader that the writer does not use. */
const READERS: Readonly<Record<string, (path: string) => Promise<{ rows: Row[]; description: unknown }>>> = {
  async arrow(path) {
    const table = tableFromIPC(readFileSync(path));
    const rows = Array.from({ length: table.numRows }, (_, i) => {
      const row: Row = {};
      for (const field of table.schema.fields) row[field.name] = table.getChild(field.name)!.get(i);
      return row;
    });
    return { rows, description: JSON.parse(table.schema.metadata.get('gymkhana')!) };
  },
  async parquet(path) {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const rows = (await parquetReadObjects({ file, utf8: false })) as Row[];
    const text = metadata.key_value_metadata!.find(({ key }) => key === 'gymkhana')!.value!;
    return { rows, description: JSON.parse(text) };
  },
  async jsonl(path) {
    const rows = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    return { rows, description: null };
  },
  async npz(path) {
    const arrays = npz(path);
    const names = [...arrays.keys()].filter((name) => !/^(final\.|episode_length|description)/.test(name));
    const length = arrays.get('index')!.length;
    const rows = Array.from({ length }, (_, i) =>
      Object.fromEntries(names.map((name) => [name, arrays.get(name)![i]])),
    );
    return { rows, description: JSON.parse(String(arrays.get('description')![0])) };
  },
};

const ARRAYS: Readonly<Record<string, new (buffer: ArrayBuffer) => ArrayLike<number | bigint>>> = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '|i1': Int8Array,
  '|u1': Uint8Array,
  '<i2': Int16Array,
  '<u2': Uint16Array,
  '<i4': Int32Array,
  '<u4': Uint32Array,
  '<i8': BigInt64Array,
};

/** The arrays of an archive, rows flattened. */
function npz(path: string): Map<string, unknown[]> {
  const arrays = new Map<string, unknown[]>();
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(path)))) {
    const length = bytes[8]! + 256 * bytes[9]!;
    assert.is((10 + length) % 64, 0);
    const header = Buffer.from(bytes.subarray(10, 10 + length)).toString('latin1');
    const found = /^\{'descr': '(.+)', 'fortran_order': False, 'shape': \(([\d, ]*)\), \} *\n$/.exec(header);
    assert.ok(found !== null, header);
    const shape = found![2]!
      .split(',')
      .filter((axis) => axis.trim() !== '')
      .map(Number);
    const data = new Uint8Array(bytes.subarray(10 + length)).buffer;
    const [rows] = shape as [number];
    const key = name.replace(/\.npy$/, '');
    const type = found![1]!;
    if (type.startsWith('|S')) {
      arrays.set(key, [Buffer.from(data).toString('utf8')]);
      continue;
    }
    const flat =
      type === '|b1' ? Array.from(new Uint8Array(data), Boolean) : (new ARRAYS[type]!(data) as unknown as Uint8Array);
    const width = shape.slice(1).reduce((product, axis) => product * axis, 1);
    const list =
      shape.length === 1
        ? Array.from<unknown>(flat)
        : Array.from<unknown, unknown>({ length: rows }, (_, i) => flat.slice(i * width, (i + 1) * width));
    assert.is(list.length, rows);
    arrays.set(key, list);
  }
  return arrays;
}

/** A row's values as plain numbers, texts and lists. */
function plainRow(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]));
}

/** Rows as they must be, from what was seen while the episodes were played. */
async function expectedRows(path: string, seen: readonly Witness[], next: boolean): Promise<Row[]> {
  const stream = await openEpisodes(path);
  const { leaves } = tableColumns(stream, next);
  stream.close();
  const rows: Row[] = [];
  for (const [episode, { observations, actions, rewards }] of seen.entries()) {
    for (const [step, action] of actions.entries()) {
      const row: Row = {};
      for (const leaf of leaves) {
        const value = leaf.role === 'action' ? action : observations[leaf.next ? step + 1 : step];
        row[leaf.name] = leafOf(value, leaf.path);
      }
      const last = step === actions.length - 1;
      Object.assign(row, {
        'next.reward': rewards[step],
        'next.done': last,
        'next.terminated': last,
        'next.truncated': false,
        timestamp: Math.fround(step / 20),
        frame_index: step,
        episode_index: episode,
        index: rows.length,
        task_index: 0,
      });
      rows.push(row);
    }
  }
  return rows;
}

for (const [format, read] of Object.entries(READERS)) {
  for (const observation of Object.keys(SPACES)) {
    if (format === 'npz' && observation === 'words') continue;
    const action =
      observation === 'dict' || observation === 'words' || observation === 'image' ? 'choice' : observation;
    test(`${format}: observations and actions of '${observation}' come back exactly`, () =>
      inFolder(async (folder) => {
        const { path, seen } = await recordAny(folder, { observation, action });
        const summary = await exportEpisodes(path, { format: format as ExportFormat, nextObservations: true });
        assert.equal([summary.episodes, summary.steps], [2, 12]);
        assert.is(summary.bytes, statSync(summary.path).size);
        const { rows, description } = await read(summary.path);
        assert.equal(rows.map(plainRow), (await expectedRows(path, seen, true)).map(plainRow));
        if (description === null) return;
        const { env, fps, columns } = description as { env: string; fps: number; columns: { name: string }[] };
        assert.equal([env, fps], ['Any-v0', 20]);
        assert.equal(columns.map(({ name }) => name).sort(), Object.keys(rows[0]!).sort());
      }));
  }

  // Lines of text are not made of batches.
  if (format !== 'jsonl')
    test(`${format}: rows go on over the batches, and over the episodes in them`, () =>
      inFolder(async (folder) => {
        const { path, seen } = await recordAny(folder, { observation: 'image', length: 600 });
        const stream = await openEpisodes(path);
        const batch = batchRows(tableColumns(stream));
        stream.close();
        assert.ok(batch > 600 && batch < 1200, String(batch));
        const summary = await exportEpisodes(path, { format: format as ExportFormat });
        const { rows } = await read(summary.path);
        const expected = await expectedRows(path, seen, false);
        assert.is(rows.length, 1200);
        for (const at of [0, 1, 599, 600, batch - 1, batch, batch + 1, 1199]) {
          assert.equal(plainRow(rows[at]!), plainRow(expected[at]!), `row ${at}`);
        }
      }));

  test(`${format}: chosen episodes keep their index in the file`, () =>
    inFolder(async (folder) => {
      const { path, seen } = await recordAny(folder, { observation: 'state' }, { episodes: 4, observations: true });
      const summary = await exportEpisodes(path, { format: format as ExportFormat, episodes: [3, 1] });
      const { rows } = await read(summary.path);
      assert.equal([summary.episodes, rows.length], [2, 12]);
      assert.equal(
        rows.map((row) => Number(row['episode_index'])),
        [...Array(6).fill(1), ...Array(6).fill(3)],
      );
      assert.equal(plain(rows[0]!['observation.state']), plain(seen[1]!.observations[0]));
      assert.is(Number(rows[11]!['index']), 11);
    }));
}

test('csv: one column an element, named as the env names it', () =>
  inFolder(async (folder) => {
    const { path, seen } = await recordAny(folder, { observation: 'words', action: 'choices' });
    const { path: out } = await exportEpisodes(path, { format: 'csv' });
    const rows = parse(readFileSync(out), { columns: true }) as Record<string, string>[];
    const expected = await expectedRows(path, seen, false);
    for (const [i, row] of rows.entries()) {
      const want = plainRow(expected[i]!);
      const [at, action] = [want['observation.at'] as number[], want['action'] as number[]];
      assert.is(row['observation.say'], want['observation.say']);
      assert.is(Number(row['observation.at.0']), at[0]);
      assert.equal([Number(row['action.0']), Number(row['action.1'])], action);
      assert.is(Number(row['next.reward']), want['next.reward']);
      assert.is(row['next.done'], String(want['next.done']));
    }
    assert.is(rows.length, 12);
  }));

test('npz: the last observation of each episode and its length are there', () =>
  inFolder(async (folder) => {
    const { path, seen } = await recordAny(folder, { observation: 'matrix' });
    const { path: out } = await exportEpisodes(path, { format: 'npz' });
    const arrays = npz(out);
    assert.equal(arrays.get('episode_length')!.map(Number), [6, 6]);
    assert.equal(
      arrays.get('final.observation.state')!.map(plain),
      seen.map(({ observations }) => plain(observations.at(-1))),
    );
  }));

test('npz: texts are refused, and nothing is left', () =>
  inFolder(async (folder) => {
    const { path } = await recordAny(folder, { observation: 'words' });
    const before = readdirSync(folder);
    let code = '';
    try {
      await exportEpisodes(path, { format: 'npz' });
    } catch (error) {
      code = (error as { code: string }).code;
    }
    assert.is(code, 'EXPORT_UNSUPPORTED');
    assert.equal(readdirSync(folder), before);
  }));

test('the same episodes give the same bytes, whether observations were recorded or simulated again', () =>
  inFolder(async (folder) => {
    for (const format of ['parquet', 'arrow', 'npz', 'csv', 'jsonl'] as const) {
      const { path } = await recordAny(folder, { observation: 'dict' });
      const simulated = readFileSync((await exportEpisodes(path, { format })).path);
      writeFileSync(`${path}.${format}`, 'old');
      await recordAny(folder, { observation: 'dict' }, { observations: true });
      const recorded = readFileSync((await exportEpisodes(path, { format })).path);
      assert.ok(simulated.equals(recorded), format);
    }
  }));

test.run();
