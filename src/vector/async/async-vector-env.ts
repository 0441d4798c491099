/**
 * Steps envs in worker threads. Each worker runs a SyncVectorEnv over its part of shared rows, so results are those of a
 * SyncVectorEnv bit for bit, for any number of workers.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { EnvMetadata, RenderMode } from '../../core/env.js';
import { failure, GymkhanaError, type SerializedError, usageError } from '../../core/errors.js';
import type { EnvSpec } from '../../core/spec.js';
import { assertNotImporting, constructEnv, modulesFor } from '../../registration/index.js';
import { preview } from '../../spaces/arrays.js';
import { isAllRows } from '../../spaces/batch.js';
import { type Batch, batchSpace, concatenate, iterate } from '../../spaces/index.js';
import type { Space } from '../../spaces/space.js';
import { ActionBatch, actionsFor } from '../actions.js';
import { checkAutoresetMode, checkWhole } from '../checks.js';
import { resetSeeds, splitResetOptions } from '../reset-options.js';
import { attributeValues } from '../sync-vector-env.js';
import {
  type AutoresetMode,
  alreadyPending,
  noAsyncCall,
  type VectorActions,
  VectorEnv,
  type VectorInfos,
  type VectorRecvResult,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
} from '../vector-env.js';
import { channelMemory, MainChannel, type Outcome } from './channel.js';
import { SharedRows } from './shared-rows.js';
import { elementsOf, emptyField, placeOf } from './sparse-infos.js';
import type { Reply, WorkerSetup } from './worker.js';

/** How an AsyncVectorEnv behaves. */
export interface AsyncVectorEnvOptions {
  readonly numEnvs: number;
  /** Threads, at most `numEnvs`. */
  readonly numWorkers: number;
  /** `'same-step'` by default. */
  readonly autoresetMode?: AutoresetMode | undefined;
  /** Whether results are copies, true by default; with false each call overwrites the arrays of the one before. */
  readonly copy?: boolean | undefined;
  readonly renderMode?: RenderMode | undefined;
  /** How many results `recv` gives at once, `numEnvs` by default. */
  readonly batchSize?: number | undefined;
  /** Longest silence of a worker, ms, before it is an error; 60,000 by default. */
  readonly timeoutMs?: number | undefined;
}

/** Threads start and import modules for a while on a busy machine, ms. */
const START_TIMEOUT = 60_000;

type Pending = 'resetAsync' | 'stepAsync';

/** One worker as the main thread knows it. */
interface Member {
  readonly rank: number;
  readonly firstEnv: number;
  readonly count: number;
  readonly channel: MainChannel;
  readonly thread: Worker;
  /** All its places. */
  readonly all: readonly number[];
  /** Places, within the worker, that were sent and wait for their turn. */
  queue: (readonly number[])[];
  /** Places that it is stepping for `recv`; null when idle. */
  working: readonly number[] | null;
}

/** A result of one env that `recv` has not given yet. */
interface ReadyEnv {
  readonly env: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** `N` envs of one spec in worker threads; made by `makeVec(id, { vectorizationMode: 'async' })`. */
export class AsyncVectorEnv<Obs = unknown, Act = unknown> extends VectorEnv<Obs, Act> {
  readonly numEnvs: number;
  readonly numWorkers: number;
  readonly singleObservationSpace: Space<Obs>;
  readonly singleActionSpace: Space<Act>;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly autoresetMode: AutoresetMode;
  readonly metadata: EnvMetadata;
  readonly spec: EnvSpec;
  readonly #batchSize: number;
  readonly #timeout: number;
  readonly #copy: boolean;
  readonly #rows: SharedRows;
  readonly #members: Member[] = [];
  readonly #listed: boolean;
  /** 1 where an env is at work for `recv`, or its result waits there. */
  readonly #busy: Uint8Array;
  #sent: unknown[] = [];
  #ready: ReadyEnv[] = [];
  #call: Pending | null = null;
  #started = false;
  #closed = false;
  #failure: GymkhanaError | null = null;

