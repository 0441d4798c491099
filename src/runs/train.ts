/** Training runs from their options to their directory: `gymkhana train` and the library's `train` and `resume` are these functions. */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { problemOf } from '../../agents/common/problem.js';
import { RunningMeanStd } from '../../agents/common/running-statistics.js';
import { defaultPpoConfig, type PpoConfig, ppoConfigSchema } from '../../agents/ppo/config.js';
import { iterationPlan, Ppo, type PpoProblem, type PpoState } from '../../agents/ppo/ppo.js';
import { ppoPresets } from '../../agents/ppo/presets.js';
import { minibatchCount } from '../../agents/ppo/worker.js';
import type { BackendName } from '../backends/backend.js';
import { type ChosenBackend, chooseBackend } from '../backends/choose.js';
import { kernelArithmetic } from '../backends/kernels/kernels.js';
import { usageError } from '../core/errors.js';
import { engineInfo } from '../core/fingerprint.js';
import { type JsonObject, plainJson } from '../core/json.js';
import { didYouMean } from '../core/kwargs.js';
import type { EnvSpec } from '../core/spec.js';
import * as z from '../core/zod.js';
import {
  assertModulesNamed,
  assertNotImporting,
  assertPortable,
  constructEnv,
  modulesFor,
  nameModules,
  resolveEnv,
  type WrapperReference,
  withWrappers,
} from '../registration/index.js';
import { type Checkpoint, loadLast } from './checkpoint.js';
import { type RunConfig, RunDirectory } from './run-directory.js';
import { type RunSummary, runEngine, runSession, type TrainProgress } from './session.js';
import { parseRecordChoice, TrainingRecorder, type TrainingRecorderOptions } from './training-recorder.js';

/** What may differ between the sittings of one run: nothing of it changes results. */
export interface SittingOptions {
  /** Worker threads; by default one a core. They change speed, never results. */
  readonly workers?: number;
  /**
   * Save the checkpoint `last` every so many iterations besides the end, 0 for the end only; by default after about a second of
   * work, and never so often that it takes a twentieth of the time.
   */
  readonly checkpointEvery?: number;
  /** Seconds without progress after which a worker counts as hanging and is replaced; 0 for never, 60 by default. */
  readonly hangTimeout?: number;
  /** MiB of heap that each worker may use; the engine's own limit by default. */
  readonly workerHeap?: number;
  /** Ends the run after the present iteration, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onStart?: (run: {
    runDir: string;
    env: EnvSpec;
    totalSteps: number;
    /** Steps that the run has done already; 0 unless it is resumed. */
    steps: number;
    numEnvs: number;
    workers: number;
    backend: string;
    backendReason: string;
  }) => void;
  readonly onIteration?: (progress: TrainProgress) => void;
  readonly onNotice?: (text: string) => void;
}

/** What to train on, with which settings, and where the run is kept. */
export interface TrainOptions extends SittingOptions {
  /** An id, `module:EnvId`, `./file.ts:EnvId`, or a spec. */
  readonly env: string | EnvSpec;
  readonly envKwargs?: JsonObject;
  /** Wrappers around the env, outside those of its spec. */
  readonly wrappers?: readonly WrapperReference[];
  readonly algo?: 'ppo';
  /** Settings over the env's preset. */
  readonly config?: Partial<PpoConfig>;
  readonly seed?: number;
  readonly backend?: BackendName | 'auto';
  readonly runDir?: string;
  /** Replace a finished run in `runDir`. */
  readonly overwrite?: boolean;
  /** Evaluate every so many iterations, keep each checkpoint under its number of steps and the best as `best`; 0 for never. */
  readonly evalEvery?: number;
  readonly evalEpisodes?: number;
  /** End the run once the mean return of the last 100 training episodes reaches this. */
  readonly targetReturn?: number;
  /** Episodes of the training to record: `best`, `worst`, `every:N` or `all`, or several with commas between. It changes no result. */
  readonly recordEpisodes?: string;
  /** Keep the observations of recorded episodes, not only their hashes. */
  readonly recordObservations?: boolean;
  /** Keep the value and the log-probability of each recorded step, as the policy in training had them. */
  readonly recordPolicyOutputs?: boolean;
  /** Directory that relative files are found from; by default the process's. */
  readonly cwd?: string;
}

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

/** How a run is gone on with. */
export interface ResumeOptions extends SittingOptions {
  /** More steps than the run was made for: it then becomes another run, and its configuration says so. */
  readonly totalSteps?: number;
  readonly cwd?: string;
}

/**
 * Trains a policy and leaves a run directory: configuration, metrics, checkpoints `last` and `best`, summary.
 * An aborted `signal` ends the run between two iterations, with a usable checkpoint; `resume` goes on from there.
 */
