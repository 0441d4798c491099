/** Batches of values: one typed array with a row for each, objects of batches for Dict, lists of batches for Tuple. */
import { usageError } from '../core/errors.js';
import { Generator } from '../core/seeding/generator.js';
import { isArrayOf, newArray, preview, sizeOf } from './arrays.js';
import { Box } from './box.js';
import type { ValueOf } from './composite.js';
import { Dict } from './dict.js';
import { Discrete } from './discrete.js';
import { spaceFromJSON } from './from-json.js';
import { MultiBinary } from './multi-binary.js';
import { MultiDiscrete } from './multi-discrete.js';
import { type DType, type DTypes, Space } from './space.js';
import { Tuple } from './tuple.js';

type Typed = DTypes[DType];

/** A batch of values: numbers become one `Int32Array`, arrays one longer array, objects and tuples are batched inside. */
export type Batch<T> = T extends number
  ? Int32Array
  : T extends Typed
    ? T
    : T extends string
      ? string[]
      : T extends readonly [unknown, ...unknown[]]
        ? { [K in keyof T]: Batch<T[K]> }
        : T extends readonly unknown[]
          ? T[]
          : T extends Record<string, unknown>
            ? { [K in keyof T]: Batch<T[K]> }
            : T;

/** The batch of a space's values. */
export type BatchOf<S> = Batch<ValueOf<S>>;

function repeated(values: ArrayLike<number>, n: number): Float64Array {
  const rows = new Float64Array(n * values.length);
  for (let i = 0, k = 0; i < n; i++) for (let j = 0; j < values.length; j++) rows[k++] = values[j]!;
  return rows;
}

/**
 * The space of `n` values of a space, as Gymnasium's `batch_space`: a Box with a leading axis, a MultiDiscrete of `n` elements
 * for a Discrete, a Dict or Tuple of batched spaces, and a Tuple of `n` spaces for those that have no array form (Text,
 * Sequence, OneOf, Graph). It samples from a copy of the space's generator.
 * @throws `UNSUPPORTED_SPACE`, `INVALID_OPTION`
 */
export function batchSpace(space: Space, n: number): Space {
  checkCount(n, 1);
  const batched = batchedSpace(space, n);
  batched.generator = Generator.fromState(space.generator.state);
  return batched;
}

function checkCount(n: number, least: number): void {
  if (Number.isSafeInteger(n) && n >= least) return;
  const expected = `a whole number of values from ${least}`;
  throw usageError('INVALID_OPTION', `Expected ${expected} to batch a space, got ${preview(n)}.`, {
    expected,
    got: preview(n),
    field: 'n',
  });
}

function batchedSpace(space: Space, n: number): Space {
  if (space instanceof Discrete) {
    return new MultiDiscrete(repeated([space.n], n), { start: repeated([space.start], n) });
  }
  if (space instanceof Box) {
    const { dtype, low, high, shape } = space as Box<DType>;
    return new Box<DType>(repeated(low, n), repeated(high, n), { shape: [n, ...shape], dtype });
  }
  if (space instanceof MultiDiscrete) {
    const high = space.nvec.map((count, k) => space.start[k]! + count - 1);
    return new Box(repeated(space.start, n), repeated(high, n), { shape: [n, ...space.shape], dtype: 'int32' });
  }
  if (space instanceof MultiBinary) return new Box(0, 1, { shape: [n, ...space.shape], dtype: 'int8' });
  if (space instanceof Dict) {
    return new Dict(space.keys.map((key) => [key, batchSpace(space.spaces[key]!, n)] as const));
  }
  if (space instanceof Tuple) return new Tuple(space.spaces.map((part: Space) => batchSpace(part, n)));
  if (!(space instanceof Space)) {
    throw usageError('UNSUPPORTED_SPACE', `Expected a space to batch, got ${preview(space)}.`, { got: preview(space) });
  }
  const batched = new Tuple(Array.from({ length: n }, () => spaceFromJSON(space.toJSON())));
  const generator = Generator.fromState(space.generator.state);
  batched.seed(Array.from({ length: n }, () => generator.integers(1e8)));
  return batched;
}

