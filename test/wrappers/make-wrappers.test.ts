// OrderEnforcing and TimeLimit, by what they let through and what they refuse.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Env, type EnvMetadata, type ResetOptions } from '../../src/core/env.js';
import { Box, Discrete, type Space } from '../../src/spaces/index.js';
import { OrderEnforcing } from '../../src/wrappers/order-enforcing.js';
import { TimeLimit } from '../../src/wrappers/time-limit.js';
import { type ExpectedError, throwsError } from '../support/misuse.js';

/** Returns what it is told to. */
class Told extends Env<Float32Array, unknown> {
  readonly observationSpace = new Box([-1, -2], [1, 2]);
  readonly actionSpace: Space<unknown>;
  override readonly metadata: EnvMetadata = {
    fields: {
      observation: [
        { name: 'height', unit: 'm', low: -1, high: 1, about: 'Height.' },
        { name: 'speed', unit: 'm/s', low: -2, high: 2, about: 'Speed.' },
      ],
      action: [],
    },
  };
  readonly row = new Float32Array(2);
  readonly facts: Record<string, unknown> = { lap: 1 };
  resetResult: unknown = { observation: this.row, info: this.facts };
  stepResult: unknown = { observation: this.row, reward: 0.5, terminated: false, truncated: false, info: this.facts };
  callsSuper = true;
  readonly actions: unknown[] = [];

  constructor(actionSpace: Space<unknown> = new Discrete(2)) {
    super();
    this.actionSpace = actionSpace;
  }
  override reset(options: ResetOptions = {}): never {
    if (this.callsSuper) super.reset(options);
    return this.resetResult as never;
  }
  override step(action: unknown): never {
    this.actions.push(action);
    return this.stepResult as never;
  }
}

const step = (change: object): object => ({
  observation: new Float32Array(2),
  reward: 0,
  terminated: false,
  truncated: false,
  info: {},
  ...change,
});

test('step before reset', () => {
  throwsError(() => new OrderEnforcing(new Told()).step(0), {
    code: 'RESET_NEEDED',
    kind: 'usage',
    says: ['step() of Told was called before reset()', 'Call reset() first'],
  });
});

test('a reset that forgets super.reset, through wrappers too', () => {
  const env = new Told();
  env.callsSuper = false;
  const expected: ExpectedError = {
    code: 'RESET_WITHOUT_SUPER',
    kind: 'failure',
    says: ['Told', 'super.reset(options)'],
  };
  throwsError(() => new OrderEnforcing(env).reset({ seed: 1 }), expected);
  throwsError(() => new OrderEnforcing(new TimeLimit(env, 3)).reset(), expected);
});

const float = (...values: number[]): Float32Array => Float32Array.of(...values);
const ACTIONS: readonly [Space<unknown>, unknown, (string | RegExp)[] | null][] = [
  [new Discrete(2), 1, null],
  [new Discrete(2), 2, ['Discrete(2) of Told', 'expected a whole number from 0 to 1, got 2']],
  [new Discrete(2), Number.NaN, ['got NaN']],
  [new Discrete(2), 0.5, ['got 0.5']],
  [new Discrete(2), float(1), ['got a Float32Array']],
  [new Discrete(2), undefined, ['got undefined']],
  [new Discrete(2, { start: -1 }), -1, null],
  [new Box(-1, 1, { shape: [2] }), float(0, 1), null],
  [new Box(-1, 1, { shape: [2] }), float(-7, 30), null],
  [new Box(-1, 1, { shape: [2] }), float(0), ['expected a Float32Array of length 2']],
  [new Box(-1, 1, { shape: [2] }), float(0, 0, 0), ['length 2']],
  [new Box(-1, 1, { shape: [2] }), new Float64Array(2), ['expected a Float32Array', 'Float64Array']],
  [new Box(-1, 1, { shape: [2] }), [0, 0], ['Pass Float32Array.of(...) instead of a plain array']],
  [new Box(-1, 1, { shape: [2] }), float(0, Number.NaN), ['got NaN']],
  [new Box(-1, 1, { shape: [2] }), float(0, Number.POSITIVE_INFINITY), ['got Infinity']],
  [new Box(0, 9, { shape: [1], dtype: 'int32' }), Int32Array.of(4), null],
  [new Box(0, 9, { shape: [1], dtype: 'int32' }), float(4), ['expected a Int32Array']],
];
for (const [space, action, says] of ACTIONS) {
  test(`${space}: action ${JSON.stringify(action)} is ${says === null ? 'passed on' : 'refused'}`, () => {
    const env = new Told(space);
    const checked = new OrderEnforcing(env);
    checked.reset();
    if (says === null) {
      checked.step(action);
      assert.is(env.actions[0], action);
    } else {
      throwsError(() => checked.step(action), { code: 'INVALID_ACTION', kind: 'usage', says });
      assert.equal(env.actions, [], 'the env never saw it');
    }
  });
}

