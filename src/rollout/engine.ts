/**
 * The main thread's half of the rollout engine. An iteration is a transaction: nothing of it is kept before `commit`. Where a worker
 * dies, hangs or an env throws, all workers are started anew, their envs are rebuilt from the logs of their episodes, the algorithm
 * publishes again what the iteration started from, and the iteration is redone: its results are those of an undisturbed one.
 */
import type { Worker } from 'node:worker_threads';
import { networkDescriptor } from '../backends/kernels/kernels.js';
import { GymkhanaError } from '../core/errors.js';
import { GENERATOR_WORDS } from '../core/seeding/index.js';
import type { WrapperState } from '../core/wrapper.js';
import { actionWidth } from '../network/validate.js';
import { Arena, type SegmentRequest } from './arena.js';
import { Crew, CrewError, type CrewFailure, type Program, type Watch } from './crew.js';
import { type EnvLog, EpisodeLogs, type RolloutNote, type StoredActions, storedType } from './episode-logs.js';
import { planThatFits } from './memory.js';
import { actionColumn, envGenerator, groupSize, PLACE, planRollout, RECORD, type RolloutOptions } from './plan.js';

/** One finished episode, as the workers recorded it. */
export interface EpisodeRecord {
  /** Step of the rollout at which it ended, 0 to T - 1. */
  readonly step: number;
  readonly env: number;
  readonly return: number;
  readonly length: number;
  readonly measures: readonly number[];
}

/** The episode in which an env failed: what plays it again. */
export interface StepPlace {
  readonly envIndex: number;
  readonly generator: Uint32Array;
  /** Actions as the policy stored them, the one that failed included, [steps, width]; none if the reset failed. */
  readonly actions: ArrayLike<number>;
  /** Numbers in one action. */
  readonly width: number;
  readonly wrappers: readonly WrapperState[] | null;
}

/** An error in a worker, with what plays the episode again where that is known. */
export class RolloutError extends GymkhanaError {
  readonly place: StepPlace | null;

  constructor(error: GymkhanaError, place: StepPlace | null) {
    super(error.code, error.message, { kind: error.kind, details: error.details, cause: error });
    this.stack = error.stack ?? this.stack ?? '';
    this.place = place;
  }
}

/** What the engine asks of the algorithm and tells it. */
export interface EngineHooks extends Watch {
  /** Writes all that an iteration starts from into the arena: parameters, moments, statistics. Workers are not running. */
  readonly publish: (arena: Arena) => void;
  readonly onNotice: (text: string) => void;
}

/** Failures that another try may not meet again; a wrong value from an env is met each time. */
const ACCIDENTS: readonly string[] = ['WORKER_DIED', 'WORKER_HUNG', 'WORKER_FAILED', 'ENV_THREW'];
/** Tries of one iteration, where each fails in another place. */
const TRIES = 4;

/** One env's rollout, and the episode that it started in: everything that plays them again. */
export interface EnvRollout {
  /** The generator before that episode's reset, as `snapshotInto` writes it. */
  readonly generator: Uint32Array;
  /** What wrappers carried into it; null for nothing, or for the run's first episode. */
  readonly wrappers: readonly WrapperState[] | null;
  /** As the policy stored them, [steps, width]. */
  readonly actions: StoredActions;
  readonly width: number;
  /** Value and log-probability of each step, [steps, 2]; null unless the run keeps them. */
  readonly outputs: Float32Array | null;
}

export class RolloutEngine {
  readonly options: RolloutOptions;
  readonly arena: Arena;
  readonly #program: Program;
  readonly #hooks: EngineHooks;
  /** Of the rollouts that were kept: where `logs` ends, and where the envs are. They are the same but between `advance` and `commit`. */
  #kept: EpisodeLogs;
  #logs: EpisodeLogs;
  #crew: Crew | null = null;
  #notes: readonly RolloutNote[] = [];
  #warned = false;
  #closed = false;