/**
 * One space of several that differ in their bounds only, as Gymnasium's `batch_differing_spaces`.
 * @throws `SPACE_MISMATCH` if they differ in more.
 */
export function batchDifferingSpaces(spaces: readonly Space[]): Space {
  const first = spaces[0];
  const mismatch = (what: string): Error =>
    usageError('SPACE_MISMATCH', `Expected spaces of one ${what} to batch, got ${spaces.map(String).join(', ')}.`, {
      expected: `one ${what}`,
    });
  if (first === undefined || !(first instanceof Space)) throw mismatch('type, at least one');
  if (!spaces.every((space) => space.type === first.type)) throw mismatch('type');
  const shapes = new Set(spaces.map((space) => JSON.stringify(space.shape)));
  if (first instanceof Discrete) {
    const all = spaces as Discrete[];
    return new MultiDiscrete(
      all.map(({ n }) => n),
      { start: all.map(({ start }) => start) },
    );
  }
  if (first instanceof Dict) {
    const all = spaces as Dict[];
    if (!all.every(({ keys }) => keys.join('\n') === first.keys.join('\n'))) throw mismatch('set of keys');
    return new Dict(
      first.keys.map((key) => [key, batchDifferingSpaces(all.map((space) => space.spaces[key]!))] as const),
    );
  }
  if (first instanceof Tuple) {
    const all = spaces as Tuple[];
    if (!all.every((space) => space.spaces.length === first.spaces.length)) throw mismatch('length');
    return new Tuple(
      first.spaces.map((_: Space, k: number) => batchDifferingSpaces(all.map((space) => space.spaces[k]!))),
    );
  }
  if (first instanceof Box || first instanceof MultiDiscrete || first instanceof MultiBinary) {
    if (shapes.size > 1 || !spaces.every((space) => space.dtype === first.dtype)) throw mismatch('shape and dtype');
    const rows = spaces.map((space) => batchSpace(space, 1) as Box<DType>);
    const flat = (side: 'low' | 'high'): number[] => rows.flatMap((row) => Array.from(row[side]));
    const shape = [spaces.length, ...rows[0]!.shape.slice(1)];
    return new Box<DType>(flat('low'), flat('high'), { shape, dtype: rows[0]!.dtype });
  }
  return new Tuple(spaces.map((space) => spaceFromJSON(space.toJSON())));
}

/** Whether values of a space are rows of one array: Box, Discrete, MultiDiscrete, MultiBinary. */
export function hasRows(space: Space): boolean {
  return rowOf(space) !== null;
}

/** Whether every part of a space has rows, so that its batches are arrays alone. */
export function isAllRows(space: Space): boolean {
  if (space instanceof Dict) return space.keys.every((key) => isAllRows(space.spaces[key]!));
  if (space instanceof Tuple) return space.spaces.every(isAllRows);
  return hasRows(space);
}

/** Elements and dtype of one value of a space that has an array form; null for the others. */
function rowOf(space: Space): { readonly dtype: DType; readonly width: number; readonly scalar: boolean } | null {
  if (space instanceof Discrete) return { dtype: 'int32', width: 1, scalar: true };
  if (space instanceof Box || space instanceof MultiDiscrete || space instanceof MultiBinary)
    return { dtype: space.dtype as DType, width: space.size, scalar: false };
  return null;
}

/** A batch of `n` values that hold zeros, or nothing, for `concatenate` to write to; as Gymnasium's `create_empty_array`. */
export function createEmptyArray(space: Space, n: number): unknown {
  checkCount(n, 0);
  const row = rowOf(space);
  if (row !== null) return newArray(row.dtype, n * row.width);
  if (space instanceof Dict)
    return Object.fromEntries(space.keys.map((key) => [key, createEmptyArray(space.spaces[key]!, n)]));
  if (space instanceof Tuple) return space.spaces.map((part: Space) => createEmptyArray(part, n));
  return Array.from({ length: n }, () => null);
}

