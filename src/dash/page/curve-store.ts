/** The curves that the page holds, of one metric: as the server thinned them, and what came live since. */
import type { Curve, EventOf } from '../api.js';
import type { Points } from './series.js';

/** Points that a curve may have before it is asked for again, thinned. */
const MOST_POINTS = 2000;

interface Held {
  steps: number[];
  values: number[];
  /** As arrays, until the next point. */
  points: Points | null;
  /** Whether the server's answer is in; before it, only live points are here. */
  whole: boolean;
}

const numbers = (values: readonly (number | null)[]): number[] => values.map((value) => value ?? Number.NaN);

/** Curves by run. Live points may come before the server's answer: those later than its end are kept. */
export class CurveStore {
  readonly #held = new Map<string, Held>();

  /** Forgets everything: another metric, or a gap in what came live. */
  clear(): void {
    this.#held.clear();
  }

  /** Ids among these whose curves must be asked for. */
  missing(ids: readonly string[]): string[] {
    return ids.filter((id) => !(this.#held.get(id)?.whole ?? false));
  }

  /** Asks anew for some curves, which stay as they are until the answer. */
  expire(ids: readonly string[]): void {
    for (const id of ids) {
      const held = this.#held.get(id);
      if (held !== undefined) held.whole = false;
    }
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) this.#held.delete(id);
  }

  /** The server's answer for `asked`; a run that it leaves out has no such metric. */
  put(asked: readonly string[], curves: readonly Curve[]): void {
    const given = new Map(curves.map((curve) => [curve.id, curve]));
    for (const id of asked) {
      const curve = given.get(id);
      const steps = [...(curve?.steps ?? [])];
      const values = numbers(curve?.values ?? []);
      const live = this.#held.get(id);
      if (live !== undefined) addLater(steps, values, live.steps, live.values);
      this.#held.set(id, { steps, values, points: null, whole: true });
    }
  }

  /** Live points; returns whether any curve changed. */
  append(curves: EventOf['points']['curves']): boolean {
    let changed = false;
    for (const { id, steps, values, restart } of curves) {
      let held = this.#held.get(id);
      if (held === undefined || restart) {
        held = { steps: [], values: [], points: null, whole: restart };
        this.#held.set(id, held);
        changed ||= restart;
      }
      if (!addLater(held.steps, held.values, steps, numbers(values))) continue;
      held.points = null;
      changed = true;
      if (held.steps.length > MOST_POINTS) held.whole = false;
    }
    return changed;
  }

  /** The curve of a run, null while there is none. */
  points(id: string): Points | null {
    const held = this.#held.get(id);
    if (held === undefined || held.steps.length === 0) return null;
    held.points ??= { steps: Float64Array.from(held.steps), values: Float64Array.from(held.values) };
    return held.points;
  }
}

/** Appends the points behind the end; returns whether there were any. */
function addLater(
  steps: number[],
  values: number[],
  moreSteps: readonly number[],
  moreValues: readonly number[],
): boolean {
  const end = steps.at(-1) ?? Number.NEGATIVE_INFINITY;
  const before = steps.length;
  for (let k = 0; k < moreSteps.length; k++) {
    if (moreSteps[k]! <= end) continue;
    steps.push(moreSteps[k]!);
    values.push(moreValues[k]!);
  }
  return steps.length > before;
}