  private constructor(options: RolloutOptions, arena: Arena, program: Program, hooks: EngineHooks, logs: EpisodeLogs) {
    this.options = options;
    this.arena = arena;
    this.#program = program;
    this.#hooks = hooks;
    this.#kept = logs;
    this.#logs = logs;
  }

  /**
   * Starts `options.workers` threads and builds `options.numEnvs` envs in them, each where its log ends if there are logs; resolves
   * when all are ready.
   * @throws `ARENA_TOO_LARGE`, `REPLAY_DIFFERS`, and whatever building an env throws.
   */
  static async create(
    options: RolloutOptions,
    program: Program & { readonly segments: (options: RolloutOptions) => readonly SegmentRequest[] },
    hooks: EngineHooks,
    logs: readonly EnvLog[] | null = null,
  ): Promise<RolloutEngine> {
    const plan = planThatFits(
      options,
      (size) => {
        const sized = { ...options, ...size };
        return planRollout(sized, program.segments(sized));
      },
      options.sequenceLength,
    );
    const arena = new Arena(plan);
    arena.i32('network').set(networkDescriptor(options.network));
    const kept = logs === null ? new EpisodeLogs(options) : EpisodeLogs.from(options, logs);
    const engine = new RolloutEngine(options, arena, program, hooks, kept);
    try {
      await engine.#start();
    } catch (error) {
      throw error instanceof CrewError ? new RolloutError(error.failure.error, null) : error;
    }
    return engine;
  }

  /**
   * One iteration: every env takes T steps; with `update`, the workers also learn from them. Accidents are repaired.
   * @throws `RolloutError` for an env that fails again at the same step, and for a wrong value.
   */
  async run(update: boolean): Promise<void> {
    const places: string[] = [];
    for (let attempt = 1; ; attempt++) {
      try {
        if (this.#crew === null) await this.#start();
        this.#notes = await this.#crew!.run(update ? 'iterate' : 'collect');
        return;
      } catch (error) {
        if (!(error instanceof CrewError) || this.#closed) throw error;
        const place = this.#crew === null ? null : this.#placeOf(error.failure);
        await this.#crew?.close();
        this.#crew = null;
        const { code, details, message } = error.failure.error;
        const where = `${String(details.envIndex)}/${String(details.step)}`;
        if (!ACCIDENTS.includes(code) || places.includes(where) || attempt === TRIES) {
          throw new RolloutError(error.failure.error, place);
        }
        places.push(where);
        this.#hooks.onNotice(
          `${code}: ${message}\n${this.#exact ? 'Its envs are rebuilt from their episodes' : 'All envs begin new episodes'} and the iteration is done again.`,
        );
      }
    }
  }

  /** The next rollout goes on from the one that was run, which is kept only once `commit` says so. */
  advance(): void {
    this.#logs = this.#kept.fork();
    this.#goOn();
  }

  /** Keeps the rollout that was run, or that `advance` went on from: the next one goes on from it. */
  commit(): void {
    if (this.#logs === this.#kept) this.#goOn();
    else this.#kept = this.#logs;
  }

  #goOn(): void {
    this.#logs.commit(this.arena, this.#notes);
    const long = this.#notes.find(({ type }) => type === 'long');
    if (long === undefined || this.#warned) return;
    this.#warned = true;
    const { spec, logLimit } = this.options;
    this.#hooks.onNotice(
      `Episodes of ${spec.id} are longer than ${logLimit.toLocaleString('en')} steps, and it has no snapshot of its own: its logs grow with ` +
        'the episode, and a resume plays all of it. Override saveState() and loadState() in the env.',
    );
  }

  /** What plays the episodes in progress again, after the last `commit`; null before the first. */
  logs(): EnvLog[] | null {
    return this.#kept.begun ? this.#kept.logs() : null;
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

  /**
   * What plays the last rollout of env `i` again, from the beginning of the episode that it started in: before `commit` only. Null where the
   * beginning is not known any more, of an episode longer than the log limit.
   */
  played(i: number): EnvRollout | null {
    const { numEnvs: N, numSteps: T, network, seed, keepOutputs = false } = this.options;
    const log = this.#logs.begun ? this.#logs.log(i) : null;
    if (log !== null && log.cut !== null) return null;
    const width = actionWidth(network);
    const before = log?.actions.length ?? 0;
    const actions = new (storedType(network))(before + T * width);
    if (log !== null) actions.set(log.actions);
    const column = actionColumn(this.arena);
    for (let t = 0; t < T; t++) {
      const at = (t * N + i) * width;
      actions.set(column.subarray(at, at + width), before + t * width);
    }
    let outputs: Float32Array | null = null;
    if (keepOutputs) {
      const steps = before / width;
      outputs = new Float32Array(2 * (steps + T));
      if (log?.outputs) outputs.set(log.outputs);
      const [values, logProbs] = [this.arena.f32('values'), this.arena.f32('logProbs')];
      for (let t = 0; t < T; t++) {
        outputs[2 * (steps + t)] = values[t * N + i]!;
        outputs[2 * (steps + t) + 1] = logProbs[t * N + i]!;
      }
    }
    let generator = log?.generator;
    if (generator === undefined) {
      generator = new Uint32Array(GENERATOR_WORDS);
      envGenerator(seed, i).snapshotInto(generator, 0);
    }
    return { generator, wrappers: log?.wrappers ?? null, actions, width, outputs };
  }

  /** The threads, for tests that end them from outside or weigh their heaps. @internal */
  get threads(): readonly Worker[] {
    return this.#crew?.threads ?? [];
  }

  /** Ends the workers, in the middle of a rollout too; calling it twice is fine. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#crew?.close();
    this.#crew = null;
  }

  /** Whether episodes can be played again. */
  get #exact(): boolean {
    return !this.options.spec.nondeterministic;
  }

  async #start(): Promise<void> {
    const logs = this.#logs;
    const played = (from: number, to: number): EnvLog[] =>
      this.#exact ? logs.logs(from, to) : logs.logs(from, to).map(withoutActions);
    this.#hooks.publish(this.arena);
    this.#crew = await Crew.start(this.options, this.arena, this.#program, this.#hooks, logs.begun ? played : null);
  }

