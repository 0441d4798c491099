import { checkGamma, type NormalizeRewardOptions } from '../../wrappers/normalize-reward.js';
import { checkNames, checkPositive } from '../../wrappers/options.js';
import { RunningMeanStd } from '../../wrappers/running-mean-std.js';
import type {
  VectorActions,
  VectorEnv,
  VectorResetOptions,
  VectorResetResult,
  VectorStepResult,
} from '../vector-env.js';
import { VectorWrapper } from './vector-wrapper.js';

/** Divides rewards by the running standard deviation of the discounted returns of all envs together. */
export class VectorNormalizeReward<Obs, Act> extends VectorWrapper<Obs, Act> {
  readonly returnRms: RunningMeanStd = new RunningMeanStd(1, null);
  /** Whether rewards still change the statistics. */
  updateRunningMean = true;
  /** Discounted returns `[N]`, float32 as in Gymnasium. */
  readonly accumulatedReward: Float32Array;
  readonly #over: Uint8Array;
  readonly #gamma: number;
  readonly #epsilon: number;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: VectorEnv<Obs, Act>, kwargs: NormalizeRewardOptions = {}) {
    checkNames('VectorNormalizeReward', kwargs, ['gamma', 'epsilon']);
    const { gamma = 0.99, epsilon = 1e-8 } = kwargs;
    checkGamma('VectorNormalizeReward', gamma);
    checkPositive('VectorNormalizeReward', 'epsilon', epsilon);
    super(env);
    this.#gamma = gamma;
    this.#epsilon = epsilon;
    this.accumulatedReward = new Float32Array(env.numEnvs);
    this.#over = new Uint8Array(env.numEnvs);
  }

  override reset(options?: VectorResetOptions): VectorResetResult<Obs> {
    const result = this.env.reset(options);
    const mask = options?.options?.['resetMask'];
    for (let i = 0; i < this.numEnvs; i++) {
      if (Array.isArray(mask) && mask[i] !== true) continue;
      this.accumulatedReward[i] = 0;
      this.#over[i] = 0;
    }
    return result;
  }

  override step(actions: VectorActions<Act>): VectorStepResult<Obs> {
    const result = this.env.step(actions);
    const { rewards, terminations, truncations } = result;
    const f = Math.fround;
    const gamma = f(this.#gamma);
    const same = this.autoresetMode === 'same-step';
    const active: number[] = [];
    for (let i = 0; i < this.numEnvs; i++) {
      if (!same && this.#over[i] === 1) continue;
      const kept = f(this.accumulatedReward[i]! * gamma) * (terminations[i] === 1 ? 0 : 1);
      this.accumulatedReward[i] = kept + rewards[i]!;
      active.push(this.accumulatedReward[i]!);
    }
    if (this.updateRunningMean && active.length > 0) this.#update(active);
    for (let i = 0; i < this.numEnvs; i++) {
      const over = terminations[i] === 1 || truncations[i] === 1;
      this.#over[i] = over ? 1 : 0;
      if (same && over) this.accumulatedReward[i] = 0;
    }
    const deviation = Math.sqrt(this.returnRms.var[0]! + this.#epsilon);
    return { ...result, rewards: rewards.map((reward) => reward / deviation) };
  }

  /** Mean and variance of the batch in float32, as its dtype; the running ones in float64. */
  #update(returns: readonly number[]): void {
    this.returnRms.update(returns, returns.length, Math.fround);
  }
}
