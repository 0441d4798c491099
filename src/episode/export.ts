/** Episodes to other formats: tables of steps, datasets, pictures. One episode is in memory at a time. */
import { extname } from 'node:path';
import { usageError } from '../core/errors.js';
import { writeArrow } from './exchange/arrow.js';
import { tableColumns } from './exchange/columns.js';
import { describeTable } from './exchange/description.js';
import type { TableJob, TableSize } from './exchange/job.js';
import { writeNpz } from './exchange/npz.js';
import { writeParquet } from './exchange/parquet.js';
import { FileSink } from './exchange/sink.js';
import { ExportSource, type SourceOptions } from './exchange/source.js';
import { writeCsv, writeJsonl } from './exchange/text-tables.js';
import type { EpisodeNotice } from './parser.js';
import { skimEpisodes } from './stream.js';

/** The formats that episodes can be exported to. */
export type ExportFormat = 'parquet' | 'arrow' | 'npz' | 'csv' | 'jsonl';

/** How to export a file. */
export interface ExportOptions extends SourceOptions {
  /** By default what the ending of `out` says. */
  readonly format?: ExportFormat;
  /** The file to write; by default the episode file's path with the format's ending. */
  readonly out?: string;
  /** Steps a second, for timestamps and films; by default the env's own pace, 30 where it has none. */
  readonly fps?: number;
  /** In tables: add the observation that each action led to, false by default. */
  readonly nextObservations?: boolean;
}

/** What an export wrote. */
export interface ExportSummary {
  readonly path: string;
  readonly format: ExportFormat;
  readonly episodes: number;
  readonly steps: number;
  readonly bytes: number;
  readonly notices: readonly EpisodeNotice[];
}

const TABLES: Readonly<Record<string, (job: TableJob) => Promise<void>>> = {
  parquet: writeParquet,
  arrow: writeArrow,
  npz: writeNpz,
  csv: writeCsv,
  jsonl: writeJsonl,
};

/** Endings of file names that mean a format of another name. */
const ENDINGS: Readonly<Record<string, ExportFormat>> = { feather: 'arrow', ndjson: 'jsonl' };

/** The format that options ask for. @throws `EXPORT_FORMAT` */
function formatOf({ format, out }: ExportOptions): ExportFormat {
  const ending = out === undefined ? '' : extname(String(out)).slice(1).toLowerCase();
  const asked: string = format ?? ENDINGS[ending] ?? ending;
  if (Object.hasOwn(TABLES, asked)) return asked as ExportFormat;
  const known = Object.keys(TABLES).join(', ');
  const got = asked === '' ? 'none' : `'${asked}'`;
  throw usageError(
    'EXPORT_FORMAT',
    `Expected a format to export to, one of ${known}, got ${got}. Give it, or end the file's name with it.`,
    {
      field: 'format',
      expected: known,
      got,
    },
  );
}

/**
 * Exports recorded episodes to a file of another format. Observations and rewards that were not recorded are simulated again,
 * if the env's code is known: built in, registered by this program, or named by the options.
 * @throws `EXPORT_FORMAT`, `EXPORT_UNSUPPORTED`, `FORMAT_UNAVAILABLE`, `INVALID_OPTION`, `EPISODE_NOT_FOUND`, `EPISODE_DIFFERS`,
 * `EPISODE_MODULE_UNTRUSTED`, `OBSERVATIONS_NOT_RECORDED`, `NOT_WRITABLE`; what `openEpisodes` throws.
 */
export async function exportEpisodes(path: string, options: ExportOptions = {}): Promise<ExportSummary> {
  const format = formatOf(options);
  const { out = `${path}.${format}`, nextObservations = false } = options;
  const source = await ExportSource.open(path, options);
  const { head } = source;
  const fps = paceOf(options.fps, head.header.metadata.renderFps);
  let [episodes, steps] = [0, 0];
  async function* counted(): ReturnType<ExportSource['episodes']> {
    for await (const one of source.episodes()) {
      episodes++;
      steps += one.episode.steps;
      yield one;
    }
  }
  let sink: FileSink | null = null;
  try {
    const columns = tableColumns(head, nextObservations);
    sink = new FileSink(out);
    await TABLES[format]!({
      sink,
      columns,
      episodes: counted(),
      fps,
      description: describeTable(head, columns.all, fps),
      count: () => sizeOf(path, options),
    });
    const bytes = sink.commit();
    return { path: out, format, episodes, steps, bytes, notices: source.notices };
  } finally {
    sink?.discard();
    source.close();
  }
}

/** Counts the chosen episodes without reading their columns. */
function sizeOf(path: string, options: SourceOptions): TableSize {
  const wanted = options.episodes === undefined ? null : new Set(options.episodes);
  let [episodes, steps] = [0, 0];
  for (const record of skimEpisodes(path, options)) {
    if (wanted !== null && !wanted.has(record.index)) continue;
    episodes++;
    steps += record.steps;
  }
  return { episodes, steps };
}

function paceOf(asked: number | undefined, own: number | undefined): number {
  const fps = asked ?? own ?? 30;
  if (Number.isFinite(fps) && fps > 0) return fps;
  throw usageError('INVALID_OPTION', `Expected fps as a number above 0, got ${String(fps)}.`, {
    field: 'fps',
    expected: 'a number above 0',
    got: String(fps),
  });
}
