/** Spaces as flat boxes: what a network sees. Discrete values become one-hot vectors. */
import { usageError } from '../core/errors.js';
import { isFloat, newArray, preview } from './arrays.js';
import { batchSpace, concatenate, iterate } from './batch.js';
import { Box } from './box.js';
import { Dict } from './dict.js';
import { Discrete } from './discrete.js';
import { Graph, type GraphValue } from './graph.js';
import { MultiBinary } from './multi-binary.js';
import { MultiDiscrete } from './multi-discrete.js';
import { OneOf } from './one-of.js';
import { Sequence } from './sequence.js';
import { type DType, type DTypes, Space } from './space.js';
import { Text } from './text.js';
import { Tuple } from './tuple.js';

type Typed = DTypes[DType];

/** A flattened value: one array, or, where a Sequence or Graph inside has no fixed length, the structure with flat leaves. */
export type Flat = Typed | Flat[] | GraphValue | { readonly [key: string]: Flat };

/** The spaces whose values always flatten to one array. */
export type ArraySpace = Box<DType> | Discrete | MultiDiscrete | MultiBinary | Text;

function unknownSpace(space: unknown): Error {
  const expected = 'one of Box, Discrete, MultiDiscrete, MultiBinary, Text, Tuple, Dict, Sequence, OneOf, Graph';
  return usageError('UNSUPPORTED_SPACE', `Expected a space, ${expected}; got ${preview(space)}.`, {
    expected,
    got: preview(space),
  });
}

function noFixedLength(space: Space): Error {
  return usageError(
    'UNSUPPORTED_SPACE',
    `${space} cannot be flattened to one array, because a Sequence or Graph has no fixed length.`,
    { got: String(space), hint: 'Give the values a fixed length, or flatten their parts one by one.' },
  );
}

/** Whether values of a space flatten to one array of fixed length: those without a Sequence or Graph inside. */
export function isFlattenable(space: Space): boolean {
  if (!(space instanceof Space)) throw unknownSpace(space);
  if (space instanceof Sequence || space instanceof Graph) return false;
  if (space instanceof Dict) return space.keys.every((key) => isFlattenable(space.spaces[key]!));
  if (space instanceof Tuple || space instanceof OneOf) return space.spaces.every(isFlattenable);
  return true;
}

function partsOf(space: Dict | Tuple): readonly Space[] {
  return space instanceof Dict ? space.keys.map((key) => space.spaces[key]!) : space.spaces;
}

function partValues(space: Dict | Tuple, value: unknown): readonly unknown[] {
  return space instanceof Dict
    ? space.keys.map((key) => (value as Record<string, unknown>)[key])
    : (value as readonly unknown[]);
}

/** The number of elements of a flattened value. @throws `UNSUPPORTED_SPACE` if it has no fixed length. */
export function flatdim(space: Space): number {
  if (space instanceof Box || space instanceof MultiBinary) return space.size;
  if (space instanceof Discrete) return space.n;
  if (space instanceof MultiDiscrete) return space.nvec.reduce((sum, n) => sum + n, 0);
  if (space instanceof Text) return space.maxLength;
  if (space instanceof Sequence || space instanceof Graph) throw noFixedLength(space);
  if (space instanceof Dict || space instanceof Tuple) {
    if (!isFlattenable(space)) throw noFixedLength(space);
    return partsOf(space).reduce((sum, part) => sum + flatdim(part), 0);
  }
  if (space instanceof OneOf) return 1 + Math.max(...space.spaces.map(flatdim));
  throw unknownSpace(space);
}

/** NumPy's types behind a flattened value; int64, which no typed array of numbers has, is kept apart until the end. */
type FlatDType = DType | 'int64';

function numpyDType(space: Space): FlatDType {
  if (space instanceof Box) return space.dtype as DType;
  if (space instanceof MultiDiscrete) return 'int64';
  if (space instanceof MultiBinary) return 'int8';
  if (space instanceof Discrete) return space.dtype;
  if (space instanceof Text) return 'int32';
  if (space instanceof Dict || space instanceof Tuple) return partsOf(space).map(numpyDType).reduce(promoted);
  if (space instanceof OneOf) return space.spaces.map(numpyDType).reduce(promoted);
  throw noFixedLength(space);
}

