import type { CommandModule } from 'yargs';
import { recordRun } from '../../index.js';
import { object, text, valued, whole } from '../options.js';
import { result, shown } from '../output.js';

export const record: CommandModule = {
  command: 'record <run>',
  describe: "record episodes of a run's policy to a file",
  builder: (yargs) =>
    yargs
      .positional('run', { type: 'string', describe: 'a run directory', demandOption: true })
      .option('episodes', valued('episodes to record (1)'))
      .option('seed', valued('seed of the episodes (0): the episodes that eval plays'))
      .option('checkpoint', valued('last, best or a number of steps (last)'))
      .option('env-kwargs', valued('keyword arguments of the env, as a JSON object'))
      .option('out', valued('file to write (<run>/episodes/seed<seed>.episode)'))
      .example('$0 record runs/CartPole-v1-ppo-seed1', 'one episode, ready for replay'),
  async handler(argv) {
    const episodes = whole('episodes', argv['episodes']);
    const seed = whole('seed', argv['seed']);
    const checkpoint = text('checkpoint', argv['checkpoint']);
    const envKwargs = object('env-kwargs', argv['env-kwargs']);
    const path = text('out', argv['out']);
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    const summary = await recordRun(String(argv['run']), {
      signal: stop.signal,
      ...(episodes !== undefined && { episodes }),
      ...(seed !== undefined && { seed }),
      ...(checkpoint !== undefined && { checkpoint }),
      ...(envKwargs !== undefined && { envKwargs }),
      ...(path !== undefined && { path }),
    });
    if (argv['json'] === true) return result(JSON.stringify(summary));
    result(
      `Recorded ${summary.episodes.length} episodes, mean return ${shown(summary.meanReturn)}, in ${summary.path}`,
    );
    result(`Next: gymkhana replay verify ${summary.path}`);
  },
};
