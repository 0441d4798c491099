/**
 * How the main thread and one worker of an async vector env talk: a doorbell, a word for how the worker is, and a message each
 * way in shared memory, which reaches a main thread that is blocked. The only file with the protocol's atomics.
 */
import { deserialize, serialize } from 'node:v8';

/** Words of a channel. */
const WORD = { call: 0, done: 1, command: 2, status: 3, request: 4, reply: 5, count: 6 } as const;

/** What a worker is told. */
export const COMMANDS = ['reset', 'step', 'some', 'call', 'set', 'close'] as const;
export type Command = (typeof COMMANDS)[number];

/** How a worker is: building its envs, waiting or working, failed with an error in the reply, or gone. */
const STATUS = { starting: 0, alive: 1, failed: 2, gone: 3 } as const;

/** Longest time, ms, that a thread is blocked without a look round. */
const SLICE = 50;
/**
 * Looks at a word before a thread sleeps, since a wake-up takes longer than a step of a few envs: many where every worker and the main
 * thread have a core of their own, few where whoever looks takes the core from whoever works.
 */
const SPINS = { alone: 40_000, shared: 500 } as const;
const FIRST_BYTES = 1 << 16;
const MOST_BYTES = 1 << 28;

/** The shared memory of a channel, as it is posted to the worker. */
export interface ChannelMemory {
  readonly words: SharedArrayBuffer;
  readonly request: SharedArrayBuffer;
  readonly reply: SharedArrayBuffer;
  /** Looks before a thread sleeps. */
  readonly spins: number;
}

/**
 * Memory for one of `workers` workers on a machine with `cores`; messages grow up to 256 MiB, of which only what is used is taken
 * from the system.
 */
export function channelMemory(workers: number, cores: number): ChannelMemory {
  const message = (): SharedArrayBuffer => new SharedArrayBuffer(FIRST_BYTES, { maxByteLength: MOST_BYTES });
  return {
    words: new SharedArrayBuffer(4 * WORD.count),
    request: message(),
    reply: message(),
    spins: workers < cores ? SPINS.alone : SPINS.shared,
  };
}

/** What the wait for a worker ended with. */
export type Outcome = 'done' | 'failed' | 'gone' | 'silent';

function write(buffer: SharedArrayBuffer, value: unknown): number {
  if (value === undefined) return 0;
  const bytes = serialize(value);
  if (bytes.length > buffer.byteLength) {
    if (bytes.length > MOST_BYTES) throw new RangeError(`a message of ${bytes.length} bytes is beyond ${MOST_BYTES}`);
    buffer.grow(Math.min(MOST_BYTES, 2 * bytes.length));
  }
  new Uint8Array(buffer).set(bytes);
  return bytes.length;
}

function read(buffer: SharedArrayBuffer, length: number): unknown {
  return length === 0 ? undefined : deserialize(Buffer.from(new Uint8Array(buffer, 0, length)));
}

/** The main thread's end. */
export class MainChannel {
  readonly memory: ChannelMemory;
  readonly #words: Int32Array;
  #calls = 0;

  constructor(memory: ChannelMemory) {
    this.memory = memory;
    this.#words = new Int32Array(memory.words);
  }

