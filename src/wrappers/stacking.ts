/** A space's values in a row: one more axis in front, as Gymnasium's `batch_space` and `concatenate`. */
import { newArray } from '../spaces/arrays.js';
import { Box } from '../spaces/box.js';
import { Discrete } from '../spaces/discrete.js';
import { MultiBinary } from '../spaces/multi-binary.js';
import { MultiDiscrete } from '../spaces/multi-discrete.js';
import type { DType, Space } from '../spaces/space.js';
import { unsuitable } from './options.js';
import { composite, copyOf } from './values.js';

/** The space of `n` values. @throws `INVALID_WRAPPER_SPACE` for a space whose values have no rows. */
export function stackedSpace(wrapper: string, space: Space, n: number): Space {
  const rows = (values: ArrayLike<number>): number[] => Array.from({ length: n }, () => Array.from(values)).flat();
  const box = (low: ArrayLike<number>, high: ArrayLike<number>, dtype: DType): Space =>
    new Box<DType>(rows(low), rows(high), { shape: [n, ...(space.shape ?? [])], dtype });
  if (space instanceof Box) return box(space.low, space.high, space.dtype as DType);
  if (space instanceof Discrete) {
    if (space.start === 0) return new MultiDiscrete(new Array<number>(n).fill(space.n));
    return box([space.start], [space.start + space.n - 1], 'int32');
  }
  if (space instanceof MultiDiscrete) {
    const high = Array.from(space.nvec, (count, i) => count + space.start[i]! - 1);
    return box(space.start, high, 'int32');
  }
  if (space instanceof MultiBinary) {
    return box(new Float64Array(space.size), new Float64Array(space.size).fill(1), 'int8');
  }
  const parts = composite(space);
  if (parts === null) throw unsuitable(wrapper, 'observation', 'a space whose values have a fixed size', space);
  const Class = space.constructor as new (spaces: unknown) => Space;
  const entries = Object.entries(parts.spaces).map(([key, part]): [string, Space] => [
    key,
    stackedSpace(wrapper, part as Space, n),
  ]);
  return new Class(Array.isArray(parts.spaces) ? entries.map(([, part]) => part) : Object.fromEntries(entries));
}

/** Values of a space as one value of its stacked space. */
export function stackedValues(space: Space, values: readonly unknown[]): unknown {
  const parts = composite(space);
  if (parts !== null) {
    const of = (key: string): unknown[] => values.map((value) => (value as Record<string, unknown>)[key]);
    const entries = Object.entries(parts.spaces).map(([key, part]): [string, unknown] => [
      key,
      stackedValues(part as Space, of(key)),
    ]);
    return Array.isArray(parts.spaces) ? entries.map(([, part]) => part) : Object.fromEntries(entries);
  }
  if (space instanceof Discrete) return Int32Array.from(values as number[]);
  const first = copyOf(values[0]) as Float32Array;
  const dtype = space instanceof Box ? (space.dtype as DType) : space instanceof MultiBinary ? 'int8' : 'int32';
  const out = newArray(dtype, values.length * first.length);
  values.forEach((value, k) => {
    out.set(value as ArrayLike<number>, k * first.length);
  });
  return out;
}
