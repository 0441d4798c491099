/** Interquartile means with intervals for a whole curve at once: the inner loop of a report. */
import { Generator } from '../../core/seeding/index.js';
import { trimmed } from './aggregates.js';
import { type BootstrapOptions, bootstrapOptions, drawCounts, percentileInterval, usefulReps } from './bootstrap.js';

/** A curve of a statistic and of the ends of its interval, one value a point. */
export interface Band {
  readonly value: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** The order of a column of `values`, smallest first. */
function orderOf(values: readonly Float64Array[], point: number): Uint32Array {
  return Uint32Array.from(values.keys()).sort((a, b) => values[a]![point]! - values[b]![point]!);
}

/**
 * The interquartile mean over runs at each point of their curves, with its interval.
 *
 * A resample draws whole runs, once for all points, within each task. At a point the runs are sorted once; the interquartile mean of
 * a resample then follows from how often each run was drawn, walking up the order: no resample is sorted, nothing is allocated.
 *
 * @param curves `[run][point]`, the runs of a task one after the other.
 * @param sizes number of runs of each task.
 */
export function iqmCurve(
  curves: readonly Float64Array[],
  sizes: readonly number[],
  options: BootstrapOptions = {},
): Band {
  const { confidence, seed, ...given } = bootstrapOptions(options);
  const reps = usefulReps(sizes, given.reps);
  const runs = curves.length;
  const counts = drawCounts(sizes, reps, Generator.fromSeed(seed));
  const once = new Uint32Array(runs).fill(1);
  const cut = trimmed(runs);
  const kept = runs - 2 * cut;
  const sorted = new Float64Array(runs);
  const values = new Float64Array(reps);
  const band = { value: [] as number[], low: [] as number[], high: [] as number[] };
  for (let point = 0; point < (curves[0]?.length ?? 0); point++) {
    const order = orderOf(curves, point);
    for (let k = 0; k < runs; k++) sorted[k] = curves[order[k]!]![point]!;
    band.value.push(trimmedMean(sorted, order, once, 0, cut, kept));
    for (let rep = 0; rep < reps; rep++) values[rep] = trimmedMean(sorted, order, counts, rep * runs, cut, kept);
    const { low, high } = percentileInterval(values, confidence);
    band.low.push(low);
    band.high.push(high);
  }
  return band;
}

/**
 * The mean of `kept` values after the first `cut`, where the k-th smallest comes `counts[first + order[k]]` times. No branch depends
 * on the draws: a processor guesses such branches wrong half of the time.
 */
function trimmedMean(
  sorted: Float64Array,
  order: Uint32Array,
  counts: Uint32Array,
  first: number,
  cut: number,
  kept: number,
): number {
  let drawn = -cut;
  let taken = 0;
  let sum = 0;
  for (let k = 0; k < sorted.length; k++) {
    drawn += counts[first + order[k]!]!;
    const upTo = Math.min(Math.max(drawn, 0), kept);
    sum += (upTo - taken) * sorted[k]!;
    taken = upTo;
  }
  return sum / kept;
}
