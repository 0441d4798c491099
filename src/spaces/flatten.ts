/** Spaces as flat boxes: what a network sees. Discrete values become one-hot vectors. */
import { usageError } from '../core/errors.js';
import { newArray, preview } from './arrays.js';
import { Box } from './box.js';
import { Discrete } from './discrete.js';
import { MultiBinary } from './multi-binary.js';
import { MultiDiscrete } from './multi-discrete.js';
import type { DType, DTypes, Space } from './space.js';

function unknownSpace(space: unknown): Error {
  return usageError(
    'UNSUPPORTED_SPACE',
    `Expected a Box, Discrete, MultiDiscrete or MultiBinary space, got ${preview(space)}.`,
    {
      expected: 'Box, Discrete, MultiDiscrete or MultiBinary',
      got: preview(space),
    },
  );
}

/** The number of elements of a flattened value. @throws `UNSUPPORTED_SPACE` */
export function flatdim(space: Space): number {
  if (space instanceof Box || space instanceof MultiBinary) return space.size;
  if (space instanceof Discrete) return space.n;
  if (space instanceof MultiDiscrete) return space.nvec.reduce((sum, n) => sum + n, 0);
  throw unknownSpace(space);
}

/** The Box of a space's flattened values; one-hot vectors keep the space's dtype, `int64` becomes `int32`. @throws `UNSUPPORTED_SPACE` */
export function flattenSpace(space: Space): Box<DType> {
  if (space instanceof Box) {
    const bounds = (values: ArrayLike<number>, bounded: readonly boolean[], open: number): number[] =>
      Array.from(values, (value, i) => (bounded[i] ? value : open));
    return new Box<DType>(
      bounds(space.low, space.boundedBelow, Number.NEGATIVE_INFINITY),
      bounds(space.high, space.boundedAbove, Number.POSITIVE_INFINITY),
      { dtype: space.dtype as DType },
    );
  }
  return new Box<DType>(0, 1, { shape: [flatdim(space)], dtype: flatDType(space) });
}

function flatDType(space: Space): DType {
  return space.dtype === 'int64' ? 'int32' : (space.dtype as DType);
}

/**
 * A value of `space` as one flat array of `flatdim(space)` elements; a new array each time.
 * @throws `INVALID_VALUE` if the value is not a member.
 */
export function flatten<T>(space: Space<T>, value: T): DTypes[DType] {
  const known: Space = space;
  const reason = known instanceof Box ? null : known.explain(value);
  if (reason !== null)
    throw usageError('INVALID_VALUE', `Cannot flatten a value of ${space}: ${reason}.`, { got: preview(value) });
  if (known instanceof Box || known instanceof MultiBinary) {
    const flat = newArray(known.dtype as DType, known.size);
    flat.set(value as ArrayLike<number>);
    return flat;
  }
  const flat = newArray(flatDType(known), flatdim(known));
  if (known instanceof Discrete) {
    flat[(value as number) - known.start] = 1;
  } else if (known instanceof MultiDiscrete) {
    const values = value as Int32Array;
    let offset = 0;
    for (let i = 0; i < values.length; i++) {
      flat[offset + values[i]! - known.start[i]!] = 1;
      offset += known.nvec[i]!;
    }
  }
  return flat;
}

/**
 * The value of `space` that `flatten` made `flat` from.
 * @throws `INVALID_VALUE` if it is too short or not one-hot.
 */
export function unflatten<T>(space: Space<T>, flat: ArrayLike<number>): T {
  const known: Space = space;
  if (flat.length !== flatdim(known)) {
    throw usageError(
      'INVALID_VALUE',
      `Expected ${flatdim(known)} flattened elements of ${space}, got ${flat.length}.`,
      {
        expected: String(flatdim(known)),
        got: String(flat.length),
      },
    );
  }
  if (known instanceof Discrete) return (known.start + oneHot(flat, 0, known.n, known)) as T;
  if (known instanceof MultiDiscrete) {
    let offset = 0;
    const value = new Int32Array(known.size);
    for (let i = 0; i < value.length; i++) {
      value[i] = known.start[i]! + oneHot(flat, offset, known.nvec[i]!, known);
      offset += known.nvec[i]!;
    }
    return value as T;
  }
  const value = newArray((known as Box<DType> | MultiBinary).dtype, flat.length);
  value.set(flat);
  return value as T;
}

function oneHot(flat: ArrayLike<number>, offset: number, n: number, space: Space): number {
  let hot = -1;
  for (let i = 0; i < n; i++) {
    if (flat[offset + i] === 0) continue;
    if (hot >= 0) hot = n;
    else hot = i;
  }
  if (hot >= 0 && hot < n) return hot;
  throw usageError(
    'INVALID_VALUE',
    `Expected a one-hot vector at elements ${offset} to ${offset + n - 1} of a flattened value of ${space}.`,
    {
      expected: 'exactly one element that is not zero',
    },
  );
}
