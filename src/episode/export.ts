/** Episodes to other formats: tables of steps, datasets, pictures. One episode is in memory at a time. */
import { extname } from 'node:path';
import { usageError } from '../core/errors.js';
import { exportDataset } from './exchange/export-dataset.js';
import { exportPictures } from './exchange/export-pictures.js';
import { exportTable } from './exchange/export-table.js';
import type { SourceOptions } from './exchange/source.js';
import type { EpisodeNotice } from './parser.js';

/** The formats that episodes can be exported to. */
export const EXPORT_FORMATS = ['parquet', 'arrow', 'npz', 'hdf5', 'csv', 'jsonl', 'gif', 'mp4', 'png'] as const;
/** The name of a format that episodes can be exported to. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** How to export a file. */
export interface ExportOptions extends SourceOptions {
  /** By default what the ending of `out` says. */
  readonly format?: ExportFormat;
  /**
   * The file to write; by default the episode file's path with the format's ending. For `hdf5` a path without the ending `.hdf5`
   * is the folder of Minari's datasets, in which the dataset gets its own.
   */
  readonly out?: string;
  /** Frames a second of a film, and steps a second for timestamps; by default the env's own pace, 30 where it has none. */
  readonly fps?: number;
  /** In tables: add the observation that each action led to, false by default. */
  readonly nextObservations?: boolean;
  /** Minari's id of the dataset; by default `gymkhana/<env>`. */
  readonly datasetId?: string;
  /** In pictures: pixels of a frame's width, by default 640 in films and 240 in sheets. */
  readonly width?: number;
  /** In films: take every so many steps, 1 by default. */
  readonly every?: number;
  /** In sheets: frames an episode, 20 by default. */
  readonly frames?: number;
}

/** What an export wrote. */
export interface ExportSummary {
  readonly path: string;
  readonly format: ExportFormat;
  readonly episodes: number;
  readonly steps: number;
  /** Frames of a film or sheet; absent in tables. */
  readonly frames?: number;
  readonly bytes: number;
  readonly notices: readonly EpisodeNotice[];
}

/** What an exporter is told besides the options. */
export interface ExportTarget {
  readonly file: string;
  readonly out: string;
  readonly format: ExportFormat;
  readonly options: ExportOptions;
}

/** What an exporter says of its work. */
export type Exported = Omit<ExportSummary, 'format'>;

type Exporter = (target: ExportTarget) => Promise<Exported>;

const EXPORTERS: Readonly<Record<ExportFormat, Exporter>> = {
  parquet: exportTable,
  arrow: exportTable,
  npz: exportTable,
  csv: exportTable,
  jsonl: exportTable,
  hdf5: exportDataset,
  gif: exportPictures,
  mp4: exportPictures,
  png: exportPictures,
};

/** Endings of file names that mean a format of another name. */
const ENDINGS: Readonly<Record<string, ExportFormat>> = { feather: 'arrow', ndjson: 'jsonl', h5: 'hdf5' };

/** The format that options ask for. @throws `EXPORT_FORMAT` */
function formatOf({ format, out }: ExportOptions): ExportFormat {
  const ending = out === undefined ? '' : extname(String(out)).slice(1).toLowerCase();
  const asked: string = format ?? ENDINGS[ending] ?? ending;
  const found = EXPORT_FORMATS.find((known) => known === asked);
  if (found !== undefined) return found;
  const known = EXPORT_FORMATS.join(', ');
  const got = asked === '' ? 'none' : `'${asked}'`;
  throw usageError(
    'EXPORT_FORMAT',
    `Expected a format to export to, one of ${known}, got ${got}. Give it, or end the file's name with it.`,
    { field: 'format', expected: known, got },
  );
}

/**
 * Exports recorded episodes to a file of another format. Observations and rewards that were not recorded are simulated again,
 * and pictures always are, if the env's code is known: built in, registered by this program, or named by the options. What a
 * simulation gives must have the recorded hashes.
 * @throws `EXPORT_FORMAT`, `EXPORT_UNSUPPORTED`, `FORMAT_UNAVAILABLE`, `INVALID_OPTION`, `EPISODE_NOT_FOUND`, `EPISODE_DIFFERS`,
 * `EPISODE_MODULE_UNTRUSTED`, `OBSERVATIONS_NOT_RECORDED`, `NOT_WRITABLE`; what `openEpisodes` throws.
 */
export async function exportEpisodes(path: string, options: ExportOptions = {}): Promise<ExportSummary> {
  const format = formatOf(options);
  const { out = format === 'hdf5' ? `${path}.minari` : `${path}.${format}` } = options;
  const exported = await EXPORTERS[format]({ file: path, out, format, options });
  return { ...exported, format };
}
