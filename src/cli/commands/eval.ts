import type { CommandModule } from 'yargs';
import { evaluate } from '../../index.js';
import { object, text, valued, whole } from '../options.js';
import { result, shown } from '../output.js';

export const evalCommand: CommandModule = {
  command: 'eval <run>',
  describe: 'play greedy episodes of a run',
  builder: (yargs) =>
    yargs
      .positional('run', { type: 'string', describe: 'a run directory', demandOption: true })
      .option('episodes', valued('episodes to play (100)'))
      .option('seed', valued('seed of the episodes (0)'))
      .option('checkpoint', valued('last, best or a number of steps (last)'))
      .option('env-kwargs', valued('keyword arguments of the env, as a JSON object'))
      .example(`$0 eval runs/Driving-v0-ppo-seed1 --env-kwargs '{"split":"test"}'`, 'tracks that training never saw'),
  async handler(argv) {
    const episodes = whole('episodes', argv['episodes']);
    const seed = whole('seed', argv['seed']);
    const checkpoint = text('checkpoint', argv['checkpoint']);
    const envKwargs = object('env-kwargs', argv['env-kwargs']);
    const { meanReturn, stdReturn, meanLength, measures, ...rest } = await evaluate(String(argv['run']), {
      ...(episodes !== undefined && { episodes }),
      ...(seed !== undefined && { seed }),
      ...(checkpoint !== undefined && { checkpoint }),
      ...(envKwargs !== undefined && { envKwargs }),
    });
    if (argv['json'] === true)
      return result(JSON.stringify({ meanReturn, stdReturn, episodes: rest.episodes, meanLength, ...measures }));
    result(
      `${rest.episodes} episodes: mean return ${shown(meanReturn)} +- ${shown(stdReturn)}, mean length ${shown(meanLength)}`,
    );
    for (const [name, value] of Object.entries(measures)) result(`${name} ${shown(value, 3)}`);
  },
};
