/** Exports to one file with one row a step. */
import { usageError } from '../../core/errors.js';
import type { Exported, ExportFormat, ExportOptions, ExportTarget } from '../export.js';
import type { EpisodeRecord } from '../format.js';
import { skimEpisodes } from '../stream.js';
import { writeArrow } from './arrow.js';
import { tableColumns } from './columns.js';
import { describeTable } from './description.js';
import type { TableJob, TableSize } from './job.js';
import { writeNpz } from './npz.js';
import { writeParquet } from './parquet.js';
import { FileSink } from './sink.js';
import { ExportSource, type SourceOptions } from './source.js';
import { writeCsv, writeJsonl } from './text-tables.js';

type TableWriter = (job: TableJob) => Promise<void>;

const WRITERS: Partial<Record<ExportFormat, TableWriter>> = {
  parquet: writeParquet,
  arrow: writeArrow,
  npz: writeNpz,
  csv: writeCsv,
  jsonl: writeJsonl,
};

/** Writes the table of the chosen episodes' steps. */
export async function exportTable({ file, out, format, options }: ExportTarget): Promise<Exported> {
  return await writeTable(file, out, options, WRITERS[format]!);
}

/** Writes a table with a writer of its format. */
export async function writeTable(
  file: string,
  out: string,
  options: ExportOptions,
  write: TableWriter,
): Promise<Exported> {
  const source = await ExportSource.open(file, options);
  let sink: FileSink | null = null;
  try {
    const { job, size } = tableJob(file, source, options);
    sink = new FileSink(out);
    await write({ ...job, sink });
    return { path: out, bytes: sink.commit(), ...size(), notices: source.notices };
  } finally {
    sink?.discard();
    source.close();
  }
}

/** What every writer is given, and how much it was when it is done. */
export function tableJob(
  file: string,
  source: ExportSource,
  options: ExportOptions,
): { job: Omit<TableJob, 'sink'>; size: () => TableSize } {
  const { head } = source;
  const fps = paceOf(options.fps, head.header.metadata.renderFps);
  const columns = tableColumns(head, options.nextObservations ?? false, outputNames(file, options));
  let [episodes, steps] = [0, 0];
  async function* counted(): ReturnType<ExportSource['episodes']> {
    for await (const one of source.episodes()) {
      episodes++;
      steps += one.episode.steps;
      yield one;
    }
  }
  const job = {
    columns,
    episodes: counted(),
    fps,
    description: describeTable(head, columns.all, fps),
    count: () => sizeOf(file, options),
  };
  return { job, size: () => ({ episodes, steps }) };
}

/** The descriptions of the chosen episodes, without their columns being read. */
function* chosen(path: string, options: SourceOptions): Generator<EpisodeRecord> {
  const wanted = options.episodes === undefined ? null : new Set(options.episodes);
  for (const record of skimEpisodes(path, options)) if (wanted === null || wanted.has(record.index)) yield record;
}

/** Names of all policies' outputs in the chosen episodes. */
function outputNames(path: string, options: SourceOptions): string[] {
  const names = new Set<string>();
  for (const { policyOutputs = [] } of chosen(path, options)) for (const name of policyOutputs) names.add(name);
  return [...names];
}

/** Counts the chosen episodes. */
function sizeOf(path: string, options: SourceOptions): TableSize {
  let [episodes, steps] = [0, 0];
  for (const record of chosen(path, options)) {
    episodes++;
    steps += record.steps;
  }
  return { episodes, steps };
}

/** Steps a second. @throws `INVALID_OPTION` */
export function paceOf(asked: number | undefined, own: number | undefined): number {
  const fps = asked ?? own ?? 30;
  if (Number.isFinite(fps) && fps > 0) return fps;
  throw usageError('INVALID_OPTION', `Expected fps as a number above 0, got ${String(fps)}.`, {
    field: 'fps',
    expected: 'a number above 0',
    got: String(fps),
  });
}
