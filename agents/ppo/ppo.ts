/**
 * Proximal policy optimisation (Schulman et al. 2017) with the implementation details that make it work; README.md numbers
 * them. This file is the main thread's half: one ring a iteration, then metrics. The workers' half, with the rollout,
 * advantages and minibatches, is worker.ts.
 */
import type { Worker } from 'node:worker_threads';
import type { DeviceLearner, LearnerStats, SequenceColumns, WorkerLearner } from '../../src/backends/backend.js';
import { failure, usageError } from '../../src/core/errors.js';
import { Generator } from '../../src/core/seeding/generator.js';
import { SeedSequence } from '../../src/core/seeding/seed-sequence.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { initialParameters } from '../../src/network/init.js';
import { plainTowers, stateSize } from '../../src/network/plan.js';
import type { NetworkSpec } from '../../src/network/spec.js';
import { actorOutputs, isMasked } from '../../src/network/validate.js';
import type { Arena } from '../../src/rollout/arena.js';
import { type EnvRollout, type EpisodeRecord, RolloutEngine } from '../../src/rollout/engine.js';
import type { EnvLog } from '../../src/rollout/episode-logs.js';
import { observationRows } from '../../src/rollout/observation-rows.js';
import { actionColumn, actWith, groupSize, LOG_LIMIT, type RolloutOptions } from '../../src/rollout/plan.js';
import { frozenStatistics, type PolicyWeights } from '../common/policy.js';
import { RunningMeanStd } from '../common/running-statistics.js';
import type { PpoConfig } from './config.js';
import { CLOCK, minibatchCount, type PpoWorkerConfig, ppoSegments, STATS } from './worker.js';

export interface PpoProblem {
  readonly spec: EnvSpec;
  readonly network: NetworkSpec;
  readonly seed: number;
  readonly workers: number;
  readonly measures: readonly string[];
  /** Inputs that normalisation leaves alone, see `choiceInputs`; none by default. */
  readonly choiceInputs?: readonly number[];
  /** Frames of pixels that each observation repeats from those before it, see `stackedFrames`; 1 by default. */
  readonly frameStack?: number;
  /** A learner on the main thread; without one the workers learn, with `workerLearner`. */
  readonly learner?: DeviceLearner;
  /** Where to go on instead of at the beginning. */
  readonly resume?: { readonly state: PpoState; readonly logs: readonly EnvLog[] };
  /** Seconds without progress after which a worker counts as hanging; 0 for never. 60 by default. */
  readonly hangSeconds?: number;
  /** MiB of heap of each worker; the engine's default if absent. */
  readonly heapLimit?: number;
  /** Steps after which an episode's log is cut at a snapshot, where the env has its own. */
  readonly logLimit?: number;
  /** Keep values and log-probabilities for the episodes that are chosen. */
  readonly keepOutputs?: boolean;
  /** Told of workers that were replaced. */
  readonly onNotice?: (text: string) => void;
  /** What the workers learn with; the SIMD kernels by default. */
  readonly workerLearner?: WorkerLearner;
  /** Chooses, of the episodes that ended in a rollout, those whose rollouts the iteration hands out. */
  readonly choose?: (episodes: readonly EpisodeRecord[]) => readonly EpisodeRecord[];
}

const HANG_SECONDS = 60;

/** What an iteration did. Everything but the episodes' order is a plain number; nothing depends on the clock. */
export interface PpoIteration {
  readonly iteration: number;
  readonly iterations: number;
  /** Environment steps so far. */
  readonly steps: number;
  readonly totalSteps: number;
  readonly learningRate: number;
  readonly episodes: readonly EpisodeRecord[];
  /** The episodes that `choose` chose, with what plays them again; null where that is not known any more. */
  readonly chosen: readonly { readonly episode: EpisodeRecord; readonly rollout: EnvRollout | null }[];
  readonly losses: { readonly [name: string]: number };
}

