import type { Env, ResetOptions, ResetResult, StepResult } from '../core/env.js';
import { usageError } from '../core/errors.js';
import { TransparentWrapper } from '../core/wrapper.js';
import { checkNames, checkWhole, invalidOption } from './options.js';

/** How a RecordEpisodeStatistics is made. */
export interface RecordEpisodeStatisticsOptions {
  /** How many episodes the queues keep, 100 by default. */
  readonly bufferLength?: number | undefined;
  /** The field of the final info, `'episode'` by default. */
  readonly statsKey?: string | undefined;
}

/** What the final info of an episode says. */
export interface EpisodeStatistics {
  /** Sum of the rewards. */
  readonly r: number;
  /** Steps. */
  readonly l: number;
  /** Seconds since the reset. */
  readonly t: number;
}

/** Adds return, length and duration of an episode to its final info. */
export class RecordEpisodeStatistics<Obs, Act> extends TransparentWrapper<Obs, Act> {
  readonly returnQueue: number[] = [];
  readonly lengthQueue: number[] = [];
  /** Seconds. */
  readonly timeQueue: number[] = [];
  episodeCount = 0;
  episodeReturn = 0;
  episodeLength = 0;
  readonly #bufferLength: number;
  readonly #key: string;
  #start = performance.now();

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: Env<Obs, Act>, kwargs: RecordEpisodeStatisticsOptions = {}) {
    checkNames('RecordEpisodeStatistics', kwargs, ['bufferLength', 'statsKey']);
    const { bufferLength = 100, statsKey = 'episode' } = kwargs;
    checkWhole('RecordEpisodeStatistics', 'bufferLength', bufferLength, 0);
    if (typeof statsKey !== 'string' || statsKey === '') {
      throw invalidOption('RecordEpisodeStatistics', 'statsKey', 'a text', statsKey);
    }
    super(env, kwargs);
    this.#bufferLength = bufferLength;
    this.#key = statsKey;
  }

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    const result = this.env.reset(options);
    this.#start = performance.now();
    this.episodeReturn = 0;
    this.episodeLength = 0;
    return result;
  }

  /** @throws `INFO_KEY_TAKEN` if the env's info has the field already. */
  override step(action: Act): StepResult<Obs> {
    const result = this.env.step(action);
    this.episodeReturn += result.reward;
    this.episodeLength++;
    if (!result.terminated && !result.truncated) return result;
    const key = this.#key;
    if (key in result.info) {
      throw usageError(
        'INFO_KEY_TAKEN',
        `the env's info has '${key}' already; give RecordEpisodeStatistics another statsKey.`,
        {
          field: key,
        },
      );
    }
    const now = performance.now();
    const t = Math.round((now - this.#start) * 1000) / 1e6;
    this.#start = now;
    this.episodeCount++;
    this.#keep(this.returnQueue, this.episodeReturn);
    this.#keep(this.lengthQueue, this.episodeLength);
    this.#keep(this.timeQueue, t);
    const episode: EpisodeStatistics = { r: this.episodeReturn, l: this.episodeLength, t };
    return { ...result, info: { ...result.info, [key]: episode } };
  }

  #keep(queue: number[], value: number): void {
    queue.push(value);
    if (queue.length > this.#bufferLength) queue.shift();
  }
}