const RESULTS: readonly [string, unknown, ExpectedError][] = [
  [
    'NaN',
    step({ observation: float(0, Number.NaN) }),
    { code: 'INVALID_OBSERVATION', says: ['of Told at step 1', "'speed': expected -2 to 2, got NaN (element 1)"] },
  ],
  [
    'escape',
    step({ observation: float(1.5, 0) }),
    { code: 'INVALID_OBSERVATION', says: ["'height': expected -1 to 1, got 1.5"] },
  ],
  ['short', step({ observation: float(0) }), { code: 'INVALID_OBSERVATION', says: ['a Float32Array of length 2'] }],
  ['dtype', step({ observation: new Float64Array(2) }), { code: 'INVALID_OBSERVATION', says: ['Float64Array'] }],
  ['reward', step({ reward: Number.NaN }), { code: 'INVALID_REWARD', says: ['the reward NaN at step 1'] }],
  ['no reward', step({ reward: undefined }), { code: 'INVALID_REWARD', says: ['undefined'] }],
  ['flag', step({ terminated: 1 }), { code: 'INVALID_RESULT', says: ['true or false', 'terminated 1'] }],
  ['no info', step({ info: undefined }), { code: 'INVALID_RESULT', says: ['info as an object', 'got info undefined'] }],
  ['nothing', undefined, { code: 'INVALID_RESULT', says: ['step() of Told must return { observation, reward'] }],
  ['tuple', [float(0, 0), 0, false], { code: 'INVALID_RESULT' }],
  ['promise', Promise.resolve(), { code: 'INVALID_RESULT', says: ['a promise: reset and step are synchronous'] }],
];
for (const [name, result, expected] of RESULTS) {
  test(`a step that returns ${name}: ${expected.code}`, () => {
    const env = new Told();
    const checked = new OrderEnforcing(env);
    checked.reset();
    env.stepResult = result;
    throwsError(() => checked.step(0), { kind: 'failure', ...expected });
  });
}

test('a reset is checked as well', () => {
  const env = new Told();
  const checked = new OrderEnforcing(env);
  const table: readonly [unknown, ExpectedError][] = [
    [undefined, { code: 'INVALID_RESULT', says: ['reset() of Told must return { observation, info }'] }],
    [float(0, 0), { code: 'INVALID_RESULT' }],
    [{ observation: float(0, 0) }, { code: 'INVALID_RESULT', says: ['info as an object'] }],
    [
      { observation: float(0, 9), info: {} },
      { code: 'INVALID_OBSERVATION', says: ['in reset', "'speed'"] },
    ],
  ];
  for (const [result, expected] of table) {
    env.resetResult = result;
    throwsError(() => checked.reset(), expected);
  }
});

test("what comes out is the caller's own", () => {
  const env = new Told();
  const checked = new OrderEnforcing(env);
  const first = checked.reset();
  const second = checked.step(1);
  env.row.fill(0.25);
  env.facts['lap'] = 2;
  assert.equal(
    [Array.from(first.observation), Array.from(second.observation)],
    [
      [0, 0],
      [0, 0],
    ],
  );
  assert.equal([first.info['lap'], second.info['lap']], [1, 1]);
  first.observation[0] = 9;
  assert.is(env.row[0], 0.25);
});

test('stepping on after the end is allowed and may leave the space, but not with NaN', () => {
  const env = new Told();
  const checked = new OrderEnforcing(env);
  checked.reset();
  env.stepResult = step({ terminated: true });
  checked.step(0);
  env.stepResult = step({ observation: float(7, 7) });
  assert.is(checked.step(0).observation[0], 7);
  env.stepResult = step({ observation: float(Number.NaN, 7) });
  throwsError(() => checked.step(0), { code: 'INVALID_OBSERVATION', says: ["'height'", 'step 3'] });
  env.stepResult = step({ observation: float(7, 7) });
  checked.reset();
  throwsError(() => checked.step(0), { code: 'INVALID_OBSERVATION' });
});

test('TimeLimit truncates at the limit, from reset to reset, and keeps terminated', () => {
  const env = new Told();
  const limited = new TimeLimit(new OrderEnforcing(env), 3);
  for (let episode = 0; episode < 2; episode++) {
    limited.reset();
    assert.equal(
      [0, 1, 2, 3].map(() => limited.step(0).truncated),
      [false, false, true, true],
    );
  }
  limited.reset();
  limited.step(0);
  limited.step(0);
  env.stepResult = step({ terminated: true });
  const last = limited.step(0);
  assert.equal([last.terminated, last.truncated], [true, true]);
  for (const limit of [0, -1, 1.5, Number.NaN]) {
    throwsError(() => new TimeLimit(env, limit), { code: 'INVALID_OPTION', kind: 'usage', says: [String(limit)] });
  }
});

test("wrappers pass through what is the env's", () => {
  const env = new Told();
  const wrapped = new TimeLimit(new OrderEnforcing(env), 3);
  assert.is(wrapped.unwrapped, env);
  assert.is(wrapped.observationSpace, env.observationSpace);
  assert.is(wrapped.actionSpace, env.actionSpace);
  assert.is(wrapped.metadata, env.metadata);
  wrapped.reset({ seed: 5 });
  assert.is(wrapped.rng, env.rng);
  assert.is(wrapped.render(), null);
  wrapped.close();
});

test.run();
