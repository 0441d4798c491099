import { availableParallelism } from 'node:os';
import type { Env, RenderMode } from '../core/env.js';
import { usageError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { type EnvSpec, engineLimit } from '../core/spec.js';
import {
  constructEnv,
  type EnvTypes,
  importModule,
  spec as specOf,
  type WrapperReference,
  withWrappers,
} from '../registration/index.js';
import { preview } from '../spaces/arrays.js';
import { AsyncVectorEnv } from './async/async-vector-env.js';
import { checkWhole } from './checks.js';
import { loopFor } from './loops.js';
import { SyncVectorEnv } from './sync-vector-env.js';
import { type AutoresetMode, VectorEnv } from './vector-env.js';

/** What `makeVec` can be told. */
export interface MakeVecOptions {
  /** How many envs, 1 by default. */
  readonly numEnvs?: number;
  /**
   * `'sync'`, the default: all envs in this thread. `'async'`: in worker threads,
   * with the same results bit for bit. `'vector-entry-point'`: the class that the env offers for many at once, whose streams are its own.
   */
  readonly vectorizationMode?: 'sync' | 'async' | 'vector-entry-point';
  /** Threads of `'async'`; one a core by default. */
  readonly numWorkers?: number;
  /** `'async'`: how many results `recv` gives at once, `numEnvs` by default. */
  readonly batchSize?: number;
  /** `'async'`: longest silence of a worker, ms, before it is an error; 60,000 by default. */
  readonly timeoutMs?: number;
  /** When a finished env begins its next episode, `'same-step'` by default. */
  readonly autoresetMode?: AutoresetMode;
  /** Keyword arguments of every env's constructor. */
  readonly envKwargs?: JsonObject;
  readonly renderMode?: RenderMode;
  /** More wrappers around every env, innermost first, around those of the spec. */
  readonly wrappers?: readonly WrapperReference[];
  /** Instead of the spec's; null for no limit. */
  readonly maxEpisodeSteps?: number | null;
  /** Whether results are copies, true by default; with false each call overwrites the arrays of the one before. */
  readonly copy?: boolean;
}

const MODES: readonly string[] = ['sync', 'async', 'vector-entry-point'];

const OPTIONS: readonly string[] = [
  'numEnvs',
  'vectorizationMode',
  'numWorkers',
  'batchSize',
  'timeoutMs',
  'autoresetMode',
  'envKwargs',
  'renderMode',
  'maxEpisodeSteps',
  'wrappers',
  'copy',
] satisfies readonly (keyof MakeVecOptions)[];

/**
 * Builds `numEnvs` envs of an id as one vector env. They lack the wrappers that `make` adds: the vector env itself counts steps to
 * the time limit, checks actions and observations, and hands out copies.
 * @throws `ENV_NOT_FOUND`, `INVALID_OPTION`, `VECTOR_MODE_UNAVAILABLE`, and what the env's constructor throws.
 */
export async function makeVec<Id extends keyof EnvTypes>(
  id: Id,
  options?: MakeVecOptions,
): Promise<VectorEnv<EnvTypes[Id]['observation'], EnvTypes[Id]['action']>>;
export async function makeVec<Obs = unknown, Act = unknown>(
  id: string | EnvSpec,
  options?: MakeVecOptions,
): Promise<VectorEnv<Obs, Act>>;
export async function makeVec(id: string | EnvSpec, options: MakeVecOptions = {}): Promise<VectorEnv> {
  const base = typeof id === 'string' ? specOf(id) : id;
  const { numEnvs = 1, vectorizationMode = 'sync', envKwargs = {}, renderMode } = options;
  const maxEpisodeSteps = options.maxEpisodeSteps === undefined ? base.maxEpisodeSteps : options.maxEpisodeSteps;
  for (const name of Object.keys(options)) {
    if (OPTIONS.includes(name)) continue;
    throw usageError(
      'INVALID_OPTION',
      `makeVec has no option '${name}'. It has ${OPTIONS.join(', ')}; the env's own keyword arguments go into envKwargs.`,
      { expected: OPTIONS.join(', '), got: name, field: name },
    );
  }
  checkWhole('numEnvs', numEnvs);
  if (!MODES.includes(vectorizationMode)) {
    throw usageError(
      'VECTOR_MODE_UNAVAILABLE',
      `vectorizationMode ${preview(vectorizationMode)} is not there; ${MODES.join(', ')} are.`,
      { expected: MODES.join(', '), got: preview(vectorizationMode), field: 'vectorizationMode' },
    );
  }
  const asyncOnly = (['numWorkers', 'batchSize', 'timeoutMs'] as const).find((name) => options[name] !== undefined);
  if (vectorizationMode !== 'async' && asyncOnly !== undefined) {
    throw usageError(
      'INVALID_OPTION',
      `${asyncOnly} needs vectorizationMode: 'async': otherwise there are no workers.`,
      {
        field: asyncOnly,
        expected: "vectorizationMode: 'async'",
        got: preview(options[asyncOnly]),
      },
    );
  }
  const bare: EnvSpec = { ...base, maxEpisodeSteps, kwargs: { ...base.kwargs, ...envKwargs } };
  const spec = withWrappers(bare, options.wrappers);
  if (vectorizationMode === 'vector-entry-point') return await constructBatched(spec, numEnvs, options);
  if (vectorizationMode === 'async') {
    return await AsyncVectorEnv.create(spec, {
      numEnvs,
      numWorkers: options.numWorkers ?? Math.min(numEnvs, availableParallelism()),
      autoresetMode: options.autoresetMode,
      copy: options.copy,
      renderMode,
      batchSize: options.batchSize,
      timeoutMs: options.timeoutMs,
    });
  }
  const envs: Env[] = [];
  for (let i = 0; i < numEnvs; i++) envs.push(await constructEnv(spec, renderMode));
  return new SyncVectorEnv(
    envs.map((env) => () => env),
    {
      maxEpisodeSteps: engineLimit(spec),
      loop: await loopFor(envs[0]!),
      ...(options.autoresetMode !== undefined && { autoresetMode: options.autoresetMode }),
      ...(options.copy !== undefined && { copy: options.copy }),
    },
  );
}

/** The natively batched env of a spec. */
async function constructBatched(spec: EnvSpec, numEnvs: number, options: MakeVecOptions): Promise<VectorEnv> {
  const { vectorEntryPoint } = spec;
  if (vectorEntryPoint === undefined || (spec.wrappers ?? []).length > 0) {
    const why = vectorEntryPoint === undefined ? 'has no vectorEntryPoint' : 'has wrappers of single envs';
    throw usageError('VECTOR_MODE_UNAVAILABLE', `${spec.id} ${why}; use vectorizationMode 'sync' or 'async'.`, {
      env: spec.id,
      expected: 'a vectorEntryPoint and no wrappers',
    });
  }
  const colon = vectorEntryPoint.lastIndexOf(':');
  const name = vectorEntryPoint.slice(colon + 1);
  const Class = (await importModule(vectorEntryPoint.slice(0, colon)))[name] as
    | (new (
        given: object,
      ) => VectorEnv & { spec: EnvSpec | null })
    | undefined;
  if (typeof Class !== 'function' || !(Class.prototype instanceof VectorEnv)) {
    throw usageError(
      'NOT_AN_ENV',
      `'${name}', the vectorEntryPoint of ${spec.id}, is not a class that extends VectorEnv.`,
      {
        env: spec.id,
        expected: 'a subclass of VectorEnv',
        got: typeof Class,
      },
    );
  }
  const env = new Class({
    ...spec.kwargs,
    numEnvs,
    maxEpisodeSteps: spec.maxEpisodeSteps,
    ...(options.copy !== undefined && { copy: options.copy }),
  });
  env.spec = spec;
  if (options.autoresetMode !== undefined && options.autoresetMode !== env.autoresetMode) {
    const modes = `'${env.autoresetMode}'`;
    throw usageError(
      'INVALID_OPTION',
      `the batched ${spec.id} has autoresetMode ${modes}, got '${options.autoresetMode}'.`,
      {
        field: 'autoresetMode',
        expected: modes,
        got: options.autoresetMode,
      },
    );
  }
  return env;
}
