/** What the dashboard and the process of a live agent say to each other, over Node's IPC channel. */
import type { LiveEventOf } from './api.js';

/** The one thing that the process is told. */
export interface LiveJob {
  /** Absolute. */
  readonly runDir: string;
  /** `last`, `best` or a number of steps. */
  readonly checkpoint: string;
  /** `file:` URLs of those of the run's modules that the user has named: no other code of a run is imported. */
  readonly named: readonly string[];
}

/** An event for the page. Its data is text already, so that a large picture costs the dashboard's own thread nothing. */
export interface LiveMessage {
  readonly event: keyof LiveEventOf;
  readonly json: string;
}
