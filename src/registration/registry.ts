/** The registered environments: ids, how to build them, and the names that `make` knows. */
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Env } from '../core/env.js';
import { usageError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { didYouMean } from '../core/kwargs.js';
import type { EnvSpec } from '../core/spec.js';
import { notJson } from './json-values.js';
import { moduleBeingImported } from './modules.js';
import { locateModule } from './packages.js';
import { type WrapperReference, withWrappers } from './wrappers.js';

/** An env's class, of any observation and action; its constructor takes one object of keyword arguments. */
export type EnvClass = new (kwargs: never) => Pick<Env, 'metadata' | 'spec' | 'render' | 'close' | 'unwrapped'>;

/** What `register` takes. */
export interface Registration {
  /** `[namespace/]Name-vN`. */
  readonly id: string;
  /** A class that the registering module defines or imports, or `'module:Export'`: a URL, a package, or a path relative to `moduleUrl`. */
  readonly entryPoint: EnvClass | string;
  /** `import.meta.url` of the registering module: tells worker threads what to import. */
  readonly moduleUrl?: string | undefined;
  /** Episodes are truncated after so many steps; none by default. */
  readonly maxEpisodeSteps?: number | null | undefined;
  /** Mean return at which the task counts as solved. */
  readonly rewardThreshold?: number | null | undefined;
  readonly nondeterministic?: boolean | undefined;
  /** Default keyword arguments. */
  readonly kwargs?: JsonObject | undefined;
  /** `'module:Export'` of a VectorEnv class that steps many envs at once, for `makeVec(id, { vectorizationMode: 'vector-entry-point' })`. */
  readonly vectorEntryPoint?: string | undefined;
  /** Wrappers around the env, innermost first; its time limit is inside them. */
  readonly wrappers?: readonly WrapperReference[] | undefined;
}

const specs = new Map<string, EnvSpec>();
const classes = new Map<string, EnvClass>();
const ID = /^(?:[\w.-]+\/)?([\w.]+(?:-[\w.]+)*?)-v(\d+)$/;
const OPTIONS: readonly string[] = [
  'id',
  'entryPoint',
  'moduleUrl',
  'maxEpisodeSteps',
  'rewardThreshold',
  'nondeterministic',
  'kwargs',
  'vectorEntryPoint',
  'wrappers',
] satisfies readonly (keyof Registration)[];

/** Every registered spec by id, in the order of registration. */
export const registry: ReadonlyMap<string, EnvSpec> = specs;

/**
 * Makes an env known by its id, for `make`, `train` and the command line. Registering an id again replaces it.
 * @throws `INVALID_ENV_ID` for an id that is not `[namespace/]Name-vN`; `INVALID_ENTRY_POINT` for an entry point that is neither
 * a class nor `'module:Export'`; `INVALID_MODULE_URL`; `MODULE_NOT_FOUND`; `INVALID_OPTION` for anything else.
 */
export function register(registration: Registration): void {
  const { id, entryPoint } = registration;
  checkId(id);
  const refuse = (field: string, problem: string): never => {
    throw usageError('INVALID_OPTION', `register of ${id}: ${problem}.`, { env: id, field });
  };
  for (const name of Object.keys(registration)) {
    if (OPTIONS.includes(name)) continue;
    refuse(name, `there is no option '${name}'. ${didYouMean(name, OPTIONS)} It takes ${OPTIONS.join(', ')}`);
  }
  const { maxEpisodeSteps = null, rewardThreshold = null, nondeterministic = false, kwargs = {} } = registration;
  if (maxEpisodeSteps !== null && !(Number.isSafeInteger(maxEpisodeSteps) && maxEpisodeSteps > 0)) {
    refuse('maxEpisodeSteps', `maxEpisodeSteps must be a whole number above 0, or null, got ${maxEpisodeSteps}`);
  }
  if (rewardThreshold !== null && !Number.isFinite(rewardThreshold)) {
    refuse('rewardThreshold', `rewardThreshold must be a finite number, or null, got ${rewardThreshold}`);
  }
  if (typeof nondeterministic !== 'boolean') refuse('nondeterministic', 'nondeterministic must be true or false');
  const bad = notJson(kwargs);
  if (bad !== null) refuse('kwargs', `kwargs must be plain JSON, but ${bad}`);
  const base = checkedModuleUrl(id, registration.moduleUrl);
  const vectorEntryPoint = vectorEntry(id, registration.vectorEntryPoint, base);
  const common = {
    id,
    maxEpisodeSteps,
    rewardThreshold,
    nondeterministic,
    kwargs,
    ...(vectorEntryPoint !== undefined && { vectorEntryPoint }),
  };
  const put = (spec: EnvSpec): void => {
    specs.set(id, withWrappers(spec, registration.wrappers, base));
  };
  if (typeof entryPoint === 'string') {
    const { module, name } = splitEntryPoint(id, entryPoint);
    put({ ...common, moduleUrl: entryModuleUrl(id, module, base), exportName: name });
    classes.delete(id);
  } else if (typeof entryPoint === 'function') {
    put({ ...common, moduleUrl: base ?? moduleBeingImported(), exportName: null });
    classes.set(id, entryPoint);
  } else {
    throw invalidEntryPoint(id, typeof entryPoint);
  }
}

/**
 * The spec of a registered id.
 * @throws `INVALID_ENV_ID`, or `ENV_NOT_FOUND` with the nearest id or the versions there are.
 */
export function spec(id: string): EnvSpec {
  const found = specs.get(id);
  if (found !== undefined) return found;
  checkId(id);
  const ids = [...specs.keys()];
  const withoutVersion = (name: string): string => name.replace(/-v\d+$/, '');
  const versions = ids.filter((known) => withoutVersion(known) === withoutVersion(id));
  const near = didYouMean(id, ids);
  const hint =
    versions.length > 0
      ? `'${withoutVersion(id)}' exists as ${versions.map((known) => `'${known}'`).join(', ')}.`
      : near === ''
        ? `There are: ${ids.join(', ')}.`
        : near;
  throw usageError('ENV_NOT_FOUND', `there is no environment '${id}'. ${hint} 'gymkhana list' shows all of them.`, {
    env: id,
    got: id,
    expected: versions.length > 0 ? versions.join(', ') : ids.join(', '),
  });
}

/** The class that this thread registered under an id, if it registered a class. */
export function registeredClass(id: string): EnvClass | undefined {
  return classes.get(id);
}

/** Whether a text has the form of an id. */
export function isEnvId(id: string): boolean {
  return ID.test(id);
}

function checkId(id: string): void {
  if (typeof id === 'string' && ID.test(id)) return;
  const got = typeof id === 'string' ? `'${id}'` : String(id);
  throw usageError(
    'INVALID_ENV_ID',
    `${got} is not an environment id. Ids look like 'CartPole-v1' or 'my-team/Cart-v0': a name, '-v', a version number. A file is named as './file.ts:EnvId'.`,
    { expected: '[namespace/]Name-vN', got },
  );
}

/** A `file:` URL, or null without one; a path, such as CommonJS' `__filename`, is taken too. */
function checkedModuleUrl(id: string, url: string | undefined): string | null {
  if (url === undefined) return null;
  if (typeof url === 'string') {
    if (url.startsWith('gymkhana:')) return url;
    if (isAbsolute(url)) return pathToFileURL(url).href;
    if (url.startsWith('file:') && URL.canParse(url)) return url;
  }
  throw usageError('INVALID_MODULE_URL', `moduleUrl of ${id} must be import.meta.url, a file: URL, got '${url}'.`, {
    env: id,
    field: 'moduleUrl',
    expected: 'import.meta.url',
    got: String(url),
  });
}

function splitEntryPoint(id: string, entryPoint: string): { module: string; name: string } {
  const colon = entryPoint.lastIndexOf(':');
  const name = entryPoint.slice(colon + 1);
  if (colon < 2 || !/^[A-Za-z_$][\w$]*$/.test(name)) throw invalidEntryPoint(id, `'${entryPoint}'`);
  return { module: entryPoint.slice(0, colon), name };
}

/** A vector entry point with its module as a URL. */
function vectorEntry(id: string, entryPoint: string | undefined, base: string | null): string | undefined {
  if (entryPoint === undefined) return undefined;
  if (typeof entryPoint !== 'string') throw invalidEntryPoint(id, typeof entryPoint);
  const { module, name } = splitEntryPoint(id, entryPoint);
  return `${entryModuleUrl(id, module, base)}:${name}`;
}

function entryModuleUrl(id: string, module: string, base: string | null): string {
  if (module.startsWith('gymkhana:')) return module;
  if (/^\.{1,2}[\\/]/.test(module)) {
    const from = base ?? moduleBeingImported();
    if (from !== null) return new URL(module, from).href;
    throw usageError(
      'INVALID_ENTRY_POINT',
      `the entry point of ${id} is relative ('${module}'), but to what? Add moduleUrl: import.meta.url.`,
      { env: id, field: 'entryPoint' },
    );
  }
  const from = base ?? moduleBeingImported();
  return locateModule(module, from?.startsWith('file:') ? fileURLToPath(new URL('.', from)) : process.cwd());
}

function invalidEntryPoint(id: string, got: string): Error {
  return usageError('INVALID_ENTRY_POINT', `the entry point of ${id} must be a class or 'module:Export', got ${got}.`, {
    env: id,
    field: 'entryPoint',
    expected: "a class or 'module:Export'",
    got,
  });
}
