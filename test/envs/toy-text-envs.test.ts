// What the recordings of the toy-text envs do not show: scripted baselines, text pictures, masks, and refusals.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { generateRandomMap } from '../../envs/frozen-lake/maps.js';
import { TabularEnv } from '../../envs/toy-text/tabular-env.js';
import { categoricalIndex, type Outcome, TransitionTable } from '../../envs/toy-text/transition-table.js';
import { optimalBaseline } from '../../envs/toy-text/value-iteration.js';
import type { Env } from '../../src/core/env.js';
import type { Json } from '../../src/core/json.js';
import { constructEnv, make, spec } from '../../src/registration/index.js';
import { type ExpectedError, rejectsWith, throwsError } from '../support/misuse.js';

type Controller = (env: Env) => (observation: unknown) => unknown;

/** The mean return of a scripted baseline. */
async function meanReturn(id: string, kwargs: Record<string, Json>, name: string, episodes: number): Promise<number> {
  const env = await make(id, kwargs);
  const { baselines } = env.unwrapped.constructor as { baselines?: Readonly<Record<string, Controller>> };
  const act = baselines![name]!(env.unwrapped);
  let total = 0;
  for (let episode = 0; episode < episodes; episode++) {
    let { observation } = env.reset({ seed: 100 + episode });
    for (let over = false; !over; ) {
      const result = env.step(act(observation));
      observation = result.observation;
      total += result.reward;
      over = result.terminated || result.truncated;
    }
  }
  return total / episodes;
}

// Least and largest mean return: the known optimum, and three standard errors for the envs with chance.
const BASELINES: readonly [string, Record<string, Json>, number, number, number][] = [
  ['FrozenLake-v1', {}, 4000, 0.72, 0.76],
  ['FrozenLake-v1', { isSlippery: false }, 3, 1, 1],
  ['FrozenLake8x8-v1', {}, 2000, 0.85, 0.93],
  ['CliffWalking-v1', {}, 3, -13, -13],
  ['CliffWalkingSlippery-v1', {}, 300, -75, -45],
  ['Taxi-v4', {}, 2000, 7.75, 8.1],
  ['Taxi-v4', { isRainy: true }, 500, 1, 8],
  ['Taxi-v4', { ficklePassenger: true }, 500, 7, 9],
];
for (const [id, kwargs, episodes, least, most] of BASELINES) {
  test(`${id} ${JSON.stringify(kwargs)}: 'optimal' has a mean return from ${least} to ${most}`, async () => {
    const mean = await meanReturn(id, kwargs, 'optimal', episodes);
    assert.ok(mean >= least && mean <= most, `mean return ${mean}`);
  });
}

test("Taxi-v4: 'optimal' earns 7.93 on average over all 300 starts", async () => {
  const env = (await constructEnv(spec('Taxi-v4'))) as unknown as TabularEnv;
  const act = optimalBaseline(env);
  let [total, starts] = [0, 0];
  for (let start = 0; start < 500; start++) {
    const [passenger, destination] = [Math.floor(start / 4) % 5, start % 4];
    if (passenger === 4 || passenger === destination) continue;
    starts++;
    for (let state = start, over = false; !over; ) {
      const [[, next, reward, terminated]] = env.P[state]![act(state)]! as [Outcome];
      [state, over] = [next, terminated];
      total += reward;
    }
  }
  assert.is(starts, 300);
  assert.is((total / starts).toFixed(2), '7.93');
});

// The texts are those of Gymnasium's render_mode='ansi'.
test("FrozenLake-v1: 'ansi' shows the map, the cell in red and the last action", async () => {
  const env = await make('FrozenLake-v1', { isSlippery: false, renderMode: 'ansi' });
  env.reset({ seed: 0 });
  assert.is(env.render(), '\n\u001b[41mS\u001b[0mFFF\nFHFH\nFFFH\nHFFG\n');
  env.step(1);
  assert.is(env.render(), '  (Down)\nSFFF\n\u001b[41mF\u001b[0mHFH\nFFFH\nHFFG\n');
  env.step(2);
  assert.is(env.render(), '  (Right)\nSFFF\nF\u001b[41mH\u001b[0mFH\nFFFH\nHFFG\n');
});

