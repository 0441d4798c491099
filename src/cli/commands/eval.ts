import type { CommandModule } from 'yargs';
import { evaluate } from '../../index.js';
import { episodeFlags, readEpisodeFlags } from '../options.js';
import { result, shown } from '../output.js';

export const evalCommand: CommandModule = {
  command: 'eval <run>',
  describe: 'play greedy episodes of a run',
  builder: (yargs) =>
    episodeFlags(yargs, 'play (100)').example(
      `$0 eval runs/Driving-v0-ppo-seed1 --env-kwargs '{"split":"test"}'`,
      'tracks that training never saw',
    ),
  async handler(argv) {
    const { meanReturn, stdReturn, meanLength, measures, ...rest } = await evaluate(
      String(argv['run']),
      readEpisodeFlags(argv),
    );
    if (argv['json'] === true)
      return result(JSON.stringify({ meanReturn, stdReturn, episodes: rest.episodes, meanLength, ...measures }));
    result(
      `${rest.episodes} episodes: mean return ${shown(meanReturn)} +- ${shown(stdReturn)}, mean length ${shown(meanLength)}`,
    );
    for (const [name, value] of Object.entries(measures)) result(`${name} ${shown(value, 3)}`);
  },
};
