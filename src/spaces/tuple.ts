import type { Json, JsonObject } from '../core/json.js';
import { invalidSpace, preview } from './arrays.js';
import { Space } from './space.js';

/** A fixed number of values, each of a space of its own: a member is an array with one value of each. */
export class Tuple extends Space<unknown[]> {
  readonly type = 'Tuple';
  readonly shape = null;
  readonly dtype = null;
  readonly spaces: readonly Space[];

  /** @throws `INVALID_SPACE` unless `spaces` is a list of spaces. */
  constructor(spaces: readonly Space[]) {
    super();
    if (!Array.isArray(spaces) || !spaces.every((space) => space instanceof Space)) {
      throw invalidSpace(`Expected a list of spaces for a Tuple space, got ${preview(spaces)}.`, {
        expected: 'a list of spaces',
        got: preview(spaces),
        field: 'spaces',
      });
    }
    this.spaces = [...spaces];
  }

  /** Seeds the own stream, and each member's space from it, as Gymnasium does. */
  override seed(seed: number): void {
    super.seed(seed);
    const seeds = this.generator.integersArray('int64', 0, 2 ** 31 - 1, this.spaces.length);
    for (const [k, space] of this.spaces.entries()) space.seed(Number(seeds[k]));
  }

  sample(): unknown[] {
    return this.spaces.map((space) => space.sample());
  }

  contains(value: unknown): value is unknown[] {
    const { spaces } = this;
    if (!Array.isArray(value) || value.length !== spaces.length) return false;
    for (let k = 0; k < spaces.length; k++) if (!spaces[k]!.contains(value[k])) return false;
    return true;
  }

  explain(value: unknown): string | null {
    const { spaces } = this;
    if (!Array.isArray(value) || value.length !== spaces.length) {
      return `expected an array of ${spaces.length} values, got ${preview(value)}`;
    }
    for (const [k, space] of spaces.entries()) {
      const why = space.explain(value[k]);
      if (why !== null) return `element ${k}: ${why}`;
    }
    return null;
  }

  toJSON(): JsonObject {
    return { type: this.type, spaces: this.spaces.map((space) => space.toJSON()) };
  }

  valueToJSON(value: unknown[]): Json {
    return this.spaces.map((space, k) => space.valueToJSON(value[k]));
  }

  valueFromJSON(json: Json): unknown[] {
    const list = json as Json[];
    return this.spaces.map((space, k) => space.valueFromJSON(list[k]!));
  }

  equals(other: unknown): boolean {
    if (!(other instanceof Tuple) || other.spaces.length !== this.spaces.length) return false;
    return this.spaces.every((space, k) => space.equals(other.spaces[k]));
  }

  toString(): string {
    return `Tuple(${this.spaces.map(String).join(', ')})`;
  }
}
