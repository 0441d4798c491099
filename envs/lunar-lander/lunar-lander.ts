/**
 * LunarLander-v3 and LunarLanderContinuous-v3: land on a pad, softly (Oleg Klimov). Bit-identical to Gymnasium 1.4's
 * `box2d/lunar_lander.py` on Box2D 2.3.10: float64 arithmetic around a float32 physics, in the same order.
 *
 * Hot path: a step reuses its observation and its result and allocates nothing.
 */
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { failure, usageError } from '../../src/core/errors.js';
import type { Json } from '../../src/core/json.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import { GENERATOR_WORDS, Generator } from '../../src/core/seeding/generator.js';
import type { Body } from '../../src/physics/index.js';
import type { Scene } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import type { Space } from '../../src/spaces/space.js';
import { fromBase64, toBase64 } from '../box2d/base64.js';
import { checkBodies } from '../box2d/diverged.js';
import { clipToSpace } from '../box2d/space.js';
import { heuristic } from './baseline.js';
import { BODY_NAMES, Craft } from './craft.js';
import { Exhaust } from './exhaust.js';
import { CONSTANTS, continuousFields, continuousKeyboard, discreteFields, discreteKeyboard } from './fields.js';
import { HEIGHT, PAD_Y, WIDTH } from './moon.js';
import { type LunarLanderOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { LanderPainter } from './scene.js';

const FPS = CONSTANTS.FPS.value;
const SCALE = CONSTANTS.SCALE.value;
const MAIN_POWER = CONSTANTS.MAIN_ENGINE_POWER.value;
const SIDE_POWER = CONSTANTS.SIDE_ENGINE_POWER.value;
const LEG_DOWN = CONSTANTS.LEG_DOWN.value / SCALE;
const SIDE_HEIGHT = CONSTANTS.SIDE_ENGINE_HEIGHT.value;
const SIDE_AWAY = CONSTANTS.SIDE_ENGINE_AWAY.value;
const MAIN_BELOW = CONSTANTS.MAIN_ENGINE_Y_LOCATION.value / SCALE;
const MAIN_COST = CONSTANTS.MAIN_ENGINE_COST.value;
const SIDE_COST = CONSTANTS.SIDE_ENGINE_COST.value;
const HALF_WIDTH = WIDTH / 2;
const HALF_HEIGHT = HEIGHT / 2;
const WIND_INDEX = 9999;
/** Masses of the original's particles, kg: discs of two pixels, of two densities. */
const DISC = Math.PI * (2 / SCALE) * (2 / SCALE);
const MAIN_PARTICLE = 3.5 * DISC;
const SIDE_PARTICLE = 0.7 * DISC;

const ABOUT = 'Land a rocket softly between two flags.';
const DISCRETE: EnvMetadata = {
  about: ABOUT,
  renderModes: ['scene'],
  renderFps: FPS,
  fields: discreteFields,
  keyboard: discreteKeyboard,
};
const CONTINUOUS: EnvMetadata = { ...DISCRETE, fields: continuousFields, keyboard: continuousKeyboard };

/** An engine's number, or both throttles `[main, lateral]`. */
export type LanderAction = number | Float32Array;

/** A type, not an interface: it is `Json` as it stands. */
type SavedState = {
  /** The generator before the reset's draws, which the world is built from. */
  readonly start: number[];
  readonly world: string;
  readonly numbers: number[];
  readonly exhaust: number[];
};

function clip1(value: number): number {
  return value > 1 ? 1 : value < -1 ? -1 : value;
}

/** The lander over the moon: 8 observations; 4 actions, or 2 throttles with `continuous`. */
export class LunarLanderEnv extends Env<Float32Array, LanderAction> {
  /** Scripted controllers to compare a policy with. */
  static readonly baselines: Record<string, (env: LunarLanderEnv) => (observation: Float32Array) => LanderAction> = {
    heuristic,
  };

  readonly observationSpace = Box.ofFields(discreteFields.observation);
  readonly actionSpace: Space<LanderAction>;
  override readonly metadata: EnvMetadata;
  /** The keyword arguments, checked, with their defaults. */
  readonly options: ResolvedOptions;

  readonly #craft: Craft;
  /** The generator's words before the present episode's draws. */
  readonly #start = new Uint32Array(GENERATOR_WORDS);
  readonly #exhaust = new Exhaust();
  readonly #observation = new Float32Array(8);
  readonly #result: StepResult<Float32Array> = {
    observation: this.#observation,
    reward: 0,
    terminated: false,
    truncated: false,
    info: {},
  };
  #painter: LanderPainter | null = null;
  #steps = 0;
  /** NaN before the first step of an episode. */
  #shaping = Number.NaN;
  #windIndex = 0;
  #torqueIndex = 0;
  /** Powers in force, 0 or 0.5 to 1, and the side that fires, -1 left or 1 right. */
  #main = 0;
  #side = 0;
  #direction = 0;

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor(options: LunarLanderOptions = {}) {
    super();
    this.options = resolveOptions(options);
    const { continuous, gravity, exact } = this.options;
    this.actionSpace = (continuous ? new Box(-1, 1, { shape: [2] }) : new Discrete(4)) as Space<LanderAction>;
    this.metadata = continuous ? CONTINUOUS : DISCRETE;
    this.#craft = new Craft(gravity, exact);
  }

  /** The body of the lander in this episode. @throws `RESET_NEEDED` before the first reset. */
  get lander(): Body {
    const lander = this.#craft.bodies[0];
    if (lander === undefined) throw failure('RESET_NEEDED', 'LunarLander: call reset() before the first step().');
    return lander;
  }

  /** Its legs, right and left. */
  get legs(): readonly Body[] {
    return this.#craft.bodies.slice(1);
  }

  /** A new moon, the lander high above it, and one step without an engine under the random force of the start. */
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    resetNumbers('LunarLander', options, {});
    super.reset(options);
    this.rng.snapshotInto(this.#start, 0);
    this.#build(this.rng);
    this.#main = 0;
    this.#side = 0;
    this.#advance();
    return { observation: this.#observation, info: this.#result.info };
  }

  /**
   * Advances 0.02 s.
   * @param action - the engine that fires, 0 to 3; with `continuous` the throttles `[main, lateral]`, clipped to -1 .. 1.
   * @throws `INVALID_ACTION` for another number, another length or NaN; `PHYSICS_DIVERGED` if the world blew up.
   */
  override step(action: LanderAction): StepResult<Float32Array> {
    if (this.options.continuous) this.#readThrottles(action);
    else this.#readEngine(action);
    this.#advance();
    return this.#result;
  }

  #readEngine(action: LanderAction): void {
    if (!(action === 0 || action === 1 || action === 2 || action === 3)) {
      throw this.#invalidAction('a whole number from 0 to 3', action);
    }
    this.#main = action === 2 ? 1 : 0;
    this.#side = action === 1 || action === 3 ? 1 : 0;
    this.#direction = action - 2;
  }

  #readThrottles(action: LanderAction): void {
    const throttles = action as ArrayLike<number>;
    const fits = typeof action === 'object' && action !== null && throttles.length === 2;
    if (!fits || Number.isNaN(throttles[0]) || Number.isNaN(throttles[1])) {
      throw this.#invalidAction('two numbers [main, lateral], neither NaN', action);
    }
    const main = clip1(throttles[0]!);
    const lateral = clip1(throttles[1]!);
    const sideways = Math.abs(lateral);
    this.#main = main > 0 ? (main + 1) * 0.5 : 0;
    this.#side = sideways > 0.5 ? sideways : 0;
    this.#direction = lateral > 0 ? 1 : -1;
  }

  #invalidAction(expected: string, action: unknown): Error {
    const got = ArrayBuffer.isView(action) ? `[${String(action)}]` : String(action);
    return usageError('INVALID_ACTION', `LunarLander: expected an action of ${expected}, got ${got}.`, {
      expected,
      got,
      env: 'LunarLander',
      step: this.#steps,
    });
  }

  /** Builds the episode's world. The wind's draws come last: the legs need none. */
  #build(rng: Generator): void {
    const craft = this.#craft;
    craft.build(rng);
    this.#painter?.begin(craft.moon);
    if (this.options.enableWind) {
      this.#windIndex = rng.integers(-WIND_INDEX, WIND_INDEX);
      this.#torqueIndex = rng.integers(-WIND_INDEX, WIND_INDEX);
    }
    this.#steps = -1; // the step that belongs to the reset makes it 0
    this.#shaping = Number.NaN;
    this.#exhaust.clear();
  }

  /** One step of the physics under the powers in force, and everything that follows from it. */
  #advance(): void {
    const { lander } = this;
    const craft = this.#craft;
    if (this.options.enableWind && !craft.rightContact && !craft.leftContact) this.#blow(lander);
    this.#fire(lander);
    craft.world.step(1 / FPS, 6 * 30, 2 * 30);
    this.#steps++;
    checkBodies('LunarLander', craft.bodies, BODY_NAMES, this.#steps);
    craft.readContacts();
    this.#score(lander);
  }

  /** The wind's force and torque; their two patterns never repeat. */
  #blow(lander: Body): void {
    const wind = Math.tanh(Math.sin(0.02 * this.#windIndex) + Math.sin(Math.PI * 0.01 * this.#windIndex));
    this.#windIndex++;
    lander.applyForceToCenter(wind * this.options.windPower, 0);
    const twist = Math.tanh(Math.sin(0.02 * this.#torqueIndex) + Math.sin(Math.PI * 0.01 * this.#torqueIndex));
    this.#torqueIndex++;
    lander.applyTorque(twist * this.options.turbulencePower);
  }

  #fire(lander: Body): void {
    const { rng } = this;
    // Drawn in every step, whether an engine fires or not.
    const spread = rng.uniform(-1, 1) / SCALE;
    const spreadAcross = rng.uniform(-1, 1) / SCALE;
    const main = this.#main;
    const side = this.#side;
    if (main === 0 && side === 0) return;
    const { angle } = lander;
    const tipX = Math.sin(angle);
    const tipY = Math.cos(angle);
    const sideX = -tipY;
    const sideY = tipX;
    const step = this.#steps + 1;
    if (main > 0) {
      const ox = tipX * (MAIN_BELOW + 2 * spread) + sideX * spreadAcross;
      const oy = -tipY * (MAIN_BELOW + 2 * spread) - sideY * spreadAcross;
      const x = lander.x + ox;
      const y = lander.y + oy;
      lander.applyLinearImpulse(-ox * MAIN_POWER * main, -oy * MAIN_POWER * main, x, y);
      const blow = (MAIN_POWER * main) / MAIN_PARTICLE;
      this.#exhaust.add(step, 0, main, x, y, ox * blow, oy * blow);
    }
    if (side > 0) {
      const across = 3 * spreadAcross + (this.#direction * SIDE_AWAY) / SCALE;
      const ox = tipX * spread + sideX * across;
      const oy = -tipY * spread - sideY * across;
      // 17 where the height of the engine, 14, was meant: the original's, and so the torque depends on the tilt.
      const x = lander.x + ox - (tipX * 17) / SCALE;
      const y = lander.y + oy + (tipY * SIDE_HEIGHT) / SCALE;
      lander.applyLinearImpulse(-ox * SIDE_POWER * side, -oy * SIDE_POWER * side, x, y);
      const blow = (SIDE_POWER * side) / SIDE_PARTICLE;
      this.#exhaust.add(step, 1, side, x, y, ox * blow, oy * blow);
    }
  }

  /** Observation, reward and end of the step that was simulated. */
  #score(lander: Body): void {
    const x = (lander.x - HALF_WIDTH) / HALF_WIDTH;
    const y = (lander.y - (PAD_Y + LEG_DOWN)) / HALF_HEIGHT;
    const vx = (lander.vx * HALF_WIDTH) / FPS;
    const vy = (lander.vy * HALF_HEIGHT) / FPS;
    const { angle } = lander;
    const right = this.#craft.rightContact ? 1 : 0;
    const left = this.#craft.leftContact ? 1 : 0;
    const shaping =
      -100 * Math.sqrt(x * x + y * y) -
      100 * Math.sqrt(vx * vx + vy * vy) -
      100 * Math.abs(angle) +
      10 * right +
      10 * left;
    const before = this.#shaping;
    let reward = Number.isNaN(before) ? 0 : shaping - before;
    this.#shaping = shaping;
    reward -= this.#main * MAIN_COST;
    reward -= this.#side * SIDE_COST;
    let terminated = false;
    if (this.#craft.crashed || Math.abs(x) >= 1) {
      terminated = true;
      reward = -100;
    }
    if (!lander.awake) {
      terminated = true;
      reward = 100;
    }
    const result = this.#result;
    result.reward = reward;
    result.terminated = terminated;
    result.truncated = false;
    this.#observe(x, y, vx, vy, lander, right, left);
  }

  #observe(x: number, y: number, vx: number, vy: number, lander: Body, right: number, left: number): void {
    const observation = this.#observation;
    observation[0] = x;
    observation[1] = y;
    observation[2] = vx;
    observation[3] = vy;
    observation[4] = lander.angle;
    observation[5] = (20 * lander.omega) / FPS;
    observation[6] = right;
    observation[7] = left;
    clipToSpace(observation, this.observationSpace.low, this.observationSpace.high);
  }

  override saveState(): Json {
    const flags = [this.#craft.crashed, this.#craft.rightContact, this.#craft.leftContact].map(Number);
    const numbers = [
      this.#steps,
      this.#shaping,
      ...flags,
      this.#windIndex,
      this.#torqueIndex,
      this.#main,
      this.#side,
      this.#direction,
    ];
    const state: SavedState = {
      start: Array.from(this.#start),
      world: toBase64(this.#craft.world.save()),
      numbers,
      exhaust: this.#exhaust.save(),
    };
    return state;
  }

  override loadState(state: Json): ResetResult<Float32Array> {
    const { start, world, numbers, exhaust } = state as SavedState;
    this.#start.set(start);
    const rng = Generator.fromSeed(0);
    rng.restoreFrom(this.#start, 0);
    this.#build(rng);
    this.#craft.world.restore(fromBase64(world));
    const [steps = 0, shaping = 0, crashed, right, left, wind = 0, torque = 0, main = 0, side = 0, direction = 0] =
      numbers;
    this.#steps = steps;
    this.#craft.crashed = crashed === 1;
    this.#craft.rightContact = right === 1;
    this.#craft.leftContact = left === 1;
    this.#windIndex = wind;
    this.#torqueIndex = torque;
    this.#main = main;
    this.#side = side;
    this.#direction = direction;
    this.#exhaust.load(exhaust);
    this.#score(this.lander);
    this.#shaping = shaping;
    return { observation: this.#observation, info: this.#result.info };
  }

  /** A picture of the lander, in the colours of the original; null before the first reset. */
  override render(): Scene | null {
    const [lander, ...legs] = this.#craft.bodies;
    if (lander === undefined) return null;
    if (this.#painter === null) {
      this.#painter = new LanderPainter();
      this.#painter.begin(this.#craft.moon);
    }
    const height = lander.y - (PAD_Y + LEG_DOWN);
    const engines = [this.#main > 0 ? `main ${(100 * this.#main).toFixed(0)} %` : '', this.#sideText()];
    return this.#painter.paint({
      lander,
      legs,
      exhaust: this.#exhaust,
      steps: this.#steps,
      gravity: this.options.gravity,
      readings: [
        ['height', `${height.toFixed(2)} m`],
        ['off the pad', `${(lander.x - HALF_WIDTH).toFixed(2)} m`],
        ['speed', `${Math.sqrt(lander.vx * lander.vx + lander.vy * lander.vy).toFixed(2)} m/s`],
        ['tilt', `${((lander.angle * 180) / Math.PI).toFixed(1)} deg`],
        ['engines', engines.filter((text) => text !== '').join(', ') || 'off'],
        ['legs down', String(Number(this.#craft.rightContact) + Number(this.#craft.leftContact))],
      ],
    });
  }

  #sideText(): string {
    return this.#side > 0 ? `${this.#direction < 0 ? 'left' : 'right'} ${(100 * this.#side).toFixed(0)} %` : '';
  }
}
