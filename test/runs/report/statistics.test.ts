/** The statistics of a report: worked by hand, against the rliable package with the same draws, and by their properties. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  aggregateIqm,
  aggregateMean,
  aggregateMedian,
  aggregateOptimalityGap,
  interquartileMean,
} from '../../../src/runs/report/aggregates.js';
import {
  type Estimate,
  percentileInterval,
  quantile,
  stratifiedBootstrap,
} from '../../../src/runs/report/bootstrap.js';
import { probabilityOfImprovement } from '../../../src/runs/report/improvement.js';
import { type Band, iqmCurve } from '../../../src/runs/report/iqm-curve.js';
import { performanceProfile } from '../../../src/runs/report/profile.js';
import type { TaskScores } from '../../../src/runs/report/scores.js';
import { throwsError } from '../../support/misuse.js';
import { golden } from '../../support/paths.js';

/** Sums in another order than numpy's differ in the last bits. */
const ROUNDING = 1e-12;

function close(got: number, wanted: number, what: string): void {
  assert.ok(Math.abs(got - wanted) <= ROUNDING, `${what}: expected ${wanted}, got ${got}`);
}

// By hand -----------------------------------------------------------------------------------------------------------------

test('the interquartile mean drops a quarter, rounded down, at either end', () => {
  assert.is(interquartileMean([5]), 5);
  assert.is(interquartileMean([3, 1, 2]), 2);
  assert.is(interquartileMean([100, 1, 2, 3]), 2.5);
  assert.is(interquartileMean([7, 6, 5, 4, 3, 2, 1]), 4);
  // Eight: two go at either end, (3 + 4 + 5 + 6) / 4 stays.
  assert.is(interquartileMean([8, 1, 7, 2, 6, 3, 5, 4]), 4.5);
});

test('aggregates by hand: two tasks, one of which has a run more', () => {
  const scores = [
    [0, 1],
    [0.5, 2, 2],
  ];
  // Means of tasks 0.5 and 1.5; together 0, 0.5, 1, 2, 2: one goes at either end.
  assert.is(aggregateMean(scores), 1);
  assert.is(aggregateMedian(scores), 1);
  close(aggregateIqm(scores), (0.5 + 1 + 2) / 3, 'iqm');
  // Short of 1 by 1, 0, 0.5, 0 and 0.
  close(aggregateOptimalityGap(scores), 1.5 / 5, 'gap to 1');
  close(aggregateOptimalityGap(scores, 2), (2 + 1 + 1.5 + 0 + 0) / 5, 'gap to 2');
  assert.is(aggregateMedian([[1], [5], [100]]), 5);
});

test('the probability of improvement by hand: a tie counts half, tasks weigh the same', () => {
  // Pairs of the first task: 3 beats 1 and 2, 2 beats 1 and ties with 2: 3.5 of 4. Second task: 0 loses.
  const { value } = probabilityOfImprovement([[3, 2], [0]], [[1, 2], [1]]);
  assert.is(value, (3.5 / 4 + 0) / 2);
  assert.is(probabilityOfImprovement([[1, 2, 3]], [[1, 2, 3]]).value, 0.5);
  assert.equal(probabilityOfImprovement([[2, 2]], [[1, 0, 1]]), { value: 1, low: 1, high: 1 });
  assert.is(probabilityOfImprovement([[0]], [[-0]]).value, 0.5);
});

test('a performance profile by hand: strictly above the threshold', () => {
  const { value } = performanceProfile(
    [
      [0, 1],
      [1, 3],
    ],
    [-1, 0, 0.5, 1, 3],
  );
  assert.equal(value, [1, 0.75, 0.75, 0.25, 0]);
});

test('quantiles lie on straight lines between neighbours', () => {
  assert.is(quantile([10, 20, 30], 0.5), 20);
  assert.is(quantile([10, 20, 30], 0.25), 15);
  assert.is(quantile([10], 0.9), 10);
  assert.equal(percentileInterval(Float64Array.of(4, 0, 1, 3, 2), 0.5), { low: 1, high: 3 });
});

test('the bootstrap of two runs has the three resamples that there are, in their proportions', () => {
  // 0-0, 0-1 or 1-0, 1-1 with a quarter, a half and a quarter of the draws: means 0, 0.5 and 1.
  const at = (confidence: number): Estimate =>
    stratifiedBootstrap([[0, 1]], aggregateMean, { reps: 20_000, confidence });
  assert.equal(at(0.4), { value: 0.5, low: 0.5, high: 0.5 });
  assert.equal(at(0.6), { value: 0.5, low: 0, high: 1 });
});

test('strata: runs of one task are never taken for another', () => {
  const scores = [
    [1, 1, 1],
    [5, 5],
  ];
  assert.equal(stratifiedBootstrap(scores, aggregateMean, { reps: 50 }), { value: 3, low: 3, high: 3 });
});

