/**
 * Driving-v0: drive a car round a track it has never seen. One matter-js body with friction-circle tyres, a lidar that sees the
 * barriers, and a look-ahead of the road; reward for progress along the centre line, less costs.
 */
import type { EnvMetadata } from '../../src/core/env.js';
import { Box } from '../../src/spaces/index.js';
import { fullThrottle, purePursuit } from './baseline.js';
import { CONSTANTS } from './constants.js';
import { AFTER_RAYS, fieldTables, observationSize, rayAngle } from './fields.js';
import { clip, DrivingGame, GAME_METADATA } from './game.js';
import { lookAhead } from './look-ahead.js';
import { type DrivingOptions, type ResolvedOptions, resolveOptions } from './options.js';

export type { DrivingInfo } from './game.js';

const RAY_RANGE = CONSTANTS.RAY_RANGE.value;
const PER_RAY_RANGE = 1 / RAY_RANGE;
const PER_SPEED = 1 / CONSTANTS.SPEED_SCALE.value;
const PER_SLIP = 1 / CONSTANTS.SLIP_SCALE.value;
const PER_YAW = 1 / CONSTANTS.YAW_SCALE.value;
const PER_STEER = 1 / CONSTANTS.STEER_LIMIT.value;

/**
 * The driving task. Action `[steer, drive]`, each from -1 to 1: the wanted angle of the front wheels (positive to the left), and
 * throttle or brake. An episode ends when the car's centre leaves the road or a corner hits a barrier; laps go on for ever.
 */
export class DrivingEnv extends DrivingGame<Float32Array> {
  /** Scripted drivers to compare a policy with, by name: each reads observations of the env it is made for. */
  static readonly baselines: Record<string, (env: DrivingEnv) => (observation: Float32Array) => Float32Array> = {
    'pure-pursuit': purePursuit,
    'full-throttle': fullThrottle,
  };

  readonly observationSpace: Box<'float32'>;
  override readonly metadata: EnvMetadata;
  /** The keyword arguments, checked, with their defaults. */
  readonly options: ResolvedOptions;
  readonly #observation: Float32Array;
  readonly #rays: Float32Array;
  readonly #low: Float32Array;
  readonly #high: Float32Array;
  readonly #rayCosine: Float64Array;
  readonly #raySine: Float64Array;

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION` for keyword arguments it lacks or does not allow. */
  constructor(options: DrivingOptions = {}) {
    const resolved = resolveOptions(options);
    const { rays } = resolved;
    const observation = new Float32Array(observationSize(rays));
    super('Driving', resolved, observation);
    this.options = resolved;
    const fields = fieldTables(rays);
    this.observationSpace = Box.ofFields(fields.observation);
    this.#low = this.observationSpace.low;
    this.#high = this.observationSpace.high;
    this.metadata = {
      about: 'Drive a car round a track it has never seen: steering, throttle and brake from lidar and a look-ahead.',
      ...GAME_METADATA,
      fields,
    };
    this.#observation = observation;
    this.#rays = observation.subarray(0, rays);
    this.#rayCosine = Float64Array.from({ length: rays }, (_, i) => Math.cos(rayAngle(i, rays)));
    this.#raySine = Float64Array.from({ length: rays }, (_, i) => Math.sin(rayAngle(i, rays)));
  }

  protected override get rays(): Float32Array {
    return this.#rays;
  }

  protected override observe(): void {
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
    out[rays + AFTER_RAYS.drive] = this.drive;
    out[rays + AFTER_RAYS.offset] = clip(follower.offset / track.halfWidth, 2);
    out[rays + AFTER_RAYS.headingSine] = clip(s * tx - c * ty, 1);
    out[rays + AFTER_RAYS.headingCosine] = clip(c * tx + s * ty, 1);
    lookAhead(track, follower, body, out, rays + AFTER_RAYS.lookAhead);
    if (this.noise > 0) this.#addNoise();
  }

  #addNoise(): void {
    const out = this.#observation;
    const { rng, noise } = this;
    for (let i = 0; i < out.length; i++) {
      const value = out[i]! + noise * rng.standardNormal();
      out[i] = value < this.#low[i]! ? this.#low[i]! : Math.min(value, this.#high[i]!);
    }
  }
}
