/** Wrappers by name: what specs carry, and how they are built from it. */
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Env } from '../core/env.js';
import { failure, GymkhanaError, usageError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { didYouMean } from '../core/kwargs.js';
import { assertWrappersPortable, type EnvSpec, type WrapperSpec } from '../core/spec.js';
import { identifyWrapper, Wrapper, type WrapperClass } from '../core/wrapper.js';
import { BUILTIN_WRAPPERS } from '../wrappers/names.js';
import { notJson } from './json-values.js';
import { importModule, moduleBeingImported } from './modules.js';
import { locateModule } from './packages.js';

/**
 * A wrapper as people write it: the name of a built-in or registered one, `'module:Export'`, or an object that gives options
 * to such a name.
 */
export type WrapperReference =
  | string
  | { readonly name: string; readonly moduleUrl?: string | null | undefined; readonly kwargs?: JsonObject | undefined };

/** What `registerWrapper` takes beside the class. */
export interface WrapperRegistration {
  /** `import.meta.url` of the module that exports the class. */
  readonly moduleUrl?: string | undefined;
  /** The name of that export, the class's own name by default. */
  readonly name?: string | undefined;
}

const registered = new Map<string, { readonly Class: WrapperClass; readonly moduleUrl: string | null }>();

/**
 * Lets specs name a wrapper class of one's own, so that an env in it can be built in worker threads and from episode files.
 * The module must export the class under the name.
 * @throws `NOT_A_WRAPPER`, `INVALID_OPTION` without a name or a moduleUrl, `INVALID_MODULE_URL`.
 */
export function registerWrapper(Class: WrapperClass, registration: WrapperRegistration = {}): void {
  checkClass(Class, typeof Class === 'function' ? Class.name : String(Class), 'registerWrapper');
  const name = registration.name ?? Class.name;
  if (!/^[A-Za-z_$][\w$]*$/.test(name) || isBuiltin(name)) {
    throw usageError(
      'INVALID_OPTION',
      `registerWrapper needs a name that can be exported and is no built-in wrapper's, got '${name}'.`,
      { field: 'name', got: name },
    );
  }
  const url = registration.moduleUrl ?? moduleBeingImported();
  if (url === null) {
    throw usageError(
      'INVALID_OPTION',
      `registerWrapper(${name}) does not know the module of ${name}. Add moduleUrl: import.meta.url.`,
      {
        field: 'moduleUrl',
      },
    );
  }
  const moduleUrl = isAbsolute(url) ? pathToFileURL(url).href : url;
  if (!moduleUrl.startsWith('file:') && !moduleUrl.startsWith('gymkhana:')) {
    throw usageError('INVALID_MODULE_URL', `moduleUrl of ${name} must be import.meta.url, a file: URL, got '${url}'.`, {
      field: 'moduleUrl',
      expected: 'import.meta.url',
      got: url,
    });
  }
  registered.set(name, { Class, moduleUrl });
  identifyWrapper(Class, { name, moduleUrl });
}

/** A spec with more wrappers around it. @throws `INVALID_OPTION`, `WRAPPER_NOT_FOUND`, `INVALID_WRAPPER_OPTION`. */
export function withWrappers(
  spec: EnvSpec,
  wrappers: readonly WrapperReference[] | undefined,
  base: string | null = null,
): EnvSpec {
  if (wrappers === undefined) return spec;
  if (!Array.isArray(wrappers)) {
    throw usageError('INVALID_OPTION', `wrappers of ${spec.id} must be a list such as ['NormalizeObservation'].`, {
      env: spec.id,
      field: 'wrappers',
      expected: 'a list',
    });
  }
  if (wrappers.length === 0) return spec;
  const more = wrappers.map((wrapper: WrapperReference) => wrapperSpec(wrapper, base));
  return { ...spec, wrappers: [...(spec.wrappers ?? []), ...more] };
}

/** One reference as a spec's entry. */
function wrapperSpec(reference: WrapperReference, base: string | null): WrapperSpec {
  const given = typeof reference === 'string' ? { name: reference } : reference;
  if (typeof given !== 'object' || given === null || typeof given.name !== 'string') {
    throw usageError('INVALID_OPTION', `a wrapper is a name or { name, kwargs }, got ${typeof reference}.`, {
      field: 'wrappers',
      expected: 'a name or { name, kwargs }',
      got: typeof reference,
    });
  }
  const { kwargs = {} } = given as Exclude<WrapperReference, string>;
  const bad = notJson(kwargs, 'its options');
  if (bad !== null || typeof kwargs !== 'object' || kwargs === null || Array.isArray(kwargs)) {
    throw usageError(
      'INVALID_WRAPPER_OPTION',
      `options of ${given.name} in a spec must be one object of plain JSON${bad === null ? '' : `, but ${bad}`}. Export a class that extends Wrapper from a module and name it 'module:Export'.`,
      { field: given.name },
    );
  }
  const { problem } = given as Partial<WrapperSpec>;
  const rest = { kwargs, ...(problem !== undefined && { problem }) };
  const moduleUrl = (given as Exclude<WrapperReference, string>).moduleUrl ?? null;
  if (moduleUrl !== null || problem !== undefined) return { name: given.name, moduleUrl, ...rest };
  const colon = given.name.lastIndexOf(':');
  if (colon > 0) {
    const module = given.name.slice(0, colon);
    const name = given.name.slice(colon + 1);
    const from = base ?? moduleBeingImported();
    const folder = from?.startsWith('file:') ? fileURLToPath(new URL('.', from)) : process.cwd();
    return { name, moduleUrl: locateModule(module, folder), ...rest };
  }
  const own = registered.get(given.name);
  if (own !== undefined) return { name: given.name, moduleUrl: own.moduleUrl, ...rest };
  assertBuiltin(given.name);
  return { name: given.name, moduleUrl: null, ...rest };
}

function isBuiltin(name: string): boolean {
  return (BUILTIN_WRAPPERS as readonly string[]).includes(name);
}

function assertBuiltin(name: string): void {
  if (isBuiltin(name)) return;
  const names = [...BUILTIN_WRAPPERS, ...registered.keys()];
  const near = didYouMean(name, names);
  throw usageError(
    'WRAPPER_NOT_FOUND',
    `there is no wrapper '${name}'. ${near === '' ? `There are: ${names.join(', ')}.` : near} A wrapper of your own is named 'module:Export'.`,
    { got: name, expected: names.join(', '), field: 'wrappers' },
  );
}

function checkClass(Class: unknown, name: string, where: string): asserts Class is WrapperClass {
  if (typeof Class === 'function' && Class.prototype instanceof Wrapper) return;
  throw usageError('NOT_A_WRAPPER', `'${name}' of ${where} is not a class that extends Wrapper (from 'gymkhana').`, {
    got: name,
    expected: 'a class that extends Wrapper',
  });
}

async function wrapperClass({ name, moduleUrl }: WrapperSpec): Promise<WrapperClass> {
  if (moduleUrl === null) {
    assertBuiltin(name);
    // Most specs name none, and every worker thread would load them all.
    return (await import('../wrappers/registry.js')).builtinWrappers[name]!;
  }
  const module = await importModule(moduleUrl);
  const Class = module[name];
  if (Class === undefined) {
    throw usageError(
      'WRAPPER_NOT_FOUND',
      `${moduleUrl} does not export '${name}'. ${didYouMean(name, Object.keys(module))} It exports: ${Object.keys(module).join(', ') || 'nothing'}.`,
      { got: name, expected: Object.keys(module).join(', ') },
    );
  }
  checkClass(Class, name, moduleUrl);
  identifyWrapper(Class, { name, moduleUrl });
  return Class;
}

/** Puts the wrappers of a spec around its env, innermost first. */
export async function applyWrappers(env: Env, spec: EnvSpec): Promise<Env> {
  let wrapped = env;
  assertWrappersPortable(spec);
  for (const wrapper of spec.wrappers ?? []) {
    const Class = await wrapperClass(wrapper);
    try {
      wrapped = new Class(wrapped as never, structuredClone(wrapper.kwargs) as never) as Env;
    } catch (cause) {
      env.close();
      if (cause instanceof GymkhanaError) throw cause;
      const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      throw failure(
        'WRAPPER_CONSTRUCTOR_FAILED',
        `${wrapper.name} around ${spec.id} could not be built: ${reason}`,
        { env: spec.id },
        cause,
      );
    }
  }
  wrapped.spec = spec;
  return wrapped;
}
