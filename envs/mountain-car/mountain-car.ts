/**
 * MountainCar-v0: leave a valley by swinging (Moore 1990). Bit-identical to Gymnasium 1.4's `classic_control/mountain_car.py`.
 *
 * Hot path: a step reuses its observation and its result and allocates nothing.
 */
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import type { Scene } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { CONSTANTS, fields, KWARGS, keyboard } from './fields.js';
import { valleyScene } from './scene.js';

const MIN_POSITION = CONSTANTS.MIN_POSITION.value;
const MAX_POSITION = CONSTANTS.MAX_POSITION.value;
const MAX_SPEED = CONSTANTS.MAX_SPEED.value;
const GOAL = CONSTANTS.GOAL.value;
const FORCE = CONSTANTS.FORCE.value;
const GRAVITY = CONSTANTS.GRAVITY.value;
const START = { low: -0.6, high: -0.4 };

const METADATA: EnvMetadata = {
  about: 'Leave a valley with a motor too weak to climb: swing up.',
  renderModes: ['scene'],
  renderFps: 30,
  fields,
  keyboard,
};

/** The car in the valley with three actions: left, coast, right. */
export class MountainCarEnv extends Env<Float32Array, number> {
  /** Scripted controllers to compare a policy with. */
  static readonly baselines: Record<string, (env: MountainCarEnv) => (observation: Float32Array) => number> = {
    'energy-pumping': () => (observation) => (observation[1]! < 0 ? 0 : 2),
  };

  readonly observationSpace = Box.ofFields(fields.observation);
  readonly actionSpace = new Discrete(3);
  override readonly metadata = METADATA;

  readonly #goalVelocity: number;
  readonly #observation = new Float32Array(2);
  readonly #result: StepResult<Float32Array> = {
    observation: this.#observation,
    reward: -1,
    terminated: false,
    truncated: false,
    info: {},
  };
  #position = 0;
  #velocity = 0;

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor(kwargs: { readonly goalVelocity?: number } = {}) {
    super();
    this.#goalVelocity = readKwargs('MountainCar', kwargs, KWARGS).goalVelocity;
  }

  /** Reset options: `low`, `high`, the bounds of the starting position. */
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    super.reset(options);
    const { low, high } = resetNumbers('MountainCar', options, START);
    this.#position = this.rng.uniform(low, high);
    this.#velocity = 0;
    this.#observation[0] = this.#position;
    this.#observation[1] = 0;
    return { observation: this.#observation, info: {} };
  }

  override step(action: number): StepResult<Float32Array> {
    const from = this.#position;
    let velocity = this.#velocity + ((action - 1) * FORCE + Math.cos(3 * from) * -GRAVITY);
    if (velocity > MAX_SPEED) velocity = MAX_SPEED;
    else if (velocity < -MAX_SPEED) velocity = -MAX_SPEED;
    let position = from + velocity;
    if (position > MAX_POSITION) position = MAX_POSITION;
    else if (position < MIN_POSITION) position = MIN_POSITION;
    if (position === MIN_POSITION && velocity < 0) velocity = 0;
    this.#position = position;
    this.#velocity = velocity;
    const observation = this.#observation;
    observation[0] = position;
    observation[1] = velocity;
    const result = this.#result;
    result.terminated = position >= GOAL && velocity >= this.#goalVelocity;
    result.truncated = false;
    return result;
  }

  override render(): Scene {
    return valleyScene(this.#position, this.#velocity, GOAL);
  }
}
