/** One training run from its options to its directory: `gymkhana train` and the library's `train` are this function. */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type EvaluationResult, evaluatePolicy } from '../../agents/common/evaluate.js';
import { Policy } from '../../agents/common/policy.js';
import { choiceInputs, networkFor } from '../../agents/common/problem.js';
import { defaultPpoConfig, type PpoConfig, ppoConfigSchema } from '../../agents/ppo/config.js';
import { iterationPlan, Ppo, type PpoIteration } from '../../agents/ppo/ppo.js';
import { ppoPresets } from '../../agents/ppo/presets.js';
import { minibatchCount } from '../../agents/ppo/worker.js';
import type { BackendName } from '../backends/backend.js';
import { chooseBackend } from '../backends/choose.js';
import { GymkhanaError, usageError } from '../core/errors.js';
import { engineInfo } from '../core/fingerprint.js';
import type { JsonObject } from '../core/json.js';
import { didYouMean } from '../core/kwargs.js';
import type { EnvSpec } from '../core/spec.js';
import { mean } from '../core/statistics.js';
import { writeReproduction } from '../episode/index.js';
import {
  assertNotImporting,
  assertPortable,
  constructEnv,
  modulesFor,
  resolveEnv,
  type WrapperReference,
  withWrappers,
} from '../registration/index.js';
import { RolloutError } from '../rollout/engine.js';
import { parametersHash, saveCheckpoint, stepName } from './checkpoint.js';
import { MetricsRecorder } from './metrics.js';
import { RunDirectory } from './run-directory.js';

/** What to train on, with which settings, and where the run is kept. */
export interface TrainOptions {
  /** An id, `module:EnvId`, `./file.ts:EnvId`, or a spec. */
  readonly env: string | EnvSpec;
  readonly envKwargs?: JsonObject;
  /** Wrappers around the env, outside those of its spec. */
  readonly wrappers?: readonly WrapperReference[];
  readonly algo?: 'ppo';
  /** Settings over the env's preset. */
  readonly config?: Partial<PpoConfig>;
  readonly seed?: number;
  /** Worker threads; by default one a core. They change speed, never results. */
  readonly workers?: number;
  readonly backend?: BackendName | 'auto';
  readonly runDir?: string;
  /** Replace a finished run in `runDir`. */
  readonly overwrite?: boolean;
  /** Evaluate every so many iterations, keep each checkpoint under its number of steps and the best as `best`; 0 for never. */
  readonly evalEvery?: number;
  /** Save the checkpoint `last` every so many iterations besides the end; by default ten times a run, 0 for the end only. */
  readonly checkpointEvery?: number;
  readonly evalEpisodes?: number;
  /** Directory that relative files are found from; by default the process's. */
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  readonly onStart?: (run: {
    runDir: string;
    env: EnvSpec;
    totalSteps: number;
    numEnvs: number;
    workers: number;
    backend: string;
    backendReason: string;
  }) => void;
  readonly onIteration?: (progress: TrainProgress) => void;
  readonly onNotice?: (text: string) => void;
}

/** State of a training run after an iteration. */
export interface TrainProgress {
  readonly iteration: PpoIteration;
  readonly seconds: number;
  readonly stepsPerSecond: number;
  /** Mean return of the last 100 training episodes; NaN before the first has ended. */
  readonly meanReturn: number;
  /** Means of the env's measures over the same episodes. */
  readonly measures: { readonly [name: string]: number };
}

/** How a training run ended: its folder, its steps, its speed and its returns. */
export interface RunSummary {
  readonly runDir: string;
  readonly status: 'finished' | 'stopped';
  readonly steps: number;
  readonly seconds: number;
  readonly stepsPerSecond: number;
  /** Mean return of the last 100 training episodes. */
  readonly meanReturn: number;
  readonly parametersHash: string;
  readonly backend: string;
  /** Whether the same seed gives the same bytes again: not where the env's spec says that it is nondeterministic. */
  readonly exact: boolean;
  /** Why it is not exact; null where it is. */
  readonly exactReason: string | null;
}

const WINDOW = 100;
/** How often a run saves `last` unless told otherwise. */
const CHECKPOINTS = 10;
/** Evaluation during training uses a seed of its own, far from the run's. */
const EVAL_SEED_OFFSET = 1_000_003;

