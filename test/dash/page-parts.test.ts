/** The parts of the dashboard's page that compute: filter, order, comparison, groups, curves, address. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { namePlaces, sortRows } from '../../src/dash/page/columns.js';
import { CurveStore } from '../../src/dash/page/curve-store.js';
import { parseFilter } from '../../src/dash/page/filter.js';
import { bytes, commonFolder, count, duration, plainLog } from '../../src/dash/page/format.js';
import { extentOf, projection, valueAt } from '../../src/dash/page/lines.js';
import { resample, smooth, summarize } from '../../src/dash/page/series.js';
import {
  compareSettings,
  differingNames,
  groupRuns,
  settingWords,
  tellingNames,
} from '../../src/dash/page/settings.js';
import { viewFromHash, viewToHash } from '../../src/dash/page/view.js';
import { madeRow } from '../support/dash.js';

const rows = [
  madeRow(0, {
    id: 'a/run-10',
    status: 'running',
    step: 40_000,
    settings: { learningRate: 0.001, seed: 0, 'env.gravity': 9.8 },
  }),
  madeRow(1, { id: 'a/run-9', env: 'My Env-v0', settings: { learningRate: 3e-4, seed: 1, 'env.gravity': 9.8 } }),
  madeRow(2, {
    id: 'b/Run-1',
    status: 'failed',
    problem: 'NOT_FINITE: NaN',
    meanReturn: null,
    settings: { learningRate: 0.001, seed: 2 },
  }),
];
const names = ['learningRate', 'seed', 'env.gravity'];
const fitting = (text: string): string[] => {
  const { fits } = parseFilter(text, names);
  return rows.filter(fits).map(({ id }) => id.slice(2));
};

test('the filter takes words, fields, comparisons, exclusions and quotes, all of which must hold', () => {
  const all = ['run-10', 'run-9', 'Run-1'];
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['', all],
    ['RUN-1', ['run-10', 'Run-1']],
    ['run-1 a/', ['run-10']],
    ['not_finite', ['Run-1']],
    ['seed:1', ['run-9']],
    ['seed:1 seed:2', []],
    ['status:running', ['run-10']],
    ['-status:running -failed', ['run-9']],
    ['lr>5e-4', ['run-10', 'Run-1']],
    ['learningrate<=3e-4', ['run-9']],
    ['step>=100k', ['run-9', 'Run-1']],
    ['step<0.1M', ['run-10']],
    ['gravity:9.8', ['run-10', 'run-9']],
    ['env.gravity!=9.8', ['Run-1']],
    ['env:"my env"', ['run-9']],
    ['env=CartPole-v1', ['run-10', 'Run-1']],
    ['env!=cartpole-v1', ['run-9']],
    ['mean>0', ['run-10', 'run-9']],
    ['mean:null', ['Run-1']],
    // Not finished yet, so no condition yet.
    ['seed:', all],
    ['"', all],
  ];
  for (const [text, wanted] of table) assert.equal(fitting(text), wanted, text);
});

test('a filter that cannot be meant says so', () => {
  assert.equal(parseFilter('nosuch:1', names).problems, ["No run has 'nosuch'."]);
  assert.equal(fitting('nosuch:1'), []);
  assert.match(parseFilter('lr>abc', names).problems[0]!, /'lr>abc': a number/);
  // No name of JavaScript's own is a field.
  for (const word of ['constructor:1', '__proto__:1', 'toString:1'])
    assert.is(parseFilter(word, names).problems.length, 1);
});

test('runs sort by a column with names in the order of their numbers, and those without a value last', () => {
  const places = namePlaces(rows.map(({ id }) => id));
  const sorted = (name: string, descending: boolean): string[] =>
    sortRows(rows, name, descending, places).map(({ id }) => id);
  assert.equal(sorted('id', false), ['a/run-9', 'a/run-10', 'b/Run-1']);
  assert.equal(sorted('meanReturn', true), ['a/run-9', 'a/run-10', 'b/Run-1']);
  assert.equal(sorted('meanReturn', false), ['a/run-10', 'a/run-9', 'b/Run-1']);
  assert.equal(sorted('status', false), ['a/run-10', 'b/Run-1', 'a/run-9']);
});

test('a comparison marks what is not the most common value', () => {
  const compared = compareSettings(rows);
  const rate = compared.find(({ name }) => name === 'learningRate')!;
  assert.equal(rate.texts, ['0.001', '0.0003', '0.001']);
  assert.equal(rate.unusual, [false, true, false]);
  assert.equal(compared.find(({ name }) => name === 'env.gravity')!.texts[2], '–');
  // Three values of three runs: none is the usual one.
  assert.equal(compared.find(({ name }) => name === 'seed')!.unusual, [true, true, true]);
  assert.equal(differingNames(rows), ['env', 'env.gravity', 'learningRate', 'seed']);
  assert.equal(differingNames(rows.slice(0, 1)), []);
  // One that waits knows only what it was given.
  const waiting = madeRow(4, { status: 'waiting', settings: { learningRate: 0.001 } });
  const withIt = compareSettings([rows[0]!, rows[0]!, waiting]).find(({ name }) => name === 'env.gravity')!;
  assert.equal([withIt.texts[2], withIt.differs], ['…', false]);
  assert.equal(differingNames([rows[0]!, waiting]), []);
  // A setting may be called as something that every object has.
  const odd = [1, 2].map((value) => madeRow(value, { settings: { constructor: value, toString: 1 } }));
  assert.equal(differingNames([...odd, madeRow(3, { settings: { x: 1 } })]), ['constructor', 'toString', 'x']);
});

test('a run is told apart by the values of the settings in which runs differ', () => {
  assert.is(settingWords(rows[0]!, ['env.gravity', 'learningRate', 'nosuch']), 'gravity 9.8 · learningRate 0.001');
  assert.is(settingWords(rows[2]!, ['env.gravity']), '');
});

test('runs that differ in nothing but the seed are one group', () => {
  const many = [0, 1, 2, 3].map((k) => madeRow(k, { settings: { learningRate: k < 2 ? 0.1 : 0.2, seed: k } }));
  const groups = groupRuns(many, 'settings');
  assert.equal(
    groups.map(({ label, rows: members }) => [label, members.length]),
    [
      ['learningRate 0.1', 2],
      ['learningRate 0.2', 2],
    ],
  );
  assert.equal(groupRuns(many.slice(0, 2), 'settings')[0]!.label, 'all runs');
  // Another env has a preset of its own, which does not tell its runs apart from each other.
  const other = madeRow(5, { env: 'Acrobot-v1', settings: { learningRate: 0.3, numEnvs: 64, seed: 1 } });
  const unread = madeRow(6, { env: 'CartPole-v1', settings: {} });
  assert.equal(
    groupRuns([...many, other, unread], 'settings').map(({ label }) => label),
    ['CartPole-v1 · learningRate 0.1', 'CartPole-v1 · learningRate 0.2', 'Acrobot-v1', 'CartPole-v1'],
  );
  assert.equal(tellingNames([...many, other])(other), []);
  assert.equal(
    groupRuns(many, { name: 'env' }).map(({ label }) => label),
    ['CartPole-v1'],
  );
});

const points = (steps: readonly number[], values: readonly number[]) => ({
  steps: Float64Array.from(steps),
  values: Float64Array.from(values),
});

test('smoothing is a moving average without the pull of a first value, and leaves gaps', () => {
  assert.equal(
    [...smooth(Float64Array.of(5, 5, 5), 0.9)].map((value) => value.toFixed(9)),
    ['5.000000000', '5.000000000', '5.000000000'],
  );
  const [first, gap, last] = smooth(Float64Array.of(0, Number.NaN, 1), 0.5);
  assert.is(first, 0);
  assert.ok(Number.isNaN(gap!));
  // (0.25 * 0 + 0.5 * 1) / 0.75, by hand.
  assert.ok(Math.abs(last! - 2 / 3) < 1e-12);
});

test('a group has the mean with its deviation, or the interquartile mean with the quartiles', () => {
  assert.equal(
    [...resample(points([0, 10], [0, 100]), Float64Array.of(-1, 0, 5, 10, 11))],
    [Number.NaN, 0, 50, 100, Number.NaN],
  );
  const flat = [1, 2, 3, 4, 100].map((value) => points([0, 100], [value, value]));
  const mean = summarize(flat, 'mean');
  assert.is(mean.values[0], 22);
  // The sample's deviation: statistics.stdev of Python 3 gives 43.61765697512899
  assert.ok(Math.abs(mean.high[0]! - (22 + 43.617656975129)) < 1e-9);
  const iqm = summarize(flat, 'iqm');
  assert.is(iqm.values[0], 3);
  assert.equal([iqm.low[0], iqm.high[0]], [2, 4]);
  // A shorter curve counts as far as it goes.
  const uneven = summarize([points([0, 100], [0, 0]), points([0, 50], [10, 10])], 'mean');
  assert.is(uneven.values[0], 5);
  assert.is(uneven.values.at(-1), 0);
  assert.is(uneven.steps.at(-1), 100);
  assert.is(summarize([], 'mean').steps.length, 0);
});

test('a logarithmic scale has no place for what is not above 0', () => {
  const line = {
    key: 'a',
    label: 'a',
    about: '',
    colour: 0,
    raw: null,
    band: null,
    points: points([0, 1, 2], [0, 1, 100]),
  };
  const extent = extentOf([line], true);
  assert.ok(extent.y[0] > 0 && extent.y[0] < 1 && extent.y[1] > 100);
  const to = projection({ x: [0, 2], y: [1, 100], log: true }, { width: 200, height: 100, ratio: 1 });
  assert.equal([to.x(1), to.y(100), to.y(10), to.y(1)], [100, 0, 50, 100]);
  assert.ok(Number.isNaN(to.y(0)));
  assert.is(valueAt(line.points, 1.5), 50.5);
  assert.is(valueAt(line.points, 3), null);
  const none = extentOf([], false);
  assert.ok(none.x[1] > none.x[0] && none.y[1] > none.y[0]);
});

test('live points follow those of the answer, whichever comes first, and a cut curve begins anew', () => {
  const store = new CurveStore();
  const live = (steps: readonly number[], restart = false) => [
    { id: 'a', steps, values: steps.map((step) => step * 2), of: 1, restart },
  ];
  store.append(live([30, 40]));
  assert.equal(store.missing(['a', 'b']), ['a', 'b']);
  store.put(['a', 'b'], [{ id: 'a', steps: [10, 20, 30], values: [1, null, 3], of: 3 }]);
  assert.equal([...store.points('a')!.steps], [10, 20, 30, 40]);
  assert.equal([...store.points('a')!.values], [1, Number.NaN, 3, 80]);
  assert.is(store.points('b'), null);
  assert.equal(store.missing(['a', 'b']), []);
  assert.is(store.append(live([35, 40])), false);
  store.append(live([15], true));
  assert.equal([...store.points('a')!.steps], [15]);
  // A curve that has grown long is asked for again, and stays until then.
  store.append(live(Array.from({ length: 2100 }, (_, k) => 100 + k)));
  assert.equal(store.missing(['a']), ['a']);
  assert.is(store.points('a')!.steps.length, 2101);
});

test('the address keeps the view, and one that is wrong is as none', () => {
  const view = {
    filter: 'env:"a b" & #x',
    sort: 'meanReturn',
    descending: true,
    chosen: ['a/b', 'c,d', 'e&f=<img>'],
    metric: 'losses/value_loss',
    group: 'by:env.gravity',
    summary: 'iqm',
    smoothing: 0.5,
    log: true,
    tab: 'compare',
    run: 'a/b',
    allSettings: true,
  } as const;
  assert.equal(viewFromHash(`#${viewToHash(view)}`), view);
  const empty = viewFromHash('');
  assert.equal(viewFromHash('#tab=nosuch&smooth=7&line=x&log=yes'), empty);
  assert.is(viewToHash(empty), '');
});

test('figures are short, and a log is what a terminal would show', () => {
  assert.equal([950, 65_536, 1_200_000, 2e9].map(count), ['950', '65.5k', '1.2M', '2G']);
  assert.equal([999, 52_000, 1.5e9].map(bytes), ['999 B', '52 kB', '1.5 GB']);
  assert.equal([4.25, 42, 185, 7800].map(duration), ['4.25 s', '42 s', '3:05 min', '2:10 h']);
  assert.equal([['a/b/c', 'a/b/d'], ['a/b/c', 'a/bc'], ['a', 'a/b'], ['a/b'], []].map(commonFolder), [
    'a/b/',
    'a/',
    '',
    'a/',
    '',
  ]);
  assert.is(plainLog('\u001b[1;32mok\u001b[0m 10%\r20%\r\nnext\u001b]0;title\u0007'), '20%\nnext');
});

test.run();
