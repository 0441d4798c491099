/**
 * CartPole-v1: keep a pole upright on a cart (Barto, Sutton and Anderson 1983). Bit-identical to Gymnasium 1.4's
 * `classic_control/cartpole.py`: float64 state, float32 observation, explicit Euler.
 */
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import type { Scene, Shape } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { fields, THETA_LIMIT, X_LIMIT } from './fields.js';

const GRAVITY = 9.8;
const MASS_POLE = 0.1;
const TOTAL_MASS = MASS_POLE + 1.0;
/** Half the pole's length, m. */
const LENGTH = 0.5;
const POLE_MASS_LENGTH = MASS_POLE * LENGTH;
const FORCE = 10.0;
const TAU = 0.02;

export class CartPoleEnv extends Env<Float32Array, number> {
  readonly observationSpace = new Box(
    fields.observation.map((field) => field.low),
    fields.observation.map((field) => field.high),
  );
  readonly actionSpace = new Discrete(2);
  override readonly metadata: EnvMetadata = {
    about: 'Keep a pole upright on a moving cart.',
    renderModes: ['scene'],
    renderFps: 50,
    fields,
  };

  /** Pushes toward the side the pole falls to. */
  static readonly baselines = {
    balance: () => (observation: Float32Array) =>
      observation[2]! + 0.25 * observation[3]! + 0.02 * observation[0]! + 0.06 * observation[1]! > 0 ? 1 : 0,
  };

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

  constructor(kwargs: { suttonBartoReward?: boolean } = {}) {
    super();
    const { suttonBartoReward } = readKwargs('CartPole', kwargs, {
      suttonBartoReward: { type: 'boolean', default: false },
    });
    this.#suttonBarto = suttonBartoReward;
  }

  /** Reset options: `low`, `high`, the bounds of every state variable. */
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    super.reset(options);
    const { low, high } = resetNumbers('CartPole', options, { low: -0.05, high: 0.05 });
    const rng = this.rng;
    this.#x = rng.uniform(low, high);
    this.#velocity = rng.uniform(low, high);
    this.#theta = rng.uniform(low, high);
    this.#omega = rng.uniform(low, high);
    this.#over = false;
    return { observation: this.#observe(), info: {} };
  }

  override step(action: number): StepResult<Float32Array> {
    const force = action === 1 ? FORCE : -FORCE;
    const cos = Math.cos(this.#theta);
    const sin = Math.sin(this.#theta);
    const temp = (force + POLE_MASS_LENGTH * (this.#omega * this.#omega) * sin) / TOTAL_MASS;
    const alpha = (GRAVITY * sin - cos * temp) / (LENGTH * (4.0 / 3.0 - (MASS_POLE * (cos * cos)) / TOTAL_MASS));
    const acceleration = temp - (POLE_MASS_LENGTH * alpha * cos) / TOTAL_MASS;
    this.#x += TAU * this.#velocity;
    this.#velocity += TAU * acceleration;
    this.#theta += TAU * this.#omega;
    this.#omega += TAU * alpha;
    const x = this.#x;
    const theta = this.#theta;
    const terminated = x < -X_LIMIT || x > X_LIMIT || theta < -THETA_LIMIT || theta > THETA_LIMIT;
    const result = this.#result;
    if (!terminated) result.reward = this.#suttonBarto ? 0 : 1;
    else if (!this.#over) result.reward = this.#suttonBarto ? -1 : 1;
    else result.reward = this.#suttonBarto ? -1 : 0;
    this.#over = terminated;
    result.terminated = terminated;
    result.truncated = false;
    this.#observe();
    return result;
  }

  #observe(): Float32Array {
    const observation = this.#observation;
    observation[0] = this.#x;
    observation[1] = this.#velocity;
    observation[2] = this.#theta;
    observation[3] = this.#omega;
    return observation;
  }

  override render(): Scene {
    return {
      background: '#f4f1ea',
      camera: { x: 0, y: 0.5, width: 5.2, height: 2.2 },
      items: [
        { shape: TRACK },
        { shape: CART, x: this.#x },
        { shape: POLE, x: this.#x, y: 0.12, angle: -this.#theta },
        { shape: AXLE, x: this.#x, y: 0.12 },
      ],
      readings: [
        ['position', `${this.#x.toFixed(2)} m`],
        ['angle', `${((this.#theta * 180) / Math.PI).toFixed(1)} deg`],
      ],
    };
  }
}

const TRACK: Shape = { type: 'polyline', points: [-X_LIMIT, 0, X_LIMIT, 0], stroke: '#8a8272', lineWidth: 0.02 };
const CART: Shape = { type: 'polygon', points: [-0.25, -0.12, 0.25, -0.12, 0.25, 0.12, -0.25, 0.12], fill: '#2f3a45' };
const POLE: Shape = { type: 'polygon', points: [-0.035, -0.035, 0.035, -0.035, 0.035, 1, -0.035, 1], fill: '#c9783c' };
const AXLE: Shape = { type: 'circle', x: 0, y: 0, radius: 0.045, fill: '#7d86c9' };
