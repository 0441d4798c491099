/** What an exporter of a format is given. */
import type { JsonObject } from '../../core/json.js';
import type { TableColumns } from './columns.js';
import { type RowBatch, tableBatches } from './rows.js';
import type { FileSink } from './sink.js';
import type { SourceEpisode } from './source.js';

/** A table of steps to be written to one file. */
export interface TableJob {
  readonly sink: FileSink;
  readonly columns: TableColumns;
  readonly episodes: AsyncIterable<SourceEpisode>;
  /** Steps a second of the env's own time. */
  readonly fps: number;
  readonly description: JsonObject;
  /** Counts episodes and their steps before they are read. */
  readonly count: () => TableSize;
}

/** How large a table will be. */
export interface TableSize {
  readonly episodes: number;
  readonly steps: number;
}

/** The rows of a job's table. */
export function batchesOf({ episodes, columns, fps }: TableJob): AsyncGenerator<RowBatch> {
  return tableBatches(episodes, columns, fps);
}
