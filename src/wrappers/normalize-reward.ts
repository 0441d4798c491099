import type { Env, StepResult } from '../core/env.js';
import type { Json } from '../core/json.js';
import { TransparentWrapper } from '../core/wrapper.js';
import { numberFromJSON, numberToJSON } from '../spaces/arrays.js';
import { invalidState } from './normalize-observation.js';
import { checkNames, checkPositive, invalidOption } from './options.js';
import { RunningMeanStd } from './running-mean-std.js';

/** How a NormalizeReward is made. */
export interface NormalizeRewardOptions {
  /** Discount of the return whose variance is taken, from 0 to 1; 0.99 by default. */
  readonly gamma?: number | undefined;
  /** Added to the variance, `1e-8` by default. */
  readonly epsilon?: number | undefined;
}

/** @throws `INVALID_WRAPPER_OPTION` */
export function checkGamma(wrapper: string, gamma: unknown): void {
  if (typeof gamma === 'number' && gamma >= 0 && gamma <= 1) return;
  throw invalidOption(wrapper, 'gamma', 'a number from 0 to 1', gamma);
}

/** Divides rewards by the running standard deviation of the discounted return. */
export class NormalizeReward<Obs, Act> extends TransparentWrapper<Obs, Act> {
  readonly returnRms: RunningMeanStd = new RunningMeanStd(1, null);
  /** Whether rewards still change the statistics; set it to false to evaluate. */
  updateRunningMean = true;
  /** The discounted return so far; a reset leaves it, a termination does not. */
  discountedReward = 0;
  readonly #gamma: number;
  readonly #epsilon: number;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: Env<Obs, Act>, kwargs: NormalizeRewardOptions = {}) {
    checkNames('NormalizeReward', kwargs, ['gamma', 'epsilon']);
    const { gamma = 0.99, epsilon = 1e-8 } = kwargs;
    checkGamma('NormalizeReward', gamma);
    checkPositive('NormalizeReward', 'epsilon', epsilon);
    super(env, kwargs);
    this.#gamma = gamma;
    this.#epsilon = epsilon;
  }

  override step(action: Act): StepResult<Obs> {
    const { observation, reward, terminated, truncated, info } = this.env.step(action);
    this.discountedReward = this.discountedReward * this.#gamma * (terminated ? 0 : 1) + reward;
    if (this.updateRunningMean) this.returnRms.update([this.discountedReward], 1);
    const scaled = reward / Math.sqrt(this.returnRms.var[0]! + this.#epsilon);
    return { observation, reward: scaled, terminated, truncated, info };
  }

  override getState(): Json {
    return { rms: this.returnRms.toJSON(), discounted: numberToJSON(this.discountedReward) };
  }

  override setState(state: Json): void {
    const object = typeof state === 'object' && state !== null && !Array.isArray(state) ? state : {};
    const discounted = numberFromJSON(object['discounted']);
    if (discounted === null || !this.returnRms.restore(object['rms'])) throw invalidState('NormalizeReward');
    this.discountedReward = discounted;
  }
}