/** The state of training between two iterations: what a checkpoint holds. */
export interface PpoState {
  readonly parameters: Float32Array;
  /** What the next rollout is collected with, with `overlap`: the parameters of an iteration before; null without. */
  readonly behavior: Float32Array | null;
  readonly firstMoments: Float32Array;
  readonly secondMoments: Float32Array;
  adamStep: number;
  iteration: number;
  steps: number;
  observationStatistics: RunningMeanStd | null;
  returnStatistics: { mean: number; variance: number; count: number } | null;
  /** Discounted sum of rewards of each env's episode [N]; null where rewards are not scaled. */
  discountedReturns: Float64Array | null;
  /** Memory of each env's policy [N, S]; null without one. */
  memories: Float32Array | null;
}

/** Sizes of a run: whole iterations only. */
export function iterationPlan(config: PpoConfig): { samples: number; iterations: number; totalSteps: number } {
  const samples = config.numEnvs * config.numSteps;
  const iterations = Math.ceil(config.totalSteps / samples);
  if (config.minibatchSize !== null && config.minibatchSize > samples) {
    throw usageError(
      'MINIBATCH_TOO_LARGE',
      `--minibatch-size ${config.minibatchSize} is larger than a rollout: ${config.numEnvs} envs x ${config.numSteps} steps = ${samples} samples. ` +
        'Use a smaller minibatch, more envs or more steps.',
      { expected: `at most ${samples}`, got: String(config.minibatchSize), field: 'minibatchSize' },
    );
  }
  return { samples, iterations, totalSteps: iterations * samples };
}

/** Steps of the sequences that a memory is trained on. */
function checkedSequenceLength({ sequenceLength, numSteps }: PpoConfig): number {
  if (numSteps % sequenceLength === 0) return sequenceLength;
  throw usageError(
    'INVALID_OPTION',
    `sequenceLength must divide numSteps: a rollout of ${numSteps} steps cannot be cut into sequences of ${sequenceLength}.`,
    { field: 'sequenceLength', expected: `a divisor of ${numSteps}`, got: String(sequenceLength) },
  );
}

/** Columns of one rollout: views of the shared memory, or copies that the next rollout does not overwrite. */
interface Rollout {
  readonly observations: Float32Array | Uint8Array;
  readonly mean: Float32Array;
  readonly invStd: Float32Array;
  readonly actions: Float32Array | Int32Array;
  readonly logProbs: Float32Array;
  readonly advantages: Float32Array;
  readonly returns: Float32Array;
  readonly values: Float32Array;
  readonly rewards: Float32Array;
  /** [epochs, B] */
  readonly permutations: Int32Array;
  /** Null without masks. */
  readonly masks: Uint8Array | null;
  /** Null without a memory. */
  readonly memory: SequenceColumns | null;
}

/** Where nobody asks for them. */
const NO_PIXELS = new Uint8Array(0);

/** A rollout that keeps its numbers. Pixels and memories are copies already. */
function copied({ observations, ...rollout }: Rollout): Rollout {
  return {
    observations: observations instanceof Uint8Array ? observations : observations.slice(),
    mean: rollout.mean.slice(),
    invStd: rollout.invStd.slice(),
    actions: rollout.actions.slice(),
    logProbs: rollout.logProbs.slice(),
    advantages: rollout.advantages.slice(),
    returns: rollout.returns.slice(),
    values: rollout.values.slice(),
    rewards: rollout.rewards.slice(),
    permutations: rollout.permutations.slice(),
    masks: rollout.masks?.slice() ?? null,
    memory: rollout.memory,
  };
}

/** What an update came to. */
interface Learned {
  readonly parameters: Float32Array;
  readonly firstMoments: Float32Array;
  readonly secondMoments: Float32Array;
  readonly stats: LearnerStats;
}

