import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AGREEMENT } from '../../../src/backends/kernels/reference/agreement.js';
import { multiplyHigh, philox4x32 } from '../../../src/backends/kernels/reference/philox.js';
import { Arena, seeded } from './harness.js';

const arena = new Arena(1 << 20);
const COUNT = 65536;
const input = arena.floats(COUNT);
const output = arena.floats(COUNT);
const words = arena.ints(16);
const scratch = arena.floats(48);

/** Largest error of a kernel function over uniform inputs of a range. */
function worst(kind: number, low: number, high: number, f: (x: number) => number, relative: boolean): number {
  const generator = seeded(kind);
  for (let i = 0; i < COUNT; i += 1) input.view[i] = generator.uniform(low, high);
  arena.kernels.elementwise(kind, input.pointer, output.pointer, COUNT, scratch.pointer);
  let most = 0;
  for (let i = 0; i < COUNT; i += 1) {
    const want = f(input.view[i]!);
    const error = Math.abs(output.view[i]! - want) / (relative ? Math.abs(want) : 1);
    if (!(error <= most)) most = error;
  }
  return most;
}

test('exp, log, tanh, sin and cos are within their bounds', () => {
  assert.ok(worst(0, -87, 88.5, Math.exp, true) < AGREEMENT.exp.absolute);
  assert.ok(worst(0, -1, 1, Math.exp, true) < AGREEMENT.exp.absolute);
  assert.ok(worst(1, 1e-7, 1, Math.log, false) < AGREEMENT.log.absolute);
  assert.ok(worst(1, 1, 1e6, Math.log, true) < AGREEMENT.log.absolute);
  for (const range of [1e-6, 1e-2, 0.5, 2, 5, 9, 100]) {
    for (const kind of [2, 5]) {
      const error = worst(kind, -range, range, Math.tanh, true);
      assert.ok(error < AGREEMENT.tanh.absolute, `tanh on +-${range}: ${error}`);
    }
  }
  assert.ok(worst(3, 0, 1, (x) => Math.sin(2 * Math.PI * x), false) < AGREEMENT.sincos.absolute);
  assert.ok(worst(4, 0, 1, (x) => Math.cos(2 * Math.PI * x), false) < AGREEMENT.sincos.absolute);
});

test('special values: NaN stays NaN, infinities and zeros go where they should', () => {
  const results = (kind: number, inputs: readonly number[]): number[] => {
    input.view.set(inputs);
    arena.kernels.elementwise(kind, input.pointer, output.pointer, 16, scratch.pointer);
    return [...output.view.subarray(0, inputs.length)];
  };
  const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
  assert.equal(results(0, [nan, infinity, -infinity, 0, 88.8, -110]), [nan, infinity, 0, 1, infinity, 0]);
  const [tiny] = results(0, [-100]);
  assert.ok(Math.abs(tiny! / Math.exp(-100) - 1) < 0.02, 'gradual underflow');
  assert.equal(results(1, [nan, 1]), [nan, 0]);
  assert.ok(Number.isNaN(results(1, [infinity])[0]!));
  const row = Array.from({ length: 4 }, () => [nan, infinity, -infinity, 0]).flat();
  for (const kind of [2, 5]) {
    // Every vector of the unrolled code has its own clamp.
    results(kind, row).forEach((y, i) => {
      if (i % 4 === 0) assert.ok(Number.isNaN(y), `kind ${kind} lane ${i}`);
      else assert.ok(Math.abs(y - [0, 1, -1, 0][i % 4]!) < AGREEMENT.tanh.absolute, `kind ${kind} lane ${i}: ${y}`);
    });
  }
  assert.equal(
    results(2, [-0]).map((x) => Object.is(x, -0)),
    [true],
  );
  assert.ok(results(3, [nan]).every(Number.isNaN));
  // 2^-24 and 1 are the ends of what Box-Muller feeds.
  assert.equal(
    results(4, [0, 0.25, 0.5, 0.75]).map((x) => Math.round(x * 1e6) / 1e6 + 0),
    [1, 0, -1, 0],
  );
});

test('tanh never exceeds 1 and rises over its whole range, to within its bound', () => {
  let previous = -1;
  for (let start = -10; start < 10; start += 1) {
    for (let i = 0; i < COUNT; i += 1) input.view[i] = start + i / COUNT;
    arena.kernels.elementwise(2, input.pointer, output.pointer, COUNT, scratch.pointer);
    for (let i = 0; i < COUNT; i += 1) {
      const y = output.view[i]!;
      if (y < previous - 2 * AGREEMENT.tanh.absolute || Math.abs(y) > 1 + AGREEMENT.tanh.absolute)
        assert.unreachable(`tanh ${input.view[i]} = ${y} after ${previous}`);
      previous = y;
    }
  }
});

// Known answers of the Random123 distribution (kat_vectors, philox4x32 10).
const KNOWN = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
] as const;

/** The kernel's words of four counters. */
function kernelWords(counter: readonly [number, number, number, number], key: readonly [number, number]): number[][] {
  arena.kernels.philox(words.pointer, ...counter, ...key);
  return [0, 1, 2, 3].map((lane) => [0, 1, 2, 3].map((w) => words.view[w * 4 + lane]! >>> 0));
}

test('Philox gives the known answers in TypeScript and in the kernel', () => {
  for (const [counter, key, answer] of KNOWN) {
    assert.equal([...philox4x32(counter, key)], [...answer]);
    assert.equal(kernelWords(counter, key)[0], [...answer]);
  }
});

test('Philox in the kernel equals TypeScript for any counter and key, in all lanes', () => {
  const word = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
      const [c0, c1, c2, c3] = counter;
      const want = [0, 1, 2, 3].map((lane) => [...philox4x32([(c0 + lane) >>> 0, c1, c2, c3], key)]);
      assert.equal(kernelWords(counter, key), want);
    }),
    { numRuns: 300 },
  );
});

test('the upper half of a product is that of exact arithmetic', () => {
  const word = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 1, 0xffff, 0x10000, 0xffffffff));
  fc.assert(
    fc.property(word, word, (a, b) => multiplyHigh(a, b) === Number((BigInt(a) * BigInt(b)) >> 32n)),
    { numRuns: 2000 },
  );
});

test.run();
