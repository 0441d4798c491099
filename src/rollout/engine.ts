/**
 * The main thread's half of the rollout engine: starts the workers, rings them, and turns whatever goes wrong in a thread
 * into one error. The main thread never blocks, so signals, timers and the threads' exits are always seen.
 */
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { compileKernels, networkDescriptor } from '../backends/kernels/kernels.js';
import { failure, GymkhanaError } from '../core/errors.js';
import { modulesFor } from '../registration/index.js';
import { Arena, type SegmentRequest } from './arena.js';
import { Control, createControlBuffer } from './control.js';
import type { StepPlace } from './env-group.js';
import { groupSize, PLACE, planRollout, RECORD, type RolloutOptions } from './plan.js';
import type { WorkerEnd, WorkerTask } from './worker.js';

/** One finished episode, as the workers recorded it. */
export interface EpisodeRecord {
  /** Step of the rollout at which it ended, 0 to T - 1. */
  readonly step: number;
  readonly env: number;
  readonly return: number;
  readonly length: number;
  readonly measures: readonly number[];
}

/** An error in an env, with what plays the episode again. */
export class RolloutError extends GymkhanaError {
  readonly place: StepPlace | null;

  constructor(error: GymkhanaError, place: StepPlace | null) {
    super(error.code, error.message, { kind: error.kind, details: error.details, cause: error });
    this.stack = error.stack ?? this.stack ?? '';
    this.place = place;
  }
}

/** What a worker was at, from its words in `places`. */
function stage(id: string, envIndex: number, step: number): string {
  if (envIndex < 0) return `building its envs of ${id}`;
  return `stepping ${id}, env ${envIndex} ${step === 0 ? 'in its reset' : `at step ${step} of its episode`}`;
}

/** After an abort the surviving workers leave within this time, or are ended. */
const LEAVE_MS = 2000;

export class RolloutEngine {
  readonly options: RolloutOptions;
  readonly arena: Arena;
  readonly #control: Control;
  readonly #pools: Piscina[] = [];
  readonly #ends: Promise<WorkerEnd>[] = [];
  #failure: Promise<never>;
  #closed = false;

  private constructor(options: RolloutOptions, arena: Arena, control: Control) {
    this.options = options;
    this.arena = arena;
    this.#control = control;
    this.#failure = new Promise(() => {});
  }

  /**
   * Starts `options.workers` threads and builds `options.numEnvs` envs in them; resolves when all are ready.
   * @throws `ARENA_TOO_LARGE`, and whatever building an env throws.
   */
  static async create(
    options: RolloutOptions,
    program: { url: string; config: unknown; segments: readonly SegmentRequest[] },
  ): Promise<RolloutEngine> {
    const kernels = await compileKernels();
    const plan = planRollout(options, program.segments);
    const arena = new Arena(plan);
    arena.i32('network').set(networkDescriptor(options.network));
    arena.i32('places').fill(-1);
    const controlBuffer = createControlBuffer();
    const cores = availableParallelism();
    const control = new Control(controlBuffer, options.workers, cores);
    const engine = new RolloutEngine(options, arena, control);
    const modules = await modulesFor(options.spec);
    for (let rank = 0; rank < options.workers; rank++) {
      // One thread a pool: piscina has no affinity between tasks and threads, and each worker owns its envs.
      const pool = new Piscina({
        filename: new URL('./worker.js', import.meta.url).href,
        minThreads: 1,
        maxThreads: 1,
        idleTimeout: Number.POSITIVE_INFINITY,
        atomics: 'disabled',
      });
      const task: WorkerTask = {
        rank,
        workers: options.workers,
        cores,
        options,
        plan,
        memory: arena.memory,
        kernels,
        control: controlBuffer,
        modules,
        programUrl: program.url,
        programConfig: program.config,
      };
      engine.#pools.push(pool);
      engine.#ends.push(engine.#supervise(pool.run(task) as Promise<WorkerEnd>, rank));
    }
    engine.#failure = engine.#watch();
    engine.#failure.catch(() => {});
    try {
      await engine.#settled();
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  /** One iteration: every env takes T steps; with `update`, the workers also learn from them. */
  async run(update: boolean): Promise<void> {
    this.#control.ring(update ? 'iterate' : 'collect');
    await this.#settled();
  }

  /** The episodes that ended in the last rollout, by step, then env: the same order for any number of workers. */
  episodes(): EpisodeRecord[] {
    const { measures, numEnvs, numSteps } = this.options;
    const size = groupSize(numEnvs);
    const width = RECORD.measures + measures.length;
    const counts = this.arena.i32('episodeCounts');
    const rows = this.arena.f64('episodes');
    const episodes: EpisodeRecord[] = [];
    counts.forEach((count, g) => {
      for (let k = 0; k < count; k++) {
        const at = (g * numSteps * size + k) * width;
        episodes.push({
          step: rows[at + RECORD.step]!,
          env: rows[at + RECORD.env]!,
          return: rows[at + RECORD.return]!,
          length: rows[at + RECORD.length]!,
          measures: measures.map((_, m) => rows[at + RECORD.measures + m]!),
        });
      }
    });
    return episodes.sort((a, b) => a.step - b.step || a.env - b.env);
  }

  /** Ends the workers; calling it twice is fine. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#control.aborted) this.#control.ring('stop');
    const timeout = new Promise((resolve) => setTimeout(resolve, LEAVE_MS).unref());
    await Promise.race([Promise.allSettled(this.#ends), timeout]);
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
  }

  async #settled(): Promise<void> {
    await Promise.race([this.#control.finished(), this.#failure]);
    // An abort also ends the wait; the failing worker's own report is then on its way.
    if (this.#control.aborted) await this.#failure;
  }

  /** A thread that exits, runs out of memory or throws late rejects its task; that too ends the others' waits. */
  async #supervise(run: Promise<WorkerEnd>, rank: number): Promise<WorkerEnd> {
    try {
      return await run;
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.#control.abort();
      const [envIndex, step] = this.arena.i32('places').subarray(rank * PLACE.stride);
      const died = failure(
        'WORKER_DIED',
        `worker ${rank} died while ${stage(this.options.spec.id, envIndex!, step!)}: ${cause.message}. The env may have ` +
          'called process.exit, thrown asynchronously or run out of memory.',
        { worker: rank, env: this.options.spec.id, ...(envIndex! >= 0 && { envIndex: envIndex!, step: step! }) },
      );
      died.stack = cause.stack ?? died.stack ?? '';
      return { type: 'failed', error: died.toJSON(), place: null };
    }
  }

  /** Rejects with the lowest-ranked worker's own failure, once all have left. */
  async #watch(): Promise<never> {
    await Promise.race(
      this.#ends.map(async (end) => ((await end).type === 'stopped' ? new Promise(() => {}) : undefined)),
    );
    const timeout = new Promise<null>((resolve) => setTimeout(() => resolve(null), LEAVE_MS).unref());
    const ends = await Promise.all(this.#ends.map((end) => Promise.race([end, timeout])));
    for (const end of ends) {
      if (end?.type === 'failed') throw new RolloutError(GymkhanaError.fromJSON(end.error), end.place);
    }
    throw failure('WORKER_DIED', 'the workers stopped without saying why.');
  }
}
