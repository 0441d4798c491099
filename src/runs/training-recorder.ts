/**
 * Records episodes of a training run: the best and the worst so far, every Nth, or all. Nothing is noted while the run trains; what the episodes were is known from their
 * generators and actions, and they are played again here, which gives hashes, rewards and, if asked for, observations. So recording changes no result, and files are the same for
 * any number of workers.
 *
 *     episodes/best.episode, worst.episode    one episode each, replaced when a better or worse one has ended
 *     episodes/training.episode               every Nth, or all, appended
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PpoIteration } from '../../agents/ppo/ppo.js';
import type { Env } from '../core/env.js';
import { failure, usageError } from '../core/errors.js';
import { Generator } from '../core/seeding/generator.js';
import type { EnvSpec } from '../core/spec.js';
import { restoreWrapperStates } from '../core/wrapper.js';
import type { Episode } from '../episode/log.js';
import { RecordEpisode } from '../episode/recorder.js';
import { type EpisodeFileOptions, EpisodeWriter } from '../episode/writer.js';
import { makeFromSpec } from '../registration/index.js';
import type { EnvRollout, EpisodeRecord } from '../rollout/engine.js';
import { EnvAction } from '../rollout/env-action.js';

/** Which episodes a run records. */
export interface RecordChoice {
  readonly best: boolean;
  readonly worst: boolean;
  /** Every so many, from the first on; 1 for all, 0 for none. */
  readonly every: number;
}

/** What a recorder must know when a run is gone on with. */
export interface RecorderState {
  /** Episodes that have ended. */
  readonly episodes: number;
  readonly best: number | null;
  readonly worst: number | null;
}

/** What is known of a policy in training without asking it again. */
const OUTPUTS = ['value', 'logProb'] as const;

const NOTHING: RecorderState = { episodes: 0, best: null, worst: null };

/**
 * Reads `best`, `worst`, `every:N` or `all`, or several of them with commas between.
 * @throws `INVALID_OPTION`
 */
export function parseRecordChoice(text: string): RecordChoice {
  let [best, worst, every] = [false, false, 0];
  for (const part of text.split(',').map((word) => word.trim())) {
    const n = /^every:(\d+)$/.exec(part)?.[1];
    if (part === 'best') best = true;
    else if (part === 'worst') worst = true;
    else if (part === 'all') every = 1;
    else if (n !== undefined && Number(n) >= 1 && Number.isSafeInteger(Number(n))) every = Number(n);
    else {
      throw usageError(
        'INVALID_OPTION',
        `recordEpisodes takes best, worst, every:N or all, or several with commas between, got '${text}'.`,
        {
          field: 'recordEpisodes',
          expected: 'best, worst, every:N, all',
          got: text,
        },
      );
    }
  }
  return { best, worst, every };
}

/** Of one iteration's episodes, those to record, and what is known after them. */
export function chooseEpisodes(
  choice: RecordChoice,
  state: RecorderState,
  returns: readonly number[],
): { readonly chosen: ReadonlyMap<number, readonly RecordFile[]>; readonly state: RecorderState } {
  const chosen = new Map<number, RecordFile[]>();
  const add = (i: number, file: RecordFile): void => void chosen.set(i, [...(chosen.get(i) ?? []), file]);
  let { best, worst } = state;
  let [bestAt, worstAt] = [-1, -1];
  returns.forEach((value, i) => {
    if (choice.every > 0 && (state.episodes + i) % choice.every === 0) add(i, 'training');
    if (best === null || value > best) [best, bestAt] = [value, i];
    if (worst === null || value < worst) [worst, worstAt] = [value, i];
  });
  if (choice.best && bestAt >= 0) add(bestAt, 'best');
  if (choice.worst && worstAt >= 0) add(worstAt, 'worst');
  return { chosen, state: { episodes: state.episodes + returns.length, best, worst } };
}

export type RecordFile = 'best' | 'worst' | 'training';

/** What a recorder is made of. */
export interface TrainingRecorderOptions {
  readonly spec: EnvSpec;
  readonly folder: string;
  readonly choice: RecordChoice;
  /** Keep every observation, not only its hash. */
  readonly observations: boolean;
  /** Where the run goes on; null for one that begins. */
  readonly from: { readonly state: RecorderState; readonly iteration: number } | null;
  readonly onNotice: (text: string) => void;
}

/** Records the episodes of one sitting of a run. */
export class TrainingRecorder {
  readonly #options: TrainingRecorderOptions;
  readonly #env: Env;
  readonly #training: string;
  #state: RecorderState;
  #writer: EpisodeWriter | null = null;
  #files = new Map<EpisodeRecord, readonly RecordFile[]>();
  #toldOfLong = false;

