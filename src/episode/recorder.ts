/** Runs an env and records its episodes: generator state, reset options and actions, with a hash a step. */
import type { Env, ResetOptions, ResetResult, StepResult } from '../core/env.js';
import { GymkhanaError, usageError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { Generator, type GeneratorState } from '../core/seeding/generator.js';
import type { EnvSpec } from '../core/spec.js';
import { mean } from '../core/statistics.js';
import { wholeFromOne } from '../core/whole.js';
import { TransparentWrapper, wrapperStates } from '../core/wrapper.js';
import { type Episode, type EpisodeFailure, EpisodeLog } from './log.js';
import { EpisodeWriter } from './writer.js';

/** What a `RecordEpisode` does with episodes. */
export interface RecordEpisodeOptions {
  /** Gets each episode when it ends, when the next reset cuts it off, or when a step throws (then `failure` says so). */
  readonly onEpisode: (episode: Episode) => void;
  /** Keep every observation, not only its hash. */
  readonly observations?: boolean;
  /** Keep the policy's outputs: their names, and what gives those for the action of the coming step. */
  readonly policyOutputs?: PolicyOutputSource | undefined;
}

/** Where the outputs of a policy come from while it acts. */
export interface PolicyOutputSource {
  readonly names: readonly string[];
  /** Called once before each step; a number a name. */
  readonly next: () => ArrayLike<number>;
}

/**
 * Records every episode of the env it wraps; make it the outermost wrapper, so that it sees the actions as they are given.
 *
 * A seeded reset becomes: set the generator, note its state, reset without a seed. For an env that keeps the contract (a reset
 * depends on nothing but its generator and options) that is the same, and it is exactly what a replay does.
 */
export class RecordEpisode<Obs, Act> extends TransparentWrapper<Obs, Act> {
  readonly #options: RecordEpisodeOptions;
  readonly #log: EpisodeLog;

  constructor(env: Env<Obs, Act>, options: RecordEpisodeOptions) {
    super(env, null);
    if (typeof options?.onEpisode !== 'function') {
      throw usageError('INVALID_OPTION', 'RecordEpisode needs onEpisode, a function that gets each episode.', {
        field: 'onEpisode',
        expected: 'a function',
        got: typeof options?.onEpisode,
      });
    }
    this.#options = options;
    this.#log = new EpisodeLog({
      observationSpace: env.observationSpace,
      actionSpace: env.actionSpace,
      observations: options.observations ?? false,
      measures: env.metadata.episodeMeasures ?? [],
      outputs: options.policyOutputs?.names,
    });
  }

  /** Hands out the unfinished episode, if it has any steps. */
  flush(): void {
    if (this.#log.begun && this.#log.steps > 0) this.#options.onEpisode(this.#log.take());
  }

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    this.flush();
    const { unwrapped } = this;
    if (options.seed !== undefined) unwrapped.rng = Generator.fromSeed(options.seed);
    const { state } = unwrapped.rng;
    // Replay restores a state, and a restored generator cannot spawn: better an env that spawns fails now than then.
    unwrapped.rng = Generator.fromState(state);
    this.#log.begin(state, options.options, options.seed, wrapperStates(this.env as Env));
    let result: ResetResult<Obs>;
    try {
      result = super.reset(options.options === undefined ? {} : { options: options.options });
    } catch (error) {
      throw this.#failed(error, 0);
    }
    this.#log.reset(result.observation, result.info);
    return result;
  }

  override step(action: Act): StepResult<Obs> {
    const log = this.#log;
    // After its end an episode is no longer recorded; the inner wrappers say what further steps mean.
    if (!log.begun) return super.step(action);
    // Copied before the env sees it: an env may write into its action.
    log.action(action);
    const { policyOutputs } = this.#options;
    if (policyOutputs !== undefined) log.output(policyOutputs.next());
    const given = ArrayBuffer.isView(action) ? log.lastAction() : action;
    let result: StepResult<Obs>;
    try {
      result = super.step(action);
    } catch (error) {
      if (error instanceof GymkhanaError && error.kind === 'usage') {
        log.refused();
        throw error;
      }
      throw this.#failed(error, log.steps + 1);
    }
    log.step(given, result);
    if (result.terminated || result.truncated) this.#options.onEpisode(log.take());
    return result;
  }

  #failed(error: unknown, step: number): unknown {
    this.#options.onEpisode(this.#log.take(failureOf(error, step)));
    return error;
  }
}

/** How an error is kept in a log. */
export function failureOf(error: unknown, step: number): EpisodeFailure {
  const code = error instanceof GymkhanaError ? error.code : 'ENV_THREW';
  return { step, code, message: error instanceof Error ? error.message : String(error) };
}

