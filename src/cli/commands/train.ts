import { defaultPpoConfig, type PpoConfig } from '../../../agents/ppo/config.js';
import { BACKENDS, type BackendName } from '../../backends/backend.js';
import { kernelArithmetic } from '../../backends/kernels/kernels.js';
import { usageError } from '../../core/errors.js';
import { ENCODERS } from '../../network/build.js';
import type { RunSummary, TrainProgress } from '../../runs/session.js';
import { resume, type SittingOptions, type TrainOptions, train as trainRun } from '../../runs/train.js';
import type { Command } from '../command.js';
import {
  given,
  moduleFlag,
  number,
  object,
  readSettings,
  recordObservations,
  recordPolicyOutputs,
  text,
  trustNamed,
  valued,
  whole,
  wholes,
  wrappers,
} from '../options.js';
import { result, shown } from '../output.js';
import { progressBlock } from '../progress.js';
import { stopOnSignals } from '../signals.js';

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const WHOLE = [
  'totalSteps',
  'numEnvs',
  'numSteps',
  'numMinibatches',
  'minibatchSize',
  'updateEpochs',
  'noiseHold',
  'recurrentUnits',
  'sequenceLength',
] as const;
const NUMBER = [
  'learningRate',
  'gamma',
  'gaeLambda',
  'clipCoef',
  'entCoef',
  'vfCoef',
  'maxGradNorm',
  'targetKl',
  'logStdInit',
] as const;

type Flags = { readonly [flag: string]: unknown };

export const command: Command = {
  builder: (yargs) => {
    yargs.positional('env', { type: 'string', describe: 'an id, module:EnvId or ./file.ts:EnvId' });
    for (const name of [...WHOLE, ...NUMBER])
      yargs.option(kebab(name), valued(`${name} (preset, else ${String(defaultPpoConfig[name])})`));
    return yargs
      .option('hidden', valued('units of the hidden layers, such as 64,64'))
      .option('activation', valued('tanh, relu, silu or gelu'))
      .option('encoder', valued(`what looks at pictures: ${ENCODERS.join(', ')} (auto: by their size)`))
      .option('shared-trunk', { type: 'boolean', describe: 'actor and critic share the hidden layers' })
      .option('layer-norm', { type: 'boolean', describe: 'normalise hidden layers before their activation' })
      .option('recurrent', valued('a memory: gru or lstm (none)'))
      .option('overlap', {
        type: 'boolean',
        describe: 'collect the next rollout while a device learns from the last; experience is one iteration old',
      })
      .option('initializer', valued('orthogonal, xavier-uniform, xavier-normal, kaiming-uniform or kaiming-normal'))
      .option('freeze', valued('layers that do not learn, such as actor.0,critic.0'))
      .option('seed', valued('seed of the whole run (1)'))
      .option('env-kwargs', valued('keyword arguments of the env, as a JSON object'))
      .option('wrapper', valued('a wrapper of the env: Name, or Name:{"option":1}; repeat for more, innermost first'))
      .option('workers', valued('worker threads (one a core); they never change results'))
      .option('backend', valued(`what learns: auto, ${BACKENDS.join(', ')} (auto)`))
      .option('run-dir', valued('directory of the run (runs/<env>-ppo-seed<seed>)'))
      .option('eval-every', valued('evaluate every so many iterations and keep the best checkpoint'))
      .option('checkpoint-every', valued('save the checkpoint last every so many iterations (about every second)'))
      .option('target-return', valued('end once the mean return of the last 100 training episodes reaches this'))
      .option('resume', valued('a run directory: go on with that run, to the bytes it would have had'))
      .option('module', moduleFlag)
      .option('hang-timeout', valued('seconds without progress after which a worker is replaced, 0 for never (60)'))
      .option('worker-heap', valued('MiB of heap that each worker may use (the default of Node)'))
      .option('config', valued('settings from a JSON file, such as the config.json of another run; flags go over them'))
      .option(
        'record-episodes',
        valued('record training episodes: best, worst, every:N or all, or several with commas between'),
      )
      .option('record-observations', recordObservations)
      .option('record-policy-outputs', recordPolicyOutputs)
      .option('quiet', { type: 'boolean', describe: 'no progress, only how it ended' })
      .option('overwrite', { type: 'boolean', describe: 'replace a finished run in --run-dir' })
      .example('$0 train CartPole-v1', 'solve CartPole in a second or two')
      .example(
        `$0 train CartPole-v1 --wrapper NormalizeObservation --wrapper 'StickyAction:{"repeatActionProbability":0.1}'`,
        'wrappers, which the run keeps',
      )
      .example('$0 train --resume runs/CartPole-v1-ppo-seed1', 'go on with a run that was stopped or killed')
      .example('$0 train ./my-env.ts:MyEnv --total-steps 1e6', 'your own env, no build step');
  },
  async handler(argv) {
    const json = argv['json'] === true;
    const run = text('resume', argv['resume']);
    const stop = stopOnSignals('stopping after this iteration, with a checkpoint');
    const quiet = json || argv['quiet'] === true;
    const progress = quiet ? null : await progressBlock(process.stderr, lines);
    const sitting = {
      signal: stop.signal,
      onNotice: (notice: string) => void process.stderr.write(`${notice}\n`),
      onStart: (started: Started) => {
        if (argv['quiet'] !== true) process.stderr.write(announcement(started));
      },
      onIteration: (state: TrainProgress) => progress?.show(state),
      ...given({
        workers: whole('workers', argv['workers']),
        checkpointEvery: whole('checkpoint-every', argv['checkpoint-every']),
        hangTimeout: number('hang-timeout', argv['hang-timeout']),
        workerHeap: whole('worker-heap', argv['worker-heap']),
      }),
    };
    const summary =
      run === undefined ? await trainRun({ ...newRun(argv), ...sitting }) : await resumeRun(run, argv, sitting);
    progress?.done();
    if (summary.status === 'stopped') process.exitCode = stop.exitCode();
    if (json) return result(JSON.stringify(summary));
    result(
      exactLine(summary) +
        `${summary.reachedTarget ? 'Reached the target return' : summary.status === 'finished' ? 'Finished' : 'Stopped'} after ${summary.steps.toLocaleString('en')} steps in ${shown(summary.seconds)} s ` +
        `(${shown(summary.stepsPerSecond, 0)} steps/s), mean return ${shown(summary.meanReturn)}.\nNext: gymkhana ${summary.status === 'stopped' ? 'train --resume' : 'eval'} ${summary.runDir}`,
    );
  },
};

