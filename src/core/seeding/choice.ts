/** Numpy's `choice` on indices, and the Fisher-Yates shuffle behind it. */
import { usageError } from '../errors.js';
import { boundedSafeInteger, boundedUint32 } from './bounded.js';
import { nextDouble } from './distributions.js';
import { nextUint32 } from './pcg64.js';

/** How `choice` picks. */
export interface ChoiceOptions {
  /** Whether an index may come twice; true by default. */
  readonly replace?: boolean;
  /** Probability of each index; equal by default. They must sum to 1 within 1.5e-8. */
  readonly p?: ArrayLike<number>;
  /** Whether a draw without replacement is put in random order; true by default, false is faster. */
  readonly shuffle?: boolean;
}

/** A whole number from 0 to `max` by masking and rejecting, the older rule that numpy kept for `shuffle` and `permutation`. */
function masked(words: Uint32Array, max: number): number {
  const mask = 0xffffffff >>> Math.clz32(max);
  let value = (nextUint32(words) & mask) >>> 0;
  while (value > max) value = (nextUint32(words) & mask) >>> 0;
  return value;
}

/** Puts an array in random order, in place, as numpy's `shuffle`. */
export function shuffle<T>(words: Uint32Array, array: { [index: number]: T; readonly length: number }): void {
  for (let i = array.length - 1; i >= 1; i--) swap(array, i, masked(words, i));
}

function swap<T>(array: { [index: number]: T }, i: number, j: number): void {
  const kept = array[j] as T;
  array[j] = array[i] as T;
  array[i] = kept;
}

/** Swaps elements from the last down to `first`, each with one at or before it, by the rule of `choice`. */
function shuffleFrom(words: Uint32Array, array: Int32Array, first = 1): void {
  for (let i = array.length - 1; i >= first; i--) swap(array, i, boundedUint32(words, i));
}

function iota(n: number): Int32Array {
  const array = new Int32Array(n);
  for (let i = 0; i < n; i++) array[i] = i;
  return array;
}

/** `0 .. n - 1` in random order. */
export function permutation(words: Uint32Array, n: number): Int32Array {
  const array = iota(n);
  shuffle(words, array);
  return array;
}

function normalizedCumulative(p: ArrayLike<number>): Float64Array {
  const cumulative = new Float64Array(p.length);
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    sum += p[i]!;
    cumulative[i] = sum;
  }
  for (let i = 0; i < p.length; i++) cumulative[i]! /= sum;
  return cumulative;
}

/** The first index whose cumulative probability is above `u` (numpy's `searchsorted(side='right')`). */
function searchRight(cumulative: Float64Array, u: number): number {
  let low = 0;
  let high = cumulative.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (u < cumulative[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Kahan's sum, as numpy checks the probabilities. */
function checkedProbabilities(p: ArrayLike<number>, n: number): void {
  let sum = 0;
  let compensation = 0;
  let valid = p.length === n;
  for (let i = 0; i < p.length && valid; i++) {
    if (!(p[i]! >= 0)) valid = false;
    const y = p[i]! - compensation;
    const next = sum + y;
    compensation = next - sum - y;
    sum = next;
  }
  if (!valid || !(Math.abs(sum - 1) <= 1.4901161193847656e-8)) {
    throw usageError(
      'INVALID_PROBABILITY',
      `Expected ${n} probabilities from 0 that sum to 1, got ${p.length} of sum ${sum}.`,
      { expected: `${n} probabilities that sum to 1`, got: `${p.length} of sum ${sum}` },
    );
  }
}

/** `size` indices below `n`, drawn as numpy's `choice(n, size, replace, p, shuffle=shuffle)` draws them. */
export function choiceIndices(words: Uint32Array, n: number, size: number, options: ChoiceOptions = {}): Int32Array {
  const { replace = true, p, shuffle: shuffled = true } = options;
  if (!Number.isInteger(n) || n < 1 || !Number.isInteger(size) || size < 0 || (!replace && size > n)) {
    const got = `${size} of ${n}${replace ? '' : ' without replacement'}`;
    throw usageError('INVALID_RANGE', `Expected to choose a whole number of at least one candidate, got ${got}.`, {
      got,
    });
  }
  const chosen = new Int32Array(size);
  if (p !== undefined) {
    checkedProbabilities(p, n);
    if (replace) {
      const cumulative = normalizedCumulative(p);
      for (let i = 0; i < size; i++) chosen[i] = searchRight(cumulative, nextDouble(words));
      return chosen;
    }
    return weightedWithoutReplacement(words, p, chosen);
  }
  if (replace) {
    for (let i = 0; i < size; i++) chosen[i] = boundedSafeInteger(words, n - 1);
    return chosen;
  }
  // numpy's heuristic: shuffle the tail of all candidates where a large part of many is wanted, else Floyd's algorithm.
  if (n > 10000 && size > Math.floor(n / (shuffled ? 50 : 20))) {
    const all = iota(n);
    shuffleFrom(words, all, Math.max(n - size, 1));
    return all.slice(n - size);
  }
  const seen = new Set<number>();
  for (let j = n - size; j < n; j++) {
    const draw = boundedUint32(words, j);
    const value = seen.has(draw) ? j : draw;
    seen.add(value);
    chosen[j - n + size] = value;
  }
  if (shuffled) shuffleFrom(words, chosen);
  return chosen;
}

function weightedWithoutReplacement(words: Uint32Array, p: ArrayLike<number>, chosen: Int32Array): Int32Array {
  const weights = Float64Array.from(p);
  let positive = 0;
  for (const weight of weights) if (weight > 0) positive++;
  if (positive < chosen.length) {
    throw usageError(
      'INVALID_PROBABILITY',
      `Expected at least ${chosen.length} candidates of positive probability, got ${positive}.`,
      { expected: `${chosen.length} positive probabilities`, got: String(positive) },
    );
  }
  let found = 0;
  while (found < chosen.length) {
    const draws = Float64Array.from({ length: chosen.length - found }, () => nextDouble(words));
    for (let i = 0; i < found; i++) weights[chosen[i]!] = 0;
    const cumulative = normalizedCumulative(weights);
    const round = new Set<number>();
    for (const u of draws) round.add(searchRight(cumulative, u));
    for (const index of round) chosen[found++] = index;
  }
  return chosen;
}
