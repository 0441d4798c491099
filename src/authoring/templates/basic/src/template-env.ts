import { Box, Discrete, Env, type EnvMetadata, type Info, type ResetOptions, type Scene } from 'gymkhana';
import { pushToTarget } from './baseline.js';
import { FIELDS, KEYBOARD } from './fields.js';
import { sceneOf } from './scene.js';

/** Duration of a step, s. */
const TIME_STEP = 0.1;
/** Acceleration of a push, m/s^2. */
const PUSH = 1;
/** Share of the velocity that friction leaves after a step. */
const FRICTION = 0.95;
const LIMIT = 2;

const clip = (value: number): number => Math.min(LIMIT, Math.max(-LIMIT, value));

/** Bring a cart to rest at a target that is elsewhere in every episode. */
export class TemplateEnv extends Env<Float32Array, number> {
  /** Scripted players to compare a policy with. */
  static readonly baselines = { 'push-to-target': pushToTarget };

  override readonly metadata: EnvMetadata = {
    about: 'Bring a cart to rest at a target.',
    renderModes: ['scene'],
    renderFps: 1 / TIME_STEP,
    episodeMeasures: ['distance'],
    fields: FIELDS,
    keyboard: KEYBOARD,
  };
  readonly observationSpace = Box.ofFields(FIELDS.observation);
  readonly actionSpace = new Discrete(FIELDS.action.length);

  position = 0;
  velocity = 0;
  target = 0;

  override reset(options: ResetOptions = {}): { observation: Float32Array; info: Info } {
    super.reset(options); // Seeds this.rng, the only source of chance.
    this.position = this.rng.uniform(-1, 1);
    this.velocity = 0;
    this.target = this.rng.uniform(-1, 1);
    return { observation: this.#observation(), info: this.#info() };
  }

  step(action: number): {
    observation: Float32Array;
    reward: number;
    terminated: boolean;
    truncated: boolean;
    info: Info;
  } {
    const before = Math.abs(this.position - this.target);
    this.velocity = clip((this.velocity + (action - 1) * PUSH * TIME_STEP) * FRICTION);
    this.position = clip(this.position + this.velocity * TIME_STEP);
    const distance = Math.abs(this.position - this.target);
    const arrived = distance < 0.1 && Math.abs(this.velocity) < 0.2;
    return {
      observation: this.#observation(),
      reward: before - distance - 0.01 + (arrived ? 1 : 0), // Progress, less time, and the arrival.
      terminated: arrived, // The task itself ended.
      truncated: false, // The time limit is the registration's.
      info: this.#info(),
    };
  }

  override render(): Scene {
    return sceneOf(this);
  }

  #observation(): Float32Array {
    return Float32Array.of(this.position, this.velocity, this.target);
  }

  #info(): Info {
    return { distance: Math.abs(this.position - this.target) };
  }
}
