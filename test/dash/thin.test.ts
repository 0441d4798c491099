import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { thinCurve } from '../../src/dash/thin.js';

const curve = fc.array(fc.oneof({ weight: 5, arbitrary: fc.double({ noNaN: true }) }, fc.constant(Number.NaN)), {
  maxLength: 400,
});

test('a thinned curve has the peaks, the ends and the order of the whole, and no more points than asked for', () => {
  fc.assert(
    fc.property(curve, fc.integer({ min: 4, max: 120 }), (numbers, points) => {
      const values = Float64Array.from(numbers);
      const steps = values.map((_, i) => 10 * i + 7);
      const thin = thinCurve(steps, values, points);
      assert.ok(thin.steps.length <= points);
      assert.is(thin.steps.length, thin.values.length);
      thin.steps.forEach((step, k) => {
        assert.ok(k === 0 || step > thin.steps[k - 1]!, 'steps are in order, none twice');
        const value = values[steps.indexOf(step)]!;
        assert.is(thin.values[k], Number.isNaN(value) ? null : value);
      });
      const known = numbers.filter((value) => !Number.isNaN(value));
      const kept = thin.values.filter((value) => value !== null);
      if (known.length > 0) {
        assert.is(Math.max(...kept), Math.max(...known));
        assert.is(Math.min(...kept), Math.min(...known));
      }
      if (numbers.length > 0) {
        assert.is(thin.steps[0], 7);
        assert.is(thin.steps.at(-1), steps.at(-1));
      }
      if (numbers.length <= points) assert.is(thin.steps.length, numbers.length);
    }),
    { numRuns: 300 },
  );
});

test('one peak among ten thousand lines stays, and a gap is seen', () => {
  const values = new Float64Array(10_000).fill(1);
  values[7321] = 99;
  values.fill(Number.NaN, 2000, 4000);
  const steps = values.map((_, i) => i);
  const thin = thinCurve(steps, values, 100);
  assert.ok(thin.steps.includes(7321));
  assert.ok(thin.values.filter((value) => value === null).length >= 8);
});

test.run();