  /** Rings; `wait` or `ready` tell when the worker has done it. */
  ring(command: Command, request?: unknown): void {
    Atomics.store(this.#words, WORD.request, write(this.memory.request, request));
    Atomics.store(this.#words, WORD.command, COMMANDS.indexOf(command));
    Atomics.store(this.#words, WORD.call, ++this.#calls);
    Atomics.notify(this.#words, WORD.call);
  }

  /** Whether the last call is done, or never will be. */
  get ready(): boolean {
    return this.#outcome() !== null;
  }

  #outcome(): Outcome | null {
    const status = Atomics.load(this.#words, WORD.status);
    if (status === STATUS.failed) return 'failed';
    if (status === STATUS.alive && Atomics.load(this.#words, WORD.done) === this.#calls) return 'done';
    return status === STATUS.gone ? 'gone' : null;
  }

  /** Blocks until the last call is done, in slices, up to `limit` ms. */
  wait(limit: number): Outcome {
    for (let spin = 0; spin < this.memory.spins; spin++) {
      const outcome = this.#outcome();
      if (outcome !== null) return outcome;
    }
    for (let waited = 0; ; waited += SLICE) {
      const before = Atomics.load(this.#words, WORD.done);
      const outcome = this.#outcome();
      if (outcome !== null) return outcome;
      if (waited >= limit) return 'silent';
      Atomics.wait(this.#words, WORD.done, before, Math.min(SLICE, limit - waited));
    }
  }

  /** As `wait`, without blocking: a thread that dies without a word is seen too, by its exit event. */
  async waitAsync(limit: number): Promise<Outcome> {
    // waitAsync alone does not keep the process alive.
    const alive = setInterval(() => {}, 1000);
    try {
      return await this.#waitAsync(limit);
    } finally {
      clearInterval(alive);
    }
  }

  async #waitAsync(limit: number): Promise<Outcome> {
    for (let waited = 0; ; waited += SLICE) {
      const before = Atomics.load(this.#words, WORD.done);
      const outcome = this.#outcome();
      if (outcome !== null) return outcome;
      if (waited >= limit) return 'silent';
      const slice = Math.min(SLICE, limit - waited);
      const waiting = Atomics.waitAsync(this.#words, WORD.done, before, slice);
      if (!waiting.async) continue;
      await waiting.value;
      // Lets events of the threads, such as an exit, be seen.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Notes that the thread has ended. */
  markGone(): void {
    if (Atomics.load(this.#words, WORD.status) !== STATUS.failed) Atomics.store(this.#words, WORD.status, STATUS.gone);
    Atomics.notify(this.#words, WORD.done);
  }

  /** The worker's message. */
  reply(): unknown {
    return read(this.memory.reply, Atomics.load(this.#words, WORD.reply));
  }
}

/** The worker's end. */
export class WorkerChannel {
  readonly #memory: ChannelMemory;
  readonly #words: Int32Array;
  #seen = 0;

  constructor(memory: ChannelMemory) {
    this.#memory = memory;
    this.#words = new Int32Array(memory.words);
  }

  /** Sleeps until the main thread rings. */
  next(): { readonly command: Command; readonly request: unknown } {
    const { spins } = this.#memory;
    for (let spin = 0; spin < spins && Atomics.load(this.#words, WORD.call) === this.#seen; spin++);
    while (Atomics.load(this.#words, WORD.call) === this.#seen) Atomics.wait(this.#words, WORD.call, this.#seen, 1000);
    this.#seen = Atomics.load(this.#words, WORD.call);
    const request = read(this.#memory.request, Atomics.load(this.#words, WORD.request));
    return { command: COMMANDS[Atomics.load(this.#words, WORD.command)]!, request };
  }

  /** The envs are built, or the call is done. */
  done(reply?: unknown): void {
    Atomics.store(this.#words, WORD.reply, write(this.#memory.reply, reply));
    Atomics.store(this.#words, WORD.status, STATUS.alive);
    Atomics.store(this.#words, WORD.done, this.#seen);
    Atomics.notify(this.#words, WORD.done);
  }

  /** The last word: an error as JSON. */
  failed(error: unknown): void {
    Atomics.store(this.#words, WORD.reply, write(this.#memory.reply, error));
    Atomics.store(this.#words, WORD.status, STATUS.failed);
    Atomics.notify(this.#words, WORD.done);
  }

  /** The thread ends, whatever the reason, unless it said why before. */
  gone(): void {
    if (Atomics.load(this.#words, WORD.status) === STATUS.failed) return;
    Atomics.store(this.#words, WORD.status, STATUS.gone);
    Atomics.notify(this.#words, WORD.done);
  }
}
