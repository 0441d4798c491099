/**
 * What the dashboard's server and its page say to each other: plain JSON over these addresses. A run's `id` is its path below
 * the folder that is watched, with slashes.
 *
 * | address | answer |
 * | --- | --- |
 * | `GET /api/runs` | `RunsAnswer` |
 * | `GET /api/curves?runs=a,b&key=...&points=500` (ids encoded) | `CurvesAnswer` |
 * | `GET /api/run?id=...` | `RunDetail` |
 * | `GET /api/log?id=...&from=bytes` | `LogAnswer` |
 * | `GET /api/events?runs=a,b&key=...` | server-sent events: `runs`, `points`, `system`, see `EventOf`; points of lines from then on |
 * | `GET /api/live?id=...&checkpoint=last` | server-sent events: `begin`, `frame`, `end`, `problem`, see `LiveEventOf` |
 */
import type { Json } from '../core/json.js';
import type { Scene } from '../render/scene.js';

/** `waiting`: its directory is there and nothing has run; `stopped`: ended before its steps, can be resumed. */
export type RunStatus = 'waiting' | 'running' | 'finished' | 'stopped' | 'failed' | 'unreadable';

/** One row of the table. Numbers are null where the run has none yet. */
export interface RunRow {
  readonly id: string;
  readonly status: RunStatus;
  /** What is wrong, for `failed` and `unreadable`. */
  readonly problem: string | null;
  readonly env: string;
  readonly algo: string;
  readonly seed: number | null;
  /** Environment steps so far, and planned. */
  readonly step: number;
  readonly totalSteps: number | null;
  /** Mean return of the last episodes, and the best such mean. */
  readonly meanReturn: number | null;
  readonly bestReturn: number | null;
  readonly stepsPerSecond: number | null;
  /** Seconds of training so far. */
  readonly seconds: number | null;
  /** When something was written last, milliseconds since 1970. */
  readonly changedAt: number;
  /** Every setting by its dotted name: those of the algorithm, `env.<kwarg>`, `seed`. */
  readonly settings: Readonly<Record<string, Json>>;
}

export interface RunsAnswer {
  /** Name of the folder that is watched. */
  readonly folder: string;
  readonly runs: readonly RunRow[];
  /** Names of metrics that some run has, the mean return first. */
  readonly keys: readonly string[];
}

/** One curve, thinned to about the points asked for so that every peak stays; values are null where a line had none. */
export interface Curve {
  readonly id: string;
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
  /** Lines that the curve was thinned from. */
  readonly of: number;
}

export interface CurvesAnswer {
  readonly key: string;
  readonly curves: readonly Curve[];
}

export interface CheckpointRow {
  /** `last`, `best` or a number of steps, as `--checkpoint` takes it. */
  readonly name: string;
  readonly bytes: number;
  readonly changedAt: number;
}

export interface EpisodeFileRow {
  /** Path below the run. */
  readonly name: string;
  readonly bytes: number;
}

export interface RunDetail {
  readonly row: RunRow;
  /** The run's config.json and summary.json as they are; null where there is none. */
  readonly config: Json;
  readonly summary: Json;
  readonly checkpoints: readonly CheckpointRow[];
  readonly episodes: readonly EpisodeFileRow[];
  /** Metrics of its last line. */
  readonly last: Readonly<Record<string, number>>;
}

/** A part of what a run printed: at most 64 KiB from `from`, or the last 64 KiB if `from` is left out. */
export interface LogAnswer {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Size of the log. */
  readonly size: number;
}

export interface SystemLoad {
  /** Share of all processors in use, 0 to 1. */
  readonly cpu: number;
  readonly cores: number;
  /** Bytes. */
  readonly memoryUsed: number;
  readonly memoryTotal: number;
  /** Free bytes where the runs are written. */
  readonly diskFree: number | null;
}

/** Events of `/api/events` and what they carry. */
export interface EventOf {
  /** Rows that are new or changed, and ids that are gone. */
  readonly runs: {
    readonly changed: readonly RunRow[];
    readonly gone: readonly string[];
    readonly keys: readonly string[];
  };
  /** New points of the curves asked for. `restart`: the file was cut (a resume); the curve begins anew with these. */
  readonly points: { readonly key: string; readonly curves: readonly (Curve & { readonly restart: boolean })[] };
  readonly system: SystemLoad;
}

/** Events of `/api/live`: the policy of a checkpoint acting in a fresh env, in real time. */
export interface LiveEventOf {
  readonly begin: {
    readonly episode: number;
    readonly seed: number;
    readonly fps: number;
    /** Step of training that the checkpoint is of. */
    readonly checkpointStep: number;
  };
  readonly frame: {
    /** 0 for the env as its episode begins: there the action is null. */
    readonly step: number;
    /** Null for an env without pictures. */
    readonly scene: Scene | null;
    readonly action: Json;
    readonly reward: number;
    readonly return: number;
    readonly value: number | null;
  };
  readonly end: { readonly steps: number; readonly return: number; readonly terminated: boolean };
  readonly problem: { readonly code: string; readonly message: string };
}
