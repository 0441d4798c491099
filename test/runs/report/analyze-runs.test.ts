/** Runs in groups, curves on common steps, normalised scores: by hand. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { aggregateIqm, aggregateMean, interquartileMean } from '../../../src/runs/report/aggregates.js';
import { type AnalyzeOptions, analyzeRuns } from '../../../src/runs/report/analyze-runs.js';
import { stratifiedBootstrap } from '../../../src/runs/report/bootstrap.js';
import { commonSteps, valuesAt } from '../../../src/runs/report/grid.js';
import { probabilityOfImprovement } from '../../../src/runs/report/improvement.js';
import type { ReferenceTable } from '../../../src/runs/report/references.js';
import type { Report } from '../../../src/runs/report/report.js';
import type { RunRecord } from '../../../src/runs/report/types.js';
import { throwsError } from '../../support/misuse.js';
import { makeRun } from './support.js';

const METRIC = 'charts/episodic_return';
const analyze = (runs: readonly RunRecord[], options: AnalyzeOptions = {}, metric = METRIC): Report =>
  analyzeRuns({ metric, runs, leftOut: [] }, { reps: 50, ...options });
const groupsOf = (report: Report): string[] =>
  report.groups.map(({ task, method, seeds }) => `${task} | ${method} | ${seeds.join(',')}`);
const curve = (...points: [number, number][]) => ({
  steps: Float64Array.from(points, ([step]) => step),
  values: Float64Array.from(points, ([, value]) => value),
});

test('seeds of the same settings are one group; settings in which runs differ name the methods, numbers in order', () => {
  const runs = [0.001, 0.0003, 0.01].flatMap((learningRate) =>
    [2, 1].map((seed) => makeRun({ seed, config: { learningRate, gamma: 0.9, hidden: [64, 64] } })),
  );
  assert.equal(groupsOf(analyze(runs)), [
    'CartPole-v1 | ppo learningRate=0.0003 | 1,2',
    'CartPole-v1 | ppo learningRate=0.001 | 1,2',
    'CartPole-v1 | ppo learningRate=0.01 | 1,2',
  ]);
});

test('presets that differ between envs make no methods; a setting that differs within one env names it on all', () => {
  const cart = (config: Record<string, number>, seed = 1): RunRecord => makeRun({ seed, config });
  const acrobot = (config: Record<string, number>, seed = 1): RunRecord => makeRun({ id: 'Acrobot-v1', seed, config });
  assert.equal(groupsOf(analyze([cart({ lr: 1 }), acrobot({ lr: 2 })])), [
    'Acrobot-v1 | ppo | 1',
    'CartPole-v1 | ppo | 1',
  ]);
  const more = [cart({ lr: 1, clip: 0.1 }), cart({ lr: 1, clip: 0.2 }), acrobot({ lr: 2, clip: 0.2 })];
  assert.equal(groupsOf(analyze(more)), [
    'Acrobot-v1 | ppo clip=0.2 | 1',
    'CartPole-v1 | ppo clip=0.1 | 1',
    'CartPole-v1 | ppo clip=0.2 | 1',
  ]);
  // A setting that an older run does not know.
  assert.equal(groupsOf(analyze([cart({ lr: 1 }), cart({ lr: 1, hold: 2 }, 2)])), [
    'CartPole-v1 | ppo hold=2 | 2',
    'CartPole-v1 | ppo hold=none | 1',
  ]);
});

test('keyword arguments, wrappers and time limits make tasks of their own; where a module is does not', () => {
  const env = (over: object): RunRecord => makeRun({ env: over });
  const report = analyze([
    env({}),
    makeRun({ seed: 2, env: { moduleUrl: 'file:///elsewhere.js' } }),
    env({ kwargs: { b: 1, a: [2] } }),
    makeRun({ seed: 2, env: { kwargs: { a: [2], b: 1 } } }),
    env({ wrappers: [{ name: 'ClipReward', moduleUrl: null, kwargs: { minReward: 0 } }] }),
    env({ maxEpisodeSteps: 50 }),
    env({ id: 'My-v0', maxEpisodeSteps: 7 }),
    env({ id: 'My-v0', maxEpisodeSteps: null }),
    env({ id: 'Other-v0', maxEpisodeSteps: 7 }),
  ]);
  assert.equal(groupsOf(report), [
    'CartPole-v1 | ppo | 1,2',
    'CartPole-v1 (50 steps) | ppo | 1',
    'CartPole-v1 + ClipReward{"minReward":0} | ppo | 1',
    'CartPole-v1 {"a":[2],"b":1} | ppo | 1,2',
    'My-v0 (7 steps) | ppo | 1',
    'My-v0 (no limit) | ppo | 1',
    'Other-v0 | ppo | 1',
  ]);
});

test('of two runs of one seed the one that got further stays, then the finished one, then the last by path; the other is named', () => {
  const at = (path: string, steps: number, status: RunRecord['status'] = 'finished'): RunRecord =>
    makeRun({ path, points: [[steps, steps]], status });
  const kept = (...runs: RunRecord[]): string => {
    const orders = [runs, [...runs].reverse()].map((order) => {
      const report = analyze(order, { incomplete: true });
      assert.equal(
        report.leftOut.map(({ code }) => code),
        runs.slice(1).map(() => 'DUPLICATE_SEED'),
      );
      assert.match(report.leftOut[0]!.reason, 'same task, method and seed 1');
      return report.runs.map(({ path }) => path).join();
    });
    assert.is(orders[0], orders[1]);
    return orders[0]!;
  };
  assert.is(kept(at('b', 100), at('a', 200)), 'a');
  assert.is(kept(at('a', 100), at('b', 100, 'stopped')), 'a');
  assert.is(kept(at('a', 100), at('b', 100)), 'b');
  assert.is(kept(at('a', 100), at('c', 100), at('b', 300, 'unfinished')), 'b');
});

test('runs that have not finished are left out by name, and count on request', () => {
  const runs = [
    makeRun({ seed: 1, points: [[100, 1]] }),
    makeRun({ seed: 2, points: [[50, 2]], status: 'stopped', config: {} }),
    makeRun({ seed: 3, points: [[60, 3]], status: 'unfinished', config: {} }),
  ];
  const report = analyze(runs);
  assert.equal(groupsOf(report), ['CartPole-v1 | ppo | 1']);
  assert.equal(
    report.leftOut.map(({ code, reason }) => [code, reason.split(';')[0]]),
    [
      ['RUN_INCOMPLETE', 'it was stopped, after 50 steps'],
      ['RUN_INCOMPLETE', 'it is still going, or was killed, after 60 steps'],
    ],
  );
  const all = analyze(runs, { incomplete: true });
  assert.equal(groupsOf(all), ['CartPole-v1 | ppo | 1,2,3']);
  assert.equal(all.leftOut, []);
  assert.equal(
    all.runs.map(({ status }) => status),
    ['finished', 'stopped', 'unfinished'],
  );
  throwsError(() => analyze(runs.slice(1)), { code: 'NO_RUNS', says: ['No run has finished', '--incomplete'] });
});

test('seeds whose env was changed in between are said to differ', () => {
  const runs = [1, 2].map((seed) => makeRun({ seed, modules: { './my-env.ts': `hash${seed}` } }));
  assert.match(analyze(runs).notices.join(' '), "2 versions of the env's source");
});

test('common steps by hand: from the last beginning to the first end, with the last value at or before', () => {
  const a = curve([10, 1], [20, 2], [30, 3]);
  const b = curve([15, 5], [25, 6], [26, 7]);
  const steps = commonSteps([a, b], 100);
  assert.equal([...steps], [15, 20, 25, 26]);
  assert.equal([...valuesAt(a, steps)], [1, 2, 2, 2]);
  assert.equal([...valuesAt(b, steps)], [5, 5, 6, 7]);
  assert.equal([...commonSteps([a, b], 2)], [15, 26]);
  assert.equal([...commonSteps([a], 100)], [10, 20, 30]);
  assert.equal([...commonSteps([a, curve([40, 1])], 100)], []);
  assert.equal([...commonSteps([a, curve([30, 1], [50, 2])], 100)], [30]);
});

test('common steps are ascending, within all curves, ends included, and as many as asked for', () => {
  const steps = fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.array(steps, { minLength: 1, maxLength: 4 }), fc.integer({ min: 2, max: 20 }), (all, points) => {
      const curves = all.map((one) => curve(...one.sort((a, b) => a - b).map((at): [number, number] => [at, 2 * at])));
      const common = commonSteps(curves, points);
      const from = Math.max(...all.map((one) => one[0]!));
      const to = Math.min(...all.map((one) => one.at(-1)!));
      if (from > to) {
        assert.is(common.length, 0);
        return;
      }
      assert.is(common[0], from);
      assert.is(common.at(-1), to);
      assert.ok(common.length <= points);
      for (let k = 1; k < common.length; k++) assert.ok(common[k]! > common[k - 1]!);
      for (const one of curves) {
        const values = valuesAt(one, common);
        for (const [k, at] of common.entries()) {
          const wanted = Math.max(...[...one.steps].filter((step) => step <= at));
          assert.is(values[k], 2 * wanted);
        }
      }
    }),
  );
});

test('the curve and the score of a group are those of its runs', () => {
  const values = [4, 8, 1, 100];
  const runs = values.map((value, seed) =>
    makeRun({
      seed,
      points: [
        [10, seed],
        [20, value],
      ],
    }),
  );
  const { score, curve: shown } = analyze(runs, { reps: 300, seed: 5 }).groups[0]!;
  assert.equal(shown!.steps, [10, 20]);
  assert.equal(shown!.iqm.value, [1.5, 6]);
  const wanted = stratifiedBootstrap([values], aggregateIqm, { reps: 300, seed: 5 });
  for (const key of ['value', 'low', 'high'] as const) {
    assert.ok(Math.abs(score.iqm[key] - wanted[key]) < 1e-12);
    assert.ok(Math.abs(shown!.iqm[key][1]! - wanted[key]) < 1e-12);
  }
  assert.equal([score.mean, score.min, score.max], [28.25, 1, 100]);
  // Squares 588.0625, 410.0625, 742.5625 and 5148.0625, over 3.
  assert.ok(Math.abs(score.std! - Math.sqrt(6888.75 / 3)) < 1e-9);
  assert.is(analyze([runs[0]!]).groups[0]!.score.std, null);
});

test('runs without steps in common have no curve, and a notice', () => {
  const report = analyze([
    makeRun({
      seed: 1,
      points: [
        [10, 1],
        [20, 1],
      ],
    }),
    makeRun({ seed: 2, points: [[30, 1]] }),
  ]);
  assert.is(report.groups[0]!.curve, null);
  assert.match(report.notices.join(' '), 'no steps in common');
});

/** Random play 0 and a reference 10 on A; 100 and 300 on B; C has nobody to compare with. */
const table: ReferenceTable = {
  version: 1,
  envs: Object.fromEntries(
    [
      ['A-v0', 0, 10],
      ['B-v0', 100, 300],
      ['C-v0', 5, null],
    ].map(([id, random, reference]) => [
      id,
      {
        random: { score: random as number, std: 1, episodes: 100, seed: 0 },
        references:
          reference === null
            ? []
            : [{ name: 'them', score: reference as number, std: null, steps: null, source: 'here' }],
      },
    ]),
  ),
};
const scored = (id: string, algo: string, scores: readonly number[]): RunRecord[] =>
  scores.map((score, seed) =>
    makeRun({
      env: { id },
      algo,
      seed,
      points: [
        [10, score / 2],
        [20, score],
      ],
    }),
  );

