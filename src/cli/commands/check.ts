import { checkEnv } from '../../check/check-env.js';
import { checkText } from '../check-text.js';
import type { Command } from '../command.js';
import { given, valued, whole } from '../options.js';
import { result } from '../output.js';
import { watchAndCheck } from '../watch.js';

export const command: Command = {
  builder: (yargs) =>
    yargs
      .positional('env', { type: 'string', describe: 'an id, module:EnvId or ./file.ts:EnvId', demandOption: true })
      .option('steps', valued('random steps, at most (2000)'))
      .option('seed', valued('seed of episodes and actions (123)'))
      .option('watch', { type: 'boolean', describe: 'check again whenever the file is saved' })
      .example('$0 check ./my-env.ts:MyEnv --watch', 'check on every save'),
  async handler(argv) {
    const env = argv['env'] as string;
    const options = given({ steps: whole('steps', argv['steps']), seed: whole('seed', argv['seed']) });
    if (argv['watch'] === true) return await watchAndCheck(env, process.argv.slice(2));
    const report = await checkEnv(env, options);
    result(argv['json'] === true ? JSON.stringify(report) : checkText(report));
    if (!report.passed) process.exitCode = 1;
  },
};
