/**
 * Intervals by the stratified percentile bootstrap: the runs of each task are drawn anew with replacement, a statistic is computed
 * of each such resample, and its quantiles are the ends of the interval. Resampling tasks too, as `rliable` can, is left out: an
 * interval answers what other seeds would have given on the same tasks.
 *
 * All draws come from NumPy's `default_rng(seed)`, task by task, so that the same scores and seed give the same interval.
 */
import { usageError } from '../../core/errors.js';
import { Generator } from '../../core/seeding/index.js';
import { assertScores, type TaskScores } from './scores.js';

/** How intervals are made. */
export interface BootstrapOptions {
  /** Resamples; 2,000 by default. */
  readonly reps?: number;
  /** Part of the resamples inside the interval, above 0 and below 1; 0.95 by default. */
  readonly confidence?: number;
  /** Seed of the draws; 0 by default. */
  readonly seed?: number;
}

/** A statistic of some scores and the ends of its interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** More resamples than anybody needs: beyond, a mistyped number would fill the memory. */
const MOST_REPS = 1_000_000;

/** The options with their defaults. @throws `INVALID_OPTION`, `INVALID_SEED`. */
export function bootstrapOptions(options: BootstrapOptions): Required<BootstrapOptions> {
  const { reps = 2000, confidence = 0.95, seed = 0 } = options;
  if (!Number.isSafeInteger(reps) || reps < 1 || reps > MOST_REPS) {
    throw usageError('INVALID_OPTION', `reps must be a whole number from 1 to ${MOST_REPS}, got ${String(reps)}.`, {
      field: 'reps',
      got: String(reps),
    });
  }
  if (typeof confidence !== 'number' || !(confidence > 0 && confidence < 1)) {
    const message = `confidence must be a number above 0 and below 1, such as 0.95, got ${String(confidence)}.`;
    throw usageError('INVALID_OPTION', message, { field: 'confidence', got: String(confidence) });
  }
  Generator.fromSeed(seed);
  return { reps, confidence, seed };
}

/**
 * The value below which a part `q` of some sorted numbers lies, with straight lines between neighbours, as `numpy.percentile`.
 * @param sorted ascending, at least one.
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (place - below);
}

/** The ends of the interval around the middle `confidence` of some numbers; sorts them. */
export function percentileInterval(values: Float64Array, confidence: number): { low: number; high: number } {
  values.sort();
  const tail = (1 - confidence) / 2;
  return { low: quantile(values, tail), high: quantile(values, 1 - tail) };
}

/**
 * How often each run comes in each resample: `[rep][run]`, tasks one after the other. Statistics that need only sums in the order
 * of the scores are computed from these counts without sorting any resample.
 */
export function drawCounts(sizes: readonly number[], reps: number, random: Generator): Uint32Array {
  const runs = sizes.reduce((sum, size) => sum + size, 0);
  const counts = new Uint32Array(reps * runs);
  for (let rep = 0; rep < reps; rep++) {
    let first = rep * runs;
    for (const size of sizes) {
      for (let draw = 0; draw < size; draw++) counts[first + random.integers(size)]!++;
      first += size;
    }
  }
  return counts;
}

/** How many resamples are worth drawing: where every task has one run, all are the same. */
export function usefulReps(sizes: readonly number[], reps: number): number {
  return sizes.every((size) => size === 1) ? 1 : reps;
}

/** Scores of one resample, drawn in the order that `drawCounts` draws in. */
function resample(scores: TaskScores, random: Generator): number[][] {
  return scores.map((runs) => runs.map(() => runs[random.integers(runs.length)]!));
}

/**
 * A statistic of scores `[task][run]` with its stratified percentile-bootstrap interval.
 *
 * @param statistic one number of scores of the same shape, such as `aggregateIqm`.
 * @throws `INVALID_SCORES`, `INVALID_OPTION`, `INVALID_SEED`.
 */
export function stratifiedBootstrap(
  scores: TaskScores,
  statistic: (scores: TaskScores) => number,
  options: BootstrapOptions = {},
): Estimate {
  assertScores(scores, 'stratifiedBootstrap');
  if (typeof statistic !== 'function') {
    const message = `stratifiedBootstrap: statistic must be a function such as aggregateIqm, got ${String(statistic)}.`;
    throw usageError('INVALID_OPTION', message, { field: 'statistic', got: String(statistic) });
  }
  const { reps, confidence, seed } = bootstrapOptions(options);
  const random = Generator.fromSeed(seed);
  const sizes = scores.map((runs) => runs.length);
  const values = Float64Array.from({ length: usefulReps(sizes, reps) }, () => statistic(resample(scores, random)));
  return { value: statistic(scores), ...percentileInterval(values, confidence) };
}