/** @throws `INVALID_OPTION` naming the setting, what it may be and what came; `UNKNOWN_OPTION` for a setting that PPO lacks. */
export function resolvePpoConfig(envId: string, settings: Partial<PpoConfig>): PpoConfig {
  const parsed = ppoConfigSchema.safeParse({ ...defaultPpoConfig, ...ppoPresets[envId], ...settings });
  if (parsed.success) {
    iterationPlan(parsed.data);
    return parsed.data;
  }
  const issue = parsed.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const name = issue.keys[0] ?? '';
    throw usageError(
      'UNKNOWN_OPTION',
      `PPO has no setting '${name}'. ${didYouMean(name, Object.keys(defaultPpoConfig))}`,
      { field: name },
    );
  }
  const field = String(issue.path[0]);
  const got = JSON.stringify(settings[field as keyof PpoConfig]);
  throw usageError(
    'INVALID_OPTION',
    `${field} cannot be ${got}: ${z.prettifyError(parsed.error).split('\n')[0]?.replace(/^✖ /, '')}.`,
    { field, got },
  );
}

/**
 * Trains a policy and leaves a run directory: configuration, metrics, checkpoints `last` and `best`, summary.
 * An aborted `signal` ends the run between two iterations, with a usable checkpoint.
 */
export async function train(options: TrainOptions): Promise<RunSummary> {
  const { seed = 1, workers = availableParallelism(), evalEvery = 0, evalEpisodes = 20 } = options;
  assertNotImporting('train');
  checkWhole('seed', seed, 0);
  checkWhole('workers', workers, 1);
  checkWhole('evalEvery', evalEvery, 0);
  if (options.checkpointEvery !== undefined) checkWhole('checkpointEvery', options.checkpointEvery, 0);
  const cwd = options.cwd ?? process.cwd();
  const found = typeof options.env === 'string' ? await resolveEnv(options.env, { cwd }) : options.env;
  const spec = withWrappers({ ...found, kwargs: { ...found.kwargs, ...options.envKwargs } }, options.wrappers);
  const config = resolvePpoConfig(spec.id, options.config ?? {});
  assertPortable(spec);
  const env = await constructEnv(spec);
  const network = networkFor(env, config);
  const samples = config.numEnvs * config.numSteps;
  const {
    name: backend,
    reason: backendReason,
    learner,
  } = await chooseBackend(options.backend ?? 'auto', network, {
    minibatch: Math.ceil(samples / minibatchCount(samples, config)),
    ...(options.onNotice && { onNotice: options.onNotice }),
  });
  const runDir = resolve(cwd, options.runDir ?? `runs/${spec.id}-ppo-seed${seed}`);
  const names = env.metadata.episodeMeasures ?? [];
  // The threads come first: settings that are impossible, and envs that cannot be built, leave no directory behind.
  const ppo = await Ppo.create(config, {
    spec,
    network,
    seed,
    workers,
    measures: names,
    choiceInputs: choiceInputs(env.observationSpace),
    ...(learner && { learner }),
    ...(backend === 'onnx' && { workerLearner: backend }),
  });
  let directory: RunDirectory | null = null;
  let recorder: MetricsRecorder | null = null;
  try {
    directory = await RunDirectory.create(
      runDir,
      {
        version: 1,
        engine: asJson(engineInfo()),
        env: spec,
        algo: 'ppo',
        seed,
        workers,
        backend,
        config: asJson(config),
        network: asJson(network),
        modules: Object.fromEntries((await modulesFor(spec)).map(({ source, hash }) => [source, hash])),
      },
      { overwrite: options.overwrite ?? false, ...(options.onNotice && { onNotice: options.onNotice }) },
    );
    recorder = new MetricsRecorder({
      folder: directory.path,
      metricsFile: directory.metricsFile,
      timingFile: directory.timingFile,
    });
    const { state, plan } = ppo;
    const { checkpointsFolder } = directory;
    const checkpointEvery = options.checkpointEvery ?? Math.ceil(plan.iterations / CHECKPOINTS);
    options.onStart?.({
      runDir,
      env: spec,
      totalSteps: plan.totalSteps,
      numEnvs: config.numEnvs,
      workers,
      backend,
      backendReason,
    });
    const started = performance.now();
    const window: { return: number; measures: readonly number[] }[] = [];
    let best = Number.NEGATIVE_INFINITY;
    const spaces = { observation: env.observationSpace, action: env.actionSpace };
    const save = (name: string): void => {
      const { parameters, firstMoments: first, secondMoments: second, observationStatistics, returnStatistics } = state;
      saveCheckpoint(checkpointsFolder, name, {
        network,
        parameters,
        adam: { step: state.adamStep, first, second },
        observation: observationStatistics,
        returns: returnStatistics,
        iteration: state.iteration,
        steps: state.steps,
        env: { spec, observationSpace: env.observationSpace.toJSON(), actionSpace: env.actionSpace.toJSON() },
        engine: asJson(engineInfo()),
      });
    };
    try {
      while (state.iteration < plan.iterations && options.signal?.aborted !== true) {
        const iteration = await ppo.iterate();
        window.push(...iteration.episodes);
        window.splice(0, Math.max(0, window.length - WINDOW));
        const seconds = (performance.now() - started) / 1000;
        const stepsPerSecond = state.steps / seconds;
        const meanReturn = mean(window.map((episode) => episode.return));
        const measures = Object.fromEntries(
          names.map((name, m) => [
            name,
            mean(window.map((episode) => episode.measures[m]!).filter((value) => !Number.isNaN(value))),
          ]),
        );
        const metrics: Record<string, number> = {
          'charts/learning_rate': iteration.learningRate,
          'charts/episodic_return': meanReturn,
        };
        for (const [name, value] of Object.entries(measures)) metrics[`episode/${name}`] = value;
        for (const [name, value] of Object.entries(iteration.losses)) metrics[`losses/${name}`] = value;
        if (evalEvery > 0 && (iteration.iteration % evalEvery === 0 || iteration.iteration === plan.iterations)) {
          const policy = await Policy.create(ppo.weights(), spaces);
          const result: EvaluationResult = await evaluatePolicy(policy, {
            spec,
            episodes: evalEpisodes,
            seed: seed + EVAL_SEED_OFFSET,
          });
          metrics['eval/mean_return'] = result.meanReturn;
          save(stepName(state.steps));
          if (result.meanReturn > best) {
            best = result.meanReturn;
            save('best');
          }
        }
        recorder.record({
          iteration: iteration.iteration,
          steps: state.steps,
          metrics,
          timing: { 'time/seconds': seconds, 'time/steps_per_second': stepsPerSecond },
        });
        if (
          checkpointEvery > 0 &&
          iteration.iteration % checkpointEvery === 0 &&
          iteration.iteration < plan.iterations
        ) {
          save('last');
        }
        options.onIteration?.({ iteration, seconds, stepsPerSecond, meanReturn, measures });
      }
    } finally {
      save('last');
    }
    const seconds = (performance.now() - started) / 1000;
    const status = state.iteration === plan.iterations ? 'finished' : 'stopped';
    const meanReturn = mean(window.map((episode) => episode.return));
    const hash = parametersHash(state.parameters);
    const common = {
      steps: state.steps,
      meanReturn: Number.isNaN(meanReturn) ? null : meanReturn,
      parametersHash: hash,
      backend,
      ...exactness(spec),
    };
    directory.writeSummary({ status, ...common }, { seconds, stepsPerSecond: state.steps / seconds });
    return {
      runDir,
      status,
      steps: state.steps,
      seconds,
      stepsPerSecond: state.steps / seconds,
      meanReturn,
      parametersHash: hash,
      backend,
      ...exactness(spec),
    };
  } catch (error) {
    throw error instanceof RolloutError && directory !== null ? await withReproduction(error, spec, directory) : error;
  } finally {
    await ppo.close();
    recorder?.close();
    directory?.close();
  }
}

