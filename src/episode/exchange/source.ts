/** The episodes that an export takes from a file, each with its observations and rewards, one in memory at a time. */
import type { Env, RenderMode } from '../../core/env.js';
import { failure, usageError } from '../../core/errors.js';
import { type CompleteEpisode, isComplete, type StepListener, simulate } from '../complete.js';
import type { Episode } from '../log.js';
import { type EnvOverride, type EpisodeFileHead, makeTrustedEnv } from '../module.js';
import type { EpisodeNotice } from '../parser.js';
import { type EpisodeStream, openEpisodes } from '../stream.js';

/** One episode of an export. */
export interface SourceEpisode {
  /** Its index in the file. */
  readonly index: number;
  readonly episode: CompleteEpisode;
}

/** Which episodes of a file are taken, and what their env is built from. */
export interface SourceOptions extends EnvOverride {
  /** Indices of the episodes to take, all by default. */
  readonly episodes?: readonly number[];
  /** Read parts whose checksum is wrong all the same. */
  readonly ignoreChecksum?: boolean;
}

/** A file opened for an export. */
export class ExportSource {
  readonly head: EpisodeFileHead;
  readonly #stream: EpisodeStream;
  readonly #options: SourceOptions;
  readonly #renderMode: RenderMode | undefined;
  #env: Env | null = null;

  private constructor(stream: EpisodeStream, options: SourceOptions, renderMode?: RenderMode) {
    this.head = stream;
    this.#stream = stream;
    this.#options = options;
    this.#renderMode = renderMode;
  }

  /** @throws `INVALID_OPTION` for a list of episodes that is none; what `openEpisodes` throws. */
  static async open(path: string, options: SourceOptions, renderMode?: RenderMode): Promise<ExportSource> {
    const { episodes } = options;
    const valid =
      episodes === undefined ||
      (Array.isArray(episodes) && episodes.every((index) => Number.isSafeInteger(index) && index >= 0));
    if (!valid) {
      throw usageError(
        'INVALID_OPTION',
        `Expected episodes as a list of whole numbers from 0, got ${String(episodes)}.`,
        {
          field: 'episodes',
          expected: 'whole numbers from 0',
          got: String(episodes),
        },
      );
    }
    return new ExportSource(await openEpisodes(path, options), options, renderMode);
  }

  get notices(): readonly EpisodeNotice[] {
    return this.#stream.notices;
  }

  /** The env of the file, built when it is first asked for. @throws what `makeTrustedEnv` throws. */
  async env(): Promise<Env> {
    this.#env ??= await makeTrustedEnv(this.head, this.#options, this.#renderMode);
    return this.#env;
  }

  /**
   * The chosen episodes in the file's order, each complete.
   * @throws `EPISODE_NOT_FOUND` for an index that the file lacks, `OBSERVATIONS_NOT_RECORDED`, `EPISODE_DIFFERS`.
   */
  async *episodes(): AsyncGenerator<SourceEpisode> {
    for await (const [index, episode] of this.#chosen()) yield { index, episode: await this.#complete(index, episode) };
  }

  /**
   * As `episodes`, but every episode is simulated; `onStep` sees the env after each step of it.
   * @throws as `episodes`
   */
  async *simulated(onStep: (index: number, steps: number) => StepListener): AsyncGenerator<SourceEpisode> {
    for await (const [index, recorded] of this.#chosen()) {
      const { episode, differs } = simulate(await this.env(), this.head, recorded, onStep(index, recorded.steps));
      this.#check(index, differs);
      yield { index, episode };
    }
  }

  async *#chosen(): AsyncGenerator<readonly [number, Episode]> {
    const wanted = this.#options.episodes === undefined ? null : new Set(this.#options.episodes);
    let index = 0;
    for await (const episode of this.#stream) {
      if (wanted === null || wanted.delete(index)) yield [index, episode];
      index++;
    }
    if (wanted === null || wanted.size === 0) return;
    const [missing] = wanted;
    const { path } = this.head;
    throw usageError(
      'EPISODE_NOT_FOUND',
      `${path} has ${index} episodes, so there is no episode ${missing}: the last one is ${index - 1}.`,
      {
        file: path,
        expected: `0 to ${index - 1}`,
        got: String(missing),
      },
    );
  }

  async #complete(index: number, recorded: Episode): Promise<CompleteEpisode> {
    if (isComplete(recorded)) return recorded;
    const spec = this.#options.spec ?? this.head.header.spec;
    if (spec.nondeterministic) {
      throw failure(
        'OBSERVATIONS_NOT_RECORDED',
        `${this.head.path} has no observations, and ${spec.id} is nondeterministic, so they cannot be simulated again. Record it with observations.`,
        { file: this.head.path, env: spec.id },
      );
    }
    const { episode, differs } = simulate(await this.env(), this.head, recorded);
    this.#check(index, differs);
    return episode;
  }

  /** What a simulation gave must be what was recorded: else the export would be of another episode. */
  #check(index: number, differs: number | null): void {
    const spec = this.#options.spec ?? this.head.header.spec;
    if (differs === null || spec.nondeterministic) return;
    const { path } = this.head;
    throw failure(
      'EPISODE_DIFFERS',
      `${path}: simulated again, step ${differs} of episode ${index} is not what was recorded. gymkhana replay verify ${path} says how; use the engine that recorded it.`,
      { file: path, step: differs },
    );
  }

  /** Closes file and env; calling it twice is fine. */
  close(): void {
    this.#stream.close();
    this.#env?.close();
    this.#env = null;
  }
}
