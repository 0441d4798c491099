/** The registered environments: ids, how to build them, and the names that `make` knows. */

import type { Env } from '../core/env.js';
import { usageError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { didYouMean } from '../core/kwargs.js';
import type { EnvSpec } from '../core/spec.js';

/** An env's class, of any observation and action; its constructor takes one object of keyword arguments. */
export type EnvClass = new (kwargs: never) => Pick<Env, 'metadata' | 'spec' | 'render' | 'close' | 'unwrapped'>;

export interface Registration {
  /** `[namespace/]Name-vN`. */
  readonly id: string;
  /** A class that the registering module defines or imports, or `'module:Export'` (`module` is a URL). */
  readonly entryPoint: EnvClass | string;
  /** `import.meta.url` of the registering module: tells worker threads what to import. */
  readonly moduleUrl?: string;
  readonly maxEpisodeSteps?: number;
  readonly rewardThreshold?: number;
  readonly nondeterministic?: boolean;
  /** Default keyword arguments. */
  readonly kwargs?: JsonObject;
}

const specs = new Map<string, EnvSpec>();
const classes = new Map<string, EnvClass>();
const ID = /^(?:[\w.-]+\/)?([\w.]+(?:-[\w.]+)*?)-v(\d+)$/;

/** Every registered spec by id, in the order of registration. */
export const registry: ReadonlyMap<string, EnvSpec> = specs;

/**
 * Makes an env known by its id, for `make`, `train` and the command line. Registering an id again replaces it.
 * @throws `INVALID_ENV_ID` for an id that is not `[namespace/]Name-vN`, `INVALID_ENTRY_POINT` for an entry point that is
 * neither a class nor `'module:Export'`.
 */
export function register(registration: Registration): void {
  const { id, entryPoint, moduleUrl } = registration;
  checkId(id);
  let url = moduleUrl ?? null;
  let exportName: string | null = null;
  if (typeof entryPoint === 'string') {
    const colon = entryPoint.lastIndexOf(':');
    if (colon < 1 || colon === entryPoint.length - 1) {
      throw usageError(
        'INVALID_ENTRY_POINT',
        `the entry point of ${id} must be a class or 'module:Export', got '${entryPoint}'.`,
        { env: id },
      );
    }
    url = entryPoint.slice(0, colon);
    exportName = entryPoint.slice(colon + 1);
    classes.delete(id);
  } else if (typeof entryPoint === 'function') {
    classes.set(id, entryPoint);
  } else {
    throw usageError(
      'INVALID_ENTRY_POINT',
      `the entry point of ${id} must be a class or 'module:Export', got ${typeof entryPoint}.`,
      { env: id },
    );
  }
  const limit = registration.maxEpisodeSteps;
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    throw usageError('INVALID_OPTION', `maxEpisodeSteps of ${id} must be a whole number above 0, got ${limit}.`, {
      env: id,
    });
  }
  specs.set(id, {
    id,
    moduleUrl: url,
    exportName,
    maxEpisodeSteps: limit ?? null,
    rewardThreshold: registration.rewardThreshold ?? null,
    nondeterministic: registration.nondeterministic ?? false,
    kwargs: registration.kwargs ?? {},
  });
}

/**
 * The spec of a registered id.
 * @throws `INVALID_ENV_ID`, or `ENV_NOT_FOUND` with the nearest id.
 */
export function spec(id: string): EnvSpec {
  const found = specs.get(id);
  if (found !== undefined) return found;
  const match = checkId(id);
  const ids = [...specs.keys()];
  const versions = ids.filter((known) => known.replace(/-v\d+$/, '') === id.replace(/-v\d+$/, ''));
  const hint =
    versions.length > 0 ? `'${match[1]}' exists as ${versions.map((v) => `'${v}'`).join(', ')}.` : didYouMean(id, ids);
  throw usageError('ENV_NOT_FOUND', `there is no environment '${id}'. ${hint} 'gymkhana list' shows all of them.`, {
    env: id,
    got: id,
  });
}

/** The class that this thread registered under an id, if it registered a class. */
export function registeredClass(id: string): EnvClass | undefined {
  return classes.get(id);
}

function checkId(id: string): RegExpExecArray {
  const match = typeof id === 'string' ? ID.exec(id) : null;
  if (match === null) {
    throw usageError(
      'INVALID_ENV_ID',
      `'${id}' is not an environment id. Ids look like 'CartPole-v1' or 'my-team/Cart-v0': a name, '-v', a version number. A file is named as './file.ts:EnvId'.`,
      {
        expected: '[namespace/]Name-vN',
        got: String(id),
      },
    );
  }
  return match;
}
