import type { CommandModule } from 'yargs';
import { episodeInfo, verifyEpisodes, writeEpisodePage } from '../../index.js';
import { text, valued } from '../options.js';
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

const view: CommandModule = {
  command: 'view <file>',
  describe: 'write a self-contained HTML page that plays recorded episodes',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', describe: 'an episode file', demandOption: true })
      .option('out', valued('page to write (<file>.html)')),
  async handler(argv) {
    const file = String(argv['file']);
    const page = text('out', argv['out']) ?? `${file}.html`;
    const bytes = await writeEpisodePage(page, file);
    result(argv['json'] === true ? JSON.stringify({ page, bytes }) : `Wrote ${page}; open it in a browser.`);
  },
};

export const replay: CommandModule = {
  command: 'replay <command>',
  describe: 'view, verify or describe recorded episodes',
  builder: (yargs) => yargs.command(view).command(verify).command(info).demandCommand(1, 'Give view, verify or info.'),
  handler() {},
};
