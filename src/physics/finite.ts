/** Checks of the numbers that bodies, shapes and joints are made of. */
import { usageError } from '../core/errors.js';

/** Throws unless every number is finite. @internal */
export function checkFinite(what: string, values: Record<string, number | undefined>): void {
  for (const [field, value] of Object.entries(values)) {
    if (value !== undefined && !Number.isFinite(value)) {
      throw usageError('INVALID_BODY', `Expected ${what}'s ${field} to be a finite number, got ${value}.`, {
        field,
        expected: 'a finite number',
        got: String(value),
      });
    }
  }
}
