/** What a suite is. */
import type { Context, Track } from '../race.js';
import type { RowResult } from '../results.js';

export interface Suite {
  readonly name: string;
  readonly title: string;
  /** What is measured and what the peers do, for the page. */
  readonly about: string;
  run(context: Context, track: Track): Promise<RowResult[]>;
}
