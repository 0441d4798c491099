import type { CommandModule } from 'yargs';
import { episodeInfo, verifyEpisodes } from '../../index.js';
import { result, shown } from '../output.js';

const verify: CommandModule = {
  command: 'verify <file>',
  describe: 'simulate recorded episodes again and compare every step',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', describe: 'an episode file', demandOption: true })
      .option('ignore-checksum', { type: 'boolean', describe: 'go on although a part of the file has changed' }),
  async handler(argv) {
    const verification = await verifyEpisodes(String(argv['file']), {
      ignoreChecksum: argv['ignore-checksum'] === true,
    });
    if (!verification.ok) process.exitCode = 1;
    if (argv['json'] === true) return result(JSON.stringify(verification));
    for (const notice of verification.notices) result(notice.message);
    for (const episode of verification.episodes) {
      const state = episode.ok
        ? 'the same'
        : `differs: ${episode.firstDifference?.message ?? 'the recorded failure did not come again'}`;
      result(`episode ${episode.index}: ${episode.steps} steps, return ${shown(episode.return, 2)}, ${state}`);
    }
    result(
      verification.ok
        ? `Verified: ${verification.steps} steps of ${verification.env} are the same, bit for bit.`
        : 'Not the same.',
    );
  },
};

const info: CommandModule = {
  command: 'info <file>',
  describe: 'what an episode file holds',
  builder: (yargs) => yargs.positional('file', { type: 'string', describe: 'an episode file', demandOption: true }),
  async handler(argv) {
    const summary = await episodeInfo(String(argv['file']));
    result(argv['json'] === true ? JSON.stringify(summary) : JSON.stringify(summary, null, 2));
  },
};

export const replay: CommandModule = {
  command: 'replay <command>',
  describe: 'verify or describe recorded episodes',
  builder: (yargs) => yargs.command(verify).command(info).demandCommand(1, 'Give verify or info.'),
  handler() {},
};