  private constructor(options: TrainingRecorderOptions, env: Env) {
    this.#options = options;
    this.#env = env;
    this.#state = options.from?.state ?? NOTHING;
    const { from, choice, folder } = options;
    this.#training = join(folder, 'training.episode');
    if (from === null || choice.every === 0 || !existsSync(this.#training)) return;
    // What a killed run recorded after its checkpoint comes again.
    this.#writer = EpisodeWriter.reopen(
      this.#training,
      this.#fileOptions(),
      ({ origin }) => origin !== undefined && origin.iteration <= from.iteration,
    );
  }

  /** Builds an env of the run's own to play episodes in; null for an env whose episodes cannot be played again, with a notice. */
  static async create(options: TrainingRecorderOptions): Promise<TrainingRecorder | null> {
    if (options.spec.nondeterministic) {
      options.onNotice(
        `${options.spec.id} is nondeterministic: its training episodes cannot be played again, so none is recorded.`,
      );
      return null;
    }
    return new TrainingRecorder(options, await makeFromSpec(options.spec));
  }

  /** For a checkpoint: goes with the iterations that `keep` was given. */
  get state(): RecorderState {
    return this.#state;
  }

  /** Chooses among the episodes that ended in a rollout. */
  readonly choose = (episodes: readonly EpisodeRecord[]): readonly EpisodeRecord[] => {
    const { choice } = this.#options;
    const { chosen } = chooseEpisodes(
      choice,
      this.#state,
      episodes.map((episode) => episode.return),
    );
    this.#files = new Map([...chosen].map(([i, files]) => [episodes[i]!, files]));
    return episodes.filter((episode) => this.#files.has(episode));
  };

  /**
   * Writes what was chosen of an iteration that is complete.
   * @throws `NOT_WRITABLE`; `REPLAY_DIFFERS` if an episode does not come out as it was.
   */
  keep({ iteration, steps, episodes, chosen }: PpoIteration): void {
    const { choice, onNotice } = this.#options;
    this.#state = chooseEpisodes(
      choice,
      this.#state,
      episodes.map((episode) => episode.return),
    ).state;
    const played = new Map<number, Episode[]>();
    for (const { episode, rollout } of chosen) {
      if (rollout === null) {
        if (!this.#toldOfLong)
          onNotice(
            `an episode of ${episode.length.toLocaleString('en')} steps is not recorded: its beginning is not kept.`,
          );
        this.#toldOfLong = true;
        continue;
      }
      const { env } = episode;
      if (!played.has(env)) played.set(env, this.#play(rollout));
      // Those of one env are in the order of their ends.
      const nth = episodes.filter((other) => other.env === env).indexOf(episode);
      const found = played.get(env)![nth];
      if (found === undefined || found.steps !== episode.length || !Object.is(found.return, episode.return)) {
        throw failure(
          'REPLAY_DIFFERS',
          `an episode of ${this.#options.spec.id} (env ${env}) was played again to be recorded, but did not come out as it was: ${episode.length} steps and return ${episode.return} then, ${found?.steps ?? 0} and ${found?.return ?? 0} now. An env may draw from this.rng alone and keep nothing over a reset; else its spec must say nondeterministic.`,
          { env: this.#options.spec.id, envIndex: env, expected: String(episode.return), got: String(found?.return) },
        );
      }
      const complete: Episode = { ...found, origin: { iteration, steps, env } };
      for (const file of this.#files.get(episode) ?? []) this.#write(file, complete);
    }
  }

  /** Finishes the files. */
  close(): void {
    this.#writer?.close();
    this.#writer = null;
    this.#env.close();
  }

  #play({ generator, wrappers, actions, width, outputs }: EnvRollout): Episode[] {
    const env = this.#env;
    const ended: Episode[] = [];
    let step = 0;
    const recorder = new RecordEpisode(env, {
      observations: this.#options.observations,
      ...(outputs !== null && {
        policyOutputs: { names: OUTPUTS, next: () => outputs.subarray(2 * step, 2 * step + 2) },
      }),
      onEpisode: (episode) => ended.push(episode),
    });
    const read = new EnvAction(env.actionSpace);
    const rng = Generator.fromSeed(0);
    rng.restoreFrom(generator, 0);
    env.unwrapped.rng = rng;
    if (wrappers !== null) restoreWrapperStates(env, wrappers);
    recorder.reset();
    let before = ended.length;
    for (let at = 0; at < actions.length; at += width) {
      step = at / width;
      recorder.step(read.read(actions, at));
      if (ended.length === before) continue;
      before = ended.length;
      recorder.reset();
    }
    // The episode in progress is not one of them.
    return ended.slice(0, before);
  }

  #write(file: RecordFile, episode: Episode): void {
    if (file === 'training') {
      this.#writer ??= new EpisodeWriter(this.#training, this.#fileOptions());
      this.#writer.write(episode);
      return;
    }
    const writer = new EpisodeWriter(join(this.#options.folder, `${file}.episode`), this.#fileOptions());
    writer.write(episode);
    writer.close();
  }

  #fileOptions(): EpisodeFileOptions {
    const { observationSpace, actionSpace, metadata } = this.#env;
    return {
      spec: this.#options.spec,
      observationSpace,
      actionSpace,
      metadata,
      policyNote: 'the policy in training, sampled actions',
    };
  }
}