test('normalised scores, aggregates, profiles and improvement by hand', () => {
  const runs = [
    ...scored('A-v0', 'x', [5, 10]),
    ...scored('B-v0', 'x', [200, 300, 400]),
    ...scored('A-v0', 'y', [0, 5]),
    ...scored('B-v0', 'y', [100, 100, 200]),
    ...scored('C-v0', 'y', [1]),
  ];
  const { normalized, tasks, improvement, groups, notices } = analyze(runs, { references: table, reps: 200 });
  assert.equal(
    tasks.map(({ label, notNormalized }) => [label, notNormalized]),
    [
      ['A-v0', null],
      ['B-v0', null],
      ['C-v0', 'no reference score is stored for it'],
    ],
  );
  assert.equal(normalized!.tasks, ['A-v0', 'B-v0']);
  const [x, y] = normalized!.aggregates;
  // On A 0.5 and 1; on B 0.5, 1 and 1.5.
  assert.equal(
    [x!.method, x!.runs, x!.mean.value, x!.median.value, x!.iqm.value],
    ['x', 5, 0.875, 0.875, (0.5 + 1 + 1) / 3],
  );
  assert.ok(Math.abs(x!.optimalityGap.value - 0.2) < 1e-12);
  assert.equal([y!.method, y!.runs], ['y', 5]);
  const wanted = stratifiedBootstrap(
    [
      [0.5, 1],
      [0.5, 1, 1.5],
    ],
    aggregateMean,
    { reps: 200 },
  );
  assert.equal(x!.mean, wanted);
  const { thresholds, profiles, efficiency } = normalized!;
  assert.equal([thresholds[0], thresholds.at(-1), thresholds.length], [0, 1.5, 101]);
  assert.is(profiles[0]!.band.value[0], 1);
  assert.is(profiles[1]!.band.value[0], 0.4);
  assert.equal(efficiency[0]!.curve.steps, [10, 20]);
  // Halfway on A 0.25 and 0.5; on B 0, 0.25 and 0.5: the first and the last go.
  assert.ok(Math.abs(efficiency[0]!.curve.iqm.value[0]! - (0.25 + 0.25 + 0.5) / 3) < 1e-12);
  const [pair] = improvement;
  assert.equal([pair!.x, pair!.y, pair!.tasks], ['x', 'y', ['A-v0', 'B-v0']]);
  const direct = probabilityOfImprovement(
    [
      [5, 10],
      [200, 300, 400],
    ],
    [
      [0, 5],
      [100, 100, 200],
    ],
    { reps: 200 },
  );
  assert.equal(pair!.probability, direct);
  assert.is(groups.find(({ task, method }) => task === 'A-v0' && method === 'x')!.score.normalizedIqm, 0.75);
  assert.equal(
    notices.filter((notice) => notice.includes('Aggregates')),
    [],
  );
});

