import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Box } from '../../src/spaces/box.js';

const INF = Number.POSITIVE_INFINITY;

test('Boxes with equal bounds share them and nothing else', () => {
  const a = new Box([-1, -INF], [1, 2]);
  const b = new Box([-1, -INF], [1, 2]);
  assert.is(a.low, b.low);
  assert.is(a.high, b.high);
  a.seed(1);
  b.seed(2);
  assert.not.equal(a.sample(), b.sample());
});

test('Boxes that differ in a bound, dtype, shape or sign of zero do not', () => {
  const a = new Box([0, 0], [1, 1]);
  for (const b of [
    new Box([0, -0], [1, 1]),
    new Box([0, 0], [1, 2]),
    new Box([0, 0], [1, 1], { dtype: 'float64' }),
    new Box([0, 0], [1, 1], { shape: [2, 1] }),
  ]) {
    assert.is.not(a.low, b.low);
  }
  assert.is(JSON.stringify(new Box([-0], [1])), JSON.stringify(new Box([-0], [1])));
  assert.is.not(JSON.stringify(new Box([-0], [1])), JSON.stringify(new Box([0], [1])));
});

test('a whole bound at its dtype’s end and an infinite one stay apart', () => {
  const open = new Box(-INF, INF, { dtype: 'int8' });
  const closed = new Box(-128, 127, { dtype: 'int8' });
  assert.equal(open.low, closed.low);
  assert.not(open.boundedBelow[0]);
  assert.ok(closed.boundedBelow[0]);
});

test.run();
