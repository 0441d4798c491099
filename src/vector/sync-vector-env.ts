/**
 * Steps envs one after another in this thread. The step loop is hot: rows live in arrays made once, and what is allocated in
 * a step is the copies it hands out (none with `copy: false`) and the lists of `infos` that have something to say.
 */
import type { Env, EnvMetadata, Info, ResetOptions, ResetResult } from '../core/env.js';
import { failure, type GymkhanaError, usageError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import type { EnvSpec } from '../core/spec.js';
import { newArray, preview } from '../spaces/arrays.js';
import { type Batch, batchSpace } from '../spaces/index.js';
import type { DType, DTypes, Space } from '../spaces/space.js';
import { ActionBatch } from './actions.js';
import { type RowLayout, rowLayout } from './batch.js';
import { checkEnvs, checkOptions, locateError } from './checks.js';
import {
  type AutoresetMode,
  type VectorActions,
  VectorEnv,
  type VectorInfos,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
} from './vector-env.js';

/** How a SyncVectorEnv behaves. */
export interface SyncVectorEnvOptions {
  /** `'same-step'` by default. */
  readonly autoresetMode?: AutoresetMode;
  /** Whether results are copies, true by default; with false each call overwrites the arrays of the one before. */
  readonly copy?: boolean;
  /** Truncates episodes after so many steps, for envs without a TimeLimit of their own; null, the default, for none. */
  readonly maxEpisodeSteps?: number | null;
}

const NO_OPTIONS: ResetOptions = {};

/** `N` envs of one kind stepped in turn in this thread. */
export class SyncVectorEnv<Obs = unknown, Act = unknown> extends VectorEnv<Obs, Act> {
  readonly envs: readonly Env<Obs, Act>[];
  readonly numEnvs: number;
  readonly singleObservationSpace: Space<Obs>;
  readonly singleActionSpace: Space<Act>;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly autoresetMode: AutoresetMode;
  readonly metadata: EnvMetadata;
  readonly spec: EnvSpec | null;

  readonly #layout: RowLayout;
  readonly #actions: ActionBatch;
  readonly #observations: DTypes[DType];
  readonly #rewards: Float64Array;
  readonly #terminations: Uint8Array;
  readonly #truncations: Uint8Array;
  /** 1 where the episode ended and a reset is due: at the next step, or by the caller. */
  readonly #over: Uint8Array;
  readonly #lengths: Int32Array;
  readonly #maxSteps: number;
  readonly #copy: boolean;
  #infos: VectorInfos<Obs> = {};
  #started = false;
  #closed = false;

  /**
   * @param factories - one function for each env; all give envs with equal spaces.
   * @throws `INVALID_OPTION`, `SPACE_MISMATCH`, `UNSUPPORTED_SPACE`.
   */
  constructor(factories: readonly (() => Env<Obs, Act>)[], options: SyncVectorEnvOptions = {}) {
    super();
    const { autoresetMode = 'same-step', copy = true, maxEpisodeSteps = null } = options;
    checkOptions(factories, autoresetMode, maxEpisodeSteps);
    this.envs = factories.map((factory) => factory());
    const first = this.envs[0]!;
    const n = this.envs.length;
    this.numEnvs = n;
    this.autoresetMode = autoresetMode;
    this.metadata = first.metadata;
    this.spec = first.spec;
    this.singleObservationSpace = first.observationSpace;
    this.singleActionSpace = first.actionSpace;
    checkEnvs(this.envs);
    this.#layout = rowLayout(first.observationSpace);
    this.#actions = new ActionBatch(first.actionSpace, n);
    this.observationSpace = batchSpace(first.observationSpace, n);
    this.actionSpace = batchSpace(first.actionSpace, n);
    this.#observations = newArray(this.#layout.dtype, n * this.#layout.width);
    this.#rewards = new Float64Array(n);
    this.#terminations = new Uint8Array(n);
    this.#truncations = new Uint8Array(n);
    this.#over = new Uint8Array(n);
    this.#lengths = new Int32Array(n);
    this.#maxSteps = maxEpisodeSteps ?? Number.POSITIVE_INFINITY;
    this.#copy = copy;
  }

  /**
   * Begins an episode in every env, or in those of `options.resetMask`.
   * @throws `VECTOR_ENV_CLOSED`, `INVALID_SEED`, `INVALID_RESET_OPTION`, `RESET_NEEDED` for a mask before the first full reset.
   */
  override reset(options: VectorResetOptions = {}): VectorResetResult<Obs> {
    this.#checkOpen('reset');
    const n = this.numEnvs;
    const seeds = this.#seeds(options.seed);
    const { mask, rest } = this.#splitOptions(options.options);
    this.#infos = {};
    for (let i = 0; i < n; i++) {
      if (mask !== null && !mask[i]) continue;
      this.#terminations[i] = 0;
      this.#truncations[i] = 0;
      const seed = seeds?.[i];
      const own: ResetOptions =
        seed === undefined || seed === null
          ? rest === undefined
            ? NO_OPTIONS
            : { options: rest }
          : { seed, options: rest };
      this.#resetEnv(i, own);
    }
    this.#started = true;
    return { observations: this.#batch(), infos: this.#infos };
  }

  /**
   * Advances every env by one step; what happens at an episode's end is the autoreset mode's.
   * @throws `VECTOR_ENV_CLOSED`, `RESET_NEEDED`, `EPISODE_OVER`, `INVALID_ACTION`, `INVALID_OBSERVATION`, `INVALID_REWARD`, `ENV_THREW`.
   */
  override step(actions: VectorActions<Act>): VectorStepResult<Obs> {
    this.#checkOpen('step');
    if (!this.#started)
      throw usageError('RESET_NEEDED', 'step() of a vector env was called before reset(). Call reset() first.');
    this.#actions.take(actions);
    const { envs, autoresetMode } = this;
    const sameStep = autoresetMode === 'same-step';
    const { scalar } = this.#actions.layout;
    const { values, rows } = this.#actions;
    const rewards = this.#rewards;
    const terminations = this.#terminations;
    const truncations = this.#truncations;
    const over = this.#over;
    const lengths = this.#lengths;
    const maxSteps = this.#maxSteps;
    this.#infos = {};
    if (autoresetMode === 'disabled') this.#checkNoneOver();
    for (let i = 0; i < envs.length; i++) {
      if (over[i] === 1) {
        // Only next-step autoreset comes here: the action is ignored.
        this.#resetEnv(i, NO_OPTIONS);
        rewards[i] = 0;
        terminations[i] = 0;
        truncations[i] = 0;
        continue;
      }
      const action = (scalar ? values[i] : rows[i]) as Act;
      const result = this.#stepEnv(i, action);
      const length = ++lengths[i]!;
      const { reward, terminated, info } = result;
      const truncated = result.truncated || length >= maxSteps;
      if (!(reward - reward === 0)) throw this.#badReward(i, reward);
      rewards[i] = reward;
      terminations[i] = terminated ? 1 : 0;
      truncations[i] = truncated ? 1 : 0;
      this.#write(i, result.observation);
      if (terminated || truncated) {
        if (sameStep) {
          this.#keepFinal(i, info);
          this.#resetEnv(i, NO_OPTIONS);
          continue;
        }
        over[i] = 1;
      }
      this.#addInfo(i, info);
    }
    return {
      observations: this.#batch(),
      rewards: this.#copy ? rewards.slice() : rewards,
      terminations: this.#copy ? terminations.slice() : terminations,
      truncations: this.#copy ? truncations.slice() : truncations,
      infos: this.#infos,
    };
  }

  override render(): unknown[] {
    this.#checkOpen('render');
    return this.envs.map((env) => env.render());
  }

  override close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const env of this.envs) env.close();
  }

  #checkOpen(call: string): void {
    if (this.#closed) {
      throw usageError('VECTOR_ENV_CLOSED', `${call}() of a vector env was called after close(). Make a new one.`);
    }
  }

  #checkNoneOver(): void {
    const i = this.#over.indexOf(1);
    if (i < 0) return;
    throw usageError(
      'EPISODE_OVER',
      `The episode of env ${i} is over and autoreset is disabled. Call reset({ options: { resetMask } }) with true for such envs before the next step.`,
      { envIndex: i },
    );
  }

  #seeds(seed: VectorResetOptions['seed']): readonly (number | null)[] | null {
    if (seed === undefined || seed === null) return null;
    if (typeof seed === 'number') return Array.from({ length: this.numEnvs }, (_, i) => seed + i);
    if (!Array.isArray(seed) || seed.length !== this.numEnvs) {
      throw usageError('INVALID_SEED', `Expected one seed, or a list of ${this.numEnvs} seeds, got ${preview(seed)}.`, {
        expected: `${this.numEnvs} seeds`,
        got: preview(seed),
        field: 'seed',
      });
    }
    return seed;
  }

  #splitOptions(options: JsonObject | undefined): { mask: ArrayLike<unknown> | null; rest: JsonObject | undefined } {
    if (options === undefined || options === null || options['resetMask'] === undefined)
      return { mask: null, rest: options };
    const { resetMask, ...rest } = options;
    if (
      !Array.isArray(resetMask) ||
      resetMask.length !== this.numEnvs ||
      !resetMask.every((value) => typeof value === 'boolean') ||
      !resetMask.includes(true)
    ) {
      throw usageError(
        'INVALID_RESET_OPTION',
        `Expected options.resetMask as a list of ${this.numEnvs} booleans with at least one true, got ${preview(resetMask)}.`,
        { expected: `${this.numEnvs} booleans`, got: preview(resetMask), field: 'resetMask' },
      );
    }
    if (!this.#started)
      throw usageError(
        'RESET_NEEDED',
        'options.resetMask was given before the first reset of all envs. Call reset() without it first.',
      );
    return { mask: resetMask, rest: Object.keys(rest).length === 0 ? undefined : rest };
  }

  #resetEnv(i: number, options: ResetOptions): void {
    const env = this.envs[i]!;
    const inner = env.unwrapped;
    const resets = inner.baseResets;
    let result: ResetResult<Obs>;
    try {
      result = env.reset(options);
    } catch (error) {
      throw this.#located(error, i, 0);
    }
    if (inner.baseResets === resets) {
      throw this.#located(
        failure(
          'RESET_WITHOUT_SUPER',
          'reset() did not call super.reset(options), so the env is not seeded. Call it first thing in reset().',
        ),
        i,
        0,
      );
    }
    this.#lengths[i] = 0;
    this.#over[i] = 0;
    this.#write(i, result.observation);
    this.#addInfo(i, result.info);
  }

  #stepEnv(i: number, action: Act): ReturnType<Env<Obs, Act>['step']> {
    try {
      return this.envs[i]!.step(action);
    } catch (error) {
      throw this.#located(error, i, this.#lengths[i]! + 1);
    }
  }

  /** Copies an observation to its row, checking length and bounds (and so NaN) on the way. */
  #write(i: number, observation: Obs): void {
    const { width, scalar, low, high } = this.#layout;
    const target = this.#observations;
    if (scalar) {
      const value = observation as number;
      if (!(value >= low[0]! && value <= high[0]!) || Math.floor(value) !== value)
        throw this.#badObservation(i, observation);
      target[i] = value;
      return;
    }
    const source = observation as ArrayLike<number>;
    if (source === null || source === undefined || source.length !== width) throw this.#badObservation(i, observation);
    const at = i * width;
    for (let k = 0; k < width; k++) {
      const value = source[k]!;
      if (!(value >= low[k]! && value <= high[k]!)) throw this.#badObservation(i, observation);
      target[at + k] = value;
    }
  }

  #keepFinal(i: number, info: Info): void {
    const { width, scalar, dtype } = this.#layout;
    const n = this.numEnvs;
    this.#infos.finalObs ??= new Array<Obs | null>(n).fill(null);
    this.#infos.finalInfo ??= new Array<Info | null>(n).fill(null);
    let final: number | DTypes[DType] = this.#observations[i]!;
    if (!scalar) {
      // A loop, since slice() of a small typed array is several times slower.
      final = newArray(dtype, width);
      for (let k = 0, at = i * width; k < width; k++, at++) final[k] = this.#observations[at]!;
    }
    this.#infos.finalObs[i] = final as Obs;
    this.#infos.finalInfo[i] = { ...info };
  }

  /** Most infos are empty, so the loop body is kept out of the step loop. */
  #addInfo(i: number, info: Info): void {
    for (const field in info) this.#addField(i, field, info[field]);
  }

  #addField(i: number, field: string, value: unknown): void {
    this.#infos[field] ??= new Array<unknown>(this.numEnvs).fill(undefined);
    this.#infos[field]![i] = value;
  }

  #batch(): Batch<Obs> {
    return (this.#copy ? this.#observations.slice() : this.#observations) as Batch<Obs>;
  }

  #name(): string {
    return this.spec?.id ?? this.envs[0]!.unwrapped.constructor.name;
  }

  #badObservation(i: number, observation: Obs): GymkhanaError {
    const space = this.singleObservationSpace;
    const why = space.explain(observation) ?? 'its type is wrong';
    return this.#located(
      failure(
        'INVALID_OBSERVATION',
        `the observation is not in ${space}: ${why}. Mend the dynamics or widen observationSpace.`,
        {
          expected: String(space),
          got: why,
        },
      ),
      i,
      this.#lengths[i]!,
    );
  }

  #badReward(i: number, reward: number): GymkhanaError {
    const error = failure(
      'INVALID_REWARD',
      `step() returned the reward ${String(reward)}; a finite number is expected.`,
      {
        field: 'reward',
      },
    );
    return this.#located(error, i, this.#lengths[i]!);
  }

  #located(error: unknown, i: number, step: number): GymkhanaError {
    return locateError(error, this.#name(), i, step);
  }
}