const BITS: Readonly<Record<FlatDType, number>> = {
  int8: 8,
  uint8: 8,
  int16: 16,
  uint16: 16,
  int32: 32,
  uint32: 32,
  int64: 64,
  float32: 32,
  float64: 64,
};

/** NumPy's `result_type`, but float64 where a uint32 meets a signed type. */
function promoted(a: FlatDType, b: FlatDType): FlatDType {
  if (a === b) return a;
  const floats = [a, b].filter((dtype) => dtype !== 'int64' && isFloat(dtype));
  if (floats.length === 2) return 'float64';
  if (floats.length === 1) {
    const other = a === floats[0] ? b : a;
    return floats[0] === 'float32' && BITS[other] <= 16 ? 'float32' : 'float64';
  }
  const unsigned = (dtype: FlatDType): boolean => dtype.startsWith('u');
  if (unsigned(a) === unsigned(b)) return BITS[a] >= BITS[b] ? a : b;
  const [whole, natural] = unsigned(a) ? [b, a] : [a, b];
  // int64 in NumPy, which stands for int32 here: a double holds every uint32.
  if (natural === 'uint32') return 'float64';
  if (BITS[whole] > BITS[natural]) return whole;
  return `int${2 * BITS[natural]}` as FlatDType;
}

function flatDType(space: Space): DType {
  const dtype = numpyDType(space);
  return dtype === 'int64' ? 'int32' : dtype;
}

interface Bounds {
  readonly low: number[];
  readonly high: number[];
}

/** Bounds of a Box with infinities where it is open. */
function boundsOf(box: Box<DType>): Bounds {
  return {
    low: Array.from(box.low, (value, i) => (box.boundedBelow[i] ? value : Number.NEGATIVE_INFINITY)),
    high: Array.from(box.high, (value, i) => (box.boundedAbove[i] ? value : Number.POSITIVE_INFINITY)),
  };
}

/**
 * The Box of a space's flattened values; one-hot vectors keep the space's dtype, `int64` becomes `int32`. A Sequence and a Graph
 * keep their type over flat members, and a Dict or Tuple that holds one keeps its own.
 * @throws `UNSUPPORTED_SPACE`
 */
export function flattenSpace(space: ArraySpace): Box<DType>;
export function flattenSpace(space: Space): Space;
export function flattenSpace(space: Space): Space {
  if (space instanceof Box) {
    const { low, high } = boundsOf(space as Box<DType>);
    return new Box<DType>(low, high, { dtype: space.dtype as DType });
  }
  if (space instanceof Discrete || space instanceof MultiDiscrete || space instanceof MultiBinary)
    return new Box<DType>(0, 1, { shape: [flatdim(space)], dtype: flatDType(space) });
  if (space instanceof Text) return new Box(0, space.characters.length, { shape: [space.maxLength], dtype: 'int32' });
  if (space instanceof Sequence) return new Sequence(flattenSpace(space.featureSpace), { stack: space.stack });
  if (space instanceof Graph)
    return new Graph(flattenSpace(space.nodeSpace), space.edgeSpace === null ? null : flattenSpace(space.edgeSpace));
  if (space instanceof OneOf) {
    const bounds: Bounds[] = space.spaces.map((part: Space) => boundsOf(flattenSpace(part) as Box<DType>));
    const width = flatdim(space) - 1;
    const low = Math.min(...bounds.flatMap((bound) => bound.low));
    const high = Math.max(...bounds.flatMap((bound) => bound.high));
    return new Box<DType>(
      [0, ...new Array<number>(width).fill(low)],
      [space.spaces.length - 1, ...new Array<number>(width).fill(high)],
      { dtype: flatDType(space) },
    );
  }
  if (space instanceof Dict || space instanceof Tuple) {
    if (isFlattenable(space)) {
      const bounds = partsOf(space).map((part) => boundsOf(flattenSpace(part) as Box<DType>));
      const low = bounds.flatMap((bound) => bound.low);
      const high = bounds.flatMap((bound) => bound.high);
      return new Box<DType>(low, high, { dtype: flatDType(space) });
    }
    if (space instanceof Tuple) return new Tuple(space.spaces.map((part: Space) => flattenSpace(part)));
    return new Dict(space.keys.map((key) => [key, flattenSpace(space.spaces[key]!)] as const));
  }
  throw unknownSpace(space);
}