  private constructor(
    spec: EnvSpec,
    options: AsyncVectorEnvOptions,
    about: { observationSpace: Space<Obs>; actionSpace: Space<Act>; metadata: EnvMetadata },
  ) {
    super();
    const { numEnvs, numWorkers, autoresetMode = 'same-step', copy = true } = options;
    this.spec = spec;
    this.numEnvs = numEnvs;
    this.numWorkers = numWorkers;
    this.autoresetMode = autoresetMode;
    this.metadata = about.metadata;
    this.singleObservationSpace = about.observationSpace;
    this.singleActionSpace = about.actionSpace;
    this.observationSpace = batchSpace(about.observationSpace, numEnvs);
    this.actionSpace = batchSpace(about.actionSpace, numEnvs);
    this.#batchSize = options.batchSize ?? numEnvs;
    this.#timeout = options.timeoutMs ?? 60_000;
    this.#copy = copy;
    this.#rows = new SharedRows(about.observationSpace, about.actionSpace, numEnvs);
    this.#listed = !isAllRows(about.observationSpace);
    this.#busy = new Uint8Array(numEnvs);
  }

  /**
   * Starts the workers and builds the envs in them.
   * @throws `INVALID_OPTION`, `ENV_NOT_PORTABLE`, `NESTED_IN_WORKER`, `WORKER_DIED`, `VECTOR_ENV_TIMEOUT`, and what building an env throws.
   */
  static async create<Obs, Act>(spec: EnvSpec, options: AsyncVectorEnvOptions): Promise<AsyncVectorEnv<Obs, Act>> {
    assertNotImporting('makeVec');
    checkAsyncOptions(options);
    const modules = await modulesFor(spec);
    const sample = await constructEnv(spec, options.renderMode);
    const { observationSpace, actionSpace, metadata } = sample;
    const env = new AsyncVectorEnv<Obs, Act>(spec, options, {
      observationSpace: observationSpace as Space<Obs>,
      actionSpace: actionSpace as Space<Act>,
      metadata,
    });
    sample.close();
    const { numEnvs, numWorkers } = options;
    for (let rank = 0; rank < numWorkers; rank++) {
      const firstEnv = Math.floor((rank * numEnvs) / numWorkers);
      const count = Math.floor(((rank + 1) * numEnvs) / numWorkers) - firstEnv;
      const memory = channelMemory(numWorkers, availableParallelism());
      const setup: WorkerSetup = {
        rank,
        firstEnv,
        count,
        spec,
        renderMode: options.renderMode,
        autoresetMode: env.autoresetMode,
        modules,
        channel: memory,
        rows: env.#rows.memory,
        listed: env.#listed,
      };
      const channel = new MainChannel(memory);
      const thread = new Worker(new URL('./worker.js', import.meta.url), {
        workerData: setup,
        execArgv: threadFlags(),
      });
      thread.on('exit', () => channel.markGone());
      thread.on('error', () => channel.markGone());
      // Idle threads do not keep the process alive.
      thread.unref();
      const all = Array.from({ length: count }, (_, k) => k);
      env.#members.push({ rank, firstEnv, count, channel, thread, all, queue: [], working: null });
    }
    try {
      const limit = Math.max(START_TIMEOUT, env.#timeout);
      for (const member of env.#members) env.#check(member, await member.channel.waitAsync(limit), 'start');
    } catch (error) {
      env.close();
      throw error;
    }
    return env;
  }

  override get batchSize(): number {
    return this.#batchSize;
  }

  /** @throws as `SyncVectorEnv.reset`, and `ALREADY_PENDING_CALL`, `WORKER_DIED`, `VECTOR_ENV_TIMEOUT`. */
  override reset(options: VectorResetOptions = {}): VectorResetResult<Obs> {
    this.resetAsync(options);
    return this.resetWait();
  }

  /** Begins a reset, which `resetWait` ends, or `recv` env by env. @throws as `reset`. */
  override resetAsync(options: VectorResetOptions = {}): void {
    this.#checkIdle('resetAsync');
    const seeds = resetSeeds(options.seed, this.numEnvs);
    const { mask, rest } = splitResetOptions(options.options, this.numEnvs, this.#started);
    for (const member of this.#members) {
      const { firstEnv, count } = member;
      const end = firstEnv + count;
      const part = mask === null ? null : Array.from(mask).slice(firstEnv, end);
      const skip = part !== null && !part.includes(true);
      if (skip) continue;
      member.working = member.all;
      member.channel.ring('reset', {
        seed: seeds === null ? undefined : seeds.slice(firstEnv, end),
        options: part === null ? rest : { ...rest, resetMask: part },
      });
    }
    this.#started = true;
    this.#call = 'resetAsync';
  }

  /** The result of `resetAsync`. @throws `NO_ASYNC_CALL`, and what a reset throws. */
  override resetWait(): VectorResetResult<Obs> {
    this.#expect('resetAsync', 'resetWait');
    const infos = this.#collect(this.#members.filter(({ working }) => working !== null));
    return { observations: this.#batch(), infos };
  }

  /** @throws as `SyncVectorEnv.step`, and `ALREADY_PENDING_CALL`, `WORKER_DIED`, `VECTOR_ENV_TIMEOUT`. */
  override step(actions: VectorActions<Act>): VectorStepResult<Obs> {
    this.stepAsync(actions);
    return this.stepWait();
  }

  override stepAsync(actions: VectorActions<Act>): void {
    this.#checkIdle('stepAsync');
    this.#checkStarted('stepAsync');
    this.#rows.actions.take(actions);
    for (const member of this.#members) {
      member.working = member.all;
      member.channel.ring('step', this.#rows.sharesActions ? undefined : this.#actionsOf(member));
    }
    this.#call = 'stepAsync';
  }

  override stepWait(): VectorStepResult<Obs> {
    this.#expect('stepAsync', 'stepWait');
    return this.#result(this.#collect(this.#members));
  }

  override async stepWaitAsync(): Promise<VectorStepResult<Obs>> {
    this.#expect('stepAsync', 'stepWaitAsync');
    for (const member of this.#members) this.#check(member, await member.channel.waitAsync(this.#timeout), 'step');
    return this.#result(this.#collect(this.#members));
  }

  override send(actions: VectorActions<Act>, envIds: ArrayLike<number>): void {
    this.#checkOpen('send');
    if (this.#call === 'stepAsync') throw alreadyPending('send', 'stepAsync');
    this.#checkStarted('send');
    const ids = this.#checkedIds(envIds);
    const given = actionsFor(this.singleActionSpace, ids.length);
    given.take(actions);
    ids.forEach((env, k) => {
      const action = given.at(k);
      if (this.#rows.actions instanceof ActionBatch) {
        const { layout, values, rows } = this.#rows.actions;
        if (layout.scalar) values[env] = action as number;
        else rows[env]!.set(action as Float32Array);
      } else {
        this.#sent[env] = action;
      }
      this.#busy[env] = 1;
    });
    for (const member of this.#members) {
      const places = ids.map((env) => env - member.firstEnv).filter((place) => place >= 0 && place < member.count);
      if (places.length === 0) continue;
      member.queue.push(places);
      this.#dispatch(member);
    }
  }

  override recv(): VectorRecvResult<Obs> {
    this.#checkOpen('recv');
    if (this.#call === 'stepAsync') throw alreadyPending('recv', 'stepAsync');
    const coming = this.#members.reduce(
      (sum, { working, queue }) => sum + (working?.length ?? 0) + queue.reduce((n, places) => n + places.length, 0),
      this.#ready.length,
    );
    if (coming < this.#batchSize) {
      throw noAsyncCall(
        'recv',
        `send(actions, envIds) for at least ${this.#batchSize - coming} more envs, or resetAsync(),`,
      );
    }
    this.#call = null;
    while (this.#ready.length < this.#batchSize) {
      const working = this.#members.filter(({ working: places }) => places !== null);
      // Whoever is ready first; if nobody is, the one that has worked longest.
      const member = working.find(({ channel }) => channel.ready) ?? working[0]!;
      this.#check(member, member.channel.wait(this.#timeout), 'step');
      this.#harvest(member);
      this.#dispatch(member);
    }
    return this.#taken(this.#ready.splice(0, this.#batchSize));
  }

  override call(name: string, ...args: unknown[]): unknown[] {
    return this.#ask('call', { name, args, property: false });
  }

  override getAttr(name: string): unknown[] {
    return this.#ask('getAttr', { name, args: [], property: true });
  }

  override setAttr(name: string, values: unknown): void {
    this.#checkIdle('setAttr');
    const list = attributeValues(name, values, this.numEnvs);
    for (const { channel, firstEnv, count } of this.#members) {
      channel.ring('set', { name, values: list.slice(firstEnv, firstEnv + count) });
    }
    for (const member of this.#members) this.#check(member, member.channel.wait(this.#timeout), 'setAttr');
  }

  override render(): unknown[] {
    return this.call('render');
  }

  /** Ends the threads; calling it twice is fine. */
  override close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { channel, thread, working } of this.#members) {
      // A worker that waits closes its envs and ends by itself; one at work, or broken, is ended.
      if (this.#failure === null && working === null) {
        channel.ring('close');
        channel.wait(Math.min(this.#timeout, 1000));
      }
      void thread.terminate();
    }
  }

  #ask(call: string, request: { name: string; args: unknown[]; property: boolean }): unknown[] {
    this.#checkIdle(call);
    for (const { channel } of this.#members) channel.ring('call', request);
    return this.#members.flatMap((member) => {
      this.#check(member, member.channel.wait(this.#timeout), call);
      return (member.channel.reply() as Reply).values ?? [];
    });
  }

  #actionsOf({ firstEnv, count }: Member): unknown[] {
    return Array.from({ length: count }, (_, k) => this.#rows.actions.at(firstEnv + k));
  }

  /** Gives an idle worker the next of what was sent to it. */
  #dispatch(member: Member): void {
    if (member.working !== null) return;
    const places = member.queue.shift();
    if (places === undefined) return;
    member.working = places;
    const actions = this.#rows.sharesActions
      ? undefined
      : Array.from(
          { length: member.count },
          (_, k) => this.#sent[member.firstEnv + k] ?? this.singleActionSpace.sample(),
        );
    member.channel.ring('some', { places, ...(actions !== undefined && { actions }) });
  }

  /** Waits for workers in their order and merges their infos, which is then the order of the envs. */
  #collect(members: readonly Member[]): VectorInfos<Obs> {
    const infos: VectorInfos<Obs> = {};
    for (const member of members) {
      this.#check(member, member.channel.wait(this.#timeout), 'step');
      member.working = null;
      const reply = member.channel.reply() as Reply | undefined;
      if (reply === undefined) continue;
      this.#keepList(member, reply);
      for (const sparse of reply.infos ?? []) {
        const values = elementsOf(sparse);
        infos[sparse.field] ??= emptyField(sparse.field, this.numEnvs);
        const field = infos[sparse.field]!;
        for (let k = 0; k < values.length; k++) field[member.firstEnv + placeOf(sparse, k)] = values[k];
      }
    }
    this.#call = null;
    return infos;
  }

  /** Observations that are no rows come in messages. */
  #keepList(member: Member, reply: Reply): void {
    if (!this.#listed) return;
    const part = batchSpace(this.singleObservationSpace, member.count);
    [...iterate(part, reply.observations)].forEach((observation, k) => {
      this.#rows.observations.write(member.firstEnv + k, observation);
    });
  }

  #harvest(member: Member): void {
    const places = member.working ?? [];
    member.working = null;
    const reply = member.channel.reply() as Reply | undefined;
    if (reply !== undefined) this.#keepList(member, reply);
    const given = (reply?.infos ?? []).map((sparse) => {
      const values = elementsOf(sparse);
      return { field: sparse.field, values: new Map(values.map((value, k) => [placeOf(sparse, k), value])) };
    });
    for (const place of places) {
      const fields: Record<string, unknown> = {};
      for (const { field, values } of given) if (values.has(place)) fields[field] = values.get(place);
      this.#ready.push({ env: member.firstEnv + place, fields });
    }
  }

  #taken(ready: readonly ReadyEnv[]): VectorRecvResult<Obs> {
    const B = ready.length;
    const envIds = Int32Array.from(ready, ({ env }) => env);
    const infos: VectorInfos<Obs> = {};
    ready.forEach(({ fields }, row) => {
      for (const [field, value] of Object.entries(fields)) {
        infos[field] ??= emptyField(field, B);
        infos[field]![row] = value;
      }
    });
    const observations = Array.from(envIds, (env) => this.#rows.observations.read(env));
    for (const env of envIds) this.#busy[env] = 0;
    return {
      observations: concatenate(this.singleObservationSpace, observations) as Batch<Obs>,
      rewards: Float64Array.from(envIds, (env) => this.#rows.rewards[env]!),
      terminations: Uint8Array.from(envIds, (env) => this.#rows.terminations[env]!),
      truncations: Uint8Array.from(envIds, (env) => this.#rows.truncations[env]!),
      infos,
      envIds,
    };
  }

  #batch(): Batch<Obs> {
    return this.#rows.observations.take(this.#copy) as Batch<Obs>;
  }

  #result(infos: VectorInfos<Obs>): VectorStepResult<Obs> {
    const { rewards, terminations, truncations } = this.#rows;
    return {
      observations: this.#batch(),
      rewards: this.#copy ? rewards.slice() : rewards,
      terminations: this.#copy ? terminations.slice() : terminations,
      truncations: this.#copy ? truncations.slice() : truncations,
      infos,
    };
  }

  /** Turns the end of a wait into an error, after which only `close` works. */
  #check(member: Member, outcome: Outcome, call: string): void {
    if (outcome === 'done') return;
    const { rank, firstEnv, count } = member;
    const envs = count === 1 ? `env ${firstEnv}` : `envs ${firstEnv} to ${firstEnv + count - 1}`;
    const details = { worker: rank, env: this.spec.id };
    let error: GymkhanaError;
    if (outcome === 'failed') {
      error = GymkhanaError.fromJSON(member.channel.reply() as SerializedError);
    } else if (outcome === 'gone') {
      error = failure(
        'WORKER_DIED',
        `worker ${rank} of ${this.spec.id} (${envs}) ended without a word during ${call}. Something in the env ended the thread: process.exit(), or too much memory.`,
        details,
      );
    } else {
      error = failure(
        'VECTOR_ENV_TIMEOUT',
        `worker ${rank} of ${this.spec.id} (${envs}) was silent for ${call === 'start' ? Math.max(START_TIMEOUT, this.#timeout) : this.#timeout} ms during ${call}. Its env hangs, or needs a larger timeoutMs.`,
        details,
      );
    }
    this.#failure = error;
    throw error;
  }

  #expect(pending: Pending, call: string): void {
    this.#checkOpen(call);
    if (this.#call !== pending) throw noAsyncCall(call, `${pending}()`);
  }

  #checkOpen(call: string): void {
    if (this.#closed) {
      throw usageError('VECTOR_ENV_CLOSED', `${call}() of a vector env was called after close(). Make a new one.`);
    }
    if (this.#failure !== null) throw this.#failure;
  }

  #checkIdle(call: string): void {
    this.#checkOpen(call);
    if (this.#call !== null) throw alreadyPending(call, this.#call);
    if (this.#members.some(({ working, queue }) => working !== null || queue.length > 0) || this.#ready.length > 0) {
      throw usageError(
        'ALREADY_PENDING_CALL',
        `${call}() of a vector env was called while envs are at work for recv(). Receive their results first.`,
        { field: call, expected: 'recv() first' },
      );
    }
  }

  #checkStarted(call: string): void {
    if (this.#started) return;
    throw usageError(
      'RESET_NEEDED',
      `${call.replace('Async', '')}() of a vector env was called before reset(). Call reset() first.`,
    );
  }

  #checkedIds(envIds: ArrayLike<number>): number[] {
    const ids = Array.from(envIds ?? []);
    const seen = new Set<number>();
    for (const env of ids) {
      const problem = !(Number.isInteger(env) && env >= 0 && env < this.numEnvs)
        ? `there is no env ${String(env)}`
        : seen.has(env)
          ? `env ${env} stands twice`
          : this.#busy[env] === 1
            ? `env ${env} is still at work: receive its result first`
            : null;
      if (problem !== null) {
        throw usageError('INVALID_ENV_IDS', `send() takes each env once, from 0 to ${this.numEnvs - 1}; ${problem}.`, {
          field: 'envIds',
          expected: `0 to ${this.numEnvs - 1}`,
          got: preview(env),
        });
      }
      seen.add(env);
    }
    if (ids.length > 0) return ids;
    throw usageError('INVALID_ENV_IDS', 'send() takes at least one env.', { field: 'envIds', got: preview(envIds) });
  }
}

/** Flags of this process for a thread; those of a program given as text would make it a program too. */
function threadFlags(): string[] {
  const isText = process.execArgv.some((flag) => /^(-e|-p|--eval|--print|--input-type)(=|$)/.test(flag));
  return isText ? [] : process.execArgv;
}

/** @throws `INVALID_OPTION` */
function checkAsyncOptions(options: AsyncVectorEnvOptions): void {
  const { numEnvs, numWorkers, batchSize, timeoutMs } = options;
  checkWhole('numEnvs', numEnvs);
  checkWhole('numWorkers', numWorkers, numEnvs);
  if (batchSize !== undefined) checkWhole('batchSize', batchSize, numEnvs);
  if (timeoutMs !== undefined) checkWhole('timeoutMs', timeoutMs);
  if (options.autoresetMode !== undefined) checkAutoresetMode(options.autoresetMode);
}
