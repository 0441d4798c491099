/** Where a vector env keeps its observations: an array with a row for each env, a store for each key of a Dict or part of a Tuple. */
import { isArrayOf, newArray } from '../spaces/arrays.js';
import { hasRows } from '../spaces/batch.js';
import { Dict, Tuple } from '../spaces/index.js';
import type { DType, DTypes, Space } from '../spaces/space.js';
import { type RowLayout, rowLayout } from './batch.js';

/** Makes the array of a leaf; a worker of an async vector env gives a part of shared memory. */
export type Allocate = (dtype: DType, size: number) => DTypes[DType];

/** Observations of `N` envs, written one by one. */
export interface ObservationStore {
  /** Copies the observation of env `i` to its place; false if it is not in the space. */
  write(i: number, observation: unknown): boolean;
  /** A copy of the observation of env `i`. */
  read(i: number): unknown;
  /** All of them as one batch: copies, or what the next write changes. */
  take(copy: boolean): unknown;
}

/** A store for `n` values of a space. */
export function observationStore(space: Space, n: number, allocate: Allocate = newArray): ObservationStore {
  if (hasRows(space)) return new LeafStore(space, n, allocate);
  if (space instanceof Dict) return new DictStore(space, n, allocate);
  if (space instanceof Tuple) return new TupleStore(space, n, allocate);
  return new ListStore(space, n);
}

/** Rows of one typed array. */
export class LeafStore implements ObservationStore {
  readonly layout: RowLayout;
  readonly values: DTypes[DType];

  constructor(space: Space, n: number, allocate: Allocate) {
    this.layout = rowLayout(space);
    this.values = allocate(this.layout.dtype, n * this.layout.width);
  }

  /** Checks length and bounds (and so NaN) on the way. */
  write(i: number, observation: unknown): boolean {
    const { width, scalar, low, high, whole, covers } = this.layout;
    const target = this.values;
    if (covers && isArrayOf(this.layout.dtype, observation) && observation.length === width) {
      target.set(observation as ArrayLike<number>, i * width);
      return true;
    }
    if (scalar) {
      const value = observation as number;
      if (!(value >= low[0]! && value <= high[0]!) || Math.floor(value) !== value) return false;
      target[i] = value;
      return true;
    }
    const source = observation as ArrayLike<number>;
    if (source === null || source === undefined || source.length !== width) return false;
    const at = i * width;
    for (let k = 0; k < width; k++) {
      const value = source[k]!;
      if (!(value >= low[k]! && value <= high[k]!) || (whole && Math.floor(value) !== value)) return false;
      target[at + k] = value;
    }
    return true;
  }

  read(i: number): unknown {
    const { width, scalar, dtype } = this.layout;
    if (scalar) return this.values[i];
    // A loop, since slice() of a small typed array is several times slower.
    const row = newArray(dtype, width);
    for (let k = 0, at = i * width; k < width; k++, at++) row[k] = this.values[at]!;
    return row;
  }

  take(copy: boolean): unknown {
    return copy ? this.values.slice() : this.values;
  }
}

class DictStore implements ObservationStore {
  readonly #keys: readonly string[];
  readonly #parts: readonly ObservationStore[];

  constructor(space: Dict, n: number, allocate: Allocate) {
    this.#keys = space.keys;
    this.#parts = space.keys.map((key) => observationStore(space.spaces[key]!, n, allocate));
  }

  write(i: number, observation: unknown): boolean {
    if (typeof observation !== 'object' || observation === null) return false;
    const values = observation as Readonly<Record<string, unknown>>;
    for (let k = 0; k < this.#keys.length; k++) {
      if (!this.#parts[k]!.write(i, values[this.#keys[k]!])) return false;
    }
    return true;
  }

  read(i: number): unknown {
    return Object.fromEntries(this.#keys.map((key, k) => [key, this.#parts[k]!.read(i)]));
  }

  take(copy: boolean): unknown {
    return Object.fromEntries(this.#keys.map((key, k) => [key, this.#parts[k]!.take(copy)]));
  }
}

class TupleStore implements ObservationStore {
  readonly #parts: readonly ObservationStore[];

  constructor(space: Tuple, n: number, allocate: Allocate) {
    this.#parts = space.spaces.map((part: Space) => observationStore(part, n, allocate));
  }

  write(i: number, observation: unknown): boolean {
    if (!Array.isArray(observation) || observation.length !== this.#parts.length) return false;
    for (let k = 0; k < observation.length; k++) if (!this.#parts[k]!.write(i, observation[k])) return false;
    return true;
  }

  read(i: number): unknown {
    return this.#parts.map((part) => part.read(i));
  }

  take(copy: boolean): unknown {
    return this.#parts.map((part) => part.take(copy));
  }
}

/** Values that have no array form, such as text: a list of them. */
class ListStore implements ObservationStore {
  readonly #space: Space;
  readonly #values: unknown[];

  constructor(space: Space, n: number) {
    this.#space = space;
    this.#values = new Array<unknown>(n).fill(null);
  }

  write(i: number, observation: unknown): boolean {
    if (!this.#space.contains(observation)) return false;
    this.#values[i] = typeof observation === 'object' ? structuredClone(observation) : observation;
    return true;
  }

  read(i: number): unknown {
    return structuredClone(this.#values[i]);
  }

  take(copy: boolean): unknown {
    return copy ? structuredClone(this.#values) : this.#values;
  }
}