  /** The episode in which a worker failed, from its log and the rollout so far. */
  #placeOf({ rank, wrappers, error }: CrewFailure): StepPlace | null {
    const { numEnvs: N, network, spec } = this.options;
    const place = this.arena.i32('places').subarray(rank * PLACE.stride);
    const [envIndex, step, row] = [place[PLACE.env]!, place[PLACE.step]!, place[PLACE.row]!];
    if (envIndex < 0 || error.details.envIndex === undefined) return null;
    const width = actionWidth(network);
    const column = actionColumn(this.arena);
    const generators = this.arena.u32('resetGenerators');
    const generator = generators.slice(envIndex * GENERATOR_WORDS, (envIndex + 1) * GENERATOR_WORDS);
    // The last steps of the episode are in this rollout; those before it, if any, in the log.
    const here = Math.min(step, row + 1);
    const actions = new (storedType(network))(step * width);
    const log = step > here && this.#logs.begun ? this.#logs.log(envIndex) : null;
    if (step > here && (log === null || log.cut !== null || log.actions.length !== (step - here) * width)) return null;
    // A worker that died without a word told of no state that wrappers carried into an episode of this rollout.
    if (log === null && wrappers === null && (spec.wrappers ?? []).length > 0) return null;
    if (log !== null) actions.set(log.actions);
    for (let k = 0; k < here; k++) {
      const at = ((row - here + 1 + k) * N + envIndex) * width;
      actions.set(column.subarray(at, at + width), (step - here + k) * width);
    }
    return { envIndex, generator, actions, width, wrappers: log?.wrappers ?? wrappers };
  }
}

/** For envs that cannot be played again: they begin a new episode. */
function withoutActions(log: EnvLog): EnvLog {
  return { ...log, cut: null, actions: log.actions.slice(0, 0), outputs: null, observation: null };
}
