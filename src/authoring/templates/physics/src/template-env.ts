import { Box, Env, type EnvMetadata, type Info, type ResetOptions, type Scene } from 'gymkhana';
import { MatterWorld, type RigidBody, SegmentGrid } from 'gymkhana/physics';
import { steerToDock } from './baseline.js';
import { FIELDS, FORCE, HALF, KEYBOARD, RANGE, RAYS } from './fields.js';
import { sceneOf } from './scene.js';

/** Duration of a step, s; the world takes it in three. */
const TIME_STEP = 1 / 20;
const SUBSTEPS = 3;
/** Radius of the puck and of the dock, m. */
const REACH = 0.3;
const MASS = 2;
/** Resistance to motion, N s/m. */
const DRAG = 1.5;

/** Walls as segments x0, y0, x1, y1, m: the arena, and a wall in the middle to go round. They are sensed, not simulated. */
export const WALLS: Float64Array = Float64Array.from(
  [
    [-HALF, -HALF, HALF, -HALF],
    [HALF, -HALF, HALF, HALF],
    [HALF, HALF, -HALF, HALF],
    [-HALF, HALF, -HALF, -HALF],
    [0, -1.5, 0, 1.5],
  ].flat(),
);

/** Square roots give the same bits in every engine; `Math.hypot` need not. */
const length = (x: number, y: number): number => Math.sqrt(x * x + y * y);

/** Steer a puck, a matter-js body, to a dock without touching a wall, which it senses with rays. */
export class TemplateEnv extends Env<Float32Array, Float32Array> {
  /** Scripted players to compare a policy with. */
  static readonly baselines = { 'steer-to-dock': steerToDock };

  override readonly metadata: EnvMetadata = {
    about: 'Steer a puck to a dock without touching a wall.',
    renderModes: ['scene'],
    renderFps: 1 / TIME_STEP,
    episodeMeasures: ['docked', 'distance'],
    fields: FIELDS,
    keyboard: KEYBOARD,
  };
  readonly observationSpace = Box.ofFields(FIELDS.observation);
  readonly actionSpace = Box.ofFields(FIELDS.action);

  readonly dock = { x: 0, y: 0 };
  readonly #grid = new SegmentGrid(1);
  #world = new MatterWorld({ timeStep: TIME_STEP / SUBSTEPS });
  #puck: RigidBody | null = null;
  #distance = 0;

  constructor() {
    super();
    this.#grid.build(WALLS);
  }

  /** The body, for the scene and for tests. */
  get puck(): RigidBody {
    if (this.#puck === null) throw new Error('reset() comes first');
    return this.#puck;
  }

  override reset(options: ResetOptions = {}): { observation: Float32Array; info: Info } {
    super.reset(options); // Seeds this.rng, the only source of chance.
    // A world is built anew for every episode: bodies that are moved back keep rounding errors of where they were.
    this.#world = new MatterWorld({ timeStep: TIME_STEP / SUBSTEPS });
    const x = this.rng.uniform(-HALF + 1, -1);
    const y = this.rng.uniform(-HALF + 1, HALF - 1);
    this.#puck = this.#world.addBox({ x, y, length: 2 * REACH, width: 2 * REACH, mass: MASS });
    this.dock.x = this.rng.uniform(1, HALF - 1);
    this.dock.y = this.rng.uniform(-HALF + 1, HALF - 1);
    this.#distance = this.#toDock();
    return { observation: this.#observation(), info: this.#info(false) };
  }

  step(action: Float32Array): {
    observation: Float32Array;
    reward: number;
    terminated: boolean;
    truncated: boolean;
    info: Info;
  } {
    const { puck } = this;
    // An action may lie beyond the space, as in Gymnasium: clipping it is the env's task.
    const fx = Math.min(1, Math.max(-1, action[0]!)) * FORCE;
    const fy = Math.min(1, Math.max(-1, action[1]!)) * FORCE;
    for (let k = 0; k < SUBSTEPS; k++) {
      puck.applyForce(fx - DRAG * puck.vx, fy - DRAG * puck.vy);
      this.#world.step();
    }
    const distance = this.#toDock();
    const progress = this.#distance - distance;
    this.#distance = distance;
    const observation = this.#observation();
    const docked = distance < REACH;
    const crashed = this.#nearestWall(observation) < REACH;
    return {
      observation,
      reward: progress - 0.01 + (docked ? 5 : 0) - (crashed ? 5 : 0),
      terminated: docked || crashed, // The task itself ended.
      truncated: false, // The time limit is the registration's.
      info: this.#info(docked),
    };
  }

  override render(): Scene {
    return sceneOf(this);
  }

  #toDock(): number {
    const { puck, dock } = this;
    return length(dock.x - puck.x, dock.y - puck.y);
  }

  #nearestWall(observation: Float32Array): number {
    let nearest = RANGE;
    for (let k = 0; k < RAYS; k++) nearest = Math.min(nearest, observation[k]!);
    return nearest;
  }

  #observation(): Float32Array {
    const { puck, dock } = this;
    const observation = new Float32Array(FIELDS.observation.length);
    for (let k = 0; k < RAYS; k++) {
      const angle = (2 * Math.PI * k) / RAYS;
      observation[k] = this.#grid.cast(puck.x, puck.y, Math.cos(angle), Math.sin(angle), RANGE);
    }
    observation.set([puck.vx, puck.vy, dock.x - puck.x, dock.y - puck.y], RAYS);
    return observation;
  }

  #info(docked: boolean): Info {
    return { docked: docked ? 1 : 0, distance: this.#distance };
  }
}
