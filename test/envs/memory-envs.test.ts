// Tasks that need a memory: what is seen, what is hidden, what is paid, and that a controller with a memory solves them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import type { Env } from '../../src/core/env.js';
import type { Json } from '../../src/core/json.js';
import { constructEnv, make, spec } from '../../src/registration/index.js';
import { rejectsWith, throwsError } from '../support/misuse.js';

type Controller = (env: Env) => (observation: unknown) => unknown;

const numbers = (observation: unknown): number[] => Array.from(observation as Float32Array);
const chain = (length: number): Promise<Env> => constructEnv({ ...spec('MemoryChain-v0'), kwargs: { length } });

/** Return of one episode of each seed from 0 to 39. */
async function returnsOf(id: string, kwargs: { [name: string]: Json }, act: Controller | null): Promise<number[]> {
  const env = (await make(id, kwargs)) as Env;
  const { baselines } = env.unwrapped.constructor as { baselines?: Readonly<Record<string, Controller>> };
  const decide = (act ?? Object.values(baselines!)[0]!)(env.unwrapped);
  return Array.from({ length: 40 }, (_, seed) => {
    let total = 0;
    let { observation } = env.reset({ seed });
    for (let over = false; !over; ) {
      const result = env.step(decide(observation));
      observation = result.observation;
      total += result.reward;
      over = result.terminated || result.truncated;
    }
    return total;
  });
}

test('StatelessCartPole shows positions and angles of the same episodes as CartPole', async () => {
  for (const kwargs of [{}, { suttonBartoReward: true }]) {
    const whole = await make('CartPole-v1', kwargs);
    const part = await make('StatelessCartPole-v0', kwargs);
    const both = (observation: Float32Array): number[] => [observation[0]!, observation[2]!];
    for (let seed = 0; seed < 20; seed++) {
      const options = seed % 2 === 0 ? undefined : { low: -0.1, high: 0.02 };
      const start = whole.reset({ seed, options });
      assert.equal(numbers(part.reset({ seed, options }).observation), both(start.observation));
      whole.actionSpace.seed(seed);
      for (let over = false; !over; ) {
        const action = whole.actionSpace.sample();
        const [a, b] = [whole.step(action), part.step(action)];
        assert.equal(numbers(b.observation), both(a.observation));
        assert.equal([b.reward, b.terminated, b.truncated, b.info], [a.reward, a.terminated, a.truncated, a.info]);
        over = a.terminated || a.truncated;
      }
    }
  }
});

test('StatelessCartPole draws the scenes of CartPole', async () => {
  const [whole, part] = await Promise.all(['CartPole-v1', 'StatelessCartPole-v0'].map((id) => constructEnv(spec(id))));
  for (const env of [whole!, part!]) {
    env.reset({ seed: 3 });
    env.step(1);
  }
  assert.equal(part!.render(), whole!.render());
});

for (const length of [1, 2, 10, 1000]) {
  test(`MemoryChain of length ${length}: what each step shows and pays`, async () => {
    const env = await chain(length);
    for (let seed = 0; seed < 6; seed++) {
      const isRight = seed % 2 === 0;
      const first = numbers(env.reset({ seed }).observation);
      const context = first[2]!;
      assert.ok(context === 1 || context === -1);
      assert.equal(first.slice(0, 2), [1, length === 1 ? 1 : 0]);
      for (let step = 1; step <= length; step++) {
        const isLast = step === length;
        const action = (context + 1) / 2;
        const { observation, reward, terminated } = env.step(isRight || !isLast ? action : 1 - action);
        assert.equal(numbers(observation), [Math.fround(1 - step / length), step === length - 1 ? 1 : 0, 0]);
        assert.equal([reward, terminated], [isLast ? (isRight ? 1 : -1) : 0, isLast]);
      }
      assert.equal([env.step(0).reward, env.step(1).terminated], [0, true], 'after the end nothing is paid');
    }
  });
}

