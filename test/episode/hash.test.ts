import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hashWords, StepHasher } from '../../src/episode/hash.js';
import { Box, Discrete, MultiBinary } from '../../src/spaces/index.js';

test('hashWords is MurmurHash3, x86 32-bit', () => {
  // Vectors of the reference implementation (SMHasher): empty and one little-endian word with the seeds given.
  const of = (words: number[], seed: number) => hashWords(Uint32Array.from(words), words.length, seed);
  assert.is(of([], 0), 0);
  assert.is(of([], 1), 0x514e28b7);
  assert.is(of([], 0xffffffff), 0x81f16f39);
  assert.is(of([0xffffffff], 0), 0x76293b50);
  assert.is(of([0x87654321], 0), 0xf55b516b);
  assert.is(of([0x87654321], 0x5082edee), 0x2362f9de);
  assert.is(of([0], 0), 0x2362f9de);
});

test('every part of a step changes the hash, and nothing of an earlier step does', () => {
  const hasher = new StepHasher(new Box(-1, 1, { shape: [3] }), new Discrete(4));
  const observation = Float32Array.of(0.5, -0.25, 1);
  const plain = hasher.step(observation, 1.5, false, false, 2);
  const others = [
    hasher.step(Float32Array.of(0.5, -0.25, 0.9999999), 1.5, false, false, 2),
    hasher.step(Float32Array.of(-0.25, 0.5, 1), 1.5, false, false, 2),
    hasher.step(observation, 1.5 + 2 ** -52, false, false, 2),
    hasher.step(observation, 1.5, true, false, 2),
    hasher.step(observation, 1.5, false, true, 2),
    hasher.step(observation, 1.5, true, true, 2),
    hasher.step(observation, 1.5, false, false, 3),
    hasher.reset(observation),
  ];
  assert.is(new Set([plain, ...others]).size, 9);
  assert.is(hasher.step(observation, 1.5, false, false, 2), plain);
});

test('the sign of zero counts, the bits of a NaN do not', () => {
  const hasher = new StepHasher(new Box(-1, 1, { shape: [1] }), new Discrete(2));
  const zero = (value: number) => hasher.step(Float32Array.of(value), 0, false, false, 0);
  assert.is.not(zero(0), zero(-0));
  const odd = new Float32Array(Uint32Array.of(0xffc12345).buffer);
  assert.is(hasher.reset(odd), hasher.reset(Float32Array.of(Number.NaN)));
  const wide = new StepHasher(new Box(-1, 1, { shape: [1], dtype: 'float64' }), new Discrete(2));
  const oddWide = new Float64Array(Uint32Array.of(7, 0xfff12345).buffer);
  assert.is(wide.reset(oddWide), wide.reset(Float64Array.of(Number.NaN)));
  assert.is.not(wide.reset(Float64Array.of(Number.POSITIVE_INFINITY)), wide.reset(Float64Array.of(Number.NaN)));
});

test('lengths that do not fill a word are padded with zeros of their own', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 1), { minLength: 5, maxLength: 5 }), (bits) => {
      const five = new StepHasher(new MultiBinary(5), new Discrete(2));
      const again = new StepHasher(new MultiBinary(5), new Discrete(2));
      five.reset(Int8Array.of(1, 1, 1, 1, 1));
      assert.is(five.reset(Int8Array.from(bits)), again.reset(Int8Array.from(bits)));
    }),
  );
});

test.run();
