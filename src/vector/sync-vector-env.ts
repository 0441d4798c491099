/**
 * Steps envs one after another in this thread. Rows live in arrays made once; what a step allocates is the copies it hands out
 * (none with `copy: false`) and the lists of `infos` that have something to say. `step-loop.ts` has the loop.
 */
import type { Env, EnvMetadata, Info, ResetOptions, ResetResult } from '../core/env.js';
import { failure, type GymkhanaError, usageError } from '../core/errors.js';
import type { EnvSpec } from '../core/spec.js';
import { type Batch, batchSpace } from '../spaces/index.js';
import type { Space } from '../spaces/space.js';
import { ActionBatch, type Actions, actionsFor } from './actions.js';
import { checkEnvs, checkOptions, locateError } from './checks.js';
import { type Allocate, LeafStore, type ObservationStore, observationStore } from './observation-store.js';
import { resetSeeds, splitResetOptions } from './reset-options.js';
import { type Lanes, type LoopEvents, stepLoop } from './step-loop.js';
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
  /** Makes the arrays of rows, elsewhere than in memory of its own: the part of a worker. @internal */
  readonly storage?: VectorStorage | undefined;
  /** The step loop of the envs' class, from `loopFor`; one for all classes without. @internal */
  readonly loop?: typeof stepLoop | undefined;
}

/** Arrays that a worker shares with the main thread. @internal */
export interface VectorStorage {
  readonly observations: Allocate;
  readonly actions: Allocate;
  /** Place of the first env among those of all workers, for messages. */
  readonly firstEnv: number;
  readonly rewards: Float64Array;
  readonly terminations: Uint8Array;
  readonly truncations: Uint8Array;
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

