import { usageError } from './errors.js';
import type { JsonObject } from './json.js';

/**
 * How to build an env anywhere: plain JSON, so that worker threads, episode files and run directories rebuild the same env
 * from text. Functions and classes never cross a thread.
 */
export interface EnvSpec {
  /** `Name-vN`, with an optional `namespace/`; a class used straight from a file may have no version. */
  readonly id: string;
  /** URL of the module that registers the id or exports the class; null if the class was registered without a `moduleUrl`. */
  readonly moduleUrl: string | null;
  /** Name under which that module exports the class; null if importing the module registers the id. */
  readonly exportName: string | null;
  /** Episodes are truncated after so many steps; null for none. */
  readonly maxEpisodeSteps: number | null;
  /** Mean return at which the task counts as solved; null if the task has none. */
  readonly rewardThreshold: number | null;
  /** The env cannot promise the same bits for the same seed: it trains, and everything exact is switched off for it. */
  readonly nondeterministic: boolean;
  /** Keyword arguments of the env's constructor. */
  readonly kwargs: JsonObject;
  /** Wrappers around the env, innermost first, outside the time limit as Gymnasium's `additional_wrappers`; absent for none. */
  readonly wrappers?: readonly WrapperSpec[] | undefined;
  /** `'module:Export'` of a class that steps many envs at once; absent for none. */
  readonly vectorEntryPoint?: string | undefined;
}

/** @throws `INVALID_SPEC` for something that is no spec of an env. */
export function assertSpec(spec: unknown): asserts spec is EnvSpec {
  if (typeof spec === 'object' && spec !== null && 'id' in spec && 'kwargs' in spec) return;
  const got = spec === null ? 'null' : typeof spec;
  throw usageError('INVALID_SPEC', `expected the spec of an env, as spec(id) or env.spec gives it, got ${got}.`, {
    expected: 'an EnvSpec',
    got,
  });
}

/**
 * The time limit that an engine which builds envs with `constructEnv` has to count itself: null where there is none, and for
 * a spec with wrappers, whose limit is inside them already.
 * @throws `INVALID_SPEC`
 */
export function engineLimit(spec: EnvSpec): number | null {
  assertSpec(spec);
  return spec.wrappers === undefined || spec.wrappers.length === 0 ? spec.maxEpisodeSteps : null;
}

/** One wrapper of a spec, as plain JSON. */
export interface WrapperSpec {
  /** A built-in wrapper's class name, or with `moduleUrl` the name under which that module exports the class. */
  readonly name: string;
  /** URL of the module of a wrapper of the user's own; null for a built-in one. */
  readonly moduleUrl: string | null;
  /** Options of the wrapper's constructor, `new Class(env, kwargs)`. */
  readonly kwargs: JsonObject;
  /** Why the wrapper cannot be built from this entry, as a sentence fragment; absent where it can. */
  readonly problem?: string | undefined;
}

/** The modules that a spec names, the env's own first; those of built-in wrappers, and of an env registered without one, are none. */
export function moduleUrlsOf(spec: EnvSpec): string[] {
  return [spec, ...(spec.wrappers ?? [])].flatMap(({ moduleUrl }) => moduleUrl ?? []);
}

/** @throws `WRAPPER_NOT_PORTABLE` if another thread or a file could not build a spec's wrappers from it. */
export function assertWrappersPortable(spec: EnvSpec): void {
  for (const { name, problem } of spec.wrappers ?? []) {
    if (problem === undefined) continue;
    throw usageError('WRAPPER_NOT_PORTABLE', `${spec.id} in ${name} cannot be built again: ${problem}.`, {
      env: spec.id,
      got: name,
    });
  }
}
