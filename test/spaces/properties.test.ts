import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DTYPE_NAMES, DTYPE_RANGE, isFloat } from '../../src/spaces/arrays.js';
import {
  Box,
  batchSpace,
  concatenate,
  Dict,
  Discrete,
  type DType,
  flatten,
  flattenSpace,
  Graph,
  iterate,
  MultiBinary,
  MultiDiscrete,
  OneOf,
  Sequence,
  type Space,
  spaceFromJSON,
  Text,
  Tuple,
  unflatten,
} from '../../src/spaces/index.js';

const options = { seed: 20240601, numRuns: 300 };

function bound(dtype: DType): fc.Arbitrary<number> {
  const [min, max] = DTYPE_RANGE[dtype];
  if (!isFloat(dtype)) return fc.integer({ min, max });
  const finite = dtype === 'float32' ? fc.float({ noNaN: true }) : fc.double({ noNaN: true, min: -1e300, max: 1e300 });
  return fc.oneof(finite, fc.constantFrom(0, 1, -1));
}

const box: fc.Arbitrary<Space> = fc.constantFrom(...DTYPE_NAMES).chain((dtype) =>
  fc.array(fc.tuple(bound(dtype), bound(dtype)), { minLength: 1, maxLength: 6 }).map((pairs) => {
    const open = (value: number, side: number): number =>
      isFloat(dtype) && value === side ? side * Number.POSITIVE_INFINITY : value;
    const low = pairs.map(([a, b]) => open(Math.min(a, b), -1));
    const high = pairs.map(([a, b]) => open(Math.max(a, b), 1));
    return new Box<DType>(low, high, { dtype });
  }),
);
const count = fc.integer({ min: 1, max: 9 });
const start = fc.integer({ min: -5, max: 5 });
const simple: fc.Arbitrary<Space> = fc.oneof(
  box,
  fc.record({ n: count, start }).map(({ n, start: first }) => new Discrete(n, { start: first })),
  fc.array(fc.tuple(count, start), { minLength: 1, maxLength: 5 }).map(
    (pairs) =>
      new MultiDiscrete(
        pairs.map(([n]) => n),
        { start: pairs.map(([, first]) => first) },
      ),
  ),
  fc.array(count, { minLength: 1, maxLength: 3 }).map((shape) => new MultiBinary(shape)),
);

const { space } = fc.letrec<{ space: Space }>((tie) => ({
  space: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    simple,
    fc
      .record({ max: count, min: fc.nat(1), charset: fc.constantFrom('ab', 'xyz\u00e9', 'a\u{1f600}c') })
      .map(({ max, min, charset }) => new Text(max, { minLength: min, charset })),
    fc
      .array(tie('space'), { minLength: 1, maxLength: 3 })
      .map((parts) => new Tuple(parts.map((part) => spaceFromJSON(part.toJSON())))),
    fc
      .array(fc.tuple(fc.constantFrom('b', 'a', 'c d', '7'), tie('space')), { minLength: 1, maxLength: 3 })
      .map((pairs) => new Dict(Object.fromEntries(pairs))),
    // A OneOf over a Sequence or Graph has no flat form, in Gymnasium neither.
    fc.array(simple, { minLength: 1, maxLength: 3 }).map((parts) => new OneOf(parts)),
    tie('space').map((part) => new Sequence(part)),
    simple.map((part) => new Sequence(part, { stack: true })),
    fc.tuple(box, fc.option(count)).map(([node, n]) => new Graph(node, n === null ? null : new Discrete(n))),
  ),
}));

test('samples are members, and survive JSON and flattening exactly', () => {
  fc.assert(
    fc.property(space, fc.nat(), (one, seed) => {
      one.seed(seed);
      const value = one.sample();
      // A float64 range beyond the largest double has no uniform draw, in numpy neither.
      assert.is(one.explain(value), null, `${one}`);
      assert.equal(one.valueFromJSON(JSON.parse(JSON.stringify(one.valueToJSON(value)))), value);
      const flat = flatten(one, value);
      assert.is(flattenSpace(one).explain(flat), null, `${one} flat`);
      assert.equal(unflatten(one, flat), value);
    }),
    options,
  );
});

test('a space survives JSON and then draws the same', () => {
  fc.assert(
    fc.property(space, fc.nat(), (one, seed) => {
      const copy = spaceFromJSON(JSON.parse(JSON.stringify(one)));
      assert.ok(copy.equals(one) && one.equals(copy));
      one.seed(seed);
      copy.seed(seed);
      assert.equal(copy.sample(), one.sample());
    }),
    options,
  );
});

test('a batch is a member of the batched space and gives its values back', () => {
  fc.assert(
    fc.property(space, fc.integer({ min: 1, max: 4 }), fc.nat(), (one, n, seed) => {
      one.seed(seed);
      const values = Array.from({ length: n }, () => one.sample());
      const batched = batchSpace(one, n);
      const batch = concatenate(one, values);
      assert.is(batched.explain(batch), null, `${batched}`);
      assert.equal([...iterate(batched, batch)], values);
    }),
    options,
  );
});

test('contains and explain agree on anything', () => {
  fc.assert(
    fc.property(
      space,
      fc.oneof(fc.anything(), fc.float32Array({ maxLength: 6 }), fc.int8Array({ maxLength: 6 })),
      (one, value) => {
        assert.is(one.contains(value), one.explain(value) === null);
      },
    ),
    { ...options, numRuns: 1000 },
  );
});

test('every element of a sample outside its bounds is refused', () => {
  fc.assert(
    fc.property(box, fc.nat(5), (one, at) => {
      const target = one as Box<DType>;
      const index = at % target.size;
      const value = target.sample();
      if (target.high[index]! >= DTYPE_RANGE[target.dtype][1]) return;
      value[index] = isFloat(target.dtype) ? Number.POSITIVE_INFINITY : target.high[index]! + 1;
      assert.match(target.explain(value) ?? '', new RegExp(`^expected element ${index} `));
    }),
    options,
  );
});

test.run();
