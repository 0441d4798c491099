import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../../envs/index.js';
import { evaluatePolicy } from '../../../agents/common/evaluate.js';
import { Policy } from '../../../agents/common/policy.js';
import { choiceInputs, networkFor } from '../../../agents/common/problem.js';
import type { Env } from '../../../src/core/env.js';
import { GymkhanaError } from '../../../src/core/errors.js';
import { parameterLayout } from '../../../src/network/layout.js';
import { constructEnv, spec } from '../../../src/registration/index.js';
import { Box } from '../../../src/spaces/box.js';
import { Dict } from '../../../src/spaces/dict.js';
import { Discrete } from '../../../src/spaces/discrete.js';
import { MultiBinary } from '../../../src/spaces/multi-binary.js';
import { MultiDiscrete } from '../../../src/spaces/multi-discrete.js';
import { OneOf } from '../../../src/spaces/one-of.js';
import { Sequence } from '../../../src/spaces/sequence.js';
import type { Space } from '../../../src/spaces/space.js';
import { Text } from '../../../src/spaces/text.js';
import { Tuple } from '../../../src/spaces/tuple.js';

const OPTIONS = { hidden: [4], activation: 'tanh', logStdInit: 0 } as const;
const seeing = (observationSpace: Space): Env => ({ observationSpace, actionSpace: new Discrete(2) }) as unknown as Env;

const sizes: readonly [string, Space, number][] = [
  ['Discrete', new Discrete(5, { start: -2 }), 5],
  ['MultiDiscrete', new MultiDiscrete([2, 3]), 5],
  ['MultiBinary', new MultiBinary(4), 4],
  [
    'nested',
    new Dict({
      a: new Tuple([new Discrete(3), new Box(-1, 1, { shape: [2, 2] })]),
      b: new Dict({ c: new Discrete(2) }),
    }),
    9,
  ],
];
for (const [name, space, size] of sizes) {
  test(`${name} observations have as many inputs as flat elements`, () => {
    assert.is(networkFor(seeing(space), OPTIONS).observationSize, size);
  });
}

const refused: readonly [Space, string][] = [
  [new Text(3), 'observationSpace'],
  [new Dict({ ok: new Discrete(2), deep: new Tuple([new Discrete(2), new Text(3)]) }), 'observationSpace.deep[1]'],
  [new Dict({ list: new Sequence(new Discrete(2)) }), 'observationSpace.list'],
  [new Tuple([new OneOf([new Discrete(2), new Discrete(3)])]), 'observationSpace[0]'],
];
for (const [space, field] of refused) {
  test(`what cannot be flattened is named: ${field} of ${space}`, () => {
    try {
      networkFor(seeing(space), OPTIONS);
    } catch (error) {
      assert.ok(error instanceof GymkhanaError);
      assert.is(error.code, 'UNSUPPORTED_SPACE');
      assert.is(error.details.field, field);
      assert.ok(error.message.includes(field));
      return;
    }
    throw new Error('nothing was thrown');
  });
}

test('choices are told from measures, through nested spaces', () => {
  const space = new Dict({
    a: new Tuple([new Discrete(2), new Box(-1, 1, { shape: [3] })]),
    b: new Box(0, 1, { shape: [1] }),
    c: new MultiBinary(2),
  });
  assert.equal(choiceInputs(space), [0, 1, 6, 7]);
});

test('predict takes values of the space, one or a list, and refuses others', async () => {
  const observation = new Tuple([new Discrete(3), new Discrete(2)]);
  const network = networkFor(seeing(observation), OPTIONS);
  const parameters = Float32Array.from({ length: parameterLayout(network).count }, (_, i) => Math.sin(i * 7.3));
  const policy = await Policy.create(
    { network, parameters, normalization: null },
    { observation, action: new Discrete(2) },
  );
  const values = [0, 1, 2].flatMap((a) => [0, 1].map((b) => [a, b]));
  const single = values.map((value) => policy.predict(value));
  assert.equal([...(policy.predict(values) as Int32Array)], single);
  assert.is(new Set(single).size, 2);
  for (const wrong of [
    [3, 0],
    [],
    'x',
    [
      [0, 0],
      [0, 2],
    ],
  ]) {
    try {
      policy.predict(wrong);
    } catch (error) {
      assert.is((error as GymkhanaError).code, 'INVALID_OBSERVATION');
      continue;
    }
    throw new Error(`${JSON.stringify(wrong)} was taken`);
  }
});

test('an env without a time limit ends its evaluation although the policy walks in circles', async () => {
  const cliff = spec('CliffWalking-v1');
  const env = await constructEnv(cliff);
  const network = networkFor(env, OPTIONS);
  const parameters = new Float32Array(parameterLayout(network).count);
  const policy = await Policy.create(
    { network, parameters, normalization: null },
    { observation: env.observationSpace, action: env.actionSpace },
  );
  const result = await evaluatePolicy(policy, { spec: cliff, episodes: 1, seed: 0 });
  assert.is(result.meanLength, 10_000);
});

test.run();
