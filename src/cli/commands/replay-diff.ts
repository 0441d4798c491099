import type { CommandModule } from 'yargs';
import { type DiffSide, diffEpisodes, type EpisodeDiff, type FirstDifference } from '../../episode/diff.js';
import { given, moduleFlag, readModule, valued, whole } from '../options.js';
import { result, shown, table } from '../output.js';

/** `gymkhana replay diff`: where two recorded episodes part; exit status 0 if they do not. */
export const replayDiff: CommandModule = {
  command: 'diff <a> <b>',
  describe: 'compare two recorded episodes step by step',
  builder: (yargs) =>
    yargs
      .positional('a', { type: 'string', describe: 'an episode file', demandOption: true })
      .positional('b', { type: 'string', describe: 'another, or the same', demandOption: true })
      .option('episode-a', valued('index of the episode in the first file (0)'))
      .option('episode-b', valued('index of the episode in the second file (0)'))
      .option('module', moduleFlag),
  async handler(argv) {
    const options = given({
      episodeA: whole('episode-a', argv['episode-a']),
      episodeB: whole('episode-b', argv['episode-b']),
    });
    const diff = await diffEpisodes(String(argv['a']), String(argv['b']), {
      ...options,
      ...readModule(argv['module']),
    });
    if (!diff.same) process.exitCode = 1;
    result(argv['json'] === true ? JSON.stringify(diff) : described(diff));
  },
};

function described({ a, b, same, circumstances, first, fields, notices }: EpisodeDiff): string {
  const lines = [`a: ${side(a)}`, `b: ${side(b)}`];
  for (const { what, a, b } of circumstances) lines.push(`${what}: ${clipped(a)} in a, ${clipped(b)} in b`);
  for (const { message } of notices) lines.push(message);
  if (same) return [...lines, 'The same, step by step.'].join('\n');
  for (const [what, difference] of Object.entries(first)) lines.push(sentence(what, difference));
  if (fields.length > 0) {
    const rows = fields.map((field) => [
      field.column,
      field.name,
      field.unit ?? '',
      field.largest === null ? '-' : field.largest.toPrecision(6),
      String(field.step),
      String(field.steps),
    ]);
    lines.push('', table([['column', 'field', 'unit', 'largest', 'at step', 'steps'], ...rows]), '');
  }
  return [...lines, 'Not the same.'].join('\n');
}

function side({ path, episode, env, steps, return: total, seed, observations }: DiffSide): string {
  const from = seed === null ? '' : `, seed ${seed}`;
  return `${path}, episode ${episode}: ${env}, ${steps} steps, return ${shown(total, 2)}${from}, observations ${observations}`;
}

function sentence(what: string, { step, name, unit, a, b }: FirstDifference): string {
  const label =
    name === undefined || name === what ? '' : ` (${name}${unit === undefined || unit === '1' ? '' : `, ${unit}`})`;
  return `first differing ${what}${label}: step ${step}, ${a} in a, ${b} in b`;
}

const clipped = (text: string): string => (text.length > 100 ? `${text.slice(0, 97)}...` : text);