  readonly #store: ObservationStore;
  readonly #actions: Actions;
  readonly #loop: typeof stepLoop;
  readonly #lanes: Lanes<Obs, Act>;
  readonly #events: LoopEvents<Obs, Act>;
  readonly #firstEnv: number;
  readonly #rewards: Float64Array;
  readonly #terminations: Uint8Array;
  readonly #truncations: Uint8Array;
  /** 1 where the episode ended and a reset is due: at the next step, or by the caller. */
  readonly #over: Uint8Array;
  readonly #lengths: Int32Array;
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
    const { autoresetMode = 'same-step', copy = true, maxEpisodeSteps = null, storage } = options;
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
    this.#store = observationStore(first.observationSpace, n, storage?.observations);
    this.#actions = actionsFor(first.actionSpace, n, storage?.actions);
    this.#firstEnv = storage?.firstEnv ?? 0;
    this.observationSpace = batchSpace(first.observationSpace, n);
    this.actionSpace = batchSpace(first.actionSpace, n);
    this.#rewards = storage?.rewards ?? new Float64Array(n);
    this.#terminations = storage?.terminations ?? new Uint8Array(n);
    this.#truncations = storage?.truncations ?? new Uint8Array(n);
    this.#over = new Uint8Array(n);
    this.#lengths = new Int32Array(n);
    this.#copy = copy;
    this.#loop = options.loop ?? stepLoop;
    const leaf = this.#store instanceof LeafStore && !this.#store.layout.whole ? this.#store : null;
    const batch = this.#actions instanceof ActionBatch ? this.#actions : null;
    this.#lanes = {
      envs: this.envs,
      scalars: batch?.layout.scalar ? batch.values : null,
      rows: batch === null || batch.layout.scalar ? null : batch.rows,
      observations: leaf?.values ?? null,
      width: leaf?.layout.width ?? 0,
      low: leaf?.layout.low ?? new Float64Array(0),
      high: leaf?.layout.high ?? new Float64Array(0),
      rewards: this.#rewards,
      terminations: this.#terminations,
      truncations: this.#truncations,
      lengths: this.#lengths,
      maxSteps: maxEpisodeSteps ?? Number.POSITIVE_INFINITY,
      over: this.#over,
    };
    this.#events = {
      act: (i) => this.#actions.at(i) as Act,
      observe: (i, observation) => this.#write(i, observation),
      begin: (i) => this.#autoreset(i),
      end: (i, info) => this.#end(i, info),
      note: (i, info) => this.#addInfo(i, info),
      locate: (i, error) => this.#located(error, i, this.#lengths[i]! + 1),
      badReward: (i, reward) => this.#badReward(i, reward),
      badObservation: (i, observation) => this.#badObservation(i, observation),
    };
  }

  /**
   * Begins an episode in every env, or in those of `options.resetMask`.
   * @throws `VECTOR_ENV_CLOSED`, `INVALID_SEED`, `INVALID_RESET_OPTION`, `RESET_NEEDED` for a mask before the first full reset.
   */
  override reset(options: VectorResetOptions = {}): VectorResetResult<Obs> {
    this.#checkOpen('reset');
    const n = this.numEnvs;
    const seeds = resetSeeds(options.seed, n);
    const { mask, rest } = splitResetOptions(options.options, n, this.#started);
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
    return this.stepTaken();
  }

  /** `step` with the actions that lie in storage already, checked by who put them there. @internal */
  stepTaken(): VectorStepResult<Obs> {
    this.#infos = {};
    if (this.autoresetMode === 'disabled') this.#checkNoneOver();
    this.#loop(this.#lanes, this.#events, 0, this.numEnvs);
    const copy = this.#copy;
    return {
      observations: this.#batch(),
      rewards: copy ? this.#rewards.slice() : this.#rewards,
      terminations: copy ? this.#terminations.slice() : this.#terminations,
      truncations: copy ? this.#truncations.slice() : this.#truncations,
      infos: this.#infos,
    };
  }

  /** Steps some envs, for a worker that serves `send`; gives their infos, with elements for all envs. @internal */
  stepSome(places: ArrayLike<number>): VectorInfos<Obs> {
    this.#infos = {};
    for (let k = 0; k < places.length; k++) {
      const i = places[k]!;
      if (this.#over[i] === 1 && this.autoresetMode === 'disabled') throw this.#episodeOver(i);
      this.#loop(this.#lanes, this.#events, i, i + 1);
    }
    return this.#infos;
  }

  /** Takes actions that are not rows of an array. @internal */
  takeActions(actions: unknown): void {
    this.#actions.take(actions);
  }

  /** The observations as they lie in storage. @internal */
  get batch(): Batch<Obs> {
    return this.#store.take(false) as Batch<Obs>;
  }

  /** Next-step autoreset: the action is ignored. */
  #autoreset(i: number): void {
    this.#resetEnv(i, NO_OPTIONS);
    this.#rewards[i] = 0;
    this.#terminations[i] = 0;
    this.#truncations[i] = 0;
  }

  #end(i: number, info: Info): void {
    if (this.autoresetMode === 'same-step') {
      this.#keepFinal(i, info);
      this.#resetEnv(i, NO_OPTIONS);
    } else {
      this.#over[i] = 1;
      this.#addInfo(i, info);
    }
  }

  override call(name: string, ...args: unknown[]): unknown[] {
    this.#checkOpen('call');
    return this.envs.map((env) => {
      const owner = ownerOf(env, name);
      const method = owner[name];
      return typeof method === 'function' ? (method as (...given: unknown[]) => unknown).apply(owner, args) : method;
    });
  }

  override getAttr(name: string): unknown[] {
    this.#checkOpen('getAttr');
    return this.envs.map((env) => env.getWrapperAttr(name));
  }

  override setAttr(name: string, values: unknown): void {
    this.#checkOpen('setAttr');
    const list = attributeValues(name, values, this.numEnvs);
    for (const [i, env] of this.envs.entries()) env.setWrapperAttr(name, list[i]);
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
    if (i >= 0) throw this.#episodeOver(i);
  }

  #episodeOver(place: number): GymkhanaError {
    const i = this.#firstEnv + place;
    return usageError(
      'EPISODE_OVER',
      `The episode of env ${i} is over and autoreset is disabled. Call reset({ options: { resetMask } }) with true for such envs before the next step.`,
      { envIndex: i },
    );
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

  /** Copies an observation to its row, checking length and bounds (and so NaN) on the way. */
  #write(i: number, observation: Obs): void {
    if (!this.#store.write(i, observation)) throw this.#badObservation(i, observation);
  }

  #keepFinal(i: number, info: Info): void {
    const n = this.numEnvs;
    this.#infos.finalObs ??= new Array<Obs | null>(n).fill(null);
    this.#infos.finalInfo ??= new Array<Info | null>(n).fill(null);
    this.#infos.finalObs[i] = this.#store.read(i) as Obs;
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
    return this.#store.take(this.#copy) as Batch<Obs>;
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
    return locateError(error, this.#name(), this.#firstEnv + i, step);
  }
}

/** The outermost wrapper, or the env, that has a name. @throws `ATTRIBUTE_NOT_FOUND` */
function ownerOf(env: Env, name: string): Record<string, unknown> {
  let at: Env = env;
  while (!(name in at) && 'env' in at) at = (at as Env & { readonly env: Env }).env;
  if (!(name in at)) env.getWrapperAttr(name);
  return at as unknown as Record<string, unknown>;
}

/** One value for each env. @throws `INVALID_OPTION` for a list of another length. */
export function attributeValues(name: string, values: unknown, n: number): readonly unknown[] {
  if (!Array.isArray(values)) return Array.from({ length: n }, () => values);
  if (values.length === n) return values;
  throw usageError('INVALID_OPTION', `Expected one value of '${name}', or a list of ${n}, got ${values.length}.`, {
    field: name,
    expected: `${n} values`,
    got: String(values.length),
  });
}
