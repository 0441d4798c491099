/** The loop of a training run, from its first iteration or from a checkpoint to its summary: metrics, evaluation, checkpoints. */
import { join } from 'node:path';
import { type EvaluationResult, evaluatePolicy } from '../../agents/common/evaluate.js';
import { Policy } from '../../agents/common/policy.js';
import type { Ppo, PpoIteration } from '../../agents/ppo/ppo.js';
import type { BackendName } from '../backends/backend.js';
import { repeatsOn } from '../backends/choose.js';
import { kernelArithmetic } from '../backends/kernels/kernels.js';
import type { Env } from '../core/env.js';
import { GymkhanaError } from '../core/errors.js';
import { engineInfo } from '../core/fingerprint.js';
import { type JsonObject, plainJson } from '../core/json.js';
import type { EnvSpec } from '../core/spec.js';
import { mean } from '../core/statistics.js';
import { writeReproduction } from '../episode/reproduction.js';
import { RolloutError } from '../rollout/engine.js';
import { envActions } from '../rollout/env-action.js';
import { type CheckpointContent, parametersHash, saveCheckpoint, saveLast, stepName } from './checkpoint.js';
import { cutJsonl, MetricsRecorder } from './metrics.js';
import type { RunDirectory } from './run-directory.js';
import { cutEvents } from './tensorboard.js';
import type { TrainingRecorder } from './training-recorder.js';
import type { RecentEpisode, TrainingState } from './training-state.js';

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
  /** From the first reset to the last update, checkpoints included; of all sittings of a run that was resumed. */
  readonly seconds: number;
  readonly stepsPerSecond: number;
  /** Mean return of the last 100 training episodes. */
  readonly meanReturn: number;
  readonly parametersHash: string;
  readonly backend: BackendName;
  /** Whether the run ended because its mean return reached the target. */
  readonly reachedTarget: boolean;
  /** Whether the same seed gives the same bytes again: not where the env's spec says that it is nondeterministic. */
  readonly exact: boolean;
  /** Why it is not exact; null where it is. */
  readonly exactReason: string | null;
  /** Where it is exact: with the kernels on every machine; null where it is not. */
  readonly exactOn: string | null;
}

/** A run that is ready to go. */
export interface Session {
  readonly ppo: Ppo;
  readonly env: Env;
  readonly spec: EnvSpec;
  readonly seed: number;
  readonly backend: BackendName;
  readonly directory: RunDirectory;
  /** What the checkpoint held that the run goes on from; null for a run that begins. */
  readonly training: TrainingState | null;
  /** Records episodes of the training; null for none. */
  readonly recorder: TrainingRecorder | null;
  /** Iterations between two checkpoints, 0 for the end only; null for about a second of work. */
  readonly checkpointEvery: number | null;
  readonly signal?: AbortSignal | undefined;
  readonly onIteration?: ((progress: TrainProgress) => void) | undefined;
  readonly onNotice: (text: string) => void;
}

/** Training episodes that the mean return is taken over. */
const WINDOW = 100;
/** Without a cadence of the user's own: a second of work between checkpoints, and at most a twentieth of the time for them. */
const SAVE_SECONDS = 1;
const SAVE_SHARE = 20;
/** Evaluation during training uses a seed of its own, far from the run's. */
const EVAL_SEED_OFFSET = 1_000_003;

/**
 * Trains to the end, or until `signal` aborts, and leaves metrics, checkpoints and a summary.
 * @throws what ends a run: `RolloutError`, `NUMERIC_ERROR`, `NOT_WRITABLE`, `RUN_DIR_REMOVED`. The last checkpoint is then whole.
 */
