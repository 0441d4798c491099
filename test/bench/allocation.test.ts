import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { measureAllocation } from '../../scripts/bench/allocation.js';

test('a step allocates nothing in the rollout engine, in PPO and in a vector env; an episode ends with little', () => {
  const results = measureAllocation(500_000);
  const of = (what: string) => {
    const found = results.find((result) => result.what === what);
    assert.ok(found, what);
    assert.ok(found.steps >= 500_000, what);
    return found;
  };
  // An object a step would be 16 bytes or more.
  assert.ok(of('rollouts, still').leastPerStep < 4, `rollouts: ${of('rollouts, still').leastPerStep} bytes a step`);
  assert.ok(
    of('PPO iterations, still').leastPerStep < 4,
    `PPO: ${of('PPO iterations, still').leastPerStep} bytes a step`,
  );
  assert.ok(
    of('vector env, still').leastPerStep < 1,
    `vector env: ${of('vector env, still').leastPerStep} bytes a step`,
  );
  // An episode has 25 steps here; its end may allocate what a record and a result of reset() take.
  const ended = of('rollouts, CartPole');
  assert.ok(ended.episodes > 5_000);
  assert.ok(ended.leastPerStep < 12, `CartPole: ${ended.leastPerStep} bytes a step`);
});

test.run();
