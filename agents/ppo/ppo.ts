/**
 * Proximal policy optimisation (Schulman et al. 2017) with the implementation details that make it work; README.md numbers
 * them. This file is the main thread's half: one ring a iteration, then metrics. The workers' half, with the rollout,
 * advantages and minibatches, is worker.ts.
 */
import type { Worker } from 'node:worker_threads';
import type { DeviceLearner, LearnerStats, WorkerLearner } from '../../src/backends/backend.js';
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
  for (const name of ['parameters', 'firstMoments', 'secondMoments'] as const) {
    const copies = arena.f32(name);
    for (let rank = 0; rank < problem.workers; rank++) copies.set(state[name], rank * state[name].length);
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
  /** Pixels of a rollout for a device; null until there is one. */
  #pixels: Uint8Array | null = null;

  private constructor(config: PpoConfig, problem: PpoProblem, engine: RolloutEngine, state: PpoState) {
    this.config = config;
    this.problem = problem;
    this.#engine = engine;
    this.plan = iterationPlan(config);
    this.state = state;
  }

  /** Starts the workers; the parameters are drawn from the run's seed. */
  static async create(config: PpoConfig, problem: PpoProblem): Promise<Ppo> {
    const plan = iterationPlan(config);
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
    const state = problem.resume?.state ?? initialState(resolved, problem);
    const engine = await RolloutEngine.create(
      options,
      {
        url: new URL('./worker.js', import.meta.url).href,
        config: { ...resolved, workerLearner: problem.workerLearner ?? 'kernels' } satisfies PpoWorkerConfig,
        segments: (sized) => ppoSegments(sized, resolved),
      },
      {
        publish: (arena) => publish(state, problem, arena),
        onNotice: problem.onNotice ?? (() => {}),
        hangSeconds: problem.hangSeconds ?? HANG_SECONDS,
        ...(problem.heapLimit !== undefined && { heapLimit: problem.heapLimit }),
      },
      problem.resume?.logs ?? null,
    );
    return new Ppo(resolved, problem, engine, state);
  }

  /** One iteration: T steps of every env, then the epochs. */
  async iterate(): Promise<PpoIteration> {
    const { config, state, plan, problem } = this;
    const arena = this.#engine.arena;
    const fraction = config.annealLr ? 1 - state.iteration / plan.iterations : 1;
    const learningRate = config.learningRate * fraction;
    const clock = arena.f64('clock');
    clock[CLOCK.iteration] = state.iteration;
    clock[CLOCK.learningRate] = learningRate;
    clock[CLOCK.adamStep] = state.adamStep;
    await this.#engine.run(problem.learner === undefined);
    const learned =
      problem.learner === undefined ? this.#learnedInWorkers() : await this.#learn(problem.learner, learningRate);
    const { stats } = learned;
    const losses = {
      policy_loss: stats.policyLoss / stats.samples,
      value_loss: stats.valueLoss / stats.samples,
      entropy: stats.entropy / stats.samples,
      old_approx_kl: stats.oldApproxKl / stats.samples,
      approx_kl: stats.approxKl / stats.samples,
      clipfrac: stats.clipFraction / stats.samples,
      grad_norm: stats.gradNorm / stats.minibatches,
      explained_variance: this.#explainedVariance(),
    };
    this.#requireFinite(losses, learned.parameters);
    const episodes = this.#engine.episodes();
    const chosen = (problem.choose?.(episodes) ?? []).map((episode) => ({
      episode,
      rollout: this.#engine.played(episode.env),
    }));
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

  /** Takes the iteration's results out of the shared memory: until here the old state is what a checkpoint would hold. */
  #commit({ parameters, firstMoments, secondMoments, stats }: Learned): void {
    const { state, plan, config } = this;
    const arena = this.#engine.arena;
    state.parameters.set(parameters);
    state.firstMoments.set(firstMoments);
    state.secondMoments.set(secondMoments);
    state.adamStep += stats.minibatches;
    state.iteration++;
    state.steps += plan.samples;
    if (config.normReward) {
      const [mean, variance, count] = arena.f64('returnStatistics');
      state.returnStatistics = { mean: mean!, variance: variance!, count: count! };
      state.discountedReturns?.set(arena.f64('discountedReturns'));
    }
    state.memories?.set(arena.f32('states'));
    const statistics = state.observationStatistics;
    if (statistics !== null) {
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
      freezeStatistics(state, this.problem, arena);
    }
    if (this.problem.learner !== undefined) publishParameters(state, this.problem, arena);
    this.#engine.commit();
  }

  /** @throws `NUMERIC_ERROR`, which names the env and step of the sample at fault; the state stays that of the iteration before. */
  #requireFinite(losses: { readonly [name: string]: number }, parameters: Float32Array): void {
    const wrong = Object.keys(losses).find((name) => !Number.isFinite(losses[name]));
    if (wrong === undefined && parameters.every((value) => Number.isFinite(value))) return;
    const what = wrong === undefined ? 'a parameter' : `${wrong} (${losses[wrong]})`;
    const { step, env, sentence } = this.#suspect();
    throw failure(
      'NUMERIC_ERROR',
      `${what} is no longer finite in iteration ${this.state.iteration + 1} (steps ${this.state.steps} to ${this.state.steps + this.plan.samples}): ${sentence} ` +
        "The last good checkpoint is kept; lower --learning-rate, or check the env's rewards and observations.",
      { field: wrong ?? 'parameters', env: this.problem.spec.id, envIndex: env, step },
    );
  }

  /** The sample that an explosion came from: the first that is not finite, else the one furthest from the others. */
  #suspect(): { step: number; env: number; sentence: string } {
    const arena = this.#engine.arena;
    const N = this.config.numEnvs;
    const B = this.plan.samples;
    const T = this.config.numSteps;
    const columns = {
      rewards: 1,
      ...(this.problem.network.picture === undefined && { observations: this.problem.network.observationSize }),
      values: 1,
      logProbs: 1,
      advantages: 1,
    };
    for (const [name, width] of Object.entries(columns)) {
      const k = arena
        .f32(name)
        .subarray(0, B * width)
        .findIndex((value) => !Number.isFinite(value));
      if (k < 0) continue;
      const at = Math.floor(k / width);
      const [step, env] = [Math.floor(at / N), at % N];
      const sentence = `${name} of env ${env} is ${arena.f32(name)[k]} at step ${step + 1} of ${T} of the rollout.`;
      return { step: step + 1, env, sentence };
    }
    const advantages = arena.f32('advantages');
    let at = 0;
    for (let k = 1; k < B; k++) if (Math.abs(advantages[k]!) > Math.abs(advantages[at]!)) at = k;
    const [step, env] = [Math.floor(at / N), at % N];
    const sentence =
      `the furthest sample is env ${env} at step ${step + 1} of ${T} of the rollout, ` +
      `with reward ${arena.f32('rewards')[at]} and advantage ${advantages[at]}.`;
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

  async #learn(learner: DeviceLearner, learningRate: number): Promise<Learned> {
    const { config, state, plan, problem } = this;
    const arena = this.#engine.arena;
    const B = plan.samples;
    const permutations = arena.i32('permutations');
    // The learner overwrites what it is given: the state itself must stay whole until the iteration commits.
    const step = {
      parameters: state.parameters.slice(),
      firstMoments: state.firstMoments.slice(),
      secondMoments: state.secondMoments.slice(),
      step: state.adamStep,
    };
    const stats = await learner.update(
      {
        observations: this.#observations(),
        mean: arena.f32('mean'),
        invStd: arena.f32('invStd'),
        observationClip: config.normObs ? config.obsClip : Number.POSITIVE_INFINITY,
        actions: actionColumn(arena),
        logProbs: arena.f32('logProbs'),
        advantages: arena.f32('advantages'),
        returns: arena.f32('returns'),
        values: arena.f32('values').subarray(0, B),
        ...(isMasked(problem.network) && { masks: arena.u8('masks').subarray(0, B * actorOutputs(problem.network)) }),
      },
      Array.from({ length: config.updateEpochs }, (_, e) => permutations.subarray(e * B, (e + 1) * B)),
      minibatchCount(B, config),
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

  /** All rows of the rollout [B, O]: floats in place, or a copy of the pixels. */
  #observations(): Float32Array | Uint8Array {
    const { network } = this.problem;
    const arena = this.#engine.arena;
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
