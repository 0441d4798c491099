/**
 * The words through which threads meet: a doorbell, a barrier among the workers, tickets for shards, an abort word.
 * Nobody waits without watching the abort word, so a dead thread never leaves the others waiting.
 */

import { PLACE } from './plan.js';

const DOORBELL = 0;
const COMMAND = 1;
const DONE = 2;
const ABORT = 3;
const ARRIVED = 4;
const GENERATION = 5;
const TICKET = 6;
const WORDS = 16;

/**
 * Spins before a thread sleeps where every thread has a core of its own, about 20 us; fewer once it had to sleep all the same: whom
 * it waits for may want the core that it spins on.
 */
const SPINS = { least: 500, most: 20_000 } as const;
/** A sleeping thread looks at the abort word at least this often. */
const SLICE_MS = 50;

export type Command = 'stop' | 'collect' | 'iterate';
const COMMANDS: readonly Command[] = ['stop', 'collect', 'iterate'];

/** Thrown out of a wait when another thread failed; the worker leaves its iteration and reports nothing of its own. */
export class Aborted extends Error {
  constructor() {
    super('another worker failed; this iteration was given up');
    this.name = 'Aborted';
  }
}

export function createControlBuffer(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT);
}

/** One thread's hold on the control words. */
export class Control {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #workers: number;
  readonly #maySpin: boolean;
  #spins: number = SPINS.most;
  /** This worker's words, where main sees whether it works, waits or hangs; null on the main thread. */
  readonly #place: Int32Array | null;

  constructor(buffer: SharedArrayBuffer, workers: number, cores: number, place: Int32Array | null = null) {
    this.#place = place;
    this.#words = new Int32Array(buffer);
    this.#workers = workers;
    this.#maySpin = workers <= cores;
  }

  /** Main: starts the workers on a command. All of them must be idle. */
  ring(command: Command): void {
    const words = this.#words;
    Atomics.store(words, DONE, 0);
    Atomics.store(words, TICKET, 0);
    Atomics.store(words, COMMAND, COMMANDS.indexOf(command));
    Atomics.add(words, DOORBELL, 1);
    Atomics.notify(words, DOORBELL);
  }

  /**
   * Main: resolves once every worker has finished the command; keeps the event loop free meanwhile.
   * @param look - called every `everyMs` while some worker has not.
   */
  async finished(look: () => void, everyMs: number): Promise<void> {
    const words = this.#words;
    for (;;) {
      const done = Atomics.load(words, DONE);
      if (done === this.#workers || this.aborted) return;
      const wait = Atomics.waitAsync(words, DONE, done, everyMs);
      if (wait.async && (await wait.value) === 'timed-out') look();
    }
  }

  /** Anyone: ends every wait with `Aborted`. */
  abort(): void {
    const words = this.#words;
    Atomics.store(words, ABORT, 1);
    for (const word of [DOORBELL, GENERATION, DONE]) Atomics.notify(words, word);
  }

  get aborted(): boolean {
    return Atomics.load(this.#words, ABORT) !== 0;
  }

  /** Worker: waits for the next ring after doorbell count `seen`. */
  waitForCommand(seen: number): { doorbell: number; command: Command } {
    const words = this.#words;
    this.#waitWhile(DOORBELL, seen);
    return { doorbell: Atomics.load(words, DOORBELL), command: COMMANDS[Atomics.load(words, COMMAND)] ?? 'stop' };
  }

  /** Worker: reports the command done. */
  done(): void {
    Atomics.add(this.#words, DONE, 1);
    Atomics.notify(this.#words, DONE);
  }

  /** Worker: returns once every worker has arrived; what others wrote before is visible after. */
  barrier(): void {
    const words = this.#words;
    const generation = Atomics.load(words, GENERATION);
    if (Atomics.add(words, ARRIVED, 1) + 1 === this.#workers) {
      Atomics.store(words, ARRIVED, 0);
      Atomics.add(words, GENERATION, 1);
      Atomics.notify(words, GENERATION);
      return;
    }
    this.#waitWhile(GENERATION, generation);
  }

  /**
   * Worker: the next unclaimed item. Every worker claims until it gets a number at or beyond `base + items`, so a round
   * uses `items + workers` tickets and the next round's base follows without a reset.
   */
  claim(): number {
    this.#beat();
    return Atomics.add(this.#words, TICKET, 1);
  }

  /** Worker: leaves if another thread failed; called between pieces of long work. */
  check(): void {
    this.#beat();
    if (this.aborted) throw new Aborted();
  }

  /**
   * Worker: calls a native library. A thread that is ended in there takes the whole process with it, so main waits for it to come
   * out, and after an abort none goes in.
   */
  async native<T>(call: () => Promise<T>): Promise<T> {
    const place = this.#place;
    if (place === null) return await call();
    Atomics.store(place, PLACE.native, 1);
    try {
      this.check();
      return await call();
    } finally {
      Atomics.store(place, PLACE.native, 0);
    }
  }

  #waitWhile(word: number, value: number): void {
    const words = this.#words;
    if (this.#maySpin) {
      let left = this.#spins;
      while (left > 0 && Atomics.load(words, word) === value) left--;
      this.#spins = left > 0 ? Math.min(SPINS.most, 2 * this.#spins) : Math.max(SPINS.least, this.#spins >> 1);
    }
    const place = this.#place;
    if (place !== null) place[PLACE.waiting] = 1;
    while (Atomics.load(words, word) === value) {
      this.check();
      Atomics.wait(words, word, value, SLICE_MS);
    }
    if (place !== null) place[PLACE.waiting] = 0;
    this.check();
  }

  #beat(): void {
    if (this.#place !== null) this.#place[PLACE.beat]!++;
  }
}
