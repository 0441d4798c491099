import type { Env, ResetOptions, ResetResult, StepResult } from '../core/env.js';
import type { Json } from '../core/json.js';
import { Wrapper } from '../core/wrapper.js';
import { numbersFromJSON, numbersToJSON } from '../spaces/arrays.js';
import type { Box } from '../spaces/box.js';
import type { DType, DTypes, Space } from '../spaces/space.js';
import { invalidState } from './normalize-observation.js';
import { asBox, checkNames, checkWhole } from './options.js';
import { copyOf, rounding } from './values.js';

/** How a MaxAndSkipObservation is made. */
export interface MaxAndSkipObservationOptions {
  /** Steps of the env for each action, from 2; 4 by default. */
  readonly skip?: number | undefined;
}

/**
 * Takes several steps with one action and hands out the larger of the last two observations, element by element. As in
 * Gymnasium the two are kept from one step to the next, also into the next episode, where a step ends early.
 */
export class MaxAndSkipObservation<Act> extends Wrapper<DTypes[DType], Act, unknown, Act> {
  readonly skip: number;
  readonly #box: Box<DType>;
  readonly #frames: readonly [Float64Array, Float64Array];

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: Env<unknown, Act>, kwargs: MaxAndSkipObservationOptions = {}) {
    checkNames('MaxAndSkipObservation', kwargs, ['skip']);
    const { skip = 4 } = kwargs;
    checkWhole('MaxAndSkipObservation', 'skip', skip, 2);
    const box = asBox('MaxAndSkipObservation', 'observation', env.observationSpace);
    super(env, kwargs);
    this.skip = skip;
    this.#box = box;
    this.#frames = [new Float64Array(box.size), new Float64Array(box.size)];
  }

  get observationSpace(): Space<DTypes[DType]> {
    return this.#box;
  }

  get actionSpace(): Space<Act> {
    return this.env.actionSpace;
  }

  override reset(options: ResetOptions = {}): ResetResult<DTypes[DType]> {
    return this.env.reset(options) as ResetResult<DTypes[DType]>;
  }

  override step(action: Act): StepResult<DTypes[DType]> {
    const [before, last] = this.#frames;
    let total = 0;
    for (let k = 1; ; k++) {
      const result = this.env.step(copyOf(action));
      const values = result.observation as DTypes[DType];
      if (k === this.skip - 1) before.set(values);
      if (k === this.skip) last.set(values);
      total += result.reward;
      if (!result.terminated && !result.truncated && k < this.skip) continue;
      const observation = values.slice();
      const f = rounding(this.#box.dtype);
      for (let i = 0; i < observation.length; i++) observation[i] = f(Math.max(before[i]!, last[i]!));
      const { terminated, truncated, info } = result;
      return { observation, reward: total, terminated, truncated, info };
    }
  }

  override getState(): Json {
    return this.#frames.map(numbersToJSON);
  }

  override setState(state: Json): void {
    const frames = Array.isArray(state) ? state.map((frame) => numbersFromJSON(frame)) : [];
    if (frames.length !== 2 || frames.some((frame) => frame?.length !== this.#box.size)) {
      throw invalidState('MaxAndSkipObservation');
    }
    this.#frames.forEach((frame, k) => {
      frame.set(frames[k]!);
    });
  }
}
