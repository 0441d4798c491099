import type { Argv, CommandModule } from 'yargs';
import { cancelQueued, listQueue } from '../../runs/launch/index.js';
import type { Command } from '../command.js';
import { text, valued } from '../options.js';
import { result, shown, table } from '../output.js';

const withQueue = (yargs: Argv): Argv =>
  yargs.option('queue', { ...valued('the Redis of the queue (redis://host:port)'), demandOption: true });

const list: CommandModule = {
  command: 'list',
  describe: 'what is in a queue, and who works at it',
  builder: withQueue,
  async handler(argv) {
    const entries = await listQueue(text('queue', argv['queue'])!);
    if (argv['json'] === true) return result(JSON.stringify(entries));
    if (entries.length === 0) return result('The queue is empty.');
    const rows = entries.map(({ name, state, priority, worker, steps, totalSteps, meanReturn }) => [
      name,
      state,
      String(priority),
      `${Math.floor((100 * steps) / totalSteps)} %`,
      meanReturn === null ? '-' : shown(meanReturn),
      worker ?? '',
    ]);
    result(table([['run', 'state', 'priority', 'steps', 'return', 'worker'], ...rows]));
  },
};

const cancel: CommandModule = {
  command: 'cancel <run...>',
  describe: 'take runs off a queue; those in progress stop with a checkpoint',
  builder: (yargs) =>
    withQueue(yargs).positional('run', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'names, or first digits of hashes',
    }),
  async handler(argv) {
    const names = await cancelQueued(text('queue', argv['queue'])!, (argv['run'] as unknown[]).map(String));
    result(argv['json'] === true ? JSON.stringify(names) : names.map((name) => `cancelled ${name}`).join('\n'));
  },
};

export const command: Command = {
  builder: (yargs) => yargs.command(list).command(cancel).demandCommand(1, 'Give list or cancel.'),
  handler() {},
};
