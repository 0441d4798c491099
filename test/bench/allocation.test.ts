import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { measureAllocation } from '../../scripts/bench/allocation.js';

test('a step allocates nothing in the rollout engine, in PPO and in a vector env; an episode ends with little', () => {
  const results = measureAllocation(250_000);
  const of = (what: string) => {
    const found = results.find((result) => result.what === what);
    assert.ok(found, what);
    assert.ok(found.steps >= 250_000, what);
    return found;
  };
  // An object a step would be 16 bytes or more.
  assert.ok(of('rollouts, still').bytesPerStep < 4, `rollouts: ${of('rollouts, still').bytesPerStep} bytes a step`);
  assert.ok(
    of('PPO iterations, still').bytesPerStep < 4,
    `PPO: ${of('PPO iterations, still').bytesPerStep} bytes a step`,
  );
  assert.ok(
    of('vector env, still').bytesPerStep < 1,
    `vector env: ${of('vector env, still').bytesPerStep} bytes a step`,
  );
  const ended = of('rollouts, CartPole');
  assert.ok(ended.episodes > 5_000);
  assert.ok(ended.bytes / ended.episodes < 300, `${ended.bytes / ended.episodes} bytes an episode`);
});

test.run();
