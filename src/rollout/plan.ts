/** What a rollout is, as plain JSON: everything a worker needs to build its share of it. */

import type { WorkerLearner } from '../backends/backend.js';
import { networkDescriptor, scratchBytes } from '../backends/kernels/kernels.js';
import { GENERATOR_WORDS, Generator, SeedSequence } from '../core/seeding/index.js';
import type { EnvSpec } from '../core/spec.js';
import { parameterLayout } from '../network/layout.js';
import { plainTowers, stateSize } from '../network/plan.js';
import type { NetworkSpec } from '../network/spec.js';
import { actionWidth, actorOutputs, isMasked, multiplyAdds } from '../network/validate.js';
import { type Arena, type ArenaPlan, planArena, planPixels, type SegmentRequest } from './arena.js';

export interface RolloutOptions {
  readonly spec: EnvSpec;
  readonly network: NetworkSpec;
  /** `N`, environments stepped in parallel. */
  readonly numEnvs: number;
  /** `T`, steps of each env in one rollout. */
  readonly numSteps: number;
  readonly workers: number;
  readonly seed: number;
  /** Observations are clipped to +- this after normalisation; Infinity for never. */
  readonly observationClip: number;
  /** Policy noise is redrawn every so many steps (1: every step); longer holds explore in one direction for longer. */
  readonly noiseHold: number;
  /** Numeric fields of an episode's final `info` to record. */
  readonly measures: readonly string[];
  /** What the workers compute the policy's outputs with; the kernels by default. */
  readonly actWith?: WorkerLearner;
  /** Steps after which the log of an episode is cut at a snapshot, where the env has its own. */
  readonly logLimit: number;
  /** Keep each step's value and log-probability beside its action, for episodes that are recorded with them. */
  readonly keepOutputs?: boolean;
  /** Frames of pixels that each observation repeats from those before it, see `stackedFrames`; 1 by default. */
  readonly frameStack?: number;
  /** Steps of the sequences that a network with a memory learns from; T is a multiple of it. 1 by default. */
  readonly sequenceLength?: number;
}

/** The usual `logLimit`. */
export const LOG_LIMIT = 16_384;

/** Columns of an episode record, before the measures. */
export const RECORD = { step: 0, env: 1, return: 2, length: 3, measures: 4 } as const;

/**
 * Envs are stepped in groups that one worker owns for the whole run. Sizes depend on the number of envs only, never on the
 * number of workers, because statistics are merged group by group.
 */
export function groupSize(numEnvs: number): number {
  if (numEnvs >= 128) return 32;
  return Math.min(32, Math.max(1, Math.ceil(numEnvs / 16) * 4));
}

/** Multiply-adds of a batch from which a run of ONNX Runtime, about 0.06 ms besides, is clearly faster than the kernels. */
const ONNX_PRODUCTS = 1 << 21;

/** What workers act with under the `onnx` learner: ONNX Runtime where network and batches are large enough. */
export function actWith(network: NetworkSpec, numEnvs: number): WorkerLearner {
  if (plainTowers(network) === null) return 'onnx';
  const rows = blockSize({ numEnvs, actWith: 'onnx' }) * groupSize(numEnvs);
  return rows * multiplyAdds(network) >= ONNX_PRODUCTS ? 'onnx' : 'kernels';
}

/** Blocks that a run has at least, where there are enough groups: as many workers can act at the same time. */
const MIN_BLOCKS = 8;
/** Groups in a block at most: 512 rows, beyond which larger batches gain nothing. */
const MAX_BLOCK = 16;

/** Groups that one worker owns together: one, or a block where ONNX Runtime acts, whose batches should be large. */
export function blockSize({ numEnvs, actWith }: Pick<RolloutOptions, 'numEnvs' | 'actWith'>): number {
  if (actWith !== 'onnx') return 1;
  const groups = Math.ceil(numEnvs / groupSize(numEnvs));
  return Math.min(MAX_BLOCK, Math.max(1, Math.floor(groups / MIN_BLOCKS)));
}

