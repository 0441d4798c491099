/**
 * CarRacing-v3: drive round a random track and see it as pixels (Oleg Klimov). The same tracks, physics and rewards as Gymnasium
 * 1.4's `box2d/car_racing.py` on Box2D 2.3.10, and nearly the same pictures: see picture.ts.
 */
import type { EnvMetadata } from '../../src/core/env.js';
import { Box } from '../../src/spaces/box.js';
import { purePursuit } from './baseline.js';
import type { Wheel } from './car.js';
import { CONSTANTS } from './constants.js';
import { continuousFields, continuousKeyboard, discreteFields, discreteKeyboard } from './fields.js';
import { CarRacingGame, type RacingAction } from './game.js';
import { type CarRacingOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { type CarPose, Picture, type Place } from './picture.js';

const CONTINUOUS: EnvMetadata = {
  about: 'Drive a powerful car round a random track, seen from above as pixels.',
  renderModes: ['scene'],
  renderFps: CONSTANTS.FPS.value,
  episodeMeasures: ['progress'],
  fields: continuousFields,
  keyboard: continuousKeyboard,
};
const DISCRETE: EnvMetadata = { ...CONTINUOUS, fields: discreteFields, keyboard: discreteKeyboard };

/** The pose of an env's car, read from it each time. */
class Pose implements CarPose {
  speed = 0;
  steering = 0;
  yawRate = 0;
  readonly wheels = new Float64Array(4);
  readonly phases = new Float64Array(4);
  hull: Place = { x: 0, y: 0, angle: 0 };
  wheelPlaces: Place[] = [];

  read({
    hull,
    wheels,
  }: {
    readonly hull: Place & { vx: number; vy: number; omega: number };
    readonly wheels: readonly Wheel[];
  }): this {
    const { vx, vy } = hull;
    this.speed = Math.sqrt(vx * vx + vy * vy);
    this.yawRate = hull.omega;
    this.steering = wheels[0]!.joint.angle;
    for (let k = 0; k < 4; k++) {
      this.wheels[k] = wheels[k]!.omega;
      this.phases[k] = wheels[k]!.phase;
    }
    return this;
  }
}

/** The race as a picture of 96 x 96 pixels; 3 actions, or 5 choices without `continuous`. */
export class CarRacingEnv extends CarRacingGame<Uint8Array> {
  /** Scripted drivers to compare a policy with. */
  static readonly baselines: Record<string, (env: CarRacingEnv) => (observation: Uint8Array) => RacingAction> = {
    'pure-pursuit': purePursuit,
  };

  readonly observationSpace: Box<'uint8'>;
  override readonly metadata: EnvMetadata;
  /** The keyword arguments, checked, with their defaults. */
  readonly options: ResolvedOptions;
  readonly #picture: Picture;
  readonly #pose = new Pose();

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor(options: CarRacingOptions = {}) {
    const resolved = resolveOptions(options);
    const { continuous, lapCompletePercent, domainRandomize } = resolved;
    const picture = new Picture();
    super('CarRacing', continuous, lapCompletePercent, domainRandomize, picture.pixels);
    this.options = resolved;
    this.observationSpace = new Box(0, 255, { shape: [96, 96, 3], dtype: 'uint8' });
    this.metadata = continuous ? CONTINUOUS : DISCRETE;
    this.#picture = picture;
  }

  protected override begin(): void {
    this.#picture.begin(this.track, this.colors);
    this.#pose.hull = this.car.hull;
    this.#pose.wheelPlaces = this.car.wheels.map(({ body }) => body);
  }

  protected override observe(): void {
    this.#picture.draw(this.#pose.read(this.car), this.marks, this.time, this.score);
  }
}
