import type { Env } from '../core/env.js';
import { GENERATOR_WORDS } from '../core/seeding/index.js';
import { Wrapper, type WrapperState, wrapperStates } from '../core/wrapper.js';

/** A Box action as its env gets it. */
export type ActionArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** The actions of one env's episode so far, and the generator as it was before its reset: enough to play it again. */
export class EpisodeActions {
  readonly generator = new Uint32Array(GENERATOR_WORDS);
  /** What wrappers carried into the episode; null for nothing. */
  wrappers: readonly WrapperState[] | null = null;
  #actions: Float64Array;
  #length = 0;
  readonly #width: number;

  constructor(width: number) {
    this.#width = width;
    this.#actions = new Float64Array(64 * width);
  }

  begin(env: Env): void {
    env.rng.snapshotInto(this.generator, 0);
    this.#length = 0;
    if (env instanceof Wrapper) this.wrappers = wrapperStates(env);
  }

  push(action: number): void {
    if (this.#length === this.#actions.length) this.#grow();
    this.#actions[this.#length++] = action;
  }

  pushAll(action: ActionArray): void {
    if (this.#length + this.#width > this.#actions.length) this.#grow();
    for (let k = 0; k < this.#width; k++) this.#actions[this.#length++] = action[k]!;
  }

  values(): readonly number[] {
    return Array.from(this.#actions.subarray(0, this.#length));
  }

  #grow(): void {
    const larger = new Float64Array(this.#actions.length * 2);
    larger.set(this.#actions);
    this.#actions = larger;
  }
}
