import type { Env, ResetOptions, ResetResult, StepResult } from '../core/env.js';
import { TransparentWrapper } from '../core/wrapper.js';

/** Truncates an episode after `maxEpisodeSteps` steps. */
export class TimeLimit<Obs, Act> extends TransparentWrapper<Obs, Act> {
  readonly maxEpisodeSteps: number;
  #steps = 0;

  constructor(env: Env<Obs, Act>, maxEpisodeSteps: number) {
    super(env);
    this.maxEpisodeSteps = maxEpisodeSteps;
  }

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    this.#steps = 0;
    return super.reset(options);
  }

  override step(action: Act): StepResult<Obs> {
    const result = super.step(action);
    this.#steps++;
    if (this.#steps >= this.maxEpisodeSteps) result.truncated = true;
    return result;
  }
}
