import { availableParallelism, cpus, totalmem } from 'node:os';
import { backendStatuses, measurableDevices } from '../../backends/choose.js';
import { knownSpeed, type LearnerSpeed, storeSpeed } from '../../backends/learner-speed.js';
import { engineInfo } from '../../core/fingerprint.js';
import type { Command } from '../command.js';
import { result, shown, table } from '../output.js';

export const command: Command = {
  builder: (yargs) =>
    yargs
      .option('measure', {
        type: 'boolean',
        describe: 'time the learners kernels and onnx here, and devices that work, for --backend auto',
      })
      .example('$0 doctor --json', 'the same as data')
      .example('$0 doctor --measure', 'ten seconds or so, best while nothing else runs; kept in the cache directory'),
  async handler(argv) {
    if (argv['measure'] === true) return await measure(argv['json'] === true);
    const engine = engineInfo();
    const threads = availableParallelism();
    const backends = await backendStatuses();
    const { speed, source, notice } = knownSpeed();
    if (notice !== null) process.stderr.write(`${notice}\n`);
    const learnerSpeed = { source, ...speed };
    if (argv['json'] === true) {
      return result(JSON.stringify({ ...engine, threads, memory: totalmem(), backends, learnerSpeed }));
    }
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
    const times = source === 'shipped' ? `that come with gymkhana, of ${speed.processor}` : 'of this machine';
    const advice = source === 'shipped' ? '; --measure times this machine' : '';
    const devices = (speed.devices ?? []).map(({ name }) => `, ${name}`).join('');
    result(`\n--backend auto chooses among kernels, onnx${devices} by the times ${times}, ${speed.date}${advice}`);
  },
};

/** Times the workers' learners, shows the table and keeps it for `--backend auto`. */
async function measure(json: boolean): Promise<void> {
  const date = new Date().toISOString().slice(0, 10);
  // Only this flag needs the learners themselves.
  const { measureLearnerSpeed } = await import('../../backends/measure-learners.js');
  const devices = await measurableDevices();
  const speed = await measureLearnerSpeed({
    date,
    devices,
    onPoint: ({ units, minibatch }) =>
      void process.stderr.write(`2 x ${units} units, minibatch ${shown(minibatch, 0)}\n`),
  });
  const file = storeSpeed(speed);
  if (json) return result(JSON.stringify({ file, ...speed }));
  result(`ms a minibatch on one thread of ${speed.processor}, kernels / onnx\n`);
  const { kernels, onnx } = speed;
  result(table(timesTable(speed, (i, j) => `${digits(kernels[i]![j]!)} / ${digits(onnx[i]![j]!)}`)));
  for (const { name, device, times } of speed.devices ?? []) {
    result(`\nms a minibatch with ${name} on ${device}\n`);
    result(table(timesTable(speed, (i, j) => digits(times[i]![j]!))));
  }
  result(`\nKept in ${file}; --backend auto goes by it from now on.`);
}

/** A row for each width, a column for each minibatch. */
function timesTable({ units, minibatches }: LearnerSpeed, cell: (i: number, j: number) => string): string[][] {
  return [
    ['units', ...minibatches.map((size) => shown(size, 0))],
    ...units.map((width, i) => [`2 x ${width}`, ...minibatches.map((_, j) => cell(i, j))]),
  ];
}

function digits(ms: number): string {
  return shown(ms, ms < 10 ? 2 : ms < 100 ? 1 : 0);
}
