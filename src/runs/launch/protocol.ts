/** What a launch and the process of one of its runs say to each other, over Node's IPC channel: plain JSON. */
import type { ErrorKind } from '../../core/errors.js';
import type { EnvSpec } from '../../core/spec.js';
import type { PlannedRun } from './plan.js';

/** The one thing that a run's process is told; after it comes nothing but SIGTERM, or the channel's end, which both mean stop. */
export interface Job {
  readonly run: PlannedRun;
  /** The run's env. */
  readonly spec: EnvSpec;
  /** Absolute. */
  readonly runDir: string;
  /** The process's own folder. */
  readonly cwd: string;
  readonly workers: number;
}

/** How far a run is. */
export interface RunProgress {
  readonly steps: number;
  readonly totalSteps: number;
  readonly stepsPerSecond: number;
  /** Mean return of the last 100 training episodes; null before the first has ended. */
  readonly meanReturn: number | null;
}

/** A run's failure, as the process that had it says it. */
export interface RunFailure {
  readonly code: string;
  readonly message: string;
  readonly kind: ErrorKind;
}

/** How a run ended. */
export interface RunEnd extends RunProgress {
  readonly status: 'finished' | 'stopped';
  readonly seconds: number;
}

/** What a run's process says. */
export type RunMessage =
  | ({ readonly type: 'progress' } & RunProgress)
  | { readonly type: 'notice'; readonly text: string }
  | ({ readonly type: 'ended' } & RunEnd)
  | { readonly type: 'failed'; readonly error: RunFailure };
