#!/usr/bin/env node
/** The command line: parses, calls the library, prints. Exit status 2 for usage, 1 for failure. */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { GymkhanaError } from '../core/errors.js';
import { rememberNamedModules } from '../registration/index.js';
import { check } from './commands/check.js';
import { dash } from './commands/dash.js';
import { doctor } from './commands/doctor.js';
import { evalCommand } from './commands/eval.js';
import { exportCommand } from './commands/export.js';
import { info } from './commands/info.js';
import { init } from './commands/init.js';
import { launch } from './commands/launch.js';
import { list } from './commands/list.js';
import { play } from './commands/play.js';
import { queue } from './commands/queue.js';
import { record } from './commands/record.js';
import { replay } from './commands/replay.js';
import { report as reportCommand } from './commands/report.js';
import { test } from './commands/test.js';
import { train } from './commands/train.js';
import { worker } from './commands/worker.js';
import { reserveStdout } from './output.js';

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
    .command(list)
    .command(info)
    .command(train)
    .command(launch)
    .command(worker)
    .command(queue)
    .command(evalCommand)
    .command(record)
    .command(exportCommand)
    .command(play)
    .command(replay)
    .command(reportCommand)
    .command(dash)
    .command(check)
    .command(init)
    .command(test)
    .command(doctor)
    .demandCommand(1, 'Give a command.')
    .recommendCommands()
    .strict()
    .fail((message, error) => {
      // yargs' own complaints about arguments are YErrors; anything else comes from a command.
      if (error && error.name !== 'YError') throw error;
      throw new GymkhanaError('USAGE', `${message} 'gymkhana --help' shows what there is.`, { kind: 'usage' });
    })
    .parseAsync();
} catch (error) {
  report(error instanceof Error ? error : new Error(String(error)));
}
