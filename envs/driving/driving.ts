/**
 * Driving-v0: drive a car round a track it has never seen. One matter-js body with friction-circle tyres, a lidar that sees the
 * barriers, and a look-ahead of the road; reward for progress along the centre line, less costs.
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
import type { Scene } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/index.js';
import { fullThrottle, purePursuit } from './baseline.js';
import { Car } from './car.js';
import { CONSTANTS } from './constants.js';
import { AFTER_RAYS, fieldTables, keyboard, LOOK_AHEAD, observationSize, rayAngle } from './fields.js';
import { type DrivingOptions, MAX_DELAY, type ResolvedOptions, readResetOptions, resolveOptions } from './options.js';
import { LapCounter, TrackFollower } from './progress.js';
import { DrivingPainter } from './scene.js';
import { SPLITS, TRACK_POINTS, Track } from './track.js';

const SUBSTEPS = CONSTANTS.PHYSICS_STEPS.value;
const STEP_SECONDS = SUBSTEPS * CONSTANTS.PHYSICS_STEP.value;
const RAY_RANGE = CONSTANTS.RAY_RANGE.value;
const PER_RAY_RANGE = 1 / RAY_RANGE;
const PER_SPEED = 1 / CONSTANTS.SPEED_SCALE.value;
const PER_SLIP = 1 / CONSTANTS.SLIP_SCALE.value;
const PER_YAW = 1 / CONSTANTS.YAW_SCALE.value;
const PER_CURVATURE = 1 / CONSTANTS.CURVATURE_SCALE.value;
const PER_STEER = 1 / CONSTANTS.STEER_LIMIT.value;
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
const AHEAD_COUNT = LOOK_AHEAD.length;

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

function clip(value: number, limit: number): number {
  return value > limit ? limit : Math.max(value, -limit);
}

/**
 * The driving task. Action `[steer, drive]`, each from -1 to 1: the wanted angle of the front wheels (positive to the left), and
 * throttle or brake. An episode ends when the car's centre leaves the road or a corner hits a barrier; laps go on for ever.
 */
export class DrivingEnv extends Env<Float32Array, Float32Array> {
  /** Scripted drivers to compare a policy with, by name: each reads observations of the env it is made for. */
  static readonly baselines: Record<string, (env: DrivingEnv) => (observation: Float32Array) => Float32Array> = {
    'pure-pursuit': purePursuit,
    'full-throttle': fullThrottle,
  };