/** Places everything that threads share; `extra` are the algorithm's own segments. */
export function planRollout(options: RolloutOptions, extra: readonly SegmentRequest[]): ArenaPlan {
  const { numEnvs: N, numSteps: T, workers: W, network } = options;
  const O = network.observationSize;
  const P = parameterLayout(network).count;
  const size = groupSize(N);
  const groups = Math.ceil(N / size);
  const S = stateSize(network);
  const { frameStack = 1, sequenceLength = 1 } = options;
  const pixels = network.picture !== undefined;
  const observed = pixels ? 1 : O;
  const plan = planArena([
    { name: 'network', type: 'i32', shape: [networkDescriptor(network).length] },
    { name: 'scratch', type: 'u8', shape: [W, scratchStride(network)] },
    { name: 'parameters', type: 'f32', shape: [W, P] },
    // Pixels are divided by 255 and no more.
    { name: 'mean', type: 'f32', shape: [observed] },
    { name: 'invStd', type: 'f32', shape: [observed] },
    pixels
      ? { name: 'ages', type: 'u8', shape: [T + 1, N] }
      : { name: 'observations', type: 'f32', shape: [T + 1, N, O] },
    ...(S === 0
      ? []
      : ([
          { name: 'states', type: 'f32', shape: [N, S] },
          { name: 'sequenceStates', type: 'f32', shape: [T / sequenceLength, N, S] },
        ] as const)),
    { name: 'actions', type: actionType(network), shape: [T, N, actionWidth(network)] },
    ...(isMasked(network) ? [{ name: 'masks', type: 'u8', shape: [T + 1, N, actorOutputs(network)] } as const] : []),
    { name: 'logProbs', type: 'f32', shape: [T, N] },
    { name: 'values', type: 'f32', shape: [T + 1, N] },
    { name: 'rewards', type: 'f32', shape: [T, N] },
    { name: 'flags', type: 'u8', shape: [T, N] },
    { name: 'finalValues', type: 'f32', shape: [T, N] },
    { name: 'finalObservations', type: pixels ? 'u8' : 'f32', shape: [W, size, O] },
    { name: 'finalOutputs', type: 'f32', shape: [W, size] },
    { name: 'episodeCounts', type: 'i32', shape: [groups] },
    { name: 'episodes', type: 'f64', shape: [groups, T * size, RECORD.measures + options.measures.length] },
    { name: 'clock', type: 'f64', shape: [4] },
    // The generator of each env before its episode's reset.
    { name: 'resetGenerators', type: 'u32', shape: [N, GENERATOR_WORDS] },
    { name: 'places', type: 'i32', shape: [W, PLACE.stride] },
    ...(options.actWith === 'onnx'
      ? [{ name: 'policyOutputs', type: 'f32', shape: [W, blockSize(options) * size, actorOutputs(network)] } as const]
      : []),
    ...extra,
  ]);
  return pixels ? { ...plan, pixels: planPixels((T + frameStack) * N, O / frameStack) } : plan;
}

/** How stored actions are typed: the kernels write choices as int32, dimensions as float32. */
export function actionType(network: NetworkSpec): 'f32' | 'i32' {
  return network.distribution.type === 'gaussian' ? 'f32' : 'i32';
}

/** The `actions` of an arena, in their own type. */
export function actionColumn(arena: Arena): Float32Array | Int32Array {
  return arena.segment('actions').type === 'f32' ? arena.f32('actions') : arena.i32('actions');
}

/** Bytes of kernel scratch a worker has, rounded so that workers never share a cache line. */
export function scratchStride(network: NetworkSpec): number {
  return Math.ceil(scratchBytes(network) / 128) * 128;
}

/**
 * Words of a worker's row in `places`, which tell where it is although it may never speak again: env index (or `BUILDING`,
 * `LEARNING`), step of its episode (0 in a reset), row of the rollout, a count that goes on while it works, 1 while it waits
 * for others, and 1 while it is inside a native library.
 */
export const PLACE = { env: 0, step: 1, row: 2, beat: 3, waiting: 4, native: 5, stride: 16 } as const;
/** In place of an env index. */
export const BUILDING = -1;
export const LEARNING = -2;

/** The groups of envs that a worker owns: a run of them, `[from, to)`, of whole blocks. */
export function groupsOf(
  rank: number,
  { workers, numEnvs, actWith }: Pick<RolloutOptions, 'workers' | 'numEnvs' | 'actWith'>,
): { from: number; to: number } {
  const groups = Math.ceil(numEnvs / groupSize(numEnvs));
  const inBlock = blockSize({ numEnvs, ...(actWith && { actWith }) });
  const first = (k: number): number => Math.ceil((k * Math.ceil(groups / inBlock)) / workers) * inBlock;
  return { from: Math.min(groups, first(rank)), to: Math.min(groups, first(rank + 1)) };
}

/** The low 32 bits of a whole number up to 2^53, as the kernels take them. */
export function lowWord(value: number): number {
  return (value % 4294967296) | 0;
}

/** The bits above {@link lowWord}. */
export function highWord(value: number): number {
  return Math.floor(value / 4294967296) | 0;
}

/** Flags of a step. */
export const TERMINATED = 1;
export const TRUNCATED = 2;

/** The stream that env `i` of a run begins with. */
export function envGenerator(seed: number, i: number): Generator {
  return Generator.fromSeedSequence(new SeedSequence(seed, [i]));
}