export async function runSession(session: Session): Promise<RunSummary> {
  const { ppo, env, spec, directory, signal } = session;
  const { state, plan } = ppo;
  const { config, checkpointsFolder } = directory;
  const { targetReturn, evaluation } = config;
  const names = env.metadata.episodeMeasures ?? [];
  const earlier = goOnFrom(session);
  const recorder = new MetricsRecorder({
    folder: directory.path,
    metricsFile: directory.metricsFile,
    timingFile: directory.timingFile,
  });
  const recent: RecentEpisode[] = [...(session.training?.recent ?? [])];
  let best = session.training?.best ?? null;
  const started = performance.now() - earlier * 1000;
  const secondsNow = (): number => (performance.now() - started) / 1000;
  const meanReturnNow = (): number => mean(recent.map((episode) => episode.return));
  const spaces = { observation: env.observationSpace, action: env.actionSpace };
  const engine = runEngine();
  const content = (training: TrainingState | null): CheckpointContent => ({
    network: ppo.problem.network,
    parameters: state.parameters,
    behavior: state.behavior,
    adam: { step: state.adamStep, first: state.firstMoments, second: state.secondMoments },
    observation: state.observationStatistics,
    returns: state.returnStatistics,
    iteration: state.iteration,
    steps: state.steps,
    env: { spec, observationSpace: env.observationSpace.toJSON(), actionSpace: env.actionSpace.toJSON() },
    engine,
    training,
  });
  const { checkpointEvery } = session;
  let savedAt = performance.now();
  let saveMs = 0;
  const save = (): void => {
    const from = performance.now();
    directory.assertThere();
    recorder.flush();
    const { discountedReturns, memories } = state;
    saveLast(
      checkpointsFolder,
      content({
        logs: ppo.logs() ?? [],
        discountedReturns,
        memories,
        recent,
        best,
        recorder: session.recorder?.state ?? null,
      }),
    );
    savedAt = performance.now();
    saveMs = savedAt - from;
  };
  const due = (): boolean => {
    if (checkpointEvery !== null) return checkpointEvery > 0 && state.iteration % checkpointEvery === 0;
    return performance.now() - savedAt >= Math.max(SAVE_SECONDS * 1000, SAVE_SHARE * saveMs);
  };
  const reached = (): boolean => targetReturn !== null && recent.length === WINDOW && meanReturnNow() >= targetReturn;
  try {
    while (state.iteration < plan.iterations && !reached() && signal?.aborted !== true) {
      let iteration: PpoIteration;
      try {
        iteration = await ppo.iterate();
      } catch (error) {
        // What was complete before is kept; a second failure must not hide the first.
        if (state.iteration > 0) quietly(save);
        throw error;
      }
      session.recorder?.keep(iteration);
      recent.push(...iteration.episodes.map(({ return: value, measures }) => ({ return: value, measures })));
      recent.splice(0, Math.max(0, recent.length - WINDOW));
      const seconds = secondsNow();
      const stepsPerSecond = state.steps / seconds;
      const meanReturn = meanReturnNow();
      const measures = Object.fromEntries(
        names.map((name, m) => [
          name,
          mean(recent.map((episode) => episode.measures[m]!).filter((value) => !Number.isNaN(value))),
        ]),
      );
      const metrics: Record<string, number> = {
        'charts/learning_rate': iteration.learningRate,
        'charts/episodic_return': meanReturn,
      };
      for (const [name, value] of Object.entries(measures)) metrics[`episode/${name}`] = value;
      for (const [name, value] of Object.entries(iteration.losses)) metrics[`losses/${name}`] = value;
      const last = state.iteration === plan.iterations;
      if (evaluation.every > 0 && (state.iteration % evaluation.every === 0 || last)) {
        const policy = await Policy.create(ppo.weights(), spaces);
        const result: EvaluationResult = await evaluatePolicy(policy, {
          spec,
          episodes: evaluation.episodes,
          seed: session.seed + EVAL_SEED_OFFSET,
        });
        metrics['eval/mean_return'] = result.meanReturn;
        directory.assertThere();
        saveCheckpoint(checkpointsFolder, stepName(state.steps), content(null));
        if (best === null || result.meanReturn > best) {
          best = result.meanReturn;
          saveCheckpoint(checkpointsFolder, 'best', content(null));
        }
      }
      recorder.record({
        iteration: state.iteration,
        steps: state.steps,
        metrics,
        timing: { 'time/seconds': seconds, 'time/steps_per_second': stepsPerSecond },
      });
      if (!last && due()) save();
      session.onIteration?.({ iteration, seconds, stepsPerSecond, meanReturn, measures });
    }
    save();
    const seconds = secondsNow();
    const reachedTarget = reached();
    const meanReturn = meanReturnNow();
    const status = reachedTarget || state.iteration === plan.iterations ? 'finished' : 'stopped';
    const common = {
      steps: state.steps,
      parametersHash: parametersHash(state.parameters),
      backend: session.backend,
      reachedTarget,
      ...exactness(spec, session.backend),
    };
    const stepsPerSecond = state.steps / seconds;
    directory.writeSummary(
      { status, ...common, meanReturn: Number.isNaN(meanReturn) ? null : meanReturn },
      { seconds, stepsPerSecond },
    );
    return { runDir: directory.path, status, ...common, meanReturn, seconds, stepsPerSecond };
  } catch (error) {
    throw error instanceof RolloutError ? await withReproduction(error, session) : error;
  } finally {
    recorder.close();
  }
}

/** Cuts the metrics to the checkpoint that a run goes on from. Returns the seconds that it has trained already. */
function goOnFrom({ directory, ppo, onNotice }: Session): number {
  const { iteration, steps } = ppo.state;
  const { lines } = cutJsonl(directory.metricsFile, iteration);
  const { last } = cutJsonl(directory.timingFile, iteration);
  cutEvents(directory.path, steps);
  if (lines < iteration) {
    onNotice(
      `${directory.metricsFile} has ${lines} of the ${iteration} lines that the checkpoint counts on: it was altered since. The missing ones are not made up.`,
    );
  }
  const seconds = last?.['time/seconds'];
  return typeof seconds === 'number' ? seconds : 0;
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // The checkpoint before is still there.
  }
}

/** What the bits of a run depend on beside its settings, for `config.json` and checkpoints. */
export function runEngine(): JsonObject {
  return { ...plainJson(engineInfo()), kernels: kernelArithmetic() };
}

/** Whether a run can be repeated bit for bit, where, and if not, why. */
export function exactness(spec: EnvSpec, backend: BackendName): Pick<RunSummary, 'exact' | 'exactReason' | 'exactOn'> {
  const exactOn = repeatsOn(backend);
  if (spec.nondeterministic) {
    return {
      exact: false,
      exactReason: `${spec.id} says it is nondeterministic: the same seed may give another run, and recorded episodes keep their observations but cannot be replayed.`,
      exactOn: null,
    };
  }
  if (exactOn !== null) return { exact: true, exactReason: null, exactOn };
  return {
    exact: false,
    exactReason: `${backend} sums in an order of its own: the same seed may give another run. Recorded episodes replay bit for bit all the same.`,
    exactOn: null,
  };
}

/** Leaves an episode file that plays up to the step where an env failed, and names it in the error. */
async function withReproduction(error: RolloutError, { spec, directory, env }: Session): Promise<GymkhanaError> {
  const { place, code, message } = error;
  if (place === null) return error;
  const path = join(directory.episodesFolder, `failure-env${place.envIndex}.episode`);
  try {
    const { generator, wrappers, width } = place;
    const actions = envActions(env.actionSpace, place.actions, width);
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
