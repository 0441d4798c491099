/** Fewer points of a curve, so that every peak stays. */

/** A curve as JSON has it: null where a line had no number. */
export interface ThinCurve {
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
}

/**
 * About `points` of a curve: of each stretch of lines its smallest and its largest value, where they are, and of the whole the
 * first and the last line. (Largest-triangle methods look smoother, but may leave out a peak, and are ten times the work.)
 * A stretch without any number leaves one null.
 *
 * @param steps [L], in order.
 * @param values [L], NaN where a line has none.
 */
export function thinCurve(steps: Float64Array, values: Float64Array, points: number): ThinCurve {
  const lines = steps.length;
  const kept: number[] = [];
  if (lines <= points) {
    for (let i = 0; i < lines; i++) kept.push(i);
  } else {
    const stretches = Math.max(1, Math.floor((points - 2) / 2));
    kept.push(0);
    for (let stretch = 0; stretch < stretches; stretch++) {
      const from = 1 + Math.floor(((lines - 2) * stretch) / stretches);
      const to = 1 + Math.floor(((lines - 2) * (stretch + 1)) / stretches);
      if (from < to) kept.push(...peaks(values, from, to));
    }
    kept.push(lines - 1);
  }
  return {
    steps: kept.map((i) => steps[i]!),
    values: kept.map((i) => (Number.isNaN(values[i]!) ? null : values[i]!)),
  };
}

/** Where the smallest and the largest of a stretch are, in order. */
function peaks(values: Float64Array, from: number, to: number): number[] {
  let low = -1;
  let high = -1;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    if (low < 0 ? !Number.isNaN(value) : value < values[low]!) low = i;
    if (high < 0 ? !Number.isNaN(value) : value > values[high]!) high = i;
  }
  if (low < 0) return [from];
  return low === high ? [low] : low < high ? [low, high] : [high, low];
}
