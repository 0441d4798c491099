import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import type { GymkhanaError } from '../../src/core/errors.js';
import { makeVec, SyncVectorEnv } from '../../src/vector/index.js';

test('makeVec builds bare envs with the spec of the id', async () => {
  const env = await makeVec('CartPole-v1', { numEnvs: 3, maxEpisodeSteps: 20, envKwargs: { suttonBartoReward: true } });
  assert.ok(env instanceof SyncVectorEnv);
  assert.equal(
    [env.numEnvs, env.autoresetMode, env.spec?.id, env.spec?.maxEpisodeSteps],
    [3, 'same-step', 'CartPole-v1', 20],
  );
  const observations: Float32Array = env.reset({ seed: 1 }).observations;
  assert.is(observations.length, 12);
  assert.equal([...env.step(new Int32Array(3)).rewards], [0, 0, 0]);
  assert.is(
    (env as SyncVectorEnv<Float32Array, number>).envs[0]!.unwrapped,
    (env as SyncVectorEnv<Float32Array, number>).envs[0],
  );
});

test('Box actions', async () => {
  const env = await makeVec('Pendulum-v1', { numEnvs: 2, copy: false });
  env.reset({ seed: 1 });
  assert.is(env.step(Float32Array.of(0.5, -9)).observations.length, 6);
  assert.is(env.step(env.actionSpace.sample() as Float32Array).rewards.length, 2);
});

const misuse: readonly (readonly [string, () => Promise<unknown>, string, RegExp])[] = [
  [
    'no envs',
    () => makeVec('CartPole-v1', { numEnvs: 0 }),
    'INVALID_OPTION',
    /numEnvs as a whole number from 1, got 0/,
  ],
  ['half an env', () => makeVec('CartPole-v1', { numEnvs: 1.5 }), 'INVALID_OPTION', /got 1.5/],
  [
    'a mode that is not there',
    () => makeVec('CartPole-v1', { vectorizationMode: 'threads' as never }),
    'VECTOR_MODE_UNAVAILABLE',
    /"threads" is not there; sync, async, vector-entry-point are/,
  ],
  [
    'kwarg outside envKwargs',
    () => makeVec('CartPole-v1', { gravity: 3 } as never),
    'INVALID_OPTION',
    /no option 'gravity'.*envKwargs/,
  ],
  ['unknown kwarg', () => makeVec('CartPole-v1', { envKwargs: { gravity: 3 } }), 'UNKNOWN_ENV_OPTION', /gravity/],
  ['unknown env', () => makeVec('CartPoel-v1'), 'ENV_NOT_FOUND', /CartPole-v1/],
  ['unknown mode', () => makeVec('CartPole-v1', { autoresetMode: 'later' as never }), 'INVALID_OPTION', /same-step/],
  [
    'no batched class',
    () => makeVec('Pendulum-v1', { vectorizationMode: 'vector-entry-point' }),
    'VECTOR_MODE_UNAVAILABLE',
    /Pendulum-v1 has no vectorEntryPoint/,
  ],
  [
    "another mode than the batched class's",
    () => makeVec('CartPole-v1', { vectorizationMode: 'vector-entry-point', autoresetMode: 'same-step' }),
    'INVALID_OPTION',
    /autoresetMode 'next-step', got 'same-step'/,
  ],
  ['limit', () => makeVec('CartPole-v1', { maxEpisodeSteps: -1 }), 'INVALID_OPTION', /maxEpisodeSteps/],
];

for (const [name, call, code, message] of misuse) {
  test(`misuse: ${name}`, async () => {
    const error = await call().then(
      () => null,
      (reason: GymkhanaError) => reason,
    );
    assert.is(error?.code, code, error?.message);
    assert.match(error?.message ?? '', message);
    assert.is(error?.kind, 'usage');
  });
}

test.run();