/** Whether a run of a spec can be repeated bit for bit, and if not, why. */
function exactness(spec: EnvSpec): { exact: boolean; exactReason: string | null } {
  if (!spec.nondeterministic) return { exact: true, exactReason: null };
  return {
    exact: false,
    exactReason: `${spec.id} says it is nondeterministic: the same seed may give another run, and recorded episodes keep their observations but cannot be replayed.`,
  };
}

/** Leaves an episode file that plays up to the step where an env failed, and names it in the error. */
async function withReproduction(error: RolloutError, spec: EnvSpec, directory: RunDirectory): Promise<GymkhanaError> {
  const { place, code, message } = error;
  if (place === null) return error;
  const path = join(directory.episodesFolder, `failure-env${place.envIndex}.episode`);
  try {
    const { generator, actions, wrappers } = place;
    await writeReproduction({ path, spec, generator, actions, wrappers, code, message });
  } catch {
    // The env's own error matters more than a log of it that could not be written.
    return error;
  }
  const located = new GymkhanaError(code, `${message} ${path} reproduces it: gymkhana replay verify ${path}`, {
    kind: error.kind,
    details: { ...error.details, file: path },
    cause: error,
  });
  located.stack = error.stack ?? located.stack ?? '';
  return located;
}

function checkWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw usageError('INVALID_OPTION', `${name} must be a whole number of at least ${least}, got ${value}.`, {
    field: name,
    got: String(value),
  });
}

function asJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