// The rliable package ---------------------------------------------------------------------------------------------------------

interface Golden {
  readonly reps: number;
  readonly seed: number;
  readonly scores: Record<'a' | 'b' | 'c', number[][]>;
  readonly aggregates: Record<'a' | 'b' | 'c', Record<string, Record<keyof Estimate, number[]>>>;
  readonly thresholds: number[];
  readonly profiles: Record<'a' | 'b' | 'c', Band>;
  readonly improvement: Record<string, Record<keyof Estimate, number[]>>;
  readonly curves: number[][][];
  readonly curve: Band;
}
const rliable = JSON.parse(readFileSync(golden('rliable.json'), 'utf8')) as Golden;
const { reps, seed } = rliable;
const METHODS = ['a', 'b', 'c'] as const;

function sameEstimate(got: Estimate, wanted: Record<keyof Estimate, number[]>, what: string): void {
  for (const key of ['value', 'low', 'high'] as const) close(got[key], wanted[key][0]!, `${what} ${key}`);
}

function sameBand(got: Band, wanted: Band, what: string): void {
  for (const key of ['value', 'low', 'high'] as const) {
    assert.is(got[key].length, wanted[key].length);
    for (const [k, value] of wanted[key].entries()) close(got[key][k]!, value, `${what} ${key} ${k}`);
  }
}

for (const method of METHODS) {
  const statistics: Record<string, (scores: TaskScores) => number> = {
    mean: aggregateMean,
    median: aggregateMedian,
    iqm: aggregateIqm,
    optimalityGap: (scores) => aggregateOptimalityGap(scores),
  };
  for (const [name, statistic] of Object.entries(statistics)) {
    test(`rliable: ${name} of ${method} and its interval`, () => {
      const got = stratifiedBootstrap(rliable.scores[method], statistic, { reps, seed });
      sameEstimate(got, rliable.aggregates[method][name]!, name);
    });
  }

  test(`rliable: the profile of ${method} and its band`, () => {
    const got = performanceProfile(rliable.scores[method], rliable.thresholds, { reps, seed });
    sameBand(got, rliable.profiles[method], method);
  });

  for (const other of METHODS.filter((name) => name !== method)) {
    test(`rliable: the probability that ${method} improves on ${other}`, () => {
      const got = probabilityOfImprovement(rliable.scores[method], rliable.scores[other], { reps, seed });
      sameEstimate(got, rliable.improvement[method + other]!, method + other);
    });
  }
}

test('rliable: the interquartile mean along curves of two tasks', () => {
  const curves = rliable.curves.flatMap((runs) => runs.map((curve) => Float64Array.from(curve)));
  sameBand(
    iqmCurve(
      curves,
      rliable.curves.map((runs) => runs.length),
      { reps, seed },
    ),
    rliable.curve,
    'curve',
  );
});

// Properties ------------------------------------------------------------------------------------------------------------------

const score = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -1e3, max: 1e3, noNaN: true }));
const scores = fc.array(fc.array(score, { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 4 });

test('counting gives what sorting every resample gives, for any numbers of runs', () => {
  fc.assert(
    fc.property(scores, fc.nat(1000), (all, anySeed) => {
      const options = { reps: 25, seed: anySeed };
      const slow = stratifiedBootstrap(all, aggregateIqm, options);
      const band = iqmCurve(
        all.flat().map((value) => Float64Array.of(value)),
        all.map((runs) => runs.length),
        options,
      );
      const near = (got: number, wanted: number): void =>
        assert.ok(Math.abs(got - wanted) <= 1e-12 * Math.max(1, Math.abs(wanted)) * 100, `${got} and ${wanted}`);
      near(band.value[0]!, slow.value);
      near(band.low[0]!, slow.low);
      near(band.high[0]!, slow.high);
    }),
  );
});

test('aggregates do not depend on the order of runs, and follow a shift and a scale', () => {
  fc.assert(
    fc.property(scores, fc.integer({ min: -5, max: 5 }), (all, shift) => {
      for (const aggregate of [aggregateMean, aggregateMedian, aggregateIqm]) {
        const value = aggregate(all);
        const near = (got: number, wanted: number): void =>
          assert.ok(Math.abs(got - wanted) < 1e-9 * (1 + Math.abs(wanted)), `${aggregate.name} ${got} ${wanted}`);
        near(aggregate(all.map((runs) => [...runs].reverse())), value);
        near(aggregate(all.map((runs) => runs.map((one) => 2 * one + shift))), 2 * value + shift);
      }
    }),
  );
});

test('X beats Y as often as Y does not beat X; the same scores give one half', () => {
  fc.assert(
    fc.property(scores, scores, (x, y) => {
      const tasks = Math.min(x.length, y.length);
      const [first, second] = [x.slice(0, tasks), y.slice(0, tasks)];
      const options = { reps: 1 };
      const forwards = probabilityOfImprovement(first, second, options).value;
      const backwards = probabilityOfImprovement(second, first, options).value;
      assert.ok(Math.abs(forwards + backwards - 1) < 1e-12);
      assert.ok(Math.abs(probabilityOfImprovement(first, first, options).value - 0.5) < 1e-12);
      // The definition, pair by pair.
      const wins = first.map((runs, task) => {
        const pairs = runs.flatMap((a) => second[task]!.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
        return pairs.reduce<number>((sum, win) => sum + win, 0) / pairs.length;
      });
      assert.ok(Math.abs(forwards - wins.reduce((sum, win) => sum + win, 0) / tasks) < 1e-12);
    }),
  );
});

test('a profile falls from 1 to 0, and its area above 0 is the mean of what is above 0', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 9 }), (runs) => {
      const thresholds = Array.from({ length: 21 }, (_, k) => k);
      const { value, low, high } = performanceProfile([runs], thresholds, { reps: 50 });
      assert.is(value[0], 1);
      assert.is(value[20], 0);
      for (let k = 1; k < value.length; k++) assert.ok(value[k]! <= value[k - 1]!);
      for (const [k, part] of value.entries()) assert.ok(low[k]! <= part + 1e-12 && part <= high[k]! + 1e-12);
      const area = value.reduce((sum, part) => sum + part, 0);
      assert.ok(Math.abs(area - aggregateMean([runs])) < 1e-9);
    }),
  );
});

