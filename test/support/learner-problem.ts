/** A rollout with every detail of PPO's loss in it, and what an update of it comes to in float64; for tests of learners. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as assert from 'uvu/assert';
import type {
  LearnerBatch,
  LearnerSettings,
  LearnerState,
  LearnerStats,
  SequenceColumns,
} from '../../src/backends/backend.js';
import { Generator } from '../../src/core/seeding/generator.js';
import { initialParameters, mlpNetwork } from '../../src/network/init.js';
import { type AdamState, adamState } from '../../src/network/optimizer.js';
import { stateSize } from '../../src/network/plan.js';
import type { Distribution, NetworkSpec } from '../../src/network/spec.js';
import { actionWidth, actorOutputs, choiceSizes, isMasked } from '../../src/network/validate.js';
import { updateReference } from './reference-update.js';

export const SAMPLES = 200;
export const INPUTS = 5;
const CLIP = 2;

export const DISTRIBUTIONS: readonly Distribution[] = [
  { type: 'categorical', actions: 3 },
  { type: 'categorical', actions: 3, masked: true },
  { type: 'multi-categorical', nvec: [3, 2] },
  { type: 'multi-categorical', nvec: [2, 4, 3], masked: true },
  { type: 'gaussian', size: 2, logStdInit: -0.3 },
];
export const SETTINGS: LearnerSettings = {
  learningRate: 1e-3,
  clipCoef: 0.2,
  clipVloss: true,
  normAdv: true,
  entCoef: 0.02,
  vfCoef: 0.5,
  maxGradNorm: 0.5,
  adamEps: 1e-5,
  targetKl: null,
};

export interface Problem {
  readonly network: NetworkSpec;
  readonly batch: LearnerBatch;
  readonly permutations: readonly Int32Array[];
  fresh(): LearnerState;
}

/** Steps of a sequence, and the sequences of an env. */
const STEPS = 5;
const SEQUENCES = 2;

/** Rows of a sequence: step by step, with those of the other envs between. */
function rowsOf(sequence: number, samples: number): number[] {
  const envs = samples / STEPS / SEQUENCES;
  const first = Math.floor(sequence / envs) * STEPS * envs + (sequence % envs);
  return Array.from({ length: STEPS }, (_, t) => first + t * envs);
}

function sequenceColumns(size: number, samples: number): SequenceColumns {
  const generator = Generator.fromSeed(8);
  const sequences = new Int32Array(samples);
  const starts = new Float32Array(samples);
  for (let s = 0; s < samples / STEPS; s++) {
    rowsOf(s, samples).forEach((row, t) => {
      sequences[row] = s;
      if (t > 0 && generator.random() < 0.2) starts[row] = 1;
    });
  }
  const states = Float32Array.from({ length: (samples / STEPS) * size }, () => generator.uniform(-1, 1));
  return { steps: STEPS, sequences, states, starts };
}

/** A rollout whose ratios and values are partly clipped; its 200 samples make three minibatches of unequal size. */
export function problem(
  distribution: Distribution,
  activation: 'tanh' | 'relu',
  freeze: (network: NetworkSpec) => NetworkSpec = (network) => network,
  hidden: readonly number[] = [17, 8],
): Problem {
  return networkProblem(freeze(mlpNetwork({ observationSize: INPUTS, hidden, distribution, activation })));
}

/**
 * The same for any network; one with a memory learns from sequences of five steps, and episodes begin inside of some. Its `samples` are a
 * multiple of ten.
 */
export function networkProblem(network: NetworkSpec, samples: number = SAMPLES): Problem {
  const { distribution, observationSize: O } = network;
  const memory = stateSize(network) === 0 ? null : sequenceColumns(stateSize(network), samples);
  const generator = Generator.fromSeed(7);
  const normals = (count: number, scale: number, centre = 0): Float32Array =>
    Float32Array.from({ length: count }, () => centre + scale * generator.standardNormal());
  const parameters = initialParameters(network, generator);
  const sizes = choiceSizes(distribution);
  const width = actionWidth(network);
  const A = actorOutputs(network);
  const actions =
    sizes.length > 0
      ? Int32Array.from({ length: samples * width }, (_, i) => generator.integers(0, sizes[i % width]!))
      : normals(samples * width, 0.8);
  const chosen = new Set(
    Array.from(actions, (action, i) => {
      const f = i % width;
      return Math.floor(i / width) * A + sizes.slice(0, f).reduce((sum, n) => sum + n, 0) + action;
    }),
  );
  return {
    network,
    batch: {
      observations:
        network.picture === undefined
          ? normals(samples * O, 2)
          : Uint8Array.from({ length: samples * O }, () => generator.integers(0, 256)),
      mean: normals(O, 0.3),
      invStd: normals(O, 0.1, 1),
      observationClip: CLIP,
      actions,
      // The choice that was made is allowed, and about half of the others.
      ...(isMasked(network) && {
        masks: Uint8Array.from({ length: samples * A }, (_, i) => (chosen.has(i) || Math.sin(i * 5.1) > 0 ? 1 : 0)),
      }),
      logProbs: normals(samples, 0.25, sizes.length > 0 ? -sizes.reduce((sum, n) => sum + Math.log(n), 0) : -1.6),
      advantages: normals(samples, 2, 0.5),
      returns: normals(samples, 1),
      values: normals(samples, 0.4),
      ...(memory !== null && { memory }),
    },
    permutations: [0, 1].map(() => {
      if (memory === null) return Int32Array.from(generator.permutation(samples));
      const order = [...generator.permutation(samples / STEPS)];
      return Int32Array.from(order.flatMap((s) => rowsOf(s, samples)));
    }),
    fresh: () => ({
      parameters: parameters.slice(),
      firstMoments: new Float32Array(parameters.length),
      secondMoments: new Float32Array(parameters.length),
      step: 0,
    }),
  };
}

/** Parameters and Adam's state in float64. */
export interface ReferenceState {
  readonly parameters: Float64Array;
  readonly adam: AdamState;
}

export function referenceState({ fresh }: Problem): ReferenceState {
  const parameters = Float64Array.from(fresh().parameters);
  return { parameters, adam: adamState(parameters.length) };
}

/** What a learner does in one update, in float64 and sample by sample; `state` is overwritten. */
export function referenceUpdate(
  { network, batch, permutations }: Problem,
  minibatches: number,
  settings: LearnerSettings,
  state: ReferenceState,
): ReferenceState & { readonly stats: LearnerStats } {
  const { parameters, adam } = state;
  const stats = updateReference(network, batch, permutations, minibatches, settings, parameters, adam);
  return { parameters, adam, stats };
}

/** Largest |a - b|. */
export const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  assert.is(a.length, b.length);
  // A NaN on either side must not pass as close.
  return Array.from(a, (x, i) => Math.abs(x - b[i]!)).reduce((most, d) => (d <= most ? most : d), 0);
};

/** Largest |x|. */
export const largest = (values: ArrayLike<number>): number => apart(values, new Float64Array(values.length));

/** MiB of the process after a collection, of what lies outside the heap too. */
export function residentMiB(): number {
  // As a flag of the command line it would be missing under the test runner.
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage.rss() / 2 ** 20;
}