export async function train(options: TrainOptions): Promise<RunSummary> {
  const { seed = 1, evalEvery = 0, evalEpisodes = 20, targetReturn = null, onNotice = () => {} } = options;
  assertNotImporting('train');
  checkWhole('seed', seed, 0);
  const workers = checkedWorkers(options);
  checkWhole('evalEvery', evalEvery, 0);
  checkWhole('evalEpisodes', evalEpisodes, 1);
  if (targetReturn !== null && !Number.isFinite(targetReturn)) {
    throw usageError('INVALID_OPTION', `targetReturn must be a finite number, got ${targetReturn}.`, {
      field: 'targetReturn',
      got: String(targetReturn),
    });
  }
  const record = recordOf(options);
  const cwd = options.cwd ?? process.cwd();
  const found = typeof options.env === 'string' ? await resolveEnv(options.env, { cwd }) : options.env;
  if (typeof options.env !== 'string') nameModules(options.env);
  const spec = withWrappers({ ...found, kwargs: { ...found.kwargs, ...options.envKwargs } }, options.wrappers);
  const config = resolvePpoConfig(spec.id, options.config ?? {});
  assertPortable(spec);
  const env = await constructEnv(spec);
  const problem = problemOf(env, spec, config);
  const { network } = problem;
  const backend = await chooseBackend(options.backend ?? 'auto', network, {
    minibatch: largestMinibatch(config),
    onNotice,
  });
  const runDir = resolve(cwd, options.runDir ?? `runs/${spec.id}-ppo-seed${seed}`);
  // The threads come first: settings that are impossible, and envs that cannot be built, leave no directory behind.
  const recorder = await recorderOf(spec, record, join(runDir, 'episodes'), null, onNotice);
  const ppo = await Ppo.create(config, {
    ...problem,
    seed,
    workers,
    ...chosenBy(recorder, record),
    ...learners(backend),
    ...supervision(options),
  });
  let directory: RunDirectory | null = null;
  try {
    const runConfig: RunConfig = {
      version: 1,
      engine: runEngine(),
      env: spec,
      algo: 'ppo',
      seed,
      workers,
      backend: backend.name,
      config: plainJson(config),
      network: plainJson(network),
      modules: await moduleHashes(spec),
      evaluation: { every: evalEvery, episodes: evalEpisodes },
      targetReturn,
      record,
      extended: [],
    };
    directory = await RunDirectory.create(runDir, runConfig, { overwrite: options.overwrite ?? false, onNotice });
    options.onStart?.(startOf(ppo, runDir, backend));
    const session = { ppo, env, spec, seed, backend: backend.name, directory, training: null, recorder };
    return await runSession({ ...session, ...sitting(options) });
  } finally {
    await ppo.close();
    recorder?.close();
    directory?.close();
  }
}

/**
 * Goes on with a run that was stopped or killed, from its last checkpoint to the bytes that it would have had. Workers, cadence and
 * output may differ from before; everything else is the run's own. A run that was killed before its first checkpoint begins anew.
 *
 * @param run - a run directory.
 * @throws `RUN_NOT_FOUND`, `MODULE_UNTRUSTED`, `RUN_DIR_TAKEN`, `CONFIG_CORRUPT`, `CHECKPOINT_CORRUPT`, `RUN_FINISHED` for a run that has nothing left to
 * do, `MODULE_CHANGED` if the module of its env is not what it was, `REPLAY_DIFFERS` if an env does not come back to where it was.
 */
