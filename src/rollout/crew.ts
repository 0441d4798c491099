/**
 * The worker threads of a rollout engine, from their start to their end. They fail together: when one dies, hangs or throws, the
 * others leave their work, and `run` rejects with what happened. The main thread never blocks, so signals, timers and the threads'
 * exits are always seen.
 */
import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { compileKernels } from '../backends/kernels/kernels.js';
import { failure, GymkhanaError } from '../core/errors.js';
import type { WrapperState } from '../core/wrapper.js';
import { modulesFor } from '../registration/index.js';
import type { Arena } from './arena.js';
import { type Command, Control, createControlBuffer } from './control.js';
import type { EnvLog, RolloutNote } from './episode-logs.js';
import { BUILDING, groupSize, groupsOf, PLACE, type RolloutOptions } from './plan.js';
import type { WorkerEnd, WorkerTask } from './worker.js';

/** A worker's failure, and where it was. */
export interface CrewFailure {
  readonly error: GymkhanaError;
  readonly rank: number;
  readonly wrappers: readonly WrapperState[] | null;
}

/** What a crew works at: an algorithm's worker half and its settings. */
export interface Program {
  readonly url: string;
  readonly config: unknown;
}

/** How main watches over its workers. */
export interface Watch {
  /** A worker that makes no progress for so long hangs; 0 for never. */
  readonly hangSeconds: number;
  /** MiB of heap that each worker may use; the engine's default if absent. */
  readonly heapLimit?: number;
}

/** After an abort the surviving workers leave within this time, or are ended. */
const LEAVE_MS = 2000;
/** The least time that a worker has for loading modules and building envs. */
const BUILD_MS = 30_000;
/** The most time between two looks at the workers' progress. */
const LOOK_MS = 1000;

/** A crew's end, as a rejection. */
export class CrewError extends Error {
  readonly failure: CrewFailure;

  constructor(failed: CrewFailure) {
    super(failed.error.message);
    this.failure = failed;
  }
}

export class Crew {
  readonly #options: RolloutOptions;
  readonly #arena: Arena;
  readonly #control: Control;
  readonly #watch: Watch;
  readonly #pools: Piscina[] = [];
  readonly #ends: Promise<WorkerEnd>[] = [];
  readonly #ports: MessagePort[] = [];
  #failed: Promise<never> = new Promise(() => {});
  /** What `#failed` was rejected with. */
  #failure: { readonly error: unknown } | null = null;
  /** Ends the present wait for the workers. */
  #onFailure: ((error: unknown) => void) | null = null;
  /** Beats of each worker at the last look, and when they were last seen to change. */
  readonly #beats: { count: number; at: number }[];
  #hung: ((hung: CrewFailure) => void) | null = null;
  #closed = false;
  #running = false;

  private constructor(options: RolloutOptions, arena: Arena, control: Control, watch: Watch) {
    this.#options = options;
    this.#arena = arena;
    this.#control = control;
    this.#watch = watch;
    this.#beats = Array.from({ length: options.workers }, () => ({ count: -1, at: 0 }));
  }

