/** Tables of steps as NumPy archives: an array a column, filled side by side, so that memory holds one batch of rows. */
import { usageError } from '../../core/errors.js';
import { arrayOver } from '../../spaces/arrays.js';
import type { DType } from '../../spaces/index.js';
import { type Column, type ColumnType, type LeafColumn, rowBytes } from './columns.js';
import { batchesOf, type TableJob } from './job.js';
import { npyHeader, npyType } from './npy.js';
import { type ColumnData, fillLeaf } from './rows.js';
import { finishZip, placeMembers, type StoredMember } from './stored-zip.js';

/** Refuses a column without numbers. */
function numeric({ name, type }: Column, path: string): Exclude<ColumnType, 'text'> {
  if (type !== 'text') return type;
  throw usageError(
    'EXPORT_UNSUPPORTED',
    `${path}: '${name}' holds texts or values of changing size, which a NumPy array without pickled objects cannot. Export to parquet, arrow, csv or jsonl.`,
    { file: path, field: name, got: 'text', expected: 'numbers' },
  );
}

interface NumpyArray {
  readonly name: string;
  readonly header: Uint8Array;
  readonly bytes: number;
}

function arrayOf(name: string, descr: string, shape: readonly number[], bytes: number): NumpyArray {
  return { name: `${name}.npy`, header: npyHeader(descr, shape), bytes };
}

/** A column as an array of `rows` rows. */
function columnArray(column: Column, name: string, rows: number, path: string): NumpyArray {
  return arrayOf(name, npyType(numeric(column, path)), [rows, ...column.shape], rows * rowBytes(column));
}

const bytesOf = (data: Exclude<ColumnData, string[]>): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/**
 * Writes an archive for `numpy.load`: the table's columns; `final.<observation>`, the last observation of each episode, which no
 * row holds; `episode_length`; and `description`, JSON as bytes.
 * @throws `EXPORT_UNSUPPORTED` for spaces without numbers, `NOT_WRITABLE`
 */
export async function writeNpz(job: TableJob): Promise<void> {
  const { sink, columns, description } = job;
  const { path } = sink;
  const finals = columns.leaves.filter(({ role, next }) => role === 'observation' && !next);
  for (const column of columns.all) numeric(column, path);
  const { episodes, steps } = job.count();
  const text = Buffer.from(JSON.stringify(description), 'utf8');
  const arrays = [
    ...columns.all.map((column) => columnArray(column, column.name, steps, path)),
    ...finals.map((column) => columnArray(column, `final.${column.name}`, episodes, path)),
    arrayOf('episode_length', '<i8', [episodes], 8 * episodes),
    arrayOf('description', `|S${text.length}`, [1], text.length),
  ];
  const members = placeMembers(
    sink,
    arrays.map(({ name, header, bytes }) => [name, header.length + bytes]),
  );
  for (const [k, { header }] of arrays.entries()) members[k]!.write(header);
  const ends = members.slice(columns.all.length);
  const batches = batchesOf({ ...job, episodes: noting(job, finals, ends) });
  for await (const { data } of batches) {
    for (const [k, values] of data.entries()) members[k]!.write(bytesOf(values as Exclude<ColumnData, string[]>));
  }
  members.at(-1)!.write(text);
  finishZip(sink, members);
}

/** The episodes of a job; the arrays with one row an episode are written as they pass. */
async function* noting(job: TableJob, finals: readonly LeafColumn[], members: readonly StoredMember[]) {
  for await (const source of job.episodes) {
    const { episode } = source;
    for (const [k, leaf] of finals.entries()) {
      const row = new Uint8Array(rowBytes(leaf));
      const data = leaf.type === 'int64' ? new BigInt64Array(row.buffer) : viewOf(leaf, row);
      fillLeaf(leaf, data, 0, episode, episode.steps, 1);
      members[k]!.write(row);
    }
    members[finals.length]!.write(bytesOf(BigInt64Array.of(BigInt(episode.steps))));
    yield source;
  }
}

function viewOf({ type, width }: Column, row: Uint8Array): ColumnData {
  return arrayOver(type as DType, row.buffer, 0, width ?? 1);
}
