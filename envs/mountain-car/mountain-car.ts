/**
 * MountainCar-v0: leave a valley by swinging (Moore 1990). Bit-identical to Gymnasium 1.4's `classic_control/mountain_car.py`.
 */
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import type { Scene } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { fields, MAX_POSITION, MAX_SPEED, MIN_POSITION } from './fields.js';
import { valleyScene } from './scene.js';

const GOAL = 0.5;
const FORCE = 0.001;
const GRAVITY = 0.0025;

export class MountainCarEnv extends Env<Float32Array, number> {
  readonly observationSpace = new Box(
    fields.observation.map((field) => field.low),
    fields.observation.map((field) => field.high),
  );
  readonly actionSpace = new Discrete(3);
  override readonly metadata: EnvMetadata = {
    about: 'Leave a valley with a motor too weak to climb: swing up.',
    renderModes: ['scene'],
    renderFps: 30,
    fields,
  };

  /** Always accelerates the way the car moves. */
  static readonly baselines = {
    'energy-pumping': () => (observation: Float32Array) => (observation[1]! < 0 ? 0 : 2),
  };

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

  constructor(kwargs: { goalVelocity?: number } = {}) {
    super();
    this.#goalVelocity = readKwargs('MountainCar', kwargs, {
      goalVelocity: { type: 'number', default: 0 },
    }).goalVelocity;
  }

  /** Reset options: `low`, `high`, the bounds of the starting position. */
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    super.reset(options);
    const { low, high } = resetNumbers('MountainCar', options, { low: -0.6, high: -0.4 });
    this.#position = this.rng.uniform(low, high);
    this.#velocity = 0;
    return { observation: this.#observe(), info: {} };
  }

  override step(action: number): StepResult<Float32Array> {
    let velocity = this.#velocity + ((action - 1) * FORCE + Math.cos(3 * this.#position) * -GRAVITY);
    velocity = Math.max(-MAX_SPEED, Math.min(MAX_SPEED, velocity));
    const position = Math.max(MIN_POSITION, Math.min(MAX_POSITION, this.#position + velocity));
    if (position === MIN_POSITION && velocity < 0) velocity = 0;
    this.#position = position;
    this.#velocity = velocity;
    const result = this.#result;
    result.terminated = position >= GOAL && velocity >= this.#goalVelocity;
    result.truncated = false;
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
