/** A Minari dataset: a folder `<root>/<namespace>/<name>-v<N>/data` that `minari.load_dataset` opens. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { usageError } from '../../core/errors.js';
import { notWritable, writeFileAtomicSync } from '../../core/files.js';
import { numberToJSON } from '../../spaces/arrays.js';
import { isImage } from './columns.js';
import { writeHdf5 } from './hdf5.js';
import type { TableJob } from './job.js';
import { minariSpace } from './minari-spaces.js';
import { FileSink } from './sink.js';

/** `(namespace/)*name-vN`, Minari's pattern, with names that are safe as folders. */
const DATASET_ID = /^(?:[A-Za-z0-9][\w-]*\/)*[A-Za-z0-9][\w-]*-v\d+$/;

/** The usual name of an env's dataset, such as `gymkhana/cartpole-v1`. */
export function usualDatasetId(env: string): string {
  const name = env.toLowerCase().replaceAll(/[^a-z0-9_/-]/g, '-');
  return `gymkhana/${/-v\d+$/.test(name) ? name : `${name}-v0`}`;
}

/** @throws `INVALID_OPTION` for an id that Minari would not find. */
export function checkDatasetId(id: string): void {
  if (typeof id === 'string' && DATASET_ID.test(id)) return;
  throw usageError(
    'INVALID_OPTION',
    `Expected datasetId as Minari writes it, such as gymkhana/cartpole-v1, got ${JSON.stringify(id)}.`,
    {
      field: 'datasetId',
      expected: 'namespace/name-vN',
      got: String(id),
    },
  );
}

/** A job for a dataset: everything of a table's but the file. */
export type DatasetJob = Omit<TableJob, 'sink'> & {
  readonly observationSpace: TableJob['columns']['leaves'][number]['space'];
  readonly actionSpace: TableJob['columns']['leaves'][number]['space'];
};

/** Writes a single HDF5 file in Minari's layout. */
export async function writeHdf5File(job: TableJob): Promise<void> {
  await writeHdf5(job.sink.temporary, job.columns.leaves, job.episodes);
}

/**
 * Writes a dataset below `root`; its folder appears when it is complete. Returns its path and bytes.
 * @throws `NOT_WRITABLE`, also for a dataset that is there already; `EXPORT_UNSUPPORTED` for spaces that Minari lacks
 */
export async function writeMinariDataset(
  root: string,
  id: string,
  job: DatasetJob,
): Promise<{ path: string; bytes: number }> {
  const { observationSpace, actionSpace, columns, description } = job;
  const spaces = { observation_space: minariSpace(observationSpace), action_space: minariSpace(actionSpace) };
  const target = resolve(root, id);
  const path = join(root, id);
  if (existsSync(target)) throw notWritable(path, Object.assign(new Error('it exists'), { code: 'EEXIST' }));
  const stage = join(dirname(target), `.${id.split('/').at(-1)}.${process.pid}.part`);
  try {
    try {
      mkdirSync(join(stage, 'data'), { recursive: true });
    } catch (cause) {
      throw notWritable(path, cause);
    }
    const sink = new FileSink(join(stage, 'data', 'main_data.hdf5'));
    let bytes = 0;
    let size = { episodes: 0, steps: 0 };
    try {
      size = await writeHdf5(sink.temporary, columns.leaves, job.episodes);
      bytes = sink.commit();
    } finally {
      sink.discard();
    }
    // Pictures are stored as they are; Minari knows since 0.5.4 that they need not be JPEG.
    const images = columns.leaves.some(({ space }) => isImage(space));
    const metadata = {
      total_episodes: size.episodes,
      total_steps: size.steps,
      data_format: 'hdf5',
      jpeg_encoding: false,
      ...spaces,
      dataset_size: numberToJSON(Math.ceil(bytes / 100_000) / 10),
      dataset_id: id,
      algorithm_name: description.policy ?? 'unknown',
      author: ['gymkhana'],
      minari_version: images ? '0.5.4' : '0.5.0',
      gymkhana: description,
    };
    writeFileAtomicSync(join(stage, 'data', 'metadata.json'), `${JSON.stringify(metadata, null, 2)}\n`);
    try {
      renameSync(stage, target);
    } catch (cause) {
      throw notWritable(path, cause);
    }
    return { path, bytes };
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}
