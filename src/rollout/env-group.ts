/**
 * Steps one group of environments for a whole rollout: act for the group in one kernel call, step each env, write rows.
 * Hot path: everything is allocated once, nothing per step.
 */
import type { Kernels } from '../backends/kernels/kernels.js';
import type { Env, ResetOptions, ResetResult, StepResult } from '../core/env.js';
import { failure, GymkhanaError } from '../core/errors.js';
import { GENERATOR_WORDS } from '../core/seeding/generator.js';
import { engineLimit } from '../core/spec.js';
import { restoreWrapperStates, Wrapper, type WrapperState, wrapperStates } from '../core/wrapper.js';
import { actionWidth, actorOutputs, choiceSizes, isMasked } from '../network/validate.js';
import { Box } from '../spaces/box.js';
import { flatdim } from '../spaces/flatten.js';
import { writeActionMask } from './action-mask.js';
import type { Arena } from './arena.js';
import { type ActionArray, EnvAction } from './env-action.js';
import type { EnvLog, RolloutNote } from './episode-logs.js';
import { FITS, MISFIT, MOST, type ObservationRows, observationRows } from './observation-rows.js';
import {
  actionColumn,
  envGenerator,
  groupSize,
  highWord,
  LEARNING,
  lowWord,
  PLACE,
  RECORD,
  type RolloutOptions,
  scratchStride,
  TERMINATED,
  TRUNCATED,
} from './plan.js';

const NO_OPTIONS: ResetOptions = {};

/** A bound as float32 keeps it, finite. */
const boundOf = (bound: number): number => Math.fround(Math.min(MOST, Math.max(-MOST, bound)));

export class EnvGroup {
  readonly index: number;
  readonly firstEnv: number;
  readonly count: number;

