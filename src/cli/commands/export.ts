import { exportPolicy, POLICY_FORMATS, type PolicyFormat } from '../../runs/export-policy.js';
import type { Command } from '../command.js';
import { given, moduleFlag, text, trustNamed, valued } from '../options.js';
import { result } from '../output.js';

/** `gymkhana export`: a run's policy for other programs. */
export const command: Command = {
  builder: (yargs) =>
    yargs
      .positional('run', { type: 'string', describe: 'a run directory', demandOption: true })
      .option('format', valued(`${POLICY_FORMATS.join(', ')} (by the ending of --out, else onnx)`))
      .option('out', valued('file to write, or with tfjs the folder (<run>/policy.onnx, ...)'))
      .option('checkpoint', valued('last, best or a number of steps (last)'))
      .option('module', moduleFlag)
      .example('$0 export runs/CartPole-v1-ppo-seed1 --format onnx', 'for any ONNX runtime, in any language'),
  async handler(argv) {
    trustNamed(argv);
    const summary = await exportPolicy(String(argv['run']), {
      ...given({
        format: text('format', argv['format']) as PolicyFormat | undefined,
        out: text('out', argv['out']),
        checkpoint: text('checkpoint', argv['checkpoint']),
      }),
    });
    if (argv['json'] === true) return result(JSON.stringify(summary));
    const { path, bytes, steps } = summary;
    result(`Wrote ${path}: ${bytes.toLocaleString('en')} bytes, the policy after ${steps.toLocaleString('en')} steps.`);
  },
};
