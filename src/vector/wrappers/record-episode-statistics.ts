import { usageError } from '../../core/errors.js';
import { checkNames, checkWhole } from '../../wrappers/options.js';
import type { EpisodeStatistics, RecordEpisodeStatisticsOptions } from '../../wrappers/record-episode-statistics.js';
import type {
  VectorActions,
  VectorEnv,
  VectorResetOptions,
  VectorResetResult,
  VectorStepResult,
} from '../vector-env.js';
import { VectorWrapper } from './vector-wrapper.js';

/** Adds return, length and duration to the infos of the envs whose episode ended: `infos.episode[i]`. */
export class VectorRecordEpisodeStatistics<Obs, Act> extends VectorWrapper<Obs, Act> {
  readonly returnQueue: number[] = [];
  readonly lengthQueue: number[] = [];
  /** Seconds. */
  readonly timeQueue: number[] = [];
  episodeCount = 0;
  readonly episodeReturns: Float64Array;
  readonly episodeLengths: Int32Array;
  readonly #starts: Float64Array;
  readonly #over: Uint8Array;
  readonly #bufferLength: number;
  readonly #key: string;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: VectorEnv<Obs, Act>, kwargs: RecordEpisodeStatisticsOptions = {}) {
    checkNames('VectorRecordEpisodeStatistics', kwargs, ['bufferLength', 'statsKey']);
    const { bufferLength = 100, statsKey = 'episode' } = kwargs;
    checkWhole('VectorRecordEpisodeStatistics', 'bufferLength', bufferLength, 0);
    super(env);
    this.#bufferLength = bufferLength;
    this.#key = statsKey;
    this.episodeReturns = new Float64Array(this.numEnvs);
    this.episodeLengths = new Int32Array(this.numEnvs);
    this.#starts = new Float64Array(this.numEnvs);
    this.#over = new Uint8Array(this.numEnvs);
  }

  override reset(options?: VectorResetOptions): VectorResetResult<Obs> {
    const result = this.env.reset(options);
    const mask = options?.options?.['resetMask'];
    for (let i = 0; i < this.numEnvs; i++) if (!Array.isArray(mask) || mask[i] === true) this.#begin(i);
    return result;
  }

  /** @throws `INFO_KEY_TAKEN` if the infos have the field already. */
  override step(actions: VectorActions<Act>): VectorStepResult<Obs> {
    const result = this.env.step(actions);
    const { rewards, terminations, truncations } = result;
    let list: (EpisodeStatistics | undefined)[] | null = null;
    for (let i = 0; i < this.numEnvs; i++) {
      if (this.#over[i] === 1) {
        // The step that only reset it.
        this.#begin(i);
        continue;
      }
      this.episodeReturns[i]! += rewards[i]!;
      this.episodeLengths[i]!++;
      if (terminations[i] === 0 && truncations[i] === 0) continue;
      list ??= new Array<EpisodeStatistics | undefined>(this.numEnvs).fill(undefined);
      list[i] = this.#end(i);
    }
    if (list === null) return result;
    const key = this.#key;
    if (key in result.infos) {
      throw usageError('INFO_KEY_TAKEN', `the infos have '${key}' already; give the wrapper another statsKey.`, {
        field: key,
      });
    }
    return { ...result, infos: { ...result.infos, [key]: list } };
  }

  #begin(i: number): void {
    this.episodeReturns[i] = 0;
    this.episodeLengths[i] = 0;
    this.#over[i] = 0;
    this.#starts[i] = performance.now();
  }

  #end(i: number): EpisodeStatistics {
    const t = Math.round((performance.now() - this.#starts[i]!) * 1000) / 1e6;
    const statistics = { r: this.episodeReturns[i]!, l: this.episodeLengths[i]!, t };
    this.episodeCount++;
    for (const [queue, value] of [
      [this.returnQueue, statistics.r],
      [this.lengthQueue, statistics.l],
      [this.timeQueue, t],
    ] as const) {
      queue.push(value);
      if (queue.length > this.#bufferLength) queue.shift();
    }
    // In same-step mode the next episode has begun already.
    if (this.autoresetMode === 'same-step') this.#begin(i);
    else this.#over[i] = 1;
    return statistics;
  }
}
