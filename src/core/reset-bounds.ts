import type { ResetOptions } from './env.js';
import { usageError } from './errors.js';

/**
 * Finite numbers from reset options, with defaults, as Gymnasium's `maybe_parse_reset_bounds`.
 * @throws `INVALID_RESET_OPTION` for an unknown name or a value that is not a finite number.
 */
export function resetNumbers<const K extends string>(
  envName: string,
  options: ResetOptions,
  defaults: Record<K, number>,
): Record<K, number> {
  const values = { ...defaults };
  for (const [name, value] of Object.entries(options.options ?? {})) {
    if (!(name in defaults)) {
      throw usageError(
        'INVALID_RESET_OPTION',
        `${envName}: reset has no option '${name}'; it takes ${Object.keys(defaults).join(', ') || 'none'}.`,
        { field: name },
      );
    }
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw usageError(
        'INVALID_RESET_OPTION',
        `${envName}: reset option '${name}' must be a finite number, got ${JSON.stringify(value)}.`,
        { field: name },
      );
    }
    values[name as K] = value;
  }
  return values;
}