test("CliffWalking-v1: 'ansi' shows the walker, the cliff and the goal", async () => {
  const env = await make('CliffWalking-v1', { renderMode: 'ansi' });
  env.reset({ seed: 0 });
  const plain = 'o  o  o  o  o  o  o  o  o  o  o  o\n';
  const cliff = 'C  C  C  C  C  C  C  C  C  C  T\n';
  assert.is(env.render(), `${plain.repeat(3)}x  ${cliff}\n`);
  env.step(0);
  assert.is(env.render(), `${plain.repeat(2)}x${plain.slice(1)}o  ${cliff}\n`);
});

test("Taxi-v4: 'ansi' shows taxi, passenger and destination in colours, and the last action", async () => {
  const env = await make('Taxi-v4', { renderMode: 'ansi' });
  // State 314: the taxi at row 3, column 0; the passenger at blue, bound for yellow.
  assert.is(env.reset({ seed: 0 }).observation, 314);
  const town = (first: string, fourth: string, fifth: string): string =>
    ['+---------+', first, '| : | : : |', '| : : : : |', fourth, fifth, '+---------+'].join('\n');
  const { row, column, passenger, destination } = { row: 3, column: 0, passenger: 3, destination: 2 };
  assert.is(((row * 5 + column) * 5 + passenger) * 4 + destination, 314);
  const waiting = '|\u001b[35mY\u001b[0m| : |\u001b[34;1mB\u001b[0m: |';
  const taxi = '|\u001b[43m \u001b[0m| : | : |';
  assert.is(env.render(), `${town('|R: | : :G|', taxi, waiting)}\n\n`);
  env.step(5);
  assert.is(env.render(), `${town('|R: | : :G|', taxi, waiting)}\n  (Dropoff)\n`);
  for (const action of [1, 2, 2, 2, 0, 0, 4]) env.step(action);
  const riding = '|\u001b[35mY\u001b[0m| : |\u001b[42mB\u001b[0m: |';
  assert.is(env.render(), `${town('|R: | : :G|', '| | : | : |', riding)}\n  (Pickup)\n`);
  env.step(1);
  const onTheWay = '| | : |\u001b[42m_\u001b[0m: |';
  assert.is(env.render(), `${town('|R: | : :G|', onTheWay, '|\u001b[35mY\u001b[0m| : |B: |')}\n  (North)\n`);
});

const TABULAR: readonly [string, Record<string, Json>][] = [
  ['FrozenLake-v1', {}],
  ['FrozenLake-v1', { isSlippery: false }],
  ['FrozenLake-v1', { successRate: 1 }],
  ['FrozenLake8x8-v1', { isSlippery: false }],
  ['CliffWalking-v1', {}],
  ['Taxi-v4', {}],
  ['Taxi-v4', { isRainy: true }],
];
for (const [id, kwargs] of TABULAR) {
  test(`${id} ${JSON.stringify(kwargs)}: a masked action changes nothing, an allowed one can`, async () => {
    const env = (await constructEnv({
      ...spec(id),
      kwargs: { ...spec(id).kwargs, ...kwargs },
    })) as unknown as TabularEnv;
    let masked = 0;
    for (const [state, row] of env.P.entries()) {
      const moves = row.map((outcomes) => outcomes.some(([p, next]) => p > 0 && next !== state));
      // A drop-off at the destination of a passenger who is already there, and other states that no episode goes through.
      const expected = moves.includes(true) ? moves.map(Number) : moves.map(() => 1);
      assert.equal(Array.from(env.table.mask(state)), expected, `state ${state}`);
      masked += expected.filter((allowed) => allowed === 0).length;
    }
    if (kwargs.isSlippery === false || kwargs.successRate === 1 || !id.startsWith('Frozen')) assert.ok(masked > 0);
  });
}

test('CliffWalkingSlippery-v1: all actions are allowed, since each may slip to a side', async () => {
  const env = (await constructEnv(spec('CliffWalkingSlippery-v1'))) as unknown as TabularEnv;
  for (let state = 0; state < 48; state++) assert.equal(Array.from(env.table.mask(state)), [1, 1, 1, 1]);
});