export async function resume(run: string, options: ResumeOptions = {}): Promise<RunSummary> {
  const { onNotice = () => {} } = options;
  assertNotImporting('resume');
  const workers = checkedWorkers(options);
  const directory = await RunDirectory.reopen(resolve(options.cwd ?? process.cwd(), run), onNotice);
  let ppo: Ppo | null = null;
  let recorder: TrainingRecorder | null = null;
  try {
    assertModulesNamed(directory.config.env, directory.path);
    const loaded = loadLast(directory.checkpointsFolder, onNotice);
    // A run that was stopped before its first iteration begins.
    const checkpoint = loaded !== null && loaded.iteration > 0 ? loaded : null;
    const config = resumedConfig(directory, checkpoint, options.totalSteps);
    const { env: spec, seed } = directory.config;
    assertSameModules(directory, await moduleHashes(spec));
    const env = await constructEnv(spec);
    const problem = problemOf(env, spec, config);
    if (JSON.stringify(problem.network) !== JSON.stringify(directory.config.network)) {
      throw usageError('MODULE_CHANGED', `${spec.id} has other spaces now than when ${directory.path} was trained.`, {
        env: spec.id,
        file: directory.path,
      });
    }
    const was = directory.config.engine['mathFingerprint'];
    if (checkpoint !== null && was !== engineInfo().mathFingerprint) {
      onNotice(
        `${directory.path} was begun by ${String(directory.config.engine['node'])} with another Math: the run goes on, but its bytes may differ from an undisturbed one.`,
      );
    }
    const arithmetic = directory.config.engine['kernels'];
    if (checkpoint !== null && arithmetic !== undefined && arithmetic !== kernelArithmetic()) {
      onNotice(
        `${directory.path} was begun by kernels with ${String(arithmetic)} multiply-add, those of this machine are ${kernelArithmetic()}: the run goes on, but its bytes will differ from an undisturbed one.`,
      );
    }
    if (spec.nondeterministic) onNotice(`${spec.id} is nondeterministic: its envs begin new episodes.`);
    const backend = await chooseBackend(directory.config.backend, problem.network);
    const training = checkpoint?.training ?? null;
    const from =
      checkpoint === null || !training?.recorder ? null : { state: training.recorder, iteration: checkpoint.iteration };
    recorder = await recorderOf(spec, directory.config.record, directory.episodesFolder, from, onNotice);
    ppo = await Ppo.create(config, {
      ...problem,
      seed,
      workers,
      ...chosenBy(recorder, directory.config.record),
      ...learners(backend),
      ...supervision(options),
      ...(checkpoint?.training && { resume: { state: stateOf(checkpoint), logs: checkpoint.training.logs } }),
    });
    directory.removeSummary();
    options.onStart?.(startOf(ppo, directory.path, backend));
    const session = { ppo, env, spec, seed, backend: backend.name, directory, training, recorder };
    return await runSession({ ...session, ...sitting(options) });
  } finally {
    await ppo?.close();
    recorder?.close();
    directory.close();
  }
}

/** What a run's configuration says of recording. @throws `INVALID_OPTION` */
function recordOf(options: TrainOptions): RunConfig['record'] {
  const { recordEpisodes, recordObservations = false, recordPolicyOutputs = false } = options;
  if (recordEpisodes === undefined) {
    if (!recordObservations && !recordPolicyOutputs) return null;
    const field = recordObservations ? 'recordObservations' : 'recordPolicyOutputs';
    throw usageError('INVALID_OPTION', `${field} needs recordEpisodes: best, worst, every:N or all.`, { field });
  }
  parseRecordChoice(recordEpisodes);
  return { episodes: recordEpisodes, observations: recordObservations, policyOutputs: recordPolicyOutputs };
}

async function recorderOf(
  spec: EnvSpec,
  record: RunConfig['record'],
  folder: string,
  from: TrainingRecorderOptions['from'],
  onNotice: (text: string) => void,
): Promise<TrainingRecorder | null> {
  if (record === null) return null;
  const choice = parseRecordChoice(record.episodes);
  const { observations } = record;
  return await TrainingRecorder.create({ spec, folder, choice, observations, from, onNotice });
}

/** What PPO must know of the recording. */
function chosenBy(
  recorder: TrainingRecorder | null,
  record: RunConfig['record'],
): Pick<PpoProblem, 'choose' | 'keepOutputs'> {
  return recorder === null ? {} : { choose: recorder.choose, keepOutputs: record?.policyOutputs ?? false };
}

/** The settings to go on with; an extension is noted in the run's configuration. */
function resumedConfig(directory: RunDirectory, checkpoint: Checkpoint | null, totalSteps?: number): PpoConfig {
  const { config: run, path } = directory;
  const config = resolvePpoConfig(run.env.id, run.config as Partial<PpoConfig>);
  if (checkpoint !== null && checkpoint.training === null) {
    throw usageError(
      'CHECKPOINT_WITHOUT_TRAINING',
      `the checkpoints of ${path} hold a policy only: they were written by an earlier release. Train anew, with --run-dir elsewhere.`,
      { file: path },
    );
  }
  const envs = checkpoint?.training?.logs.length ?? config.numEnvs;
  if (envs !== config.numEnvs) {
    throw usageError(
      'CHECKPOINT_MISMATCH',
      `the checkpoint of ${path} has ${envs} envs, its configuration ${config.numEnvs}.`,
      {
        file: path,
        field: 'numEnvs',
        expected: String(config.numEnvs),
        got: String(envs),
      },
    );
  }
  if (totalSteps !== undefined) {
    checkWhole('totalSteps', totalSteps, 1);
    if (totalSteps < config.totalSteps) {
      throw usageError(
        'INVALID_OPTION',
        `a resumed run may get more steps, not fewer: it was made for ${config.totalSteps}, got ${totalSteps}.`,
        { field: 'totalSteps', expected: `at least ${config.totalSteps}`, got: String(totalSteps) },
      );
    }
  }
  const extends_ = totalSteps !== undefined && totalSteps > config.totalSteps;
  if (!extends_ && directory.readSummary()?.status === 'finished') {
    throw usageError(
      'RUN_FINISHED',
      `${path} is finished: there is nothing to resume. Give a larger --total-steps than ${config.totalSteps} to train on, or start another run.`,
      { file: path, expected: 'a run that was stopped or killed', got: 'a finished run' },
    );
  }
  if (!extends_) return config;
  const longer = { ...config, totalSteps };
  const extended = [...run.extended, { steps: checkpoint?.steps ?? 0, from: config.totalSteps, to: totalSteps }];
  directory.rewriteConfig({ ...run, config: plainJson(longer), targetReturn: null, extended });
  return longer;
}

