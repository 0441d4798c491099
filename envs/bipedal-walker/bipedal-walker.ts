/**
 * BipedalWalker-v3 and BipedalWalkerHardcore-v3: walk to the end of the land (Oleg Klimov). Bit-identical to a fresh env of
 * Gymnasium 1.4's `box2d/bipedal_walker.py` on Box2D 2.3.10 for float32 actions: float64 arithmetic around a float32 physics,
 * in the same order, and a float32 reward.
 *
 * Hot path: a step reuses its observation and its result and allocates nothing.
 */
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { failure, usageError } from '../../src/core/errors.js';
import type { Json } from '../../src/core/json.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import { GENERATOR_WORDS, Generator } from '../../src/core/seeding/generator.js';
import type { Body } from '../../src/physics/index.js';
import type { Scene } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/box.js';
import { fromBase64, toBase64 } from '../box2d/base64.js';
import { checkBodies } from '../box2d/diverged.js';
import { clipToSpace } from '../box2d/space.js';
import { heuristic } from './baseline.js';
import { CONSTANTS, fields, KWARGS, keyboard } from './fields.js';
import { type Ray, shownRay, WalkerPainter } from './scene.js';
import { drawTerrain, type Terrain } from './terrain.js';
import { BODY_NAMES, Walker } from './walker.js';

const f32 = Math.fround;
const FPS = CONSTANTS.FPS.value;
const SCALE = CONSTANTS.SCALE.value;
const WIDTH = CONSTANTS.VIEWPORT_W.value / SCALE;
const HEIGHT = CONSTANTS.VIEWPORT_H.value / SCALE;
const SPEED_HIP = CONSTANTS.SPEED_HIP.value;
const SPEED_KNEE = CONSTANTS.SPEED_KNEE.value;
const INITIAL_RANDOM = CONSTANTS.INITIAL_RANDOM.value;
const TILT_COST = CONSTANTS.TILT_COST.value;
/** Cost of an action component of 1, as float32: NumPy multiplies it with a float32 number. */
const ACTION_COST = f32(CONSTANTS.TORQUE_COST.value * CONSTANTS.MOTORS_TORQUE.value);
/** Where the hull has arrived, m. */
const GOAL_X = (CONSTANTS.TERRAIN_LENGTH.value - CONSTANTS.TERRAIN_GRASS.value) * CONSTANTS.TERRAIN_STEP.value;

const RAYS = CONSTANTS.LIDAR_RAYS.value;
const RAY_RANGE = CONSTANTS.LIDAR_RANGE.value;
/** Where the rays end, relative to the hull, m. */
const RAY_X = Float64Array.from({ length: RAYS }, (_, i) => Math.sin((1.5 * i) / 10) * RAY_RANGE);
const RAY_Y = Float64Array.from({ length: RAYS }, (_, i) => Math.cos((1.5 * i) / 10) * RAY_RANGE);
/** Rays see what has this category bit, the ground. */
const GROUND = 1;
const FIRST_RAY = 14;

const IDLE = new Float32Array(4);

const METADATA: EnvMetadata = {
  about: 'Walk on two legs to the far end of uneven ground.',
  renderModes: ['scene'],
  renderFps: FPS,
  fields,
  keyboard,
};

/** A type, not an interface: it is `Json` as it stands. */
type SavedState = {
  /** The generator before the reset's draws, which the world is built from. */
  readonly start: number[];
  readonly world: string;
  readonly numbers: number[];
};

/** The walker on its land: 24 observations, 4 motors. */
export class BipedalWalkerEnv extends Env<Float32Array, Float32Array> {
  /** Scripted controllers to compare a policy with. */
  static readonly baselines: Record<string, (env: BipedalWalkerEnv) => (observation: Float32Array) => Float32Array> = {
    heuristic,
  };

  readonly observationSpace = Box.ofFields(fields.observation);
  readonly actionSpace = new Box(-1, 1, { shape: [4] });
  override readonly metadata = METADATA;