for (const id of ['FrozenLake-v1', 'CliffWalking-v1', 'Taxi-v4']) {
  test(`${id}: the bare env reuses its result but never its info; envs share their table`, async () => {
    const [env, other] = [await constructEnv(spec(id)), await constructEnv(spec(id))];
    assert.instance(env, TabularEnv);
    assert.is((env as unknown as TabularEnv).table, (other as unknown as TabularEnv).table);
    const start = env.reset({ seed: 1 });
    const mask = start.info.actionMask as Int8Array;
    mask.fill(0);
    assert.ok(
      (env.reset({ seed: 1 }).info.actionMask as Int8Array).includes(1),
      'a changed mask stays the caller’s own',
    );
    const first = env.step(0);
    const { info } = first;
    const second = env.step(0);
    assert.is(second, first);
    assert.is.not(second.info, info);
    assert.is.not(second.info.actionMask, info.actionMask);
  });
}

test('a draw beyond the sum of the probabilities takes the first outcome, as argmax does', () => {
  const sums = Float64Array.of(0.2, 0.5, 0.9);
  assert.equal(
    [0, 0.2, 0.49, 0.5, 0.89, 0.95].map((draw) => categoricalIndex(sums, 0, 3, draw)),
    [0, 1, 1, 2, 2, 0],
  );
});

test('a table of transitions that cannot be is refused', () => {
  const good = { states: 2, actions: 1, start: [1, 0], outcomes: (): Outcome[] => [[1, 0, 0, false]] };
  assert.equal(new TransitionTable(good).nested, [[[[1, 0, 0, false]]], [[[1, 0, 0, false]]]]);
  const refuse = (change: object, ...says: string[]): void =>
    throwsError(() => new TransitionTable({ ...good, ...change }), {
      code: 'INVALID_TRANSITIONS',
      kind: 'usage',
      says,
    });
  refuse({ outcomes: () => [] }, 'the sum 1 for action 0 in state 0', 'got 0');
  refuse({ outcomes: () => [[0.5, 0, 0, false]] }, 'got 0.5');
  refuse({ outcomes: () => [[1.5, 0, 0, false]] }, 'probabilities from 0 to 1', 'got 1.5');
  refuse({ outcomes: () => [[1, 2, 0, false]] }, 'a next state from 0 to 1', 'got 2');
  refuse({ outcomes: () => [[1, 0, Number.NaN, false]] }, 'a finite reward', 'got NaN');
  refuse({ start: [1] }, 'for each of 2 states', 'got 1');
  refuse({ start: [0.5, 0] }, 'for the starting states', 'got 0.5');
});

test('FrozenLake-v1: several starts are drawn alike, a map of any shape is played, and rewards follow the schedule', async () => {
  const desc = ['SFS', 'HFG'];
  const env = await make('FrozenLake-v1', { desc, isSlippery: false, rewardSchedule: [5, -2, -0.5] });
  assert.is(String(env.observationSpace), 'Discrete(6)');
  const starts = Array.from({ length: 400 }, (_, seed) => env.reset({ seed }).observation);
  const left = starts.filter((cell) => cell === 0).length;
  assert.equal([...new Set(starts)].sort(), [0, 2]);
  assert.ok(left > 150 && left < 250, `${left} of 400`);
  const outcome = (seed: number, action: number): unknown[] => {
    env.reset({ seed });
    const { observation, reward, terminated } = env.step(action);
    return [observation, reward, terminated];
  };
  const [west, east] = [starts.indexOf(0), starts.indexOf(2)];
  assert.equal(outcome(west, 1), [3, -2, true]);
  assert.equal(outcome(west, 2), [1, -0.5, false]);
  assert.equal(outcome(east, 1), [5, 5, true]);
});