function stateOf(checkpoint: Checkpoint): PpoState {
  const { parameters, behavior, adam, observation, returns, iteration, steps, training } = checkpoint;
  return {
    parameters,
    behavior,
    firstMoments: adam.first,
    secondMoments: adam.second,
    adamStep: adam.step,
    iteration,
    steps,
    observationStatistics:
      observation === null ? null : RunningMeanStd.from(observation.mean, observation.variance, observation.count),
    returnStatistics: returns,
    discountedReturns: training?.discountedReturns ?? null,
    memories: training?.memories ?? null,
  };
}

/** Samples in a minibatch, of those that are not all the same size the largest. */
function largestMinibatch(config: PpoConfig): number {
  const samples = config.numEnvs * config.numSteps;
  return Math.ceil(samples / minibatchCount(samples, config));
}

async function moduleHashes(spec: EnvSpec): Promise<JsonObject> {
  return Object.fromEntries((await modulesFor(spec)).map(({ source, hash }) => [source, hash]));
}

/** @throws `MODULE_CHANGED` */
function assertSameModules({ config, path }: RunDirectory, modules: JsonObject): void {
  for (const [source, hash] of Object.entries(config.modules)) {
    if (modules[source] === hash) continue;
    throw usageError(
      'MODULE_CHANGED',
      `${source} has changed since ${path} was begun, so that going on would give another run. Restore it, or train anew.`,
      { file: source, expected: String(hash), got: String(modules[source]) },
    );
  }
}

function checkedWorkers({
  workers = availableParallelism(),
  checkpointEvery,
  hangTimeout,
  workerHeap,
}: SittingOptions): number {
  checkWhole('workers', workers, 1);
  if (checkpointEvery !== undefined) checkWhole('checkpointEvery', checkpointEvery, 0);
  if (workerHeap !== undefined) checkWhole('workerHeap', workerHeap, 16);
  if (hangTimeout !== undefined && !(Number.isFinite(hangTimeout) && hangTimeout >= 0)) {
    throw usageError('INVALID_OPTION', `hangTimeout must be a number of seconds from 0 on, got ${hangTimeout}.`, {
      field: 'hangTimeout',
      got: String(hangTimeout),
    });
  }
  return workers;
}

function supervision({ hangTimeout, workerHeap, onNotice }: SittingOptions): Partial<PpoProblem> {
  return {
    ...(hangTimeout !== undefined && { hangSeconds: hangTimeout }),
    ...(workerHeap !== undefined && { heapLimit: workerHeap }),
    ...(onNotice && { onNotice }),
  };
}

/** Where a chosen learner runs: on the main thread, or in the workers. */
function learners({ name, learner }: ChosenBackend): Partial<PpoProblem> {
  if (learner !== null) return { learner };
  return name === 'onnx' ? { workerLearner: name } : {};
}

/** What the loop takes of the options. */
function sitting({ checkpointEvery, signal, onIteration, onNotice }: SittingOptions) {
  return { checkpointEvery: checkpointEvery ?? null, signal, onIteration, onNotice: onNotice ?? (() => {}) };
}

function startOf(
  ppo: Ppo,
  runDir: string,
  { name: backend, reason: backendReason }: ChosenBackend,
): Parameters<NonNullable<SittingOptions['onStart']>>[0] {
  const { config, problem, plan, state } = ppo;
  return {
    runDir,
    env: problem.spec,
    totalSteps: plan.totalSteps,
    steps: state.steps,
    numEnvs: config.numEnvs,
    workers: problem.workers,
    backend,
    backendReason,
  };
}

function checkWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw usageError('INVALID_OPTION', `${name} must be a whole number of at least ${least}, got ${value}.`, {
    field: name,
    got: String(value),
  });
}
