/** How likely a run of one method beats a run of another. */
import { usageError } from '../../core/errors.js';
import { Generator } from '../../core/seeding/index.js';
import { mean } from '../../core/statistics.js';
import { type BootstrapOptions, bootstrapOptions, drawCounts, type Estimate, percentileInterval } from './bootstrap.js';
import { assertScores, type TaskScores } from './scores.js';

/** Scores of one task of both methods, smallest first: the same score is one entry. */
interface Ranked {
  /** For each run of X, and of Y, the index of its score among the different scores. */
  readonly x: Uint32Array;
  readonly y: Uint32Array;
  readonly ranks: number;
}

/**
 * The probability that a random run of `x` scores higher than a random run of `y` on the same task, a tie counting half, averaged
 * over tasks: the Mann-Whitney U statistic over the number of pairs. Both methods' runs are resampled for the interval.
 *
 * @param x scores `[task][run]`.
 * @param y scores on the same tasks in the same order; numbers of runs may differ.
 * @throws `INVALID_SCORES`, also for different numbers of tasks; `INVALID_OPTION`, `INVALID_SEED`.
 */
export function probabilityOfImprovement(x: TaskScores, y: TaskScores, options: BootstrapOptions = {}): Estimate {
  assertScores(x, 'probabilityOfImprovement');
  assertScores(y, 'probabilityOfImprovement');
  if (x.length !== y.length) {
    const got = `${x.length} and ${y.length} tasks`;
    throw usageError('INVALID_SCORES', `probabilityOfImprovement compares scores on the same tasks; got ${got}.`, {
      expected: 'as many tasks in x as in y',
      got,
    });
  }
  const { reps, confidence, seed } = bootstrapOptions(options);
  const sizesX = x.map((runs) => runs.length);
  const sizesY = y.map((runs) => runs.length);
  const ranked = x.map((runs, task) => rank(runs, y[task]!));
  const once = (sizes: readonly number[]): Uint32Array => new Uint32Array(sum(sizes)).fill(1);
  // All resamples of x are drawn before those of y: both lists of runs are independent.
  const random = Generator.fromSeed(seed);
  const countsX = drawCounts(sizesX, reps, random);
  const countsY = drawCounts(sizesY, reps, random);
  const values = new Float64Array(reps);
  for (let rep = 0; rep < reps; rep++) {
    values[rep] = probability(ranked, countsX, rep * sum(sizesX), countsY, rep * sum(sizesY));
  }
  const value = probability(ranked, once(sizesX), 0, once(sizesY), 0);
  return { value, ...percentileInterval(values, confidence) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function rank(x: readonly number[], y: readonly number[]): Ranked {
  const different = [...new Set([...x, ...y])].sort((a, b) => a - b);
  // -0 and 0 are one key of a Map, as they are equal scores.
  const places = new Map(different.map((value, place) => [value, place]));
  const of = (runs: readonly number[]): Uint32Array => Uint32Array.from(runs, (value) => places.get(value)!);
  return { x: of(x), y: of(y), ranks: different.length };
}

/** The mean over tasks of P(X > Y) + P(X = Y) / 2, where run `k` comes `counts[first + k]` times. */
function probability(
  tasks: readonly Ranked[],
  countsX: Uint32Array,
  firstX: number,
  countsY: Uint32Array,
  firstY: number,
): number {
  let atX = firstX;
  let atY = firstY;
  return mean(
    tasks.map(({ x, y, ranks }) => {
      const withX = new Float64Array(ranks);
      const withY = new Float64Array(ranks);
      for (const place of x) withX[place]! += countsX[atX++]!;
      for (const place of y) withY[place]! += countsY[atY++]!;
      let below = 0;
      let wins = 0;
      for (let place = 0; place < ranks; place++) {
        wins += withX[place]! * (below + withY[place]! / 2);
        below += withY[place]!;
      }
      return wins / (x.length * y.length);
    }),
  );
}
