/** Checks a batch of actions once and copies it to where the step loop reads it. */
import { type GymkhanaError, usageError } from '../core/errors.js';
import { isArrayOf, newArray, preview } from '../spaces/arrays.js';
import { hasRows } from '../spaces/batch.js';
import { batchSpace, iterate, Tuple } from '../spaces/index.js';
import type { DType, DTypes, Space } from '../spaces/space.js';
import { type RowLayout, rowLayout } from './batch.js';
import type { Allocate } from './observation-store.js';

/** The actions of one step: checked as a whole, read one by one. */
export interface Actions {
  /** @throws `INVALID_ACTION` */
  take(actions: unknown): void;
  /** The action of env `i`; an array is valid until the next `take`. */
  at(i: number): unknown;
}

/** Room for the actions of `numEnvs` envs. */
export function actionsFor(space: Space, numEnvs: number, allocate?: Allocate): Actions {
  return hasRows(space) ? new ActionBatch(space, numEnvs, allocate) : new ActionList(space, numEnvs);
}

/** The actions of one step, in one array with a row for each env. */
export class ActionBatch implements Actions {
  readonly layout: RowLayout;
  readonly values: DTypes[DType];
  /** A view of each env's row; what an env with an array action gets. Empty where actions are numbers. */
  readonly rows: readonly DTypes[DType][];
  readonly #space: Space;
  readonly #numEnvs: number;

  constructor(space: Space, numEnvs: number, allocate: Allocate = newArray) {
    this.#space = space;
    this.#numEnvs = numEnvs;
    this.layout = rowLayout(space);
    const { dtype, width, scalar } = this.layout;
    this.values = allocate(dtype, numEnvs * width);
    this.rows = Array.from({ length: scalar ? 0 : numEnvs }, (_, i) =>
      this.values.subarray(i * width, (i + 1) * width),
    );
  }

  at(i: number): unknown {
    return this.layout.scalar ? this.values[i] : this.rows[i];
  }

  /**
   * Takes a batch: a typed array of rows, or a list of single actions. A Box action may lie beyond the bounds, which the env
   * clips; NaN and infinities may not come.
   * @throws `INVALID_ACTION`
   */
  take(actions: unknown): void {
    const { scalar, dtype, width } = this.layout;
    const total = this.#numEnvs * width;
    if (isArrayOf(dtype, actions)) {
      if (actions.length !== total) throw this.#invalid(`${total} elements`, preview(actions));
      this.values.set(actions);
      if (scalar) this.#checkNumbers(actions);
      else if (this.layout.whole) this.#checkWhole(actions);
      else this.#checkFinite();
      return;
    }
    if (scalar && isNumbers(actions)) {
      if (actions.length !== total) throw this.#invalid(`${total} actions`, preview(actions));
      this.#checkWhole(actions);
      this.values.set(actions);
      return;
    }
    if (!Array.isArray(actions) || actions.length !== this.#numEnvs) {
      const kind = this.values.constructor.name;
      throw this.#invalid(`a ${kind} of ${total} elements or a list of ${this.#numEnvs} actions`, preview(actions));
    }
    for (let i = 0; i < actions.length; i++) {
      const action: unknown = actions[i];
      if (!isArrayOf(dtype, action) || action.length !== width) {
        throw this.#invalid(`a ${this.values.constructor.name} of ${width} elements`, preview(action), i);
      }
      this.values.set(action, i * width);
    }
    if (this.layout.whole) this.#checkWhole(this.values);
    else this.#checkFinite();
  }

  #checkFinite(): void {
    const values = this.values;
    for (let k = 0; k < values.length; k++) {
      const value = values[k]!;
      if (!(value - value === 0)) {
        throw this.#invalid('finite numbers', String(value), Math.floor(k / this.layout.width));
      }
    }
  }

  /** `#checkWhole` of an array of one whole number for each env. */
  #checkNumbers(actions: DTypes[DType]): void {
    const low = this.layout.low[0]!;
    const high = this.layout.high[0]!;
    for (let i = 0; i < actions.length; i++) {
      const action = actions[i]!;
      if (action < low || action > high) throw this.#invalid(`whole numbers from ${low} to ${high}`, String(action), i);
    }
  }

  #checkWhole(actions: ArrayLike<number>): void {
    const { low, high, width } = this.layout;
    // A Box of whole numbers may be left, as any Box; the other spaces have no values beyond their bounds.
    if (this.#space.type === 'Box') return;
    for (let i = 0, k = 0; k < actions.length; i++) {
      for (let j = 0; j < width; j++, k++) {
        const value = actions[k]!;
        if (!(value >= low[j]! && value <= high[j]!) || Math.floor(value) !== value) {
          throw this.#invalid(`whole numbers from ${low[j]} to ${high[j]}`, String(value), i);
        }
      }
    }
  }

  #invalid(expected: string, got: string, envIndex?: number): GymkhanaError {
    const where = envIndex === undefined ? 'the actions' : `the action of env ${envIndex}`;
    return usageError(
      'INVALID_ACTION',
      `Expected ${where} as ${expected} (${this.#numEnvs} envs with the action space ${this.#space}), got ${got}.`,
      { expected, got, ...(envIndex !== undefined && { envIndex }) },
    );
  }
}

/** Actions that are no rows of one array: objects, tuples, text. */
export class ActionList implements Actions {
  readonly #space: Space;
  readonly #numEnvs: number;
  #actions: readonly unknown[] = [];

  constructor(space: Space, numEnvs: number) {
    this.#space = space;
    this.#numEnvs = numEnvs;
  }

  at(i: number): unknown {
    return this.#actions[i];
  }

  /** Takes a list of `numEnvs` single actions, or one batch of them. @throws `INVALID_ACTION` */
  take(actions: unknown): void {
    const list = this.#listOf(actions);
    for (const [i, action] of list.entries()) {
      const reason = this.#space.explain(action);
      if (reason === null) continue;
      throw usageError('INVALID_ACTION', `The action of env ${i} does not fit ${this.#space}: ${reason}.`, {
        expected: String(this.#space),
        got: reason,
        envIndex: i,
      });
    }
    this.#actions = list;
  }

  #listOf(actions: unknown): readonly unknown[] {
    const n = this.#numEnvs;
    if (Array.isArray(actions) && actions.length === n && this.#space.contains(actions[0])) return actions;
    const batched = batchSpace(this.#space, n);
    let list: unknown[] | null = null;
    try {
      if (!Array.isArray(actions) || this.#space instanceof Tuple) list = [...iterate(batched, actions)];
    } catch {
      list = null;
    }
    if (list !== null && list.length === n) return list;
    if (Array.isArray(actions) && actions.length === n) return actions;
    throw usageError(
      'INVALID_ACTION',
      `Expected a list of ${n} actions of ${this.#space}, or one batch of them, got ${preview(actions)}.`,
      { expected: `${n} actions`, got: preview(actions) },
    );
  }
}

function isNumbers(value: unknown): value is ArrayLike<number> {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return false;
  return 'length' in value && (value.length === 0 || typeof (value as ArrayLike<unknown>)[0] === 'number');
}
