import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { GymkhanaError } from '../../../src/core/errors.js';
import { GENERATOR_WORDS, Generator, type GeneratorState } from '../../../src/core/seeding/generator.js';
import { SeedSequence } from '../../../src/core/seeding/seed-sequence.js';
import { INTERLEAVED_CALLS, NUMPY_DRAWS } from '../../support/numpy-calls.js';
import { golden } from '../../support/paths.js';

interface NumpyState {
  readonly state: string;
  readonly inc: string;
  readonly has_uint32: 0 | 1;
  readonly uinteger: string;
}

interface LongDraw {
  readonly n: number;
  readonly sequential_sum: number;
  readonly tail_index: readonly number[];
  readonly tail_value: readonly number[];
  readonly last: number;
  readonly state_after: NumpyState;
}

interface SeedCase {
  readonly seed: string;
  readonly initial_state: NumpyState;
  readonly raw_uint64: readonly string[];
  readonly draws: Readonly<Record<string, { call: string; out: unknown; state_after: NumpyState }>>;
  readonly interleaved: readonly (readonly [string, unknown, NumpyState])[];
  readonly long_standard_normal: LongDraw;
  readonly long_standard_exponential: LongDraw;
  readonly advance_1000: { readonly state: NumpyState; readonly random: readonly number[] };
  readonly jumped_1: { readonly state: NumpyState };
  readonly spawn: readonly { readonly initial_state: NumpyState; readonly random: readonly number[] }[];
  readonly gymnasium_np_random?: readonly number[];
}

/** Written by numpy 2.4.6; `meta` in the file says how. */
const oracle = JSON.parse(readFileSync(golden('seeding.json'), 'utf8')) as { readonly cases: readonly SeedCase[] };

function fresh(seed: string): Generator {
  return Generator.fromSeedSequence(new SeedSequence(BigInt(seed)));
}

function ours(state: NumpyState): GeneratorState {
  return { state: state.state, inc: state.inc, hasUint32: state.has_uint32, uinteger: Number(state.uinteger) };
}

/** 64-bit values are strings in the oracle: compares everything as text, -0 and fractions included. */
function text(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'bigint' || typeof item === 'number' ? String(item) : item,
  );
}

for (const one of oracle.cases) {
  test(`seed ${one.seed}: initial state and raw draws`, () => {
    const generator = fresh(one.seed);
    assert.equal(generator.state, ours(one.initial_state));
    assert.equal(
      one.raw_uint64.map(() => String(generator.nextUint64())),
      one.raw_uint64,
    );
    if (BigInt(one.seed) <= BigInt(Number.MAX_SAFE_INTEGER)) {
      assert.equal(Generator.fromSeed(Number(one.seed)).state, ours(one.initial_state));
    }
  });

  for (const [name, draw] of Object.entries(one.draws)) {
    test(`seed ${one.seed}: ${draw.call} (${name})`, () => {
      const call = NUMPY_DRAWS[name];
      assert.ok(call, `no translation of ${name}`);
      const generator = fresh(one.seed);
      assert.is(text(call(generator)), text(draw.out));
      assert.equal(generator.state, ours(draw.state_after));
    });
  }

  test(`seed ${one.seed}: interleaved calls keep the half-used word`, () => {
    const generator = fresh(one.seed);
    for (const [call, value, state] of one.interleaved) {
      const draw = INTERLEAVED_CALLS[call];
      assert.ok(draw, `no translation of ${call}`);
      assert.is(text(draw(generator)), text(value), call);
      assert.equal(generator.state, ours(state), call);
    }
  });

  for (const [name, long, draw, isTail] of [
    [
      'normal',
      one.long_standard_normal,
      (g: Generator) => g.standardNormal(),
      (x: number) => Math.abs(x) > 3.6541528853610088,
    ],
    [
      'exponential',
      one.long_standard_exponential,
      (g: Generator) => g.standardExponential(),
      (x: number) => x > 7.697117470131049,
    ],
  ] as const) {
    test(`seed ${one.seed}: ${long.n} standard ${name} draws`, () => {
      const generator = fresh(one.seed);
      let sum = 0;
      let last = 0;
      const tail: [number, number][] = [];
      for (let i = 0; i < long.n; i++) {
        last = draw(generator);
        sum += last;
        if (isTail(last)) tail.push([i, last]);
      }
      assert.is(sum, long.sequential_sum);
      assert.is(last, long.last);
      assert.equal(
        tail,
        long.tail_index.map((index, i) => [index, long.tail_value[i]!]),
      );
      assert.equal(generator.state, ours(long.state_after));
    });
  }

  test(`seed ${one.seed}: advance, jumped and spawn`, () => {
    const advanced = fresh(one.seed);
    advanced.advance(1000n);
    assert.equal(advanced.state, ours(one.advance_1000.state));
    assert.equal(
      one.advance_1000.random.map(() => advanced.random()),
      one.advance_1000.random,
    );
    const generator = fresh(one.seed);
    assert.equal(generator.jumped().state, ours(one.jumped_1.state));
    const children = generator.spawn(one.spawn.length);
    one.spawn.forEach((child, i) => {
      assert.equal(children[i]!.state, ours(child.initial_state));
      assert.equal(
        child.random.map(() => children[i]!.random()),
        child.random,
      );
    });
    if (one.gymnasium_np_random !== undefined) {
      assert.equal(
        one.gymnasium_np_random.map(() => generator.random()),
        one.gymnasium_np_random,
      );
    }
  });
}

