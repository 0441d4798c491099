import { runTests } from '../../authoring/index.js';
import type { Command } from '../command.js';

export const command: Command = {
  builder: (yargs) => yargs.positional('files', { type: 'string', array: true, describe: 'files or folders' }),
  async handler(argv) {
    process.exitCode = await runTests((argv['files'] as string[] | undefined) ?? [], process.cwd());
  },
};
