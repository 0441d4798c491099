import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { GymkhanaError } from '../../src/core/errors.js';
import {
  Box,
  batchDifferingSpaces,
  batchSpace,
  concatenate,
  Dict,
  Discrete,
  flatdim,
  flatten,
  Graph,
  iterate,
  MultiBinary,
  MultiDiscrete,
  OneOf,
  Sequence,
  spaceFromJSON,
  Text,
  Tuple,
  unflatten,
} from '../../src/spaces/index.js';

const two = new Discrete(2);

const misuse: readonly (readonly [string, () => unknown, string, RegExp])[] = [
  [
    'low above high',
    () => new Box([0, 3], [1, 2]),
    'INVALID_SPACE',
    /low <= high in a Box, got low 3 and high 2 at element 1/,
  ],
  ['NaN low', () => new Box(Number.NaN, 1), 'INVALID_SPACE', /low of a Box .* got NaN at element 0/],
  ['NaN high', () => new Box([0], [Number.NaN]), 'INVALID_SPACE', /high of a Box .* got NaN/],
  ['text as bound', () => new Box('0' as never, 1), 'INVALID_SPACE', /low of a Box as a number or a list/],
  ['null in a list', () => new Box([null] as never, [1]), 'INVALID_SPACE', /got null at element 0/],
  [
    'beyond the dtype',
    () => new Box(0, 256, { dtype: 'uint8' }),
    'INVALID_SPACE',
    /uint8 can hold \(0 to 255\), got 256/,
  ],
  ['beyond float32', () => new Box(-1e300, 1), 'INVALID_SPACE', /float32 can hold/],
  [
    'unsigned -Infinity',
    () => new Box(Number.NEGATIVE_INFINITY, 1, { dtype: 'uint8' }),
    'INVALID_SPACE',
    /got -Infinity/,
  ],
  [
    'low of +Infinity in int8',
    () => new Box(Number.POSITIVE_INFINITY, 1, { dtype: 'int8' }),
    'INVALID_SPACE',
    /got Infinity/,
  ],
  [
    'unknown dtype',
    () => new Box(0, 1, { dtype: 'float16' as never }),
    'INVALID_SPACE',
    /float32, float64, .* got "float16"/,
  ],
  ['lists of two lengths', () => new Box([0, 0], [1, 1, 1]), 'INVALID_SPACE', /as many low as high .* got 2 and 3/],
  [
    'list against shape',
    () => new Box([0, 0], [1, 1], { shape: [3] }),
    'INVALID_SPACE',
    /3 low bounds .* shape \(3,\), got 2/,
  ],
  ['negative shape', () => new Box(0, 1, { shape: [-1] }), 'INVALID_SPACE', /shape of a Box .* got \[-1\]/],
  ['n of 0', () => new Discrete(0), 'INVALID_SPACE', /n of a Discrete space as a whole number from 1, got 0/],
  ['negative n', () => new Discrete(-3), 'INVALID_SPACE', /got -3/],
  ['fractional n', () => new Discrete(2.5), 'INVALID_SPACE', /got 2.5/],
  ['fractional start', () => new Discrete(2, { start: 0.5 }), 'INVALID_SPACE', /start .* got 0.5/],
  ['bool Discrete', () => new Discrete(2, { dtype: 'bool' as never }), 'INVALID_SPACE', /Discrete dtype .* got "bool"/],
  ['empty nvec', () => new MultiDiscrete([]), 'INVALID_SPACE', /nvec .* whole numbers from 1, got \[\]/],
  ['zero in nvec', () => new MultiDiscrete([2, 0]), 'INVALID_SPACE', /got \[2, 0\]/],
  ['ragged nvec', () => new MultiDiscrete([[2, 3], [4]]), 'INVALID_SPACE', /nvec as numbers in rows of equal length/],
  ['mixed nvec', () => new MultiDiscrete([2, [4]]), 'INVALID_SPACE', /nvec as numbers in rows of equal length/],
  [
    'start of another shape',
    () => new MultiDiscrete([2, 3], { start: [1] }),
    'INVALID_SPACE',
    /shape of nvec \[2\], got shape \[1\]/,
  ],
  ['no lengths', () => new MultiBinary([]), 'INVALID_SPACE', /n of a MultiBinary/],
  ['length of 0', () => new MultiBinary([3, 0]), 'INVALID_SPACE', /got 3, 0/],
  ['text as n', () => new MultiBinary('3' as never), 'INVALID_SPACE', /got "3"/],
  ['seed', () => new Discrete(2).seed(-1), 'INVALID_SEED', /got -1/],
  ['mask too short', () => new Discrete(3).sample({ mask: [1, 0] }), 'INVALID_MASK', /mask of 3 values, got 2/],
  ['mask of 2', () => new Discrete(2).sample({ mask: [1, 2] }), 'INVALID_MASK', /zeros and ones, got 2 at 1/],
  ['both', () => new Discrete(1).sample({ mask: [1], probability: [1] }), 'INVALID_MASK', /got both/],
  ['sum of 0.9', () => new Discrete(2).sample({ probability: [0.5, 0.4] }), 'INVALID_MASK', /sum of 0.9/],
  ['negative probability', () => new Discrete(2).sample({ probability: [-0.5, 1.5] }), 'INVALID_MASK', /got -0.5 at 0/],
  ['one mask for two', () => new MultiDiscrete([2, 2]).sample({ mask: [[1, 0]] }), 'INVALID_MASK', /2 masks, .* got 1/],
  ['binary mask of 3', () => new MultiBinary(2).sample({ mask: [0, 3] }), 'INVALID_MASK', /got 3 at 1/],
  ['binary probability', () => new MultiBinary(1).sample({ probability: [2] }), 'INVALID_MASK', /from 0 to 1, got 2/],
  ['JSON of no space', () => spaceFromJSON(null), 'INVALID_SPACE', /Box, Discrete, .* got null/],
  ['JSON of an unknown type', () => spaceFromJSON({ type: 'Ring' }), 'INVALID_SPACE', /got "Ring"/],
  ['JSON of a prototype name', () => spaceFromJSON({ type: 'constructor' }), 'INVALID_SPACE', /got "constructor"/],
  [
    'JSON without n',
    () => spaceFromJSON({ type: 'Discrete' }),
    'INVALID_SPACE',
    /n of a Discrete space in JSON, got undefined/,
  ],
  [
    'JSON without low',
    () => spaceFromJSON({ type: 'Box', dtype: 'int8', shape: [1] }),
    'INVALID_SPACE',
    /low of a Box/,
  ],
  [
    'value of a wrong length',
    () => new Box(0, 1).valueFromJSON([1, 2]),
    'INVALID_VALUE',
    /list of 1 numbers, got an Array of length 2/,
  ],
  ['value of text', () => new Discrete(2).valueFromJSON('1'), 'INVALID_VALUE', /whole number, got "1"/],
  ['flatten outside', () => flatten(new Discrete(2), 2), 'INVALID_VALUE', /a whole number from 0 to 1, got 2/],
  ['unflatten too short', () => unflatten(new Discrete(3), [1, 0]), 'INVALID_VALUE', /3 flattened elements .* got 2/],
  ['unflatten two hot', () => unflatten(new Discrete(3), [1, 1, 0]), 'INVALID_VALUE', /one-hot/],
  ['unflatten none hot', () => unflatten(new MultiDiscrete([1, 2]), [1, 0, 0]), 'INVALID_VALUE', /elements 1 to 2/],
  ['a Dict of numbers', () => new Dict({ a: 3 as never }), 'INVALID_SPACE', /'a' of a Dict space as a Space, got 3/],
  ['an empty Dict', () => new Dict({}), 'INVALID_SPACE', /at least one space in a Dict/],
  ['a key twice', () => new Dict([['a', two] as const, ['a', two] as const]), 'INVALID_SPACE', /'a' stands twice/],
  ['a Dict of a class', () => new Dict(new Map() as never), 'INVALID_SPACE', /an object or a list of pairs, got a Map/],
  ['an empty Tuple', () => new Tuple([]), 'INVALID_SPACE', /a list of at least one/],
  [
    'a Tuple of text',
    () => new Tuple(['x' as never]),
    'INVALID_SPACE',
    /element 0 of a Tuple space as a Space, got "x"/,
  ],
  ['an empty OneOf', () => new OneOf([]), 'INVALID_SPACE', /a list of at least one/],
  [
    'a Sequence of nothing',
    () => new Sequence(null as never),
    'INVALID_SPACE',
    /members of a Sequence space as a Space/,
  ],
  ['a Graph of text', () => new Graph(new Text(3), null), 'INVALID_SPACE', /Box or Discrete spaces, got Text/],
  ['a Graph of no nodes', () => new Graph(two, null).sample({ numNodes: 0 }), 'INVALID_OPTION', /numNodes .* got 0/],
  ['Text of length 0', () => new Text(0), 'INVALID_SPACE', /maxLength of a Text space as a whole number from 1, got 0/],
  ['Text that shrinks', () => new Text(2, { minLength: 3 }), 'INVALID_SPACE', /from 3, got 2/],
  ['Text of words', () => new Text(2, { charset: ['ab'] }), 'INVALID_SPACE', /single character, got "ab"/],
  ['Text of no characters', () => new Text(2, { charset: '' }), 'INVALID_SPACE', /single character, got none/],
  ['a length of Text', () => new Text(2).sample({ mask: [3, null] }), 'INVALID_MASK', /a length from 1 to 2 .* got 3/],
  [
    'no character of Text',
    () => new Text(2, { charset: 'ab' }).sample({ mask: [null, [0, 0]] }),
    'INVALID_MASK',
    /no character/,
  ],
  ['masks of other keys', () => new Dict({ a: two }).sample({ mask: { b: [1, 0] } }), 'INVALID_MASK', /the keys a/],
  [
    'one mask for a Tuple of two',
    () => new Tuple([two, two]).sample({ mask: [[1, 0]] }),
    'INVALID_MASK',
    /a list of 2/,
  ],
  [
    'a length of a Sequence',
    () => new Sequence(two).sample({ mask: [-1, null] }),
    'INVALID_MASK',
    /whole numbers from 0/,
  ],
  ['seeds of a Tuple', () => new Tuple([two, two]).seed([1]), 'INVALID_SEED', /a list of 2, got an Array of length 1/],
  ['seeds of other keys', () => new Dict({ a: two }).seed({ b: 1 }), 'INVALID_SEED', /the keys a/],
  ['a list for one seed', () => two.seed([1, 2]), 'INVALID_SEED', /one seed for Discrete\(2\)/],
  ['flatdim of a Sequence', () => flatdim(new Sequence(two)), 'UNSUPPORTED_SPACE', /no fixed length/],
  [
    'flatten names the key',
    () => flatten(new Dict({ a: two }), { a: 5 }),
    'INVALID_VALUE',
    /'a': expected a whole number from 0 to 1, got 5/,
  ],
  ['unflatten OneOf', () => unflatten(new OneOf([two]), [4, 1, 0]), 'INVALID_VALUE', /index of a space .* got 4/],
  ['unflatten Text', () => unflatten(new Text(1, { charset: 'ab' }), [9]), 'INVALID_VALUE', /places of characters/],
  ['batch of 0', () => batchSpace(two, 0), 'INVALID_OPTION', /from 1 to batch a space, got 0/],
  ['batch of a number', () => batchSpace(7 as never, 2), 'UNSUPPORTED_SPACE', /a space to batch, got 7/],
  ['batch of two kinds', () => batchDifferingSpaces([two, new Box(0, 1)]), 'SPACE_MISMATCH', /one type/],
  [
    'concatenate',
    () => concatenate(new Box(0, 1), [new Int8Array(1)]),
    'INVALID_VALUE',
    /1 elements of float32, got an Int8/,
  ],
  [
    'iterate',
    () => [...iterate(new Box(0, 1, { shape: [2, 2] }), new Float32Array(3))],
    'INVALID_VALUE',
    /a batch of Box/,
  ],
  ['value of other keys', () => new Dict({ a: two }).valueFromJSON({ b: 1 }), 'INVALID_VALUE', /the keys a/],
  ['flatdim of a number', () => flatdim(3 as never), 'UNSUPPORTED_SPACE', /got 3/],
];

