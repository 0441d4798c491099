/** Exports to Minari's HDF5: a dataset's folder, or a single file. */
import { extname } from 'node:path';
import type { Exported, ExportTarget } from '../export.js';
import { tableJob, writeTable } from './export-table.js';
import { checkDatasetId, usualDatasetId, writeHdf5File, writeMinariDataset } from './minari-dataset.js';
import { ExportSource } from './source.js';

/** Writes `out` itself if it ends as an HDF5 file does, else a dataset in the folder `out`. */
export async function exportDataset({ file, out, options }: ExportTarget): Promise<Exported> {
  const table = { ...options, nextObservations: false };
  if (/^\.(hdf5|h5)$/i.test(extname(out))) return await writeTable(file, out, table, writeHdf5File);
  const source = await ExportSource.open(file, options);
  try {
    const { observationSpace, actionSpace, header } = source.head;
    const id = options.datasetId ?? usualDatasetId(header.spec.id);
    checkDatasetId(id);
    const { job, size } = tableJob(file, source, table);
    const written = await writeMinariDataset(out, id, { ...job, observationSpace, actionSpace });
    return { ...written, ...size(), notices: source.notices };
  } finally {
    source.close();
  }
}
