/** What a vector env checks once, and how it says where an env went wrong. */
import type { Env } from '../core/env.js';
import { type ErrorDetails, failure, GymkhanaError, usageError } from '../core/errors.js';
import { preview } from '../spaces/arrays.js';
import type { AutoresetMode } from './vector-env.js';

const AUTORESET_MODES: readonly AutoresetMode[] = ['same-step', 'next-step', 'disabled'];

/** @throws `INVALID_OPTION` */
export function checkAutoresetMode(autoresetMode: string): void {
  if (!AUTORESET_MODES.includes(autoresetMode as AutoresetMode)) {
    throw usageError(
      'INVALID_OPTION',
      `Expected autoresetMode among ${AUTORESET_MODES.join(', ')}, got ${preview(autoresetMode)}.`,
      { expected: AUTORESET_MODES.join(', '), got: preview(autoresetMode), field: 'autoresetMode' },
    );
  }
}

/** @throws `INVALID_OPTION` unless `value` is a whole number from 1, to `most` where it is given. */
export function checkWhole(field: string, value: number, most = Number.POSITIVE_INFINITY): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  const expected = `a whole number from 1${most === Number.POSITIVE_INFINITY ? '' : ` to ${most}`}`;
  throw usageError('INVALID_OPTION', `Expected ${field} as ${expected}, got ${preview(value)}.`, {
    expected,
    got: preview(value),
    field,
  });
}

/** @throws `INVALID_OPTION` */
export function checkOptions(factories: unknown, autoresetMode: string, maxEpisodeSteps: number | null): void {
  if (
    !Array.isArray(factories) ||
    factories.length === 0 ||
    !factories.every((factory) => typeof factory === 'function')
  ) {
    throw usageError(
      'INVALID_OPTION',
      `Expected a list of at least one function that builds an env, got ${preview(factories)}.`,
      {
        expected: 'a list of functions',
        got: preview(factories),
      },
    );
  }
  checkAutoresetMode(autoresetMode);
  if (maxEpisodeSteps !== null && !(Number.isInteger(maxEpisodeSteps) && maxEpisodeSteps > 0)) {
    throw usageError(
      'INVALID_OPTION',
      `Expected maxEpisodeSteps as a whole number above 0, or null for no limit, got ${preview(maxEpisodeSteps)}.`,
      {
        got: preview(maxEpisodeSteps),
        field: 'maxEpisodeSteps',
      },
    );
  }
}

/**
 * Checks that envs are distinct objects with equal spaces.
 * @throws `INVALID_OPTION`, `SPACE_MISMATCH`
 */
export function checkEnvs<Obs, Act>(envs: readonly Env<Obs, Act>[]): void {
  const seen = new Set<Env<Obs, Act>>();
  for (const [i, env] of envs.entries()) {
    if (seen.has(env)) {
      throw usageError(
        'INVALID_OPTION',
        `Env ${i} of a vector env is the same object as an earlier one. Give a function that builds a new env.`,
        { envIndex: i },
      );
    }
    seen.add(env);
    for (const name of ['observationSpace', 'actionSpace'] as const) {
      const expected = envs[0]![name];
      if (env[name].equals(expected)) continue;
      throw usageError(
        'SPACE_MISMATCH',
        `Expected all envs of a vector env to have one ${name}: env 0 has ${expected}, env ${i} has ${env[name]}.`,
        { expected: String(expected), got: String(env[name]), envIndex: i, field: name },
      );
    }
  }
}

/** Adds the env's name, index and step to an error, whether it is one of ours or the env's own. */
export function locateError(error: unknown, name: string, envIndex: number, step: number): GymkhanaError {
  const details: ErrorDetails = { env: name, envIndex, step };
  const where = `${name} (env ${envIndex}, ${step === 0 ? 'in reset' : `step ${step} of its episode`})`;
  if (error instanceof GymkhanaError) {
    return new GymkhanaError(error.code, `${where}: ${error.message}`, {
      kind: error.kind,
      details: { ...error.details, ...details },
      cause: error,
    });
  }
  const cause = error instanceof Error ? error : new Error(String(error));
  return failure('ENV_THREW', `${where} threw ${cause.name}: ${cause.message}`, details, cause);
}
