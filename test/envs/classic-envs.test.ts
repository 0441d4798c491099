// What the recordings do not show: scripted baselines reach the goal, and stepping allocates no result.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import type { Env } from '../../src/core/env.js';
import { constructEnv, make, spec } from '../../src/registration/index.js';
import { throwsError } from '../support/misuse.js';

type Controller = (env: Env) => (observation: unknown) => unknown;

// Least mean return of 30 episodes: the thresholds of the tasks, a little less where the scripted law is simple.
const BASELINES: readonly [string, string, number][] = [
  ['CartPole-v1', 'balance', 500],
  ['MountainCar-v0', 'energy-pumping', -125],
  ['MountainCarContinuous-v0', 'energy-pumping', 89],
  ['Pendulum-v1', 'energy-pumping', -200],
  ['Acrobot-v1', 'energy-pumping', -100],
];
for (const [id, name, least] of BASELINES) {
  test(`${id}: '${name}' has a mean return of at least ${least}`, async () => {
    const env = await make(id);
    const { baselines } = env.unwrapped.constructor as { baselines?: Readonly<Record<string, Controller>> };
    const act = baselines![name]!(env.unwrapped);
    let total = 0;
    for (let episode = 0; episode < 30; episode++) {
      let { observation } = env.reset({ seed: 100 + episode });
      for (let over = false; !over; ) {
        const result = env.step(act(observation));
        observation = result.observation;
        total += result.reward;
        over = result.terminated || result.truncated;
      }
    }
    assert.ok(total / 30 >= least, `mean return ${total / 30}`);
  });

  test(`${id}: the bare env reuses its observation and result`, async () => {
    const env = await constructEnv(spec(id));
    env.actionSpace.seed(1);
    const { observation } = env.reset({ seed: 1 });
    const first = env.step(env.actionSpace.sample());
    assert.is(env.step(env.actionSpace.sample()), first);
    assert.is(first.observation, observation);
    assert.is(env.reset().observation, observation);
  });
}

test('reset options: unknown names, wrong values and crossed bounds', async () => {
  const env = await constructEnv(spec('CartPole-v1'));
  const refuse = (options: Record<string, never>, ...says: string[]): void =>
    throwsError(() => env.reset({ options }), { code: 'INVALID_RESET_OPTION', kind: 'usage', says });
  refuse({ hihg: 1 as never }, "no option 'hihg'", "Did you mean 'high'?", 'It takes: low, high');
  refuse({ low: '1' as never }, "'low' must be a finite number", 'got "1"');
  refuse({ low: Number.NaN as never }, 'got NaN');
  refuse({ low: 2 as never, high: 1 as never }, "'low' may not be above 'high'", 'got 2 and 1');
  env.reset({ options: { low: 0, high: 0 } });
  assert.equal(
    Array.from(env.reset({ options: { low: 0.5, high: 0.5 } }).observation as Float32Array),
    [0.5, 0.5, 0.5, 0.5],
  );
});

test('the pendulum under other gravity has its own baseline', async () => {
  const env = await make('Pendulum-v1', { g: 2 });
  const { baselines } = env.unwrapped.constructor as { baselines?: Readonly<Record<string, Controller>> };
  const act = baselines!['energy-pumping']!(env.unwrapped);
  let { observation } = env.reset({ seed: 1, options: { xInit: 3, yInit: 0 } });
  for (let k = 0; k < 150; k++) observation = env.step(act(observation) as Float32Array).observation;
  assert.ok(observation[0]! > 0.99, 'it stands');
});

test.run();
