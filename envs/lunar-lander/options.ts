/** The lander's keyword arguments: checked once, with a clear error each. */
import { usageError } from '../../src/core/errors.js';
import { type Kwargs, readKwargs } from '../../src/core/kwargs.js';
import { KWARGS } from './fields.js';

/** Keyword arguments of the lander; all may be left out. */
export interface LunarLanderOptions {
  readonly renderMode?: string | undefined;
  /** Two throttles as the action instead of four engines to choose from; false by default. */
  readonly continuous?: boolean;
  /** m/s^2, between -12 and 0, both excluded; -10 by default. */
  readonly gravity?: number;
  /** Wind until a leg touches the ground; false by default. */
  readonly enableWind?: boolean;
  /** N, 0 to 20; 15 by default. */
  readonly windPower?: number;
  /** N m, 0 to 2; 1.5 by default. */
  readonly turbulencePower?: number;
  /** Gymnasium's episodes bit for bit; true by default. False is more than twice as fast, and the same in its statistics. */
  readonly exact?: boolean;
}

/** The options with their defaults. */
export type ResolvedOptions = Readonly<Kwargs<typeof KWARGS>>;

/**
 * Checks the keyword arguments and fills in the defaults.
 * @throws `UNKNOWN_ENV_OPTION` for another name, `INVALID_ENV_OPTION` for a value out of range.
 */
export function resolveOptions(options: LunarLanderOptions): ResolvedOptions {
  const values = readKwargs('LunarLander', options, KWARGS);
  const { gravity } = values;
  if (gravity > -12 && gravity < 0) return values;
  const expected = 'a number between -12 and 0, both excluded';
  throw usageError('INVALID_ENV_OPTION', `LunarLander: option 'gravity' must be ${expected}, got ${gravity}.`, {
    field: 'gravity',
    env: 'LunarLander',
    expected,
    got: String(gravity),
  });
}
