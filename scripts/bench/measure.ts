/** Medians, spreads and ratios of interleaved rounds. */

export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The middle value; the mean of the two middle ones where their number is even. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

export function summarize(values: readonly number[]): Summary {
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) };
}

/**
 * How many times as good `ours` is as `theirs`, round by round: what disturbs the machine in one round disturbs both. Rounds
 * that one of them did not run are left out; null if there is none.
 */
export function ratioOf(
  ours: readonly number[],
  theirs: readonly number[],
  better: 'higher' | 'lower',
): Summary | null {
  const rounds = Math.min(ours.length, theirs.length);
  if (rounds === 0) return null;
  const ratios = Array.from({ length: rounds }, (_, k) =>
    better === 'higher' ? ours[k]! / theirs[k]! : theirs[k]! / ours[k]!,
  );
  return summarize(ratios);
}

/** A learning curve: pairs of steps and mean return. */
export type Curve = readonly (readonly [number, number])[];

/**
 * The median over several runs at `points` evenly spaced numbers of steps up to `until`, each run's last value before that; runs that have
 * none yet are left out, and a point without any is too.
 */
export function medianCurve(curves: readonly Curve[], until: number, points = 12): [number, number][] {
  const result: [number, number][] = [];
  for (let k = 1; k <= points; k++) {
    const steps = Math.round((until * k) / points);
    const values = curves.flatMap((curve) => {
      const last = curve.findLast(([at]) => at <= steps);
      return last === undefined ? [] : [last[1]];
    });
    if (values.length > 0) result.push([steps, Math.round(10 * median(values)) / 10]);
  }
  return result;
}

/** Digits that mean something: results are written with four. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
