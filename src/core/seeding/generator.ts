import { usageError } from '../errors.js';
import { boundedArray, boundedSafeInteger, type IntegerArrays, type IntegerDType } from './bounded.js';
import { type ChoiceOptions, choiceIndices, permutation, shuffle } from './choice.js';
import * as draw from './distributions.js';
import {
  advancePcg64,
  GENERATOR_WORDS,
  HAS_UINT32,
  OUTPUT_HIGH,
  OUTPUT_LOW,
  PCG64_WORDS,
  readUint128,
  seedPcg64,
  stepPcg64,
  UINTEGER,
  writeUint128,
} from './pcg64.js';
import { SeedSequence } from './seed-sequence.js';

export type { IntegerArrays, IntegerDType } from './bounded.js';
export type { ChoiceOptions } from './choice.js';
export { GENERATOR_WORDS } from './pcg64.js';

/** A generator's full state as plain JSON; the 128-bit numbers are decimal strings, as `numpy.random.PCG64().state` has them. */
export interface GeneratorState {
  readonly state: string;
  readonly inc: string;
  /** Whether a half of a 64-bit output waits for the next 32-bit draw. */
  readonly hasUint32: 0 | 1;
  readonly uinteger: number;
}

const JUMP = 0x9e3779b97f4a7c15f39cc0605cedc835n;

/**
 * `numpy.random.Generator(PCG64(SeedSequence(...)))`, bit for bit: the same seed gives the same draws in the same order.
 *
 * The draws an env makes each step (`random`, `uniform`, `integers`, `standardNormal`) allocate nothing.
 */
export class Generator {
  /** State, increment and buffered half-word in the layout of `pcg64.ts`. */
  readonly #words = new Uint32Array(PCG64_WORDS);
  #sequence: SeedSequence | null = null;

  private constructor() {}

  /**
   * The generator of `numpy.random.default_rng(seed)`.
   * @throws `INVALID_SEED` unless `seed` is a whole number from 0 to 2^53 - 1.
   */
  static fromSeed(seed: number): Generator {
    if (typeof seed !== 'number' || !Number.isSafeInteger(seed) || seed < 0) {
      throw usageError(
        'INVALID_SEED',
        `Expected a seed that is a whole number from 0 to 2^53 - 1, got ${String(seed)}.`,
        {
          expected: 'a whole number from 0 to 2^53 - 1',
          got: String(seed),
          field: 'seed',
        },
      );
    }
    return Generator.fromSeedSequence(new SeedSequence(seed));
  }

