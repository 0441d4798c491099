import { serveQueue } from '../../runs/launch/index.js';
import type { Command } from '../command.js';
import { given, number, text, texts, valued, whole } from '../options.js';
import { result } from '../output.js';
import { stopOnSignals } from '../signals.js';

export const command: Command = {
  builder: (yargs) =>
    yargs
      .option('queue', { ...valued('the Redis of the queue (redis://host:port)'), demandOption: true })
      .option('parallel', valued('runs at a time (as many as fit the cores)'))
      .option('workers', valued('worker threads of each run; they never change results'))
      .option('run-dir', valued('folder for runs in progress (runs/worker)'))
      .option(
        'allow-env',
        valued('an env of your own that may run here, as launches write it: ./my-env.ts:MyEnv; repeat for more'),
      )
      .option('heartbeat', valued('seconds without a sign of life after which others take the runs of a worker (15)'))
      .option('until-empty', { type: 'boolean', describe: 'end once the queue has nothing more to do' })
      .example('$0 worker --queue redis://10.0.0.5:6379 --parallel 8', 'eight runs at a time, until Ctrl-C'),
  async handler(argv) {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const stop = stopOnSignals('runs in progress go back to the queue, each with a checkpoint');
    const worked = await serveQueue({
      queue: text('queue', argv['queue'])!,
      runDir: text('run-dir', argv['run-dir']) ?? 'runs/worker',
      untilEmpty: argv['until-empty'] === true,
      signal: stop.signal,
      onNotice: say,
      onStart: ({ name }) => say(`${name}: started`),
      onEnd: ({ name }, how, failure) =>
        say(`${name}: ${how}${failure === null ? '' : ` (${failure.code}: ${failure.message})`}`),
      ...given({
        parallel: whole('parallel', argv['parallel']),
        workers: whole('workers', argv['workers']),
        heartbeat: number('heartbeat', argv['heartbeat']),
        allowEnvs: texts('allow-env', argv['allow-env']),
      }),
    });
    if (stop.signal.aborted) process.exitCode = stop.exitCode();
    const { finished, returned, failed } = worked;
    result(
      argv['json'] === true
        ? JSON.stringify(worked)
        : `${finished} finished, ${returned} given back, ${failed} failed.`,
    );
  },
};