/** What `recordEpisodes` needs. */
export interface RecordOptions<Obs = unknown, Act = unknown> {
  /** From `make` or `makeFromSpec`; it stays open. */
  readonly env: Env<Obs, Act>;
  /** What replay builds the env from. */
  readonly spec: EnvSpec;
  /** Gets the observation and the info that came with it. */
  readonly policy: (observation: Obs, info: Record<string, unknown>) => Act | Promise<Act>;
  /** How many, a whole number from 1. */
  readonly episodes: number;
  /** Seed or generator state of episode `i`; without it the env's own stream goes on. */
  readonly seeds?: (episode: number) => number | GeneratorState;
  /** Reset options of every episode. */
  readonly options?: JsonObject;
  /** The file to write. */
  readonly path: string;
  /** Keep every observation, not only its hash, so that a difference can be shown in numbers. */
  readonly observations?: boolean;
  /** Keep the policy's outputs too. */
  readonly policyOutputs?: PolicyOutputSource | undefined;
  /** Who acts, in words. */
  readonly policyNote?: string;
  /** Cut an episode after so many steps, for envs without an end of their own; 100,000 by default. */
  readonly maxSteps?: number;
  readonly onReset?: (episode: number, observation: Obs) => void;
  readonly onStep?: (episode: number, step: number, result: StepResult<Obs>) => void;
  /** Stops between two steps; complete episodes stay in the file. */
  readonly signal?: AbortSignal;
}

/** One line about a recorded episode. */
export interface RecordedEpisode {
  readonly index: number;
  readonly steps: number;
  readonly return: number;
  readonly terminated: boolean;
  readonly truncated: boolean;
  readonly measures: Readonly<Record<string, number>>;
}

/** What `recordEpisodes` wrote. */
export interface RecordedSummary {
  readonly path: string;
  readonly bytes: number;
  readonly episodes: readonly RecordedEpisode[];
  readonly meanReturn: number;
  readonly meanLength: number;
}

/**
 * Plays episodes with a policy and writes them to a file.
 *
 * If a step throws, the episode up to there is written with the failure in it, the file is finished, and the error goes on.
 * @throws `INVALID_OPTION`, `NOT_WRITABLE`, `ABORTED`, and whatever env and policy throw.
 */
export async function recordEpisodes<Obs, Act>(options: RecordOptions<Obs, Act>): Promise<RecordedSummary> {
  const { env, spec, policy, episodes, seeds, path, signal } = options;
  const maxSteps = options.maxSteps ?? 100_000;
  wholeFromOne('episodes', episodes);
  wholeFromOne('maxSteps', maxSteps);
  const writer = new EpisodeWriter(path, {
    spec,
    observationSpace: env.observationSpace,
    actionSpace: env.actionSpace,
    metadata: env.metadata,
    ...(options.policyNote !== undefined && { policyNote: options.policyNote }),
  });
  const summary: RecordedEpisode[] = [];
  const recorder = new RecordEpisode<Obs, Act>(env, {
    observations: options.observations ?? false,
    policyOutputs: options.policyOutputs,
    onEpisode: (episode) => {
      writer.write(episode);
      const { steps, return: total, terminated, truncated, measures } = episode;
      summary.push({ index: summary.length, steps, return: total, terminated, truncated, measures });
    },
  });
  try {
    for (let index = 0; index < episodes; index++) {
      const start = seeds?.(index);
      if (typeof start === 'object') env.unwrapped.rng = Generator.fromState(start);
      let { observation, info } = recorder.reset({
        seed: typeof start === 'number' ? start : undefined,
        options: options.options,
      });
      options.onReset?.(index, observation);
      for (let step = 1; step <= maxSteps; step++) {
        if (signal?.aborted)
          throw new GymkhanaError('ABORTED', `Recording to ${path} was stopped.`, { cause: signal.reason });
        const choice = policy(observation, info);
        const action = choice instanceof Promise ? await choice : choice;
        const result = recorder.step(action);
        options.onStep?.(index, step, result);
        if (result.terminated || result.truncated) break;
        ({ observation, info } = result);
      }
      recorder.flush();
      // Lets signals and timers in between episodes.
      await new Promise((resolve) => setImmediate(resolve));
    }
    writer.close();
  } catch (error) {
    writer.abort();
    throw error;
  }
  return {
    path,
    bytes: writer.bytes,
    episodes: summary,
    meanReturn: mean(summary.map((episode) => episode.return)),
    meanLength: mean(summary.map((episode) => episode.steps)),
  };
}
