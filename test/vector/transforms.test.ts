import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import {
  Box,
  Discrete,
  makeVec,
  VectorFlattenObservation,
  VectorTransformAction,
  VectorTransformObservation,
} from '../../src/index.js';
import { throwsError } from '../support/misuse.js';

test('a function of batches of observations, the last of episodes included', async () => {
  const plain = await makeVec('CartPole-v1', { numEnvs: 2, maxEpisodeSteps: 3 });
  const env = new VectorTransformObservation(await makeVec('CartPole-v1', { numEnvs: 2, maxEpisodeSteps: 3 }), {
    func: (rows) => rows.map((value) => 2 * value),
    singleFunc: (row) => row.map((value) => 2 * value),
    singleObservationSpace: new Box(-1e6, 1e6, { shape: [4] }),
  });
  assert.is(String(env.observationSpace), 'Box(-1000000.0, 1000000.0, (2, 4), float32)');
  const twice = (rows: Float32Array): Float32Array => rows.map((value) => 2 * value);
  assert.equal(env.reset({ seed: 1 }).observations, twice(plain.reset({ seed: 1 }).observations));
  for (let t = 1; t <= 3; t++) {
    const [got, want] = [env.step(Int32Array.of(0, 1)), plain.step(Int32Array.of(0, 1))];
    assert.equal(got.observations, twice(want.observations));
    if (t === 3)
      assert.equal(
        got.infos.finalObs,
        want.infos.finalObs!.map((row) => twice(row as Float32Array)),
      );
  }
});

test('a function of batches of actions, with a space of its own', async () => {
  const plain = await makeVec('CartPole-v1', { numEnvs: 2 });
  const env = new VectorTransformAction(await makeVec('CartPole-v1', { numEnvs: 2 }), {
    func: (actions) => Int32Array.from(actions as Int32Array, (action) => 1 - action),
    singleActionSpace: new Discrete(2),
  });
  env.reset({ seed: 1 });
  plain.reset({ seed: 1 });
  assert.equal(env.step(Int32Array.of(0, 1)), plain.step(Int32Array.of(1, 0)));
});

test('composite observations become rows of numbers', async () => {
  const choices = {
    id: 'Choices-v0',
    moduleUrl: new URL('../fixtures/envs/choices.js', import.meta.url).href,
    exportName: 'ChoicesEnv',
    maxEpisodeSteps: null,
    rewardThreshold: null,
    nondeterministic: false,
    kwargs: {},
  };
  const inner = await makeVec(choices, { numEnvs: 3 });
  const plain = await makeVec(choices, { numEnvs: 3 });
  const env = new VectorFlattenObservation(inner);
  assert.equal(env.singleObservationSpace.shape, [4]);
  const rows = env.reset({ seed: 1 }).observations as Float64Array;
  const { bit, show } = plain.reset({ seed: 1 }).observations as { bit: Float32Array; show: Int32Array };
  for (let i = 0; i < 3; i++) {
    assert.equal(Array.from(rows.subarray(4 * i, 4 * i + 4)), [
      bit[i],
      ...[5, 6, 7].map((value) => (show[i] === value ? 1 : 0)),
    ]);
  }
  const cards = new VectorFlattenObservation(await makeVec('Blackjack-v1', { numEnvs: 2 }));
  assert.is((cards.reset({ seed: 1 }).observations as Int32Array).length, 2 * (32 + 11 + 2));
});

test('bad input', async () => {
  const env = await makeVec('CartPole-v1', { numEnvs: 2 });
  throwsError(() => new VectorTransformObservation(env, { func: 1 } as never), { code: 'INVALID_WRAPPER_OPTION' });
  throwsError(() => new VectorTransformObservation(env, { func: () => {}, fun: 1 } as never), {
    code: 'UNKNOWN_WRAPPER_OPTION',
  });
  throwsError(() => new VectorTransformAction(env, {} as never), { code: 'INVALID_WRAPPER_OPTION', says: ['func'] });
});

test.run();
