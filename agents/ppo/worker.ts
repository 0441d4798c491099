/**
 * PPO's half inside the worker threads. Every worker runs this program on the same shared arena: collect, merge statistics,
 * estimate advantages, then epochs of minibatches whose gradient shards are claimed by whoever is free. Results depend on
 * the envs, the seed and the settings, never on the number of workers: statistics merge group by group, shards are a
 * function of the minibatch alone and are summed in their order, and every worker applies the same Adam step to its own copy.
 */
import { ADAM_BETA1, ADAM_BETA2, type WorkerLearner } from '../../src/backends/backend.js';
import type { ShardGradient } from '../../src/backends/onnx/shard-gradient.js';
import { MAX_SHARDS, minibatchStart, shardCount } from '../../src/backends/shards.js';
import { frozenSlices, type ParameterLayout, parameterLayout } from '../../src/network/layout.js';
import { stateSize } from '../../src/network/plan.js';
import { isMasked } from '../../src/network/validate.js';
import { observationRows } from '../../src/rollout/observation-rows.js';
import {
  actionColumn,
  groupSize,
  highWord,
  lowWord,
  type RolloutOptions,
  scratchStride,
} from '../../src/rollout/plan.js';
import type { Iterate, SegmentRequest, WorkerContext } from '../../src/rollout/program.js';
import { RunningMeanStd, VARIANCE_EPSILON } from '../common/running-statistics.js';
import type { PpoConfig } from './config.js';
import { generalizedAdvantages } from './gae.js';

/** Per-iteration numbers that main writes before it rings. */
export const CLOCK = { iteration: 0, learningRate: 1, adamStep: 2 } as const;
/** Sums over all minibatches of an iteration, written by worker 0. */
export const STATS = {
  policyLoss: 0,
  valueLoss: 1,
  entropy: 2,
  oldApproxKl: 3,
  approxKl: 4,
  clipFraction: 5,
  samples: 6,
  gradNorm: 7,
  minibatches: 8,
} as const;
/** Keys of the shuffling streams lie above every step that policy noise can use. */
const SHUFFLE_KEY = 0x40000000;

/** Minibatches of a rollout of `samples` samples, each of at least one sequence. */
export function minibatchCount(samples: number, config: PpoConfig, sequenceLength = 1): number {
  const count = config.minibatchSize === null ? config.numMinibatches : Math.ceil(samples / config.minibatchSize);
  return Math.min(count, samples / sequenceLength);
}

/** PPO's own shared memory. */
export function ppoSegments(options: RolloutOptions, config: PpoConfig): SegmentRequest[] {
  const { numEnvs: N, numSteps: T, workers: W, network } = options;
  const P = parameterLayout(network).count;
  const O = config.normObs ? network.observationSize : 0;
  const groups = Math.ceil(N / groupSize(N));
  return [
    { name: 'advantages', type: 'f32', shape: [T, N] },
    { name: 'returns', type: 'f32', shape: [T, N] },
    { name: 'permutations', type: 'i32', shape: [config.updateEpochs, T * N] },
    { name: 'firstMoments', type: 'f32', shape: [W, P] },
    { name: 'secondMoments', type: 'f32', shape: [W, P] },
    { name: 'gradients', type: 'f32', shape: [2, MAX_SHARDS, P] },
    { name: 'shardStats', type: 'f32', shape: [2, MAX_SHARDS, 8] },
    { name: 'meanStd', type: 'f64', shape: [W, 8] },
    { name: 'discountedReturns', type: 'f64', shape: [N] },
    { name: 'groupObservationMeans', type: 'f64', shape: [groups, O] },
    { name: 'groupObservationSquares', type: 'f64', shape: [groups, O] },
    { name: 'groupReturns', type: 'f64', shape: [groups, 2] },
    { name: 'returnStatistics', type: 'f64', shape: [3] },
    { name: 'stats', type: 'f64', shape: [16] },
  ];
}

/** PPO's settings in a worker, with what its workers learn with. */
export interface PpoWorkerConfig extends PpoConfig {
  readonly workerLearner: WorkerLearner;
}

/** The worker half of the algorithm, see {@link WorkerProgram}. */
export async function createProgram(context: WorkerContext, config: unknown): Promise<Iterate> {
  const settings = config as PpoWorkerConfig;
  const onnx = settings.workerLearner === 'onnx' ? await onnxGradient(context, settings) : null;
  const program = new PpoWorker(context, settings, onnx);
  return (update) => program.iterate(update);
}

