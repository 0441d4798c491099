import type { Env } from '../core/env.js';
import { ObservationWrapper } from '../core/wrapper.js';
import { Dict } from '../spaces/dict.js';
import type { Space } from '../spaces/space.js';
import { Tuple } from '../spaces/tuple.js';
import { checkNames, invalidOption, unsuitable } from './options.js';

/** How a FilterObservation is made. */
export interface FilterObservationOptions {
  /** The keys of a Dict, or the indices of a Tuple, to keep. */
  readonly filterKeys: readonly (string | number)[];
}

type Values = Record<string, unknown> | readonly unknown[];

/** Keeps some parts of Dict or Tuple observations. */
export class FilterObservation<Act> extends ObservationWrapper<Values, Act, unknown> {
  readonly observationSpace: Space<Values>;
  readonly filterKeys: readonly (string | number)[];
  readonly #tuple: boolean;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: Env<unknown, Act>, kwargs: FilterObservationOptions) {
    checkNames('FilterObservation', kwargs, ['filterKeys']);
    const keys: readonly (string | number)[] = kwargs.filterKeys;
    const outer = env.observationSpace;
    if (!(outer instanceof Dict || outer instanceof Tuple)) {
      throw unsuitable('FilterObservation', 'observation', 'a Dict or Tuple', outer);
    }
    const tuple = outer instanceof Tuple;
    const known = Object.keys(outer.spaces);
    const fits = (key: unknown): boolean => typeof key === (tuple ? 'number' : 'string') && known.includes(String(key));
    if (!Array.isArray(keys) || keys.length === 0 || !keys.every(fits) || new Set(keys).size !== keys.length) {
      const got = Array.isArray(keys) ? `[${keys.join(', ')}]` : keys;
      throw invalidOption('FilterObservation', 'filterKeys', `some of ${known.join(', ')}, each once`, got);
    }
    super(env, kwargs);
    this.filterKeys = [...keys];
    this.#tuple = tuple;
    const spaces = outer.spaces as Readonly<Record<string | number, Space>>;
    this.observationSpace = tuple
      ? new Tuple(keys.map((key) => spaces[key]!))
      : new Dict(Object.fromEntries(keys.map((key) => [key, spaces[key]!])));
  }

  override observation(observation: unknown): Values {
    const parts = observation as Readonly<Record<string | number, unknown>>;
    if (this.#tuple) return this.filterKeys.map((key) => parts[key]);
    return Object.fromEntries(this.filterKeys.map((key) => [key, parts[key]]));
  }
}