for (const [name, call, code, message] of misuse) {
  test(`misuse: ${name}`, () => {
    try {
      call();
    } catch (error) {
      assert.is((error as GymkhanaError).code, code, String(error));
      assert.match((error as GymkhanaError).message, message);
      assert.is((error as GymkhanaError).kind, 'usage');
      return;
    }
    assert.unreachable('nothing was thrown');
  });
}

const explanations: readonly (readonly [string, string | null])[] = [
  [new Box([-1, 0], [1, 2]).explain([0, 0]) ?? '', 'expected a Float32Array of length 2, got an Array of length 2'],
  [
    new Box(0, 1, { shape: [2, 2] }).explain(new Float64Array(4)) ?? '',
    'expected a Float32Array of length 4 (shape (2, 2)), got a Float64Array of length 4',
  ],
  [new Box(0, 1).explain(Float32Array.of(2)) ?? '', 'expected element 0 from 0 to 1, got 2'],
  [new Box(0, 1).explain(undefined) ?? '', 'expected a Float32Array of length 1, got undefined'],
  [new Discrete(3, { start: -1 }).explain(2) ?? '', 'expected a whole number from -1 to 1, got 2'],
  [new Discrete(1).explain(0.5) ?? '', 'expected the whole number 0, got 0.5'],
  [new MultiDiscrete([2, 3]).explain(Int32Array.of(0, 3)) ?? '', 'expected element 1 from 0 to 2, got 3'],
  [new MultiDiscrete([2, 3]).explain({}) ?? '', 'expected an Int32Array of length 2, got an Object'],
  [new MultiBinary(2).explain(Int8Array.of(0, 2)) ?? '', 'expected element 1 as 0 or 1, got 2'],
  [new MultiBinary(2).explain('01') ?? '', 'expected an Int8Array of length 2, got "01"'],
];

for (const [actual, expected] of explanations) test(`explains: ${expected}`, () => assert.is(actual, expected));

test.run();