const option = (says: readonly string[]): ExpectedError => ({ code: 'INVALID_ENV_OPTION', kind: 'usage', says });
const BAD_OPTIONS: readonly [string, Record<string, Json>, ExpectedError][] = [
  ['FrozenLake-v1', { desc: [] }, option(["'desc'", 'at least one row', 'got []'])],
  ['FrozenLake-v1', { desc: [''] }, option(['at least one row and one column'])],
  ['FrozenLake-v1', { desc: ['SF', 'FFG'] }, option(['rows of equal length', 'row 0 has 2 cells', 'got 3 in row 1'])],
  [
    'FrozenLake-v1',
    { desc: ['SF', 'xG'] },
    option(['only S (start), F (frozen), H (hole) and G (goal)', "'x' in row 1"]),
  ],
  ['FrozenLake-v1', { desc: ['FF', 'FG'] }, option(['needs a start, S'])],
  ['FrozenLake-v1', { desc: ['SF', 'FF'] }, option(['needs a goal, G'])],
  ['FrozenLake-v1', { desc: 'SFFG' }, option(["'desc' must be a list of texts, or null", 'got "SFFG"'])],
  ['FrozenLake-v1', { desc: [1, 2] }, option(["'desc' must be a list of texts"])],
  ['FrozenLake-v1', { mapName: '5x5' }, option(["one of '4x4', '8x8'", 'got "5x5"'])],
  ['FrozenLake-v1', { mapName: null }, option(["'mapName' must be one of", 'got null'])],
  ['FrozenLake-v1', { successRate: 1.5 }, option(["'successRate' must be a number from 0 to 1", 'got 1.5'])],
  ['FrozenLake-v1', { rewardSchedule: [1, 0] }, option(["'rewardSchedule' must be a list of 3 numbers", 'got [1,0]'])],
  ['FrozenLake-v1', { rewardSchedule: [1, 0, '0'] }, option(['a list of 3 numbers'])],
  ['FrozenLake-v1', { isSlipery: false }, { code: 'UNKNOWN_ENV_OPTION', says: ["Did you mean 'isSlippery'?"] }],
  ['CliffWalking-v1', { isSlippery: 'yes' }, option(['true or false', 'got "yes"'])],
  ['Taxi-v4', { rainyProbability: -0.1 }, option(["'rainyProbability' must be a number from 0 to 1"])],
  ['Taxi-v4', { fickle: true }, { code: 'UNKNOWN_ENV_OPTION', says: ["no option 'fickle'", 'ficklePassenger'] }],
];
for (const [id, kwargs, expected] of BAD_OPTIONS) {
  test(`${id} refuses ${JSON.stringify(kwargs)}`, () => rejectsWith(() => make(id, kwargs), expected));
}

for (const [id, n] of [
  ['FrozenLake-v1', 4],
  ['CliffWalking-v1', 4],
  ['Taxi-v4', 6],
] as const) {
  test(`${id} refuses actions that are none of its ${n}, unknown reset options and other render modes`, async () => {
    const env = await make(id as string);
    throwsError(() => env.step(0), { code: 'RESET_NEEDED', kind: 'usage', says: ['reset()'] });
    env.reset({ seed: 1 });
    for (const action of [-1, n, 0.5, Number.NaN, '0', null, undefined, [0]]) {
      throwsError(() => env.step(action), { code: 'INVALID_ACTION', kind: 'usage', says: [`Discrete(${n})`, id] });
    }
    throwsError(() => env.reset({ options: { low: 0 } }), {
      code: 'INVALID_RESET_OPTION',
      kind: 'usage',
      says: ["reset has no option 'low'", 'It takes none'],
    });
    await rejectsWith(() => make(id as string, { renderMode: 'human' as never }), {
      code: 'INVALID_RENDER_MODE',
      kind: 'usage',
      says: ['scene, ansi'],
    });
  });
}

test('generateRandomMap: maps without a seed differ, and wrong options are refused', () => {
  const maps = new Set(Array.from({ length: 5 }, () => generateRandomMap().join('')));
  assert.ok(maps.size > 1);
  assert.equal(generateRandomMap({ size: 2, p: 7, seed: 1 }), ['SF', 'FG']);
  const refuse = (options: Record<string, unknown>, ...says: string[]): void =>
    throwsError(() => generateRandomMap(options), { code: 'INVALID_OPTION', kind: 'usage', says });
  refuse({ size: 1 }, 'size must be a whole number from 2 to 1000', 'got 1');
  refuse({ size: 4.5 }, 'got 4.5');
  refuse({ p: 0 }, 'p must be a number above 0', 'got 0');
  refuse({ p: Number.NaN }, 'got NaN');
  throwsError(() => generateRandomMap({ seed: -1 }), { code: 'INVALID_SEED', kind: 'usage' });
  throwsError(() => generateRandomMap({ size: 5, p: 1e-9, seed: 1 }), {
    code: 'MAP_NOT_FOUND',
    says: ['Give a larger p or a smaller size'],
  });
});

test.run();