  /** The generator of `Generator(PCG64(sequence))`. */
  static fromSeedSequence(sequence: SeedSequence): Generator {
    const generator = new Generator();
    generator.#sequence = sequence;
    seedPcg64(generator.#words, sequence);
    return generator;
  }

  /**
   * A generator that goes on from a saved state.
   * @throws `INVALID_GENERATOR_STATE` if the state is not one.
   */
  static fromState(state: GeneratorState): Generator {
    const generator = new Generator();
    generator.state = state;
    return generator;
  }

  /** A generator seeded with 128 bits from the operating system. */
  static fromEntropy(): Generator {
    const bits = crypto.getRandomValues(new Uint32Array(4));
    return Generator.fromSeedSequence(new SeedSequence(readUint128(bits, 0)));
  }

  /** A float64 in [0, 1). */
  random(): number {
    return draw.nextDouble(this.#words);
  }

  /** A float32 in [0, 1), as `random(dtype=float32)`. */
  randomFloat(): number {
    return draw.nextFloat(this.#words);
  }

  /** A float64 in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * draw.nextDouble(this.#words);
  }

  /** A normal float64 of mean 0 and standard deviation 1. */
  standardNormal(): number {
    return draw.standardNormal(this.#words);
  }

  /** A normal float32 of mean 0 and standard deviation 1, as `standard_normal(dtype=float32)`. */
  standardNormalFloat(): number {
    return draw.standardNormalFloat(this.#words);
  }

  /** A normal float64 of mean `mean` and standard deviation `std`. */
  normal(mean = 0, std = 1): number {
    return mean + std * draw.standardNormal(this.#words);
  }

  /** An exponential float64 of mean 1. */
  standardExponential(): number {
    return draw.standardExponential(this.#words);
  }

  /** An exponential float32 of mean 1, as `standard_exponential(dtype=float32)`. */
  standardExponentialFloat(): number {
    return draw.standardExponentialFloat(this.#words);
  }

  /** An exponential float64 of mean `scale`. */
  exponential(scale = 1): number {
    return scale * draw.standardExponential(this.#words);
  }

  /**
   * The number of trials up to the first success.
   * @throws `INVALID_PROBABILITY` unless `0 < p <= 1`.
   */
  geometric(p: number): number {
    if (!(p > 0 && p <= 1)) {
      throw usageError('INVALID_PROBABILITY', `Expected a probability above 0 and at most 1, got ${p}.`, {
        got: String(p),
      });
    }
    return draw.geometric(this.#words, p);
  }

  /** The next 32 raw bits: halves of a 64-bit output, the low one first. */
  nextUint32(): number {
    return boundedSafeInteger(this.#words, 0xffffffff);
  }

  /** The next 64 raw bits, as `PCG64().random_raw()`. */
  nextUint64(): bigint {
    stepPcg64(this.#words);
    return (BigInt(this.#words[OUTPUT_HIGH]!) << 32n) | BigInt(this.#words[OUTPUT_LOW]!);
  }

  /**
   * A whole number from `low` (inclusive) to `high` (exclusive), or below `low` with one argument, drawn as numpy draws an int64.
   * @throws `INVALID_RANGE` unless both are whole numbers, `high` is above `low` and the span is at most 2^53 - 1.
   */
  integers(low: number, high?: number): number {
    const first = high === undefined ? 0 : low;
    const end = high === undefined ? low : high;
    const range = end - first - 1;
    if (
      !(range >= 0 && range < Number.MAX_SAFE_INTEGER) ||
      !Number.isSafeInteger(first) ||
      !Number.isSafeInteger(end)
    ) {
      throw usageError(
        'INVALID_RANGE',
        `Expected whole numbers low < high at most 2^53 - 1 apart, got low ${first}, high ${end}.`,
        { expected: 'whole numbers low < high', got: `low ${first}, high ${end}` },
      );
    }
    return first + boundedSafeInteger(this.#words, range);
  }

  /**
   * `size` whole numbers from `low` (inclusive) to `high` (exclusive), as numpy's `integers(low, high, size, dtype)`: 8- and
   * 16-bit types cut several values from one 32-bit draw; 64-bit types take and give bigints.
   * @throws `INVALID_RANGE` if `high` is not above `low` or the dtype cannot hold the range.
   */
  integersArray<D extends IntegerDType>(
    dtype: D,
    low: number | bigint,
    high: number | bigint,
    size: number,
  ): IntegerArrays[D] {
    return boundedArray(this.#words, dtype, low, high, size);
  }

  /** `0 .. n - 1` in random order. */
  permutation(n: number): Int32Array {
    return permutation(this.#words, n);
  }

  /** Puts an array in random order, in place. */
  shuffle<T>(array: T[] | { [index: number]: T; readonly length: number }): void {
    shuffle(this.#words, array);
  }

  /**
   * `size` indices below `n`, or elements of an array, as numpy's `choice`.
   * @throws `INVALID_RANGE` or `INVALID_PROBABILITY` for an impossible choice.
   */
  choice(n: number, size: number, options?: ChoiceOptions): Int32Array;
  choice<T>(candidates: readonly T[], size: number, options?: ChoiceOptions): T[];
  choice<T>(candidates: number | readonly T[], size: number, options: ChoiceOptions = {}): Int32Array | T[] {
    if (typeof candidates === 'number') return choiceIndices(this.#words, candidates, size, options);
    return Array.from(choiceIndices(this.#words, candidates.length, size, options), (index) => candidates[index]!);
  }

  /**
   * `n` independent generators, as numpy's `spawn`.
   * @throws `NO_SEED_SEQUENCE` for a generator restored from a state, which has no sequence to spawn from.
   */
  spawn(n: number): Generator[] {
    if (this.#sequence === null) {
      throw usageError(
        'NO_SEED_SEQUENCE',
        'A generator restored from a state cannot spawn. Spawn from the SeedSequence of the original seed instead.',
      );
    }
    return this.#sequence.spawn(n).map((child) => Generator.fromSeedSequence(child));
  }

  /** Moves `delta` outputs ahead in O(log delta) time and drops the buffered half-word. */
  advance(delta: bigint): void {
    advancePcg64(this.#words, delta);
  }

  /** A copy `jumps` times 2^128 / golden ratio outputs ahead, for streams that never meet. */
  jumped(jumps = 1): Generator {
    const generator = new Generator();
    generator.#words.set(this.#words);
    advancePcg64(generator.#words, JUMP * BigInt(jumps));
    return generator;
  }

  get state(): GeneratorState {
    const words = this.#words;
    return {
      state: readUint128(words, 0).toString(),
      inc: readUint128(words, 4).toString(),
      hasUint32: words[HAS_UINT32] === 0 ? 0 : 1,
      uinteger: words[UINTEGER]!,
    };
  }

  set state(state: GeneratorState) {
    const value = parseUint128(state?.state, 'state');
    const increment = parseUint128(state?.inc, 'inc');
    const { hasUint32, uinteger } = state;
    if ((hasUint32 !== 0 && hasUint32 !== 1) || !(uinteger >>> 0 === uinteger) || (increment & 1n) === 0n) {
      throw badState(`inc ${state.inc}, hasUint32 ${String(hasUint32)}, uinteger ${String(uinteger)}`);
    }
    const words = this.#words;
    writeUint128(words, 0, value);
    writeUint128(words, 4, increment);
    words[HAS_UINT32] = hasUint32;
    words[UINTEGER] = uinteger;
    this.#sequence = null;
  }

  /** Copies the full state to `GENERATOR_WORDS` words of `target` from `offset`, without allocating. */
  snapshotInto(target: Uint32Array, offset: number): void {
    const words = this.#words;
    for (let i = 0; i < GENERATOR_WORDS; i++) target[offset + i] = words[i]!;
  }

  /** Takes the full state from where `snapshotInto` wrote it. */
  restoreFrom(source: Uint32Array, offset: number): void {
    const words = this.#words;
    for (let i = 0; i < GENERATOR_WORDS; i++) words[i] = source[offset + i]!;
  }
}

function parseUint128(text: unknown, field: string): bigint {
  if (typeof text !== 'string' || !/^\d{1,39}$/.test(text)) throw badState(`${field} ${String(text)}`);
  const value = BigInt(text);
  if (value >> 128n !== 0n) throw badState(`${field} ${text}`);
  return value;
}

function badState(got: string): Error {
  return usageError(
    'INVALID_GENERATOR_STATE',
    `Expected a generator state { state, inc, hasUint32, uinteger } of 128-bit decimal strings, 0 or 1, and a 32-bit number; got ${got}.`,
    { got },
  );
}
