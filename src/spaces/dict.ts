import { usageError } from '../core/errors.js';
import type { Json, JsonObject } from '../core/json.js';
import { invalidSpace, preview } from './arrays.js';
import { invalidValue, isPlainObject, partMasks, requireSpace, samplePart, type ValueOf } from './composite.js';
import { invalidSeeds, type Seeds, subseeds } from './seeds.js';
import { type SampleMasks, Space } from './space.js';

/** Spaces by key. */
export type SpaceRecord = Readonly<Record<string, Space>>;
/** The value of a Dict: the value of each of its spaces, by key. */
export type DictValue<S extends SpaceRecord> = { -readonly [K in keyof S]: ValueOf<S[K]> };

/**
 * Named spaces; values are plain objects. Keys of a plain object are sorted, as Gymnasium sorts a plain dict; a list of
 * `[key, space]` pairs, or `sortKeys: false`, keeps their order. The order decides how a value is flattened and sampled.
 */
export class Dict<S extends SpaceRecord = SpaceRecord> extends Space<DictValue<S>> {
  readonly type = 'Dict';
  readonly shape = null;
  readonly dtype = null;
  readonly spaces: S;
  /** In order. */
  readonly keys: readonly (keyof S & string)[];

  /** @throws `INVALID_SPACE` unless there is at least one key and every value is a Space. */
  constructor(
    spaces: S | readonly (readonly [keyof S & string, Space])[],
    options: { readonly sortKeys?: boolean } = {},
  ) {
    super();
    const isList = Array.isArray(spaces);
    if (!isList && !isPlainObject(spaces)) {
      throw invalidSpace(`Expected the spaces of a Dict as an object or a list of pairs, got ${preview(spaces)}.`, {
        expected: 'an object or a list of pairs',
        got: preview(spaces),
      });
    }
    const pairs = isList ? (spaces as [string, Space][]).map((pair) => [...pair] as const) : Object.entries(spaces);
    if (!isList && options.sortKeys !== false) pairs.sort(([a], [b]) => (a! < b! ? -1 : 1));
    const keys = pairs.map(([key]) => key as string);
    if (keys.length === 0) throw invalidSpace('Expected at least one space in a Dict, got none.', { got: 'none' });
    for (const [k, key] of keys.entries()) {
      if (typeof key !== 'string') throw invalidSpace(`Expected keys of a Dict as text, got ${preview(key)}.`);
      if (key === '__proto__') throw invalidSpace(`A Dict cannot have the key '__proto__'. Choose another name.`);
      if (keys.indexOf(key) !== k) throw invalidSpace(`The key '${key}' stands twice in a Dict.`, { field: key });
    }
    for (const [key, space] of pairs) requireSpace('Dict', `'${key}'`, space);
    this.spaces = Object.fromEntries(pairs) as S;
    this.keys = keys;
  }

  override seed(seed: Seeds = null): Seeds {
    if (typeof seed === 'number') {
      super.seed(seed);
      const seeds = subseeds(this, this.keys.length);
      return Object.fromEntries(this.keys.map((key, k) => [key, this.spaces[key]!.seed(seeds[k]!)]));
    }
    if (seed !== null && (!isPlainObject(seed) || !this.#hasExactly(seed)))
      throw invalidSeeds(this, `a number or an object with the keys ${this.keys.join(', ')}`, seed);
    const seeds = seed as Readonly<Record<string, Seeds>> | null;
    return Object.fromEntries(this.keys.map((key) => [key, this.spaces[key]!.seed(seeds?.[key] ?? null)]));
  }

  /**
   * A random value; `mask` and `probability` are objects with what each space takes.
   * @throws `INVALID_MASK`
   */
  sample(options: SampleMasks = {}): DictValue<S> {
    const masks = partMasks(options);
    if (masks !== null && (!isPlainObject(masks.parts) || !this.#hasExactly(masks.parts))) {
      const keys = this.keys.join(', ');
      throw usageError('INVALID_MASK', `Expected the ${masks.kind} of ${this} as an object with the keys ${keys}.`, {
        expected: keys,
        got: preview(masks.parts),
        field: masks.kind,
      });
    }
    const parts = masks?.parts as Record<string, unknown> | undefined;
    return this.#map((space, key) => samplePart(space, masks?.kind ?? 'mask', parts?.[key]));
  }

  contains(value: unknown): value is DictValue<S> {
    if (!isPlainObject(value) || !this.#hasExactly(value)) return false;
    for (const key of this.keys) if (!this.spaces[key]!.contains(value[key])) return false;
    return true;
  }

  explain(value: unknown): string | null {
    if (!isPlainObject(value)) return `expected an object with the keys ${this.keys.join(', ')}, got ${preview(value)}`;
    for (const key of this.keys) {
      if (!Object.hasOwn(value, key)) return `expected the key '${key}', which is missing`;
    }
    const extra = Object.keys(value).find((key) => !Object.hasOwn(this.spaces, key));
    if (extra !== undefined) return `got the key '${extra}', which is not one of ${this.keys.join(', ')}`;
    for (const key of this.keys) {
      const reason = this.spaces[key]!.explain(value[key]);
      if (reason !== null) return `'${key}': ${reason}`;
    }
    return null;
  }

  toJSON(): JsonObject {
    return { type: this.type, spaces: this.keys.map((key) => [key, this.spaces[key]!.toJSON()]) };
  }

  valueToJSON(value: DictValue<S>): Json {
    return Object.fromEntries(this.keys.map((key) => [key, this.spaces[key]!.valueToJSON(value[key])]));
  }

  valueFromJSON(json: Json): DictValue<S> {
    if (!isPlainObject(json) || !this.#hasExactly(json))
      throw invalidValue(this, `an object with the keys ${this.keys.join(', ')}`, json);
    return this.#map((space, key) => space.valueFromJSON(json[key] as Json));
  }

  equals(other: unknown): boolean {
    return (
      other instanceof Dict &&
      other.keys.length === this.keys.length &&
      this.keys.every((key, k) => other.keys[k] === key && this.spaces[key]!.equals(other.spaces[key]))
    );
  }

  toString(): string {
    return `Dict(${this.keys.map((key) => `'${key}': ${this.spaces[key]}`).join(', ')})`;
  }

  #hasExactly(value: object): boolean {
    let count = 0;
    for (const key in value) {
      if (!Object.hasOwn(this.spaces, key)) return false;
      count++;
    }
    return count === this.keys.length;
  }

  #map(make: (space: Space, key: string) => unknown): DictValue<S> {
    const value: Record<string, unknown> = {};
    for (const key of this.keys) value[key] = make(this.spaces[key]!, key);
    return value as DictValue<S>;
  }
}
