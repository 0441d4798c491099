/** What an importer gives the player: episodes as seeds and actions, in order, and what is known of their results. */
import type { Env } from '../../core/env.js';
import type { JsonObject } from '../../core/json.js';
import type { GeneratorState } from '../../core/seeding/generator.js';
import type { EpisodeNotice } from '../parser.js';

/** An episode to be played. */
export interface ScriptedEpisode {
  /** Where it comes from, for messages: `episode_3`, or the line of its first action. */
  readonly name: string;
  /** Its seed, or the state of the generator; null where the file does not say. */
  readonly start: number | GeneratorState | null;
  readonly options: JsonObject | null;
  /** In the type of the action space; for a stream of actions without known ends, asked for one by one. */
  readonly actions: AsyncIterable<unknown> | Iterable<unknown>;
  /** What was recorded of the results; null where the file has only actions. */
  readonly recorded: RecordedResults | null;
}

/** Results as another program recorded them: flat numbers. */
export interface RecordedResults {
  /** One row for the reset and one a step, numbers flattened as the leaves of the space; null if they are absent or unreadable. */
  readonly observations: { readonly rows: number; readonly width: number; readonly values: Float64Array } | null;
  readonly rewards: Float64Array | null;
  readonly terminated: boolean | null;
  readonly truncated: boolean | null;
}

/** A file of episodes to be played. */
export interface Script {
  readonly episodes: AsyncIterable<ScriptedEpisode>;
  /** Complete when the episodes were gone through. */
  readonly notices: readonly EpisodeNotice[];
  close(): void;
}

/** What an importer needs. */
export interface ScriptOptions {
  readonly path: string;
  readonly env: Env;
}
