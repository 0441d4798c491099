import { evaluate } from '../../runs/evaluate.js';
import type { Command } from '../command.js';
import {
  episodeFlags,
  given,
  readEpisodeFlags,
  readPolicy,
  recordObservations,
  recordPolicyOutputs,
  text,
  valued,
} from '../options.js';
import { result, shown } from '../output.js';

export const command: Command = {
  builder: (yargs) =>
    episodeFlags(yargs, 'play (100)')
      .option('record-episodes', valued('record best, worst, every:N or all of them, or several with commas between'))
      .option('record-observations', recordObservations)
      .option('record-policy-outputs', recordPolicyOutputs)
      .option('record-folder', valued('folder of recorded episodes (<run>/episodes)'))
      .example('$0 eval CartPole-v1 --policy policy.onnx', 'a policy that was trained elsewhere')
      .example(`$0 eval runs/Driving-v0-ppo-seed1 --env-kwargs '{"split":"test"}'`, 'tracks that training never saw'),
  async handler(argv) {
    const { meanReturn, stdReturn, meanLength, measures, recorded, ...rest } = await evaluate(await readPolicy(argv), {
      ...readEpisodeFlags(argv),
      ...given({
        recordEpisodes: text('record-episodes', argv['record-episodes']),
        recordFolder: text('record-folder', argv['record-folder']),
      }),
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
