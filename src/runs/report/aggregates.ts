/**
 * One number for many runs on many tasks, as "Deep Reinforcement Learning at the Edge of the Statistical Precipice" (Agarwal et al.,
 * NeurIPS 2021) defines them and the `rliable` package 1.2.0 computes them.
 */
import { usageError } from '../../core/errors.js';
import { mean } from '../../core/statistics.js';
import { assertScores, type TaskScores } from './scores.js';

/** Part of the scores that the interquartile mean drops at either end. */
const TRIM = 0.25;

/** How many of `n` scores the interquartile mean drops at either end: a quarter, rounded down. */
export function trimmed(n: number): number {
  return Math.floor(TRIM * n);
}

const ascending = (a: number, b: number): number => a - b;

/** The value in the middle; of an even number of values, the mean of the two. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort(ascending);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * The mean of the middle half of some numbers: a quarter of them, rounded down, is dropped at either end, so that fewer than four
 * numbers give their plain mean. SciPy's `trim_mean(values, 0.25)`.
 * @throws `INVALID_SCORES` unless there is at least one number and all are finite.
 */
export function interquartileMean(values: readonly number[]): number {
  assertScores([values], 'interquartileMean');
  const cut = trimmed(values.length);
  return mean([...values].sort(ascending).slice(cut, values.length - cut));
}

/** The mean over tasks of the mean score over runs. @throws `INVALID_SCORES` */
export function aggregateMean(scores: TaskScores): number {
  assertScores(scores, 'aggregateMean');
  return mean(scores.map(mean));
}

/** The median over tasks of the mean score over runs. @throws `INVALID_SCORES` */
export function aggregateMedian(scores: TaskScores): number {
  assertScores(scores, 'aggregateMedian');
  return median(scores.map(mean));
}

/** The interquartile mean of all runs of all tasks together. @throws `INVALID_SCORES` */
export function aggregateIqm(scores: TaskScores): number {
  assertScores(scores, 'aggregateIqm');
  return interquartileMean(scores.flat());
}

/**
 * By how much all runs of all tasks together fall short of a score `gamma` on average; more than `gamma` makes up for nothing.
 * @throws `INVALID_SCORES`; `INVALID_OPTION` unless `gamma` is a finite number.
 */
export function aggregateOptimalityGap(scores: TaskScores, gamma: number = 1): number {
  assertScores(scores, 'aggregateOptimalityGap');
  if (!Number.isFinite(gamma)) {
    throw usageError('INVALID_OPTION', `aggregateOptimalityGap: gamma must be a finite number, got ${gamma}.`, {
      field: 'gamma',
      got: String(gamma),
    });
  }
  return gamma - mean(scores.flat().map((score) => Math.min(score, gamma)));
}
