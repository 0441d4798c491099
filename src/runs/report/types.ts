/** What reading runs gives: their settings and one curve of each. */
import type { JsonObject } from '../../core/json.js';
import type { EnvSpec } from '../../core/spec.js';

/** `unfinished`: there is no summary, because the run is still going or was killed. */
export type RunStatus = 'finished' | 'stopped' | 'unfinished';

/** One run as a report sees it. */
export interface RunRecord {
  /** Where it was found, as given or below what was given. */
  readonly path: string;
  readonly env: EnvSpec;
  readonly algo: string;
  readonly seed: number;
  /** The algorithm's settings. */
  readonly config: JsonObject;
  /** Hashes of the user's modules by source; empty for built-in envs. */
  readonly modules: JsonObject;
  readonly status: RunStatus;
  /** Env steps at each point of the curve, ascending. */
  readonly steps: Float64Array;
  /** The metric there; points where it had no value (no episode had ended yet) are left out. */
  readonly values: Float64Array;
  /** Wall time of training, s; null unless the run ended cleanly. */
  readonly seconds: number | null;
}

/** A run, or what looked like one, that no figure counts, and why. */
export interface LeftOut {
  readonly path: string;
  /** Stable name of the situation, such as `METRICS_CORRUPT`. */
  readonly code: string;
  /** A sentence fragment. */
  readonly reason: string;
}

/** The runs below some paths. */
export interface LoadedRuns {
  /** The metric that the curves show. */
  readonly metric: string;
  readonly runs: readonly RunRecord[];
  readonly leftOut: readonly LeftOut[];
}