test('float32 normal and exponential draws equal numpy far into the unlikely branches', () => {
  // numpy 2.4.6: float64 sum in order of 200,000 float32 draws of default_rng(7), and the state after them. Two of the draws
  // are exponentials beyond 7.697, where the C library's log1pf is one float32 unit (9.5e-7) from the correctly rounded value.
  const cases = [
    [(g: Generator) => g.standardNormalFloat(), -772.4880594501337, '229049517753946235419235042080558283285', 0],
    [
      (g: Generator) => g.standardExponentialFloat(),
      200201.82255921356,
      '136657800237360126118344514404461180197',
      2e-6,
    ],
  ] as const;
  for (const [draw, expectedSum, expectedState, tolerance] of cases) {
    const generator = Generator.fromSeed(7);
    let sum = 0;
    for (let i = 0; i < 200_000; i++) sum += draw(generator);
    assert.ok(Math.abs(sum - expectedSum) <= tolerance, `${sum}`);
    assert.is(generator.state.state, expectedState);
  }
});

test('integers over spans from 2^32 to 2^53 equal the 64-bit reference, rejections included', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (seed, span) => {
      const fast = Generator.fromSeed(seed);
      const exact = Generator.fromSeed(seed);
      for (let i = 0; i < 20; i++) {
        assert.is(BigInt(fast.integers(0, span)), exact.integersArray('int64', 0, span, 1)[0]);
      }
      assert.equal(fast.state, exact.state);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('a state survives JSON, and a snapshot the words, with the buffered half-word', () => {
  const generator = Generator.fromSeed(3);
  generator.integers(10);
  const saved = JSON.parse(JSON.stringify(generator.state)) as GeneratorState;
  assert.is(saved.hasUint32, 1);
  const words = new Uint32Array(GENERATOR_WORDS + 5);
  generator.snapshotInto(words, 3);
  const draws = (g: Generator): number[] => [g.integers(10), g.random(), g.integers(7), g.standardNormal()];
  const expected = draws(generator);
  assert.equal(draws(Generator.fromState(saved)), expected);
  const other = Generator.fromSeed(99);
  other.restoreFrom(words, 3);
  assert.equal(draws(other), expected);
  assert.equal(other.state, generator.state);
  assert.is(words[0] === 0 && words[2] === 0 && words[13] === 0, true);
});

test('generators from entropy differ', () => {
  assert.is.not(Generator.fromEntropy().random(), Generator.fromEntropy().random());
});

const misuse: readonly (readonly [string, () => unknown, string, RegExp])[] = [
  ['negative seed', () => Generator.fromSeed(-1), 'INVALID_SEED', /0 to 2\^53 - 1, got -1/],
  ['fractional seed', () => Generator.fromSeed(1.5), 'INVALID_SEED', /got 1.5/],
  ['NaN seed', () => Generator.fromSeed(Number.NaN), 'INVALID_SEED', /got NaN/],
  ['text as seed', () => Generator.fromSeed('7' as never), 'INVALID_SEED', /got 7/],
  ['seed beyond 2^53', () => Generator.fromSeed(2 ** 53), 'INVALID_SEED', /got 9007199254740992/],
  ['negative entropy', () => new SeedSequence(-1n), 'INVALID_SEED', /got -1/],
  ['fractional spawn key', () => new SeedSequence(1, [0.5]), 'INVALID_SEED', /spawn key.*got 0.5/],
  ['empty range', () => Generator.fromSeed(0).integers(5, 5), 'INVALID_RANGE', /low 5, high 5/],
  ['zero count', () => Generator.fromSeed(0).integers(0), 'INVALID_RANGE', /low 0, high 0/],
  ['fractional bound', () => Generator.fromSeed(0).integers(0, 2.5), 'INVALID_RANGE', /high 2.5/],
  [
    'span beyond 2^53',
    () => Generator.fromSeed(0).integers(-(2 ** 52) - 2, 2 ** 52),
    'INVALID_RANGE',
    /2\^53 - 1 apart/,
  ],
  [
    'dtype too small',
    () => Generator.fromSeed(0).integersArray('uint8', 0, 300, 2),
    'INVALID_RANGE',
    /uint8 \(0 to 255\)/,
  ],
  ['geometric of zero', () => Generator.fromSeed(0).geometric(0), 'INVALID_PROBABILITY', /above 0/],
  [
    'more than there are',
    () => Generator.fromSeed(0).choice(3, 4, { replace: false }),
    'INVALID_RANGE',
    /4 of 3 without/,
  ],
  [
    'probabilities of 0.9',
    () => Generator.fromSeed(0).choice(2, 1, { p: [0.5, 0.4] }),
    'INVALID_PROBABILITY',
    /sum to 1/,
  ],
  [
    'too few probabilities',
    () => Generator.fromSeed(0).choice(3, 1, { p: [0.5, 0.5] }),
    'INVALID_PROBABILITY',
    /3 prob/,
  ],
  [
    'too few positive',
    () => Generator.fromSeed(0).choice(3, 2, { replace: false, p: [1, 0, 0] }),
    'INVALID_PROBABILITY',
    /got 1/,
  ],
  [
    'restored spawn',
    () => Generator.fromState(Generator.fromSeed(0).state).spawn(1),
    'NO_SEED_SEQUENCE',
    /SeedSequence/,
  ],
  [
    'even increment',
    () => Generator.fromState({ state: '1', inc: '2', hasUint32: 0, uinteger: 0 }),
    'INVALID_GENERATOR_STATE',
    /inc 2/,
  ],
  [
    '129-bit state',
    () => Generator.fromState({ state: String(2n ** 128n), inc: '1', hasUint32: 0, uinteger: 0 }),
    'INVALID_GENERATOR_STATE',
    /state 3402/,
  ],
  ['no state', () => Generator.fromState(null as never), 'INVALID_GENERATOR_STATE', /undefined/],
];

for (const [name, call, code, message] of misuse) {
  test(`misuse: ${name}`, () => {
    try {
      call();
    } catch (error) {
      assert.is((error as GymkhanaError).code, code);
      assert.is((error as GymkhanaError).kind, 'usage');
      assert.match((error as GymkhanaError).message, message);
      return;
    }
    assert.unreachable('nothing was thrown');
  });
}

test.run();
