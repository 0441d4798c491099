/** Performance profiles: which part of the runs does better than a score. */
import { usageError } from '../../core/errors.js';
import { Generator } from '../../core/seeding/index.js';
import { type BootstrapOptions, bootstrapOptions, drawCounts, percentileInterval, usefulReps } from './bootstrap.js';
import type { Band } from './iqm-curve.js';
import { assertScores, type TaskScores } from './scores.js';

/**
 * The part of all runs of all tasks together whose score is above each threshold, with intervals by the stratified bootstrap:
 * the score distributions of `rliable`.
 *
 * @param thresholds ascending, finite.
 * @throws `INVALID_SCORES`, `INVALID_OPTION`, `INVALID_SEED`.
 */
export function performanceProfile(
  scores: TaskScores,
  thresholds: readonly number[],
  options: BootstrapOptions = {},
): Band {
  assertScores(scores, 'performanceProfile');
  assertThresholds(thresholds);
  const { confidence, seed, ...given } = bootstrapOptions(options);
  const sizes = scores.map((runs) => runs.length);
  const reps = usefulReps(sizes, given.reps);
  const counts = drawCounts(sizes, reps, Generator.fromSeed(seed));
  const T = thresholds.length;
  // A score counts for all thresholds below it: for the first `passes` of them.
  const passes = scores.flat().map((score) => firstNotBelow(thresholds, score));
  const runs = passes.length;
  const values = Array.from({ length: T }, () => new Float64Array(reps));
  const above = new Float64Array(T + 1);
  const profile = (first: number | null): void => {
    above.fill(0);
    for (let run = 0; run < runs; run++) above[passes[run]!]! += first === null ? 1 : counts[first + run]!;
    for (let t = T - 1; t >= 0; t--) above[t]! += above[t + 1]!;
  };
  for (let rep = 0; rep < reps; rep++) {
    profile(rep * runs);
    for (let t = 0; t < T; t++) values[t]![rep] = above[t + 1]! / runs;
  }
  profile(null);
  const intervals = values.map((column) => percentileInterval(column, confidence));
  return {
    value: Array.from({ length: T }, (_, t) => above[t + 1]! / runs),
    low: intervals.map(({ low }) => low),
    high: intervals.map(({ high }) => high),
  };
}

/** How many of the ascending thresholds are below a score. */
function firstNotBelow(thresholds: readonly number[], score: number): number {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (thresholds[middle]! < score) low = middle + 1;
    else high = middle;
  }
  return low;
}

function assertThresholds(thresholds: readonly number[]): void {
  const expected = 'a list of ascending finite numbers';
  const ok =
    Array.isArray(thresholds) &&
    thresholds.every((value, k) => Number.isFinite(value) && (k === 0 || value > thresholds[k - 1]!));
  if (ok) return;
  throw usageError('INVALID_OPTION', `performanceProfile: thresholds must be ${expected}, got ${String(thresholds)}.`, {
    field: 'thresholds',
    expected,
    got: String(thresholds),
  });
}
