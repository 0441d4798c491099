/** Options of wrappers, checked: a typo or a bad value is one clear error. */
import { usageError } from '../core/errors.js';
import { didYouMean } from '../core/kwargs.js';
import { preview } from '../spaces/arrays.js';
import { Box } from '../spaces/box.js';
import type { DType, Space } from '../spaces/space.js';

/** The `INVALID_WRAPPER_OPTION` error. */
export function invalidOption(wrapper: string, field: string, expected: string, got: unknown): Error {
  const shown = typeof got === 'boolean' ? String(got) : preview(got);
  return usageError('INVALID_WRAPPER_OPTION', `${wrapper}: ${field} must be ${expected}, got ${shown}.`, {
    field,
    expected,
    got: shown,
  });
}

/** @throws `INVALID_WRAPPER_OPTION` unless `kwargs` is an object; `UNKNOWN_WRAPPER_OPTION` for a name that is not `known`. */
export function checkNames(wrapper: string, kwargs: object, known: readonly string[]): void {
  if (typeof kwargs !== 'object' || kwargs === null || Array.isArray(kwargs)) {
    throw invalidOption(wrapper, 'its options', 'one object', kwargs);
  }
  for (const name of Object.keys(kwargs)) {
    if (known.includes(name)) continue;
    const takes = known.length === 0 ? 'It takes none.' : `It takes: ${known.join(', ')}.`;
    const words = [`${wrapper} has no option '${name}'.`, didYouMean(name, known), takes];
    throw usageError('UNKNOWN_WRAPPER_OPTION', words.filter((word) => word !== '').join(' '), {
      field: name,
      expected: known.join(', '),
      got: name,
    });
  }
}

/** @throws `INVALID_WRAPPER_OPTION` */
export function checkWhole(wrapper: string, field: string, value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return;
  throw invalidOption(wrapper, field, `a whole number from ${least}`, value);
}

/** @throws `INVALID_WRAPPER_OPTION` */
export function checkFlag(wrapper: string, field: string, value: unknown): void {
  if (typeof value !== 'boolean') throw invalidOption(wrapper, field, 'true or false', value);
}

/** @throws `INVALID_WRAPPER_OPTION` */
export function checkPositive(wrapper: string, field: string, value: unknown): void {
  if (Number.isFinite(value) && (value as number) > 0) return;
  throw invalidOption(wrapper, field, 'a number above 0', value);
}

/** @throws `INVALID_WRAPPER_OPTION` */
export function checkFunction(wrapper: string, field: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidOption(wrapper, field, 'a function', value);
}

/** The `INVALID_WRAPPER_SPACE` error. */
export function unsuitable(wrapper: string, role: 'observation' | 'action', expected: string, space: Space): Error {
  return usageError('INVALID_WRAPPER_SPACE', `${wrapper} needs ${expected} as ${role} space, got ${String(space)}.`, {
    field: `${role}Space`,
    expected,
    got: String(space),
  });
}

/** The space as a Box. @throws `INVALID_WRAPPER_SPACE` */
export function asBox(wrapper: string, role: 'observation' | 'action', space: Space): Box<DType> {
  if (space instanceof Box) return space as Box<DType>;
  throw unsuitable(wrapper, role, 'a Box', space);
}

/** One number for all elements, or one for each. @throws `INVALID_WRAPPER_OPTION` */
export function spread(wrapper: string, field: string, value: unknown, size: number): number[] {
  if (typeof value === 'number' && !Number.isNaN(value)) return new Array<number>(size).fill(value);
  const list: unknown = ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value;
  if (Array.isArray(list) && list.length === size && list.every((x) => typeof x === 'number' && !Number.isNaN(x))) {
    return list as number[];
  }
  throw invalidOption(wrapper, field, `a number, or a list of ${size} numbers`, value);
}
