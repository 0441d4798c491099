import type { CommandModule } from 'yargs';
import { runTests } from '../../authoring/index.js';

export const test: CommandModule = {
  command: 'test [files..]',
  describe: "run a package's TypeScript tests (test/**/*.test.ts) under node --test, without a build step",
  builder: (yargs) => yargs.positional('files', { type: 'string', array: true, describe: 'files or folders' }),
  async handler(argv) {
    process.exitCode = await runTests((argv['files'] as string[] | undefined) ?? [], process.cwd());
  },
};
