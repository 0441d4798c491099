import type { CommandModule } from 'yargs';
import { EXPORT_FORMATS, type ExportFormat, type ExportSummary, exportEpisodes } from '../../episode/export.js';
import { given, moduleFlag, number, readModule, text, valued, whole, wholes } from '../options.js';
import { result } from '../output.js';

/** `gymkhana replay export`: recorded episodes as tables, datasets, films and sheets. */
export const replayExport: CommandModule = {
  command: 'export <file>',
  describe: 'write recorded episodes in another format',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', describe: 'an episode file', demandOption: true })
      .option('format', valued(`${EXPORT_FORMATS.join(', ')} (by the ending of --out)`))
      .option('out', valued('file to write, or with hdf5 the folder of the datasets'))
      .option('episodes', valued('indices, such as 0,3 (tables: all; pictures: 0)'))
      .option('fps', valued('steps a second (the env’s own pace)'))
      .option('next-observations', { type: 'boolean', describe: 'tables: add what each action led to' })
      .option('dataset-id', valued('hdf5: id of the Minari dataset (gymkhana/<env>)'))
      .option('width', valued('pictures: pixels of a frame’s width (640; 240 in a sheet)'))
      .option('every', valued('films: take every so many steps (1)'))
      .option('frames', valued('png: frames an episode (20)'))
      .option('module', moduleFlag)
      .option('ignore-checksum', { type: 'boolean', describe: 'go on although a part of the file has changed' }),
  async handler(argv) {
    const summary = await exportEpisodes(String(argv['file']), {
      ...given({
        format: text('format', argv['format']) as ExportFormat | undefined,
        out: text('out', argv['out']),
        episodes: wholes('episodes', argv['episodes']),
        fps: number('fps', argv['fps']),
        datasetId: text('dataset-id', argv['dataset-id']),
        width: whole('width', argv['width']),
        every: whole('every', argv['every']),
        frames: whole('frames', argv['frames']),
      }),
      ...readModule(argv['module']),
      nextObservations: argv['next-observations'] === true,
      ignoreChecksum: argv['ignore-checksum'] === true,
    });
    result(argv['json'] === true ? JSON.stringify(summary) : described(summary));
  },
};

function described({ path, episodes, steps, frames, bytes, notices }: ExportSummary): string {
  const what = frames === undefined ? `${steps.toLocaleString('en')} steps` : `${frames.toLocaleString('en')} frames`;
  const size = `${what} of ${episodes} ${episodes === 1 ? 'episode' : 'episodes'}, ${bytes.toLocaleString('en')} bytes`;
  return [...notices.map(({ message }) => message), `Wrote ${path}: ${size}.`].join('\n');
}
