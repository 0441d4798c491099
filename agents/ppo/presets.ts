/** Settings per environment, over the defaults. */
import type { PpoConfig } from './config.js';

export const ppoPresets: Readonly<Record<string, Partial<PpoConfig>>> = {
  'CartPole-v1': {
    totalSteps: 300_000,
    numEnvs: 64,
    numSteps: 32,
    numMinibatches: 8,
    learningRate: 2.5e-3,
    gamma: 0.98,
    gaeLambda: 0.9,
    normObs: false,
    normReward: false,
  },
  'Pendulum-v1': {
    totalSteps: 1_000_000,
    numEnvs: 64,
    numSteps: 64,
    numMinibatches: 16,
    updateEpochs: 10,
    learningRate: 1e-3,
    gamma: 0.95,
  },
  'Acrobot-v1': {
    totalSteps: 1_000_000,
    numEnvs: 64,
    numSteps: 64,
    numMinibatches: 16,
    gaeLambda: 0.94,
  },
  'MountainCar-v0': {
    totalSteps: 2_000_000,
    numEnvs: 64,
    numSteps: 64,
    numMinibatches: 16,
    gaeLambda: 0.98,
    noiseHold: 8,
  },
  'MountainCarContinuous-v0': {
    totalSteps: 1_000_000,
    numEnvs: 64,
    numSteps: 128,
    numMinibatches: 32,
    gamma: 0.999,
    noiseHold: 16,
  },
  'Driving-v0': {
    totalSteps: 8_000_000,
    numEnvs: 1024,
    numSteps: 32,
    numMinibatches: 16,
    updateEpochs: 4,
    learningRate: 1e-3,
  },
};
