/** Growable columns of observations or actions that keep the dtype: what an episode log holds in memory and in a file. */
import { usageError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { arrayOver, isArrayOf, isDType, newArray, preview, sizeOf } from '../spaces/arrays.js';
import type { DType, Space } from '../spaces/space.js';

/** How the members of a space lie in a file: `width` little-endian numbers of a dtype each, or JSON text. */
export interface Encoding {
  readonly encoding: DType | 'json';
  /** Numbers a member; 1 for JSON. */
  readonly width: number;
}

/** The encoding of a space's members: exact, and as narrow as the space's own type. */
export function encodingOf(space: Space): Encoding {
  const width = space.shape === null ? 1 : sizeOf(space.shape);
  if (space.type === 'Discrete') {
    const { n, start } = space.toJSON() as { n: number; start?: number };
    const first = start ?? 0;
    const small = first >= -(2 ** 31) && first + n <= 2 ** 31;
    return { encoding: small ? 'int32' : 'float64', width: 1 };
  }
  if (space.type === 'Box' || space.type === 'MultiDiscrete' || space.type === 'MultiBinary') {
    if (isDType(space.dtype)) return { encoding: space.dtype, width };
  }
  return { encoding: 'json', width: 1 };
}

/** A growable column of members of one space, by value. */
export interface ValueStore {
  readonly length: number;
  /** Roughly how many bytes the members take. */
  readonly bytes: number;
  /**
   * Appends a copy of `value`.
   * @throws `INVALID_ACTION` or `INVALID_OBSERVATION` if its type or length is not the space's; bounds are not looked at.
   */
  push(value: unknown): void;
  /** A fresh copy of member `index`, in the JavaScript type of the space. */
  at(index: number): unknown;
  /** Forgets the members from `length` on, keeps the memory. */
  truncate(length: number): void;
  /** The members as they lie in a file; for arrays a view that the next `push` may change. */
  toBytes(): Uint8Array;
}

/** What the members are: the error code and the word of a message. */
export type StoreRole = 'action' | 'observation';

/** An empty column for members of `space`. */
export function createStore(space: Space, role: StoreRole): ValueStore {
  const { encoding, width } = encodingOf(space);
  return encoding === 'json' ? new JsonStore(space) : new ArrayStore(space, encoding, width, role);
}

/**
 * The column that `toBytes` wrote, of exactly `count` members.
 * @throws `INVALID_VALUE` if the bytes are not such a column.
 */
export function storeFromBytes(space: Space, role: StoreRole, bytes: Uint8Array, count: number): ValueStore {
  const { encoding, width } = encodingOf(space);
  if (encoding === 'json') {
    const store = new JsonStore(space);
    store.load(bytes, count);
    return store;
  }
  const store = new ArrayStore(space, encoding, width, role);
  store.load(bytes, count);
  return store;
}

function badColumn(expected: string, got: string): Error {
  return usageError('INVALID_VALUE', `Expected ${expected}, got ${got}.`, { expected, got });
}

class ArrayStore implements ValueStore {
  #length = 0;
  #values;
  readonly #space: Space;
  readonly #dtype: DType;
  readonly #width: number;
  readonly #role: StoreRole;
  readonly #scalar: boolean;

  constructor(space: Space, dtype: DType, width: number, role: StoreRole) {
    this.#space = space;
    this.#dtype = dtype;
    this.#width = width;
    this.#role = role;
    this.#scalar = space.type === 'Discrete';
    this.#values = newArray(dtype, 16 * width);
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#length * this.#width * this.#values.BYTES_PER_ELEMENT;
  }

  push(value: unknown): void {
    const width = this.#width;
    const at = this.#length * width;
    if (at + width > this.#values.length) {
      const larger = newArray(this.#dtype, Math.max(2 * this.#values.length, at + width));
      larger.set(this.#values);
      this.#values = larger;
    }
    if (this.#scalar) {
      if (typeof value !== 'number') throw this.#refusal(value);
      this.#values[at] = value;
      if (this.#values[at] !== value) throw this.#refusal(value);
    } else {
      if (!isArrayOf(this.#dtype, value) || value.length !== width) throw this.#refusal(value);
      this.#values.set(value, at);
    }
    this.#length++;
  }

  #refusal(value: unknown): Error {
    const why = this.#space.explain(value) ?? `got ${preview(value)}`;
    return usageError(
      this.#role === 'action' ? 'INVALID_ACTION' : 'INVALID_OBSERVATION',
      `Cannot record this ${this.#role} of ${this.#space.toString()}: ${why}.`,
      { field: this.#role, expected: this.#space.toString(), got: preview(value) },
    );
  }

  at(index: number): unknown {
    if (this.#scalar) return this.#values[index];
    return this.#values.slice(index * this.#width, (index + 1) * this.#width);
  }

  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  toBytes(): Uint8Array {
    const { buffer, byteOffset, BYTES_PER_ELEMENT } = this.#values;
    return new Uint8Array(buffer, byteOffset, this.#length * this.#width * BYTES_PER_ELEMENT);
  }

  load(bytes: Uint8Array, count: number): void {
    const size = this.#values.BYTES_PER_ELEMENT * this.#width * count;
    if (bytes.length !== size) throw badColumn(`${size} bytes of ${this.#role}s`, `${bytes.length}`);
    // A copy, since the file's bytes are not aligned to the dtype; not `slice`, which for a Buffer is no copy.
    this.#values = arrayOver(this.#dtype, new Uint8Array(bytes).buffer, 0, this.#width * count);
    this.#length = count;
  }
}

class JsonStore implements ValueStore {
  #values: Json[] = [];
  readonly #space: Space;

  constructor(space: Space) {
    this.#space = space;
  }

  get length(): number {
    return this.#values.length;
  }

  get bytes(): number {
    return 64 * this.#values.length;
  }

  push(value: unknown): void {
    this.#values.push(this.#space.valueToJSON(value));
  }

  at(index: number): unknown {
    return this.#space.valueFromJSON(this.#values[index]!);
  }

  truncate(length: number): void {
    this.#values.length = Math.min(this.#values.length, length);
  }

  toBytes(): Uint8Array {
    return new TextEncoder().encode(JSON.stringify(this.#values));
  }

  load(bytes: Uint8Array, count: number): void {
    const values = JSON.parse(new TextDecoder().decode(bytes)) as Json;
    if (!Array.isArray(values) || values.length !== count) throw badColumn(`a JSON list of ${count}`, preview(values));
    this.#values = values;
  }
}
