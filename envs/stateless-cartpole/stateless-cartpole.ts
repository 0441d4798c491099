/**
 * StatelessCartPole-v0: CartPole-v1 of which only position and angle are seen (POPGym, Morad et al. 2023).
 *
 * Hot path: a step reuses its observation and its result and allocates nothing.
 */
import type { EnvMetadata, ResetOptions, ResetResult, StepResult } from '../../src/core/env.js';
import type { Json } from '../../src/core/json.js';
import { Box } from '../../src/spaces/box.js';
import { CartPoleEnv } from '../cartpole/cartpole.js';
import { CONSTANTS, fields, keyboard } from './fields.js';

const TIME_STEP = CONSTANTS.TIME_STEP.value;

const METADATA: EnvMetadata = {
  about: 'Keep a pole upright on a moving cart without seeing how fast they move.',
  renderModes: ['scene'],
  renderFps: 50,
  fields,
  keyboard,
};

/** CartPole's law; the velocities are those between the observation before and this one, 0 at an episode's start. */
function balance(env: CartPoleEnv): (observation: Float32Array) => number {
  let episode = -1;
  let [lastX, lastTheta] = [0, 0];
  return (observation) => {
    const [x, theta] = [observation[0]!, observation[1]!];
    const { baseResets } = env.unwrapped;
    const isFirst = baseResets !== episode;
    const velocity = isFirst ? 0 : (x - lastX) / TIME_STEP;
    const omega = isFirst ? 0 : (theta - lastTheta) / TIME_STEP;
    episode = baseResets;
    lastX = x;
    lastTheta = theta;
    return theta + 0.25 * omega + 0.02 * x + 0.06 * velocity > 0 ? 1 : 0;
  };
}

/** The pole on the cart: 2 observations, 2 actions. */
export class StatelessCartPoleEnv extends CartPoleEnv {
  /** Scripted controllers to compare a policy with. */
  static override readonly baselines: Record<string, (env: CartPoleEnv) => (observation: Float32Array) => number> = {
    balance,
  };

  override readonly observationSpace = Box.ofFields(fields.observation);
  override readonly metadata: EnvMetadata = METADATA;

  readonly #seen = new Float32Array(2);
  readonly #result: StepResult<Float32Array> = {
    observation: this.#seen,
    reward: 0,
    terminated: false,
    truncated: false,
    info: {},
  };

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor(kwargs: { readonly suttonBartoReward?: boolean } = {}) {
    super(kwargs, 'StatelessCartPole');
  }

  /** Reset options: `low`, `high`, the bounds of every state variable. */
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    this.#see(super.reset(options).observation);
    return { observation: this.#seen, info: {} };
  }

  override step(action: number): StepResult<Float32Array> {
    const { observation, reward, terminated } = super.step(action);
    this.#see(observation);
    const result = this.#result;
    result.reward = reward;
    result.terminated = terminated;
    result.truncated = false;
    return result;
  }

  override loadState(state: Json): ResetResult<Float32Array> {
    this.#see(super.loadState(state).observation);
    return { observation: this.#seen, info: {} };
  }

  #see(state: Float32Array): void {
    this.#seen[0] = state[0]!;
    this.#seen[1] = state[2]!;
  }
}
