/**
 * CartPole-v1: keep a pole upright on a cart (Barto, Sutton and Anderson 1983). Bit-identical to Gymnasium 1.4's
 * `classic_control/cartpole.py`: float64 state, float32 observation, explicit Euler.
 *
 * Hot path: a step reuses its observation and its result and allocates nothing.
 */
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import type { Json } from '../../src/core/json.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import { cos, sin } from '../../src/core/small-angle.js';
import type { Scene } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { acceleration, angularAcceleration, drive, euler, isOver, START } from './dynamics.js';
import { fields, KWARGS, keyboard } from './fields.js';
import { cartPoleScene } from './scene.js';

const METADATA: EnvMetadata = {
  about: 'Keep a pole upright on a moving cart.',
  renderModes: ['scene'],
  renderFps: 50,
  fields,
  keyboard,
};

/** The pole on the cart: 4 observations, 2 actions. */
export class CartPoleEnv extends Env<Float32Array, number> {
  /** Scripted controllers to compare a policy with. */
  static readonly baselines: Record<string, (env: CartPoleEnv) => (observation: Float32Array) => number> = {
    balance: () => (observation) =>
      observation[2]! + 0.25 * observation[3]! + 0.02 * observation[0]! + 0.06 * observation[1]! > 0 ? 1 : 0,
  };

  readonly observationSpace = Box.ofFields(fields.observation);
  readonly actionSpace = new Discrete(2);
  override readonly metadata: EnvMetadata = METADATA;

  readonly #name: string;
  readonly #suttonBarto: boolean;
  readonly #observation = new Float32Array(4);
  readonly #result: StepResult<Float32Array> = {
    observation: this.#observation,
    reward: 0,
    terminated: false,
    truncated: false,
    info: {},
  };
  #x = 0;
  #velocity = 0;
  #theta = 0;
  #omega = 0;
  #over = false;

  /** `name` is for error messages. @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor(kwargs: { readonly suttonBartoReward?: boolean } = {}, name = 'CartPole') {
    super();
    this.#name = name;
    this.#suttonBarto = readKwargs(name, kwargs, KWARGS).suttonBartoReward;
  }

  /** Reset options: `low`, `high`, the bounds of every state variable. */
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    super.reset(options);
    const { low, high } = resetNumbers(this.#name, options, START);
    const rng = this.rng;
    this.#x = rng.uniform(low, high);
    this.#velocity = rng.uniform(low, high);
    this.#theta = rng.uniform(low, high);
    this.#omega = rng.uniform(low, high);
    this.#over = false;
    this.#observe(this.#x, this.#velocity, this.#theta, this.#omega);
    return { observation: this.#observation, info: {} };
  }

  override step(action: number): StepResult<Float32Array> {
    const velocity = this.#velocity;
    const theta = this.#theta;
    const omega = this.#omega;
    const cosine = cos(theta);
    const sine = sin(theta);
    const push = drive(action, omega, sine);
    const alpha = angularAcceleration(push, sine, cosine);
    const nextX = euler(this.#x, velocity);
    const nextVelocity = euler(velocity, acceleration(push, alpha, cosine));
    const nextTheta = euler(theta, omega);
    const nextOmega = euler(omega, alpha);
    this.#x = nextX;
    this.#velocity = nextVelocity;
    this.#theta = nextTheta;
    this.#omega = nextOmega;
    const terminated = isOver(nextX, nextTheta);
    const result = this.#result;
    if (this.#suttonBarto) result.reward = terminated ? -1 : 0;
    else result.reward = terminated && this.#over ? 0 : 1;
    this.#over = terminated;
    result.terminated = terminated;
    result.truncated = false;
    this.#observe(nextX, nextVelocity, nextTheta, nextOmega);
    return result;
  }

  #observe(x: number, velocity: number, theta: number, omega: number): void {
    const observation = this.#observation;
    observation[0] = x;
    observation[1] = velocity;
    observation[2] = theta;
    observation[3] = omega;
  }

  override saveState(): Json {
    return { x: [this.#x, this.#velocity, this.#theta, this.#omega], over: this.#over };
  }

  override loadState(state: Json): ResetResult<Float32Array> {
    const { x, over } = state as { x: [number, number, number, number]; over: boolean };
    [this.#x, this.#velocity, this.#theta, this.#omega] = x;
    this.#over = over;
    this.#observe(...x);
    return { observation: this.#observation, info: {} };
  }

  override render(): Scene {
    return cartPoleScene(this.#x, this.#velocity, this.#theta, this.#omega);
  }
}
