import type { CommandModule } from 'yargs';
import { type Agreement, type ImportedEpisode, type ImportSummary, importEpisodes } from '../../episode/import.js';
import { resolveEnv } from '../../registration/index.js';
import { given, text, valued, whole } from '../options.js';
import { result, shown, table } from '../output.js';

/** `gymkhana replay import`: an episode file from the actions of a Minari dataset or a CSV. */
export const replayImport: CommandModule = {
  command: 'import <file>',
  describe: 'play the actions of a Minari dataset or a CSV, and record them',
  builder: (yargs) =>
    yargs
      .positional('file', {
        type: 'string',
        describe: 'a dataset’s folder, an .hdf5 file or a .csv',
        demandOption: true,
      })
      .option('env', { ...valued('env to play them in'), demandOption: true })
      .option('out', valued('episode file to write (<file>.episode)'))
      .option('seed', valued('seed of the first episode that has none (0)'))
      .option('observations', { type: 'boolean', describe: 'keep every observation, not only its hash' }),
  async handler(argv) {
    const spec = await resolveEnv(text('env', argv['env'])!, { cwd: process.cwd() });
    const summary = await importEpisodes(String(argv['file']), {
      spec,
      ...given({ out: text('out', argv['out']), seed: whole('seed', argv['seed']) }),
      observations: argv['observations'] === true,
    });
    result(argv['json'] === true ? JSON.stringify(summary) : described(summary));
  },
};

function described({ path, episodes, steps, env, notices }: ImportSummary): string {
  const rows = episodes.map((episode) => [
    String(episode.index),
    episode.name,
    String(episode.seed ?? '-'),
    String(episode.steps),
    shown(episode.return, 2),
    endOf(episode),
    agreed(episode.agreement?.observations),
    agreed(episode.agreement?.rewards),
  ]);
  return [
    table([['episode', 'from', 'seed', 'steps', 'return', 'end', 'observations', 'rewards'], ...rows]),
    ...notices.map(({ message }) => message),
    `Wrote ${path}: ${steps.toLocaleString('en')} steps of ${env}.`,
  ].join('\n');
}

function endOf({ terminated, truncated, agreement }: ImportedEpisode): string {
  const end = terminated ? 'terminated' : truncated ? 'truncated' : 'cut';
  return agreement?.sameEnd === false ? `${end} (otherwise in the file)` : end;
}

function agreed(agreement: Agreement | null | undefined): string {
  if (agreement === null || agreement === undefined) return 'not compared';
  const { compared, equal, largest, step, name } = agreement;
  if (equal === compared) return 'the same';
  const most = largest === null ? 'not finite' : largest.toPrecision(3);
  return `${compared - equal} of ${compared} differ, by ${most} at most (${name}, step ${step})`;
}
