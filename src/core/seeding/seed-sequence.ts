import { usageError } from '../errors.js';

const POOL_SIZE = 4;
const INIT_A = 0x43b0d7e5;
const MULT_A = 0x931e8875;
const INIT_B = 0x8b51f9dd;
const MULT_B = 0x58f38ded;
const MIX_LEFT = 0xca01f9dd;
const MIX_RIGHT = 0x4973f715;

/** What a SeedSequence is made of: one whole number of any size, or several. */
export type Entropy = number | bigint | readonly (number | bigint)[];

/** Appends the 32-bit words of a whole number, lowest first; zero is one word. */
function pushWords(words: number[], value: number | bigint, what: string): void {
  const valid = typeof value === 'bigint' ? value >= 0n : Number.isSafeInteger(value) && value >= 0;
  if (!valid) {
    throw usageError(
      'INVALID_SEED',
      `Expected ${what} as a whole number from 0 (to 2^53 - 1, or a bigint), got ${String(value)}.`,
      { expected: 'a whole number from 0', got: String(value) },
    );
  }
  if (typeof value === 'number') {
    words.push(value >>> 0);
    if (value > 0xffffffff) words.push(Math.floor(value / 4294967296));
    return;
  }
  let rest = value;
  do {
    words.push(Number(rest & 0xffffffffn));
    rest >>= 32n;
  } while (rest > 0n);
}

/** @throws `INVALID_SEED` */
function wordsOf(entropy: Entropy, spawnKey: readonly number[]): number[] {
  const words: number[] = [];
  if (typeof entropy === 'object' && entropy !== null) {
    for (const part of entropy) pushWords(words, part, 'each part of the entropy');
  } else {
    pushWords(words, entropy, 'the entropy');
  }
  if (spawnKey.length > 0) {
    while (words.length < POOL_SIZE) words.push(0);
    for (const index of spawnKey) pushWords(words, index, 'each part of the spawn key');
  }
  return words;
}

const NO_SPAWN_KEY: readonly number[] = [];

function mix(x: number, y: number): number {
  const result = (Math.imul(MIX_LEFT, x) - Math.imul(MIX_RIGHT, y)) >>> 0;
  return (result ^ (result >>> 16)) >>> 0;
}

/**
 * NumPy's `SeedSequence`: turns any entropy into well-mixed seeds, and spawns independent children.
 * Source: `numpy/random/bit_generator.pyx`, after O'Neill's `seed_seq_fe`.
 */
export class SeedSequence {
  readonly entropy: Entropy;
  /** The path of `spawn` indices from the root sequence. */
  readonly spawnKey: readonly number[];
  #children = 0;

  /**
   * @param entropy - whole numbers of any size; a list mixes all of them.
   * @param spawnKey - whole numbers that tell siblings of the same entropy apart.
   * @throws `INVALID_SEED` for anything that is not a whole number from 0.
   */
  constructor(entropy: Entropy, spawnKey: readonly number[] = NO_SPAWN_KEY) {
    this.entropy = entropy;
    this.spawnKey = spawnKey;
    wordsOf(entropy, spawnKey);
  }

  /** The mixed entropy, four words: mixed at each call rather than kept, since every generator of a large batch has a sequence. */
  get pool(): Uint32Array {
    return mixedPool(wordsOf(this.entropy, this.spawnKey));
  }

  /** `n` words of 32 bits; the same on every call. */
  generateState(n: number): Uint32Array {
    const state = new Uint32Array(n);
    const { pool } = this;
    let hash = INIT_B;
    for (let i = 0; i < n; i++) {
      let value = pool[i % POOL_SIZE]! ^ hash;
      hash = Math.imul(hash, MULT_B);
      value = Math.imul(value, hash);
      state[i] = value ^ (value >>> 16);
    }
    return state;
  }

  /** `n` words of 64 bits, each from two 32-bit words, the low one first. */
  generateState64(n: number): BigUint64Array {
    const halves = this.generateState(2 * n);
    const state = new BigUint64Array(n);
    for (let i = 0; i < n; i++) state[i] = (BigInt(halves[2 * i + 1]!) << 32n) | BigInt(halves[2 * i]!);
    return state;
  }

  /** `n` new children, independent of this sequence, of each other and of earlier children. */
  spawn(n: number): SeedSequence[] {
    const children: SeedSequence[] = [];
    for (let i = 0; i < n; i++) children.push(new SeedSequence(this.entropy, [...this.spawnKey, this.#children++]));
    return children;
  }
}

function mixedPool(words: readonly number[]): Uint32Array {
  const pool = new Uint32Array(POOL_SIZE);
  let hash = INIT_A;
  const hashMix = (word: number): number => {
    let value = word ^ hash;
    hash = Math.imul(hash, MULT_A);
    value = Math.imul(value, hash);
    return (value ^ (value >>> 16)) >>> 0;
  };
  for (let i = 0; i < POOL_SIZE; i++) pool[i] = hashMix(words[i] ?? 0);
  for (let source = 0; source < POOL_SIZE; source++) {
    for (let target = 0; target < POOL_SIZE; target++) {
      if (source !== target) pool[target] = mix(pool[target]!, hashMix(pool[source]!));
    }
  }
  for (let source = POOL_SIZE; source < words.length; source++) {
    for (let target = 0; target < POOL_SIZE; target++) pool[target] = mix(pool[target]!, hashMix(words[source]!));
  }
  return pool;
}