/**
 * A value of `space` as one flat array of `flatdim(space)` elements; a new array each time. Where a Sequence or Graph is inside,
 * the structure stays and its members are flat.
 * @throws `INVALID_VALUE` if the value is not a member.
 */
export function flatten<T>(space: Space<T> & ArraySpace, value: T): Typed;
export function flatten<T>(space: Space<T>, value: T): Flat;
export function flatten<T>(space: Space<T>, value: T): Flat {
  const known: Space = space;
  const reason = known instanceof Box ? null : known.explain(value);
  if (reason !== null)
    throw usageError('INVALID_VALUE', `Cannot flatten a value of ${space}: ${reason}.`, { got: preview(value) });
  return flattened(known, value);
}

function flattened(space: Space, value: unknown): Flat {
  if (space instanceof Sequence) {
    const members = space.members(value as never).map((member) => flattened(space.featureSpace, member));
    return space.stack ? (concatenate(flattenSpace(space.featureSpace), members) as Flat) : members;
  }
  if (space instanceof Graph) {
    const { nodes, edges, edgeLinks } = value as GraphValue;
    return {
      nodes: flatBatch(space.nodeSpace, nodes),
      edges: edges === null || space.edgeSpace === null ? null : flatBatch(space.edgeSpace, edges),
      edgeLinks,
    } as GraphValue;
  }
  if (!isFlattenable(space)) {
    const parts = partsOf(space as Dict | Tuple);
    const flats = partValues(space as Dict | Tuple, value).map((part, k) => flattened(parts[k]!, part));
    if (!(space instanceof Dict)) return flats;
    return Object.fromEntries(space.keys.map((key, k) => [key, flats[k]!]));
  }
  const flat = newArray(flatDType(space), flatdim(space));
  flattenInto(space, value, flat, 0);
  return flat;
}

function flatBatch(space: Space, batch: unknown): unknown {
  const members = [...iterate(batchSpace(space, 1), batch)].map((member) => flattened(space, member));
  return concatenate(flattenSpace(space), members);
}

/**
 * Writes a flattened value to `target` from element `at` on, and returns where the next one goes. For loops: nothing is
 * checked, and nothing allocated for Box, Discrete, MultiDiscrete and MultiBinary and for Dict and Tuple of them.
 */
export function flattenInto(space: Space, value: unknown, target: Typed, at: number): number {
  if (space instanceof Box || space instanceof MultiBinary) {
    const values = value as ArrayLike<number>;
    const size = space.size;
    for (let k = 0; k < size; k++) target[at + k] = values[k]!;
    return at + size;
  }
  if (space instanceof Discrete) {
    target.fill(0, at, at + space.n);
    target[at + (value as number) - space.start] = 1;
    return at + space.n;
  }
  if (space instanceof MultiDiscrete) {
    const values = value as Int32Array;
    let next = at;
    for (let i = 0; i < values.length; i++) {
      const n = space.nvec[i]!;
      target.fill(0, next, next + n);
      target[next + values[i]! - space.start[i]!] = 1;
      next += n;
    }
    return next;
  }
  if (space instanceof Dict) {
    let next = at;
    for (const key of space.keys) {
      next = flattenInto(space.spaces[key]!, (value as Record<string, unknown>)[key], target, next);
    }
    return next;
  }
  if (space instanceof Tuple) {
    let next = at;
    for (let k = 0; k < space.spaces.length; k++) {
      next = flattenInto(space.spaces[k]!, (value as readonly unknown[])[k], target, next);
    }
    return next;
  }
  if (space instanceof Text) {
    target.set(space.encode(value as string), at);
    return at + space.maxLength;
  }
  if (space instanceof OneOf) {
    const [index, part] = value as [number, unknown];
    const end = at + flatdim(space);
    target[at] = index;
    const next = flattenInto(space.spaces[index]!, part, target, at + 1);
    // Gymnasium fills the rest with the first element.
    target.fill(target[at + 1]!, next, end);
    return end;
  }
  throw noFixedLength(space);
}

