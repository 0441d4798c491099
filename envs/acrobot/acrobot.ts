/**
 * Acrobot-v1: swing the end of a two-link robot above a line (Sutton 1996). Bit-identical observations to Gymnasium 1.4's
 * `classic_control/acrobot.py`: "book" dynamics, one Runge-Kutta step of 0.2 s, float32 starting state.
 */
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import type { Scene, Shape } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { fields, MAX_SPEED_1, MAX_SPEED_2 } from './fields.js';
import { sinCosFloat32 } from './float32-trig.js';

const DT = 0.2;
const GRAVITY = 9.8;
const M1 = 1;
const M2 = 1;
const L1 = 1;
const LC1 = 0.5;
const LC2 = 0.5;
const I1 = 1;
const I2 = 1;

export class AcrobotEnv extends Env<Float32Array, number> {
  readonly observationSpace = new Box(
    fields.observation.map((field) => field.low),
    fields.observation.map((field) => field.high),
  );
  readonly actionSpace = new Discrete(3);
  override readonly metadata: EnvMetadata = {
    about: 'Swing the free end of a two-link robot above a line.',
    renderModes: ['scene'],
    renderFps: 15,
    fields,
  };

  /** Pushes the way the second link turns, which pumps energy in. */
  static readonly baselines = {
    'energy-pumping': () => (observation: Float32Array) => (observation[4]! > 0 ? 0 : 2),
  };

  readonly #observation = new Float32Array(6);
  readonly #result: StepResult<Float32Array> = {
    observation: this.#observation,
    reward: 0,
    terminated: false,
    truncated: false,
    info: {},
  };
  readonly #state = new Float64Array(4);
  readonly #k = [new Float64Array(4), new Float64Array(4), new Float64Array(4), new Float64Array(4)] as const;
  readonly #at = new Float64Array(4);

  constructor(kwargs: object = {}) {
    super();
    readKwargs('Acrobot', kwargs, {});
  }

  /** Reset options: `low`, `high`, the bounds of every state variable. */
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    super.reset(options);
    const { low, high } = resetNumbers('Acrobot', options, { low: -0.1, high: 0.1 });
    for (let k = 0; k < 4; k++) this.#state[k] = Math.fround(this.rng.uniform(low, high));
    const observation = this.#observe();
    [observation[1], observation[0]] = sinCosFloat32(this.#state[0]!);
    [observation[3], observation[2]] = sinCosFloat32(this.#state[1]!);
    return { observation, info: {} };
  }

  override step(action: number): StepResult<Float32Array> {
    const s = this.#state;
    this.#integrate(action - 1);
    s[0] = wrap(s[0]!);
    s[1] = wrap(s[1]!);
    s[2] = Math.max(-MAX_SPEED_1, Math.min(MAX_SPEED_1, s[2]!));
    s[3] = Math.max(-MAX_SPEED_2, Math.min(MAX_SPEED_2, s[3]!));
    const terminated = -Math.cos(s[0]!) - Math.cos(s[1]! + s[0]!) > 1;
    const result = this.#result;
    result.terminated = terminated;
    result.truncated = false;
    result.reward = terminated ? 0 : -1;
    this.#observe();
    return result;
  }

  /** One classical Runge-Kutta step, in the original's order of operations. */
  #integrate(torque: number): void {
    const s = this.#state;
    const at = this.#at;
    const [k1, k2, k3, k4] = this.#k;
    derivative(s, torque, k1);
    for (let i = 0; i < 4; i++) at[i] = s[i]! + (DT / 2) * k1[i]!;
    derivative(at, torque, k2);
    for (let i = 0; i < 4; i++) at[i] = s[i]! + (DT / 2) * k2[i]!;
    derivative(at, torque, k3);
    for (let i = 0; i < 4; i++) at[i] = s[i]! + DT * k3[i]!;
    derivative(at, torque, k4);
    for (let i = 0; i < 4; i++) s[i] = s[i]! + (DT / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!);
  }

  #observe(): Float32Array {
    const s = this.#state;
    const observation = this.#observation;
    observation[0] = Math.cos(s[0]!);
    observation[1] = Math.sin(s[0]!);
    observation[2] = Math.cos(s[1]!);
    observation[3] = Math.sin(s[1]!);
    observation[4] = s[2]!;
    observation[5] = s[3]!;
    return observation;
  }

  override render(): Scene {
    const [angle1, angle2] = this.#state as unknown as [number, number];
    const x = L1 * Math.sin(angle1);
    const y = -L1 * Math.cos(angle1);
    return {
      background: '#f4f1ea',
      camera: { x: 0, y: 0, width: 4.6, height: 4.6 },
      items: [
        { shape: LINE },
        { shape: LINK, angle: angle1 },
        { shape: LINK, x, y, angle: angle1 + angle2 },
        { shape: JOINT },
        { shape: JOINT, x, y },
      ],
    };
  }
}

function derivative(s: Float64Array, torque: number, out: Float64Array): void {
  const theta1 = s[0]!;
  const theta2 = s[1]!;
  const omega1 = s[2]!;
  const omega2 = s[3]!;
  const cos2 = Math.cos(theta2);
  const sin2 = Math.sin(theta2);
  const d1 = M1 * (LC1 * LC1) + M2 * (L1 * L1 + LC2 * LC2 + 2 * L1 * LC2 * cos2) + I1 + I2;
  const d2 = M2 * (LC2 * LC2 + L1 * LC2 * cos2) + I2;
  const phi2 = M2 * LC2 * GRAVITY * Math.cos(theta1 + theta2 - Math.PI / 2);
  const phi1 =
    -M2 * L1 * LC2 * (omega2 * omega2) * sin2 -
    2 * M2 * L1 * LC2 * omega2 * omega1 * sin2 +
    (M1 * LC1 + M2 * L1) * GRAVITY * Math.cos(theta1 - Math.PI / 2) +
    phi2;
  const alpha2 =
    (torque + (d2 / d1) * phi1 - M2 * L1 * LC2 * (omega1 * omega1) * sin2 - phi2) /
    (M2 * (LC2 * LC2) + I2 - (d2 * d2) / d1);
  out[0] = omega1;
  out[1] = omega2;
  out[2] = -(d2 * alpha2 + phi1) / d1;
  out[3] = alpha2;
}

function wrap(angle: number): number {
  let x = angle;
  while (x > Math.PI) x -= 2 * Math.PI;
  while (x < -Math.PI) x += 2 * Math.PI;
  return x;
}

const LINE: Shape = { type: 'polyline', points: [-2.2, 1, 2.2, 1], stroke: '#7aa17a', lineWidth: 0.02 };
const LINK: Shape = { type: 'polygon', points: [-0.1, 0.1, 0.1, 0.1, 0.1, -1.1, -0.1, -1.1], fill: '#4f93a8' };
const JOINT: Shape = { type: 'circle', x: 0, y: 0, radius: 0.12, fill: '#e0b83c' };
