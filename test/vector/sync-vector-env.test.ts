import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CartPoleEnv } from '../../envs/cartpole/cartpole.js';
import { Env, type ResetResult, type StepResult } from '../../src/core/env.js';
import { GymkhanaError } from '../../src/core/errors.js';
import { Box, batchSpace, Discrete, type DType, MultiBinary, MultiDiscrete } from '../../src/spaces/index.js';
import { SyncVectorEnv } from '../../src/vector/index.js';
import { counter, ProbeEnv } from './probe-env.js';

function failing(call: () => unknown): GymkhanaError {
  try {
    call();
  } catch (error) {
    if (error instanceof GymkhanaError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('same-step: rows of the new episode, the last of the old in infos', () => {
  const info = (t: number) => ({ t });
  const env = new SyncVectorEnv([() => counter({ length: 2, info }), () => counter({ length: 3, info })]);
  assert.equal([...env.reset({ seed: 1 }).observations], [0, 0]);
  env.step([0, 1]);
  const { observations, terminations, truncations, infos } = env.step([0, 1]);
  assert.equal([...observations], [0, 2]);
  assert.equal(
    [[...terminations], [...truncations]],
    [
      [1, 0],
      [0, 0],
    ],
  );
  assert.equal(infos.finalObs, [Float32Array.of(2), null]);
  assert.equal(infos.finalInfo, [{ t: 2 }, null]);
  assert.equal(infos['t'], [0, 2]);
  assert.is(env.step([0, 0]).infos.finalObs?.[0], null, 'the other env ended');
});

test('next-step: the step after an end resets and ignores the action', () => {
  const envs = [counter({ length: 1 }), counter()];
  const env = new SyncVectorEnv(
    envs.map((one) => () => one),
    { autoresetMode: 'next-step' },
  );
  env.reset();
  const end = env.step([1, 1]);
  assert.equal(
    [[...end.observations], [...end.terminations]],
    [
      [1, 1],
      [1, 0],
    ],
  );
  assert.is(end.infos.finalObs, undefined);
  const next = env.step([1, 1]);
  assert.equal(
    [[...next.observations], [...next.rewards], [...next.terminations]],
    [
      [0, 2],
      [0, 1],
      [0, 0],
    ],
  );
  assert.equal([envs[0]!.actions.length, envs[1]!.actions.length], [1, 2]);
});

test('disabled: only the caller resets', () => {
  const envs = [counter({ length: 1 }), counter()];
  const env = new SyncVectorEnv(
    envs.map((one) => () => one),
    { autoresetMode: 'disabled' },
  );
  env.reset({ options: { low: 3 } });
  env.step([0, 0]);
  const error = failing(() => env.step([0, 0]));
  assert.is(error.code, 'EPISODE_OVER');
  assert.is(error.details.envIndex, 0);
  assert.match(error.message, /resetMask/);
  const { observations } = env.reset({ seed: [7, null], options: { resetMask: [true, false], low: 5 } });
  assert.equal([...observations], [0, 1]);
  assert.equal(envs[0]!.asked, [{ options: { low: 3 } }, { seed: 7, options: { low: 5 } }]);
  assert.is(envs[1]!.asked.length, 1);
  env.step([0, 0]);
});

test('a time limit truncates and does not terminate', () => {
  const env = new SyncVectorEnv([() => counter()], { maxEpisodeSteps: 2 });
  env.reset();
  assert.is(env.step([0]).truncations[0], 0);
  const end = env.step([0]);
  assert.equal([end.truncations[0], end.terminations[0], end.observations[0]], [1, 0, 0]);
  assert.equal(end.infos.finalObs, [Float32Array.of(2)]);
  assert.is(env.step([0]).truncations[0], 0);
});

test('one seed gives env i seed + i; a list gives each its own; none goes on', () => {
  const make = () => new SyncVectorEnv(Array.from({ length: 3 }, () => () => new CartPoleEnv()));
  const single = (seed: number): number[] => {
    const env = new CartPoleEnv();
    return [...env.reset({ seed }).observation, ...env.reset().observation];
  };
  for (const [seed, seeds] of [
    [42, [42, 43, 44]],
    [
      [5, 500, 50],
      [5, 500, 50],
    ],
  ] as const) {
    const env = make();
    const first = env.reset({ seed }).observations;
    const second = env.reset().observations;
    for (const [i, one] of seeds.entries()) {
      assert.equal([...first.subarray(4 * i, 4 * i + 4), ...second.subarray(4 * i, 4 * i + 4)], single(one));
    }
  }
});

test('results are copies unless asked otherwise', () => {
  for (const copy of [true, false]) {
    const env = new SyncVectorEnv([() => counter()], { copy });
    env.reset();
    const first = env.step([0]);
    const second = env.step([0]);
    assert.is(first.observations[0], copy ? 1 : 2);
    assert.is(first.observations === second.observations, !copy);
    assert.is(first.rewards === second.rewards, !copy);
  }
});

test('every space batches: rows, actions in every form, final values', () => {
  const spaces = [
    new Box([-1, -2], [1, 2]),
    new Box(-1, 1, { shape: [2, 2], dtype: 'float64' }),
    new Box(0, 255, { shape: [3], dtype: 'uint8' }),
    new Discrete(3),
    new Discrete(3, { start: -1 }),
    new MultiDiscrete([3, 4]),
    new MultiBinary([2, 2]),
  ];
  for (const space of spaces) {
    space.seed(11);
    const values: unknown[] = [];
    const probes = [0, 1, 2].map(
      () =>
        new ProbeEnv<unknown, unknown>({
          observationSpace: space,
          actionSpace: space,
          length: 2,
          observe: () => {
            const value = space.sample();
            values.push(value);
            return value;
          },
        }),
    );
    const env = new SyncVectorEnv<unknown, unknown>(probes.map((one) => () => one));
    const flat = (list: readonly unknown[]): number[] =>
      list.flatMap((value) => (typeof value === 'number' ? [value] : Array.from(value as ArrayLike<number>)));
    assert.equal(flat([env.reset().observations]), flat(values), `${space}`);
    env.actionSpace.seed(5);
    const batch = env.actionSpace.sample();
    const stepped = env.step(batch);
    assert.ok(env.actionSpace.contains(batch) && env.observationSpace.contains(stepped.observations), `${space}`);
    assert.equal(flat(probes.map((one) => one.actions[0])), flat([batch]), `${space}`);
    const rows = [0, 1, 2].map(() => space.sample());
    values.length = 0;
    const end = env.step(rows);
    assert.equal(flat(probes.map((one) => one.actions[1])), flat(rows), `${space}`);
    assert.equal(end.infos.finalObs, [values[0], values[2], values[4]], `${space}`);
    assert.equal(flat([end.observations]), flat([values[1], values[3], values[5]]), `${space}`);
  }
});

test('batch spaces have a leading axis and the bounds of each row', () => {
  assert.is(String(batchSpace(new Discrete(2), 3)), 'MultiDiscrete([2 2 2])');
  assert.is(String(batchSpace(new Discrete(2, { start: 4 }), 3)), 'MultiDiscrete([2 2 2], start=[4 4 4])');
  assert.is(
    String(batchSpace(new Box([0, -1], [1, 2]), 2)),
    'Box([[ 0. -1.]\n [ 0. -1.]], [[1. 2.]\n [1. 2.]], (2, 2), float32)',
  );
  assert.is(String(batchSpace(new MultiDiscrete([2, 3]), 2)), 'Box(0, [[1 2]\n [1 2]], (2, 2), int32)');
  assert.is(String(batchSpace(new MultiBinary([2, 2]), 3)), 'Box(0, 1, (3, 2, 2), int8)');
  const open = batchSpace(new Box(Number.NEGATIVE_INFINITY, [1, Number.POSITIVE_INFINITY]), 2) as Box<DType>;
  assert.equal(open.boundedAbove, [true, false, true, false]);
});

test('an action beyond a Box reaches the env, which clips it', () => {
  const probe = new ProbeEnv({
    observationSpace: new Box(0, 1),
    actionSpace: new Box(-1, 1),
    observe: () => Float32Array.of(0),
  });
  const env = new SyncVectorEnv([() => probe]);
  env.reset();
  env.step(Float32Array.of(3));
  assert.equal(probe.actions, [Float32Array.of(3)]);
});

test('render and close reach every env; closing twice is fine', () => {
  const probes = [counter(), counter()];
  const env = new SyncVectorEnv(probes.map((one) => () => one));
  env.reset();
  assert.equal(env.render(), ['step 0', 'step 0']);
  env.close();
  env.close();
  assert.equal(
    probes.map((one) => one.closes),
    [1, 1],
  );
  for (const call of [() => env.step([0, 0]), () => env.reset(), () => env.render()]) {
    assert.is(failing(call).code, 'VECTOR_ENV_CLOSED');
  }
});

class ForgetfulEnv extends Env<Float32Array, number> {
  readonly observationSpace = new Box(0, 1);
  readonly actionSpace = new Discrete(2);
  override reset(): ResetResult<Float32Array> {
    return { observation: Float32Array.of(0), info: {} };
  }
  override step(): StepResult<Float32Array> {
    return { observation: Float32Array.of(0), reward: 0, terminated: false, truncated: false, info: {} };
  }
}

function started(...envs: ProbeEnv<Float32Array, number>[]): SyncVectorEnv<Float32Array, number> {
  const env = new SyncVectorEnv(envs.map((one) => () => one));
  env.reset();
  return env;
}

function thrower(): never {
  throw new TypeError('no road');
}

const misuse: readonly (readonly [string, () => unknown, string, RegExp])[] = [
  ['no envs', () => new SyncVectorEnv([]), 'INVALID_OPTION', /at least one function.*got an Array of length 0/],
  [
    'an env instead of a function',
    () => new SyncVectorEnv([counter()] as never),
    'INVALID_OPTION',
    /function that builds/,
  ],
  [
    'unknown mode',
    () => new SyncVectorEnv([() => counter()], { autoresetMode: 'never' as never }),
    'INVALID_OPTION',
    /same-step, next-step, disabled, got "never"/,
  ],
  [
    'limit of 0',
    () => new SyncVectorEnv([() => counter()], { maxEpisodeSteps: 0 }),
    'INVALID_OPTION',
    /maxEpisodeSteps .* got 0/,
  ],
  [
    'other spaces',
    () => new SyncVectorEnv([() => counter(), () => counter({ observationSpace: new Box(0, 1) })]),
    'SPACE_MISMATCH',
    /env 1 has Box\(0.0, 1.0/,
  ],
  ['step first', () => new SyncVectorEnv([() => counter()]).step([0]), 'RESET_NEEDED', /before reset/],
  [
    'mask first',
    () => new SyncVectorEnv([() => counter()]).reset({ options: { resetMask: [true] } }),
    'RESET_NEEDED',
    /before the first reset/,
  ],
  [
    'mask too short',
    () => started(counter(), counter()).reset({ options: { resetMask: [true] } }),
    'INVALID_RESET_OPTION',
    /2 booleans/,
  ],
  [
    'mask of numbers',
    () => started(counter()).reset({ options: { resetMask: [1] } }),
    'INVALID_RESET_OPTION',
    /booleans/,
  ],
  [
    'empty mask',
    () => started(counter()).reset({ options: { resetMask: [false] } }),
    'INVALID_RESET_OPTION',
    /at least one true/,
  ],
  ['too few seeds', () => started(counter(), counter()).reset({ seed: [1] }), 'INVALID_SEED', /list of 2 seeds/],
  ['negative seed', () => started(counter()).reset({ seed: -1 }), 'INVALID_SEED', /got -1/],
  [
    'too few actions',
    () => started(counter(), counter()).step([0]),
    'INVALID_ACTION',
    /2 actions.*got an Array of length 1/,
  ],
  ['no actions', () => started(counter()).step(undefined as never), 'INVALID_ACTION', /got undefined/],
  [
    'action outside',
    () => started(counter(), counter()).step([0, 2]),
    'INVALID_ACTION',
    /env 1 as whole numbers from 0 to 1 .* got 2/,
  ],
  ['fractional action', () => started(counter()).step([0.5]), 'INVALID_ACTION', /env 0 .* got 0.5/],
  ['NaN action', () => started(counter()).step([Number.NaN]), 'INVALID_ACTION', /got NaN/],
  ['text action', () => started(counter()).step(['0'] as never), 'INVALID_ACTION', /env 0/],
  [
    'throws in step',
    () => started(counter(), counter({ reward: thrower })).step([0, 0]),
    'ENV_THREW',
    /ProbeEnv \(env 1, step 1 of its episode\) threw TypeError: no road/,
  ],
  ['throws in reset', () => started(counter({ observe: thrower })), 'ENV_THREW', /env 0, in reset/],
  ['NaN reward', () => started(counter({ reward: () => Number.NaN })).step([0]), 'INVALID_REWARD', /reward NaN/],
  [
    'NaN observation',
    () => started(counter({ observe: (t) => Float32Array.of(t / t) })),
    'INVALID_OBSERVATION',
    /got NaN/,
  ],
  [
    'leaves its space',
    () => started(counter({ observe: () => Float32Array.of(101) })),
    'INVALID_OBSERVATION',
    /from -100 to 100, got 101/,
  ],
  [
    'observation too long',
    () => started(counter({ observe: () => new Float32Array(2) })),
    'INVALID_OBSERVATION',
    /length 1, got a Float32Array of length 2/,
  ],
  [
    'no observation',
    () => started(counter({ observe: () => undefined as never })),
    'INVALID_OBSERVATION',
    /got undefined/,
  ],
  [
    'reset without super',
    () => new SyncVectorEnv([() => new ForgetfulEnv()]).reset(),
    'RESET_WITHOUT_SUPER',
    /super.reset/,
  ],
];

for (const [name, call, code, message] of misuse) {
  test(`misuse: ${name}`, () => {
    const error = failing(call);
    assert.is(error.code, code, error.message);
    assert.match(error.message, message);
  });
}

test('one object twice is an error', () => {
  const one = counter();
  const error = failing(() => new SyncVectorEnv([() => one, () => one]));
  assert.is(error.code, 'INVALID_OPTION');
  assert.match(error.message, /same object/);
});

test('NaN and wrong types in Box actions name the env', () => {
  const box = new Box(-1, 1, { shape: [2] });
  const make = () =>
    new ProbeEnv({ observationSpace: new Box(0, 1), actionSpace: box, observe: () => Float32Array.of(0) });
  const env = new SyncVectorEnv([make, make]);
  env.reset();
  for (const [actions, message] of [
    [Float32Array.of(0, 0, 0, Number.NaN), /env 1 as finite numbers .* got NaN/],
    [Float32Array.of(0, Number.POSITIVE_INFINITY, 0, 0), /env 0 .* got Infinity/],
    [new Float32Array(3), /4 elements .* got a Float32Array of length 3/],
    [new Float64Array(4), /a Float32Array of 4 elements or a list of 2 actions .* got a Float64Array/],
    [[new Float32Array(2)], /got an Array of length 1/],
    [[new Float32Array(2), new Float32Array(1)], /env 1 as a Float32Array of 2 elements/],
    [[new Float32Array(2), [0, 0]], /env 1 .* got an Array of length 2/],
  ] as const) {
    const error = failing(() => env.step(actions as never));
    assert.is(error.code, 'INVALID_ACTION');
    assert.match(error.message, message);
  }
});

test.run();
