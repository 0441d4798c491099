/** Masks and probabilities for `sample`, as Gymnasium's action masks. */
import { usageError } from '../core/errors.js';

/** What `sample` of a Discrete or MultiBinary space can be told; at most one of the two. */
export interface SampleOptions {
  /** Discrete: 1 for allowed values, 0 for others. MultiBinary: 0 or 1 fixes an element, 2 leaves it random. */
  readonly mask?: ArrayLike<number>;
  /** Discrete: the probability of each value, of sum 1. MultiBinary: the probability that an element is 1. */
  readonly probability?: ArrayLike<number>;
}

/** An error about a mask or a probability. */
export function invalidMask(message: string, got: string): Error {
  return usageError('INVALID_MASK', message, { got });
}

/** Throws if both a mask and a probability are given. */
export function rejectBoth(options: { readonly mask?: unknown; readonly probability?: unknown }): void {
  if (options.mask !== undefined && options.probability !== undefined) {
    throw invalidMask('Expected a mask or a probability for sample(), got both. Give one of them.', 'both');
  }
}

/** The indices that a mask of zeros and ones allows. */
export function checkedMask(options: SampleOptions, n: number): number[] {
  rejectBoth(options);
  const mask = options.mask ?? [];
  if (mask.length !== n) throw invalidMask(`Expected a mask of ${n} values, got ${mask.length}.`, String(mask.length));
  const allowed: number[] = [];
  for (let i = 0; i < n; i++) {
    if (mask[i] === 1) allowed.push(i);
    else if (mask[i] !== 0)
      throw invalidMask(`Expected a mask of zeros and ones, got ${mask[i]} at ${i}.`, String(mask[i]));
  }
  return allowed;
}

/** Probabilities of `n` values, checked to lie in [0, 1]; `normalized` also asks for a sum of 1 (within 1e-5). */
export function checkedProbability(probability: ArrayLike<number>, n: number, normalized = true): ArrayLike<number> {
  if (probability.length !== n) {
    throw invalidMask(`Expected ${n} probabilities, got ${probability.length}.`, String(probability.length));
  }
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const p = probability[i]!;
    if (!(p >= 0 && p <= 1)) throw invalidMask(`Expected probabilities from 0 to 1, got ${p} at ${i}.`, String(p));
    sum += p;
  }
  if (normalized && Math.abs(sum - 1) > 1e-8 + 1e-5) {
    throw invalidMask(`Expected probabilities of sum 1, got a sum of ${sum}.`, String(sum));
  }
  return probability;
}
