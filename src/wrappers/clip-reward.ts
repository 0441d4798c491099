import type { Env } from '../core/env.js';
import { RewardWrapper } from '../core/wrapper.js';
import { checkNames, invalidOption } from './options.js';

/** How a ClipReward is made; at least one bound is needed. */
export interface ClipRewardOptions {
  readonly minReward?: number | null | undefined;
  readonly maxReward?: number | null | undefined;
}

/** The bounds of options, infinite where absent. @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
export function rewardBounds(wrapper: string, kwargs: ClipRewardOptions): readonly [number, number] {
  checkNames(wrapper, kwargs, ['minReward', 'maxReward']);
  const { minReward = null, maxReward = null } = kwargs;
  for (const [field, value] of Object.entries({ minReward, maxReward })) {
    if (value !== null && (typeof value !== 'number' || Number.isNaN(value))) {
      throw invalidOption(wrapper, field, 'a number', value);
    }
  }
  if (minReward === null && maxReward === null) {
    throw invalidOption(wrapper, 'minReward or maxReward', 'given', undefined);
  }
  const low = minReward ?? Number.NEGATIVE_INFINITY;
  const high = maxReward ?? Number.POSITIVE_INFINITY;
  if (low > high) throw invalidOption(wrapper, 'minReward', `at most maxReward, ${high}`, low);
  return [low, high];
}

/** Clips rewards to bounds. */
export class ClipReward<Obs, Act> extends RewardWrapper<Obs, Act> {
  readonly #low: number;
  readonly #high: number;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: Env<Obs, Act>, kwargs: ClipRewardOptions = {}) {
    const [low, high] = rewardBounds('ClipReward', kwargs);
    super(env, kwargs);
    this.#low = low;
    this.#high = high;
  }

  override reward(reward: number): number {
    return Math.min(this.#high, Math.max(this.#low, reward));
  }
}
