import { usageError } from '../core/errors.js';
import { preview } from './arrays.js';
import type { Space } from './space.js';

/**
 * What `space.seed` takes and returns: a whole number; for a composite space also one for each part, as `seed` itself
 * returned them, or null to seed from the operating system's entropy.
 */
export type Seeds = number | null | readonly Seeds[] | { readonly [key: string]: Seeds };

/** Sub-seeds are drawn below this, as Gymnasium's `np.iinfo(np.int32).max`. */
const SUBSEED_LIMIT = 2147483647;

/** Draws `count` seeds for the parts of a composite space from its own, just seeded, generator. */
export function subseeds(space: Space, count: number): number[] {
  return Array.from({ length: count }, () => space.generator.integers(SUBSEED_LIMIT));
}

/** An error about seeds that do not fit a composite space. */
export function invalidSeeds(space: Space, expected: string, got: unknown): Error {
  return usageError('INVALID_SEED', `Expected seeds of ${space} as ${expected}, got ${preview(got)}.`, {
    expected,
    got: preview(got),
    field: 'seed',
  });
}
