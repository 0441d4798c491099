/** Builds envs from ids and specs. */
import { Env, type RenderMode } from '../core/env.js';
import { failure, GymkhanaError, usageError } from '../core/errors.js';
import type { Json, JsonObject } from '../core/json.js';
import { assertSpec, type EnvSpec, engineLimit } from '../core/spec.js';
import { Space } from '../spaces/space.js';
import { OrderEnforcing } from '../wrappers/order-enforcing.js';
import { TimeLimit } from '../wrappers/time-limit.js';
import type { EnvTypes } from './env-types.js';
import { notJson } from './json-values.js';
import { importModule, type ModuleExports } from './modules.js';
import { type EnvClass, registeredClass, registry, spec as specOf } from './registry.js';
import { applyWrappers, type WrapperReference, withWrappers } from './wrappers.js';

/** `renderMode`, `maxEpisodeSteps` and `wrappers` are `make`'s own; everything else goes to the env's constructor. */
export interface MakeOptions {
  readonly renderMode?: RenderMode | undefined;
  /** Instead of the spec's; null for no limit. */
  readonly maxEpisodeSteps?: number | null | undefined;
  /** More wrappers, innermost first, around those of the spec. */
  readonly wrappers?: readonly WrapperReference[] | undefined;
  readonly [kwarg: string]: Json | readonly WrapperReference[] | undefined;
}

/** `make`'s own options. */
export type SpecOptions = Pick<MakeOptions, 'renderMode' | 'maxEpisodeSteps'>;

/**
 * Builds an env by its id: checked order of calls, actions and observations, copies of observations, and the spec's time limit.
 * @throws `ENV_NOT_FOUND`, `INVALID_ENV_ID`, `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`, `INVALID_OPTION`, `INVALID_RENDER_MODE`.
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
  const base = typeof id === 'object' && id !== null ? id : specOf(id);
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw usageError('INVALID_OPTION', `make takes its options as one object: make('${base.id}', { ... }).`);
  }
  const { renderMode, maxEpisodeSteps, wrappers, ...given } = options;
  const kwargs: JsonObject = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const bad = notJson(value, `'${name}'`);
    if (bad !== null) {
      throw usageError('INVALID_ENV_OPTION', `${base.id}: options of an env must be plain JSON, but ${bad}.`, {
        field: name,
        env: base.id,
      });
    }
    kwargs[name] = value as Json;
  }
  const spec = withWrappers({ ...base, kwargs: { ...base.kwargs, ...kwargs } }, wrappers);
  return await makeFromSpec(spec, { renderMode, maxEpisodeSteps });
}

/** Builds an env from its spec, wrapped as `make` does. */
export async function makeFromSpec(spec: EnvSpec, options: SpecOptions = {}): Promise<Env> {
  assertSpec(spec);
  const limit = options.maxEpisodeSteps === undefined ? spec.maxEpisodeSteps : options.maxEpisodeSteps;
  if (limit !== null && !(Number.isSafeInteger(limit) && limit > 0)) {
    throw usageError(
      'INVALID_OPTION',
      `maxEpisodeSteps must be a whole number above 0, or null for no limit, got ${limit}.`,
      { field: 'maxEpisodeSteps', env: spec.id },
    );
  }
  const limited = { ...spec, maxEpisodeSteps: limit };
  const env = await constructEnv(limited, options.renderMode);
  const outside = engineLimit(limited);
  // The order checks are outermost: they note the episode as its user sees it, so that a snapshot can replay the whole stack.
  return new OrderEnforcing(outside === null ? env : new TimeLimit(env, outside));
}

/**
 * Builds the env of a spec for engines that check and copy for themselves and count to `engineLimit(spec)`: bare, or in the
 * spec's wrappers with its time limit inside them.
 * @throws `WRAPPER_NOT_FOUND`, `NOT_A_WRAPPER`, `WRAPPER_NOT_PORTABLE`, and what a wrapper's constructor throws.
 * @throws `EXPORT_NOT_FOUND`, `NOT_AN_ENV`, `MODULE_LOAD_FAILED`, `INVALID_RENDER_MODE`, `INVALID_ENV` for an env without spaces,
 * `ENV_CONSTRUCTOR_FAILED` if the constructor throws an error of its own.
 */
