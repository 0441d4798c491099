import type { Argv, CommandModule } from 'yargs';
import { episodeInfo } from '../../episode/info.js';
import { type Verification, type VerifiedEpisode, verifyEpisodes } from '../../episode/verify.js';
import type { Command } from '../command.js';
import { moduleFlag, readModule } from '../options.js';
import { result, shown, table } from '../output.js';
import { replayDiff } from './replay-diff.js';
import { replayExport } from './replay-export.js';
import { replayImport } from './replay-import.js';
import { replayView } from './replay-view.js';

const withFile = (yargs: Argv): Argv =>
  yargs
    .positional('file', { type: 'string', describe: 'an episode file', demandOption: true })
    .option('ignore-checksum', { type: 'boolean', describe: 'go on although a part of the file has changed' });

const verify: CommandModule = {
  command: 'verify <file>',
  describe: 'simulate recorded episodes again and compare every step',
  builder: (yargs) => withFile(yargs).option('module', moduleFlag),
  async handler(argv) {
    const ignoreChecksum = argv['ignore-checksum'] === true;
    const verification = await verifyEpisodes(String(argv['file']), { ignoreChecksum, ...readModule(argv['module']) });
    if (!verification.ok) process.exitCode = 1;
    if (argv['json'] === true) return result(JSON.stringify(verification));
    for (const notice of verification.notices) result(notice.message);
    if (verification.verification === 'off') return;
    for (const episode of verification.episodes) {
      result(
        `episode ${episode.index}: ${episode.steps} steps, return ${shown(episode.return, 2)}, ${verdict(episode)}`,
      );
    }
    result(conclusion(verification));
  },
};

function verdict(episode: VerifiedEpisode): string {
  const { failure, firstDifference } = episode;
  if (failure !== undefined) return failure.reproduced ? `fails again: ${failure.message}` : 'did not fail again';
  return firstDifference === undefined ? 'the same' : `differs: ${firstDifference.message}`;
}

function conclusion({ ok, complete, steps, env, episodes }: Verification): string {
  if (ok) return `Verified: ${steps} steps of ${env} are the same, bit for bit.`;
  const same = episodes.every((episode) => episode.ok);
  return same && !complete
    ? `The ${steps} steps that are there are the same; the file has lost its end.`
    : 'Not the same.';
}

const info: CommandModule = {
  command: 'info <file>',
  describe: 'what an episode file holds',
  builder: withFile,
  async handler(argv) {
    const summary = await episodeInfo(String(argv['file']), { ignoreChecksum: argv['ignore-checksum'] === true });
    if (argv['json'] === true) return result(JSON.stringify(summary));
    const { engine, episodes } = summary;
    result(
      table([
        [
          'file',
          `${summary.path}, ${summary.bytes.toLocaleString('en')} bytes${summary.complete ? '' : ', its end is missing'}`,
        ],
        ['env', `${summary.env} ${JSON.stringify(summary.spec.kwargs)}`],
        ['policy', summary.policy ?? 'unknown'],
        ['observation', summary.observationSpace],
        ['action', summary.actionSpace],
        ['recorded by', `gymkhana ${engine.gymkhana}, Node ${engine.node}, ${engine.platform} ${engine.arch}`],
        ['Math', summary.sameMath ? 'the same as here' : 'another than here: the last bits may differ'],
      ]),
    );
    for (const notice of summary.notices) result(notice.message);
    const rows = episodes.map((e, index) => [
      String(index),
      String(e.steps),
      shown(e.return, 2),
      e.terminated ? 'terminated' : e.truncated ? 'truncated' : 'cut',
    ]);
    result(`\n${table([['episode', 'steps', 'return', 'end'], ...rows])}`);
  },
};

export const command: Command = {
  builder: (yargs) =>
    yargs
      .command(replayView)
      .command(verify)
      .command(info)
      .command(replayDiff)
      .command(replayExport)
      .command(replayImport)
      .demandCommand(1, 'Give view, verify, info, diff, export or import.'),
  handler() {},
};