function initialState(config: PpoConfig, problem: PpoProblem): PpoState {
  // Env i's stream is spawn key [i]; the parameters' has two words, so that no number of envs can meet it.
  const generator = Generator.fromSeedSequence(new SeedSequence(problem.seed, [0, 1]));
  const parameters = initialParameters(problem.network, generator);
  const S = stateSize(problem.network);
  return {
    parameters,
    behavior: config.overlap ? parameters.slice() : null,
    firstMoments: new Float32Array(parameters.length),
    secondMoments: new Float32Array(parameters.length),
    adamStep: 0,
    iteration: 0,
    steps: 0,
    observationStatistics: config.normObs ? new RunningMeanStd(problem.network.observationSize) : null,
    returnStatistics: null,
    discountedReturns: config.normReward ? new Float64Array(config.numEnvs) : null,
    memories: S === 0 ? null : new Float32Array(config.numEnvs * S),
  };
}

/** Writes into the arena all that an iteration starts from. */
function publish(state: PpoState, problem: PpoProblem, arena: Arena): void {
  publishParameters(state, problem, arena);
  freezeStatistics(state, problem, arena);
  const start = new RunningMeanStd(1);
  const { mean, variance, count } = state.returnStatistics ?? {
    mean: start.mean[0]!,
    variance: start.variance[0]!,
    count: start.count,
  };
  arena.f64('returnStatistics').set([mean, variance, count]);
  if (state.discountedReturns !== null) arena.f64('discountedReturns').set(state.discountedReturns);
  if (state.memories !== null) arena.f32('states').set(state.memories);
}

/** Gives every worker its copy of the parameters and moments. */
function publishParameters(state: PpoState, problem: PpoProblem, arena: Arena): void {
  const { behavior, parameters, firstMoments, secondMoments } = state;
  for (const [name, values] of Object.entries({ parameters: behavior ?? parameters, firstMoments, secondMoments })) {
    const copies = arena.f32(name);
    for (let rank = 0; rank < problem.workers; rank++) copies.set(values, rank * values.length);
  }
}

function freezeStatistics(state: PpoState, problem: PpoProblem, arena: Arena): void {
  if (problem.network.picture !== undefined) return;
  const { mean, invStd } = frozenStatistics(state.observationStatistics, problem.network.observationSize);
  arena.f32('mean').set(mean);
  arena.f32('invStd').set(invStd);
}

/** Trains until `config.totalSteps`, or until `signal` aborts between two iterations. */
export class Ppo {
  readonly config: PpoConfig;
  readonly problem: PpoProblem;
  readonly state: PpoState;
  readonly plan: { samples: number; iterations: number; totalSteps: number };
  readonly #engine: RolloutEngine;
  /** What the workers collect from: `state`, or with `overlap` what it will be but for the parameters. */
  readonly #start: { state: PpoState };
  /** The rollout that is collected while a device learns; null where none is. */
  #ahead: Promise<void> | null = null;
  /** Pixels of a rollout for a device; null until there is one. */
  #pixels: Uint8Array | null = null;

  private constructor(config: PpoConfig, problem: PpoProblem, engine: RolloutEngine, start: { state: PpoState }) {
    this.config = config;
    this.problem = problem;
    this.#engine = engine;
    this.plan = iterationPlan(config);
    this.state = start.state;
    this.#start = start;
  }

