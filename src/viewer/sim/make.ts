/** Builds an env in a page as `makeFromSpec` does in Node, from modules that the page holds. */
import { Env, type RenderMode } from '../../core/env.js';
import { failure } from '../../core/errors.js';
import { type EnvSpec, engineLimit } from '../../core/spec.js';
import type { WrapperClass } from '../../core/wrapper.js';
import { OrderEnforcing } from '../../wrappers/order-enforcing.js';
import { builtinWrappers } from '../../wrappers/registry.js';
import { TimeLimit } from '../../wrappers/time-limit.js';
import { type PageEnvClass, registeredEnvs } from './registry.js';

/** Exports of the modules that a spec names, by their URL. */
export type PageModules = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

let provided: { readonly spec: EnvSpec; readonly modules: PageModules } | null = null;

/** Called once by the bundle, with the spec it was made for. */
export function provide(spec: EnvSpec, modules: PageModules): void {
  provided = { spec, modules };
}

/** The spec that this page was made for. @throws `INVALID_SPEC` before the bundle has run. */
export function pageSpec(): EnvSpec {
  return known().spec;
}

function known(): NonNullable<typeof provided> {
  if (provided !== null) return provided;
  throw failure('INVALID_SPEC', 'this page holds no env. Load the script of bundleEnv first.');
}

/**
 * A new env of the page's spec: wrapped, time-limited and checked as `makeFromSpec` does it.
 * @throws `NOT_AN_ENV` if the module has no such class; what the constructors throw.
 */
export function makePageEnv(renderMode?: RenderMode): Env {
  const { spec, modules } = known();
  const kwargs = structuredClone(spec.kwargs);
  const Class = envClass(spec, modules);
  const env = new Class((renderMode === undefined ? kwargs : { ...kwargs, renderMode }) as never) as Env;
  const wrappers = spec.wrappers ?? [];
  if (wrappers.length === 0) {
    env.spec = spec;
  } else {
    env.spec = { ...spec, wrappers: undefined };
  }
  let wrapped: Env =
    wrappers.length === 0 || spec.maxEpisodeSteps === null ? env : new TimeLimit(env, spec.maxEpisodeSteps);
  for (const { name, moduleUrl, kwargs: options } of wrappers) {
    const Wrapping = (moduleUrl === null ? builtinWrappers[name] : modules[moduleUrl]?.[name]) as
      | WrapperClass
      | undefined;
    if (Wrapping === undefined)
      throw failure('WRAPPER_NOT_FOUND', `this page has no wrapper '${name}'.`, { got: name });
    wrapped = new Wrapping(wrapped as never, structuredClone(options) as never) as Env;
  }
  wrapped.spec = spec;
  const outside = engineLimit(spec);
  return new OrderEnforcing(outside === null ? wrapped : new TimeLimit(wrapped, outside));
}

function envClass({ id, exportName, moduleUrl }: EnvSpec, modules: PageModules): PageEnvClass {
  const Class = exportName === null ? registeredEnvs.get(id) : modules[moduleUrl ?? '']?.[exportName];
  if (typeof Class === 'function' && Class.prototype instanceof Env) return Class as PageEnvClass;
  throw failure('NOT_AN_ENV', `this page has no class of ${id} that extends Env.`, { env: id });
}