/**
 * Values of a space as one batch, written to `out` where it is given, as Gymnasium's `concatenate`.
 * @throws `INVALID_VALUE` if a value has another length.
 */
export function concatenate(space: Space, items: readonly unknown[], out?: unknown): unknown {
  const target = out ?? createEmptyArray(space, items.length);
  const row = rowOf(space);
  if (row !== null) {
    const array = target as Typed;
    for (const [i, item] of items.entries()) {
      if (row.scalar) {
        array[i] = item as number;
        continue;
      }
      const values = item as Typed;
      if (!isArrayOf(row.dtype, values) || values.length !== row.width) {
        const expected = `${row.width} elements of ${row.dtype}`;
        throw usageError('INVALID_VALUE', `Expected value ${i} of ${space} as ${expected}, got ${preview(item)}.`, {
          expected,
          got: preview(item),
        });
      }
      array.set(values as never, i * row.width);
    }
    return target;
  }
  if (space instanceof Dict) {
    const parts = target as Record<string, unknown>;
    return Object.fromEntries(
      space.keys.map((key) => {
        const values = items.map((item) => (item as Record<string, unknown>)[key]);
        return [key, concatenate(space.spaces[key]!, values, parts[key])];
      }),
    );
  }
  if (space instanceof Tuple) {
    const parts = target as unknown[];
    return space.spaces.map((part: Space, k: number) =>
      concatenate(
        part,
        items.map((item) => (item as unknown[])[k]),
        parts[k],
      ),
    );
  }
  return [...items];
}

/**
 * The single values of a batch, as Gymnasium's `iterate`: `space` is the batched one. A row of a Box is a copy; elements of a
 * MultiDiscrete of one axis are numbers.
 * @throws `INVALID_VALUE` for something that has no rows.
 */
export function* iterate(space: Space, batch: unknown): Generator_ {
  const bad = (): Error =>
    usageError('INVALID_VALUE', `Expected a batch of ${space}, got ${preview(batch)}.`, { got: preview(batch) });
  if (space instanceof Box || space instanceof MultiDiscrete || space instanceof MultiBinary) {
    const dtype = space.dtype as DType;
    if (!isArrayOf(dtype, batch)) throw bad();
    if (!(space instanceof Box) && space.shape.length === 1) {
      yield* batch as Int32Array;
      return;
    }
    const width = sizeOf(space.shape.slice(1));
    if (batch.length % width !== 0) throw bad();
    for (let at = 0; at < batch.length; at += width) yield batch.slice(at, at + width);
    return;
  }
  if (space instanceof Dict) {
    if (typeof batch !== 'object' || batch === null) throw bad();
    const parts = space.keys.map((key) => [...iterate(space.spaces[key]!, (batch as Record<string, unknown>)[key])]);
    const length = Math.min(...parts.map((part) => part.length));
    for (let i = 0; i < length; i++) yield Object.fromEntries(space.keys.map((key, k) => [key, parts[k]![i]]));
    return;
  }
  if (space instanceof Tuple) {
    if (!Array.isArray(batch)) throw bad();
    // A tuple of spaces without an array form is the list of the values itself.
    if (
      space.spaces.every((part: Space) => rowOf(part) === null && !(part instanceof Dict) && !(part instanceof Tuple))
    ) {
      yield* batch as unknown[];
      return;
    }
    const parts: unknown[][] = space.spaces.map((part: Space, k: number) => [...iterate(part, batch[k])]);
    const length = Math.min(...parts.map((part) => part.length));
    for (let i = 0; i < length; i++) yield parts.map((part) => part[i]);
    return;
  }
  throw bad();
}

type Generator_ = globalThis.Generator<unknown, void, undefined>;