export async function constructEnv(spec: EnvSpec, renderMode?: RenderMode): Promise<Env> {
  assertSpec(spec);
  const Class = await envClass(spec);
  // Pixels may be the env's own or painted from its scenes: its metadata tell.
  const pixels = renderMode === 'rgb_array';
  let env = build(Class, spec, pixels ? undefined : renderMode);
  for (const name of ['observationSpace', 'actionSpace'] as const) {
    if (env[name] instanceof Space) continue;
    throw failure(
      'INVALID_ENV',
      `${spec.id} has no ${name}: give it a Space, such as new Box(-1, 1, { shape: [2] }).`,
      {
        env: spec.id,
        field: name,
      },
    );
  }
  const modes = env.metadata.renderModes ?? [];
  const painted = pixels && !modes.includes('rgb_array') && modes.includes('scene');
  if (pixels && (painted || modes.includes('rgb_array'))) {
    env.close();
    env = build(Class, spec, painted ? 'scene' : 'rgb_array');
  } else if (renderMode !== undefined && !modes.includes(renderMode)) {
    env.close();
    const known = modes.includes('scene') ? [...modes, 'rgb_array'] : modes;
    throw usageError(
      'INVALID_RENDER_MODE',
      `${spec.id} has no render mode '${renderMode}'. It has: ${known.join(', ') || 'none'}.`,
      { env: spec.id, field: 'renderMode', expected: known.join(', '), got: String(renderMode) },
    );
  }
  const wrapped = spec.wrappers !== undefined && spec.wrappers.length > 0;
  env.spec = wrapped ? { ...spec, wrappers: undefined } : spec;
  if (painted) env = await (await import('./scene-pixels.js')).ScenePixels.around(env);
  if (!wrapped) return env;
  const limited = spec.maxEpisodeSteps === null ? env : new TimeLimit(env, spec.maxEpisodeSteps);
  return await applyWrappers(limited, spec);
}

/** Calls the class's constructor. @throws `ENV_CONSTRUCTOR_FAILED` if it throws an error of its own. */
function build(Class: EnvClass, spec: EnvSpec, renderMode: RenderMode | undefined): Env {
  const kwargs = renderMode === undefined ? { ...spec.kwargs } : { ...spec.kwargs, renderMode };
  try {
    return new Class(kwargs as never) as Env;
  } catch (cause) {
    if (cause instanceof GymkhanaError) throw cause;
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw failure('ENV_CONSTRUCTOR_FAILED', `${spec.id} could not be built: ${reason}`, { env: spec.id }, cause);
  }
}

/** The class of a spec: registered in this thread, or exported by the spec's module. */
async function envClass(spec: EnvSpec): Promise<EnvClass> {
  const { id, moduleUrl, exportName } = spec;
  if (exportName !== null) {
    if (moduleUrl !== null) return exportedClass(await importModule(moduleUrl), exportName, moduleUrl);
    throw usageError('INVALID_OPTION', `the spec of ${id} has an exportName but no moduleUrl to find it in.`, {
      env: id,
      field: 'moduleUrl',
    });
  }
  const known = registeredClass(id);
  if (known !== undefined) return known;
  if (moduleUrl !== null) await importModule(moduleUrl);
  const registered = registeredClass(id);
  if (registered !== undefined) return registered;
  const problem =
    moduleUrl === null
      ? `'${id}' is not registered in this thread, and its spec has no moduleUrl that says what to import`
      : `importing ${moduleUrl} did not register '${id}'. It registers: ${registeredBy(moduleUrl).join(', ') || 'nothing'}`;
  throw failure('ENV_NOT_FOUND', `${problem}.`, { env: id });
}

/** The ids that a module registered. */
export function registeredBy(moduleUrl: string): string[] {
  return [...registry.values()].filter((known) => known.moduleUrl === moduleUrl).map(({ id }) => id);
}

/**
 * The env class that a module exports under a name.
 * @throws `EXPORT_NOT_FOUND` with what there is, `NOT_AN_ENV`.
 */
export function exportedClass(module: ModuleExports, name: string, moduleUrl: string): EnvClass {
  const value = module[name];
  if (value === undefined) {
    const exports = Object.keys(module);
    const ids = registeredBy(moduleUrl);
    throw usageError(
      'EXPORT_NOT_FOUND',
      `${moduleUrl} neither registers nor exports '${name}'. It exports: ${exports.join(', ') || 'nothing'}. It registers: ${ids.join(', ') || 'nothing'}.`,
      { env: name, expected: [...ids, ...exports].join(', '), got: name },
    );
  }
  if (typeof value !== 'function' || !(value.prototype instanceof Env)) {
    const looksLikeEnv = typeof value === 'function' && typeof value.prototype?.step === 'function';
    const hint = looksLikeEnv ? " It has a step(), so its Env may be another one: import { Env } from 'gymkhana'." : '';
    throw usageError(
      'NOT_AN_ENV',
      `'${name}' of ${moduleUrl} is not a class that extends Env (from 'gymkhana').${hint}`,
      {
        env: name,
        expected: 'a class that extends Env',
      },
    );
  }
  return value as EnvClass;
}
