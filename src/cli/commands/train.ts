import type { CommandModule } from 'yargs';
import {
  type BackendName,
  defaultPpoConfig,
  type PpoConfig,
  type TrainProgress,
  train as trainRun,
} from '../../index.js';
import { given, number, object, readSettings, text, valued, whole, wholes, wrappers } from '../options.js';
import { result, shown } from '../output.js';
import { progressBlock } from '../progress.js';

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const WHOLE = [
  'totalSteps',
  'numEnvs',
  'numSteps',
  'numMinibatches',
  'minibatchSize',
  'updateEpochs',
  'noiseHold',
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

export const train: CommandModule = {
  command: 'train <env>',
  describe: 'train a policy with PPO in parallel rollouts',
  builder: (yargs) => {
    yargs.positional('env', { type: 'string', describe: 'an id, module:EnvId or ./file.ts:EnvId', demandOption: true });
    for (const name of [...WHOLE, ...NUMBER])
      yargs.option(kebab(name), valued(`${name} (preset, else ${String(defaultPpoConfig[name])})`));
    return yargs
      .option('hidden', valued('units of the hidden layers, such as 64,64'))
      .option('activation', valued('tanh or relu'))
      .option('seed', valued('seed of the whole run (1)'))
      .option('env-kwargs', valued('keyword arguments of the env, as a JSON object'))
      .option('wrapper', valued('a wrapper of the env: Name, or Name:{"option":1}; repeat for more, innermost first'))
      .option('workers', valued('worker threads (one a core); they never change results'))
      .option('backend', valued('auto, kernels, onnx, tfjs:cpu, tfjs:wasm or tfjs:tensorflow (auto)'))
      .option('run-dir', valued('directory of the run (runs/<env>-ppo-seed<seed>)'))
      .option('eval-every', valued('evaluate every so many iterations and keep the best checkpoint'))
      .option('checkpoint-every', valued('save the checkpoint last every so many iterations (ten times a run)'))
      .option('config', valued('settings from a JSON file, such as the config.json of another run; flags go over them'))
      .option('overwrite', { type: 'boolean', describe: 'replace a finished run in --run-dir' })
      .example('$0 train CartPole-v1', 'solve CartPole in a second or two')
      .example(
        `$0 train CartPole-v1 --wrapper NormalizeObservation --wrapper 'StickyAction:{"repeatActionProbability":0.1}'`,
        'wrappers, which the run keeps',
      )
      .example('$0 train ./my-env.ts:MyEnv --total-steps 1e6', 'your own env, no build step');
  },
  async handler(argv) {
    const json = argv['json'] === true;
    const config: Record<string, unknown> = {
      hidden: wholes('hidden', argv['hidden']),
      activation: text('activation', argv['activation']),
    };
    for (const name of WHOLE) config[name] = whole(kebab(name), argv[kebab(name)]);
    for (const name of NUMBER) config[name] = number(kebab(name), argv[kebab(name)]);
    const file = text('config', argv['config']);
    const saved = file === undefined ? {} : readSettings(file);
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    process.once('SIGTERM', () => stop.abort());
    const options = {
      seed: whole('seed', argv['seed']) ?? saved.seed,
      workers: whole('workers', argv['workers']),
      checkpointEvery: whole('checkpoint-every', argv['checkpoint-every']),
      evalEvery: whole('eval-every', argv['eval-every']),
      runDir: text('run-dir', argv['run-dir']),
      // `train` refuses a name that no learner has.
      backend: text('backend', argv['backend']) as BackendName | undefined,
      envKwargs: object('env-kwargs', argv['env-kwargs']),
      wrappers: wrappers('wrapper', argv['wrapper']),
    };
    const progress = json ? null : progressBlock(process.stderr, lines);
    const summary = await trainRun({
      env: String(argv['env']),
      config: { ...saved.config, ...given(config) } as Partial<PpoConfig>,
      overwrite: argv['overwrite'] === true,
      signal: stop.signal,
      onNotice: (notice) => void process.stderr.write(`${notice}\n`),
      onStart: (run) =>
        void process.stderr.write(
          `Training ${run.env.id}: ${run.totalSteps.toLocaleString('en')} steps of ${run.numEnvs.toLocaleString('en')} parallel environments in ${run.workers} worker threads; learner ${run.backend} (${run.backendReason}).\nRun directory ${run.runDir}\n`,
        ),
      onIteration: (state) => progress?.show(state),
      ...given(options),
    });
    progress?.done();
    if (summary.status === 'stopped') process.exitCode = 130;
    if (json) return result(JSON.stringify(summary));
    result(
      (summary.exact ? '' : `exact: false (${summary.exactReason})\n`) +
        `${summary.status === 'finished' ? 'Finished' : 'Stopped'} after ${summary.steps.toLocaleString('en')} steps in ${shown(summary.seconds)} s ` +
        `(${shown(summary.stepsPerSecond, 0)} steps/s), mean return ${shown(summary.meanReturn)}.\nNext: gymkhana eval ${summary.runDir}`,
    );
  },
};

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
