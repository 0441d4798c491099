import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mlpNetwork } from '../../../src/network/init.js';
import type { Distribution } from '../../../src/network/spec.js';
import { Arena, load, normals, seeded } from './harness.js';

const BATCH = 128;

/**
 * Trains on a one-step task with nothing but the kernels, a reward for each (observation, action); returns the mean reward of
 * the last ten batches. Wrong constants, signs or scales anywhere between sampling and Adam show here.
 */
function train(distribution: Distribution, updates: number, reward: (x: number, action: number) => number): number {
  const spec = mlpNetwork({ observationSize: 1, hidden: [16], distribution });
  const generator = seeded(51);
  const arena = new Arena(1 << 20);
  const loaded = load(spec, generator, arena);
  loaded.mean.view.fill(0);
  loaded.invStd.view.fill(1);
  const { network, parameters, scratch, mean, invStd } = loaded;
  const { kernels } = arena;
  const count = parameters.view.length;
  const zeros = (size: number) => arena.floats(size, new Float32Array(size));
  const [first, second, gradient, stats] = [zeros(count), zeros(count), zeros(count), zeros(8)];
  const [observations, logProbs, values, returns] = [zeros(BATCH), zeros(BATCH), zeros(BATCH), zeros(BATCH)];
  const actions = arena.ints(BATCH);
  const floatActions = new Float32Array(arena.memory.buffer, actions.pointer, BATCH);
  const order = arena.ints(BATCH);
  const moments = arena.doubles(2);
  const recent: number[] = [];
  for (let update = 1; update <= updates; update += 1) {
    observations.view.set(normals(generator, BATCH));
    // biome-ignore format: operands in the kernel's order
    kernels.act(network, parameters.pointer, scratch.pointer, observations.pointer, BATCH, mean.pointer, invStd.pointer, 10,
      actions.pointer, logProbs.pointer, values.pointer, 1, 2, 0, update, 0, 0);
    returns.view.forEach((_, i) => {
      const action = distribution.type === 'categorical' ? actions.view[i]! : floatActions[i]!;
      returns.view[i] = reward(observations.view[i]!, action);
    });
    recent.push(returns.view.reduce((sum, r) => sum + r, 0) / BATCH);
    kernels.shuffle(order.pointer, BATCH, 1, 2, update, 1);
    kernels.meanStd(returns.pointer, order.pointer, BATCH, moments.pointer);
    // biome-ignore format: operands in the kernel's order
    kernels.gradient(network, parameters.pointer, scratch.pointer, order.pointer, BATCH, observations.pointer, mean.pointer,
      invStd.pointer, 10, actions.pointer, logProbs.pointer, returns.pointer, returns.pointer, values.pointer,
      moments.view[0]!, 1 / (moments.view[1]! + 1e-8), 1 / BATCH, 0.2, 0, 0, 0.5, gradient.pointer, stats.pointer);
    // biome-ignore format: operands in the kernel's order
    kernels.adam(parameters.pointer, first.pointer, second.pointer, gradient.pointer, 1, 0, count, 0.01, 0.9, 0.999, 1e-5,
      1 - 0.9 ** update, 1 - 0.999 ** update, 0.5);
  }
  return recent.slice(-10).reduce((sum, r) => sum + r, 0) / 10;
}

test('the kernels learn which of three intervals an observation lies in', () => {
  const right = (x: number): number => (x < -0.4 ? 2 : x < 0.4 ? 0 : 1);
  const mean = train({ type: 'categorical', actions: 3 }, 300, (x, action) => (action === right(x) ? 1 : 0));
  assert.ok(mean > 0.9, `mean reward ${mean}; chance is a third`);
});

test('the kernels learn a continuous response and to narrow their noise', () => {
  const mean = train({ type: 'gaussian', size: 1, logStdInit: 0 }, 400, (x, action) => -((action - Math.tanh(x)) ** 2));
  assert.ok(mean > -0.1, `mean reward ${mean}; it starts below -1`);
});

test.run();
