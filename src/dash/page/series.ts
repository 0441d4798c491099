/** Curves as numbers: smoothing, and one line with a band for the curves of a group. Missing values are NaN. */
import { trimmed } from '../../runs/report/aggregates.js';

/** Points of a curve, by ascending steps. */
export interface Points {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/** A line with the edges of its band. */
export interface BandedPoints extends Points {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/**
 * An exponential moving average that gives the past the weight `weight`, 0 (nothing) to below 1, without the pull of a first
 * value: what Adam and TensorBoard do. Missing values stay missing.
 */
export function smooth(values: Float64Array, weight: number): Float64Array {
  if (weight <= 0) return values;
  const smoothed = new Float64Array(values.length);
  let sum = 0;
  let share = 0;
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    if (Number.isNaN(value)) {
      smoothed[k] = Number.NaN;
      continue;
    }
    sum = weight * sum + (1 - weight) * value;
    share = weight * share + (1 - weight);
    smoothed[k] = sum / share;
  }
  return smoothed;
}

/** The value of a curve at each of `steps`, on straight lines between its points; NaN before the first and after the last. */
export function resample({ steps, values }: Points, at: Float64Array): Float64Array {
  const out = new Float64Array(at.length).fill(Number.NaN);
  const known: number[] = [];
  for (let k = 0; k < values.length; k++) if (!Number.isNaN(values[k]!)) known.push(k);
  if (known.length === 0) return out;
  let next = 0;
  for (let k = 0; k < at.length; k++) {
    const step = at[k]!;
    while (next < known.length && steps[known[next]!]! < step) next++;
    if (next === known.length) break;
    const right = known[next]!;
    if (steps[right]! === step) out[k] = values[right]!;
    else if (next > 0) {
      const left = known[next - 1]!;
      const part = (step - steps[left]!) / (steps[right]! - steps[left]!);
      out[k] = values[left]! + part * (values[right]! - values[left]!);
    }
  }
  return out;
}

/** How a group's curves become one: the mean with one standard deviation, or the interquartile mean with the quartiles. */
export type Summary = 'mean' | 'iqm';

/** Points of a group's line. */
const GRID = 240;

/** One line and band of the curves of a group, over the steps that at least one of them has. */
export function summarize(curves: readonly Points[], how: Summary): BandedPoints {
  const drawn = curves.filter(({ steps }) => steps.length > 0);
  const first = Math.min(...drawn.map(({ steps }) => steps[0]!));
  const last = Math.max(...drawn.map(({ steps }) => steps[steps.length - 1]!));
  const points = drawn.length === 0 ? 0 : first === last ? 1 : GRID;
  const steps = Float64Array.from({ length: points }, (_, k) =>
    // The last one exactly, where rounding would leave the curves' ends behind it.
    k === points - 1 ? last : first + ((last - first) * k) / (points - 1),
  );
  const columns = drawn.map((curve) => resample(curve, steps));
  const values = new Float64Array(points);
  const low = new Float64Array(points);
  const high = new Float64Array(points);
  const column = new Float64Array(drawn.length);
  for (let k = 0; k < points; k++) {
    let n = 0;
    for (const each of columns) if (!Number.isNaN(each[k]!)) column[n++] = each[k]!;
    const present = column.subarray(0, n);
    const [value, below, above] = how === 'mean' ? meanOf(present) : iqmOf(present);
    values[k] = value;
    low[k] = below;
    high[k] = above;
  }
  return { steps, values, low, high };
}

function meanOf(values: Float64Array): [number, number, number] {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const spread = n < 2 ? 0 : Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  return [mean, mean - spread, mean + spread];
}

function iqmOf(values: Float64Array): [number, number, number] {
  const n = values.length;
  values.sort();
  const cut = trimmed(n);
  const kept = values.subarray(cut, n - cut);
  const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
  return [mean, quantile(values, 0.25), quantile(values, 0.75)];
}

/** The quantile of sorted values, on the straight line between the two nearest. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const left = sorted[below]!;
  return below + 1 < sorted.length ? left + (at - below) * (sorted[below + 1]! - left) : left;
}
