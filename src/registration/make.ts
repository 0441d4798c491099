/** Builds envs from ids and specs. */
import { Env, type RenderMode } from '../core/env.js';
import { failure, usageError } from '../core/errors.js';
import type { Json, JsonObject } from '../core/json.js';
import type { EnvSpec } from '../core/spec.js';
import { OrderEnforcing } from '../wrappers/order-enforcing.js';
import { TimeLimit } from '../wrappers/time-limit.js';
import { importModule, locateModule } from './modules.js';
import { type EnvClass, registeredClass, registry, spec as specOf } from './registry.js';

/** Observation and action types of known ids, for inference; a user's module may add its own by declaration merging. */
export interface EnvTypes {
  'CartPole-v1': { observation: Float32Array; action: number };
  'MountainCar-v0': { observation: Float32Array; action: number };
  'Acrobot-v1': { observation: Float32Array; action: number };
  'MountainCarContinuous-v0': { observation: Float32Array; action: Float32Array };
  'Pendulum-v1': { observation: Float32Array; action: Float32Array };
  'Driving-v0': { observation: Float32Array; action: Float32Array };
}

/** `renderMode` and `maxEpisodeSteps` are `make`'s own; everything else goes to the env's constructor. */
export interface MakeOptions {
  readonly renderMode?: RenderMode | undefined;
  /** Instead of the spec's; null for no limit. */
  readonly maxEpisodeSteps?: number | null | undefined;
  readonly [kwarg: string]: Json | undefined;
}

/**
 * Builds an env by its id: checked order of calls and actions, copies of observations, and the spec's time limit.
 * @throws `ENV_NOT_FOUND`, `INVALID_ENV_ID`, `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`, `INVALID_OPTION`.
 */
export async function make<Id extends keyof EnvTypes>(
  id: Id,
  options?: MakeOptions,
): Promise<Env<EnvTypes[Id]['observation'], EnvTypes[Id]['action']>>;
export async function make<Obs = unknown, Act = unknown>(
  id: string | EnvSpec,
  options?: MakeOptions,
): Promise<Env<Obs, Act>>;
export async function make(id: string | EnvSpec, options: MakeOptions = {}): Promise<Env> {
  const { renderMode, maxEpisodeSteps, ...kwargs } = options;
  const base = typeof id === 'string' ? specOf(id) : id;
  return await makeFromSpec(
    { ...base, kwargs: { ...base.kwargs, ...(kwargs as JsonObject) } },
    { renderMode, maxEpisodeSteps },
  );
}

/** Builds an env from its spec, wrapped as `make` does. */
export async function makeFromSpec(
  spec: EnvSpec,
  options: { renderMode?: RenderMode | undefined; maxEpisodeSteps?: number | null | undefined } = {},
): Promise<Env> {
  const limit = options.maxEpisodeSteps === undefined ? spec.maxEpisodeSteps : options.maxEpisodeSteps;
  if (limit !== null && !(Number.isInteger(limit) && limit > 0)) {
    throw usageError(
      'INVALID_OPTION',
      `maxEpisodeSteps must be a whole number above 0, or null for no limit, got ${limit}.`,
      { field: 'maxEpisodeSteps' },
    );
  }
  const env = new OrderEnforcing(await constructEnv({ ...spec, maxEpisodeSteps: limit }, options.renderMode));
  return limit === null ? env : new TimeLimit(env, limit);
}

/**
 * Builds the bare env of a spec, without wrappers or time limit: for engines that do their own.
 * @throws `EXPORT_NOT_FOUND`, `NOT_AN_ENV`, `MODULE_LOAD_FAILED`, `INVALID_RENDER_MODE`, and what the constructor throws.
 */
export async function constructEnv(spec: EnvSpec, renderMode?: RenderMode): Promise<Env> {
  const Class = await envClass(spec);
  const kwargs = renderMode === undefined ? { ...spec.kwargs } : { ...spec.kwargs, renderMode };
  const env = new Class(kwargs as never) as Env;
  const modes = env.metadata.renderModes ?? [];
  if (renderMode !== undefined && !modes.includes(renderMode)) {
    throw usageError(
      'INVALID_RENDER_MODE',
      `${spec.id} has no render mode '${renderMode}'. It has: ${modes.join(', ') || 'none'}.`,
      { env: spec.id },
    );
  }
  env.spec = spec;
  return env;
}

/** The class of a spec: registered in this thread, or exported by the spec's module. */
async function envClass(spec: EnvSpec): Promise<EnvClass> {
  if (spec.exportName === null) {
    const known = registeredClass(spec.id);
    if (known !== undefined) return known;
    if (spec.moduleUrl !== null) await importModule(spec.moduleUrl);
    const registered = registeredClass(spec.id);
    if (registered !== undefined) return registered;
    throw failure('ENV_NOT_FOUND', `importing ${spec.moduleUrl ?? 'nothing'} did not register '${spec.id}'.`, {
      env: spec.id,
    });
  }
  const module = await importModule(spec.moduleUrl ?? '');
  return exportedClass(module, spec.exportName, spec.moduleUrl ?? '');
}

function exportedClass(module: Record<string, unknown>, name: string, moduleUrl: string): EnvClass {
  const value = module[name];
  if (value === undefined) {
    const exports = Object.keys(module);
    throw usageError(
      'EXPORT_NOT_FOUND',
      `${moduleUrl} neither registers nor exports '${name}'. It exports: ${exports.join(', ') || 'nothing'}.`,
      { env: name, expected: name, got: exports.join(', ') },
    );
  }
  if (typeof value !== 'function' || !(value.prototype instanceof Env)) {
    throw usageError('NOT_AN_ENV', `'${name}' of ${moduleUrl} is not a class that extends Env (from 'gymkhana').`, {
      env: name,
    });
  }
  return value as EnvClass;
}

/**
 * Turns what a user writes into a spec: an id, `module:EnvId`, or `./file.ts:EnvId`, where EnvId is registered by that
 * module or is the name of a class that it exports.
 */
export async function resolveEnv(reference: string, options: { cwd: string }): Promise<EnvSpec> {
  const colon = reference.lastIndexOf(':');
  if (colon <= 1) {
    if (/\.[cm]?[jt]sx?$/.test(reference)) {
      throw usageError('INVALID_ENV_ID', `'${reference}' names a file; add the env in it: '${reference}:EnvId'.`, {
        got: reference,
      });
    }
    return specOf(reference);
  }
  const name = reference.slice(colon + 1);
  const moduleUrl = locateModule(reference.slice(0, colon), options.cwd);
  const before = registry.get(name);
  const module = await importModule(moduleUrl);
  const registered = registry.get(name);
  if (registered !== undefined && (registered !== before || registered.moduleUrl === moduleUrl)) {
    return registered.moduleUrl === null ? { ...registered, moduleUrl } : registered;
  }
  exportedClass(module, name, moduleUrl);
  return {
    id: name,
    moduleUrl,
    exportName: name,
    maxEpisodeSteps: null,
    rewardThreshold: null,
    nondeterministic: false,
    kwargs: {},
  };
}
