import { recordRun } from '../../runs/record.js';
import type { Command } from '../command.js';
import { episodeFlags, given, readEpisodeFlags, readPolicy, recordPolicyOutputs, text, valued } from '../options.js';
import { result, shown } from '../output.js';

export const command: Command = {
  builder: (yargs) =>
    episodeFlags(yargs, 'record (1), the ones that eval plays')
      .option('policy-outputs', recordPolicyOutputs)
      .option(
        'out',
        valued('file to write (<run>/episodes/seed<seed>.episode; with --policy ./<env>-seed<seed>.episode)'),
      )
      .example('$0 record runs/CartPole-v1-ppo-seed1', 'one episode, ready for replay'),
  async handler(argv) {
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    const played = await readPolicy(argv);
    const flags = readEpisodeFlags(argv);
    const ownName = typeof played === 'string' ? undefined : `${played.spec.id}-seed${flags.seed ?? 0}.episode`;
    const summary = await recordRun(played, {
      signal: stop.signal,
      policyOutputs: argv['policy-outputs'] === true,
      ...flags,
      ...given({ path: text('out', argv['out']) ?? ownName }),
    });
    if (argv['json'] === true) return result(JSON.stringify(summary));
    const count = summary.episodes.length;
    result(
      `Recorded ${count} ${count === 1 ? 'episode' : 'episodes'}, mean return ${shown(summary.meanReturn)}, in ${summary.path}`,
    );
    result(`Next: gymkhana replay verify ${summary.path}`);
  },
};
