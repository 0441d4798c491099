import type { Field } from '../../core/env.js';
import { makeFromSpec, resolveEnv } from '../../registration/index.js';
import type { Command } from '../command.js';
import { result, table } from '../output.js';

export const command: Command = {
  builder: (yargs) =>
    yargs
      .positional('env', { type: 'string', describe: 'an id, module:EnvId or ./file.ts:EnvId', demandOption: true })
      .example('$0 info Driving-v0', 'what the car sees and does'),
  async handler(argv) {
    const spec = await resolveEnv(String(argv['env']), { cwd: process.cwd() });
    const env = await makeFromSpec(spec);
    const { metadata, observationSpace, actionSpace } = env;
    if (argv['json'] === true) {
      return result(
        JSON.stringify({
          spec,
          observationSpace: observationSpace.toJSON(),
          actionSpace: actionSpace.toJSON(),
          metadata,
        }),
      );
    }
    result(`${spec.id}: ${metadata.about ?? ''}`);
    result(`observation  ${String(observationSpace)}\naction       ${String(actionSpace)}`);
    result(`time limit   ${spec.maxEpisodeSteps ?? 'none'}\nsolved at    ${spec.rewardThreshold ?? 'no threshold'}`);
    const keys = metadata.keyboard?.bindings.filter((binding) => binding.keys.length === 1) ?? [];
    if (keys.length > 0) result(`keys         ${keys.map((one) => `${one.keys[0]} ${one.label}`).join(', ')}`);
    const rows = (fields: readonly Field[]): string =>
      table([
        ['  name', 'unit', 'low', 'high', 'about'],
        ...fields.map((f) => [`  ${f.name}`, f.unit, f.low.toPrecision(4), f.high.toPrecision(4), f.about]),
      ]);
    const { observation = [], action = [] } = metadata.fields ?? {};
    // A picture has no rows.
    if (observation.length > 0) result(`\nobservation\n${rows(observation)}`);
    if (action.length > 0) result(`\naction\n${rows(action)}`);
  },
};
