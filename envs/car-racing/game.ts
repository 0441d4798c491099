/**
 * What both car racing tasks share: the track, the car, tiles that are visited, reward and end, Gymnasium's `car_racing.py` in its
 * order of draws and of arithmetic. A subclass says what is observed.
 *
 * Hot path: a step reuses its result and info and allocates nothing.
 */
import { Env, type Info, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { failure, usageError } from '../../src/core/errors.js';
import type { Json } from '../../src/core/json.js';
import { GENERATOR_WORDS, Generator } from '../../src/core/seeding/generator.js';
import { World } from '../../src/physics/index.js';
import type { Scene } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import type { Space } from '../../src/spaces/space.js';
import { fromBase64, toBase64 } from '../box2d/base64.js';
import { checkBodies } from '../box2d/diverged.js';
import { Car } from './car.js';
import { drawColors, setStandard, standardColors } from './colors.js';
import { CONSTANTS } from './constants.js';
import { readRandomize } from './options.js';
import { RacingPainter } from './scene.js';
import { Track } from './track.js';

const DT = 1 / CONSTANTS.FPS.value;
const PLAYFIELD = CONSTANTS.PLAYFIELD.value;
const FRAME_COST = CONSTANTS.FRAME_COST.value;
const TRACK_REWARD = CONSTANTS.TRACK_REWARD.value;
const OFF_FIELD_REWARD = CONSTANTS.OFF_FIELD_REWARD.value;
const STEER = CONSTANTS.DISCRETE_STEER.value;
const GAS = CONSTANTS.DISCRETE_GAS.value;
const BRAKE = CONSTANTS.DISCRETE_BRAKE.value;
/** Bits of `tiles`. */
const TOUCHED = 1;
const VISITED = 2;
const NAMES = ['hull', 'front left wheel', 'front right wheel', 'rear left wheel', 'rear right wheel'];

/** One of five choices, or `[steering, gas, brake]`. */
export type RacingAction = number | Float32Array;

/** What `info` says of an episode; see the field table. */
export interface RacingInfo extends Info {
  lapFinished: boolean;
  progress: number;
  visited: number;
  tiles: number;
}

/** A type, not an interface: it is `Json` as it stands. */
type SavedState = {
  /** The generator before the reset's draws, which the track is built from, and whether colours are among them. */
  readonly start: number[];
  readonly drawn: boolean;
  readonly world: string;
  /** A byte for each tile. */
  readonly marks: string;
  readonly numbers: number[];
  /** A row for each wheel. */
  readonly wheels: number[][];
};

/** A car on a random track; `Obs` is a subclass's. */
export abstract class CarRacingGame<Obs> extends Env<Obs, RacingAction> {
  readonly actionSpace: Space<RacingAction>;
  /** The road of this episode. */
  readonly track = new Track();
  /** Its colours. */
  readonly colors = standardColors();
  readonly #name: string;
  readonly #continuous: boolean;
  readonly #lapShare: number;
  /** Null where colours do not matter. */
  readonly #randomize: boolean | null;
  readonly #world = new World({ gravity: [0, 0] });
  /** For each tile whether anything of the car has touched it, and whether a wheel has. */
  #marks = new Uint8Array(400);
  readonly #start = new Uint32Array(GENERATOR_WORDS);
  readonly #info: RacingInfo = { lapFinished: false, progress: 0, visited: 0, tiles: 0 };
  readonly #result: StepResult<Obs>;
  #painter: RacingPainter | null = null;
  #car: Car | null = null;
  #drawn = false;
  #steps = 0;
  #time = 0;
  #reward = 0;
  #rewardBefore = 0;
  #score = 0;
  #visited = 0;
  #newLap = false;

  constructor(name: string, continuous: boolean, lapShare: number, randomize: boolean | null, observation: Obs) {
    super();
    this.#name = name;
    this.#continuous = continuous;
    this.#lapShare = lapShare;
    this.#randomize = randomize;
    this.actionSpace = (continuous ? new Box([-1, 0, 0], [1, 1, 1]) : new Discrete(5)) as Space<RacingAction>;
    this.#result = { observation, reward: 0, terminated: false, truncated: false, info: this.#info };
  }

  /** The car of this episode. @throws `RESET_NEEDED` before the first reset. */
  get car(): Car {
    if (this.#car === null) {
      throw failure('RESET_NEEDED', `${this.#name}: call reset() before the first step().`, { env: this.#name });
    }
    return this.#car;
  }

  /** For each tile: bit 0, the car has touched it; bit 1, it counts as visited. */
  protected get marks(): Uint8Array {
    return this.#marks;
  }

  /** s since the start. */
  protected get time(): number {
    return this.#time;
  }

  /** The rewards when the picture was taken, before the cost of its step: what its corner says. */
  protected get score(): number {
    return this.#score;
  }

  /** Called when the track, its colours and the car are new. */
  protected abstract begin(): void;

  /** Writes the observation of the present state. */
  protected abstract observe(): void;

  /** A new track with the car on its first point, and one step without an action. */
  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    const randomize = readRandomize(this.#name, options, this.#randomize);
    super.reset(options);
    this.rng.snapshotInto(this.#start, 0);
    this.#build(this.rng, this.#randomize === true && randomize);
    this.#advance();
    this.observe();
    this.#tell();
    return { observation: this.#result.observation, info: this.#info };
  }

  /**
   * Drives for 0.02 s.
   * @param action - `[steering, gas, brake]`: the wanted angle of the front wheels (positive to the right), and the pedals from 0
   *   to 1; or one of 5 choices (nothing, right, left, gas, brake).
   * @throws `INVALID_ACTION` for another length, another number or NaN; `PHYSICS_DIVERGED` if the world blew up.
   */
  override step(action: RacingAction): StepResult<Obs> {
    const { car } = this;
    if (this.#continuous) this.#readPedals(car, action);
    else this.#readChoice(car, action);
    this.#advance();
    this.observe();
    this.#reward -= FRAME_COST;
    const result = this.#result;
    result.reward = this.#reward - this.#rewardBefore;
    this.#rewardBefore = this.#reward;
    result.terminated = false;
    this.#tell();
    if (this.#visited === this.track.count || this.#newLap) {
      result.terminated = true;
      this.#info.lapFinished = true;
    }
    if (Math.abs(car.hull.x) > PLAYFIELD || Math.abs(car.hull.y) > PLAYFIELD) {
      result.terminated = true;
      this.#info.lapFinished = false;
      result.reward = OFF_FIELD_REWARD;
    }
    return result;
  }

  #readPedals(car: Car, action: RacingAction): void {
    const pedals = action as Float32Array;
    const fits = typeof action === 'object' && action !== null && pedals.length === 3;
    // NaN and infinities come out as NaN.
    const sum = fits ? pedals[0]! + pedals[1]! + pedals[2]! : Number.NaN;
    if (sum - sum !== 0) throw this.#invalidAction('three finite numbers [steering, gas, brake]', action);
    car.steer(-pedals[0]!);
    car.gas(pedals[1]!);
    car.brake(pedals[2]!);
  }

  #readChoice(car: Car, action: RacingAction): void {
    if (!(action === 0 || action === 1 || action === 2 || action === 3 || action === 4)) {
      throw this.#invalidAction('a whole number from 0 to 4', action);
    }
    car.steer(action === 1 ? -STEER : action === 2 ? STEER : 0);
    car.gas(action === 3 ? GAS : 0);
    car.brake(action === 4 ? BRAKE : 0);
  }

  #invalidAction(expected: string, action: unknown): Error {
    const got = ArrayBuffer.isView(action) ? `[${String(action)}]` : String(action);
    return usageError('INVALID_ACTION', `${this.#name}: expected an action of ${expected}, got ${got}.`, {
      expected,
      got,
      env: this.#name,
      step: this.#steps,
    });
  }

  /** Draws an episode's colours and track and builds its world. */
  #build(rng: Generator, draw: boolean): void {
    this.#drawn = draw;
    if (draw) drawColors(this.colors, rng);
    else setStandard(this.colors);
    const { track } = this;
    track.build(rng);
    const { count } = track;
    if (this.#marks.length < count) this.#marks = new Uint8Array(2 * count);
    this.#marks.fill(0);
    const world = this.#world;
    world.clear();
    // The original makes a shape that touches and then lets it pass: it is the same to the physics.
    for (let i = 0; i < count; i++) world.createBody().addPolygon(track.tile(i), { sensor: true });
    this.#car = new Car(world, track.beta[0]!, track.x[0]!, track.y[0]!);
    this.#steps = -1; // the step that belongs to the reset makes it 0
    this.#time = 0;
    this.#reward = 0;
    this.#rewardBefore = 0;
    this.#score = 0;
    this.#visited = 0;
    this.#newLap = false;
    this.#painter?.begin(track, this.colors);
    this.begin();
  }

  #advance(): void {
    const { car } = this;
    car.step(DT);
    this.#world.step(DT, 6 * 30, 2 * 30);
    this.#steps++;
    checkBodies(this.#name, car.bodies, NAMES, this.#steps);
    this.#readContacts(car);
    this.#score = this.#reward;
    this.#time += DT;
  }

  /** Counts each wheel's tiles and rewards new ones. Tiles are the world's first fixtures, the hull has four, each wheel one. */
  #readContacts(car: Car): void {
    const world = this.#world;
    const { count } = this.track;
    const marks = this.#marks;
    const events = world.eventCount;
    for (let e = 0; e < events; e++) {
      const a = world.eventFixtureA(e).index;
      const b = world.eventFixtureB(e).index;
      const tile = a < b ? a : b;
      const other = (a < b ? b : a) - count;
      if (tile >= count || other < 0) continue;
      marks[tile] = marks[tile]! | TOUCHED;
      const wheel = other - 4;
      if (wheel < 0) continue;
      if (!world.eventBegins(e)) {
        car.wheels[wheel]!.tiles--;
        continue;
      }
      car.wheels[wheel]!.tiles++;
      if ((marks[tile]! & VISITED) !== 0) continue;
      marks[tile] = marks[tile]! | VISITED;
      this.#reward += TRACK_REWARD / count;
      this.#visited++;
      if (tile === 0 && this.#visited / count > this.#lapShare) this.#newLap = true;
    }
  }

  #tell(): void {
    const info = this.#info;
    info.lapFinished = false;
    info.visited = this.#visited;
    info.tiles = this.track.count;
    info.progress = this.#visited / this.track.count;
  }

  override saveState(): Json {
    const state: SavedState = {
      start: Array.from(this.#start),
      drawn: this.#drawn,
      world: toBase64(this.#world.save()),
      marks: toBase64(this.#marks.subarray(0, this.track.count)),
      numbers: [
        this.#steps,
        this.#time,
        this.#reward,
        this.#rewardBefore,
        this.#visited,
        Number(this.#newLap),
        Number(this.#info.lapFinished),
        this.#score,
      ],
      wheels: this.car.wheels.map((w) => [w.gas, w.brake, w.steer, w.phase, w.omega, w.tiles, Number(w.skids)]),
    };
    return state;
  }

  override loadState(state: Json): ResetResult<Obs> {
    const { start, drawn, world, marks, numbers, wheels } = state as SavedState;
    this.#start.set(start);
    const rng = Generator.fromSeed(0);
    rng.restoreFrom(this.#start, 0);
    this.#build(rng, drawn);
    this.#world.restore(fromBase64(world));
    this.#marks.set(fromBase64(marks));
    const [steps = 0, time = 0, reward = 0, rewardBefore = 0, visited = 0, newLap, lapFinished, score = 0] = numbers;
    this.#steps = steps;
    this.#time = time;
    this.#reward = reward;
    this.#rewardBefore = rewardBefore;
    this.#visited = visited;
    this.#newLap = newLap === 1;
    this.#score = score;
    this.car.wheels.forEach((wheel, k) => {
      const [gas = 0, brake = 0, steer = 0, phase = 0, omega = 0, tiles = 0, skids] = wheels[k]!;
      wheel.gas = gas;
      wheel.brake = brake;
      wheel.steer = steer;
      wheel.phase = phase;
      wheel.omega = omega;
      wheel.tiles = tiles;
      wheel.skids = skids === 1;
    });
    this.observe();
    this.#tell();
    this.#info.lapFinished = lapFinished === 1;
    return { observation: this.#result.observation, info: this.#info };
  }

  /** The race from above in the colours of the original; null before the first reset. */
  override render(): Scene | null {
    if (this.#car === null) return null;
    if (this.#painter === null) {
      this.#painter = new RacingPainter();
      this.#painter.begin(this.track, this.colors);
    }
    return this.#painter.paint(this.#car, this.#marks, this.#time, this.#reward, this.#info.progress);
  }
}
