import type { Env, ResetOptions, ResetResult } from '../core/env.js';
import { ActionWrapper } from '../core/wrapper.js';
import type { Space } from '../spaces/space.js';
import { checkNames, invalidOption } from './options.js';
import { copyOf } from './values.js';

/** How a StickyAction is made. */
export interface StickyActionOptions {
  /** Chance that the last action is repeated, from 0 to below 1. */
  readonly repeatActionProbability: number;
  /** How many steps a repetition lasts: a number, or `[low, high]` to draw from; 1 by default. */
  readonly repeatActionDuration?: number | readonly [number, number] | undefined;
}

/** Repeats the last action now and then, drawn from the env's own stream. */
export class StickyAction<Obs, Act> extends ActionWrapper<Obs, Act> {
  /** The action that the env got last; null at the start of an episode. */
  lastAction: Act | null = null;
  readonly #probability: number;
  readonly #low: number;
  readonly #high: number;
  #sticking = false;
  #repeats = 0;
  #taken = 0;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: Env<Obs, Act>, kwargs: StickyActionOptions) {
    checkNames('StickyAction', kwargs, ['repeatActionProbability', 'repeatActionDuration']);
    const { repeatActionProbability: p, repeatActionDuration: duration = 1 } = kwargs;
    if (typeof p !== 'number' || !(p >= 0 && p < 1)) {
      throw invalidOption('StickyAction', 'repeatActionProbability', 'a number from 0 to below 1', p);
    }
    const range: unknown = typeof duration === 'number' ? [duration, duration] : duration;
    const whole = Array.isArray(range) && range.length === 2 && range.every((n) => Number.isSafeInteger(n) && n >= 1);
    const [low, high] = whole ? (range as [number, number]) : [1, 0];
    if (low > high) {
      const expected = 'a whole number from 1, or [low, high] of such numbers with low <= high';
      throw invalidOption('StickyAction', 'repeatActionDuration', expected, duration);
    }
    super(env, kwargs);
    this.#probability = p;
    this.#low = low;
    this.#high = high;
  }

  get actionSpace(): Space<Act> {
    return this.env.actionSpace;
  }

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    this.lastAction = null;
    this.#sticking = false;
    this.#repeats = 0;
    this.#taken = 0;
    return this.env.reset(options);
  }

  override action(action: Act): Act {
    let used = action;
    const { lastAction } = this;
    if (lastAction !== null && (this.#sticking || this.rng.uniform(0, 1) < this.#probability)) {
      if (this.#repeats === 0) this.#repeats = this.rng.integers(this.#low, this.#high + 1);
      used = copyOf(lastAction);
      this.#sticking = true;
      this.#taken++;
    }
    if (this.#sticking && this.#repeats === this.#taken) {
      this.#sticking = false;
      this.#repeats = 0;
      this.#taken = 0;
    }
    this.lastAction = copyOf(used);
    return used;
  }
}
