import type { CommandModule } from 'yargs';
import { Box, make, registry, type Space } from '../../index.js';
import { result, table } from '../output.js';

/** A space in few words: a Box by its shape alone. */
const brief = (space: Space): string => (space instanceof Box ? `Box(${String(space.shape)})` : String(space));

export const list: CommandModule = {
  command: 'list',
  describe: 'environments and their spaces',
  builder: (yargs) => yargs.example('$0 list --json', 'the same as data'),
  async handler(argv) {
    const rows = await Promise.all(
      [...registry.values()].map(async (spec) => {
        const env = await make(spec);
        return {
          id: spec.id,
          observation:
            env.observationSpace instanceof Box ? String(env.observationSpace.shape) : brief(env.observationSpace),
          action: brief(env.actionSpace),
          maxEpisodeSteps: spec.maxEpisodeSteps,
          rewardThreshold: spec.rewardThreshold,
          about: env.metadata.about ?? '',
        };
      }),
    );
    if (argv['json'] === true) return result(JSON.stringify(rows));
    result(
      table([
        ['id', 'observation', 'action', 'steps', 'about'],
        ...rows.map((r) => [r.id, r.observation, r.action, String(r.maxEpisodeSteps ?? '-'), r.about]),
      ]),
    );
  },
};