  /**
   * Starts the threads, which build their envs, and play `logs` if there are any; resolves when all are ready.
   * @throws `CrewError`.
   */
  static async start(
    options: RolloutOptions,
    arena: Arena,
    program: Program,
    watch: Watch,
    logs: ((from: number, to: number) => EnvLog[]) | null,
  ): Promise<Crew> {
    const kernels = await compileKernels();
    const modules = await modulesFor(options.spec);
    const places = arena.i32('places').fill(0);
    for (let rank = 0; rank < options.workers; rank++) places[rank * PLACE.stride + PLACE.env] = BUILDING;
    const buffer = createControlBuffer();
    const cores = availableParallelism();
    const crew = new Crew(options, arena, new Control(buffer, options.workers, cores), watch);
    const size = groupSize(options.numEnvs);
    for (let rank = 0; rank < options.workers; rank++) {
      // One thread a pool: piscina has no affinity between tasks and threads, and each worker owns its envs.
      const pool = new Piscina({
        filename: new URL('./worker.js', import.meta.url).href,
        minThreads: 1,
        maxThreads: 1,
        idleTimeout: Number.POSITIVE_INFINITY,
        atomics: 'disabled',
        ...(watch.heapLimit !== undefined && { resourceLimits: { maxOldGenerationSizeMb: watch.heapLimit } }),
      });
      const { port1, port2 } = new MessageChannel();
      const { from, to } = groupsOf(rank, options);
      const task: WorkerTask = {
        rank,
        workers: options.workers,
        cores,
        options,
        plan: arena.plan,
        memory: arena.memory,
        pixels: arena.pixels,
        kernels,
        control: buffer,
        notes: port2,
        logs: logs === null ? null : logs(from * size, Math.min(to * size, options.numEnvs)),
        modules,
        programUrl: program.url,
        programConfig: program.config,
      };
      crew.#ports.push(port1);
      crew.#pools.push(pool);
      const run = pool.run(task, { transferList: [port2] }) as Promise<WorkerEnd>;
      crew.#ends.push(crew.#supervise(run, rank));
    }
    crew.#failed = Promise.race([
      crew.#firstFailure(),
      new Promise<never>((_, reject) => {
        crew.#hung = (hung) => reject(new CrewError(hung));
      }),
    ]);
    crew.#failed.catch((error: unknown) => {
      crew.#failure = { error };
      crew.#onFailure?.(error);
    });
    try {
      await crew.#settled();
    } catch (error) {
      await crew.close();
      throw error;
    }
    return crew;
  }

  /** Rings, and resolves with the workers' notes once all are done. @throws `CrewError` */
  async run(command: Command): Promise<RolloutNote[]> {
    this.#control.ring(command);
    this.#running = true;
    await this.#settled();
    this.#running = false;
    const notes: RolloutNote[] = [];
    for (const port of this.#ports) {
      for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
        notes.push(...(got.message as RolloutNote[]));
      }
    }
    return notes;
  }

  /** The threads, for tests that end them from outside or weigh their heaps. @internal */
  get threads(): readonly Worker[] {
    return this.#pools.flatMap((pool) => pool.threads);
  }

  /** Ends the workers, those that hang too; calling it twice is fine. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#running) this.#control.abort();
    else if (!this.#control.aborted) this.#control.ring('stop');
    const left = await Promise.race([Promise.allSettled(this.#ends), late()]);
    if (left === null) await this.#leaveLibraries();
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
    for (const port of this.#ports) port.close();
  }

  /** Waits until no thread is inside a native library, see `Control.native`. */
  async #leaveLibraries(): Promise<void> {
    this.#control.abort();
    const places = this.#arena.i32('places');
    const running = new Set(this.#ends.keys());
    for (const [rank, end] of this.#ends.entries()) void end.then(() => running.delete(rank));
    while ([...running].some((rank) => Atomics.load(places, rank * PLACE.stride + PLACE.native) === 1)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async #settled(): Promise<void> {
    const limit = this.#watch.hangSeconds * 1000;
    const every = limit === 0 ? LOOK_MS : Math.min(LOOK_MS, limit / 4);
    for (const beat of this.#beats) beat.at = performance.now();
    // Not a race with `#failed`, which lives as long as the crew and would keep a reaction of every command.
    await new Promise<void>((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure.error);
      this.#onFailure = reject;
      this.#control.finished(() => this.#look(limit), every).then(resolve, reject);
    });
    this.#onFailure = null;
    // An abort also ends the wait; the failing worker's own report is then on its way.
    if (this.#control.aborted) await this.#failed;
  }

  /** Fails the crew where a worker neither waits nor gets on. */
  #look(limit: number): void {
    if (limit === 0) return;
    const places = this.#arena.i32('places');
    const now = performance.now();
    for (const [rank, beat] of this.#beats.entries()) {
      const count = places[rank * PLACE.stride + PLACE.beat]!;
      if (count !== beat.count || places[rank * PLACE.stride + PLACE.waiting] === 1) {
        beat.count = count;
        beat.at = now;
        continue;
      }
      // Modules load without a beat.
      const building = places[rank * PLACE.stride + PLACE.env] === BUILDING;
      if (now - beat.at < (building ? Math.max(limit, BUILD_MS) : limit)) continue;
      const { words, details } = this.#stage(rank);
      const error = failure(
        'WORKER_HUNG',
        `worker ${rank} has made no progress for ${this.#watch.hangSeconds} s while ${words}; it was ended. An env that needs so long ` +
          'for one step needs a higher --hang-timeout.',
        details,
      );
      this.#control.abort();
      this.#hung?.({ error, rank, wrappers: null });
      return;
    }
  }

  /** What a worker was at, from its words in `places`. */
  #stage(rank: number): { words: string; details: { worker: number; env: string; envIndex?: number; step?: number } } {
    const { id } = this.#options.spec;
    const place = this.#arena.i32('places').subarray(rank * PLACE.stride);
    const [envIndex, step] = [place[PLACE.env]!, place[PLACE.step]!];
    const details = { worker: rank, env: id };
    if (envIndex < 0) {
      return { words: envIndex === BUILDING ? `building its envs of ${id}` : 'learning from the rollout', details };
    }
    const where = step === 0 ? 'in its reset' : `at step ${step} of its episode`;
    return { words: `stepping ${id}, env ${envIndex} ${where}`, details: { ...details, envIndex, step } };
  }

  /** A thread that exits, runs out of memory or throws late rejects its task; that too ends the others' waits. */
  async #supervise(run: Promise<WorkerEnd>, rank: number): Promise<WorkerEnd> {
    try {
      return await run;
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.#control.abort();
      const { words, details } = this.#stage(rank);
      const died = failure(
        'WORKER_DIED',
        `worker ${rank} died while ${words}: ${cause.message}. The env may have called process.exit, thrown asynchronously or run out of memory.`,
        details,
      );
      died.stack = cause.stack ?? died.stack ?? '';
      return { type: 'failed', error: died.toJSON(), wrappers: null };
    }
  }

  /** Rejects with the lowest-ranked worker's own failure, once all have left. */
  async #firstFailure(): Promise<never> {
    await Promise.race(
      this.#ends.map(async (end) => ((await end).type === 'stopped' ? new Promise(() => {}) : undefined)),
    );
    const timeout = late();
    const ends = await Promise.all(this.#ends.map((end) => Promise.race([end, timeout])));
    for (const [rank, end] of ends.entries()) {
      if (end?.type === 'failed') {
        throw new CrewError({ error: GymkhanaError.fromJSON(end.error), rank, wrappers: end.wrappers });
      }
    }
    throw new CrewError({
      error: failure('WORKER_DIED', 'the workers stopped without saying why.'),
      rank: 0,
      wrappers: null,
    });
  }
}

function late(): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), LEAVE_MS).unref());
}
