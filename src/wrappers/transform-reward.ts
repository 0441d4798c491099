import type { Env } from '../core/env.js';
import { RewardWrapper } from '../core/wrapper.js';
import { checkFunction, checkNames } from './options.js';

/** How a TransformReward is made. */
export interface TransformRewardOptions {
  readonly func: (reward: number) => number;
}

/** Applies a function to rewards. A function is no JSON: for workers and files export a class of your own. */
export class TransformReward<Obs, Act> extends RewardWrapper<Obs, Act> {
  readonly func: (reward: number) => number;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: Env<Obs, Act>, kwargs: TransformRewardOptions) {
    checkNames('TransformReward', kwargs, ['func']);
    checkFunction('TransformReward', 'func', kwargs.func);
    super(env, kwargs);
    this.func = kwargs.func;
  }

  override reward(reward: number): number {
    return this.func(reward);
  }
}
