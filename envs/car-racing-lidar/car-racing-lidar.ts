/**
 * CarRacing-lidar-v3: the car, the tracks and the rewards of CarRacing-v3, seen through 47 numbers instead of pixels: rays to the
 * road's borders, the car's own readings and the road ahead.
 *
 * Hot path: a step reuses its observation and its result and allocates nothing.
 */
import type { EnvMetadata } from '../../src/core/env.js';
import { SegmentGrid } from '../../src/physics/index.js';
import { Box } from '../../src/spaces/box.js';
import { CONSTANTS } from '../car-racing/constants.js';
import { continuousFields, continuousKeyboard, discreteFields, discreteKeyboard } from '../car-racing/fields.js';
import { CarRacingGame, type RacingAction } from '../car-racing/game.js';
import { LOOK_AHEAD, RoadAhead } from '../car-racing/road-ahead.js';
import { purePursuit } from './baseline.js';
import { observationFields, PARTS, RAY_DEGREES, SCALES, SIZE } from './fields.js';
import { type LidarOptions, type ResolvedOptions, resolveOptions } from './options.js';

const RAY_RANGE = SCALES.RAY_RANGE.value;
const PER_SPEED = 1 / SCALES.SPEED_SCALE.value;
const PER_YAW = 1 / SCALES.YAW_SCALE.value;
const PER_WHEEL = 1 / SCALES.WHEEL_SCALE.value;
const PER_CURVATURE = 1 / SCALES.CURVATURE_SCALE.value;
const PER_STEERING = 1 / CONSTANTS.STEER_LIMIT.value;
const HALF_ROAD = CONSTANTS.TRACK_WIDTH.value;
/** Edge of a cell of the borders' grid, m: four pieces of a border. */
const CELL = 14;
const RAYS = RAY_DEGREES.length;
/** Directions of the rays in the car's axes: to the right, and ahead. */
const RAY_RIGHT = Float64Array.from(RAY_DEGREES, (degrees) => -Math.sin((degrees * Math.PI) / 180));
const RAY_AHEAD = Float64Array.from(RAY_DEGREES, (degrees) => Math.cos((degrees * Math.PI) / 180));
const WHEELS = 4;

const CONTINUOUS: EnvMetadata = {
  about: 'CarRacing with rays, readings and a look-ahead of the road instead of pixels.',
  renderModes: ['scene'],
  renderFps: CONSTANTS.FPS.value,
  episodeMeasures: ['progress'],
  fields: { ...continuousFields, observation: observationFields },
  keyboard: continuousKeyboard,
};
const DISCRETE: EnvMetadata = {
  ...CONTINUOUS,
  fields: { ...discreteFields, observation: observationFields },
  keyboard: discreteKeyboard,
};

/** The race as 47 numbers; 3 actions, or 5 choices without `continuous`. */
export class CarRacingLidarEnv extends CarRacingGame<Float32Array> {
  /** Scripted drivers to compare a policy with: each reads the observation. */
  static readonly baselines: Record<string, (env: CarRacingLidarEnv) => (observation: Float32Array) => RacingAction> = {
    'pure-pursuit': purePursuit,
  };

  readonly observationSpace: Box<'float32'>;
  override readonly metadata: EnvMetadata;
  /** The keyword arguments, checked, with their defaults. */
  readonly options: ResolvedOptions;
  readonly #observation: Float32Array;
  readonly #grid = new SegmentGrid(CELL);
  #borders = new Float64Array(0);
  readonly #road = new RoadAhead();

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor(options: LidarOptions = {}) {
    const resolved = resolveOptions(options);
    const observation = new Float32Array(SIZE);
    super('CarRacing-lidar', resolved.continuous, resolved.lapCompletePercent, null, observation);
    this.options = resolved;
    this.#observation = observation;
    this.observationSpace = Box.ofFields(observationFields);
    this.metadata = resolved.continuous ? CONTINUOUS : DISCRETE;
  }

  protected override begin(): void {
    const { track } = this;
    const { count } = track;
    if (this.#borders.length < 8 * count) this.#borders = new Float64Array(8 * count);
    const borders = this.#borders;
    let at = 0;
    for (let i = 0; i < count; i++) {
      for (let side = -1; side <= 1; side += 2) {
        borders[at++] = track.cornerX(i, side, -1);
        borders[at++] = track.cornerY(i, side, -1);
        borders[at++] = track.cornerX(i, side, 0);
        borders[at++] = track.cornerY(i, side, 0);
      }
    }
    this.#grid.build(borders, 2 * count);
    this.#road.begin();
  }

  protected override observe(): void {
    const { car, track } = this;
    const { hull, wheels } = car;
    const { x, y, angle } = hull;
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    const out = this.#observation;
    const grid = this.#grid;
    for (let k = 0; k < RAYS; k++) {
      const right = RAY_RIGHT[k]!;
      const ahead = RAY_AHEAD[k]!;
      out[k] = grid.cast(x, y, c * right - s * ahead, s * right + c * ahead, RAY_RANGE) / RAY_RANGE;
    }
    const { vx, vy } = hull;
    out[PARTS.speed] = clip((c * vy - s * vx) * PER_SPEED, 3);
    out[PARTS.slip] = clip(-(c * vx + s * vy) * PER_SPEED, 3);
    out[PARTS.yawRate] = clip(hull.omega * PER_YAW, 4);
    out[PARTS.steering] = clip(wheels[0]!.joint.angle * PER_STEERING, 1.5);
    out[PARTS.gas] = wheels[2]!.gas;
    for (let k = 0; k < WHEELS; k++) {
      const wheel = wheels[k]!;
      out[PARTS.wheels + k] = clip(wheel.omega * PER_WHEEL, 4);
      out[PARTS.grass + k] = wheel.tiles > 0 ? 0 : 1;
    }
    const road = this.#road.look(track, x, y, angle);
    out[PARTS.offset] = clip(road.offset / HALF_ROAD, 4);
    out[PARTS.headingSine] = Math.sin(road.heading);
    out[PARTS.headingCosine] = Math.cos(road.heading);
    for (let k = 0; k < LOOK_AHEAD.length; k++) {
      out[PARTS.lookAhead + 2 * k] = clip(road.bearing[k]!, 2);
      out[PARTS.lookAhead + 2 * k + 1] = clip(road.curvature[k]! * PER_CURVATURE, 2);
    }
  }
}

function clip(value: number, limit: number): number {
  return value > limit ? limit : value < -limit ? -limit : value;
}
