/**
 * What both driving tasks share: the track, the car, rewards, costs, laps and ends. A subclass says what is observed.
 *
 * The step allocates nothing: its result, the observation, the info and the track's arrays are reused.
 */
import {
  Env,
  type EnvMetadata,
  type Info,
  type ResetOptions,
  type ResetResult,
  type StepResult,
} from '../../src/core/env.js';
import { failure, usageError } from '../../src/core/errors.js';
import type { Json } from '../../src/core/json.js';
import type { Scene } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/index.js';
import { fromBase64, toBase64 } from '../box2d/base64.js';
import { Car } from './car.js';
import { CONSTANTS } from './constants.js';
import { keyboard } from './fields.js';
import { type GameOptions, MAX_DELAY, readResetOptions } from './options.js';
import { LapCounter, TrackFollower } from './progress.js';
import { DrivingPainter } from './scene.js';
import { SPLITS, Track } from './track.js';

const SUBSTEPS = CONSTANTS.PHYSICS_STEPS.value;
const STEP_SECONDS = SUBSTEPS * CONSTANTS.PHYSICS_STEP.value;
const HALF_LENGTH = CONSTANTS.CAR_LENGTH.value / 2;
const HALF_WIDTH = CONSTANTS.CAR_WIDTH.value / 2;
const VERGE = CONSTANTS.VERGE.value;
/** No corner of the car is farther from its centre than this, m. */
const REACH = Math.sqrt(HALF_LENGTH * HALF_LENGTH + HALF_WIDTH * HALF_WIDTH);
const PROGRESS_REWARD = CONSTANTS.PROGRESS_REWARD.value;
const CRASH_COST = CONSTANTS.CRASH_COST.value;
const STEER_COST = CONSTANTS.STEER_COST.value;
const SLIP_COST = CONSTANTS.SLIP_COST.value;
const TIME_COST = CONSTANTS.TIME_COST.value;
const NO_RAYS = new Float32Array(0);

/** What `info` says of a driving episode; see the field table. */
export interface DrivingInfo extends Info {
  progress: number;
  laps: number;
  lapRate: number;
  lapTime: number;
  cost: number;
  speed: number;
  offRoad: boolean;
  crash: boolean;
  track: number;
  grip: number;
  mass: number;
  sensorNoise: number;
  actionDelay: number;
}

/** A number cut off at `limit` to either side. */
export function clip(value: number, limit: number): number {
  return value > limit ? limit : Math.max(value, -limit);
}

/** A type, not an interface: it is `Json` as it stands. */
type SavedState = {
  readonly track: number;
  /** What `Car.save` gives. */
  readonly car: number[];
  /** Section, station and offset along the track; checkpoints and laps passed. */
  readonly place: number[];
  readonly firstLapTime: number | null;
  /** Steps, steering and drive in force; progress, cost, mean speed, off the road, crashed; grip, mass, noise, delay. */
  readonly numbers: number[];
  readonly pending: number[];
  /** The bytes of a noisy observation, which cannot be computed again. */
  readonly observation: string | null;
};

/** A car on a track; a subclass says what is observed. */
export abstract class DrivingGame<Obs extends Float32Array | Uint8Array> extends Env<Obs, Float32Array> {
  readonly actionSpace: Box<'float32'>;
  /** The road of this episode. */
  readonly track: Track = new Track();
  /** Where the car is along the track. */
  readonly follower: TrackFollower = new TrackFollower(this.track);
  readonly #name: string;
  readonly #game: GameOptions;
  readonly #laps = new LapCounter();
  /** Actions that are still to come, a ring of `MAX_DELAY + 1` pairs. */
  readonly #pending = new Float64Array(2 * (MAX_DELAY + 1));
  readonly #info: DrivingInfo;
  readonly #result: StepResult<Obs>;
  #car: Car | null = null;
  #steps = 0;
  #steer = 0;
  #drive = 0;
  #noise = 0;
  #delay = 0;
  #painter: DrivingPainter | null = null;