/** Says where the run cannot be repeated; nothing where it can on nearly every machine. */
function exactLine({ exact, exactReason, exactOn, backend }: RunSummary): string {
  if (!exact) return `exact: false (${exactReason})\n`;
  return backend === 'kernels' && kernelArithmetic() === 'fused' ? '' : `exact: on ${exactOn}\n`;
}

type Started = Parameters<NonNullable<SittingOptions['onStart']>>[0];

function announcement({ env, steps, totalSteps, numEnvs, workers, backend, backendReason, runDir }: Started): string {
  const shownSteps = totalSteps.toLocaleString('en');
  const from = steps === 0 ? '' : ` from step ${steps.toLocaleString('en')} on`;
  return `Training ${env.id}${from}: ${shownSteps} steps of ${numEnvs.toLocaleString('en')} parallel environments in ${workers} worker threads; learner ${backend} (${backendReason}).\nRun directory ${runDir}\n`;
}

/** What describes a run that begins. */
function newRun(argv: Flags): TrainOptions {
  const env = argv['env'];
  if (typeof env !== 'string') {
    throw usageError('USAGE', "train needs an env, or --resume with a run directory. 'gymkhana list' shows the envs.", {
      field: 'env',
    });
  }
  const config: Record<string, unknown> = {
    hidden: wholes('hidden', argv['hidden']),
    activation: text('activation', argv['activation']),
    encoder: text('encoder', argv['encoder']),
    sharedTrunk: argv['shared-trunk'] === true ? true : undefined,
    layerNorm: argv['layer-norm'] === true ? true : undefined,
    overlap: argv['overlap'] === true ? true : undefined,
    recurrent: text('recurrent', argv['recurrent']),
    initializer: text('initializer', argv['initializer']),
    freeze: text('freeze', argv['freeze'])?.split(','),
  };
  for (const name of WHOLE) config[name] = whole(kebab(name), argv[kebab(name)]);
  for (const name of NUMBER) config[name] = number(kebab(name), argv[kebab(name)]);
  const file = text('config', argv['config']);
  const saved = file === undefined ? {} : readSettings(file);
  const options = {
    seed: whole('seed', argv['seed']) ?? saved.seed,
    evalEvery: whole('eval-every', argv['eval-every']),
    targetReturn: number('target-return', argv['target-return']),
    runDir: text('run-dir', argv['run-dir']),
    // `train` refuses a name that no learner has.
    backend: text('backend', argv['backend']) as BackendName | undefined,
    envKwargs: object('env-kwargs', argv['env-kwargs']),
    wrappers: wrappers('wrapper', argv['wrapper']),
    recordEpisodes: text('record-episodes', argv['record-episodes']),
    recordObservations: argv['record-observations'] === true ? true : undefined,
    recordPolicyOutputs: argv['record-policy-outputs'] === true ? true : undefined,
  };
  return {
    env,
    config: { ...saved.config, ...given(config) } as Partial<PpoConfig>,
    overwrite: argv['overwrite'] === true,
    ...given(options),
  };
}

/** Flags that a resumed run may be given; everything else is the run's own. */
const SITTING = ['workers', 'checkpoint-every', 'hang-timeout', 'worker-heap', 'total-steps', 'module'];
/** What yargs adds, and flags of the command line itself. */
const ALWAYS = ['_', '$0', 'resume', 'json', 'debug', 'quiet'];

async function resumeRun(run: string, argv: Flags, sitting: SittingOptions): Promise<RunSummary> {
  const allowed = [...SITTING, ...ALWAYS];
  const other = Object.keys(argv).find((name) => argv[name] !== undefined && !allowed.includes(name));
  if (other !== undefined) {
    const what = other === 'env' ? `an env (${String(argv['env'])})` : `--${other}`;
    throw usageError(
      'RESUME_CHANGES_RUN',
      `--resume goes on with a run as it was begun, and ${what} would change it. It may be given with: ${SITTING.map((name) => `--${name}`).join(', ')}.`,
      { field: other },
    );
  }
  trustNamed(argv);
  return await resume(run, { ...sitting, ...given({ totalSteps: whole('total-steps', argv['total-steps']) }) });
}

function lines({ iteration, stepsPerSecond, meanReturn, measures }: TrainProgress): string[] {
  const eta = (iteration.totalSteps - iteration.steps) / stepsPerSecond;
  return [
    `${iteration.steps.toLocaleString('en')} / ${iteration.totalSteps.toLocaleString('en')} steps`,
    `${shown(stepsPerSecond, 0)} steps/s`,
    `mean return ${shown(meanReturn)}`,
    ...Object.entries(measures).map(([name, value]) => `${name} ${shown(value, 2)}`),
    `ETA ${shown(eta, 0)} s`,
  ];
}
