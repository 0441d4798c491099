/** Keyword arguments of the car racing task with rays. */
import type { RenderMode } from '../../src/core/env.js';
import { type KwargTable, readKwargs } from '../../src/core/kwargs.js';
import { KWARGS as RACING } from '../car-racing/options.js';

/** Keyword arguments; all may be left out. */
export interface LidarOptions {
  readonly renderMode?: RenderMode | undefined;
  /** Share of the tiles beyond which the lap is complete at the start line, 0.95 by default. */
  readonly lapCompletePercent?: number | undefined;
  /** Three numbers as an action, not one of five choices; true by default. */
  readonly continuous?: boolean | undefined;
}

/** The keyword arguments with their defaults. */
export interface ResolvedOptions {
  readonly lapCompletePercent: number;
  readonly continuous: boolean;
}

/** Those of CarRacing-v3 without its colours. */
export const KWARGS = {
  lapCompletePercent: RACING.lapCompletePercent,
  continuous: RACING.continuous,
} as const satisfies KwargTable;

/** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
export function resolveOptions(options: LidarOptions): ResolvedOptions {
  return readKwargs('CarRacing-lidar', options, KWARGS);
}