  readonly #envs: readonly Env[];
  readonly #options: RolloutOptions;
  readonly #arena: Arena;
  readonly #kernels: Kernels;
  readonly #rank: number;
  readonly #maxSteps: number;
  readonly #rows: ObservationRows;
  readonly #actions: Float32Array | Int32Array;
  /** [T + 1, N, choices], null without masks. */
  readonly #masks: Uint8Array | null;
  readonly #choices: number;
  /** How many values each choice of an action has. */
  readonly #sizes: readonly number[];
  readonly #place: Int32Array;
  readonly #rewards: Float32Array;
  readonly #flags: Uint8Array;
  readonly #finalValues: Float32Array;
  readonly #finalOutputs: Float32Array;
  readonly #records: Float64Array;
  readonly #recordCounts: Int32Array;
  readonly #returns: Float64Array;
  readonly #lengths: Int32Array;
  readonly #envActions: readonly EnvAction[];
  readonly #actionWidth: number;
  readonly #resetGenerators: Uint32Array;
  /** What wrappers carried into each env's episode; null where there is nothing. */
  readonly #wrappers: (readonly WrapperState[] | null)[];
  /** 1 where an episode began in this rollout. */
  readonly #began: Uint8Array;
  /** Step of its episode at which each env's log begins. */
  readonly #logStart: Float64Array;
  #warned = false;
  readonly #finalEnv: Int32Array;
  /** Byte offsets that every kernel call takes. */
  readonly #at: {
    readonly network: number;
    readonly parameters: number;
    readonly scratch: number;
    readonly mean: number;
    readonly invStd: number;
  };
  #started = false;

  constructor(
    index: number,
    envs: readonly Env[],
    options: RolloutOptions,
    arena: Arena,
    kernels: Kernels,
    rank: number,
  ) {
    const size = groupSize(options.numEnvs);
    this.index = index;
    this.firstEnv = index * size;
    this.count = envs.length;
    this.#envs = envs;
    this.#options = options;
    this.#arena = arena;
    this.#kernels = kernels;
    this.#rank = rank;
    this.#maxSteps = engineLimit(options.spec) ?? Number.POSITIVE_INFINITY;
    this.#actions = actionColumn(arena);
    this.#masks = isMasked(options.network) ? arena.u8('masks') : null;
    this.#choices = actorOutputs(options.network);
    this.#sizes = choiceSizes(options.network.distribution);
    this.#place = arena.i32('places').subarray(rank * PLACE.stride, (rank + 1) * PLACE.stride);
    this.#rewards = arena.f32('rewards');
    this.#flags = arena.u8('flags');
    this.#finalValues = arena.f32('finalValues');
    const O = options.network.observationSize;
    this.#finalOutputs = arena.f32('finalOutputs').subarray(rank * size, (rank + 1) * size);
    const width = RECORD.measures + options.measures.length;
    const capacity = options.numSteps * size * width;
    this.#records = arena.f64('episodes').subarray(index * capacity, (index + 1) * capacity);
    this.#recordCounts = arena.i32('episodeCounts');
    this.#returns = new Float64Array(this.count);
    this.#lengths = new Int32Array(this.count);
    this.#finalEnv = new Int32Array(this.count);
    this.#at = {
      network: arena.pointer('network'),
      parameters: arena.pointer('parameters') + rank * (arena.segment('parameters').shape[1]! * 4),
      scratch: arena.pointer('scratch') + rank * scratchStride(options.network),
      mean: arena.pointer('mean'),
      invStd: arena.pointer('invStd'),
    };

    const first = envs[0]!;
    const space = first.observationSpace;
    if (flatdim(space) !== O) throw new Error('internal: observation space does not fit the network');
    this.#rows = observationRows(arena, options, space);
    this.#envActions = envs.map((env) => new EnvAction(env.actionSpace));
    this.#actionWidth = actionWidth(options.network);
    this.#resetGenerators = arena.u32('resetGenerators');
    this.#wrappers = envs.map(() => null);
    this.#began = new Uint8Array(this.count);
    this.#logStart = new Float64Array(this.count);
    envs.forEach((env, i) => {
      env.rng = envGenerator(options.seed, this.firstEnv + i);
    });
  }

  /** Runs `T` steps of every env of the group, from step `firstStep` of the run on. */
  collect(firstStep: number): void {
    const { numEnvs: N, numSteps: T, observationClip, seed, noiseHold, network } = this.#options;
    const O = network.observationSize;
    const { firstEnv, count } = this;
    const actionBytes = this.#actionWidth * 4;
    const arena = this.#arena;
    const kernels = this.#kernels;
    const { network: descriptor, parameters, scratch, mean, invStd } = this.#at;
    const observations = arena.pointer('observations');
    const actions = arena.pointer('actions');
    const logProbs = arena.pointer('logProbs');
    const values = arena.pointer('values');
    const masks = this.#masks === null ? 0 : arena.pointer('masks');
    const choices = this.#choices;
    const seedLo = lowWord(seed);
    const seedHi = highWord(seed);
    this.begin();
    for (let t = 0; t < T; t++) {
      const row = t * N + firstEnv;
      const key = Math.floor((firstStep + t) / noiseHold);
      kernels.act(
        descriptor,
        parameters,
        scratch,
        observations + row * O * 4,
        count,
        mean,
        invStd,
        observationClip,
        actions + row * actionBytes,
        logProbs + row * 4,
        values + row * 4,
        seedLo,
        seedHi,
        firstEnv,
        lowWord(key),
        highWord(key),
        0,
        masks === 0 ? 0 : masks + row * choices,
      );
      const finals = this.step(t);
      if (finals > 0) this.#bootstrap(t, finals);
    }
    this.end();
    this.#valueLast();
  }

  /** Starts a rollout: its first observations are the last ones of the rollout before, or those of a reset. */
  begin(): void {
    const { numEnvs: N, numSteps: T } = this.#options;
    const { firstEnv, count } = this;
    this.#recordCounts[this.index] = 0;
    this.#began.fill(0);
    if (this.#started) {
      this.#rows.carry(firstEnv, count);
      const A = this.#choices;
      this.#masks?.copyWithin(firstEnv * A, (T * N + firstEnv) * A, (T * N + firstEnv + count) * A);
    } else {
      for (let i = 0; i < count; i++) this.#reset(i, firstEnv + i);
      this.#started = true;
    }
  }

  /**
   * Steps every env with the actions of step `t` of the rollout. Returns how many episodes were cut by time alone: their last observations
   * stand among the worker's final ones, and need values, see `takeFinalValues`.
   */
  step(t: number): number {
    const actions = this.#actions;
    const width = this.#actionWidth;
    const row = t * this.#options.numEnvs + this.firstEnv;
    this.#place[PLACE.row] = t;
    let finals = 0;
    for (let i = 0; i < this.count; i++) {
      const result = this.#step(i, this.#envActions[i]!.read(actions, (row + i) * width));
      if (this.#record(t, row + i, i, result)) this.#finalEnv[finals++] = i;
    }
    return finals;
  }

  /** Takes the values of final observations, one for each env of the group, of which those of the episodes that were cut count. */
  takeFinalValues(t: number, finals: number, values: ArrayLike<number>): void {
    const { numEnvs: N } = this.#options;
    for (let k = 0; k < finals; k++) {
      const i = this.#finalEnv[k]!;
      this.#finalValues[t * N + this.firstEnv + i] = values[i]!;
    }
  }

  /** Ends a rollout: from here on an error is not an env's. */
  end(): void {
    this.#place[PLACE.env] = LEARNING;
  }

  /** The kernels' values of the last observations. */
  #valueLast(): void {
    const { numEnvs: N, numSteps: T, observationClip, network: spec } = this.#options;
    const { network, parameters, scratch, mean, invStd } = this.#at;
    const last = T * N + this.firstEnv;
    const observations = this.#arena.pointer('observations') + last * spec.observationSize * 4;
    const values = this.#arena.pointer('values') + last * 4;
    // biome-ignore format: one operand after another, as in the module
    this.#kernels.value(network, parameters, scratch, observations, this.count, mean, invStd, observationClip, values);
  }

  /** Closes the group's envs. */
  close(): void {
    for (const env of this.#envs) env.close();
  }

  /**
   * What the main thread must know of the rollout beside the shared memory: states that wrappers carried into episodes, and
   * snapshots where the logs of long episodes are cut.
   */
  notes(): RolloutNote[] {
    const notes: RolloutNote[] = [];
    for (let i = 0; i < this.count; i++) {
      const env = this.firstEnv + i;
      const states = this.#wrappers[i]!;
      if (this.#began[i] === 1 && states !== null) notes.push({ type: 'wrappers', env, states });
      const length = this.#lengths[i]!;
      if (length - this.#logStart[i]! < this.#options.logLimit) continue;
      if (this.#envs[i]!.saveState() !== undefined) {
        const cut = { snapshot: this.#envs[i]!.snapshot(), steps: length, return: this.#returns[i]! };
        notes.push({ type: 'cut', env, cut });
        this.#logStart[i] = length;
      } else if (!this.#warned) {
        notes.push({ type: 'long', env });
        this.#warned = true;
      }
    }
    return notes;
  }

  /**
   * Brings the envs to where they were after the last complete rollout, by playing their logs; the next `collect` goes on there.
   * @throws `REPLAY_DIFFERS` if an env's log leads elsewhere, and what an env throws.
   */
  restore(logs: readonly EnvLog[]): void {
    const { numEnvs: N, numSteps: T, network } = this.#options;
    const width = this.#actionWidth;
    logs.forEach((log, i) => {
      const env = this.#envs[i]!;
      const row = T * N + this.firstEnv + i;
      env.rng.restoreFrom(log.generator, 0);
      if (log.wrappers !== null) restoreWrapperStates(env, log.wrappers);
      if (log.cut === null) this.#reset(i, row, true);
      else this.#goTo(i, row, log, log.cut);
      for (let at = 0; at < log.actions.length; at += width) {
        const result = this.#step(i, this.#envActions[i]!.read(log.actions, at));
        this.#returns[i]! += result.reward;
        const length = ++this.#lengths[i]!;
        if (result.terminated || result.truncated || length >= this.#maxSteps) {
          throw this.#differs(i, `its episode ended at step ${length} of ${log.actions.length / width}`);
        }
        this.#write(result.observation, row, i, 'whole');
        if (this.#masks !== null) this.#mask(result.info, row, i);
      }
      const { observation } = log;
      if (observation === null) return;
      const now = this.#rows.logged(row);
      for (let k = 0; k < now.length; k++) {
        const [was, is] = [observation[k]!, now[k]!];
        if (Object.is(was, is)) continue;
        const pixels = network.picture !== undefined;
        throw this.#differs(i, pixels ? 'its picture is another' : `observation[${k}] is ${is}, but was ${was}`);
      }
    });
    this.#began.fill(0);
    this.#started = true;
  }

  /** Takes an env's own snapshot, from which its log goes on. */
  #goTo(i: number, row: number, log: EnvLog, { snapshot, steps, return: sum }: NonNullable<EnvLog['cut']>): void {
    const env = this.#envs[i]!;
    this.#resetGenerators.set(log.generator, (this.firstEnv + i) * GENERATOR_WORDS);
    let result: ResetResult<unknown>;
    try {
      result = env.restore(snapshot);
    } catch (error) {
      throw this.#locate(error, i, steps);
    }
    this.#returns[i] = sum;
    this.#lengths[i] = steps;
    this.#logStart[i] = steps;
    this.#write(result.observation, row, i, 'whole');
    if (this.#masks !== null) this.#mask(result.info, row, i);
  }

  #differs(i: number, how: string): GymkhanaError {
    return this.#locate(
      failure(
        'REPLAY_DIFFERS',
        `its episode was played again to rebuild it, but ${how}. An env may draw from this.rng alone and keep nothing over a reset; else its spec must say nondeterministic.`,
      ),
      i,
      this.#lengths[i]!,
    );
  }

  #step(i: number, action: number | ActionArray): StepResult<unknown> {
    const place = this.#place;
    place[PLACE.env] = this.firstEnv + i;
    place[PLACE.step] = this.#lengths[i]! + 1;
    place[PLACE.beat]!++;
    try {
      return this.#envs[i]!.step(action);
    } catch (error) {
      throw this.#locate(error, i, this.#lengths[i]!);
    }
  }

  /** Writes a step's row; true if the episode was cut by time alone, so that its final observation needs a value. */
  #record(t: number, row: number, i: number, result: StepResult<unknown>): boolean {
    const { numEnvs: N } = this.#options;
    const reward = result.reward;
    const length = ++this.#lengths[i]!;
    this.#returns[i]! += reward;
    if (!(reward <= MOST && reward >= -MOST)) {
      throw this.#locate(
        failure(
          'INVALID_REWARD',
          `step() returned the reward ${String(reward)}; a finite number within +-3.4e38 is expected.`,
          {
            field: 'reward',
          },
        ),
        i,
        length,
      );
    }
    this.#rewards[row] = reward;
    const truncated = result.truncated || length >= this.#maxSteps;
    this.#flags[row] = (result.terminated ? TERMINATED : 0) | (truncated ? TRUNCATED : 0);
    this.#write(result.observation, row + N, i, 'next');
    if (!result.terminated && !truncated) {
      if (this.#masks !== null) this.#mask(result.info, row + N, i);
      return false;
    }
    const cut = !result.terminated;
    if (cut) this.#rows.keepFinal(result.observation, row + N, this.#rank, i);
    this.#finish(t, i, result.info);
    this.#reset(i, row + N);
    return cut;
  }

  /** Values of the group's final observations (rows of envs that were not cut hold old data and are not read). */
  #bootstrap(t: number, finals: number): void {
    const { numEnvs: N, network, observationClip } = this.#options;
    const O = network.observationSize;
    const arena = this.#arena;
    const size = groupSize(N);
    const { network: descriptor, parameters, scratch, mean, invStd } = this.#at;
    const base = arena.pointer('finalObservations') + this.#rank * size * O * 4;
    this.#kernels.value(
      descriptor,
      parameters,
      scratch,
      base,
      this.count,
      mean,
      invStd,
      observationClip,
      arena.pointer('finalOutputs') + this.#rank * size * 4,
    );
    this.takeFinalValues(t, finals, this.#finalOutputs);
  }

  #finish(t: number, i: number, info: Record<string, unknown>): void {
    const { measures } = this.#options;
    const width = RECORD.measures + measures.length;
    const at = this.#recordCounts[this.index]!++ * width;
    const records = this.#records;
    records[at + RECORD.step] = t;
    records[at + RECORD.env] = this.firstEnv + i;
    records[at + RECORD.return] = this.#returns[i]!;
    records[at + RECORD.length] = this.#lengths[i]!;
    for (let m = 0; m < measures.length; m++) {
      const value = info[measures[m]!];
      records[at + RECORD.measures + m] = typeof value === 'number' ? value : Number.NaN;
    }
    this.#returns[i] = 0;
    this.#lengths[i] = 0;
  }

  /** Starts an episode whose first observation is row `row` of the rollout, of which nothing else is known where `alone`. */
  #reset(i: number, row: number, alone = false): void {
    const env = this.#envs[i]!;
    env.rng.snapshotInto(this.#resetGenerators, (this.firstEnv + i) * GENERATOR_WORDS);
    if (env instanceof Wrapper) this.#wrappers[i] = wrapperStates(env);
    this.#began[i] = 1;
    this.#logStart[i] = 0;
    const place = this.#place;
    place[PLACE.env] = this.firstEnv + i;
    place[PLACE.step] = 0;
    place[PLACE.beat]!++;
    const resets = env.unwrapped.baseResets;
    let result: ResetResult<unknown>;
    try {
      result = env.reset(NO_OPTIONS);
    } catch (error) {
      throw this.#locate(error, i, 0);
    }
    if (env.unwrapped.baseResets === resets) {
      throw this.#locate(
        failure(
          'RESET_WITHOUT_SUPER',
          'reset() did not call super.reset(options), so the env is not seeded. Call it first thing in reset().',
        ),
        i,
        0,
      );
    }
    this.#write(result.observation, row, i, alone ? 'whole' : 'first');
    if (this.#masks !== null) this.#mask(result.info, row, i);
  }

  /** Writes the mask of the action that follows row `row`. */
  #mask(info: Record<string, unknown>, row: number, i: number): void {
    try {
      writeActionMask(info, this.#sizes, this.#masks!, row * this.#choices);
    } catch (error) {
      throw this.#locate(error, i, this.#lengths[i]!);
    }
  }

  /** Writes an observation into its row, checking length, bounds and NaN on the way. */
  #write(observation: unknown, row: number, i: number, as: 'next' | 'first' | 'whole'): void {
    const rows = this.#rows;
    const problem = as === 'whole' ? rows.writeWhole(observation, row) : rows.write(observation, row, as === 'first');
    if (problem !== FITS) this.#badObservation(observation, i, problem);
  }

  /** `k` as `ObservationRows.write` gives it. */
  #badObservation(observation: unknown, i: number, k: number): never {
    const env = this.#envs[i]!;
    const space = env.observationSpace;
    const name = env.metadata.fields?.observation[k]?.name;
    const whole = k === MISFIT || !(space instanceof Box);
    const field = whole ? 'observation' : name === undefined ? `observation[${k}]` : `observation[${k}] (${name})`;
    const value = whole ? space.explain(observation) : String((observation as ArrayLike<number>)[k]);
    const bounds = whole ? '' : `${boundOf(space.low[k]!)} to ${boundOf(space.high[k]!)}`;
    const message = whole
      ? `the observation does not fit the space ${String(space)}: ${String(value)}.`
      : `${field} is ${value}, outside its bounds ${bounds}. Mend the dynamics or widen observationSpace.`;
    throw this.#locate(
      failure('INVALID_OBSERVATION', message, {
        field,
        got: String(value),
        ...(!whole && { expected: bounds }),
      }),
      i,
      this.#lengths[i]!,
    );
  }

  /** What wrappers carried into the episode of the env that failed, for the error's report. */
  carried(envIndex: number): readonly WrapperState[] | null {
    return this.#wrappers[envIndex - this.firstEnv] ?? null;
  }

  /** Adds env index and step to an error. */
  #locate(error: unknown, i: number, step: number): GymkhanaError {
    const envIndex = this.firstEnv + i;
    const id = this.#options.spec.id;
    const details = { env: id, envIndex, worker: this.#rank, step };
    const where = `${id} (env ${envIndex}, worker ${this.#rank}, ${step === 0 ? 'in reset' : `step ${step} of its episode`})`;
    if (error instanceof GymkhanaError) {
      return failure(error.code, `${where}: ${error.message}`, { ...error.details, ...details }, error);
    }
    const cause = error instanceof Error ? error : new Error(String(error));
    const located = failure('ENV_THREW', `${where} threw ${cause.name}: ${cause.message}`, details, cause);
    located.stack = cause.stack ?? located.stack ?? '';
    return located;
  }
}
