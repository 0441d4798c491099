/**
 * The bounds of Boxes, kept once for all Boxes that have the same: thousands of envs each make their own spaces, and bounds
 * weigh far more than a Box does.
 */
import { DTYPE_RANGE, isFloat, sameNumbers } from './arrays.js';
import type { DType, DTypes } from './space.js';

/** What a Box is beside its random stream; never written to. */
export interface BoxBounds<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly low: DTypes[D];
  readonly high: DTypes[D];
  readonly boundedBelow: readonly boolean[];
  readonly boundedAbove: readonly boolean[];
}

/** Element indices by the kind of interval, in the order Gymnasium draws them. */
export interface BoxIntervals {
  readonly unbounded: readonly number[];
  readonly onlyBelow: readonly number[];
  readonly onlyAbove: readonly number[];
  readonly bounded: readonly number[];
}

/** Bounds made last, newest first; those that no Box holds any more go. */
const recent: WeakRef<BoxBounds>[] = [];
const MOST_RECENT = 16;
/** Larger bounds are batches, made once, and slow to compare. */
const MOST_ELEMENTS = 1 << 16;

const intervals = new WeakMap<BoxBounds, BoxIntervals>();
const covers = new WeakMap<BoxBounds, boolean>();

/** Whether every array of the dtype lies within the bounds, as bytes lie within 0 to 255; found once. False for floats: there is NaN. */
export function coversDtype(bounds: BoxBounds): boolean {
  if (isFloat(bounds.dtype)) return false;
  let whole = covers.get(bounds);
  if (whole === undefined) {
    const [least, most] = DTYPE_RANGE[bounds.dtype];
    whole = bounds.low.every((value) => value === least) && bounds.high.every((value) => value === most);
    covers.set(bounds, whole);
  }
  return whole;
}

/** These bounds, or equal ones that an earlier Box has. */
export function sharedBounds<D extends DType>(bounds: BoxBounds<D>): BoxBounds<D> {
  if (bounds.low.length > MOST_ELEMENTS) return bounds;
  for (let k = 0; k < recent.length; k++) {
    const known = recent[k]!.deref();
    if (known === undefined) recent.splice(k--, 1);
    else if (sameBounds(known, bounds)) return known as BoxBounds<D>;
  }
  recent.unshift(new WeakRef<BoxBounds>(bounds));
  recent.length = Math.min(recent.length, MOST_RECENT);
  return bounds;
}

function sameBounds(a: BoxBounds, b: BoxBounds): boolean {
  return (
    a.dtype === b.dtype &&
    sameNumbers(a.shape, b.shape) &&
    sameBits(a.low, b.low) &&
    sameBits(a.high, b.high) &&
    a.boundedBelow.every((bounded, i) => bounded === b.boundedBelow[i]) &&
    a.boundedAbove.every((bounded, i) => bounded === b.boundedAbove[i])
  );
}

/** Zeros of either sign are equal bounds, but not the same text. */
function sameBits(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return a.length === b.length;
}

/** The elements of a Box by the kind of interval; sorted at the first sample. */
export function intervalsOf(bounds: BoxBounds): BoxIntervals {
  let sorted = intervals.get(bounds);
  if (sorted === undefined) {
    const { boundedBelow: below, boundedAbove: above } = bounds;
    const indices = Array.from(below, (_, i) => i);
    sorted = {
      unbounded: indices.filter((i) => !below[i] && !above[i]),
      onlyBelow: indices.filter((i) => below[i] && !above[i]),
      onlyAbove: indices.filter((i) => !below[i] && above[i]),
      bounded: indices.filter((i) => below[i] && above[i]),
    };
    intervals.set(bounds, sorted);
  }
  return sorted;
}
