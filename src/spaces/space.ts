import type { Json, JsonObject } from '../core/json.js';
import { Generator } from '../core/seeding/generator.js';

/** The typed arrays a Box can hold, by NumPy's name of the element type. */
export interface DTypes {
  float32: Float32Array;
  float64: Float64Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
}
export type DType = keyof DTypes;

/**
 * A set of values that observations or actions come from. `T` is the JavaScript value: a number for Discrete, the dtype's
 * typed array (row-major, without nesting) for Box, `Int32Array` for MultiDiscrete, `Int8Array` for MultiBinary.
 */
export abstract class Space<T = unknown> {
  /** Gymnasium's class name, `'Box'`, `'Discrete'`, ... */
  abstract readonly type: string;
  /** Lengths of the axes, outermost first; null where the notion makes no sense. */
  abstract readonly shape: readonly number[] | null;
  /** NumPy's name of the element type; null where there is none. */
  abstract readonly dtype: string | null;

  #generator: Generator | null = null;

  /** The space's own stream, for `sample`; seeded from entropy unless `seed` was called. */
  get generator(): Generator {
    if (this.#generator === null) this.#generator = Generator.fromEntropy();
    return this.#generator;
  }

  set generator(generator: Generator) {
    this.#generator = generator;
  }

  /** Seeds `sample` as Gymnasium's `space.seed(seed)` does. */
  seed(seed: number): void {
    this.#generator = Generator.fromSeed(seed);
  }

  /** A random member, drawn as Gymnasium draws it from the same generator state. */
  abstract sample(): T;
  /** Whether `value` is a member: right type, shape and bounds. */
  abstract contains(value: unknown): value is T;
  /** Why `value` is not a member, as a sentence fragment ("expected ..., got ..."), or null if it is one. */
  abstract explain(value: unknown): string | null;
  /** Plain JSON that `spaceFromJSON` turns into an equal space. */
  abstract toJSON(): JsonObject;
  /** A member as plain JSON, exactly. */
  abstract valueToJSON(value: T): Json;
  /** The member that `valueToJSON` wrote. */
  abstract valueFromJSON(json: Json): T;
  abstract equals(other: unknown): boolean;
  /** Gymnasium's `repr`, for messages and tables. */
  abstract toString(): string;
}
