/** Training settings that several suites and all contestants share. */
import type { TrainSettings } from '../ours.js';
import { type Context, type Entry, OURS, peerEntry, threadChoices, type Variant, workerChoices } from '../race.js';

const COMMON = {
  env: 'CartPole-v1',
  updateEpochs: 4,
  learningRate: 2.5e-3,
  gamma: 0.98,
  gaeLambda: 0.9,
  clipCoef: 0.2,
  clipVloss: true,
  entCoef: 0,
  vfCoef: 0.5,
  maxGradNorm: 0.5,
  width: 64,
} as const;

export interface Setting {
  readonly id: string;
  readonly title: string;
  readonly settings: TrainSettings;
}

export const SMALL: Setting = {
  id: 'ppo-64x32',
  title: '64 envs x 32 steps, minibatch 256, 4 epochs',
  settings: { ...COMMON, numEnvs: 64, numSteps: 32, minibatchSize: 256, totalSteps: 307_200 },
};

export const MEDIUM: Setting = {
  id: 'ppo-256x64',
  title: '256 x 64, minibatch 4096, 4 epochs',
  settings: { ...COMMON, numEnvs: 256, numSteps: 64, minibatchSize: 4096, totalSteps: 819_200 },
};

export const LARGE: Setting = {
  id: 'ppo-2048x32',
  title: '2048 x 32, minibatch 16384, 2 epochs',
  settings: { ...COMMON, numEnvs: 2048, numSteps: 32, minibatchSize: 16_384, updateEpochs: 2, totalSteps: 1_507_328 },
};

/** rl-zoo3's hyperparams/ppo.yml. It also lowers the clip range over the run, which Gymkhana does not. */
export const ZOO: Setting = {
  id: 'ppo-zoo',
  title: "the zoo's CartPole: 8 x 32, minibatch 256, 20 epochs",
  settings: {
    ...COMMON,
    numEnvs: 8,
    numSteps: 32,
    minibatchSize: 256,
    updateEpochs: 20,
    totalSteps: 100_096,
    learningRate: 1e-3,
    gaeLambda: 0.8,
    clipVloss: false,
  },
};

/** Minibatches from which on ONNX Runtime is worth a try: `auto` goes by a measured table, see `learner-speed.ts`. */
const ONNX_MINIBATCH = 4096;

/** Ours with one worker, and with one a thread; where minibatches are large, with each of the learners. */
export function ourVariants(context: Context, kind: string, settings: TrainSettings): Variant[] {
  const learners =
    kind === 'train' && settings.minibatchSize >= ONNX_MINIBATCH ? (['kernels', 'onnx'] as const) : ['kernels'];
  return learners.flatMap((learner) =>
    workerChoices(context).map((workers) => ({
      label: `${workers} ${workers === 1 ? 'worker' : 'workers'}${learner === 'onnx' ? ', onnx learner' : ''}`,
      host: context.ours(),
      task: { kind, settings, workers, learner },
    })),
  );
}

export function threadsLabel(threads: number): string {
  return `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

/** EnvPool with PyTorch on each number of threads. */
export function torchVariants(context: Context, kind: string, settings: TrainSettings): Variant[] {
  return threadChoices(context).map((threads) => ({
    label: threadsLabel(threads),
    host: context.peers.host('torch', threads),
    task: { kind, settings: { ...settings, envThreads: threads } },
  }));
}

export function jaxVariants(context: Context, task: object): Variant[] {
  return threadChoices(context).map((threads) => ({
    label: threadsLabel(threads),
    host: context.peers.host('jax', threads),
    task: { ...task },
  }));
}

/** Gymkhana, EnvPool + PyTorch and JAX on the same settings. */
export function contestants(context: Context, kind: string, settings: TrainSettings, slowRounds?: number): Entry[] {
  return [
    { name: OURS, variants: ourVariants(context, kind, settings) },
    peerEntry(
      context,
      ['torch', 'envpool'],
      'EnvPool + PyTorch',
      () => torchVariants(context, kind, settings),
      slowRounds,
    ),
    peerEntry(context, 'jax', 'JAX, gymnax', () => jaxVariants(context, { kind, settings })),
  ];
}
