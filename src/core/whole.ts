/** The check of options that count something. */
import { usageError } from './errors.js';

/** @throws `INVALID_OPTION` unless `value` is a whole number from 1. */
export function wholeFromOne(field: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw usageError('INVALID_OPTION', `Expected ${field} as a whole number from 1, got ${String(value)}.`, {
    field,
    expected: 'a whole number from 1',
    got: String(value),
  });
}