async function onnxGradient({ arena, control, options }: WorkerContext, config: PpoConfig): Promise<ShardGradient> {
  const { network, numEnvs, sequenceLength = 1 } = options;
  const { ShardGradient } = await import('../../src/backends/onnx/shard-gradient.js');
  const columns = {
    observations: observationRows(arena, options, null),
    mean: arena.f32('mean'),
    invStd: arena.f32('invStd'),
    actions: actionColumn(arena),
    logProbs: arena.f32('logProbs'),
    advantages: arena.f32('advantages'),
    returns: arena.f32('returns'),
    values: arena.f32('values'),
    masks: isMasked(network) ? arena.u8('masks') : null,
    memory:
      stateSize(network) === 0
        ? null
        : { steps: sequenceLength, numEnvs, states: arena.f32('sequenceStates'), flags: arena.u8('flags') },
  };
  return control.native(() => ShardGradient.create(network, config, options.observationClip, columns));
}

class PpoWorker {
  readonly #context: WorkerContext;
  readonly #config: PpoWorkerConfig;
  readonly #onnx: ShardGradient | null;
  readonly #layout: ParameterLayout;
  readonly #clock: Float64Array;
  readonly #statistics: RunningMeanStd;
  readonly #seedLo: number;
  readonly #seedHi: number;

  constructor(context: WorkerContext, config: PpoWorkerConfig, onnx: ShardGradient | null) {
    this.#context = context;
    this.#config = config;
    this.#onnx = onnx;
    this.#layout = parameterLayout(context.options.network);
    this.#clock = context.arena.f64('clock');
    const [mean, variance, count] = context.arena.f64('returnStatistics');
    this.#statistics = RunningMeanStd.from([mean!], [variance!], count!);
    this.#seedLo = lowWord(context.options.seed);
    this.#seedHi = highWord(context.options.seed);
  }

  /** One iteration; a promise only where it has to wait for graphs. */
  iterate(update: boolean): void | Promise<void> {
    return finish(this.#iterate(update));
  }

  /** Yields the runs of graphs that have to end before it goes on; with the kernels there are none. */
  *#iterate(update: boolean): Generator<Promise<void>, void> {
    const { blocks, control, groups, options } = this.#context;
    const iteration = this.#clock[CLOCK.iteration]!;
    const firstStep = iteration * options.numSteps;
    for (const block of blocks ?? []) {
      control.check();
      yield block.collect(firstStep);
    }
    for (const group of groups) {
      control.check();
      if (blocks === null) group.collect(firstStep);
      this.#measureGroup(group.index, group.firstEnv, group.count);
    }
    this.#shuffle(iteration);
    control.barrier();

    const rewardScale = this.#mergeReturns();
    this.#estimateAdvantages(rewardScale);
    control.barrier();

    if (update) yield* this.#update();
  }

