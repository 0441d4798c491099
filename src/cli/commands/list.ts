import type { CommandModule } from 'yargs';
import { make, registry } from '../../index.js';
import { result, table } from '../output.js';

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
          observation: String(env.observationSpace.shape),
          action: `${env.actionSpace.type}(${'n' in env.actionSpace ? String(env.actionSpace.n) : String(env.actionSpace.shape)})`,
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
