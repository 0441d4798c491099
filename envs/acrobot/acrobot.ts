/**
 * Acrobot-v1: swing the end of a two-link robot above a line (Sutton 1996). Bit-identical observations to Gymnasium 1.4's
 * `classic_control/acrobot.py`: "book" dynamics, one Runge-Kutta step of 0.2 s, float32 starting state.
 *
 * Hot path: a step reuses its observation, its result and its scratch and allocates nothing.
 */
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import type { Scene } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { CONSTANTS, fields, keyboard } from './fields.js';
import { sinCosFloat32 } from './float32-trig.js';
import { acrobotScene } from './scene.js';

const GRAVITY = CONSTANTS.GRAVITY.value;
const L1 = CONSTANTS.LENGTH_1.value;
const M1 = CONSTANTS.MASS_1.value;
const M2 = CONSTANTS.MASS_2.value;
const LC1 = CONSTANTS.CENTRE_1.value;
const LC2 = CONSTANTS.CENTRE_2.value;
const I1 = CONSTANTS.INERTIA.value;
const I2 = CONSTANTS.INERTIA.value;
const DT = CONSTANTS.TIME_STEP.value;
const MAX_SPEED_1 = CONSTANTS.MAX_SPEED_1.value;
const MAX_SPEED_2 = CONSTANTS.MAX_SPEED_2.value;
const TORQUE = CONSTANTS.TORQUE.value;
const GOAL = CONSTANTS.GOAL.value;
const HALF_PI = Math.PI / 2;
const START = { low: -0.1, high: 0.1 };

const METADATA: EnvMetadata = {
  about: 'Swing the free end of a two-link robot above a line.',
  renderModes: ['scene'],
  renderFps: 15,
  fields,
  keyboard,
};

/** The two links: 6 observations, 3 torques. */
export class AcrobotEnv extends Env<Float32Array, number> {
  /** Scripted controllers to compare a policy with. */
  static readonly baselines: Record<string, (env: AcrobotEnv) => (observation: Float32Array) => number> = {
    'energy-pumping': () => (observation) => (observation[4]! > 0 ? 0 : 2),
  };

  readonly observationSpace = Box.ofFields(fields.observation);
  readonly actionSpace = new Discrete(3);
  override readonly metadata = METADATA;

