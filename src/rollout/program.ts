/** What an algorithm does inside the worker threads, between the rings of the main thread. */
import type { Kernels } from '../backends/kernels/kernels.js';
import type { Arena, SegmentRequest } from './arena.js';
import type { Control } from './control.js';
import type { EnvGroup } from './env-group.js';
import type { RolloutOptions } from './plan.js';

/** One worker's view of a run. Every worker runs the same program; `rank` tells them apart. */
export interface WorkerContext {
  readonly rank: number;
  readonly workers: number;
  readonly options: RolloutOptions;
  readonly arena: Arena;
  readonly kernels: Kernels;
  readonly control: Control;
  /** The groups this worker owns for the whole run. */
  readonly groups: readonly EnvGroup[];
}

/** One iteration, which learns where `update`; what it returns is awaited only if it is a promise. */
export type Iterate = (update: boolean) => void | Promise<void>;

/** A module with these exports is an algorithm's worker half; workers import it by URL. */
export interface WorkerProgram {
  /** Runs once a worker; what it returns is called for every ring. */
  createProgram(context: WorkerContext, config: unknown): Iterate | Promise<Iterate>;
}

export type { SegmentRequest };
