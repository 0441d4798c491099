/** What the spaces made of other spaces share. */
import { usageError } from '../core/errors.js';
import { invalidSpace, preview } from './arrays.js';
import { rejectBoth } from './masks.js';
import { type SampleMasks, Space } from './space.js';

/** The JavaScript value of a space. */
export type ValueOf<S> = S extends Space<infer T> ? T : never;

/** @throws `INVALID_SPACE` unless `space` is one. */
export function requireSpace(owner: string, field: string, space: unknown): asserts space is Space {
  if (space instanceof Space) return;
  throw invalidSpace(`Expected ${field} of a ${owner} space as a Space, got ${preview(space)}.`, {
    expected: 'a Space',
    got: preview(space),
    field,
  });
}

/** The mask or probability of each part; null where none was given. */
export function partMasks(options: SampleMasks): { kind: 'mask' | 'probability'; parts: unknown } | null {
  rejectBoth(options);
  if (options.mask !== undefined && options.mask !== null) return { kind: 'mask', parts: options.mask as unknown };
  if (options.probability !== undefined && options.probability !== null)
    return { kind: 'probability', parts: options.probability as unknown };
  return null;
}

/** A member of a part under its own mask; null and undefined leave it free. */
export function samplePart<T>(space: Space<T>, kind: 'mask' | 'probability', part: unknown): T {
  return part === null || part === undefined ? space.sample() : space.sample({ [kind]: part });
}

/** A list of masks, one a part. @throws `INVALID_MASK` */
export function maskList(space: Space, kind: string, parts: unknown, length: number): readonly unknown[] {
  if (Array.isArray(parts) && parts.length === length) return parts;
  const expected = `a list of ${length}`;
  throw usageError('INVALID_MASK', `Expected the ${kind} of ${space} as ${expected}, got ${preview(parts)}.`, {
    expected,
    got: preview(parts),
    field: kind,
  });
}

/** An error about JSON that no member wrote. */
export function invalidValue(space: Space, expected: string, got: unknown): Error {
  return usageError('INVALID_VALUE', `Expected a value of ${space} as ${expected}, got ${preview(got)}.`, {
    expected,
    got: preview(got),
  });
}

/** Whether `value` is an object without a class of its own. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