  /** Count, mean and squares of a group's observations, and of its running discounted returns. */
  #measureGroup(index: number, first: number, count: number): void {
    const { arena, options } = this.#context;
    const { numEnvs: N, numSteps: T, network } = options;
    const O = network.observationSize;
    if (this.#config.normObs) {
      const observations = arena.f32('observations');
      const means = arena.f64('groupObservationMeans').subarray(index * O, (index + 1) * O);
      const squares = arena.f64('groupObservationSquares').subarray(index * O, (index + 1) * O);
      means.fill(0);
      squares.fill(0);
      // Sums are taken around the first sample, which keeps them small where a mean is far from 0.
      const origin = observations.slice(first * O, (first + 1) * O);
      for (let t = 0; t < T; t++) {
        let at = (t * N + first) * O;
        for (let i = 0; i < count; i++) {
          for (let k = 0; k < O; k++) {
            const distance = observations[at++]! - origin[k]!;
            means[k]! += distance;
            squares[k]! += distance * distance;
          }
        }
      }
      for (let k = 0; k < O; k++) {
        const mean = means[k]! / (T * count);
        squares[k] = Math.max(0, squares[k]! - mean * mean * T * count);
        means[k] = mean + origin[k]!;
      }
    }
    if (this.#config.normReward) {
      const rewards = arena.f32('rewards');
      const flags = arena.u8('flags');
      const returns = arena.f64('discountedReturns');
      const out = arena.f64('groupReturns');
      const { gamma } = this.#config;
      let sum = 0;
      let square = 0;
      for (let t = 0; t < T; t++) {
        for (let i = first; i < first + count; i++) {
          const value = returns[i]! * gamma + rewards[t * N + i]!;
          sum += value;
          square += value * value;
          returns[i] = flags[t * N + i] === 0 ? value : 0;
        }
      }
      const mean = sum / (T * count);
      out[index * 2] = mean;
      out[index * 2 + 1] = Math.max(0, square - mean * mean * T * count);
    }
  }

  /** Permutation `e` is made by worker `e mod W`: keyed by iteration and epoch, it is the same whoever makes it. */
  #shuffle(iteration: number): void {
    const { arena, kernels, options, rank, workers } = this.#context;
    const samples = options.numEnvs * options.numSteps;
    const { sequenceLength = 1 } = options;
    for (let epoch = rank; epoch < this.#config.updateEpochs; epoch += workers) {
      kernels.shuffle(
        arena.pointer('permutations') + epoch * samples * 4,
        samples / sequenceLength,
        this.#seedLo,
        this.#seedHi,
        lowWord(iteration),
        // Beyond 2^32 iterations the high word moves the key on; epochs are far fewer than 2^16.
        SHUFFLE_KEY + epoch + highWord(iteration) * 65_536,
      );
      if (sequenceLength > 1) {
        const permutation = arena.i32('permutations').subarray(epoch * samples, (epoch + 1) * samples);
        spellOutSequences(permutation, options.numEnvs, sequenceLength);
      }
    }
  }

  /** Every worker merges the same numbers in the same order; worker 0's copy is the run's. Returns the reward scale. */
  #mergeReturns(): number {
    if (!this.#config.normReward) return 1;
    const { arena, options, rank } = this.#context;
    const { numEnvs: N, numSteps: T } = options;
    const size = groupSize(N);
    const groups = arena.f64('groupReturns');
    const statistics = this.#statistics;
    for (let g = 0; g * size < N; g++) {
      const count = Math.min(size, N - g * size) * T;
      statistics.merge(count, groups.subarray(g * 2, g * 2 + 1), groups.subarray(g * 2 + 1, g * 2 + 2));
    }
    if (rank === 0) arena.f64('returnStatistics').set([statistics.mean[0]!, statistics.variance[0]!, statistics.count]);
    return 1 / Math.sqrt(statistics.variance[0]! + VARIANCE_EPSILON);
  }

  #estimateAdvantages(rewardScale: number): void {
    const { arena, groups, options } = this.#context;
    const columns = {
      rewards: arena.f32('rewards'),
      values: arena.f32('values'),
      flags: arena.u8('flags'),
      finalValues: arena.f32('finalValues'),
      advantages: arena.f32('advantages'),
      returns: arena.f32('returns'),
    };
    const { gamma, gaeLambda, normReward, rewardClip } = this.#config;
    const settings = { gamma, gaeLambda, rewardScale, rewardClip: normReward ? rewardClip : Number.POSITIVE_INFINITY };
    for (const group of groups) {
      const shape = { T: options.numSteps, N: options.numEnvs, first: group.firstEnv, count: group.count };
      generalizedAdvantages(columns, shape, settings);
    }
  }

  /** Epochs of minibatches. */
  *#update(): Generator<Promise<void>, void> {
    const { arena, control, kernels, options, rank, workers } = this.#context;
    const config = this.#config;
    const samples = options.numEnvs * options.numSteps;
    const { sequenceLength: L = 1 } = options;
    const minibatches = minibatchCount(samples, config, L);
    const P = this.#layout.count;
    const stride = P * 4;
    const network = arena.pointer('network');
    const observations = this.#onnx === null ? arena.pointer('observations') : 0;
    const masks = isMasked(options.network) ? arena.pointer('masks') : 0;
    const parameters = arena.pointer('parameters') + rank * stride;
    const first = arena.pointer('firstMoments') + rank * stride;
    const second = arena.pointer('secondMoments') + rank * stride;
    const scratch = arena.pointer('scratch') + rank * scratchStride(options.network);
    const meanStd = arena.f64('meanStd').subarray(rank * 8, rank * 8 + 2);
    const meanStdPointer = arena.pointer('meanStd') + rank * 64;
    const shardStats = arena.f32('shardStats');
    const onnx = this.#onnx;
    const gradients = arena.f32('gradients');
    const ownParameters = arena.f32('parameters').subarray(rank * P, (rank + 1) * P);
    const permutations = arena.i32('permutations');
    const stats = arena.f64('stats');
    const learningRate = this.#clock[CLOCK.learningRate]!;
    let adamStep = this.#clock[CLOCK.adamStep]!;
    let base = 0;
    let parity = 0;
    const frozen = frozenSlices(options.network, this.#layout);
    const freeze = (slot: number): void => {
      for (const { offset, size } of frozen) gradients.fill(0, slot * P + offset, slot * P + offset + size);
    };
    if (rank === 0) stats.fill(0);

    for (let epoch = 0; epoch < config.updateEpochs; epoch++) {
      let epochKl = 0;
      for (let m = 0; m < minibatches; m++) {
        const from = minibatchStart(m, samples, minibatches, L);
        const size = minibatchStart(m + 1, samples, minibatches, L) - from;
        // Shards too are made of whole sequences.
        const shards = Math.min(size / L, shardCount(size, config.workerLearner));
        const indices = arena.pointer('permutations') + (epoch * samples + from) * 4;
        let advMean = 0;
        let advInvStd = 1;
        if (config.normAdv && size > 1) {
          kernels.meanStd(arena.pointer('advantages'), indices, size, meanStdPointer);
          advMean = meanStd[0]!;
          advInvStd = 1 / (meanStd[1]! + 1e-8);
        }
        for (let shard = control.claim() - base; shard < shards; shard = control.claim() - base) {
          const start = Math.floor((shard * size) / L / shards) * L;
          const count = Math.floor(((shard + 1) * size) / L / shards) * L - start;
          const slot = parity * MAX_SHARDS + shard;
          if (onnx !== null) {
            const at = epoch * samples + from + start;
            const task = {
              parameters: ownParameters,
              indices: permutations.subarray(at, at + count),
              advMean,
              advInvStd,
              invBatch: 1 / size,
              gradient: gradients.subarray(slot * P, (slot + 1) * P),
              stats: shardStats.subarray(slot * 8, (slot + 1) * 8),
            };
            yield control.native(() => onnx.run(task));
            freeze(slot);
            continue;
          }
          kernels.gradient(
            network,
            parameters,
            scratch,
            indices + start * 4,
            count,
            observations,
            arena.pointer('mean'),
            arena.pointer('invStd'),
            options.observationClip,
            arena.pointer('actions'),
            arena.pointer('logProbs'),
            arena.pointer('advantages'),
            arena.pointer('returns'),
            arena.pointer('values'),
            advMean,
            advInvStd,
            1 / size,
            config.clipCoef,
            config.clipVloss ? 1 : 0,
            config.entCoef,
            config.vfCoef,
            arena.pointer('gradients') + slot * stride,
            arena.pointer('shardStats') + slot * 32,
            masks,
          );
          freeze(slot);
        }
        base += shards + workers;
        control.barrier();
        adamStep++;
        const gradNorm = kernels.adam(
          parameters,
          first,
          second,
          arena.pointer('gradients') + parity * MAX_SHARDS * stride,
          shards,
          stride,
          P,
          learningRate,
          ADAM_BETA1,
          ADAM_BETA2,
          config.adamEps,
          1 - power(ADAM_BETA1, adamStep),
          1 - power(ADAM_BETA2, adamStep),
          config.maxGradNorm,
        );
        let kl = 0;
        for (let shard = 0; shard < shards; shard++) kl += shardStats[(parity * MAX_SHARDS + shard) * 8 + 4]!;
        epochKl += kl / size;
        if (rank === 0) {
          for (let shard = 0; shard < shards; shard++) {
            const at = (parity * MAX_SHARDS + shard) * 8;
            for (let k = 0; k < 6; k++) stats[k]! += shardStats[at + k]!;
          }
          stats[STATS.samples]! += size;
          stats[STATS.gradNorm]! += gradNorm;
          stats[STATS.minibatches]!++;
        }
        parity = 1 - parity;
      }
      // Every worker has the same sums, so all of them stop together.
      if (config.targetKl !== null && epochKl / minibatches > config.targetKl) break;
    }
  }
}

/** From a permutation of sequences, at the front of the list, to rows: those of each sequence in their order, one sequence after the other. */
function spellOutSequences(rows: Int32Array, numEnvs: number, steps: number): void {
  for (let s = rows.length / steps - 1; s >= 0; s--) {
    const sequence = rows[s]!;
    const first = Math.floor(sequence / numEnvs) * steps * numEnvs + (sequence % numEnvs);
    for (let t = steps - 1; t >= 0; t--) rows[s * steps + t] = first + t * numEnvs;
  }
}

/** Runs a generator to its end, at once where it never waits. */
function finish(steps: Generator<Promise<void>, void>): void | Promise<void> {
  const first = steps.next();
  return first.done === true ? undefined : rest(steps, first.value);
}

async function rest(steps: Generator<Promise<void>, void>, first: Promise<void>): Promise<void> {
  await first;
  for (const step of steps) await step;
}

/** `base` to a whole power by repeated squaring: `Math.pow` differs between Node versions. */
function power(base: number, exponent: number): number {
  let result = 1;
  let factor = base;
  for (let n = exponent; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result *= factor;
    factor *= factor;
  }
  return result;
}
