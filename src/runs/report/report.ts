/** What a report says, as plain data: every format shows this and nothing else. */
import type { Estimate } from './bootstrap.js';
import type { Band } from './iqm-curve.js';
import type { Setting } from './names.js';
import type { RandomScore, ReferenceScore } from './references.js';
import type { LeftOut, RunStatus } from './types.js';

/** A whole report. Tasks, methods and groups are in order of their labels, so that the order of the paths given changes nothing. */
export interface Report {
  readonly version: 1;
  /** The metric of curves and scores. */
  readonly metric: string;
  readonly options: {
    readonly reps: number;
    readonly confidence: number;
    readonly seed: number;
    readonly points: number;
    readonly incomplete: boolean;
  };
  readonly tasks: readonly ReportTask[];
  readonly methods: readonly ReportMethod[];
  /** One for each method and task with runs. */
  readonly groups: readonly ReportGroup[];
  readonly runs: readonly ReportRun[];
  /** Statistics over normalised scores; null where no task has references, or the metric is no return. */
  readonly normalized: NormalizedReport | null;
  /** One for each pair of methods with a task in common. */
  readonly improvement: readonly Improvement[];
  readonly leftOut: readonly LeftOut[];
  /** What a reader must know, sentence by sentence. */
  readonly notices: readonly string[];
}

/** An env with its keyword arguments and wrappers. */
export interface ReportTask {
  readonly label: string;
  /** The env's id. */
  readonly env: string;
  /** Mean return at which the env counts as solved; null if it has none. */
  readonly threshold: number | null;
  /** Null where nothing is known to compare with. */
  readonly random: RandomScore | null;
  readonly references: readonly ReferenceScore[];
  /** Why scores on this task are not normalised; null where they are. */
  readonly notNormalized: string | null;
}

/** An algorithm with the settings in which the given runs differ. */
export interface ReportMethod {
  readonly label: string;
  readonly algo: string;
  readonly settings: readonly Setting[];
}

/** The runs of one method on one task. */
export interface ReportGroup {
  readonly task: string;
  readonly method: string;
  readonly seeds: readonly number[];
  readonly score: ScoreSummary;
  /** The interquartile mean over runs along training; null if the runs have no steps in common. */
  readonly curve: ReportCurve | null;
}

/** Scores of the runs of a group; each run's is the last value of the metric. */
export interface ScoreSummary {
  readonly mean: number;
  /** Sample standard deviation over runs; null for one run. */
  readonly std: number | null;
  readonly min: number;
  readonly max: number;
  readonly iqm: Estimate;
  /** The interquartile mean on the scale where random play is 0 and the first reference 1; null without references. */
  readonly normalizedIqm: number | null;
}

/** A curve over env steps. */
export interface ReportCurve {
  readonly steps: readonly number[];
  readonly iqm: Band;
}

/** One run that was read. */
export interface ReportRun {
  readonly path: string;
  readonly task: string;
  readonly method: string;
  readonly seed: number;
  readonly status: RunStatus;
  /** Env steps at the last value of the metric. */
  readonly steps: number;
  /** The last value of the metric. */
  readonly score: number;
  readonly seconds: number | null;
}

/** What is computed of normalised scores: (score - random) / (reference - random). */
export interface NormalizedReport {
  /** The tasks of all aggregates. */
  readonly tasks: readonly string[];
  readonly aggregates: readonly MethodAggregates[];
  readonly thresholds: readonly number[];
  readonly profiles: readonly { readonly method: string; readonly band: Band }[];
  /** The interquartile mean over all runs and tasks along training; none for fewer than two tasks. */
  readonly efficiency: readonly { readonly method: string; readonly curve: ReportCurve }[];
}

/** Aggregates of one method over tasks. */
export interface MethodAggregates {
  readonly method: string;
  /** The tasks it was run on, of those that count. */
  readonly tasks: readonly string[];
  readonly runs: number;
  readonly mean: Estimate;
  readonly median: Estimate;
  readonly iqm: Estimate;
  readonly optimalityGap: Estimate;
}

/** The probability that a run of `x` scores higher than one of `y`. */
export interface Improvement {
  readonly x: string;
  readonly y: string;
  /** The tasks that both were run on. */
  readonly tasks: readonly string[];
  readonly probability: Estimate;
}
