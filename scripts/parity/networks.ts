/** The networks that a learner is compared on. A kind of network is added here, as an env and the settings that give it. */
import type { PpoConfig } from '../../agents/ppo/config.js';
import type { BackendName } from '../../src/backends/backend.js';

/** How far a learner may be from the float64 reference after one update from the same numbers. */
export interface ParityBounds {
  /** Largest |a - b| of a parameter. */
  readonly parameters: number;
  /** The same of Adam's moments, over the largest of them. */
  readonly moments: number;
  /** |a - b| of a loss or another metric of the update, over max(1, |a|). */
  readonly losses: number;
}

/** A network, by the env and the settings that give it. */
export interface ParityNetwork {
  readonly name: string;
  readonly env: string;
  readonly settings: Partial<PpoConfig>;
  readonly bounds: ParityBounds;
  /** Those of `tfjs:wasm`, where they are wider. */
  readonly wasm?: ParityBounds;
}

/**
 * Of float32 beside float64: 16 Adam steps of up to 1e-3 move a parameter by up to 1.7e-2. Measured, the most of the learners
 * of a machine without a GPU but `tfjs:wasm`: parameters 4.8e-7, moments 1.0e-6 and losses 3.5e-7; of that
 * on dense towers and memories 2.4e-7, 5.0e-6 and 2.0e-6.
 */
const DENSE: ParityBounds = { parameters: 2e-6, moments: 1e-5, losses: 5e-6 };

/**
 * WebAssembly sums a product's terms in float32 one after the other: moments are further apart, those of filters the most. Measured: moments
 * 4.0e-5, losses 1.8e-5; parameters are as near as with the others.
 */
const WASM: ParityBounds = { parameters: 2e-6, moments: 2e-4, losses: 1e-4 };

/** How far a learner may be from the reference. */
export function boundsOf(backend: BackendName, { bounds, wasm }: ParityNetwork): ParityBounds {
  return backend === 'tfjs:wasm' && wasm !== undefined ? wasm : bounds;
}

/** Small rollouts, with every detail of the loss at work: four epochs of four minibatches of 64. */
const SMALL: Partial<PpoConfig> = {
  numEnvs: 8,
  numSteps: 32,
  numMinibatches: 4,
  updateEpochs: 4,
  entCoef: 0.01,
  hidden: [64, 64],
};

export const NETWORKS: readonly ParityNetwork[] = [
  { name: 'dense, choices, tanh', env: 'CartPole-v1', settings: { ...SMALL, activation: 'tanh' }, bounds: DENSE },
  { name: 'dense, choices, relu', env: 'CartPole-v1', settings: { ...SMALL, activation: 'relu' }, bounds: DENSE },
  { name: 'dense, continuous, tanh', env: 'Pendulum-v1', settings: { ...SMALL, activation: 'tanh' }, bounds: DENSE },
  {
    name: 'dense, SiLU, layer norm and a shared trunk',
    env: 'CartPole-v1',
    settings: { ...SMALL, activation: 'silu', layerNorm: true, sharedTrunk: true },
    bounds: DENSE,
    wasm: WASM,
  },
  {
    name: 'convolutions',
    env: 'Driving-pixels-v0',
    settings: { ...SMALL, encoder: 'small-cnn', numEnvs: 4, numSteps: 16, updateEpochs: 2, numMinibatches: 2 },
    bounds: DENSE,
    wasm: WASM,
  },
  {
    name: 'a GRU',
    env: 'Pendulum-v1',
    settings: { ...SMALL, hidden: [16], recurrent: 'gru', recurrentUnits: 16, sequenceLength: 8 },
    bounds: DENSE,
  },
  { name: 'dense, continuous, relu', env: 'Pendulum-v1', settings: { ...SMALL, activation: 'relu' }, bounds: DENSE },
];

/** An env that a learner has to solve. */
export interface ParityTraining {
  readonly env: string;
  /** Changes of the env's preset. */
  readonly config?: Partial<PpoConfig>;
  /** Mean return of 100 episodes that counts as solved. */
  readonly threshold: number;
}

/**
 * The goals of docs/learning.md, in an eighth and a tenth of the minibatches of the presets, 1,568 and 3,920: a slow device takes some tenths of a
 * second for each. With the kernels the seeds 1 to 3 come to 500, 497, 499 and -160, -151, -141.
 */
export const TRAININGS: readonly ParityTraining[] = [
  {
    env: 'CartPole-v1',
    threshold: 475,
    config: { totalSteps: 100_000, numEnvs: 8, numSteps: 256, numMinibatches: 8, updateEpochs: 4 },
  },
  {
    env: 'Pendulum-v1',
    threshold: -200,
    config: { totalSteps: 200_000, numEnvs: 16, numSteps: 256, numMinibatches: 8, updateEpochs: 10 },
  },
];
