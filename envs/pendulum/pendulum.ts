/**
 * Pendulum-v1: swing a pendulum up and hold it. Bit-identical observations to Gymnasium 1.4's `classic_control/pendulum.py`,
 * where the torque is a float32 number and so is its product with 3 / (m l^2).
 */
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import type { Scene, Shape } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/box.js';
import { fields, MAX_SPEED, MAX_TORQUE } from './fields.js';

const DT = 0.05;
const TWO_PI = 2 * Math.PI;

export class PendulumEnv extends Env<Float32Array, Float32Array> {
  readonly observationSpace = new Box(
    fields.observation.map((field) => field.low),
    fields.observation.map((field) => field.high),
  );
  readonly actionSpace = new Box(-MAX_TORQUE, MAX_TORQUE, { shape: [1] });
  override readonly metadata: EnvMetadata = {
    about: 'Swing a pendulum up with little torque and hold it upright.',
    renderModes: ['scene'],
    renderFps: 30,
    fields,
  };

  /** Pumps energy while the pendulum hangs, then holds it with a proportional-derivative law. */
  static readonly baselines = {
    'energy-pumping': () => {
      const action = new Float32Array(1);
      return (observation: Float32Array) => {
        const [cos, sin, speed] = observation as unknown as [number, number, number];
        const energy = (speed * speed) / 6 + 5 * (cos - 1);
        const torque =
          cos > 0.85
            ? -12 * sin - 3 * speed
            : speed === 0
              ? MAX_TORQUE
              : -Math.sign(speed) * Math.sign(energy) * MAX_TORQUE;
        action[0] = Math.max(-MAX_TORQUE, Math.min(MAX_TORQUE, torque));
        return action;
      };
    },
  };

  readonly #gravity: number;
  readonly #observation = new Float32Array(3);
  readonly #result: StepResult<Float32Array> = {
    observation: this.#observation,
    reward: 0,
    terminated: false,
    truncated: false,
    info: {},
  };
  #theta = 0;
  #omega = 0;
  #torque = 0;

  constructor(kwargs: { g?: number } = {}) {
    super();
    this.#gravity = readKwargs('Pendulum', kwargs, { g: { type: 'number', default: 10, min: -1000, max: 1000 } }).g;
  }

  /** Reset options: `xInit` (rad) and `yInit` (rad/s), the largest starting angle and angular velocity. */
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    super.reset(options);
    const { xInit, yInit } = resetNumbers('Pendulum', options, { xInit: Math.PI, yInit: 1 });
    this.#theta = this.rng.uniform(-xInit, xInit);
    this.#omega = this.rng.uniform(-yInit, yInit);
    this.#torque = 0;
    return { observation: this.#observe(), info: {} };
  }

  override step(action: Float32Array): StepResult<Float32Array> {
    const torque = Math.fround(Math.max(-MAX_TORQUE, Math.min(MAX_TORQUE, action[0]!)));
    const theta = this.#theta;
    const omega = this.#omega;
    const shifted = (((theta + Math.PI) % TWO_PI) + TWO_PI) % TWO_PI;
    const angle = shifted - Math.PI;
    const cost = angle * angle + 0.1 * (omega * omega) + Math.fround(Math.fround(0.001) * Math.fround(torque * torque));
    const next = omega + (((3 * this.#gravity) / 2) * Math.sin(theta) + Math.fround(3 * torque)) * DT;
    this.#omega = Math.max(-MAX_SPEED, Math.min(MAX_SPEED, next));
    this.#theta = theta + this.#omega * DT;
    this.#torque = torque;
    const result = this.#result;
    result.reward = -cost;
    result.truncated = false;
    this.#observe();
    return result;
  }

  #observe(): Float32Array {
    const observation = this.#observation;
    observation[0] = Math.cos(this.#theta);
    observation[1] = Math.sin(this.#theta);
    observation[2] = this.#omega;
    return observation;
  }

  override render(): Scene {
    return {
      background: '#f4f1ea',
      camera: { x: 0, y: 0, width: 2.6, height: 2.6 },
      items: [{ shape: CIRCLE }, { shape: ROD, angle: this.#theta }, { shape: PIVOT }],
      readings: [
        ['torque', `${this.#torque.toFixed(2)} N m`],
        ['speed', `${this.#omega.toFixed(2)} rad/s`],
      ],
    };
  }
}

const CIRCLE: Shape = { type: 'circle', x: 0, y: 0, radius: 1, stroke: '#ddd5c4', lineWidth: 0.01 };
const ROD: Shape = {
  type: 'polygon',
  points: [-0.07, -0.05, 0.07, -0.05, 0.08, 0.9, 0, 1, -0.08, 0.9],
  fill: '#c34b44',
};
const PIVOT: Shape = { type: 'circle', x: 0, y: 0, radius: 0.05, fill: '#2f3a45' };