  readonly observationSpace: Box<'float32'>;
  readonly actionSpace: Box<'float32'>;
  override readonly metadata: EnvMetadata;
  /** The keyword arguments, checked, with their defaults. */
  readonly options: ResolvedOptions;
  /** The road of this episode. */
  readonly track = new Track();
  /** Where the car is along the track. */
  readonly follower = new TrackFollower(this.track);
  readonly #laps = new LapCounter();
  readonly #observation: Float32Array;
  readonly #low: Float32Array;
  readonly #high: Float32Array;
  readonly #rayCosine: Float64Array;
  readonly #raySine: Float64Array;
  /** Actions that are still to come, a ring of `MAX_DELAY + 1` pairs. */
  readonly #pending = new Float64Array(2 * (MAX_DELAY + 1));
  readonly #info: DrivingInfo;
  readonly #result: StepResult<Float32Array>;
  #car: Car | null = null;
  #steps = 0;
  #steer = 0;
  #drive = 0;
  #noise = 0;
  #delay = 0;
  #painter: DrivingPainter | null = null;

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION` for keyword arguments it lacks or does not allow. */
  constructor(options: DrivingOptions = {}) {
    super();
    this.options = resolveOptions(options);
    const { rays } = this.options;
    const fields = fieldTables(rays);
    this.observationSpace = Box.ofFields(fields.observation);
    this.#low = this.observationSpace.low;
    this.#high = this.observationSpace.high;
    this.actionSpace = new Box(-1, 1, { shape: [2] });
    this.metadata = {
      about: 'Drive a car round a track it has never seen: steering, throttle and brake from lidar and a look-ahead.',
      renderModes: ['scene'],
      renderFps: 1 / STEP_SECONDS,
      episodeMeasures: ['lapRate', 'lapTime', 'progress', 'speed'],
      fields,
      keyboard,
    };
    this.#observation = new Float32Array(observationSize(rays));
    this.#rayCosine = Float64Array.from({ length: rays }, (_, i) => Math.cos(rayAngle(i, rays)));
    this.#raySine = Float64Array.from({ length: rays }, (_, i) => Math.sin(rayAngle(i, rays)));
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
    this.#result = {
      observation: this.#observation,
      reward: 0,
      terminated: false,
      truncated: false,
      info: this.#info,
    };
  }

  /** The car of this episode. @throws `RESET_NEEDED` before the first reset. */
  get car(): Car {
    if (this.#car === null) throw failure('RESET_NEEDED', 'Driving: call reset() before the first step().');
    return this.#car;
  }

  /**
   * Puts the car at rest on the start line of a track.
   * @param options - `options.options.track` chooses the track; without it a number is drawn from the split's range.
   */
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    const forced = readResetOptions(options.options);
    super.reset(options);
    const { rng, track } = this;
    // Every episode draws the same numbers in the same order, used or not: an option never moves another one's draws.
    const range = SPLITS[this.options.split];
    const drawn = range.first + rng.integers(0, range.count);
    const offset = rng.uniform(-CONSTANTS.START_OFFSET.value, CONSTANTS.START_OFFSET.value);
    const turn = rng.uniform(-CONSTANTS.START_HEADING.value, CONSTANTS.START_HEADING.value);
    const grip = rng.uniform(...this.options.grip);
    const mass = rng.uniform(...this.options.mass);
    this.#noise = rng.uniform(...this.options.sensorNoise);
    this.#delay = rng.integers(this.options.actionDelay[0], this.options.actionDelay[1] + 1);
    track.build(forced ?? drawn);
    const tx = track.tangentX[0]!;
    const ty = track.tangentY[0]!;
    this.#car = new Car({
      x: track.x[0]! - ty * offset,
      y: track.y[0]! + tx * offset,
      angle: Math.atan2(ty, tx) + turn,
      grip: grip * CONSTANTS.GRIP.value,
      mass: mass * CONSTANTS.CAR_MASS.value,
    });
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
    this.#observe();
    return { observation: this.#observation, info };
  }

  /**
   * Drives for 0.08 s.
   * @param action - `[steer, drive]`, clipped to -1 .. 1.
   * @throws `INVALID_ACTION` unless it has two numbers, neither NaN.
   */
  override step(action: Float32Array): StepResult<Float32Array> {
    const { car, follower } = this;
    const wantedSteer = action[0];
    const wantedDrive = action[1];
    if (action.length !== 2 || Number.isNaN(wantedSteer) || Number.isNaN(wantedDrive)) {
      throw usageError(
        'INVALID_ACTION',
        `Driving: expected an action [steer, drive] of two numbers, got [${action}].`,
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
    this.#observe();
    const result = this.#result;
    result.reward = PROGRESS_REWARD * ahead - cost;
    result.terminated = offRoad || crash;
    return result;
  }

  /** The race as a scene, in render mode `'scene'`; null without a mode or before the first reset. */
  override render(): Scene | null {
    if (this.options.renderMode !== 'scene' || this.#car === null) return null;
    this.#painter ??= new DrivingPainter(this.options.rays);
    return this.#painter.paint(this.track, this.#car, this.#observation, this.#info, this.#steps * STEP_SECONDS);
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

  /** Writes the observation of the present state. */
  #observe(): void {
    const { car, follower, track } = this;
    const out = this.#observation;
    const { body } = car;
    const { x, y, angle } = body;
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    const rayC = this.#rayCosine;
    const rayS = this.#raySine;
    const rays = rayC.length;
    const { grid } = track;
    for (let i = 0; i < rays; i++) {
      const dx = c * rayC[i]! - s * rayS[i]!;
      const dy = s * rayC[i]! + c * rayS[i]!;
      out[i] = grid.cast(x, y, dx, dy, RAY_RANGE) * PER_RAY_RANGE;
    }
    const section = follower.section;
    const tx = track.tangentX[section]!;
    const ty = track.tangentY[section]!;
    out[rays + AFTER_RAYS.speed] = clip(car.forward * PER_SPEED, 2);
    out[rays + AFTER_RAYS.slip] = clip(car.sideways * PER_SLIP, 2);
    out[rays + AFTER_RAYS.yawRate] = clip(body.omega * PER_YAW, 2);
    out[rays + AFTER_RAYS.steer] = clip(car.steer * PER_STEER, 1);
    out[rays + AFTER_RAYS.drive] = this.#drive;
    out[rays + AFTER_RAYS.offset] = clip(follower.offset / track.halfWidth, 2);
    out[rays + AFTER_RAYS.headingSine] = clip(s * tx - c * ty, 1);
    out[rays + AFTER_RAYS.headingCosine] = clip(c * tx + s * ty, 1);
    const at = follower.station / track.spacing;
    let k = rays + AFTER_RAYS.lookAhead;
    for (let j = 0; j < AHEAD_COUNT; j++) {
      const distance = LOOK_AHEAD[j]!;
      const position = at + distance / track.spacing;
      const whole = Math.floor(position);
      const share = position - whole;
      const p = whole % TRACK_POINTS;
      const q = p + 1 === TRACK_POINTS ? 0 : p + 1;
      const dx = track.x[p]! + share * (track.x[q]! - track.x[p]!) - x;
      const dy = track.y[p]! + share * (track.y[q]! - track.y[p]!) - y;
      const bend = track.curvature[p]! + share * (track.curvature[q]! - track.curvature[p]!);
      out[k++] = clip((dy * c - dx * s) / distance, 2);
      out[k++] = clip(bend * PER_CURVATURE, 2);
    }
    if (this.#noise > 0) this.#addNoise();
  }

  #addNoise(): void {
    const out = this.#observation;
    const { rng } = this;
    for (let i = 0; i < out.length; i++) {
      const value = out[i]! + this.#noise * rng.standardNormal();
      out[i] = value < this.#low[i]! ? this.#low[i]! : Math.min(value, this.#high[i]!);
    }
  }
}
