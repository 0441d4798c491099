import {
  Box,
  Dict,
  Discrete,
  Env,
  type EnvMetadata,
  type Info,
  MultiDiscrete,
  type ResetOptions,
  type Scene,
  type ValueOf,
} from 'gymkhana';
import { deliver } from './baseline.js';
import { FIELDS, KEYBOARD, SIDE } from './fields.js';
import { sceneOf } from './scene.js';

const place = () => new MultiDiscrete([SIDE, SIDE]);
const OBSERVATION = new Dict({
  battery: new Box(0, 1, { shape: [1] }),
  carrying: new Discrete(2),
  goal: place(),
  parcel: place(),
  robot: place(),
});
/** An observation: an object with a value of each space. */
export type Observation = ValueOf<typeof OBSERVATION>;

/** Rows and columns of the moves stay, up, right, down, left. */
const MOVES: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];
/** Steps that a full battery lasts. */
const BATTERY = 60;

const same = (a: Int32Array, b: Int32Array): boolean => a[0] === b[0] && a[1] === b[1];

/** A robot brings a parcel to its place: an observation of several kinds, an action of two choices, and a mask of what is possible. */
export class TemplateEnv extends Env<Observation, Int32Array> {
  /** Scripted players to compare a policy with. */
  static readonly baselines = { deliver };

  override readonly metadata: EnvMetadata = {
    about: 'Bring a parcel to its place before the battery is empty.',
    renderModes: ['scene'],
    renderFps: 5,
    episodeMeasures: ['delivered'],
    fields: FIELDS,
    keyboard: KEYBOARD,
  };
  readonly observationSpace = OBSERVATION;
  readonly actionSpace = new MultiDiscrete([MOVES.length, 2]);
  readonly #robot = new Int32Array(2);
  readonly #parcel = new Int32Array(2);
  readonly #goal = new Int32Array(2);
  #carrying = false;
  #steps = 0;

  override reset(options: ResetOptions = {}): { observation: Observation; info: Info } {
    super.reset(options); // Seeds this.rng, the only source of chance.
    for (const cell of [this.#robot, this.#parcel, this.#goal]) {
      cell[0] = this.rng.integers(SIDE);
      cell[1] = this.rng.integers(SIDE);
    }
    while (same(this.#parcel, this.#goal)) this.#goal[0] = this.rng.integers(SIDE);
    this.#carrying = false;
    this.#steps = 0;
    return { observation: this.#observation(), info: this.#info(false) };
  }

  step(action: Int32Array): {
    observation: Observation;
    reward: number;
    terminated: boolean;
    truncated: boolean;
    info: Info;
  } {
    let reward = -0.05;
    let delivered = false;
    // The grip acts first, where the robot is: what the mask allows is what can be done.
    if (action[1] === 1) {
      if (this.#carrying) {
        this.#carrying = false;
        delivered = same(this.#parcel, this.#goal);
        reward += delivered ? 5 : -1.5; // Less than picking up gives, or going to and fro would pay.
      } else if (same(this.#robot, this.#parcel)) {
        this.#carrying = true;
        reward += 1;
      }
    }
    const before = this.#toGo();
    const [rows, columns] = MOVES[action[0]!]!;
    this.#robot[0] = Math.min(SIDE - 1, Math.max(0, this.#robot[0]! + rows));
    this.#robot[1] = Math.min(SIDE - 1, Math.max(0, this.#robot[1]! + columns));
    if (this.#carrying) this.#parcel.set(this.#robot);
    reward += 0.1 * (before - this.#toGo());
    this.#steps++;
    const empty = this.#steps >= BATTERY;
    return {
      observation: this.#observation(),
      reward,
      terminated: delivered || empty, // The task itself ended.
      truncated: false,
      info: this.#info(delivered),
    };
  }

  override render(): Scene {
    return sceneOf(this.#observation());
  }

  /** Cells to the parcel, or with it to its place. */
  #toGo(): number {
    const to = this.#carrying ? this.#goal : this.#parcel;
    return Math.abs(to[0]! - this.#robot[0]!) + Math.abs(to[1]! - this.#robot[1]!);
  }

  #observation(): Observation {
    return {
      battery: Float32Array.of(Math.max(0, 1 - this.#steps / BATTERY)),
      carrying: this.#carrying ? 1 : 0,
      goal: this.#goal.slice(),
      parcel: this.#parcel.slice(),
      robot: this.#robot.slice(),
    };
  }

  /** `actionMask`: 1 for what can be done, first of the moves, then of the grip; PPO never tries the rest. */
  #info(delivered: boolean): Info {
    const [row, column] = this.#robot as unknown as [number, number];
    const moves = MOVES.map(([rows, columns]) => {
      const inside = row + rows >= 0 && row + rows < SIDE && column + columns >= 0 && column + columns < SIDE;
      return inside ? 1 : 0;
    });
    const grip = same(this.#robot, this.#carrying ? this.#goal : this.#parcel) ? 1 : 0;
    return { delivered: delivered ? 1 : 0, actionMask: Int8Array.from([...moves, 1, grip]) };
  }
}
