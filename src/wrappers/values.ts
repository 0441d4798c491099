/** Values of spaces: copies, zeros, and numbers of a dtype. */
import { newArray } from '../spaces/arrays.js';
import { Box } from '../spaces/box.js';
import { Discrete } from '../spaces/discrete.js';
import { MultiDiscrete } from '../spaces/multi-discrete.js';
import type { DType, Space } from '../spaces/space.js';

/** A composite space, whichever its class: a Dict's `spaces` is a record, a Tuple's a list. */
export interface Composite {
  readonly type: string;
  readonly spaces: Readonly<Record<string, Space>> | readonly Space[];
}

/** The space as a Dict or Tuple, or null. */
export function composite(space: Space): Composite | null {
  return space.type === 'Dict' || space.type === 'Tuple' ? (space as unknown as Composite) : null;
}

/** A copy that the env does not write into. */
export function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  return ArrayBuffer.isView(value) && 'slice' in value
    ? (value as unknown as { slice(): T }).slice()
    : structuredClone(value);
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
  if (space.type === 'MultiBinary') return new Int8Array((space as unknown as { size: number }).size) as T;
  const parts = composite(space);
  if (parts === null) return space.sample();
  if (Array.isArray(parts.spaces)) return parts.spaces.map((part: Space) => zeroOf(part)) as T;
  return Object.fromEntries(Object.entries(parts.spaces).map(([key, part]) => [key, zeroOf(part as Space)])) as T;
}

/** Rounds to a dtype's precision: only float32 rounds. */
export function rounding(dtype: string | null): (value: number) => number {
  return dtype === 'float32' ? Math.fround : (value) => value;
}
