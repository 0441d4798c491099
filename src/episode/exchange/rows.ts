/** Fills batches of rows from episodes; columns that lie in an episode as they lie in a batch are copied whole. */
import { newArray } from '../../spaces/arrays.js';
import type { DTypes } from '../../spaces/index.js';
import type { CompleteEpisode } from '../complete.js';
import { type Column, type LeafColumn, rowBytes, STEP_COLUMNS, type TableColumns } from './columns.js';
import type { SourceEpisode } from './source.js';

/** The values of a column: a row is `width` elements (1 for plain numbers) of an array, or one text. Bools are bytes. */
export type ColumnData = DTypes[keyof DTypes] | BigInt64Array | string[];

/** Rows of a table, column by column, in memory of their own. */
export interface RowBatch {
  readonly rows: number;
  readonly data: readonly ColumnData[];
}

/** A batch has about so many bytes. */
const BATCH_BYTES = 8 * 1024 * 1024;
/** And at most so many rows. */
const BATCH_ROWS = 65_536;

/** How many rows a batch of a table has. */
export function batchRows({ all }: TableColumns): number {
  const bytes = all.reduce((sum, column) => sum + rowBytes(column), 0);
  return Math.max(1, Math.min(BATCH_ROWS, Math.floor(BATCH_BYTES / bytes)));
}

/** Empty memory for `rows` rows of a column. */
export function newData({ type, width }: Pick<Column, 'type' | 'width'>, rows: number): ColumnData {
  if (type === 'text') return [];
  if (type === 'int64') return new BigInt64Array(rows);
  return newArray(type === 'bool' ? 'uint8' : type, rows * (width ?? 1));
}

/** The rows of all episodes in batches. @param fps steps a second of the env's own time. */
export async function* tableBatches(
  episodes: AsyncIterable<SourceEpisode>,
  columns: TableColumns,
  fps: number,
): AsyncGenerator<RowBatch> {
  const capacity = batchRows(columns);
  const fresh = (): ColumnData[] => columns.all.map((column) => newData(column, capacity));
  let data = fresh();
  let rows = 0;
  let index = 0;
  for await (const { episode, index: episodeIndex } of episodes) {
    for (let from = 0; from < episode.steps; ) {
      const count = Math.min(capacity - rows, episode.steps - from);
      for (const [k, leaf] of columns.leaves.entries()) fillLeaf(leaf, data[k]!, rows, episode, from, count);
      fillSteps(data.slice(columns.leaves.length), rows, { episode, episodeIndex, from, count, index, fps });
      fillOutputs(columns.outputs, data.slice(data.length - columns.outputs.length), rows, episode, from, count);
      rows += count;
      from += count;
      index += count;
      if (rows < capacity) continue;
      yield { rows, data };
      data = fresh();
      rows = 0;
    }
  }
  if (rows > 0) yield cut(columns.all, data, rows);
}

function cut(columns: readonly Column[], data: readonly ColumnData[], rows: number): RowBatch {
  return {
    rows,
    data: data.map((values, k) =>
      Array.isArray(values) ? values : values.subarray(0, rows * (columns[k]!.width ?? 1)),
    ),
  };
}

/** Members `from` to `from + count` of one leaf into rows `at` and on. */
export function fillLeaf(
  leaf: Pick<LeafColumn, 'role' | 'path' | 'space' | 'next' | 'type' | 'width'>,
  data: ColumnData,
  at: number,
  episode: CompleteEpisode,
  from: number,
  count: number,
): void {
  const store = leaf.role === 'action' ? episode.actions : episode.observations;
  const first = leaf.next ? from + 1 : from;
  if (leaf.path.length === 0 && leaf.width !== null && !Array.isArray(data)) {
    const bytes = store.toBytes();
    const size = data.BYTES_PER_ELEMENT * leaf.width;
    const target = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    target.set(bytes.subarray(first * size, (first + count) * size), at * size);
    return;
  }
  for (let i = 0; i < count; i++) {
    let value: unknown = store.at(first + i);
    for (const key of leaf.path) value = (value as Record<string | number, unknown>)[key];
    if (Array.isArray(data)) data[at + i] = textOf(leaf, value);
    else if (data instanceof BigInt64Array) data[at + i] = BigInt(value as number);
    else data.set(value as ArrayLike<number>, (at + i) * leaf.width!);
  }
}

function textOf({ space }: Pick<LeafColumn, 'space'>, value: unknown): string {
  const json = space.valueToJSON(value);
  return typeof json === 'string' ? json : JSON.stringify(json);
}

interface StepRows {
  readonly episode: CompleteEpisode;
  readonly episodeIndex: number;
  readonly from: number;
  readonly count: number;
  /** Number of the first row in the whole table. */
  readonly index: number;
  readonly fps: number;
}

/** The columns of every table, in the order of `STEP_COLUMNS`. */
function fillSteps(data: readonly ColumnData[], at: number, rows: StepRows): void {
  const { episode, episodeIndex, from, count, index, fps } = rows;
  const [reward, done, terminated, truncated, timestamp, frame, episodes, numbers] = data as [
    Float64Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Float32Array,
    BigInt64Array,
    BigInt64Array,
    BigInt64Array,
  ];
  reward.set(episode.rewards.subarray(from, from + count), at);
  for (let i = 0; i < count; i++) {
    timestamp[at + i] = (from + i) / fps;
    frame[at + i] = BigInt(from + i);
    numbers[at + i] = BigInt(index + i);
  }
  episodes.fill(BigInt(episodeIndex), at, at + count);
  if (from + count < episode.steps) return;
  const last = at + count - 1;
  terminated[last] = Number(episode.terminated);
  truncated[last] = Number(episode.truncated);
  done[last] = Number(episode.terminated || episode.truncated);
}

/** The policy's outputs of some steps; NaN for an episode that was recorded without one of them. */
function fillOutputs(
  names: readonly string[],
  data: readonly ColumnData[],
  at: number,
  { policyOutputs }: CompleteEpisode,
  from: number,
  count: number,
): void {
  const width = policyOutputs?.names.length ?? 0;
  for (const [k, name] of names.entries()) {
    const column = data[k] as Float32Array;
    const place = policyOutputs?.names.indexOf(name) ?? -1;
    for (let i = 0; i < count; i++) {
      column[at + i] = place < 0 ? Number.NaN : policyOutputs!.values[(from + i) * width + place]!;
    }
  }
}

/** Where the columns of every table begin in a batch. */
export function stepColumn(columns: TableColumns, name: string): number {
  return columns.leaves.length + STEP_COLUMNS.findIndex((column) => column.name === name);
}
