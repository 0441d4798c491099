import type { ResetOptions } from './env.js';
import { usageError } from './errors.js';
import { didYouMean } from './kwargs.js';

/**
 * Finite numbers from reset options, with defaults, as Gymnasium's `maybe_parse_reset_bounds`. Where both `low` and `high`
 * are known, low may not exceed high. Without options this is `defaults` itself: resets are part of the hot path.
 * @throws `INVALID_RESET_OPTION` for an unknown name, a value that is not a finite number, or low above high.
 */
export function resetNumbers<const K extends string>(
  envName: string,
  options: ResetOptions,
  defaults: Readonly<Record<K, number>>,
): Readonly<Record<K, number>> {
  const given = options.options;
  if (given === undefined || given === null) return defaults;
  const refuse = (field: string, problem: string): never => {
    throw usageError('INVALID_RESET_OPTION', `${envName}: ${problem}.`, { field, env: envName });
  };
  const names = Object.keys(defaults);
  const values: Record<string, number> = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (!names.includes(name)) {
      const near = didYouMean(name, names);
      const takes = names.length === 0 ? 'It takes none' : `It takes: ${names.join(', ')}`;
      refuse(name, `reset has no option '${name}'. ${near === '' ? '' : `${near} `}${takes}`);
    }
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      const got = typeof value === 'number' ? value : JSON.stringify(value);
      refuse(name, `reset option '${name}' must be a finite number, got ${got}`);
    } else {
      values[name] = value;
    }
  }
  const { low, high } = values;
  if (low !== undefined && high !== undefined && low > high) {
    refuse('low', `reset option 'low' may not be above 'high', got ${low} and ${high}`);
  }
  return values as Record<K, number>;
}