  /** Starts the workers; the parameters are drawn from the run's seed. */
  static async create(config: PpoConfig, problem: PpoProblem): Promise<Ppo> {
    const plan = iterationPlan(config);
    if (config.overlap && problem.learner === undefined) {
      throw usageError(
        'INVALID_OPTION',
        `--overlap needs a learner that leaves the workers free, on a device or in TensorFlow.js; with '${problem.workerLearner ?? 'kernels'}' ` +
          'the workers learn themselves, and none of them waits. Give one with --backend, or leave --overlap out.',
        { field: 'overlap', expected: 'a learner outside of the workers', got: problem.workerLearner ?? 'kernels' },
      );
    }
    // Pixels are divided by 255 and not normalised further.
    const normObs = config.normObs && problem.network.picture === undefined;
    const sequenceLength = stateSize(problem.network) === 0 ? 1 : checkedSequenceLength(config);
    const options: RolloutOptions = {
      spec: problem.spec,
      network: problem.network,
      numEnvs: config.numEnvs,
      numSteps: config.numSteps,
      workers: problem.workers,
      seed: problem.seed,
      observationClip: normObs ? config.obsClip : Number.POSITIVE_INFINITY,
      noiseHold: config.noiseHold,
      measures: problem.measures,
      ...((problem.workerLearner === 'onnx' || plainTowers(problem.network) === null) && {
        actWith: actWith(problem.network, config.numEnvs),
      }),
      frameStack: problem.frameStack ?? 1,
      sequenceLength,
      logLimit: problem.logLimit ?? LOG_LIMIT,
      keepOutputs: problem.keepOutputs ?? false,
    };
    // A minibatch needs at least one sample: a small rollout has fewer minibatches, not an error.
    const numMinibatches = Math.min(config.numMinibatches, plan.samples / sequenceLength);
    const resolved = { ...config, normObs, numMinibatches };
    const start = { state: problem.resume?.state ?? initialState(resolved, problem) };
    const engine = await RolloutEngine.create(
      options,
      {
        url: new URL('./worker.js', import.meta.url).href,
        config: { ...resolved, workerLearner: problem.workerLearner ?? 'kernels' } satisfies PpoWorkerConfig,
        segments: (sized) => ppoSegments(sized, resolved),
      },
      {
        publish: (arena) => publish(start.state, problem, arena),
        onNotice: problem.onNotice ?? (() => {}),
        hangSeconds: problem.hangSeconds ?? HANG_SECONDS,
        ...(problem.heapLimit !== undefined && { heapLimit: problem.heapLimit }),
      },
      problem.resume?.logs ?? null,
    );
    return new Ppo(resolved, problem, engine, start);
  }

