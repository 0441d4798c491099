// Properties of wrappers: inverse maps, determinism, and the types that users see.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ClipAction,
  DiscretizeAction,
  DiscretizeObservation,
  type Env,
  make,
  NormalizeObservation,
  RescaleAction,
  RescaleObservation,
  StickyAction,
} from '../../src/index.js';

test('a rescaled observation rescaled back is the observation, to float32', async () => {
  const plain = await make('Pendulum-v1');
  const there = new RescaleObservation(await make('Pendulum-v1'), { minObs: [-3, 0, 2], maxObs: [5, 0.25, 90] });
  const back = new RescaleObservation(there, { minObs: [-1, -1, -8], maxObs: [1, 1, 8] });
  for (let seed = 0; seed < 200; seed++) {
    const expected = plain.reset({ seed }).observation;
    const { observation } = back.reset({ seed });
    expected.forEach((value, i) => {
      assert.ok(Math.abs(observation[i]! - value) < 1e-5, `seed ${seed}, element ${i}: ${value}, ${observation[i]}`);
    });
    assert.ok(there.observationSpace.contains(there.reset({ seed }).observation));
  }
});

test('bins and their centres are inverse', async () => {
  const action = new DiscretizeAction(await make('Pendulum-v1'), { bins: 7 });
  for (let bin = 0; bin < 7; bin++) assert.is(action.revertAction(action.action(bin)), bin);
  const observation = new DiscretizeObservation(await make('Pendulum-v1'), { bins: [4, 5, 6] });
  for (let cell = 0; cell < 120; cell++) {
    const [low, high] = observation.revertObservation(cell);
    assert.is(observation.observation(low.map((value, i) => (value + high[i]!) / 2)), cell);
  }
});

test('sticky actions come from the env: the same seed, the same episode', async () => {
  const play = async (): Promise<number[]> => {
    const env = new StickyAction(await make('CartPole-v1'), { repeatActionProbability: 0.5 });
    env.reset({ seed: 8 });
    return Array.from({ length: 12 }, (_, k) => [env.step(k % 2), env.lastAction][1] as number);
  };
  assert.equal(await play(), await play());
});

test('the types of a stack are inferred', async () => {
  const env: Env<Float32Array, number> = new NormalizeObservation(await make('CartPole-v1'));
  assert.is(env.reset({ seed: 1 }).observation.length, 4);
  const clipped = new ClipAction(new RescaleAction(await make('Pendulum-v1'), { minAction: -1, maxAction: 1 }));
  const observation: Float32Array = clipped.reset({ seed: 1 }).observation;
  assert.is(observation.length, 3);
  assert.ok(clipped.step(Float32Array.of(9)).reward <= 0);
});

test.run();
