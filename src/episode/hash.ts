/**
 * The 32-bit hash of one step: observation, reward, flags and the action that led there. `verify` compares it step by step.
 *
 * MurmurHash3 (Appleby, x86 32-bit variant) over 32-bit words. Allocation-free for array observations. Words are read from
 * memory as they lie, so a hash is that of a little-endian machine, which all of Node's common platforms are.
 */
import { arrayOver, isDType } from '../spaces/arrays.js';
import type { Space } from '../spaces/space.js';
import { encodingOf } from './store.js';

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

/** The murmur3 state after one more 32-bit word. */
function mix(hash: number, word: number): number {
  let k = Math.imul(word, C1);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, C2);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/** The finished hash, an unsigned 32-bit whole number. */
function finish(hash: number, length: number): number {
  let h = hash ^ length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** MurmurHash3, x86 32-bit, of `count` whole words: the published function for inputs whose length is a multiple of 4. */
export function hashWords(words: Uint32Array, count: number, seed: number): number {
  let hash = seed | 0;
  for (let i = 0; i < count; i++) hash = mix(hash, words[i]!);
  return finish(hash, count * 4);
}

/** Writes one member of a space into a word buffer of its own; `words` are those of the last value written. */
class WordWriter {
  words: Uint32Array;
  readonly #target: ReturnType<typeof arrayOver> | null;
  readonly #space: Space;
  readonly #dtype: string;

  constructor(space: Space) {
    const { encoding, width } = encodingOf(space);
    this.#space = space;
    this.#dtype = encoding;
    const bytes = isDType(encoding) ? arrayOver(encoding, new ArrayBuffer(0), 0, 0).BYTES_PER_ELEMENT * width : 0;
    this.words = new Uint32Array(Math.ceil(bytes / 4));
    this.#target = isDType(encoding) ? arrayOver(encoding, this.words.buffer, 0, width) : null;
  }

  write(value: unknown): void {
    const target = this.#target;
    if (target instanceof Float32Array && value instanceof Float32Array && value.length === target.length) {
      // One loop for the usual case, copy and NaN at once: half the time of the calls below for a few dozen numbers.
      const words = this.words;
      for (let i = 0; i < target.length; i++) {
        const number = value[i]!;
        target[i] = number;
        if (Number.isNaN(number)) words[i] = 0x7fc00000;
      }
      return;
    }
    if (target === null) this.#writeText(JSON.stringify(this.#space.valueToJSON(value)));
    else if (typeof value === 'number') target[0] = value;
    else target.set(value as ArrayLike<number>);
    // Engines differ in the bits of a NaN, so every NaN counts as the same one.
    if (this.#dtype === 'float32') {
      const words = this.words;
      for (let i = 0; i < words.length; i++) if ((words[i]! & 0x7fffffff) > 0x7f800000) words[i] = 0x7fc00000;
    } else if (this.#dtype === 'float64') {
      const words = this.words;
      for (let i = 0; i < words.length; i += 2) canonicalNaN(words, i);
    }
  }

  #writeText(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.words = new Uint32Array(Math.ceil(bytes.length / 4));
    new Uint8Array(this.words.buffer).set(bytes);
  }
}

/** Gives a float64 NaN at words `at`, `at + 1` its usual bits. */
function canonicalNaN(words: Uint32Array, at: number): void {
  const high = words[at + 1]! & 0x7fffffff;
  if (high > 0x7ff00000 || (high === 0x7ff00000 && words[at] !== 0)) {
    words[at] = 0;
    words[at + 1] = 0x7ff80000;
  }
}

/** Hashes the resets and steps of one env; make one an env and keep it, since it owns the buffers. */
export class StepHasher {
  readonly #observation: WordWriter;
  readonly #action: WordWriter;
  readonly #rewardWords = new Uint32Array(2);
  readonly #reward = new Float64Array(this.#rewardWords.buffer);

  constructor(observationSpace: Space, actionSpace: Space) {
    this.#observation = new WordWriter(observationSpace);
    this.#action = new WordWriter(actionSpace);
  }

  /** Hash of a reset: its observation alone. */
  reset(observation: unknown): number {
    this.#observation.write(observation);
    const words = this.#observation.words;
    return hashWords(words, words.length, 0);
  }

  /** Hash of a step: observation, reward (float64), flags and action. */
  step(observation: unknown, reward: number, terminated: boolean, truncated: boolean, action: unknown): number {
    this.#observation.write(observation);
    this.#action.write(action);
    this.#reward[0] = reward;
    canonicalNaN(this.#rewardWords, 0);
    const seen = this.#observation.words;
    const done = this.#action.words;
    let hash = 1;
    for (let i = 0; i < seen.length; i++) hash = mix(hash, seen[i]!);
    hash = mix(hash, this.#rewardWords[0]!);
    hash = mix(hash, this.#rewardWords[1]!);
    hash = mix(hash, (terminated ? 1 : 0) | (truncated ? 2 : 0));
    for (let i = 0; i < done.length; i++) hash = mix(hash, done[i]!);
    return finish(hash, 4 * (seen.length + done.length + 3));
  }
}
