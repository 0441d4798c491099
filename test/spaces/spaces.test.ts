import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { arrayOver, newArray } from '../../src/spaces/arrays.js';
import { isPicture } from '../../src/spaces/box.js';
import {
  Box,
  Dict,
  Discrete,
  flatdim,
  flatten,
  flattenSpace,
  Graph,
  MultiBinary,
  MultiDiscrete,
  OneOf,
  type Seeds,
  Sequence,
  type Space,
  spaceFromJSON,
  Text,
  Tuple,
  unflatten,
} from '../../src/spaces/index.js';
import { throwsError } from '../support/misuse.js';
import { dtypeOf, flat, numbers, type SpaceCase, spaceCases, spaceOf, type Typed, valueFrom } from './oracle.js';

/** As the oracle sampled: graphs of three nodes. */
function sampleOf(space: Space): unknown {
  return space instanceof Graph ? space.sample({ numNodes: 3 }) : space.sample();
}

/** NumPy's types that have no typed array of numbers are other arrays here; everything else must be the same. */
function like(ours: unknown, theirs: unknown): unknown {
  if (ArrayBuffer.isView(ours) && ArrayBuffer.isView(theirs)) {
    const Typed = ours.constructor as unknown as { from(values: ArrayLike<number>): unknown };
    return Typed.from(theirs as unknown as ArrayLike<number>);
  }
  if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length)
    return theirs.map((part, k) => like(ours[k], part));
  if (typeof ours === 'object' && ours !== null && typeof theirs === 'object' && theirs !== null) {
    const parts = ours as Record<string, unknown>;
    return Object.fromEntries(Object.entries(theirs).map(([key, part]) => [key, like(parts[key], part)]));
  }
  return theirs;
}

const COMPOSITE = [Text, Tuple, Dict, Sequence, OneOf, Graph];

/** The oracle's value in the form this library's space takes, or undefined where it has no such form. */
function translated(space: Space, value: Typed, dtype: string): unknown {
  if (COMPOSITE.some((type) => space instanceof type)) return valueFrom(value);
  if (space instanceof Discrete) {
    if (value.none) return null;
    return value.nd === undefined && value.list === undefined ? (value.np ?? value.py) : undefined;
  }
  if (value.none) return null;
  if (value.py !== undefined) return value.py;
  if (value.nd !== undefined && value.dtype !== dtype) return undefined;
  const array = newArray(dtypeOf(dtype), numbers(value).length);
  array.set(numbers(value));
  return array;
}

/** Why this library's answer to `contains` is not Gymnasium's. */
const DEVIATIONS: Readonly<Record<string, string>> = {
  'discrete true': 'a boolean is not a number',
  'discrete 1': '1.0 and 1 are the same number',
  'discrete 3': 'a number has no float32 or uint64 type',
  'discrete_int32 5': 'a number has no int64 type',
  'box_f32 [[0,0]]': 'values are flat, so an extra axis of length 1 is not seen',
  'box_f32_scalar_shape [[0,0,0],[0,0,0]]': 'values are flat, so a transposed shape is not seen',
  'sequence [{"nd":[0,0],"dtype":"float32","shape":[2]}]': 'a list and a tuple are the same array',
  'oneof [{"np":1,"dtype":"int32"},{"nd":[0,0],"dtype":"float32","shape":[2]}]': 'a number has no int32 type',
  'multibinary_2d [[0,0,0],[0,0,0]]': 'values are flat, so a transposed shape is not seen',
};

for (const one of spaceCases) {
  const make = (): Space => spaceOf(one.spec);

  test(`${one.name}: seeded samples, their flat forms and back`, () => {
    const space = make();
    for (const { seed, seed_returns, samples, samples_contained, flattened } of one.seeded) {
      assert.equal(space.seed(typeof seed === 'number' ? seed : (valueFrom(seed) as Seeds)), valueFrom(seed_returns));
      samples.forEach((expected, i) => {
        const value = sampleOf(space);
        assert.equal(value, like(value, valueFrom(expected)));
        assert.is(space.contains(value), samples_contained?.[i] ?? true);
        assert.is(space.explain(value), null);
        const array = flatten(space, value);
        if (flattened !== undefined) assert.equal(array, like(array, valueFrom(flattened[i]!)));
        assert.ok(flattenSpace(space).contains(array));
        assert.equal(unflatten(space, array), value);
        assert.equal(space.valueFromJSON(JSON.parse(JSON.stringify(space.valueToJSON(value)))), value);
      });
    }
  });

  test(`${one.name}: repr, bounds, flat space`, () => {
    const space = make();
    const renamed = one.repr
      .replace('int64)', 'int32)')
      .replace('Box(False, True, (5,), bool)', 'Box(0, 1, (5,), uint8)');
    assert.is(space.toString(), renamed);
    if (one.flatdim === undefined) throwsError(() => flatdim(space), { code: 'UNSUPPORTED_SPACE' });
    else assert.is(flatdim(space), one.flatdim);
    const flattened = flattenSpace(space);
    assert.ok(flattened.equals(spaceOf(one.flatten_space)), `${flattened} and ${spaceOf(one.flatten_space)}`);
    if (space instanceof Box) {
      assert.equal(space.boundedBelow.map(Number), flat(one.spec.bounded_below));
      assert.equal(space.boundedAbove.map(Number), flat(one.spec.bounded_above));
    }
  });

  test(`${one.name}: JSON gives an equal space`, () => {
    const space = make();
    const copy = spaceFromJSON(JSON.parse(JSON.stringify(space)));
    assert.ok(space.equals(copy) && copy.equals(space));
    assert.is(copy.toString(), space.toString());
    space.seed(5);
    copy.seed(5);
    assert.equal(copy.sample(), space.sample());
  });

  if (one.contains.length > 0) {
    test(`${one.name}: contains`, () => {
      const space = make();
      for (const [value, expected] of one.contains) {
        const ours = translated(space, value, one.spec.dtype ?? 'int8');
        if (ours === undefined) continue;
        const key = `${one.name} ${JSON.stringify(value.nd ?? value.np ?? value.py ?? value.tuple ?? value.list ?? value.dict)}`;
        if (space.contains(ours) !== expected) assert.ok(DEVIATIONS[key], `${key}: ${space.contains(ours)}`);
        assert.is(space.explain(ours) === null, space.contains(ours));
      }
    });
  }

  masked(one);
}

