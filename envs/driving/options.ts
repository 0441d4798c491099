/** The driving task's keyword arguments: checked once, with a clear error each. */
import type { RenderMode } from '../../src/core/env.js';
import { usageError } from '../../src/core/errors.js';
import { type KwargTable, readKwargs } from '../../src/core/kwargs.js';
import { DEFAULT_RAYS } from './fields.js';
import { SPLITS, type Split } from './track.js';

/** A fixed number, or a range from which each episode draws its own. */
export type NumberOrRange = number | readonly [low: number, high: number];

/** Keyword arguments of both driving tasks; all may be left out. */
export interface DrivingGameOptions {
  readonly renderMode?: RenderMode | undefined;
  /** Which tracks `reset` draws from, `'train'` by default. */
  readonly split?: Split | undefined;
  /** Factor of the nominal grip, 1 by default. */
  readonly grip?: NumberOrRange | undefined;
  /** Factor of the nominal mass, 1 by default. */
  readonly mass?: NumberOrRange | undefined;
  /** Standard deviation of normal noise on every number of the observation (before its bounds), 0 by default. */
  readonly sensorNoise?: NumberOrRange | undefined;
  /** Whole steps by which actions come late, 0 by default. */
  readonly actionDelay?: NumberOrRange | undefined;
}

/** Keyword arguments of the driving task with a lidar; all may be left out. */
export interface DrivingOptions extends DrivingGameOptions {
  /** Rays of the lidar, 1 to 64, 10 by default. */
  readonly rays?: number | undefined;
}

/** Largest delay of actions, steps. */
export const MAX_DELAY = 25;

const SPLIT_NAMES = Object.keys(SPLITS) as Split[];

/** What both tasks go by; a fixed number is a range of one. */
export interface GameOptions {
  readonly renderMode: RenderMode | null;
  readonly split: Split;
  readonly grip: readonly [number, number];
  readonly mass: readonly [number, number];
  readonly sensorNoise: readonly [number, number];
  readonly actionDelay: readonly [number, number];
}

/** The options with their defaults. */
export interface ResolvedOptions extends GameOptions {
  readonly rays: number;
}

/** The keyword arguments of both tasks. */
export const GAME_KWARGS = {
  split: {
    type: 'enum',
    values: SPLIT_NAMES,
    default: 'train',
    about: 'Which range of tracks episodes draw from.',
  },
  grip: { type: 'range', min: 0.1, max: 3, default: [1, 1], about: 'Factor of the nominal grip.' },
  mass: { type: 'range', min: 0.2, max: 5, default: [1, 1], about: 'Factor of the nominal mass.' },
  sensorNoise: {
    type: 'range',
    min: 0,
    max: 1,
    default: [0, 0],
    about: 'Standard deviation of normal noise on every number of the observation.',
  },
  actionDelay: {
    type: 'range',
    min: 0,
    max: MAX_DELAY,
    integer: true,
    default: [0, 0],
    about: 'Whole steps by which actions come late.',
  },
} as const satisfies KwargTable;

/** Those of the task with a lidar. */
export const KWARGS = {
  split: GAME_KWARGS.split,
  rays: { type: 'number', integer: true, min: 1, max: 64, default: DEFAULT_RAYS, about: 'Rays of the lidar.' },
  grip: GAME_KWARGS.grip,
  mass: GAME_KWARGS.mass,
  sensorNoise: GAME_KWARGS.sensorNoise,
  actionDelay: GAME_KWARGS.actionDelay,
} as const satisfies KwargTable;

/**
 * Checks the keyword arguments and fills in the defaults.
 * @throws `UNKNOWN_ENV_OPTION` for another name, `INVALID_ENV_OPTION` for a value out of range.
 */
export function resolveOptions(options: DrivingOptions): ResolvedOptions {
  return gameOptions('Driving', options, readKwargs('Driving', options, KWARGS));
}

/**
 * Checks the render mode, which is in no table, of either task.
 * @throws `INVALID_ENV_OPTION`
 */
export function gameOptions<T extends object>(
  name: string,
  options: DrivingGameOptions,
  values: T,
): T & { readonly renderMode: RenderMode | null } {
  const { renderMode = null } = options;
  if (renderMode !== null && renderMode !== 'scene') throw invalid(name, 'renderMode', "'scene'", renderMode);
  return { ...values, renderMode };
}

function invalid(env: string, field: string, expected: string, got: unknown): Error {
  const text = JSON.stringify(got) ?? String(got);
  return usageError('INVALID_ENV_OPTION', `${env}: option '${field}' must be ${expected}, got ${text}.`, {
    field,
    env,
    expected,
    got: text,
  });
}

/**
 * The track number that the reset option `{ track }` asks for, or null without one.
 * @throws `INVALID_RESET_OPTION` unless it is a whole number from 0 to 2^32 - 1, or for another option.
 */
export function readResetOptions(env: string, options: Readonly<Record<string, unknown>> | undefined): number | null {
  if (options === undefined || options === null) return null;
  for (const name of Object.keys(options)) {
    if (name !== 'track') {
      throw usageError('INVALID_RESET_OPTION', `${env}: unknown reset option '${name}'. The one there is: track.`, {
        field: name,
        expected: 'track',
      });
    }
  }
  const { track } = options;
  if (track === undefined) return null;
  if (!(typeof track === 'number' && Number.isInteger(track) && track >= 0 && track < 4294967296)) {
    const got = JSON.stringify(track) ?? String(track);
    throw usageError(
      'INVALID_RESET_OPTION',
      `${env}: expected the reset option track to be a whole number from 0 to 2^32 - 1, got ${got}.`,
      { field: 'track', expected: 'a whole number from 0 to 2^32 - 1', got },
    );
  }
  return track;
}
