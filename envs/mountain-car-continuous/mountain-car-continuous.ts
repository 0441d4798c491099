/**
 * MountainCarContinuous-v0. Bit-identical to Gymnasium 1.4's `classic_control/continuous_mountain_car.py`, whose state is
 * float32 after the first step: every operation below rounds where NumPy does.
 */
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import type { Scene } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/box.js';
import { MAX_POSITION, MAX_SPEED, MIN_POSITION } from '../mountain-car/fields.js';
import { valleyScene } from '../mountain-car/scene.js';
import { fields } from './fields.js';

const f32 = Math.fround;
const GOAL = 0.45;
const POWER = 0.0015;

export class MountainCarContinuousEnv extends Env<Float32Array, Float32Array> {
  readonly observationSpace = new Box(
    fields.observation.map((field) => field.low),
    fields.observation.map((field) => field.high),
  );
  readonly actionSpace = new Box(-1, 1, { shape: [1] });
  override readonly metadata: EnvMetadata = {
    about: 'Leave a valley with a weak motor, spending little of it.',
    renderModes: ['scene'],
    renderFps: 30,
    fields,
  };

  /** Always accelerates the way the car moves. */
  static readonly baselines = {
    'energy-pumping': () => {
      const action = new Float32Array(1);
      return (observation: Float32Array) => {
        action[0] = observation[1]! < 0 ? -1 : 1;
        return action;
      };
    },
  };

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

  constructor(kwargs: { goalVelocity?: number } = {}) {
    super();
    this.#goalVelocity = readKwargs('MountainCarContinuous', kwargs, {
      goalVelocity: { type: 'number', default: 0 },
    }).goalVelocity;
  }

  /** Reset options: `low`, `high`, the bounds of the starting position. */
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    super.reset(options);
    const { low, high } = resetNumbers('MountainCarContinuous', options, { low: -0.6, high: -0.4 });
    this.#position = this.rng.uniform(low, high);
    this.#velocity = 0;
    this.#single = false;
    return { observation: this.#observe(), info: {} };
  }

  override step(action: Float32Array): StepResult<Float32Array> {
    const single = this.#single;
    const given = action[0]!;
    const clipped = given < -1 || given > 1;
    const force = given < -1 ? -1 : given > 1 ? 1 : given;
    // A clipped force is a Python float, any other a float32 number.
    const push = clipped ? force * POWER : f32(force * f32(POWER));
    const pull = 0.0025 * Math.cos(single ? f32(3 * this.#position) : 3 * this.#position);
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
    const terminated = position >= goal && velocity >= this.#goalVelocity;
    this.#position = f32(position);
    this.#velocity = f32(velocity);
    this.#single = true;
    const result = this.#result;
    result.terminated = terminated;
    result.truncated = false;
    result.reward = (terminated ? 100 : 0) - given * given * 0.1;
    this.#observe();
    return result;
  }

  #observe(): Float32Array {
    this.#observation[0] = this.#position;
    this.#observation[1] = this.#velocity;
    return this.#observation;
  }

  override render(): Scene {
    return valleyScene(this.#position, this.#velocity, GOAL);
  }
}
