/** What the resets of every vector env share: seeds for each env, and the mask of those that are reset. */
import { usageError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { preview } from '../spaces/arrays.js';
import type { VectorResetOptions } from './vector-env.js';

/** A seed, or null to go on with its stream, for each env; null where none was given. @throws `INVALID_SEED` */
export function resetSeeds(seed: VectorResetOptions['seed'], n: number): readonly (number | null)[] | null {
  if (seed === undefined || seed === null) return null;
  if (typeof seed === 'number') return Array.from({ length: n }, (_, i) => seed + i);
  if (Array.isArray(seed) && seed.length === n) return seed;
  throw usageError('INVALID_SEED', `Expected one seed, or a list of ${n} seeds, got ${preview(seed)}.`, {
    expected: `${n} seeds`,
    got: preview(seed),
    field: 'seed',
  });
}

/**
 * The vector env's own option `resetMask`, and the rest, which goes to the envs.
 * @throws `INVALID_RESET_OPTION`; `RESET_NEEDED` for a mask before the first full reset.
 */
export function splitResetOptions(
  options: JsonObject | undefined,
  n: number,
  started: boolean,
): { mask: ArrayLike<unknown> | null; rest: JsonObject | undefined } {
  if (options === undefined || options === null || options['resetMask'] === undefined)
    return { mask: null, rest: options };
  const { resetMask, ...rest } = options;
  if (
    !Array.isArray(resetMask) ||
    resetMask.length !== n ||
    !resetMask.every((value) => typeof value === 'boolean') ||
    !resetMask.includes(true)
  ) {
    throw usageError(
      'INVALID_RESET_OPTION',
      `Expected options.resetMask as a list of ${n} booleans with at least one true, got ${preview(resetMask)}.`,
      { expected: `${n} booleans`, got: preview(resetMask), field: 'resetMask' },
    );
  }
  if (!started)
    throw usageError(
      'RESET_NEEDED',
      'options.resetMask was given before the first reset of all envs. Call reset() without it first.',
    );
  return { mask: resetMask, rest: Object.keys(rest).length === 0 ? undefined : rest };
}
