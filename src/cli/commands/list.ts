import { loadPlugins, make, registry } from '../../registration/index.js';
import { Box } from '../../spaces/box.js';
import type { Space } from '../../spaces/space.js';
import type { Command } from '../command.js';
import { result, table } from '../output.js';

/** A space in few words: a Box by its shape alone. */
const brief = (space: Space): string => (space instanceof Box ? `Box(${String(space.shape)})` : String(space));

export const command: Command = {
  builder: (yargs) => yargs.example('$0 list --json', 'the same as data'),
  async handler(argv) {
    const builtIn = [...registry.values()].map((spec) => ({ packageName: 'gymkhana', spec }));
    const { envs, errors } = await loadPlugins(process.cwd());
    const rows = await Promise.all(
      [...builtIn, ...envs].map(async ({ packageName, spec }) => {
        const env = await make(spec);
        return {
          id: spec.id,
          observation:
            env.observationSpace instanceof Box ? String(env.observationSpace.shape) : brief(env.observationSpace),
          action: brief(env.actionSpace),
          maxEpisodeSteps: spec.maxEpisodeSteps,
          rewardThreshold: spec.rewardThreshold,
          about: env.metadata.about ?? '',
          package: packageName,
        };
      }),
    );
    // What one package lists wrongly harms nobody else.
    for (const error of errors) process.stderr.write(`${error.code}: ${error.message}\n`);
    if (argv['json'] === true) return result(JSON.stringify(rows));
    result(
      table([
        ['id', 'observation', 'action', 'steps', ...(envs.length > 0 ? ['package'] : []), 'about'],
        ...rows.map((r) => [
          r.id,
          r.observation,
          r.action,
          String(r.maxEpisodeSteps ?? '-'),
          ...(envs.length > 0 ? [r.package] : []),
          r.about,
        ]),
      ]),
    );
  },
};
