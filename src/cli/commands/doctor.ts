import { availableParallelism, cpus, totalmem } from 'node:os';
import type { CommandModule } from 'yargs';
import { backendStatuses, engineInfo } from '../../index.js';
import { result, table } from '../output.js';

export const doctor: CommandModule = {
  command: 'doctor',
  describe: 'what this machine offers: versions, threads, SIMD, learners',
  builder: (yargs) => yargs.example('$0 doctor --json', 'the same as data'),
  async handler(argv) {
    const engine = engineInfo();
    const threads = availableParallelism();
    const backends = await backendStatuses();
    if (argv['json'] === true) return result(JSON.stringify({ ...engine, threads, memory: totalmem(), backends }));
    result(
      table([
        ['gymkhana', engine.gymkhana],
        ['node', `${engine.node}, V8 ${engine.v8}, ${engine.platform} ${engine.arch}`],
        ['processor', cpus()[0]?.model ?? 'unknown'],
        ['threads', `${threads}, so --workers ${threads} by default`],
        ['memory', `${(totalmem() / 1024 / 1024 / 1024).toFixed(1)} GiB`],
        [
          'Math',
          `fingerprint ${engine.mathFingerprint}; recordings from another fingerprint may differ in the last bit`,
        ],
      ]),
    );
    result('\nlearners');
    result(
      table(backends.map(({ name, available, detail }) => [`  ${name}`, available ? 'present' : 'absent', detail])),
    );
  },
};
