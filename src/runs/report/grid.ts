/** Curves of several runs on common steps. */
import type { Curve } from './read-curve.js';

/**
 * The steps at which some curves are compared: from where the last of them begins to where the first of them ends, every step that
 * one of them has, thinned evenly to at most `points`, the ends included. Empty if there is no such stretch.
 */
export function commonSteps(curves: readonly Curve[], points: number): Float64Array {
  const from = Math.max(...curves.map(({ steps }) => steps[0]!));
  const to = Math.min(...curves.map(({ steps }) => steps.at(-1)!));
  if (from > to) return new Float64Array(0);
  const all = unionOf(curves, from, to);
  if (all.length <= points) return all;
  return Float64Array.from({ length: points }, (_, k) => all[Math.round((k * (all.length - 1)) / (points - 1))]!);
}

/** The last value of a curve at or before each of some ascending steps, none of which is before its first. */
export function valuesAt({ steps, values }: Curve, at: Float64Array): Float64Array {
  let k = 0;
  return at.map((step) => {
    while (k + 1 < steps.length && steps[k + 1]! <= step) k++;
    return values[k]!;
  });
}

/** All different steps between two, ends included. */
function unionOf(curves: readonly Curve[], from: number, to: number): Float64Array {
  // Runs of the same settings have the same steps.
  const [{ steps: first }] = curves as [Curve];
  if (curves.every(({ steps }) => isSame(steps, first))) return first;
  const different = new Set<number>([from, to]);
  for (const { steps } of curves) for (const step of steps) if (step > from && step < to) different.add(step);
  return Float64Array.from(different).sort();
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  return a === b || (a.length === b.length && a.every((step, k) => step === b[k]));
}
