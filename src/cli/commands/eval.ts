import type { CommandModule } from 'yargs';
import { evaluate } from '../../index.js';
import {
  episodeFlags,
  given,
  readEpisodeFlags,
  recordObservations,
  recordPolicyOutputs,
  text,
  valued,
} from '../options.js';
import { result, shown } from '../output.js';

export const evalCommand: CommandModule = {
  command: 'eval <run>',
  describe: 'play greedy episodes of a run',
  builder: (yargs) =>
    episodeFlags(yargs, 'play (100)')
      .option('record-episodes', valued('record best, worst, every:N or all of them, or several with commas between'))
      .option('record-observations', recordObservations)
      .option('record-policy-outputs', recordPolicyOutputs)
      .example(`$0 eval runs/Driving-v0-ppo-seed1 --env-kwargs '{"split":"test"}'`, 'tracks that training never saw'),
  async handler(argv) {
    const { meanReturn, stdReturn, meanLength, measures, recorded, ...rest } = await evaluate(String(argv['run']), {
      ...readEpisodeFlags(argv),
      ...given({ recordEpisodes: text('record-episodes', argv['record-episodes']) }),
      recordObservations: argv['record-observations'] === true,
      recordPolicyOutputs: argv['record-policy-outputs'] === true,
    });
    if (argv['json'] === true)
      return result(
        JSON.stringify({
          meanReturn,
          stdReturn,
          episodes: rest.episodes,
          meanLength,
          ...measures,
          ...(recorded.length > 0 && { recorded }),
        }),
      );
    result(
      `${rest.episodes} episodes: mean return ${shown(meanReturn)} +- ${shown(stdReturn)}, mean length ${shown(meanLength)}`,
    );
    for (const [name, value] of Object.entries(measures)) result(`${name} ${shown(value, 3)}`);
    for (const path of recorded) result(`Recorded ${path}`);
  },
};
