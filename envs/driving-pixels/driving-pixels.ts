/**
 * Driving-pixels-v0: the tracks, the car and the rewards of Driving-v0, seen as pictures from above or through the windscreen.
 *
 * Hot path: a step reuses its observation and its result and allocates nothing.
 */
import type { EnvMetadata } from '../../src/core/env.js';
import { Box } from '../../src/spaces/box.js';
import { actionFields, infoFields } from '../driving/fields.js';
import { DrivingGame, GAME_METADATA } from '../driving/game.js';
import { fullThrottle, purePursuit } from './baseline.js';
import { DriverPicture } from './driver.js';
import { type Canvas, makeCanvas } from './fill.js';
import { drawGauges } from './gauges.js';
import { type DrivingPixelsOptions, type ResolvedOptions, resolveOptions } from './options.js';
import type { DrivingPicture } from './picture.js';
import { TopDownPicture } from './top-down.js';

const METADATA: EnvMetadata = {
  about: 'Driving-v0 seen as pictures, from above or through the windscreen, instead of by lidar and a look-ahead.',
  ...GAME_METADATA,
  fields: { observation: [], action: actionFields, info: infoFields },
};

/** The driving task as a picture of 64 x 64 or 96 x 96 pixels. */
export class DrivingPixelsEnv extends DrivingGame<Uint8Array> {
  /** Scripted drivers to compare a policy with: each looks at the env itself. */
  static readonly baselines: Record<string, (env: DrivingPixelsEnv) => (observation: Uint8Array) => Float32Array> = {
    'pure-pursuit': purePursuit,
    'full-throttle': fullThrottle,
  };

  readonly observationSpace: Box<'uint8'>;
  override readonly metadata: EnvMetadata = METADATA;
  /** The keyword arguments, checked, with their defaults. */
  readonly options: ResolvedOptions;
  readonly #canvas: Canvas;
  readonly #picture: DrivingPicture;

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION` for keyword arguments it lacks or does not allow. */
  constructor(options: DrivingPixelsOptions = {}) {
    const resolved = resolveOptions(options);
    const { size, color, view } = resolved;
    const canvas = makeCanvas(size, color === 'rgb');
    super('Driving-pixels', resolved, canvas.pixels);
    this.options = resolved;
    this.observationSpace = new Box(0, 255, {
      shape: color === 'rgb' ? [size, size, 3] : [size, size],
      dtype: 'uint8',
    });
    this.#canvas = canvas;
    this.#picture = view === 'driver' ? new DriverPicture(canvas) : new TopDownPicture(canvas);
  }

  protected override begin(): void {
    this.#picture.begin(this.track);
  }

  protected override observe(): void {
    this.#picture.draw(this.car);
    drawGauges(this.#canvas, this.car);
    if (this.noise > 0) this.#addNoise();
  }

  #addNoise(): void {
    const { rng } = this;
    const { pixels } = this.#canvas;
    const deviation = 255 * this.noise;
    for (let i = 0; i < pixels.length; i++) {
      const value = Math.floor(pixels[i]! + deviation * rng.standardNormal() + 0.5);
      pixels[i] = value < 0 ? 0 : Math.min(value, 255);
    }
  }
}
