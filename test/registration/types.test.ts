// Types are tests of the compiler: a line under `@ts-expect-error` that compiles is a build error.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { CartPoleEnv } from '../../envs/cartpole/cartpole.js';
import { Env, type ResetResult, type StepResult } from '../../src/core/env.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { type EnvTypes, make, register } from '../../src/registration/index.js';
import { Box, Discrete } from '../../src/spaces/index.js';

declare module '../../src/registration/env-types.js' {
  interface EnvTypes {
    'Typed-v0': { observation: Int32Array; action: number };
  }
}

/** Compiles only if both types are the same. */
function same<A, B>(_: [A] extends [B] ? ([B] extends [A] ? true : false) : false): void {}

class TypedEnv extends Env<Int32Array, number> {
  readonly observationSpace = new Box(0, 9, { shape: [2], dtype: 'int32' });
  readonly actionSpace = new Discrete(3);
  override reset(): ResetResult<Int32Array> {
    super.reset();
    return { observation: Int32Array.of(1, 2), info: {} };
  }
  step(action: number): StepResult<Int32Array> {
    return { observation: Int32Array.of(action, 2), reward: 0, terminated: false, truncated: false, info: {} };
  }
}
register({ id: 'Typed-v0', entryPoint: TypedEnv });

test('make infers observation and action of built-in ids', async () => {
  const env = await make('CartPole-v1');
  const { observation } = env.reset({ seed: 1 });
  same<typeof observation, Float32Array>(true);
  const result = env.step(1);
  same<typeof result, StepResult<Float32Array>>(true);
  const pendulum = await make('Pendulum-v1', { g: 9.81 });
  pendulum.reset({ seed: 1 });
  // @ts-expect-error a Box action is a typed array, not a number
  assert.throws(() => pendulum.step(1), /INVALID_ACTION|does not fit/);
  // @ts-expect-error a Discrete action is a number
  assert.throws(() => env.step(new Float32Array(1)), /does not fit/);
  // @ts-expect-error only documented render modes are known
  await make('CartPole-v1', { renderMode: 'hologram' }).catch((error: Error) =>
    assert.match(error.message, /hologram/),
  );
});

test('a module adds its own ids by declaration merging', async () => {
  same<EnvTypes['Typed-v0']['observation'], Int32Array>(true);
  const env = await make('Typed-v0');
  const { observation } = env.reset();
  same<typeof observation, Int32Array>(true);
  assert.equal(Array.from(observation), [1, 2]);
});

test('an id that is only known at run time gives unknown, or what the caller states', async () => {
  const id: string = 'CartPole-v1';
  const env = await make(id);
  const { observation } = env.reset();
  same<typeof observation, unknown>(true);
  const stated = await make<Float32Array, number>(id);
  same<ReturnType<typeof stated.step>['observation'], Float32Array>(true);
});

test('spaces and env agree in the class', () => {
  class Wrong extends Env<Float32Array, number> {
    // @ts-expect-error the observations of the class are float32
    readonly observationSpace = new Box(0, 1, { dtype: 'float64' });
    // @ts-expect-error the actions of the class are numbers
    readonly actionSpace = new Box(0, 1);
    step(): StepResult<Float32Array> {
      return { observation: new Float32Array(1), reward: 0, terminated: false, truncated: false, info: {} };
    }
  }
  assert.is(new Wrong().spec, null);
  // @ts-expect-error keyword arguments are typed
  assert.throws(() => new CartPoleEnv({ suttonBartoReward: 'yes' }), /true or false/);
});

test('keyword arguments get their types from the table', () => {
  const values = readKwargs(
    'Table',
    { mode: 'b', range: 2 },
    {
      speed: { type: 'number', default: 1 },
      fast: { type: 'boolean', default: false },
      mode: { type: 'enum', default: 'a', values: ['a', 'b'] },
      range: { type: 'range', default: [0, 1] },
    },
  );
  same<typeof values.speed, number>(true);
  same<typeof values.fast, boolean>(true);
  same<typeof values.mode, 'a' | 'b'>(true);
  same<typeof values.range, readonly [number, number]>(true);
  assert.equal(values, { speed: 1, fast: false, mode: 'b', range: [2, 2] });
});

test.run();