  readonly #hardcore: boolean;
  readonly #walker = new Walker();
  /** The generator's words before the present episode's draws. */
  readonly #start = new Uint32Array(GENERATOR_WORDS);
  readonly #observation = new Float32Array(fields.observation.length);
  readonly #result: StepResult<Float32Array> = {
    observation: this.#observation,
    reward: 0,
    terminated: false,
    truncated: false,
    info: {},
  };
  #terrain: Terrain | null = null;
  #painter: WalkerPainter | null = null;
  #steps = 0;
  /** NaN before the first step of an episode. */
  #shaping = Number.NaN;

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor(kwargs: { readonly hardcore?: boolean } = {}) {
    super();
    this.#hardcore = readKwargs('BipedalWalker', kwargs, KWARGS).hardcore;
  }

  /** The hull in this episode. @throws `RESET_NEEDED` before the first reset. */
  get hull(): Body {
    const hull = this.#walker.bodies[0];
    if (hull === undefined) throw failure('RESET_NEEDED', 'BipedalWalker: call reset() before the first step().');
    return hull;
  }

  /** The land of this episode; null before the first reset. */
  get terrain(): Terrain | null {
    return this.#terrain;
  }

  /** A new land, the walker at its start, and one step with idle motors under the random force of the start. */
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    resetNumbers('BipedalWalker', options, {});
    super.reset(options);
    this.rng.snapshotInto(this.#start, 0);
    this.#build(this.rng);
    this.#advance(IDLE);
    return { observation: this.#observation, info: this.#result.info };
  }

  /**
   * Advances 0.02 s.
   * @param action - hip 1, knee 1, hip 2, knee 2: the sign is the motor's direction, the size (clipped to 1) its share of torque.
   * @throws `INVALID_ACTION` unless it has four numbers, none NaN; `PHYSICS_DIVERGED` if the world blew up.
   */
  override step(action: Float32Array): StepResult<Float32Array> {
    const fits = typeof action === 'object' && action !== null && action.length === 4;
    if (!fits || Number.isNaN(action[0]! + action[1]! + action[2]! + action[3]!)) this.#checkAction(action);
    this.#advance(action);
    return this.#result;
  }

  /** Infinities of both signs have a NaN for a sum, too, and are fine. */
  #checkAction(action: unknown): void {
    const numbers = action as ArrayLike<number> | null;
    const list = typeof numbers === 'object' && numbers !== null ? Array.from(numbers) : [];
    if (list.length === 4 && !list.some(Number.isNaN)) return;
    const got = ArrayBuffer.isView(action) ? `[${String(action)}]` : String(action);
    const expected = 'four numbers [hip1, knee1, hip2, knee2], none NaN';
    throw usageError('INVALID_ACTION', `BipedalWalker: expected an action of ${expected}, got ${got}.`, {
      expected,
      got,
      env: 'BipedalWalker',
      step: this.#steps,
    });
  }

  #build(rng: Generator): void {
    const terrain = drawTerrain(rng, this.#hardcore);
    this.#terrain = terrain;
    this.#walker.build(terrain, () => rng.uniform(-INITIAL_RANDOM, INITIAL_RANDOM));
    this.#steps = -1; // the step that belongs to the reset makes it 0
    this.#shaping = Number.NaN;
  }

  /** One step of the physics under an action, and everything that follows from it. */
  #advance(action: Float32Array): void {
    const { hull } = this;
    const walker = this.#walker;
    walker.drive(0, SPEED_HIP, action[0]!);
    walker.drive(1, SPEED_KNEE, action[1]!);
    walker.drive(2, SPEED_HIP, action[2]!);
    walker.drive(3, SPEED_KNEE, action[3]!);
    walker.world.step(1 / FPS, 6 * 30, 2 * 30);
    this.#steps++;
    checkBodies('BipedalWalker', walker.bodies, BODY_NAMES, this.#steps);
    walker.readContacts();
    this.#observe(hull);

    const { x } = hull;
    const before = this.#shaping;
    const shaping = this.#potential(hull);
    this.#shaping = shaping;
    // The first subtraction makes the original's float64 difference a float32 number.
    let reward = Number.isNaN(before) ? 0 : f32(shaping - before);
    for (let k = 0; k < 4; k++) {
      const share = Math.abs(action[k]!);
      reward = f32(reward - f32(ACTION_COST * (share > 1 ? 1 : share)));
    }
    let terminated = false;
    if (walker.fallen || x < 0) {
      reward = -100;
      terminated = true;
    }
    if (x > GOAL_X) terminated = true;
    const result = this.#result;
    result.reward = reward;
    result.terminated = terminated;
    result.truncated = false;
  }

  #potential(hull: Body): number {
    return (130 * hull.x) / SCALE - TILT_COST * Math.abs(hull.angle);
  }

  #observe(hull: Body): void {
    const { world, joints, contact1, contact2 } = this.#walker;
    const out = this.#observation;
    out[0] = hull.angle;
    out[1] = (2 * hull.omega) / FPS;
    out[2] = (0.3 * hull.vx * WIDTH) / FPS;
    out[3] = (0.3 * hull.vy * HEIGHT) / FPS;
    for (let leg = 0; leg < 2; leg++) {
      const hip = joints[2 * leg]!;
      const knee = joints[2 * leg + 1]!;
      const at = 4 + 5 * leg;
      out[at] = hip.angle;
      out[at + 1] = hip.speed / SPEED_HIP;
      out[at + 2] = knee.angle + 1;
      out[at + 3] = knee.speed / SPEED_KNEE;
      out[at + 4] = (leg === 0 ? contact1 : contact2) ? 1 : 0;
    }
    const { x, y } = hull;
    for (let i = 0; i < RAYS; i++) out[FIRST_RAY + i] = world.rayCast(x, y, x + RAY_X[i]!, y - RAY_Y[i]!, GROUND);
    clipToSpace(out, this.observationSpace.low, this.observationSpace.high);
  }

  override saveState(): Json {
    const { fallen, contact1, contact2, world } = this.#walker;
    const state: SavedState = {
      start: Array.from(this.#start),
      world: toBase64(world.save()),
      numbers: [this.#steps, this.#shaping, ...[fallen, contact1, contact2].map(Number)],
    };
    return state;
  }

  override loadState(state: Json): ResetResult<Float32Array> {
    const { start, world, numbers } = state as SavedState;
    this.#start.set(start);
    const rng = Generator.fromSeed(0);
    rng.restoreFrom(this.#start, 0);
    this.#build(rng);
    const walker = this.#walker;
    walker.world.restore(fromBase64(world));
    const [steps = 0, shaping = 0, fallen, contact1, contact2] = numbers;
    this.#steps = steps;
    this.#shaping = shaping;
    walker.fallen = fallen === 1;
    walker.contact1 = contact1 === 1;
    walker.contact2 = contact2 === 1;
    this.#observe(this.hull);
    return { observation: this.#observation, info: this.#result.info };
  }

  /** A picture of the walker, in the colours of the original, that scrolls with it; null before the first reset. */
  override render(): Scene | null {
    const terrain = this.#terrain;
    const { bodies } = this.#walker;
    const hull = bodies[0];
    if (terrain === null || hull === undefined) return null;
    this.#painter ??= new WalkerPainter();
    return this.#painter.paint(terrain, bodies, this.#ray(hull), [
      ['way', `${hull.x.toFixed(1)} m of ${GOAL_X.toFixed(1)} m`],
      ['speed', `${hull.vx.toFixed(2)} m/s`],
      ['tilt', `${((hull.angle * 180) / Math.PI).toFixed(1)} deg`],
      ['feet down', String(Number(this.#walker.contact1) + Number(this.#walker.contact2))],
    ]);
  }

  /** The ray that this frame shows. */
  #ray({ x, y }: Body): Ray | null {
    const i = shownRay(this.#steps);
    if (i < 0) return null;
    const share = this.#observation[FIRST_RAY + i]!;
    return { x, y, endX: x + RAY_X[i]! * share, endY: y - RAY_Y[i]! * share };
  }
}
