/**
 * MountainCarContinuous-v0. Bit-identical to Gymnasium 1.4's `classic_control/continuous_mountain_car.py`, whose state is
 * float32 after the first step: every operation below rounds where NumPy does.
 *
 * Hot path: a step reuses its observation and its result and allocates nothing.
 */
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import type { Scene } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/box.js';
import { KWARGS } from '../mountain-car/fields.js';
import { valleyScene } from '../mountain-car/scene.js';
import { CONSTANTS, fields, keyboard } from './fields.js';

const f32 = Math.fround;
const MIN_POSITION = CONSTANTS.MIN_POSITION.value;
const MAX_POSITION = CONSTANTS.MAX_POSITION.value;
const MAX_SPEED = CONSTANTS.MAX_SPEED.value;
const POWER = CONSTANTS.POWER.value;
const GRAVITY = CONSTANTS.GRAVITY.value;
const GOAL = CONSTANTS.GOAL.value;
const GOAL_REWARD = CONSTANTS.GOAL_REWARD.value;
const FORCE_COST = CONSTANTS.FORCE_COST.value;
const START = { low: -0.6, high: -0.4 };

const METADATA: EnvMetadata = {
  about: 'Leave a valley with a weak motor, spending little of it.',
  renderModes: ['scene'],
  renderFps: 30,
  fields,
  keyboard,
};

/** The car in the valley with one continuous action, the force of its motor. */
export class MountainCarContinuousEnv extends Env<Float32Array, Float32Array> {
  /** Scripted controllers to compare a policy with. */
  static readonly baselines: Record<
    string,
    (env: MountainCarContinuousEnv) => (observation: Float32Array) => Float32Array
  > = {
    'energy-pumping': () => {
      const action = new Float32Array(1);
      return (observation) => {
        action[0] = observation[1]! < 0 ? -1 : 1;
        return action;
      };
    },
  };

  readonly observationSpace = Box.ofFields(fields.observation);
  readonly actionSpace = new Box(-1, 1, { shape: [1] });
  override readonly metadata = METADATA;

  readonly #goalVelocity: number;
  readonly #observation = new Float32Array(2);
  readonly #result: StepResult<Float32Array> = {
    observation: this.#observation,
    reward: 0,
    terminated: false,
    truncated: false,
    info: {},
  };
  #position = 0;
  #velocity = 0;
  /** The starting state is float64, every later one float32. */
  #single = false;

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor(kwargs: { readonly goalVelocity?: number } = {}) {
    super();
    this.#goalVelocity = readKwargs('MountainCarContinuous', kwargs, KWARGS).goalVelocity;
  }

  /** Reset options: `low`, `high`, the bounds of the starting position. */
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    super.reset(options);
    const { low, high } = resetNumbers('MountainCarContinuous', options, START);
    this.#position = this.rng.uniform(low, high);
    this.#velocity = 0;
    this.#single = false;
    this.#observation[0] = this.#position;
    this.#observation[1] = 0;
    return { observation: this.#observation, info: {} };
  }

  override step(action: Float32Array): StepResult<Float32Array> {
    const single = this.#single;
    const given = action[0]!;
    const clipped = given < -1 || given > 1;
    const force = given < -1 ? -1 : given > 1 ? 1 : given;
    // A clipped force is a Python float, any other a float32 number.
    const push = clipped ? force * POWER : f32(force * f32(POWER));
    const pull = GRAVITY * Math.cos(single ? f32(3 * this.#position) : 3 * this.#position);
    const change = clipped ? push - pull : f32(push - f32(pull));
    const maxSpeed = single ? f32(MAX_SPEED) : MAX_SPEED;
    let velocity = single ? f32(this.#velocity + f32(change)) : this.#velocity + change;
    if (velocity > maxSpeed) velocity = MAX_SPEED;
    if (velocity < -maxSpeed) velocity = -MAX_SPEED;
    let position = single ? f32(this.#position + f32(velocity)) : this.#position + velocity;
    if (position > (single ? f32(MAX_POSITION) : MAX_POSITION)) position = MAX_POSITION;
    const wall = single ? f32(MIN_POSITION) : MIN_POSITION;
    if (position < wall) position = MIN_POSITION;
    if ((position === wall || position === MIN_POSITION) && velocity < 0) velocity = 0;
    const goal = single ? f32(GOAL) : GOAL;
    const goalVelocity = single ? f32(this.#goalVelocity) : this.#goalVelocity;
    const terminated = position >= goal && velocity >= goalVelocity;
    position = f32(position);
    velocity = f32(velocity);
    this.#position = position;
    this.#velocity = velocity;
    this.#single = true;
    const observation = this.#observation;
    observation[0] = position;
    observation[1] = velocity;
    const result = this.#result;
    result.terminated = terminated;
    result.truncated = false;
    result.reward = (terminated ? GOAL_REWARD : 0) - given * given * FORCE_COST;
    return result;
  }

  override render(): Scene {
    return valleyScene(this.#position, this.#velocity, GOAL);
  }
}
