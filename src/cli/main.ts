#!/usr/bin/env node
/** The command line: parses, calls the library, prints. Exit status 2 for usage, 1 for failure. */
import yargs, { type CommandModule } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { GymkhanaError } from '../core/errors.js';
import '../../envs/index.js';
import { rememberNamedModules } from '../registration/index.js';
import type { Command } from './command.js';
import { reserveStdout } from './output.js';

/** Usage, what it is for, and its module: only that of the command that was given is loaded. */
const COMMANDS: readonly [usage: string, describe: string, load: () => Promise<{ command: Command }>][] = [
  ['list', 'environments and their spaces', () => import('./commands/list.js')],
  ['info <env>', 'spaces, fields and limits of an environment', () => import('./commands/info.js')],
  [
    'train [env]',
    'train a policy with PPO in parallel rollouts, or go on with a run',
    () => import('./commands/train.js'),
  ],
  [
    'launch [file]',
    'train many runs: envs x settings x seeds, each in a process of its own',
    () => import('./commands/launch.js'),
  ],
  ['worker', 'take runs from a queue and do them on this machine', () => import('./commands/worker.js')],
  ['queue <command>', 'look at a queue of runs, or take runs off it', () => import('./commands/queue.js')],
  ['eval <run>', 'play greedy episodes of a run, or of a policy file in an env', () => import('./commands/eval.js')],
  ['record <run>', "record episodes of a run's policy to a file", () => import('./commands/record.js')],
  ['export <run>', "write a run's policy for other programs", () => import('./commands/export.js')],
  ['play <env>', 'play an env by hand in a local page, into an episode file', () => import('./commands/play.js')],
  ['replay <command>', 'view, verify, compare or convert recorded episodes', () => import('./commands/replay.js')],
  [
    'report <runs...>',
    'learning curves, scores and comparisons of runs, with intervals over seeds',
    () => import('./commands/report.js'),
  ],
  [
    'dash [dir]',
    'a page on the runs below a folder, kept up to date while they go on',
    () => import('./commands/dash.js'),
  ],
  ['check <env>', 'find faults of an environment, their cause and their fix', () => import('./commands/check.js')],
  [
    'init <dir>',
    'a TypeScript package with an environment of your own, its scene, baseline and tests',
    () => import('./commands/init.js'),
  ],
  [
    'test [files..]',
    "run a package's TypeScript tests (test/**/*.test.ts) under node --test, without a build step",
    () => import('./commands/test.js'),
  ],
  ['doctor', 'what this machine offers: versions, threads, SIMD, learners', () => import('./commands/doctor.js')],
];

function lazily([usage, describe, load]: (typeof COMMANDS)[number]): CommandModule {
  return {
    command: usage,
    describe,
    builder: async (yargs) => (await load()).command.builder(yargs),
    handler: async (argv) => (await load()).command.handler(argv),
  };
}

const args = hideBin(process.argv);
const json = args.includes('--json');
const debug = args.includes('--debug');
if (json) reserveStdout();

function report(error: GymkhanaError | Error): never {
  const known = error instanceof GymkhanaError;
  process.stderr.write(`${known ? `${error.code}: ` : ''}${error.message}\n`);
  if (debug || !known) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exit(known && error.kind === 'usage' ? 2 : 1);
}

function misuse(message: string): GymkhanaError {
  return new GymkhanaError('USAGE', `${message} 'gymkhana --help' shows what there is.`, { kind: 'usage' });
}

rememberNamedModules();

try {
  await yargs(args)
    .scriptName('gymkhana')
    .usage('$0 <command>\n\nTrain agents in simulated environments.')
    .parserConfiguration({
      'dot-notation': false,
      'boolean-negation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'camel-case-expansion': false,
    })
    .option('json', { type: 'boolean', describe: 'print data as JSON', global: true })
    .option('debug', { type: 'boolean', describe: 'show stack traces', global: true })
    .command(COMMANDS.map(lazily))
    .demandCommand(1, 'Give a command.')
    .recommendCommands()
    .strict()
    .fail((message, error) => {
      throw error ?? misuse(message);
    })
    .parseAsync();
} catch (error) {
  const known = error instanceof Error ? error : new Error(String(error));
  // yargs' own complaints about arguments are YErrors; anything else comes from a command.
  report(known.name === 'YError' ? misuse(known.message) : known);
}
