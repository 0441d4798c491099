import type { Env, StepResult } from '../core/env.js';
import { TransparentWrapper } from '../core/wrapper.js';
import { checkNames, checkWhole } from './options.js';
import { copyOf } from './values.js';

/** How a RepeatAction is made. */
export interface RepeatActionOptions {
  /** Steps of the env for each action, from 1. */
  readonly numRepeats: number;
}

/** Takes several steps with one action, adds up their rewards, and stops early where the episode ends. */
export class RepeatAction<Obs, Act> extends TransparentWrapper<Obs, Act> {
  readonly numRepeats: number;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: Env<Obs, Act>, kwargs: RepeatActionOptions) {
    checkNames('RepeatAction', kwargs, ['numRepeats']);
    checkWhole('RepeatAction', 'numRepeats', kwargs.numRepeats, 1);
    super(env, kwargs);
    this.numRepeats = kwargs.numRepeats;
  }

  override step(action: Act): StepResult<Obs> {
    let total = 0;
    for (let k = 1; ; k++) {
      const { observation, reward, terminated, truncated, info } = this.env.step(copyOf(action));
      total += reward;
      if (terminated || truncated || k >= this.numRepeats) {
        return { observation, reward: total, terminated, truncated, info };
      }
    }
  }
}