function masked(one: SpaceCase): void {
  for (const [index, entry] of [...(one.mask ?? []), ...(one.probability ?? [])].entries()) {
    const isMask = 'mask' in entry;
    test(`${one.name}: ${isMask ? 'mask' : 'probability'} ${index}`, () => {
      const space = spaceOf(one.spec);
      space.seed(entry.seed);
      const given = isMask ? entry.mask : entry.probability;
      for (const expected of entry.samples) {
        let value: unknown;
        if (space instanceof MultiDiscrete) {
          const lists = (given.tuple ?? []).map(numbers);
          value = space.sample(isMask ? { mask: lists } : { probability: lists });
        } else if (space instanceof Discrete || space instanceof MultiBinary) {
          value = space.sample(isMask ? { mask: numbers(given) } : { probability: numbers(given) });
        } else {
          value = space.sample(isMask ? { mask: valueFrom(given) } : { probability: valueFrom(given) });
        }
        assert.equal(value, like(value, valueFrom(expected)));
      }
    });
  }
}

test('every space type of the oracle is here', () => {
  assert.equal([...new Set(spaceCases.map((one) => one.spec.type))].sort(), [
    'Box',
    'Dict',
    'Discrete',
    'Graph',
    'MultiBinary',
    'MultiDiscrete',
    'OneOf',
    'Sequence',
    'Text',
    'Tuple',
  ]);
});

test('a Box reads arrays over shared memory', () => {
  const box = new Box(-1, 1, { shape: [2] });
  const row = arrayOver('float32', new SharedArrayBuffer(32), 8, 2);
  row.set([0.5, -1]);
  assert.ok(box.contains(row));
  row[0] = Number.NaN;
  assert.is(box.explain(row), 'expected element 0 from -1 to 1, got NaN');
});

test('types follow from the spaces', () => {
  const bytes: Uint8Array = new Box(0, 255, { shape: [2], dtype: 'uint8' }).sample();
  const floats: Float32Array = new Box(0, 1).sample();
  const space: Space<Float32Array> = new Box(0, 1);
  assert.is(space.dtype, 'float32');
  const value: number = new Discrete(3).sample();
  assert.is(bytes.length + floats.length + value * 0, 3);
});

test('equal spaces are equal, others are not', () => {
  const spaces = [
    new Box(0, 1),
    new Box(0, 2),
    new Box(0, 1, { dtype: 'float64' }),
    new Box([0, 0], 1),
    new Box(0, 1, { shape: [1, 1] }),
    new Discrete(3),
    new Discrete(3, { start: 1 }),
    new Discrete(3, { dtype: 'int32' }),
    new MultiDiscrete([3]),
    new MultiDiscrete([[3]]),
    new MultiDiscrete([3], { start: [2] }),
    new MultiBinary(3),
    new MultiBinary([3]),
  ];
  spaces.forEach((a, i) => {
    for (const [j, b] of spaces.entries()) assert.is(a.equals(b), i === j, `${a} and ${b}`);
    assert.ok(spaceFromJSON(a.toJSON()).equals(a), String(a));
  });
});

test('a picture is bytes from 0 to 255 of height x width x 1 or 3, or of height x width', () => {
  const dtype = 'uint8';
  for (const shape of [
    [96, 96, 3],
    [4, 5, 1],
    [64, 96],
  ])
    assert.ok(isPicture(new Box(0, 255, { shape, dtype })));
  const others: Space[] = [
    new Box(0, 255, { shape: [96], dtype }),
    new Box(0, 255, { shape: [0, 96], dtype }),
    new Box(0, 255, { shape: [96, 96, 2], dtype }),
    new Box(0, 255, { shape: [1, 96, 96, 3], dtype }),
    new Box(0, 255, { shape: [3, 96, 96], dtype }),
    new Box(0, 255, { shape: [0, 96, 3], dtype }),
    new Box(0, 254, { shape: [96, 96, 3], dtype }),
    new Box(1, 255, { shape: [96, 96, 3], dtype }),
    new Box(0, 255, { shape: [96, 96, 3] }),
    new Discrete(3),
  ];
  for (const space of others) assert.not(isPicture(space), String(space));
});

test.run();