test('MemoryChain: both contexts are as frequent, so one answer for all is right by chance', async () => {
  const env = await chain(5);
  env.reset({ seed: 1 });
  let plus = 0;
  for (let k = 0; k < 2000; k++) if (numbers(env.reset().observation)[2] === 1) plus++;
  assert.ok(Math.abs(plus - 1000) < 4 * Math.sqrt(2000 / 4), `${plus} of 2000`);
  const always = await returnsOf('MemoryChain-v0', {}, () => () => 1);
  assert.ok(always.includes(1) && always.includes(-1));
});

const SOLVED: readonly [string, { [name: string]: Json }, number][] = [
  ['StatelessCartPole-v0', {}, 500],
  ['MemoryChain-v0', {}, 1],
  ['MemoryChain-v0', { length: 1 }, 1],
  ['MemoryChain-v0', { length: 1000 }, 1],
];
for (const [id, kwargs, expected] of SOLVED) {
  test(`${id} ${JSON.stringify(kwargs)}: the scripted controller gets ${expected} in every episode`, async () => {
    const returns = await returnsOf(id, kwargs, null);
    assert.equal(
      returns,
      returns.map(() => expected),
    );
  });
}

for (const id of ['StatelessCartPole-v0', 'MemoryChain-v0']) {
  test(`${id}: a snapshot goes on in another instance, and the bare env reuses its observation and result`, async () => {
    const [one, two] = [await constructEnv(spec(id)), await constructEnv(spec(id))];
    for (let steps = 0; steps < 10; steps++) {
      const { observation } = one.reset({ seed: steps });
      let result = null;
      for (let k = 0; k < steps; k++) result = one.step(k % 2);
      const restored = two.restore(JSON.parse(JSON.stringify(one.snapshot())) as ReturnType<Env['snapshot']>);
      assert.equal(restored.observation, observation);
      assert.equal(two.render(), one.render());
      const next = one.step(1);
      if (result !== null) assert.is(next, result);
      assert.is(next.observation, observation);
      assert.equal(two.step(1), next);
    }
  });
}

const BAD_OPTIONS: readonly [string, { [name: string]: unknown }, string, readonly string[]][] = [
  ['MemoryChain-v0', { length: 0 }, 'INVALID_ENV_OPTION', ['a whole number from 1 to 1000', 'got 0']],
  ['MemoryChain-v0', { length: 1001 }, 'INVALID_ENV_OPTION', ['MemoryChain', 'got 1001']],
  ['MemoryChain-v0', { length: 2.5 }, 'INVALID_ENV_OPTION', ['got 2.5']],
  ['MemoryChain-v0', { length: '10' }, 'INVALID_ENV_OPTION', ['got "10"']],
  ['MemoryChain-v0', { length: Number.NaN }, 'INVALID_ENV_OPTION', ["'length' is NaN"]],
  ['MemoryChain-v0', { lenght: 3 }, 'UNKNOWN_ENV_OPTION', ["Did you mean 'length'?", 'It takes: length']],
  ['StatelessCartPole-v0', { suttonBartoReward: 1 }, 'INVALID_ENV_OPTION', ['StatelessCartPole', 'true or false']],
  ['StatelessCartPole-v0', { gravity: 1 }, 'UNKNOWN_ENV_OPTION', ['StatelessCartPole has no option']],
];
for (const [id, kwargs, code, says] of BAD_OPTIONS) {
  test(`${id} refuses ${Object.entries(kwargs).map(([name, value]) => `${name}: ${String(value)}`)}`, async () => {
    await rejectsWith(() => make(id, kwargs as { [name: string]: Json }), { code, kind: 'usage', says });
  });
}

test('reset options: MemoryChain has none, those of StatelessCartPole are named after it', async () => {
  const [cart, sign] = [await constructEnv(spec('StatelessCartPole-v0')), await chain(3)];
  throwsError(() => cart.reset({ options: { low: 2, high: 1 } }), {
    code: 'INVALID_RESET_OPTION',
    kind: 'usage',
    says: ['StatelessCartPole', "'low' may not be above 'high'"],
  });
  throwsError(() => sign.reset({ options: { context: 1 } }), {
    code: 'INVALID_RESET_OPTION',
    kind: 'usage',
    says: ["MemoryChain: reset has no option 'context'", 'It takes none'],
  });
});

test.run();
