import type { EnvMetadata, Info } from '../core/env.js';
import { usageError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import type { EnvSpec } from '../core/spec.js';
import type { Batch } from '../spaces/index.js';
import type { Space } from '../spaces/space.js';

/**
 * When an env whose episode ended begins the next one.
 *
 * - `'same-step'`: within the step that ended it; the observation is the new episode's first, the last one of the old is in
 *   `infos.finalObs`. The default here; Gymnasium's default is next-step.
 * - `'next-step'`: at the next step, which ignores the action and returns the first observation, reward 0 and no flags.
 *   That transition belongs to no episode: leave it out of training.
 * - `'disabled'`: never; the caller resets with `reset({ options: { resetMask } })`.
 */
export type AutoresetMode = 'same-step' | 'next-step' | 'disabled';

/** How the episodes of a vector env start. */
export interface VectorResetOptions {
  /** A whole number seeds env `i` with `seed + i`; a list gives each env its own seed, or null to go on with its stream. */
  readonly seed?: number | readonly (number | null)[] | undefined;
  /**
   * Options for every env's reset. `resetMask`, a list of `numEnvs` booleans, is the vector env's own: only the envs it
   * names are reset, the rows of the others stay.
   */
  readonly options?: JsonObject | undefined;
}

/**
 * Facts beside the observations. A field of an env's `info` becomes a list with an element for each env, undefined where an
 * env did not give it. A field that no env gives is absent.
 */
export interface VectorInfos<Obs = unknown> {
  /** Last observation of the episodes that ended in this step (same-step autoreset); null for the other envs. */
  finalObs?: (Obs | null)[];
  /** Last info of the episodes that ended in this step (same-step autoreset); null for the other envs. */
  finalInfo?: (Info | null)[];
  [field: string]: unknown[] | undefined;
}

/** What `reset` of a vector env returns: the first observations of all envs, and their infos. */
export interface VectorResetResult<Obs> {
  /** First observations, `[N, ...]` rows in one typed array. */
  observations: Batch<Obs>;
  infos: VectorInfos<Obs>;
}

/** What `step` of a vector env returns: one row for each env. */
export interface VectorStepResult<Obs> {
  /** Observations, `[N, ...]` rows in one typed array. */
  observations: Batch<Obs>;
  /** Rewards `[N]`, float64. */
  rewards: Float64Array;
  /** 1 where the task itself ended `[N]`. */
  terminations: Uint8Array;
  /** 1 where a time limit or the like cut the episode `[N]`. */
  truncations: Uint8Array;
  infos: VectorInfos<Obs>;
}

/** What `recv` gives: the results of some envs. */
export interface VectorRecvResult<Obs> extends VectorStepResult<Obs> {
  /** Which envs the rows are of `[B]`. */
  envIds: Int32Array;
}

/** Actions of all envs: `[N, ...]` rows in one typed array, or a list of `N` single actions. */
export type VectorActions<Act> = Batch<Act> | readonly Act[];

/** A second call before the first was waited for. */
export function alreadyPending(call: string, pending: string): Error {
  const wait = pending.replace('Async', 'Wait');
  return usageError(
    'ALREADY_PENDING_CALL',
    `${call}() of a vector env was called while ${pending}() is pending. Call ${wait}() first.`,
    { field: call, expected: `${wait}() first` },
  );
}

/** A wait for a call that was not made. */
export function noAsyncCall(call: string, before: string): Error {
  return usageError('NO_ASYNC_CALL', `${call}() of a vector env has nothing to wait for. Call ${before} first.`, {
    field: call,
    expected: `${before} first`,
  });
}

function sendUnavailable(call: string): Error {
  return usageError(
    'SEND_UNAVAILABLE',
    `${call}() needs envs in worker threads, without a vector wrapper around them: makeVec(id, { vectorizationMode: 'async', batchSize }).`,
    { field: call, expected: "vectorizationMode 'async'" },
  );
}

/** `N` envs of one kind that are reset and stepped together. `Obs` and `Act` are the types of a single env. */
export abstract class VectorEnv<Obs = unknown, Act = unknown> {
  #pending:
    | { readonly call: 'stepAsync'; readonly actions: VectorActions<Act> }
    | { readonly call: 'resetAsync'; readonly options: VectorResetOptions }
    | null = null;

  abstract readonly numEnvs: number;
  abstract readonly singleObservationSpace: Space<Obs>;
  abstract readonly singleActionSpace: Space<Act>;
  /** The space of a batch of observations. */
  abstract readonly observationSpace: Space;
  /** The space of a batch of actions; `actionSpace.sample()` is what `step` takes. */
  abstract readonly actionSpace: Space;
  abstract readonly autoresetMode: AutoresetMode;
  abstract readonly metadata: EnvMetadata;
  /** The spec of each env; null if they were built by hand. */
  abstract readonly spec: EnvSpec | null;

  /** Begins an episode in every env, or in those that `options.resetMask` names. */
  abstract reset(options?: VectorResetOptions): VectorResetResult<Obs>;
  /** Advances every env by one step. */
  abstract step(actions: VectorActions<Act>): VectorStepResult<Obs>;
  /** Begins a reset that `resetWait` ends, or on envs in worker threads `recv`, env by env. @throws `ALREADY_PENDING_CALL` */
  resetAsync(options: VectorResetOptions = {}): void {
    if (this.#pending !== null) throw alreadyPending('resetAsync', this.#pending.call);
    this.#pending = { call: 'resetAsync', options };
  }

  /** The result of `resetAsync`. @throws `NO_ASYNC_CALL`, and what `reset` throws. */
  resetWait(): VectorResetResult<Obs> {
    const pending = this.#pending;
    if (pending?.call !== 'resetAsync') throw noAsyncCall('resetWait', 'resetAsync()');
    this.#pending = null;
    return this.reset(pending.options);
  }

  /**
   * Begins a step that `stepWait` ends; between the two the caller is free. An env without workers takes the step in `stepWait`.
   * @throws `ALREADY_PENDING_CALL`, and what `step` throws for its actions.
   */
  stepAsync(actions: VectorActions<Act>): void {
    if (this.#pending !== null) throw alreadyPending('stepAsync', this.#pending.call);
    this.#pending = { call: 'stepAsync', actions };
  }

  /** The result of `stepAsync`, for which it waits. @throws `NO_ASYNC_CALL`, and what `step` throws. */
  stepWait(): VectorStepResult<Obs> {
    const pending = this.#pending;
    if (pending?.call !== 'stepAsync') throw noAsyncCall('stepWait', 'stepAsync(actions)');
    this.#pending = null;
    return this.step(pending.actions);
  }

  /** As `stepWait`, without blocking the thread. */
  async stepWaitAsync(): Promise<VectorStepResult<Obs>> {
    return this.stepWait();
  }

  /** How many results `recv` gives at once. */
  get batchSize(): number {
    return this.numEnvs;
  }

  /**
   * EnvPool's way, on envs in worker threads: hands actions to some envs and returns at once; `recv` gives results as they come.
   * @param envIds - places of the envs that act, each once; `actions` has a row or element for each.
   * @throws `SEND_UNAVAILABLE` for an env without workers; `INVALID_ACTION`; `INVALID_ENV_IDS` for an env that is not there, given
   * twice, or still at work; `RESET_NEEDED`.
   */
  send(_actions: VectorActions<Act>, _envIds: ArrayLike<number>): void {
    throw sendUnavailable('send');
  }

  /**
   * The results of `batchSize` envs, those that are ready first.
   * @throws `SEND_UNAVAILABLE` for an env without workers; `NO_ASYNC_CALL` if fewer are at work.
   */
  recv(): VectorRecvResult<Obs> {
    throw sendUnavailable('recv');
  }

  /** Calls a method of every env (or of a wrapper of it) and lists what they return. @throws `ATTRIBUTE_NOT_FOUND` */
  abstract call(name: string, ...args: unknown[]): unknown[];
  /** A property of every env, or of a wrapper of it. @throws `ATTRIBUTE_NOT_FOUND` */
  abstract getAttr(name: string): unknown[];
  /** Sets a property of every env: one value for all, or a list with one for each. @throws `INVALID_OPTION` */
  abstract setAttr(name: string, values: unknown): void;
  /** The envs' pictures, in order. */
  abstract render(): unknown[];
  /** Frees the envs; calling it twice is fine, stepping afterwards is an error. */
  abstract close(): void;
}