test('methods are aggregated over the tasks that all of them were run on', () => {
  const uneven = analyze(
    [...scored('A-v0', 'x', [5, 5]), ...scored('B-v0', 'x', [300, 300]), ...scored('A-v0', 'y', [10, 10])],
    {
      references: table,
    },
  );
  assert.equal(uneven.normalized!.tasks, ['A-v0']);
  assert.is(uneven.normalized!.aggregates[0]!.mean.value, 0.5);
  assert.match(uneven.notices.join(' '), 'B-v0 is left out of them');
  const apart = analyze([...scored('A-v0', 'x', [5, 5]), ...scored('B-v0', 'y', [300, 300])], { references: table });
  assert.equal(
    apart.normalized!.aggregates.map(({ tasks }) => tasks),
    [['A-v0'], ['B-v0']],
  );
  assert.match(apart.notices.join(' '), 'which is no comparison');
  assert.equal(apart.improvement, []);
});

test('stored scores are of the env as it is registered, and of returns', () => {
  const why = (run: RunRecord, metric = METRIC): string | null => {
    const report = analyze([run], {}, metric);
    if (report.tasks[0]!.notNormalized !== null) assert.is(report.normalized, null);
    return report.tasks[0]!.notNormalized;
  };
  assert.is(why(makeRun()), null);
  assert.is(why(makeRun(), 'eval/mean_return'), null);
  assert.is(why(makeRun(), 'losses/entropy'), 'the metric is no return');
  assert.is(why(makeRun({ env: { kwargs: { x: 1 } } })), 'stored scores are of CartPole-v1 as it is registered');
  assert.is(why(makeRun({ env: { id: 'Mine-v0' } })), 'stored scores are of Mine-v0 as it is registered');
  assert.is(why(makeRun({ id: 'FrozenLake8x8-v1' })), 'no reference score is stored for it');
  const flat: ReferenceTable = {
    version: 1,
    envs: { 'A-v0': { ...table.envs['A-v0']!, random: { score: 10, std: 0, episodes: 1, seed: 0 } } },
  };
  assert.is(
    analyze(scored('A-v0', 'x', [1]), { references: flat }).tasks[0]!.notNormalized,
    'its reference is not above random play',
  );
});

