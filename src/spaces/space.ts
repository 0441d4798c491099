import { usageError } from '../core/errors.js';
import type { Json, JsonObject } from '../core/json.js';
import { Generator } from '../core/seeding/generator.js';
import type { Seeds } from './seeds.js';

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
/** Name of an element type of a space's arrays. */
export type DType = keyof DTypes;

/** Masks or probabilities for `sample`, shaped as the space is: lists for Discrete and the like, nested for composite spaces. */
export interface SampleMasks {
  // biome-ignore lint/suspicious/noExplicitAny: each space names its own kind of mask; a caller that holds a plain Space cannot know it.
  readonly mask?: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly probability?: any;
}

/**
 * A set of values that observations or actions come from. `T` is the JavaScript value: a number for Discrete, the dtype's
 * typed array (row-major, without nesting) for Box, `Int32Array` for MultiDiscrete, `Int8Array` for MultiBinary, a string for Text,
 * a plain object for Dict, an array for Tuple and Sequence, `[index, value]` for OneOf, `{ nodes, edges, edgeLinks }` for Graph.
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

  /**
   * Seeds `sample` as Gymnasium's `space.seed(seed)` does, and returns what was used: composite spaces seed their parts too.
   * @throws `INVALID_SEED`
   */
  seed(seed: Seeds = null): Seeds {
    if (seed !== null && typeof seed !== 'number') {
      throw usageError('INVALID_SEED', `Expected one seed for ${this}, a whole number, got ${JSON.stringify(seed)}.`, {
        expected: 'a whole number',
        got: JSON.stringify(seed),
      });
    }
    this.#generator = seed === null ? Generator.fromEntropy() : Generator.fromSeed(seed);
    return seed;
  }

  /** A random member, drawn as Gymnasium draws it from the same generator state. */
  abstract sample(options?: SampleMasks): T;
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