  readonly #observation = new Float32Array(6);
  readonly #result: StepResult<Float32Array> = {
    observation: this.#observation,
    reward: 0,
    terminated: false,
    truncated: false,
    info: {},
  };
  #theta1 = 0;
  #theta2 = 0;
  #omega1 = 0;
  #omega2 = 0;
  #torque = 0;
  /** Both links' accelerations in the four stages of a Runge-Kutta step, rad/s^2. */
  readonly #alpha = new Float64Array(8);

  /** @throws `UNKNOWN_ENV_OPTION`: it takes none. */
  constructor(kwargs: object = {}) {
    super();
    readKwargs('Acrobot', kwargs, {});
  }

  /** Reset options: `low`, `high`, the bounds of every state variable. */
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    super.reset(options);
    const { low, high } = resetNumbers('Acrobot', options, START);
    const rng = this.rng;
    this.#theta1 = Math.fround(rng.uniform(low, high));
    this.#theta2 = Math.fround(rng.uniform(low, high));
    this.#omega1 = Math.fround(rng.uniform(low, high));
    this.#omega2 = Math.fround(rng.uniform(low, high));
    this.#torque = 0;
    const observation = this.#observation;
    [observation[1], observation[0]] = sinCosFloat32(this.#theta1);
    [observation[3], observation[2]] = sinCosFloat32(this.#theta2);
    observation[4] = this.#omega1;
    observation[5] = this.#omega2;
    return { observation, info: {} };
  }

  override step(action: number): StepResult<Float32Array> {
    this.#torque = (action - 1) * TORQUE;
    this.#integrate(this.#torque);
    const theta1 = this.#theta1;
    const theta2 = this.#theta2;
    const cos1 = Math.cos(theta1);
    const terminated = -cos1 - Math.cos(theta2 + theta1) > GOAL;
    const observation = this.#observation;
    observation[0] = cos1;
    observation[1] = Math.sin(theta1);
    observation[2] = Math.cos(theta2);
    observation[3] = Math.sin(theta2);
    observation[4] = this.#omega1;
    observation[5] = this.#omega2;
    const result = this.#result;
    result.terminated = terminated;
    result.truncated = false;
    result.reward = terminated ? 0 : -1;
    return result;
  }

  /** One classical Runge-Kutta step, in the original's order of operations, then its wraps and clips. */
  #integrate(torque: number): void {
    const a = this.#alpha;
    const theta1 = this.#theta1;
    const theta2 = this.#theta2;
    const omega1 = this.#omega1;
    const omega2 = this.#omega2;
    const half = DT / 2;
    accelerate(theta1, theta2, omega1, omega2, torque, a, 0);
    const omega1b = omega1 + half * a[0]!;
    const omega2b = omega2 + half * a[1]!;
    accelerate(theta1 + half * omega1, theta2 + half * omega2, omega1b, omega2b, torque, a, 2);
    const omega1c = omega1 + half * a[2]!;
    const omega2c = omega2 + half * a[3]!;
    accelerate(theta1 + half * omega1b, theta2 + half * omega2b, omega1c, omega2c, torque, a, 4);
    const omega1d = omega1 + DT * a[4]!;
    const omega2d = omega2 + DT * a[5]!;
    accelerate(theta1 + DT * omega1c, theta2 + DT * omega2c, omega1d, omega2d, torque, a, 6);
    const sixth = DT / 6;
    this.#theta1 = wrap(theta1 + sixth * (omega1 + 2 * omega1b + 2 * omega1c + omega1d));
    this.#theta2 = wrap(theta2 + sixth * (omega2 + 2 * omega2b + 2 * omega2c + omega2d));
    this.#omega1 = clip(omega1 + sixth * (a[0]! + 2 * a[2]! + 2 * a[4]! + a[6]!), MAX_SPEED_1);
    this.#omega2 = clip(omega2 + sixth * (a[1]! + 2 * a[3]! + 2 * a[5]! + a[7]!), MAX_SPEED_2);
  }

  override render(): Scene {
    return acrobotScene(this.#theta1, this.#theta2, this.#torque);
  }
}

/** Writes both links' accelerations (rad/s^2) to `out[at]` and `out[at + 1]`; the book's equations. */
function accelerate(
  theta1: number,
  theta2: number,
  omega1: number,
  omega2: number,
  torque: number,
  out: Float64Array,
  at: number,
): void {
  const cos2 = Math.cos(theta2);
  const sin2 = Math.sin(theta2);
  const d1 = M1 * (LC1 * LC1) + M2 * (L1 * L1 + LC2 * LC2 + 2 * L1 * LC2 * cos2) + I1 + I2;
  const d2 = M2 * (LC2 * LC2 + L1 * LC2 * cos2) + I2;
  const phi2 = M2 * LC2 * GRAVITY * Math.cos(theta1 + theta2 - HALF_PI);
  const phi1 =
    -M2 * L1 * LC2 * (omega2 * omega2) * sin2 -
    2 * M2 * L1 * LC2 * omega2 * omega1 * sin2 +
    (M1 * LC1 + M2 * L1) * GRAVITY * Math.cos(theta1 - HALF_PI) +
    phi2;
  const alpha2 =
    (torque + (d2 / d1) * phi1 - M2 * L1 * LC2 * (omega1 * omega1) * sin2 - phi2) /
    (M2 * (LC2 * LC2) + I2 - (d2 * d2) / d1);
  out[at] = -(d2 * alpha2 + phi1) / d1;
  out[at + 1] = alpha2;
}

function wrap(angle: number): number {
  let x = angle;
  while (x > Math.PI) x -= 2 * Math.PI;
  while (x < -Math.PI) x += 2 * Math.PI;
  return x;
}

function clip(value: number, limit: number): number {
  return value > limit ? limit : value < -limit ? -limit : value;
}