  /**
   * One iteration: T steps of every env, then the epochs. With `overlap` the workers begin the next rollout before the epochs, with the
   * parameters from before them, and this one was collected so too.
   */
  async iterate(): Promise<PpoIteration> {
    const { config, state, plan, problem } = this;
    const fraction = config.annealLr ? 1 - state.iteration / plan.iterations : 1;
    const learningRate = config.learningRate * fraction;
    await (this.#ahead ?? this.#run(state, learningRate));
    this.#ahead = null;
    const episodes = this.#engine.episodes();
    const chosen = (problem.choose?.(episodes) ?? []).map((episode) => ({
      episode,
      rollout: this.#engine.played(episode.env),
    }));
    const explainedVariance = this.#explainedVariance();
    const ahead = config.overlap && state.iteration + 1 < plan.iterations;
    const rollout = ahead ? copied(this.#rollout()) : this.#rollout();
    if (ahead) this.#begin();
    const learned =
      problem.learner === undefined
        ? this.#learnedInWorkers()
        : await this.#learn(problem.learner, rollout, learningRate);
    const { stats } = learned;
    const losses = {
      policy_loss: stats.policyLoss / stats.samples,
      value_loss: stats.valueLoss / stats.samples,
      entropy: stats.entropy / stats.samples,
      old_approx_kl: stats.oldApproxKl / stats.samples,
      approx_kl: stats.approxKl / stats.samples,
      clipfrac: stats.clipFraction / stats.samples,
      grad_norm: stats.gradNorm / stats.minibatches,
      explained_variance: explainedVariance,
    };
    this.#requireFinite(losses, learned.parameters, rollout);
    this.#commit(learned);
    return {
      iteration: state.iteration,
      iterations: plan.iterations,
      steps: state.steps,
      totalSteps: plan.totalSteps,
      learningRate,
      episodes,
      chosen,
      losses,
    };
  }

  /** The policy as it is now. */
  weights(): PolicyWeights {
    const { observationStatistics: statistics, parameters } = this.state;
    return {
      network: this.problem.network,
      parameters: parameters.slice(),
      normalization:
        statistics === null
          ? null
          : { mean: statistics.mean.slice(), variance: statistics.variance.slice(), clip: this.config.obsClip },
    };
  }

  async close(): Promise<void> {
    this.problem.learner?.dispose();
    await this.#engine.close();
  }

  /** What plays the episodes in progress again; null before the first iteration. */
  logs(): EnvLog[] | null {
    return this.#engine.logs();
  }

  /** The threads, for tests that end them from outside or weigh their heaps. @internal */
  get threads(): readonly Worker[] {
    return this.#engine.threads;
  }

  /** Rings the workers for the rollout that follows `from`, and without a learner for its epochs. */
  async #run(from: PpoState, learningRate: number): Promise<void> {
    const clock = this.#engine.arena.f64('clock');
    clock[CLOCK.iteration] = from.iteration;
    clock[CLOCK.learningRate] = learningRate;
    clock[CLOCK.adamStep] = from.adamStep;
    await this.#engine.run(this.problem.learner === undefined);
  }

  /** Begins the next rollout with the parameters as they are. */
  #begin(): void {
    const { state, problem } = this;
    const { observationStatistics: statistics } = state;
    const next: PpoState = {
      ...state,
      behavior: state.parameters.slice(),
      observationStatistics:
        statistics === null ? null : RunningMeanStd.from(statistics.mean, statistics.variance, statistics.count),
      discountedReturns: state.discountedReturns?.slice() ?? null,
      memories: state.memories?.slice() ?? null,
    };
    this.#takeRollout(next);
    this.#start.state = next;
    this.#engine.advance();
    publish(next, problem, this.#engine.arena);
    this.#ahead = this.#run(next, 0);
    // Met by the iteration that waits for it: this one is complete without.
    this.#ahead.catch(() => {});
  }

  /** Takes the iteration's results out of the shared memory: until here the old state is what a checkpoint would hold. */
  #commit({ parameters, firstMoments, secondMoments, stats }: Learned): void {
    const { state, problem } = this;
    const arena = this.#engine.arena;
    state.behavior?.set(state.parameters);
    state.parameters.set(parameters);
    state.firstMoments.set(firstMoments);
    state.secondMoments.set(secondMoments);
    state.adamStep += stats.minibatches;
    const next = this.#start.state;
    if (next === state) {
      this.#takeRollout(state);
      freezeStatistics(state, problem, arena);
      if (problem.learner !== undefined) publishParameters(state, problem, arena);
    } else {
      state.iteration = next.iteration;
      state.steps = next.steps;
      state.observationStatistics = next.observationStatistics;
      state.returnStatistics = next.returnStatistics;
      if (next.discountedReturns !== null) state.discountedReturns?.set(next.discountedReturns);
      if (next.memories !== null) state.memories?.set(next.memories);
      this.#start.state = state;
    }
    this.#engine.commit();
  }

