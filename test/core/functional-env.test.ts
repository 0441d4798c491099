// Functional envs keep the contract of any env, and their snapshot is their state.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkEnv } from '../../src/check/check-env.js';
import type { EnvDocs } from '../../src/core/docs.js';
import { type FuncEnv, FunctionalEnv, fromFunctional } from '../../src/core/functional-env.js';
import { decodeState, encodeState } from '../../src/core/plain-state.js';
import { make, spec } from '../../src/registration/index.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { OrderEnforcing } from '../../src/wrappers/order-enforcing.js';
import { envContract } from '../contracts/env-contract.js';
import { FunctionalBall, PARAMS } from '../fixtures/envs/functional.js';
import { throwsError } from '../support/misuse.js';

const docs: EnvDocs = {
  task: '',
  start: '',
  reward: '',
  end: '',
  kwargs: PARAMS,
  resetOptions: {},
  constants: {},
  baselines: {},
  source: '',
};
envContract(spec('FunctionalBall-v0'), docs);

/** Counts up by the action. */
const counter: FuncEnv<{ readonly n: number }, Float32Array, number> = {
  observationSpace: new Box(0, 100, { shape: [1] }),
  actionSpace: new Discrete(3),
  initial: () => ({ n: 1 }),
  transition: ({ n }, action) => ({ n: n + action }),
  observation: ({ n }) => Float32Array.of(n),
  reward: (state, action, next) => 100 * state.n + 10 * action + next.n,
  terminal: ({ n }) => n >= 5,
};

test('step by step: state, action and next state reach each function', () => {
  const env = new FunctionalEnv(counter);
  assert.is(env.state, null);
  assert.is(env.render(), null);
  assert.equal(env.reset({ seed: 1 }), { observation: Float32Array.of(1), info: {} });
  assert.equal(env.step(2), {
    observation: Float32Array.of(3),
    reward: 100 + 20 + 3,
    terminated: false,
    truncated: false,
    info: {},
  });
  assert.equal(env.state, { n: 3 });
  const last = env.step(2);
  assert.equal([last.reward, last.terminated], [300 + 20 + 5, true]);
  assert.equal(env.metadata, {});
});

test('infos of state and transition are joined; options are parameters', async () => {
  const env = await make('FunctionalBall-v0', { push: 0 });
  env.reset({ seed: 2 });
  const { info } = env.step(2);
  assert.equal(Object.keys(info), ['side', 'moved']);
  assert.is((env.unwrapped as InstanceType<typeof FunctionalBall>).params.push, 0);
  assert.ok(Math.abs(Number(info['moved'])) < 0.02, 'no push');
});

test('the snapshot is the state, or a replay where the state is more than data', async () => {
  const env = await make('FunctionalBall-v0');
  env.reset({ seed: 3 });
  env.step(2);
  const snapshot = env.snapshot();
  assert.is(snapshot.episode, null);
  const next = env.step(0);
  const back = env.restore(JSON.parse(JSON.stringify(snapshot)));
  assert.equal(Object.keys(back.info), ['side', 'moved']);
  assert.equal(env.step(0), next);
  const withMap: FuncEnv<Map<string, number>, Float32Array, number> = {
    observationSpace: counter.observationSpace,
    actionSpace: counter.actionSpace,
    initial: () => new Map([['n', 1]]),
    transition: (state, action) => new Map([['n', state.get('n')! + action]]),
    observation: (state) => Float32Array.of(state.get('n')!),
    reward: () => 0,
    terminal: () => false,
  };
  const mapped = new OrderEnforcing(new FunctionalEnv(withMap));
  mapped.reset({ seed: 1 });
  mapped.step(2);
  const taken = mapped.snapshot();
  assert.equal(taken.episode?.actions, [2]);
  mapped.step(2);
  assert.equal(Array.from(mapped.restore(taken).observation), [3]);
});

test('it passes checkEnv', async () => {
  const { passed, results } = await checkEnv('FunctionalBall-v0', { seconds: 1 });
  assert.ok(passed, JSON.stringify(results.filter(({ status }) => status === 'fail')));
});

test('states go through JSON bit for bit', () => {
  const state = {
    a: [1, -0, Number.NaN, Number.NEGATIVE_INFINITY, 0.1],
    b: { f32: Float32Array.of(0.1, -0), f64: Float64Array.of(0.1), u8: Uint8Array.of(255), text: 'x', none: null },
    on: true,
  };
  assert.equal(decodeState(JSON.parse(JSON.stringify(encodeState(state)))), state);
  assert.ok(Object.is(decodeState(encodeState(-0)!) as number, -0));
  for (const value of [
    new Map(),
    () => 1,
    { f: () => 1 },
    { $x: 1 },
    new BigInt64Array(1),
    3n,
    new Date(0),
    Symbol.iterator,
  ]) {
    assert.is(encodeState(value), undefined, String(value));
  }
});

test('misuse', () => {
  const { reward: _reward, ...rest } = counter;
  throwsError(() => fromFunctional(rest as never), {
    code: 'INVALID_FUNC_ENV',
    kind: 'usage',
    says: ['missing: reward'],
  });
  throwsError(() => new FunctionalEnv(null as never), {
    code: 'INVALID_FUNC_ENV',
    says: ['missing: initial, transition'],
  });
  throwsError(() => new FunctionalEnv({ ...counter, actionSpace: null } as never), {
    code: 'INVALID_FUNC_ENV',
    says: ['missing: actionSpace'],
  });
  throwsError(() => new FunctionalEnv(counter).step(1), { code: 'RESET_NEEDED', kind: 'usage' });
  throwsError(() => new FunctionalEnv(counter).snapshot(), { code: 'RESET_NEEDED', kind: 'usage' });
  throwsError(() => new FunctionalEnv(counter).reset({ options: { x: 1 } }), {
    code: 'INVALID_RESET_OPTION',
    says: ["'x'"],
  });
  throwsError(() => new FunctionalBall({ pull: 1 } as never), {
    code: 'UNKNOWN_ENV_OPTION',
    says: ["FunctionalBall has no option 'pull'", "'push'"],
  });
});

test.run();
