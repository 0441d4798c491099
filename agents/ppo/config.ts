/** PPO's settings: one schema gives types, validation, the command line's flags and their help. */
import * as z from '../../src/core/zod.js';
import { ENCODERS } from '../../src/network/build.js';
import { INITIALIZERS, RECURRENT_CELLS } from '../../src/network/spec.js';

const positiveInt = z.number().int().min(1);
const fraction = z.number().min(0).max(1);

export const ppoConfigSchema = z.strictObject({
  totalSteps: positiveInt.describe('environment steps of the whole run; rounded up to whole iterations'),
  numEnvs: positiveInt.describe('environments stepped in parallel, N'),
  numSteps: positiveInt.describe('steps of each environment in one rollout, T'),
  numMinibatches: positiveInt.describe('minibatches in one epoch; a minibatch has about N T / this many samples'),
  minibatchSize: positiveInt.nullable().describe('samples in a minibatch, instead of numMinibatches'),
  updateEpochs: positiveInt.describe('passes over a rollout'),
  learningRate: z.number().positive().describe("Adam's step size"),
  annealLr: z.boolean().describe('lower the step size linearly to 0 over the run'),
  gamma: fraction.describe('discount factor'),
  gaeLambda: fraction.describe('lambda of generalised advantage estimation'),
  clipCoef: z.number().positive().describe('clip range of the probability ratio'),
  clipVloss: z.boolean().describe('clip the value loss too'),
  normAdv: z.boolean().describe('normalise advantages in each minibatch'),
  entCoef: z.number().min(0).describe('weight of the entropy bonus'),
  vfCoef: z.number().min(0).describe('weight of the value loss'),
  maxGradNorm: z.number().positive().describe('global norm that gradients are clipped to'),
  targetKl: z.number().positive().nullable().describe('stop the epochs of an iteration beyond this KL divergence'),
  adamEps: z.number().positive().describe("Adam's epsilon"),
  hidden: z
    .array(positiveInt)
    .min(1)
    .max(8)
    .describe('units of the hidden layers, the same for actor and critic; after an encoder of pictures there are none'),
  activation: z.enum(['tanh', 'relu', 'silu', 'gelu']).describe('hidden activation'),
  // With defaults: runs that were saved before these settings had none of them.
  encoder: z
    .enum(['auto', ...ENCODERS])
    .default('auto')
    .describe('what looks at pictures: small-cnn for the smaller ones, nature-cnn from 64 pixels a side, if auto'),
  sharedTrunk: z.boolean().default(false).describe('actor and critic share the hidden layers'),
  layerNorm: z.boolean().default(false).describe('normalise the sums of hidden layers before their activation'),
  recurrent: z
    .enum(['none', ...RECURRENT_CELLS])
    .default('none')
    .describe('memory of the policy'),
  recurrentUnits: positiveInt.default(64).describe('numbers in the memory'),
  sequenceLength: positiveInt.default(16).describe('steps of the sequences that a memory is trained on'),
  initializer: z.enum(INITIALIZERS).default('orthogonal').describe('how weights are drawn'),
  freeze: z
    .array(z.string())
    .default([])
    .describe('layers that do not learn: actor and critic whole, or actor.0, critic.1, ...'),
  logStdInit: z.number().min(-10).max(5).describe('starting log standard deviation of continuous actions'),
  normObs: z.boolean().describe('normalise observations with running statistics'),
  normReward: z.boolean().describe('scale rewards by the running standard deviation of the discounted return'),
  obsClip: z.number().positive().describe('normalised observations are clipped to +- this'),
  rewardClip: z.number().positive().describe('scaled rewards are clipped to +- this'),
  noiseHold: positiveInt.describe('steps for which an env keeps its exploration noise before it is redrawn'),
  overlap: z
    .boolean()
    .default(false)
    .describe('collect the next rollout while a device learns from the last: experience is one iteration old'),
});

/** The resolved settings of a PPO run: plain JSON, saved with the run. */
export type PpoConfig = z.infer<typeof ppoConfigSchema>;

/** What holds where an env has no preset: CleanRL's values, with more envs. */
export const defaultPpoConfig: PpoConfig = {
  totalSteps: 500_000,
  numEnvs: 64,
  numSteps: 128,
  numMinibatches: 8,
  minibatchSize: null,
  updateEpochs: 4,
  learningRate: 1e-3,
  annealLr: true,
  gamma: 0.99,
  gaeLambda: 0.95,
  clipCoef: 0.2,
  clipVloss: true,
  normAdv: true,
  entCoef: 0.0,
  vfCoef: 0.5,
  maxGradNorm: 0.5,
  targetKl: null,
  adamEps: 1e-5,
  hidden: [64, 64],
  activation: 'tanh',
  encoder: 'auto',
  sharedTrunk: false,
  layerNorm: false,
  recurrent: 'none',
  recurrentUnits: 64,
  sequenceLength: 16,
  initializer: 'orthogonal',
  freeze: [],
  logStdInit: 0,
  normObs: true,
  normReward: true,
  obsClip: 10,
  rewardClip: 10,
  noiseHold: 1,
  overlap: false,
};
