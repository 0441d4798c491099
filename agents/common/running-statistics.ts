/** Mean and variance of a stream, merged batch by batch (Chan, Golub and LeVeque 1979), as Gymnasium's RunningMeanStd. */
export { VARIANCE_EPSILON } from '../../src/network/reference-policy.js';

/** Statistics of `size` columns; counts start at 1e-4 as Gymnasium's do, so that the first batch decides. */
export class RunningMeanStd {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  count: number;

  constructor(size: number, epsilon = 1e-4) {
    this.mean = new Float64Array(size);
    this.variance = new Float64Array(size).fill(1);
    this.count = epsilon;
  }

  /** Statistics that go on from known ones; the columns are copied. */
  static from(mean: ArrayLike<number>, variance: ArrayLike<number>, count: number): RunningMeanStd {
    const statistics = new RunningMeanStd(mean.length, count);
    statistics.mean.set(mean);
    statistics.variance.set(variance);
    return statistics;
  }

  /**
   * Merges a batch given by its count, column means and sums of squared distances from those means, read from
   * `means[at..]` and `squares[at..]`.
   */
  merge(count: number, means: ArrayLike<number>, squares: ArrayLike<number>, at = 0): void {
    if (count === 0) return;
    const total = this.count + count;
    for (let k = 0; k < this.mean.length; k++) {
      const delta = means[at + k]! - this.mean[k]!;
      const m2 = this.variance[k]! * this.count + squares[at + k]! + (delta * delta * this.count * count) / total;
      this.mean[k]! += (delta * count) / total;
      this.variance[k] = m2 / total;
    }
    this.count = total;
  }
}