test('the same seed gives the same interval; the interval of equal scores is a point', () => {
  const all = [[0.1, 0.5, 0.9, 0.3]];
  assert.equal(
    stratifiedBootstrap(all, aggregateIqm, { seed: 3 }),
    stratifiedBootstrap(all, aggregateIqm, { seed: 3 }),
  );
  const a = stratifiedBootstrap(all, aggregateMean, { seed: 3, reps: 10 });
  const b = stratifiedBootstrap(all, aggregateMean, { seed: 4, reps: 10 });
  assert.not.equal(a, b);
  const flat = iqmCurve([Float64Array.of(2, 3), Float64Array.of(2, 3)], [2]);
  assert.equal(flat, { value: [2, 3], low: [2, 3], high: [2, 3] });
});

// Misuse ----------------------------------------------------------------------------------------------------------------------

const wrong = (value: unknown): never => value as never;
const misuse: readonly [string, () => unknown, string, string][] = [
  ['no list', () => aggregateMean(wrong(3)), 'INVALID_SCORES', 'aggregateMean takes a list of tasks'],
  ['no tasks', () => aggregateIqm([]), 'INVALID_SCORES', 'got no tasks'],
  ['no runs', () => aggregateIqm([[1], []]), 'INVALID_SCORES', 'no runs of task 1'],
  ['a NaN', () => aggregateMedian([[1], [2, Number.NaN]]), 'INVALID_SCORES', 'got NaN as run 1 of task 1'],
  ['an infinity', () => interquartileMean([Infinity]), 'INVALID_SCORES', 'Infinity as run 0'],
  ['a text', () => aggregateMean(wrong([['1']])), 'INVALID_SCORES', 'got 1 as run 0'],
  ['a flat list', () => aggregateMean(wrong([1, 2])), 'INVALID_SCORES', 'got 1 as task 0'],
  ['gamma', () => aggregateOptimalityGap([[1]], Number.NaN), 'INVALID_OPTION', 'gamma'],
  ['reps', () => stratifiedBootstrap([[1]], aggregateIqm, { reps: 0 }), 'INVALID_OPTION', 'from 1 to 1000000, got 0'],
  ['many reps', () => performanceProfile([[1]], [0], { reps: 1e9 }), 'INVALID_OPTION', 'reps'],
  ['confidence', () => stratifiedBootstrap([[1]], aggregateIqm, { confidence: 95 }), 'INVALID_OPTION', 'such as 0.95'],
  ['seed', () => stratifiedBootstrap([[1]], aggregateIqm, { seed: -1 }), 'INVALID_SEED', 'got -1'],
  ['statistic', () => stratifiedBootstrap([[1]], wrong('iqm')), 'INVALID_OPTION', 'such as aggregateIqm, got iqm'],
  ['tasks', () => probabilityOfImprovement([[1]], [[1], [2]]), 'INVALID_SCORES', '1 and 2 tasks'],
  ['thresholds', () => performanceProfile([[1]], [1, 0]), 'INVALID_OPTION', 'ascending finite numbers, got 1,0'],
];
for (const [name, call, code, says] of misuse) {
  test(`misuse: ${name}`, () => throwsError(call, { code, kind: 'usage', says: [says] }));
}

test.run();
