/** Rows of the tables of returns in docs/fidelity.md. */
import { moments, type Outcome, share } from '../test/support/box2d-golden.js';

/** Mean return, its standard error and the share of failures. */
export type Figures = readonly [number, number, number];
/** What a controller did there and here. */
export interface ReturnsRow {
  readonly what: string;
  readonly seeds: number;
  readonly there: Figures;
  readonly here: Figures;
  /** Episodes with the same length and return, of those that were recorded one by one. */
  readonly same: readonly [number, number];
}

export const figures = (returns: readonly number[], failed: readonly boolean[]): Figures => {
  const { mean, sd } = moments(returns);
  return [mean, sd / Math.sqrt(returns.length), share(failed)];
};

export const sameEpisodes = (
  outcome: Outcome,
  returns: readonly number[],
  lengths: readonly number[],
): [number, number] => [
  returns.filter((value, k) => outcome.lengths[k] === lengths[k] && Math.abs(outcome.returns[k]! - value) < 1e-3)
    .length,
  returns.length,
];
