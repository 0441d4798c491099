/** Keyword arguments of the driving task with pictures. */
import { type KwargTable, readKwargs } from '../../src/core/kwargs.js';
import { type DrivingGameOptions, GAME_KWARGS, type GameOptions, gameOptions } from '../driving/options.js';

/** Pixels of a picture's edge. */
export type PictureSize = 64 | 96;
/** Grey pictures `[size, size]`, or red, green and blue `[size, size, 3]`. */
export type PictureColor = 'grey' | 'rgb';
/** From above, or through the windscreen. */
export type PictureView = 'top-down' | 'driver';

/** Keyword arguments; all may be left out. */
export interface DrivingPixelsOptions extends DrivingGameOptions {
  /** 64 by default. */
  readonly size?: PictureSize | undefined;
  /** `'grey'` by default. */
  readonly color?: PictureColor | undefined;
  /** `'top-down'` by default. */
  readonly view?: PictureView | undefined;
}

/** The options with their defaults. */
export interface ResolvedOptions extends GameOptions {
  readonly size: PictureSize;
  readonly color: PictureColor;
  readonly view: PictureView;
}

/** Those of Driving-v0 without its rays, and the picture's. */
export const KWARGS = {
  size: {
    type: 'number',
    values: [64, 96],
    default: 64,
    about: 'Pixels of the edge of the picture.',
  },
  color: {
    type: 'enum',
    values: ['grey', 'rgb'],
    default: 'grey',
    about: 'Grey pictures of shape (size, size), or red, green and blue ones of shape (size, size, 3).',
  },
  view: {
    type: 'enum',
    values: ['top-down', 'driver'],
    default: 'top-down',
    about: "From above with the car's nose up, or through the windscreen.",
  },
  split: GAME_KWARGS.split,
  grip: GAME_KWARGS.grip,
  mass: GAME_KWARGS.mass,
  sensorNoise: {
    ...GAME_KWARGS.sensorNoise,
    about: 'Standard deviation of normal noise on every byte of the picture, as a share of 255.',
  },
  actionDelay: GAME_KWARGS.actionDelay,
} as const satisfies KwargTable;

/** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
export function resolveOptions(options: DrivingPixelsOptions): ResolvedOptions {
  const { size, ...values } = readKwargs('Driving-pixels', options, KWARGS);
  return gameOptions('Driving-pixels', options, { ...values, size: size as PictureSize });
}
