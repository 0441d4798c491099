/** Masks of allowed actions, as envs give them in `info.actionMask`. */
import { failure } from '../core/errors.js';

/**
 * Writes the mask of the next action to `target` from `at` on, bytes of 0 and 1: `sizes[f]` for each of its choices.
 * @throws `INVALID_ACTION_MASK` where it is missing, has another length, holds something else, or leaves a choice nothing.
 */
export function writeActionMask(
  info: Record<string, unknown>,
  sizes: readonly number[],
  target: Uint8Array,
  at: number,
): void {
  let actions = 0;
  for (let f = 0; f < sizes.length; f++) actions += sizes[f]!;
  const mask = info['actionMask'] as ArrayLike<number> | null | undefined;
  if (typeof mask !== 'object' || mask === null || mask.length !== actions) {
    throw invalidMask(actions, mask === undefined ? 'nothing' : `${typeof mask} of length ${mask?.length}`);
  }
  for (let f = 0, k = 0; f < sizes.length; f++) {
    let allowed = 0;
    for (const end = k + sizes[f]!; k < end; k++) {
      const value = mask[k]!;
      if (value !== 0 && value !== 1) throw invalidMask(actions, `${String(value)} at index ${k}`);
      target[at + k] = value;
      allowed += value;
    }
    if (allowed === 0) throw invalidMask(actions, sizes.length === 1 ? 'only zeros' : `only zeros for choice ${f}`);
  }
}

function invalidMask(actions: number, got: string): Error {
  const expected = `${actions} numbers 0 or 1, at least one of them 1`;
  return failure(
    'INVALID_ACTION_MASK',
    `info.actionMask should be ${expected}, got ${got}. An env whose first reset gives a mask gives one in every reset and step.`,
    { field: 'info.actionMask', expected, got },
  );
}