  /** Moves a state on by the rollout in the shared memory: all of it but what a learner changes. */
  #takeRollout(state: PpoState): void {
    const { plan, config } = this;
    const arena = this.#engine.arena;
    state.iteration++;
    state.steps += plan.samples;
    if (config.normReward) {
      const [mean, variance, count] = arena.f64('returnStatistics');
      state.returnStatistics = { mean: mean!, variance: variance!, count: count! };
      state.discountedReturns?.set(arena.f64('discountedReturns'));
    }
    state.memories?.set(arena.f32('states'));
    const statistics = state.observationStatistics;
    if (statistics === null) return;
    const means = arena.f64('groupObservationMeans');
    const squares = arena.f64('groupObservationSquares');
    const O = statistics.mean.length;
    const size = groupSize(config.numEnvs);
    for (let g = 0; g * size < config.numEnvs; g++) {
      const count = Math.min(size, config.numEnvs - g * size) * config.numSteps;
      statistics.merge(count, means, squares, g * O);
    }
    for (const k of this.problem.choiceInputs ?? []) {
      statistics.mean[k] = 0;
      statistics.variance[k] = 1;
    }
  }

  /** @throws `NUMERIC_ERROR`, which names the env and step of the sample at fault; the state stays that of the iteration before. */
  #requireFinite(losses: { readonly [name: string]: number }, parameters: Float32Array, rollout: Rollout): void {
    const wrong = Object.keys(losses).find((name) => !Number.isFinite(losses[name]));
    if (wrong === undefined && parameters.every((value) => Number.isFinite(value))) return;
    const what = wrong === undefined ? 'a parameter' : `${wrong} (${losses[wrong]})`;
    const { step, env, sentence } = this.#suspect(rollout);
    throw failure(
      'NUMERIC_ERROR',
      `${what} is no longer finite in iteration ${this.state.iteration + 1} (steps ${this.state.steps} to ${this.state.steps + this.plan.samples}): ${sentence} ` +
        "The last good checkpoint is kept; lower --learning-rate, or check the env's rewards and observations.",
      { field: wrong ?? 'parameters', env: this.problem.spec.id, envIndex: env, step },
    );
  }

  /** The sample that an explosion came from: the first that is not finite, else the one furthest from the others. */
  #suspect(rollout: Rollout): { step: number; env: number; sentence: string } {
    const { rewards, observations, values, logProbs, advantages } = rollout;
    const N = this.config.numEnvs;
    const B = this.plan.samples;
    const T = this.config.numSteps;
    for (const [name, column] of Object.entries({ rewards, observations, values, logProbs, advantages })) {
      const k = column instanceof Uint8Array ? -1 : column.findIndex((value) => !Number.isFinite(value));
      if (k < 0) continue;
      const at = Math.floor(k / (column.length / B));
      const [step, env] = [Math.floor(at / N), at % N];
      const sentence = `${name} of env ${env} is ${column[k]} at step ${step + 1} of ${T} of the rollout.`;
      return { step: step + 1, env, sentence };
    }
    let at = 0;
    for (let k = 1; k < B; k++) if (Math.abs(advantages[k]!) > Math.abs(advantages[at]!)) at = k;
    const [step, env] = [Math.floor(at / N), at % N];
    const sentence =
      `the furthest sample is env ${env} at step ${step + 1} of ${T} of the rollout, ` +
      `with reward ${rewards[at]} and advantage ${advantages[at]}.`;
    return { step: step + 1, env, sentence };
  }

  #learnedInWorkers(): Learned {
    const arena = this.#engine.arena;
    const P = this.state.parameters.length;
    const first = (name: string): Float32Array => arena.f32(name).subarray(0, P);
    return {
      parameters: first('parameters'),
      firstMoments: first('firstMoments'),
      secondMoments: first('secondMoments'),
      stats: this.#kernelStats(),
    };
  }

  #kernelStats(): LearnerStats {
    const stats = this.#engine.arena.f64('stats');
    return {
      policyLoss: stats[STATS.policyLoss]!,
      valueLoss: stats[STATS.valueLoss]!,
      entropy: stats[STATS.entropy]!,
      oldApproxKl: stats[STATS.oldApproxKl]!,
      approxKl: stats[STATS.approxKl]!,
      clipFraction: stats[STATS.clipFraction]!,
      samples: stats[STATS.samples]!,
      gradNorm: stats[STATS.gradNorm]!,
      minibatches: stats[STATS.minibatches]!,
    };
  }

  async #learn(
    learner: DeviceLearner,
    { rewards: _, permutations, masks, memory, ...columns }: Rollout,
    learningRate: number,
  ): Promise<Learned> {
    const { config, state, plan } = this;
    const B = plan.samples;
    // The learner overwrites what it is given: the state itself must stay whole until the iteration commits.
    const step = {
      parameters: state.parameters.slice(),
      firstMoments: state.firstMoments.slice(),
      secondMoments: state.secondMoments.slice(),
      step: state.adamStep,
    };
    const stats = await learner.update(
      {
        ...columns,
        observationClip: config.normObs ? config.obsClip : Number.POSITIVE_INFINITY,
        ...(masks !== null && { masks }),
        ...(memory !== null && { memory }),
      },
      Array.from({ length: config.updateEpochs }, (_, e) => permutations.subarray(e * B, (e + 1) * B)),
      minibatchCount(B, config, memory?.steps),
      {
        learningRate,
        clipCoef: config.clipCoef,
        clipVloss: config.clipVloss,
        normAdv: config.normAdv,
        entCoef: config.entCoef,
        vfCoef: config.vfCoef,
        maxGradNorm: config.maxGradNorm,
        adamEps: config.adamEps,
        targetKl: config.targetKl,
      },
      step,
    );
    return { ...step, stats };
  }

  /** The rollout in the shared memory. */
  #rollout(): Rollout {
    const arena = this.#engine.arena;
    const { network } = this.problem;
    const B = this.plan.samples;
    return {
      observations: this.#observations(),
      mean: arena.f32('mean'),
      invStd: arena.f32('invStd'),
      actions: actionColumn(arena),
      logProbs: arena.f32('logProbs'),
      advantages: arena.f32('advantages'),
      returns: arena.f32('returns'),
      values: arena.f32('values').subarray(0, B),
      rewards: arena.f32('rewards'),
      permutations: arena.i32('permutations'),
      masks: isMasked(network) ? arena.u8('masks').subarray(0, B * actorOutputs(network)) : null,
      memory: this.problem.learner === undefined || stateSize(network) === 0 ? null : this.#sequences(),
    };
  }

  #sequences(): SequenceColumns {
    const { arena, options } = this.#engine;
    const { numEnvs: N, sequenceLength: steps = 1 } = options;
    const flags = arena.u8('flags');
    const sequences = new Int32Array(flags.length);
    const starts = new Float32Array(flags.length);
    for (let row = 0; row < flags.length; row++) {
      const t = Math.floor(row / N);
      sequences[row] = Math.floor(t / steps) * N + (row % N);
      // A memory that an episode begins with is 0 already.
      if (t % steps > 0 && flags[row - N] !== 0) starts[row] = 1;
    }
    return { steps, sequences, states: arena.f32('sequenceStates').slice(), starts };
  }

  /** All rows of the rollout [B, O]: floats in place, or for a device a copy of the pixels. */
  #observations(): Float32Array | Uint8Array {
    const { network, learner } = this.problem;
    const arena = this.#engine.arena;
    if (network.picture !== undefined && learner === undefined) return NO_PIXELS;
    const size = this.plan.samples * network.observationSize;
    if (network.picture === undefined) return arena.f32('observations').subarray(0, size);
    this.#pixels ??= new Uint8Array(size);
    observationRows(arena, this.#engine.options, null).read(0, this.plan.samples, this.#pixels);
    return this.#pixels;
  }

  /** 1 - Var(return - value) / Var(return) over the rollout: 1 is a perfect critic, 0 no better than the mean. */
  #explainedVariance(): number {
    const arena = this.#engine.arena;
    const returns = arena.f32('returns');
    const advantages = arena.f32('advantages');
    const n = returns.length;
    let sumReturn = 0;
    let squareReturn = 0;
    let sumError = 0;
    let squareError = 0;
    for (let k = 0; k < n; k++) {
      const value = returns[k]!;
      const error = advantages[k]!;
      sumReturn += value;
      squareReturn += value * value;
      sumError += error;
      squareError += error * error;
    }
    const variance = squareReturn / n - (sumReturn / n) * (sumReturn / n);
    const residual = squareError / n - (sumError / n) * (sumError / n);
    return variance > 0 ? 1 - residual / variance : 0;
  }
}
