import type { Env, ResetOptions, ResetResult, StepResult } from '../core/env.js';
import { usageError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { TransparentWrapper } from '../core/wrapper.js';

/** How a TimeLimit is made. */
export interface TimeLimitOptions {
  /** A whole number above 0. */
  readonly maxEpisodeSteps: number;
}

/** Truncates an episode after `maxEpisodeSteps` steps; a step that terminates as well keeps both flags. */
export class TimeLimit<Obs, Act> extends TransparentWrapper<Obs, Act> {
  readonly maxEpisodeSteps: number;
  #steps = 0;

  /** @throws `INVALID_OPTION` unless the limit is a whole number above 0. */
  constructor(env: Env<Obs, Act>, limit: number | TimeLimitOptions) {
    const maxEpisodeSteps = typeof limit === 'object' && limit !== null ? limit.maxEpisodeSteps : limit;
    // A limit that the spec has already is not noted twice.
    super(env, env.spec?.maxEpisodeSteps === maxEpisodeSteps ? null : { maxEpisodeSteps });
    if (!Number.isSafeInteger(maxEpisodeSteps) || maxEpisodeSteps < 1) {
      throw usageError('INVALID_OPTION', `maxEpisodeSteps must be a whole number above 0, got ${maxEpisodeSteps}.`, {
        field: 'maxEpisodeSteps',
      });
    }
    this.maxEpisodeSteps = maxEpisodeSteps;
  }

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    this.#steps = 0;
    return this.env.reset(options);
  }

  override step(action: Act): StepResult<Obs> {
    const result = this.env.step(action);
    this.#steps++;
    // An env may return the same object each step and never touch `truncated`: a copy keeps the mark out of it.
    return this.#steps >= this.maxEpisodeSteps ? { ...result, truncated: true } : result;
  }

  override saveState(): Json | undefined {
    const inner = this.env.saveState();
    return inner === undefined ? undefined : { steps: this.#steps, inner };
  }

  override loadState(state: Json): ResetResult<Obs> {
    const { steps, inner } = state as { steps: number; inner: Json };
    this.#steps = steps;
    return this.env.loadState(inner);
  }
}
