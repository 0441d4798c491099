import type { Env, ResetOptions, ResetResult, StepResult } from '../core/env.js';
import { TransparentWrapper } from '../core/wrapper.js';
import { checkNames } from './options.js';

/** Begins the next episode at the step after one ended: that step ignores its action and returns reward 0 and no flags. */
export class Autoreset<Obs, Act> extends TransparentWrapper<Obs, Act> {
  #over = false;

  /** @throws `UNKNOWN_WRAPPER_OPTION` */
  constructor(env: Env<Obs, Act>, kwargs: object = {}) {
    checkNames('Autoreset', kwargs, []);
    super(env, kwargs);
  }

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    this.#over = false;
    return this.env.reset(options);
  }

  override step(action: Act): StepResult<Obs> {
    if (this.#over) {
      this.#over = false;
      return { ...this.env.reset(), reward: 0, terminated: false, truncated: false };
    }
    const result = this.env.step(action);
    this.#over = result.terminated || result.truncated;
    return result;
  }
}