test('the same runs give the same report in any order; another seed gives other intervals', () => {
  const runs = ['x', 'y']
    .flatMap((algo) => scored('A-v0', algo, [1, 5, 2, 8, 3]))
    .map((run, k) => ({ ...run, path: `r${k}` }));
  const text = (all: readonly RunRecord[], seed: number): string =>
    JSON.stringify(analyze(all, { references: table, seed }));
  assert.is(text(runs, 1), text([...runs].reverse(), 1));
  assert.is.not(text(runs, 1), text(runs, 2));
});

test('the interquartile mean of a group of one, two and three seeds is their mean', () => {
  for (const scores of [[3], [3, 4], [1, 2, 9]]) {
    assert.is(analyze(scored('A-v0', 'x', scores)).groups[0]!.score.iqm.value, interquartileMean(scores));
  }
  assert.match(analyze(scored('A-v0', 'x', [3])).notices.join(' '), 'Every group has a single seed');
});

test('a sweep of hundreds of settings with a seed each is reported in seconds, without its pairs', () => {
  const runs = Array.from({ length: 300 }, (_, k) =>
    makeRun({
      config: { lr: k },
      path: `r${k}`,
      points: Array.from({ length: 100 }, (_unused, p): [number, number] => [p + 1, p]),
    }),
  );
  const report = analyze(runs, { reps: 2000 });
  assert.is(report.groups.length, 300);
  assert.equal(report.improvement, []);
  assert.match(report.notices.join(' '), '300 methods are too many to compare each with each: at most 50 are.');
  assert.is(analyze(runs.slice(0, 50), { reps: 1 }).improvement.length, (50 * 49) / 2);
});

test('misuse', () => {
  const runs = [makeRun()];
  throwsError(() => analyzeRuns(undefined as never), { code: 'INVALID_OPTION', says: ['await loadRuns'] });
  throwsError(() => analyze([]), { code: 'NO_RUNS' });
  for (const points of [1, 0, 2.5, Number.NaN, 1e9]) {
    throwsError(() => analyze(runs, { points }), { code: 'INVALID_OPTION', says: ['points must be'] });
  }
  throwsError(() => analyze(runs, { reps: -1 }), { code: 'INVALID_OPTION', says: ['reps'] });
  throwsError(() => analyze(runs, { confidence: 1 }), { code: 'INVALID_OPTION', says: ['confidence'] });
  throwsError(() => analyze(runs, { seed: 0.5 }), { code: 'INVALID_SEED' });
});

test.run();
