import type { Env, ResetOptions, ResetResult, StepResult } from '../core/env.js';
import { Wrapper } from '../core/wrapper.js';
import { batchSpace, concatenate, isAllRows } from '../spaces/batch.js';
import type { Space } from '../spaces/space.js';
import { checkNames, checkWhole, invalidOption, unsuitable } from './options.js';
import { copyOf, zeroOf } from './values.js';

/** How a FrameStackObservation is made. */
export interface FrameStackObservationOptions {
  /** How many observations, from 1. */
  readonly stackSize: number;
  /** What stands for the observations before the first: that one (`'reset'`, the default), zeros, or a member of the space as JSON. */
  readonly paddingType?: unknown;
}

/** Hands out the last observations, oldest first, with one more axis in front. */
export class FrameStackObservation<Obs, Act> extends Wrapper<Obs, Act, Obs, Act> {
  readonly observationSpace: Space<Obs>;
  readonly stackSize: number;
  /** Whether an episode's first observation stands for those before it. */
  readonly repeatsFirst: boolean;
  readonly #frames: Obs[] = [];
  readonly #padding: Obs | null;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: Env<Obs, Act>, kwargs: FrameStackObservationOptions) {
    checkNames('FrameStackObservation', kwargs, ['stackSize', 'paddingType']);
    const { stackSize, paddingType = 'reset' } = kwargs;
    checkWhole('FrameStackObservation', 'stackSize', stackSize, 1);
    super(env, kwargs);
    const { observationSpace: inner } = env;
    this.stackSize = stackSize;
    this.repeatsFirst = paddingType === 'reset';
    if (!isAllRows(inner)) {
      throw unsuitable('FrameStackObservation', 'observation', 'a space whose values have a fixed size', inner);
    }
    this.observationSpace = batchSpace(inner, stackSize) as Space<Obs>;
    this.#padding =
      paddingType === 'reset' ? null : paddingType === 'zero' ? zeroOf(inner) : paddingOf(inner, paddingType);
  }

  get actionSpace(): Space<Act> {
    return this.env.actionSpace;
  }

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    const { observation, info } = this.env.reset(options);
    this.#frames.length = 0;
    const first = copyOf(observation);
    for (let k = 1; k < this.stackSize; k++) this.#frames.push(this.#padding ?? first);
    this.#frames.push(first);
    return { observation: this.#stacked(), info };
  }

  override step(action: Act): StepResult<Obs> {
    const { observation, reward, terminated, truncated, info } = this.env.step(action);
    this.#frames.shift();
    this.#frames.push(copyOf(observation));
    return { observation: this.#stacked(), reward, terminated, truncated, info };
  }

  #stacked(): Obs {
    return concatenate(this.env.observationSpace, this.#frames) as Obs;
  }
}

function paddingOf<Obs>(space: Space<Obs>, padding: unknown): Obs {
  if (space.contains(padding)) return copyOf(padding);
  try {
    const value = space.valueFromJSON(padding as never);
    if (space.contains(value)) return value;
  } catch {
    // Said below.
  }
  throw invalidOption(
    'FrameStackObservation',
    'paddingType',
    `'reset', 'zero' or a member of ${String(space)}`,
    padding,
  );
}