/**
 * The value of `space` that `flatten` made `flat` from.
 * @throws `INVALID_VALUE` if it is too short or not one-hot.
 */
export function unflatten<T>(space: Space<T>, flat: Flat | ArrayLike<number>): T {
  const known: Space = space;
  if (isFlattenable(known)) {
    const values = flat as ArrayLike<number>;
    if (values?.length !== flatdim(known)) {
      const got = String(values?.length ?? preview(flat));
      throw usageError('INVALID_VALUE', `Expected ${flatdim(known)} flattened elements of ${space}, got ${got}.`, {
        expected: String(flatdim(known)),
        got,
      });
    }
    return unflattened(known, values) as T;
  }
  if (known instanceof Sequence) {
    const members = known.stack
      ? [...iterate(batchSpace(flattenSpace(known.featureSpace), 1), flat)]
      : (flat as unknown as Flat[]);
    const values = members.map((member) => unflatten(known.featureSpace, member as Flat));
    return (known.stack ? concatenate(known.featureSpace, values) : values) as T;
  }
  if (known instanceof Graph) {
    const { nodes, edges, edgeLinks } = flat as GraphValue;
    const batch = (part: Space, values: unknown): unknown =>
      concatenate(
        part,
        [...iterate(batchSpace(flattenSpace(part), 1), values)].map((member) => unflatten(part, member as Flat)),
      );
    return {
      nodes: batch(known.nodeSpace, nodes),
      edges: edges === null || known.edgeSpace === null ? null : batch(known.edgeSpace, edges),
      edgeLinks,
    } as T;
  }
  if (known instanceof Dict) {
    const parts = flat as Record<string, Flat>;
    return Object.fromEntries(known.keys.map((key) => [key, unflatten(known.spaces[key]!, parts[key]!)])) as T;
  }
  return (known as Tuple).spaces.map((part, k) => unflatten(part, (flat as Flat[])[k]!)) as T;
}

function unflattened(space: Space, flat: ArrayLike<number>): unknown {
  if (space instanceof Discrete) return space.start + oneHot(flat, 0, space.n, space);
  if (space instanceof MultiDiscrete) {
    let offset = 0;
    const value = new Int32Array(space.size);
    for (let i = 0; i < value.length; i++) {
      value[i] = space.start[i]! + oneHot(flat, offset, space.nvec[i]!, space);
      offset += space.nvec[i]!;
    }
    return value;
  }
  if (space instanceof Text) return space.decode(flat);
  if (space instanceof Dict || space instanceof Tuple) {
    let at = 0;
    const values = partsOf(space).map((part) => {
      const size = flatdim(part);
      const slice = Array.prototype.slice.call(flat, at, at + size) as number[];
      at += size;
      return unflattened(part, slice);
    });
    return space instanceof Dict ? Object.fromEntries(space.keys.map((key, k) => [key, values[k]])) : values;
  }
  if (space instanceof OneOf) {
    const index = flat[0]!;
    const part = space.spaces[index];
    if (part === undefined) {
      throw usageError('INVALID_VALUE', `Expected the index of a space of ${space} first, got ${index}.`, {
        expected: `0 to ${space.spaces.length - 1}`,
        got: String(index),
      });
    }
    return [index, unflattened(part, Array.prototype.slice.call(flat, 1, 1 + flatdim(part)) as number[])];
  }
  const value = newArray((space as Box<DType> | MultiBinary).dtype, flat.length);
  value.set(flat);
  return value;
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
