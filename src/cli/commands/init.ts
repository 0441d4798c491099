import { relative } from 'node:path';
import { initPackage, TEMPLATES, type Template } from '../../authoring/index.js';
import type { Command } from '../command.js';
import { text, valued } from '../options.js';
import { result } from '../output.js';

export const command: Command = {
  builder: (yargs) =>
    yargs
      .positional('dir', { type: 'string', describe: 'the folder to write', demandOption: true })
      .option('template', valued(`${TEMPLATES.join(', ')} (basic)`))
      .option('name', valued("name of the env's class (from the folder's name)"))
      .option('force', { type: 'boolean', describe: 'write into a folder that is not empty' })
      .example('$0 init my-env --template physics', 'an env on matter-js'),
  handler(argv) {
    const written = initPackage(argv['dir'] as string, {
      template: text('template', argv['template']) as Template | undefined,
      name: text('name', argv['name']),
      force: argv['force'] === true,
    });
    if (argv['json'] === true) return result(JSON.stringify(written));
    const folder = relative(process.cwd(), written.folder) || '.';
    result(
      [
        `${written.envId} in ${folder}:`,
        ...written.files.map((file) => `  ${file}`),
        '',
        'Next:',
        ...(folder === '.' ? [] : [`  cd ${folder}`]),
        '  npm install',
        '  npm test',
        `  npx gymkhana train ./src/index.ts:${written.envId} --total-steps 200000`,
      ].join('\n'),
    );
  },
};
