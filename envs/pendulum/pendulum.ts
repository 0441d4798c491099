/**
 * Pendulum-v1: swing a pendulum up and hold it. Bit-identical observations to Gymnasium 1.4's `classic_control/pendulum.py`,
 * where the torque is a float32 number and so is its product with 3 / (m l^2).
 *
 * Hot path: a step reuses its observation and its result and allocates nothing.
 */
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import type { Scene } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/box.js';
import { holdUpright } from './baseline.js';
import { CONSTANTS, fields, KWARGS, keyboard } from './fields.js';
import { pendulumScene } from './scene.js';

const f32 = Math.fround;
const DT = CONSTANTS.TIME_STEP.value;
const MASS = CONSTANTS.MASS.value;
const LENGTH = CONSTANTS.LENGTH.value;
const MAX_SPEED = CONSTANTS.MAX_SPEED.value;
const MAX_TORQUE = CONSTANTS.MAX_TORQUE.value;
const PER_INERTIA = 3 / (MASS * (LENGTH * LENGTH));
const TORQUE_COST = f32(0.001);
const TWO_PI = 2 * Math.PI;
const START = { xInit: Math.PI, yInit: 1 };

const METADATA: EnvMetadata = {
  about: 'Swing a pendulum up with little torque and hold it upright.',
  renderModes: ['scene'],
  renderFps: 30,
  fields,
  keyboard,
};

/** The pendulum: 3 observations, one torque. */
export class PendulumEnv extends Env<Float32Array, Float32Array> {
  /** Scripted controllers to compare a policy with. */
  static readonly baselines: Record<string, (env: PendulumEnv) => (observation: Float32Array) => Float32Array> = {
    'energy-pumping': (env) => holdUpright(env.gravity),
  };

  readonly observationSpace = Box.ofFields(fields.observation);
  readonly actionSpace = new Box(-MAX_TORQUE, MAX_TORQUE, { shape: [1] });
  override readonly metadata = METADATA;

  /** Acceleration of gravity, m/s^2. */
  readonly gravity: number;
  /** Angular acceleration by gravity at a right angle, rad/s^2. */
  readonly #pull: number;
  readonly #observation = new Float32Array(3);
  readonly #result: StepResult<Float32Array> = {
    observation: this.#observation,
    reward: 0,
    terminated: false,
    truncated: false,
    info: {},
  };
  #theta = 0;
  /** Sine of the angle, which the observation needs now and the dynamics in the next step. */
  #sin = 0;
  #omega = 0;
  #torque = 0;

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor(kwargs: { readonly g?: number } = {}) {
    super();
    this.gravity = readKwargs('Pendulum', kwargs, KWARGS).g;
    this.#pull = (3 * this.gravity) / (2 * LENGTH);
  }

  /** Reset options: `xInit` (rad) and `yInit` (rad/s), the largest starting angle and angular velocity. */
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    super.reset(options);
    const { xInit, yInit } = resetNumbers('Pendulum', options, START);
    this.#theta = this.rng.uniform(-xInit, xInit);
    this.#omega = this.rng.uniform(-yInit, yInit);
    this.#torque = 0;
    this.#observe(this.#theta, this.#omega);
    return { observation: this.#observation, info: {} };
  }

  override step(action: Float32Array): StepResult<Float32Array> {
    const given = action[0]!;
    const torque = given > MAX_TORQUE ? MAX_TORQUE : given < -MAX_TORQUE ? -MAX_TORQUE : given;
    const theta = this.#theta;
    const omega = this.#omega;
    // Python's modulo, whose result has the divisor's sign.
    let shifted = (theta + Math.PI) % TWO_PI;
    if (shifted < 0) shifted += TWO_PI;
    const angle = shifted - Math.PI;
    const cost = angle * angle + 0.1 * (omega * omega) + f32(TORQUE_COST * f32(torque * torque));
    let next = omega + (this.#pull * this.#sin + f32(PER_INERTIA * torque)) * DT;
    if (next > MAX_SPEED) next = MAX_SPEED;
    else if (next < -MAX_SPEED) next = -MAX_SPEED;
    const turned = theta + next * DT;
    this.#omega = next;
    this.#theta = turned;
    this.#torque = torque;
    const result = this.#result;
    result.reward = -cost;
    result.truncated = false;
    this.#observe(turned, next);
    return result;
  }

  #observe(theta: number, omega: number): void {
    const observation = this.#observation;
    const sin = Math.sin(theta);
    this.#sin = sin;
    observation[0] = Math.cos(theta);
    observation[1] = sin;
    observation[2] = omega;
  }

  override render(): Scene {
    return pendulumScene(this.#theta, this.#omega, this.#torque);
  }
}
