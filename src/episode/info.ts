/** What an episode file holds, as plain data. */
import { type EngineInfo, mathFingerprint } from '../core/fingerprint.js';
import type { EnvSpec } from '../core/spec.js';
import { mean } from '../core/statistics.js';
import type { Episode, EpisodeFailure } from './log.js';
import type { EpisodeNotice } from './parser.js';
import type { EpisodeFile, ReadOptions } from './reader.js';
import { openEpisodes } from './stream.js';

/** One episode of a summary. */
export interface EpisodeSummary {
  readonly index: number;
  readonly seed: number | null;
  readonly steps: number;
  readonly return: number;
  readonly terminated: boolean;
  readonly truncated: boolean;
  readonly measures: Readonly<Record<string, number>>;
  readonly failure: EpisodeFailure | null;
  /** What is in the file: `actions`, `hashes`, `rewards`, `observations`, `policy.<output>`. */
  readonly columns: readonly string[];
}

/** The summary of a file. */
export interface EpisodeInfo {
  readonly path: string;
  readonly bytes: number;
  readonly version: number;
  readonly complete: boolean;
  readonly env: string;
  readonly spec: EnvSpec;
  readonly policy: string | null;
  readonly observationSpace: string;
  readonly actionSpace: string;
  readonly engine: EngineInfo;
  /** Whether this engine's `Math` is the one of the recording. */
  readonly sameMath: boolean;
  readonly createdBy: string;
  readonly steps: number;
  /** Mean over the episodes without failure; null if there are none. */
  readonly meanReturn: number | null;
  readonly meanLength: number | null;
  readonly episodes: readonly EpisodeSummary[];
  readonly notices: readonly EpisodeNotice[];
}

/** The summary of one episode. */
function summarize(episode: Episode, index: number): EpisodeSummary {
  const { seed, steps, return: total, terminated, truncated, measures, failure } = episode;
  const columns = ['actions'];
  if (episode.hashes !== null) columns.push('hashes');
  if (episode.rewards !== null) columns.push('rewards');
  if (episode.observations !== null) columns.push('observations');
  if (episode.policyOutputs !== undefined) columns.push(...episode.policyOutputs.names.map((name) => `policy.${name}`));
  return { index, seed, steps, return: total, terminated, truncated, measures, failure, columns };
}

/**
 * Summarises a file without running anything. A path is read episode by episode, so that a file of any size can be described.
 * @throws what `readEpisodes` throws.
 */
export async function episodeInfo(file: string | EpisodeFile, options: ReadOptions = {}): Promise<EpisodeInfo> {
  const recorded = typeof file === 'string' ? await openEpisodes(file, options) : file;
  const { header } = recorded;
  const episodes: EpisodeSummary[] = [];
  for await (const episode of Symbol.asyncIterator in recorded ? recorded : recorded.episodes) {
    episodes.push(summarize(episode, episodes.length));
  }
  const whole = episodes.filter((episode) => episode.failure === null);
  const meanOrNull = (values: number[]): number | null => (values.length === 0 ? null : mean(values));
  return {
    path: recorded.path,
    bytes: recorded.bytes,
    version: header.version,
    complete: recorded.complete,
    env: header.spec.id,
    spec: header.spec,
    policy: header.policy,
    observationSpace: String(recorded.observationSpace),
    actionSpace: String(recorded.actionSpace),
    engine: header.engine,
    sameMath: header.engine.mathFingerprint === mathFingerprint(),
    createdBy: header.createdBy,
    steps: episodes.reduce((sum, episode) => sum + episode.steps, 0),
    meanReturn: meanOrNull(whole.map((episode) => episode.return)),
    meanLength: meanOrNull(whole.map((episode) => episode.steps)),
    episodes,
    notices: recorded.notices,
  };
}
