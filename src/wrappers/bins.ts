/** Bins of boxes, for the discretizing wrappers. */
import type { Box } from '../spaces/box.js';
import type { DType } from '../spaces/space.js';
import { invalidOption, unsuitable } from './options.js';
import { rounding } from './values.js';

/** How many bins each element of a box has. @throws `INVALID_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE` for infinite bounds. */
export function binCounts(wrapper: string, role: 'observation' | 'action', box: Box<DType>, bins: unknown): number[] {
  if (!box.isBounded()) throw unsuitable(wrapper, role, 'a Box with finite bounds', box);
  const list: unknown = typeof bins === 'number' ? new Array<number>(box.size).fill(bins) : bins;
  if (Array.isArray(list) && list.length === box.size && list.every((n) => Number.isSafeInteger(n) && n >= 1)) {
    return list as number[];
  }
  throw invalidOption(wrapper, 'bins', `a whole number from 1, or a list of ${box.size} of them`, bins);
}

/** The `n + 1` edges of `n` equal bins, in the arithmetic of NumPy's `linspace`. */
export function binEdges(low: number, high: number, n: number, dtype: string): number[] {
  const f = rounding(dtype);
  const step = f(f(high - low) / n);
  return Array.from({ length: n + 1 }, (_, i) => (i === n ? high : f(f(i * step) + low)));
}

/** The number of a cell from its indices, the last one running fastest. */
export function flatIndex(indices: readonly number[], counts: readonly number[]): number {
  return indices.reduce((flat, index, i) => flat * counts[i]! + index, 0);
}

/** The indices of a cell from its number. */
export function cellIndices(flat: number, counts: readonly number[]): number[] {
  const indices: number[] = [];
  for (let i = counts.length - 1, rest = flat; i >= 0; i--) {
    indices[i] = rest % counts[i]!;
    rest = Math.floor(rest / counts[i]!);
  }
  return indices;
}
