/** Values of spaces: copies, zeros, and numbers of a dtype. */
import { newArray } from '../spaces/arrays.js';
import { Box } from '../spaces/box.js';
import { Dict } from '../spaces/dict.js';
import { Discrete } from '../spaces/discrete.js';
import { MultiBinary } from '../spaces/multi-binary.js';
import { MultiDiscrete } from '../spaces/multi-discrete.js';
import type { DType, Space } from '../spaces/space.js';
import { Tuple } from '../spaces/tuple.js';

type Sliceable = { slice(): unknown };

/** A copy that the env does not write into. Hot: typed arrays and plain objects of them are copied without a clone. */
export function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value) && 'slice' in value) return (value as Sliceable).slice() as T;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return structuredClone(value);
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = copyOf(value[key]);
  return copy as T;
}

/** Gymnasium's zero of a space: 0 where it is a member, else the nearest bound. */
export function zeroOf<T>(space: Space<T>): T {
  if (space instanceof Box) {
    const box = space as unknown as Box<DType>;
    const zero = newArray(box.dtype, box.size);
    for (let i = 0; i < box.size; i++) zero[i] = Math.max(box.low[i]!, Math.min(box.high[i]!, 0)) + 0;
    return zero as T;
  }
  if (space instanceof Discrete) return space.start as T;
  if (space instanceof MultiDiscrete) return Int32Array.from(space.start) as T;
  if (space instanceof MultiBinary) return new Int8Array(space.size) as T;
  if (space instanceof Tuple) return space.spaces.map((part: Space) => zeroOf(part)) as T;
  if (space instanceof Dict)
    return Object.fromEntries(space.keys.map((key) => [key, zeroOf(space.spaces[key] as Space)])) as T;
  return space.sample();
}

/** Rounds to a dtype's precision: only float32 rounds. */
export function rounding(dtype: string | null): (value: number) => number {
  return dtype === 'float32' ? Math.fround : (value) => value;
}
