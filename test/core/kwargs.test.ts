// Keyword arguments: what a table lets through, and the text for what it does not.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { didYouMean, type KwargTable, readKwargs, ruleText } from '../../src/core/kwargs.js';
import { type ExpectedError, throwsError } from '../support/misuse.js';

const TABLE = {
  speed: { type: 'number', default: 1.5, min: 0, max: 9 },
  count: { type: 'number', default: 3, integer: true, min: 1 },
  loud: { type: 'boolean', default: true },
  mode: { type: 'enum', default: 'day', values: ['day', 'night'] },
  grip: { type: 'range', default: [1, 1], min: 0.1, max: 3 },
  delay: { type: 'range', default: [0, 0], integer: true, min: 0 },
  rewards: { type: 'numbers', default: [1, 0], length: 2 },
  rows: { type: 'strings', default: null },
} as const satisfies KwargTable;
const DEFAULTS = {
  speed: 1.5,
  count: 3,
  loud: true,
  mode: 'day',
  grip: [1, 1],
  delay: [0, 0],
  rewards: [1, 0],
  rows: null,
};

const GOOD: readonly [object, object][] = [
  [{}, {}],
  [{ speed: undefined, renderMode: 'scene' }, {}],
  [
    { speed: 0, loud: false },
    { speed: 0, loud: false },
  ],
  [
    { count: 12, mode: 'night' },
    { count: 12, mode: 'night' },
  ],
  [{ grip: 2 }, { grip: [2, 2] }],
  [
    { rewards: [0.5, -2], rows: ['a', ''] },
    { rewards: [0.5, -2], rows: ['a', ''] },
  ],
  [{ rows: null }, {}],
  [
    { grip: [0.5, 0.5], delay: [0, 3] },
    { grip: [0.5, 0.5], delay: [0, 3] },
  ],
];
for (const [given, change] of GOOD) {
  test(`takes ${JSON.stringify(given)}`, () => {
    assert.equal(readKwargs('Toy', given, TABLE), { ...DEFAULTS, ...change });
  });
}

const BAD: readonly [unknown, ExpectedError][] = [
  [
    { sped: 1 },
    { code: 'UNKNOWN_ENV_OPTION', says: ["Toy has no option 'sped'. Did you mean 'speed'? It takes: speed, count"] },
  ],
  [{ LOUD: true }, { code: 'UNKNOWN_ENV_OPTION', says: ["Did you mean 'loud'?"] }],
  [{ horizon: 1 }, { code: 'UNKNOWN_ENV_OPTION', says: ["no option 'horizon'. It takes:"] }],
  [{ constructor: 1 }, { code: 'UNKNOWN_ENV_OPTION', says: ["'constructor'"] }],
  [{ speed: '1' }, { code: 'INVALID_ENV_OPTION', says: ['option \'speed\' must be a number from 0 to 9, got "1".'] }],
  [{ speed: null }, { code: 'INVALID_ENV_OPTION', says: ['got null'] }],
  [{ speed: Number.NaN }, { code: 'INVALID_ENV_OPTION', says: ['got NaN'] }],
  [{ speed: Number.POSITIVE_INFINITY }, { code: 'INVALID_ENV_OPTION', says: ['got Infinity'] }],
  [{ speed: 9.01 }, { code: 'INVALID_ENV_OPTION', says: ['got 9.01'] }],
  [{ count: 1.5 }, { code: 'INVALID_ENV_OPTION', says: ['a whole number of at least 1, got 1.5'] }],
  [{ count: 0 }, { code: 'INVALID_ENV_OPTION' }],
  [{ loud: 1 }, { code: 'INVALID_ENV_OPTION', says: ['true or false, got 1'] }],
  [{ mode: 'dusk' }, { code: 'INVALID_ENV_OPTION', says: ["one of 'day', 'night', got \"dusk\""] }],
  [{ grip: [1] }, { code: 'INVALID_ENV_OPTION', says: ['a number from 0.1 to 3, or [low, high]', 'got [1]'] }],
  [{ grip: [2, 1] }, { code: 'INVALID_ENV_OPTION', says: ['low <= high'] }],
  [{ grip: [1, 4] }, { code: 'INVALID_ENV_OPTION' }],
  [{ delay: [0, 0.5] }, { code: 'INVALID_ENV_OPTION', says: ['a whole number of at least 0'] }],
  [{ rewards: [1] }, { code: 'INVALID_ENV_OPTION', says: ["'rewards' must be a list of 2 numbers, got [1]"] }],
  [{ rewards: [1, null] }, { code: 'INVALID_ENV_OPTION', says: ['got [1,null]'] }],
  [{ rewards: 1 }, { code: 'INVALID_ENV_OPTION', says: ['got 1'] }],
  [{ rows: 'a' }, { code: 'INVALID_ENV_OPTION', says: ["'rows' must be a list of texts, or null"] }],
  [{ rows: ['a', 1] }, { code: 'INVALID_ENV_OPTION', says: ['got ["a",1]'] }],
  [null, { code: 'INVALID_ENV_OPTION', says: ['takes its options as one object, got null'] }],
  [[1], { code: 'INVALID_ENV_OPTION', says: ['got [1]'] }],
  [7, { code: 'INVALID_ENV_OPTION', says: ['got 7'] }],
];
for (const [given, expected] of BAD) {
  test(`refuses ${JSON.stringify(given)}: ${expected.code}`, () => {
    throwsError(() => readKwargs('Toy', given as object, TABLE), { kind: 'usage', ...expected });
  });
}

test('a table without entries takes none', () => {
  throwsError(() => readKwargs('Toy', { x: 1 }, {}), {
    code: 'UNKNOWN_ENV_OPTION',
    says: ["has no option 'x'. It takes none."],
  });
});

test('didYouMean names the nearest, if one is near', () => {
  const known = ['CartPole-v1', 'Pendulum-v1', 'Acrobot-v1'];
  assert.is(didYouMean('cartpol-v1', known), "Did you mean 'CartPole-v1'?");
  assert.is(didYouMean('Pendlum-v1', known), "Did you mean 'Pendulum-v1'?");
  assert.is(didYouMean('Quadruped-v4', known), '');
  assert.is(didYouMean('x', []), '');
});

test('ruleText says what is allowed', () => {
  assert.is(ruleText({ type: 'number', default: 1 }), 'a number');
  assert.is(ruleText({ type: 'number', default: 1, max: 2 }), 'a number of at most 2');
  assert.is(ruleText(TABLE.delay), 'a whole number of at least 0, or [low, high] of such numbers with low <= high');
});

test.run();
