import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../../src/core/json.js';
import { combinations } from '../../../src/runs/launch/axes.js';
import { throwsError } from '../../support/misuse.js';

const none = { samples: null, seed: 0 };

test('grids are crossed, the last one fastest; lists go together; fixed settings stay', () => {
  const found = combinations(
    { a: { grid: [1, 2] }, b: { grid: ['x', 'y'] }, c: { list: [10, 20] }, d: { list: [[1], [2]] }, e: 5 },
    none,
  );
  assert.is(found.length, 8);
  assert.equal(
    found.map(({ varied }) => [varied['a'], varied['b'], varied['c']]),
    [
      [1, 'x', 10],
      [1, 'x', 20],
      [1, 'y', 10],
      [1, 'y', 20],
      [2, 'x', 10],
      [2, 'x', 20],
      [2, 'y', 10],
      [2, 'y', 20],
    ],
  );
  for (const { settings, varied } of found) {
    assert.is(settings['e'], 5);
    assert.not('e' in varied);
    assert.equal(varied['d'], varied['c'] === 10 ? [1] : [2]);
  }
});

test('without axes there is one combination; an object without an axis is a value', () => {
  assert.equal(combinations({ gamma: 0.9, range: { low: 1 } }, none), [
    { settings: { gamma: 0.9, range: { low: 1 } }, varied: {} },
  ]);
});

test('draws stay in their ranges, and neither other axes nor more samples change them', () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 40 }), (seed, samples) => {
      const settings: JsonObject = {
        u: { uniform: [-1, 3] },
        l: { logUniform: [1e-5, 1e-2] },
        i: { integers: [3, 5] },
        c: { choice: ['relu', 'tanh'] },
        n: { normal: [0, 1] },
      };
      const found = combinations(settings, { samples, seed });
      assert.is(found.length, samples);
      for (const { varied } of found) {
        const { u, l, i, c, n } = varied as { u: number; l: number; i: number; c: string; n: number };
        assert.ok(u >= -1 && u <= 3 && l >= 1e-5 && l <= 1e-2 && Number.isFinite(n));
        assert.ok([3, 4, 5].includes(i) && ['relu', 'tanh'].includes(c));
        assert.ok(String(l).replace(/e.*|^0\.0*|\./g, '').length <= 6, `${l} has more than six digits`);
      }
      const alone = combinations({ l: settings['l']! }, { samples: samples + 3, seed });
      assert.equal(
        found.map(({ varied }) => varied['l']),
        alone.slice(0, samples).map(({ varied }) => varied['l']),
      );
    }),
    { numRuns: 50 },
  );
});

test('a log-uniform draw is uniform in the logarithm', () => {
  const found = combinations({ l: { logUniform: [1e-4, 1] } }, { samples: 4000, seed: 7 });
  const decades = [0, 0, 0, 0];
  for (const { varied } of found) decades[Math.min(3, Math.floor(-Math.log10(varied['l'] as number)))]!++;
  // 1000 expected in each, standard deviation 27.
  for (const count of decades) assert.ok(Math.abs(count - 1000) < 130, `${decades}`);
});

test('all of a range of whole numbers comes up', () => {
  const found = combinations({ i: { integers: [1, 3] } }, { samples: 60, seed: 1 });
  assert.equal([...new Set(found.map(({ varied }) => varied['i']))].sort(), [1, 2, 3]);
});

const mistakes: [string, JsonObject, { samples: number | null; seed: number }, string][] = [
  ['an empty grid', { a: { grid: [] } }, none, 'a must be { grid: [...] } with values'],
  ['a grid that is no list', { a: { grid: 3 } }, none, 'a must be { grid: [...] } with values'],
  ['two axes in one', { a: { grid: [1], list: [2] } }, none, 'and nothing beside it'],
  ['an option beside an axis', { a: { uniform: [0, 1], step: 2 } }, { samples: 2, seed: 0 }, 'and nothing beside it'],
  ['lists of unequal length', { a: { list: [1, 2] }, b: { list: [1, 2, 3] } }, none, 'a has 2 values and b 3'],
  ['a distribution without samples', { a: { uniform: [0, 1] } }, none, '--samples'],
  ['samples without a distribution', { a: { grid: [0, 1] } }, { samples: 3, seed: 0 }, 'no setting has a distribution'],
  ['a range upside down', { a: { uniform: [1, 0] } }, { samples: 1, seed: 0 }, 'low < high'],
  ['a range of one number', { a: { uniform: [1] } }, { samples: 1, seed: 0 }, 'low < high'],
  ['a range of texts', { a: { uniform: ['0', '1'] } }, { samples: 1, seed: 0 }, 'low < high'],
  ['a logarithm of zero', { a: { logUniform: [0, 1] } }, { samples: 1, seed: 0 }, '0 < low < high'],
  ['no spread', { a: { normal: [0, 0] } }, { samples: 1, seed: 0 }, 'std > 0'],
  ['fractions among whole numbers', { a: { integers: [0.5, 2] } }, { samples: 1, seed: 0 }, 'of whole numbers'],
];
for (const [what, settings, sampling, says] of mistakes) {
  test(`a clear error for ${what}`, () => {
    throwsError(() => combinations(settings, sampling), { code: 'LAUNCH_INVALID', kind: 'usage', says: [says] });
  });
}

test.run();
