/** The actions of an episode so far. Hot path: numbers and typed arrays go to one growing block, and nothing is allocated per step. */
import type { Json } from '../core/json.js';
import type { Space } from '../spaces/space.js';

const FIRST = 64;

/** Actions in the order given; `push` copies. */
export class ActionLog<Act> {
  #numbers = new Float64Array(FIRST);
  #others: Act[] = [];
  #used = 0;
  #length = 0;
  /** Values of one action in the block. */
  #width = 1;
  readonly #fixed: boolean;

  /** Actions of a space with a shape go to the block; others, such as texts and Dicts, are kept as objects. */
  constructor(space: Space<Act>) {
    this.#fixed = space.shape !== null;
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#used = 0;
    this.#length = 0;
    this.#others = [];
  }

  push(action: Act): void {
    if (this.#fixed && typeof action === 'number') {
      this.#width = 1;
      if (this.#used === this.#numbers.length) this.#grow(1);
      this.#numbers[this.#used++] = action;
    } else if (this.#fixed && ArrayBuffer.isView(action)) {
      const values = action as unknown as Float64Array;
      const width = values.length;
      this.#width = width;
      if (this.#used + width > this.#numbers.length) this.#grow(width);
      for (let k = 0; k < width; k++) this.#numbers[this.#used + k] = values[k]!;
      this.#used += width;
    } else {
      this.#others.push(structuredClone(action));
    }
    this.#length++;
  }

  /** The actions as plain JSON; `like` makes typed arrays of the space's own type. */
  toJSON(space: Space<Act>, like: Act | undefined): Json[] {
    if (this.#others.length > 0) return this.#others.map((action) => space.valueToJSON(action));
    return Array.from({ length: this.#length }, (_, k) => {
      const values = this.#numbers.subarray(k * this.#width, (k + 1) * this.#width);
      if (typeof like !== 'object' || like === null) return space.valueToJSON(values[0] as Act);
      const Typed = (like as object).constructor as unknown as { from(values: Float64Array): Act };
      return space.valueToJSON(Typed.from(values));
    });
  }

  #grow(needed: number): void {
    const larger = new Float64Array(Math.max(this.#numbers.length * 2, this.#used + needed));
    larger.set(this.#numbers.subarray(0, this.#used));
    this.#numbers = larger;
  }
}
