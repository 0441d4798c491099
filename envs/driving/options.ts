/** The driving task's keyword arguments: checked once, with a clear error each. */
import type { RenderMode } from '../../src/core/env.js';
import { usageError } from '../../src/core/errors.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { DEFAULT_RAYS } from './fields.js';
import { SPLITS, type Split } from './track.js';

/** A fixed number, or a range from which each episode draws its own. */
export type NumberOrRange = number | readonly [low: number, high: number];

/** Keyword arguments of the driving task; all may be left out. */
export interface DrivingOptions {
  readonly renderMode?: RenderMode | undefined;
  /** Which tracks `reset` draws from, `'train'` by default. */
  readonly split?: Split | undefined;
  /** Rays of the lidar, 1 to 64, 10 by default. */
  readonly rays?: number | undefined;
  /** Factor of the nominal grip, 1 by default. */
  readonly grip?: NumberOrRange | undefined;
  /** Factor of the nominal mass, 1 by default. */
  readonly mass?: NumberOrRange | undefined;
  /** Standard deviation of normal noise on every number of the observation (before its bounds), 0 by default. */
  readonly sensorNoise?: NumberOrRange | undefined;
  /** Whole steps by which actions come late, 0 by default. */
  readonly actionDelay?: NumberOrRange | undefined;
}

/** Largest delay of actions, steps. */
export const MAX_DELAY = 25;

const SPLIT_NAMES = Object.keys(SPLITS) as Split[];

/** The options with their defaults; a fixed number is a range of one. */
export interface ResolvedOptions {
  readonly renderMode: RenderMode | null;
  readonly split: Split;
  readonly rays: number;
  readonly grip: readonly [number, number];
  readonly mass: readonly [number, number];
  readonly sensorNoise: readonly [number, number];
  readonly actionDelay: readonly [number, number];
}

/**
 * Checks the keyword arguments and fills in the defaults.
 * @throws `UNKNOWN_ENV_OPTION` for another name, `INVALID_ENV_OPTION` for a value out of range.
 */
export function resolveOptions(options: DrivingOptions): ResolvedOptions {
  const values = readKwargs('Driving', options, {
    split: { type: 'enum', values: SPLIT_NAMES, default: 'train' },
    rays: { type: 'number', integer: true, min: 1, max: 64, default: DEFAULT_RAYS },
    grip: { type: 'range', min: 0.1, max: 3, default: [1, 1] },
    mass: { type: 'range', min: 0.2, max: 5, default: [1, 1] },
    sensorNoise: { type: 'range', min: 0, max: 1, default: [0, 0] },
    actionDelay: { type: 'range', min: 0, max: MAX_DELAY, default: [0, 0] },
  });
  const { renderMode = null } = options;
  if (renderMode !== null && renderMode !== 'scene') throw invalid('renderMode', "'scene'", renderMode);
  if (!values.actionDelay.every(Number.isInteger)) {
    throw invalid('actionDelay', 'a whole number of steps, or [low, high] of whole numbers', options.actionDelay);
  }
  return { ...values, renderMode };
}

function invalid(field: string, expected: string, got: unknown): Error {
  const text = JSON.stringify(got) ?? String(got);
  return usageError('INVALID_ENV_OPTION', `Driving: option '${field}' must be ${expected}, got ${text}.`, {
    field,
    env: 'Driving',
    expected,
    got: text,
  });
}

/**
 * The track number that the reset option `{ track }` asks for, or null without one.
 * @throws `INVALID_RESET_OPTION` unless it is a whole number from 0 to 2^32 - 1, or for another option.
 */
export function readResetOptions(options: Readonly<Record<string, unknown>> | undefined): number | null {
  if (options === undefined || options === null) return null;
  for (const name of Object.keys(options)) {
    if (name !== 'track') {
      throw usageError('INVALID_RESET_OPTION', `Driving: unknown reset option '${name}'. The one there is: track.`, {
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
      `Driving: expected the reset option track to be a whole number from 0 to 2^32 - 1, got ${got}.`,
      { field: 'track', expected: 'a whole number from 0 to 2^32 - 1', got },
    );
  }
  return track;
}
