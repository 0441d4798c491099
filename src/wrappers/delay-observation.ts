import type { Env, ResetOptions, ResetResult } from '../core/env.js';
import { ObservationWrapper } from '../core/wrapper.js';
import type { Space } from '../spaces/space.js';
import { checkNames, checkWhole } from './options.js';
import { copyOf, zeroOf } from './values.js';

/** How a DelayObservation is made. */
export interface DelayObservationOptions {
  /** Steps, from 0. */
  readonly delay: number;
}

/** Hands out observations some steps late; zeros until the first one is due. */
export class DelayObservation<Obs, Act> extends ObservationWrapper<Obs, Act> {
  readonly delay: number;
  readonly #queue: Obs[] = [];

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: Env<Obs, Act>, kwargs: DelayObservationOptions) {
    checkNames('DelayObservation', kwargs, ['delay']);
    checkWhole('DelayObservation', 'delay', kwargs.delay, 0);
    super(env, kwargs);
    this.delay = kwargs.delay;
  }

  get observationSpace(): Space<Obs> {
    return this.env.observationSpace;
  }

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    this.#queue.length = 0;
    return super.reset(options);
  }

  override observation(observation: Obs): Obs {
    this.#queue.push(copyOf(observation));
    return this.#queue.length > this.delay ? this.#queue.shift()! : zeroOf(this.observationSpace);
  }
}