  /**
   * @param name of the task in errors.
   * @param observation which `observe` rewrites at every step.
   */
  constructor(name: string, options: GameOptions, observation: Obs) {
    super();
    this.#name = name;
    this.#game = options;
    this.actionSpace = new Box(-1, 1, { shape: [2] });
    this.#info = {
      progress: 0,
      laps: 0,
      lapRate: 0,
      lapTime: Number.NaN,
      cost: 0,
      speed: 0,
      offRoad: false,
      crash: false,
      track: 0,
      grip: 1,
      mass: 1,
      sensorNoise: 0,
      actionDelay: 0,
    };
    this.#result = { observation, reward: 0, terminated: false, truncated: false, info: this.#info };
  }

  /** The car of this episode. @throws `RESET_NEEDED` before the first reset. */
  get car(): Car {
    if (this.#car === null) throw failure('RESET_NEEDED', `${this.#name}: call reset() before the first step().`);
    return this.#car;
  }

  /** Throttle (positive) or brake (negative) in force during the last step. */
  protected get drive(): number {
    return this.#drive;
  }

  /** Standard deviation of the noise of this episode's observations. */
  protected get noise(): number {
    return this.#noise;
  }

  /** Called when the track and the car are new. */
  protected begin(): void {}

  /** Writes the observation of the present state. */
  protected abstract observe(): void;

  /** The lidar of the present observation, one number from 0 to 1 a ray: what the scene draws of it. */
  protected get rays(): Float32Array {
    return NO_RAYS;
  }

  /**
   * Puts the car at rest on the start line of a track.
   * @param options - `options.options.track` chooses the track; without it a number is drawn from the split's range.
   */
  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    const forced = readResetOptions(this.#name, options.options);
    super.reset(options);
    const { rng, track } = this;
    // Every episode draws the same numbers in the same order, used or not: an option never moves another one's draws.
    const range = SPLITS[this.#game.split];
    const drawn = range.first + rng.integers(0, range.count);
    const offset = rng.uniform(-CONSTANTS.START_OFFSET.value, CONSTANTS.START_OFFSET.value);
    const turn = rng.uniform(-CONSTANTS.START_HEADING.value, CONSTANTS.START_HEADING.value);
    const grip = rng.uniform(...this.#game.grip);
    const mass = rng.uniform(...this.#game.mass);
    this.#noise = rng.uniform(...this.#game.sensorNoise);
    this.#delay = rng.integers(this.#game.actionDelay[0], this.#game.actionDelay[1] + 1);
    track.build(forced ?? drawn);
    const tx = track.tangentX[0]!;
    const ty = track.tangentY[0]!;
    this.#car = newCar(track.x[0]! - ty * offset, track.y[0]! + tx * offset, Math.atan2(ty, tx) + turn, grip, mass);
    this.begin();
    this.follower.reset(this.#car.body.x, this.#car.body.y);
    this.#laps.reset(track.length);
    this.#pending.fill(0);
    this.#steps = 0;
    this.#steer = 0;
    this.#drive = 0;
    const info = this.#info;
    info.progress = 0;
    info.laps = 0;
    info.lapRate = 0;
    info.lapTime = Number.NaN;
    info.cost = 0;
    info.speed = 0;
    info.offRoad = false;
    info.crash = false;
    info.track = track.number;
    info.grip = grip;
    info.mass = mass;
    info.sensorNoise = this.#noise;
    info.actionDelay = this.#delay;
    this.observe();
    return { observation: this.#result.observation, info };
  }

  /**
   * Drives for 0.08 s.
   * @param action - `[steer, drive]`, clipped to -1 .. 1.
   * @throws `INVALID_ACTION` unless it has two numbers, neither NaN.
   */
  override step(action: Float32Array): StepResult<Obs> {
    const { car, follower } = this;
    const wantedSteer = action[0];
    const wantedDrive = action[1];
    if (action.length !== 2 || Number.isNaN(wantedSteer) || Number.isNaN(wantedDrive)) {
      throw usageError(
        'INVALID_ACTION',
        `${this.#name}: expected an action [steer, drive] of two numbers, got [${action}].`,
        {
          expected: 'two numbers from -1 to 1',
          got: `[${action}]`,
          step: this.#steps,
        },
      );
    }
    let steer = clip(wantedSteer!, 1);
    let drive = clip(wantedDrive!, 1);
    if (this.#delay > 0) {
      const ring = this.#delay + 1;
      const write = 2 * (this.#steps % ring);
      const read = 2 * ((this.#steps + 1) % ring);
      this.#pending[write] = steer;
      this.#pending[write + 1] = drive;
      steer = this.#pending[read]!;
      drive = this.#pending[read + 1]!;
    }
    const steerChange = steer - this.#steer;
    this.#steer = steer;
    this.#drive = drive;
    for (let k = 0; k < SUBSTEPS; k++) car.step(steer, drive);
    this.#steps++;

    const time = this.#steps * STEP_SECONDS;
    const station = follower.station;
    const ahead = follower.update(car.body.x, car.body.y);
    this.#laps.update(station, ahead, time, STEP_SECONDS);
    const offRoad = Math.abs(follower.offset) > this.track.halfWidth;
    const crash = this.#hitsBarrier();
    const forward = Math.abs(car.forward);
    const slip = clip(car.sideways / Math.max(forward, 1), 1);
    let cost = TIME_COST + STEER_COST * steerChange * steerChange + SLIP_COST * slip * slip;
    if (offRoad || crash) cost += CRASH_COST;

    const info = this.#info;
    info.progress += ahead;
    info.laps = this.#laps.laps;
    info.lapRate = this.#laps.laps > 0 ? 1 : 0;
    info.lapTime = this.#laps.firstLapTime;
    info.cost += cost;
    info.speed = info.progress / time;
    info.offRoad = offRoad;
    info.crash = crash;
    this.observe();
    const result = this.#result;
    result.reward = PROGRESS_REWARD * ahead - cost;
    result.terminated = offRoad || crash;
    return result;
  }

  override saveState(): Json {
    const { car, follower } = this;
    const laps = this.#laps;
    const info = this.#info;
    const { buffer, byteOffset, byteLength } = this.#result.observation;
    const state: SavedState = {
      track: this.track.number,
      car: car.save(),
      place: [follower.section, follower.station, follower.offset, laps.checkpoints, laps.laps],
      firstLapTime: laps.laps > 0 ? laps.firstLapTime : null,
      numbers: [
        ...[this.#steps, this.#steer, this.#drive, info.progress, info.cost, info.speed],
        ...[Number(info.offRoad), Number(info.crash), info.grip, info.mass, this.#noise, this.#delay],
      ],
      pending: Array.from(this.#pending),
      observation: this.#noise > 0 ? toBase64(new Uint8Array(buffer, byteOffset, byteLength)) : null,
    };
    return state;
  }

  override loadState(state: Json): ResetResult<Obs> {
    const saved = state as SavedState;
    const [section = 0, station = 0, offset = 0, checkpoints = 0, laps = 0] = saved.place;
    const [steps = 0, steer = 0, drive = 0, progress = 0, cost = 0, speed = 0, offRoad, crash, ...drawn] =
      saved.numbers;
    const [grip = 1, mass = 1, noise = 0, delay = 0] = drawn;
    const { track, follower } = this;
    track.build(saved.track);
    this.#car = newCar(0, 0, 0, grip, mass);
    this.#car.restore(saved.car);
    this.begin();
    follower.section = section;
    follower.station = station;
    follower.offset = offset;
    this.#laps.reset(track.length);
    this.#laps.checkpoints = checkpoints;
    this.#laps.laps = laps;
    this.#laps.firstLapTime = saved.firstLapTime ?? Number.NaN;
    this.#pending.set(saved.pending);
    this.#steps = steps;
    this.#steer = steer;
    this.#drive = drive;
    this.#noise = noise;
    this.#delay = delay;
    const info = this.#info;
    info.progress = progress;
    info.laps = laps;
    info.lapRate = laps > 0 ? 1 : 0;
    info.lapTime = this.#laps.firstLapTime;
    info.cost = cost;
    info.speed = speed;
    info.offRoad = offRoad === 1;
    info.crash = crash === 1;
    info.track = track.number;
    info.grip = grip;
    info.mass = mass;
    info.sensorNoise = noise;
    info.actionDelay = delay;
    const { observation } = this.#result;
    if (saved.observation === null) this.observe();
    else new Uint8Array(observation.buffer, observation.byteOffset).set(fromBase64(saved.observation));
    return { observation, info };
  }

  /** The race as a scene, in render mode `'scene'`; null without a mode or before the first reset. */
  override render(): Scene | null {
    if (this.#game.renderMode !== 'scene' || this.#car === null) return null;
    this.#painter ??= new DrivingPainter();
    return this.#painter.paint(this.track, this.#car, this.#drive, this.rays, this.#info, this.#steps * STEP_SECONDS);
  }

  /** Whether a corner of the car is beyond a barrier. */
  #hitsBarrier(): boolean {
    const { car, follower, track } = this;
    const most = track.halfWidth + VERGE;
    if (Math.abs(follower.offset) + REACH < most) return false;
    // Beside the car the barriers run along the road: the corners' distances are measured across the nearest section.
    const { angle } = car.body;
    const i = follower.section;
    const tx = track.tangentX[i]!;
    const ty = track.tangentY[i]!;
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    const lengthwise = Math.abs(c * ty - s * tx) * HALF_LENGTH;
    const crosswise = Math.abs(c * tx + s * ty) * HALF_WIDTH;
    return Math.abs(follower.offset) + lengthwise + crosswise >= most;
  }
}

function newCar(x: number, y: number, angle: number, grip: number, mass: number): Car {
  return new Car({ x, y, angle, grip: grip * CONSTANTS.GRIP.value, mass: mass * CONSTANTS.CAR_MASS.value });
}

/** What a task of this game says of itself beside its task and its fields. */
export const GAME_METADATA = {
  renderModes: ['scene'],
  renderFps: 1 / STEP_SECONDS,
  episodeMeasures: ['lapRate', 'lapTime', 'progress', 'speed'],
  keyboard,
} as const satisfies EnvMetadata;
