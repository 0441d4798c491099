/** From the numbers that a policy stores to the action that an env takes. */
import { newArray } from '../spaces/arrays.js';
import { Box } from '../spaces/box.js';
import { Discrete } from '../spaces/discrete.js';
import { MultiBinary } from '../spaces/multi-binary.js';
import { MultiDiscrete } from '../spaces/multi-discrete.js';
import type { Space } from '../spaces/space.js';

/** An action of several numbers, as its env gets it. */
export type ActionArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/**
 * Reads one env's actions from a column of stored ones: choices begin at the space's start, dimensions are clipped to its bounds.
 * Arrays are overwritten by the next `read`.
 */
export class EnvAction {
  readonly #buffer: ActionArray | null;
  readonly #start: ArrayLike<number>;
  readonly #high: ArrayLike<number> | null;

  constructor(space: Space) {
    if (space instanceof Discrete) {
      this.#buffer = null;
      this.#start = [space.start];
      this.#high = null;
    } else if (space instanceof Box) {
      this.#buffer = space.low.slice();
      this.#start = space.low;
      this.#high = space.high;
    } else if (space instanceof MultiDiscrete || space instanceof MultiBinary) {
      this.#buffer = newArray(space.dtype as 'int32' | 'int8', space.size);
      this.#start = space instanceof MultiDiscrete ? space.start : new Int8Array(space.size);
      this.#high = null;
    } else {
      throw new Error('internal: action space does not fit the network');
    }
  }

  /** The action whose numbers begin at `source[at]`. */
  read(source: ArrayLike<number>, at: number): number | ActionArray {
    const action = this.#buffer;
    const start = this.#start;
    if (action === null) return start[0]! + source[at]!;
    const high = this.#high;
    if (high === null) {
      for (let k = 0; k < action.length; k++) action[k] = start[k]! + source[at + k]!;
      return action;
    }
    for (let k = 0; k < action.length; k++) {
      const value = source[at + k]!;
      action[k] = value < start[k]! ? start[k]! : value > high[k]! ? high[k]! : value;
    }
    return action;
  }
}

/** The elements of stored actions as an env gets them, one action after the other. */
export function envActions(space: Space, stored: ArrayLike<number>, width: number): number[] {
  const action = new EnvAction(space);
  const elements: number[] = [];
  for (let at = 0; at < stored.length; at += width) {
    const one = action.read(stored, at);
    if (typeof one === 'number') elements.push(one);
    else elements.push(...one);
  }
  return elements;
}
