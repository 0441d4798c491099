/** Whether two envs behave alike, as `gymnasium.utils.env_match`. */
import { Env } from '../core/env.js';
import { failure, usageError } from '../core/errors.js';
import type { EnvSpec } from '../core/spec.js';
import { make } from '../registration/index.js';
import { randomAction } from './play.js';

/** How the infos of two envs are compared: with their values or by their keys alone, equal or with more in the second, or not at all. */
export type InfoComparison = 'equivalence' | 'superset' | 'keys-equivalence' | 'keys-superset' | 'skip';

/** How many steps to compare, from which seed, how closely, and what to leave out. */
export interface MatchOptions {
  /** Random steps; 100 by default, 0 compares resets alone. */
  readonly steps?: number;
  /** Seed of the resets and of the actions; 0 by default. */
  readonly seed?: number;
  /** How far two numbers may be apart; 0, the default, for the same bits. Gymnasium allows 1e-5. */
  readonly tolerance?: number;
  readonly skipObservation?: boolean;
  readonly skipReward?: boolean;
  readonly skipTerminated?: boolean;
  readonly skipTruncated?: boolean;
  readonly skipRender?: boolean;
  /** `superset`: the second env's infos may say more. */
  readonly infoComparison?: InfoComparison;
}

/** What was compared. */
export interface MatchResult {
  readonly steps: number;
  readonly episodes: number;
}

const COMPARISONS: readonly string[] = ['equivalence', 'superset', 'keys-equivalence', 'keys-superset', 'skip'];

/**
 * Plays two envs with the same seed and random actions and compares all that they return; after an episode both are reset with
 * the seed again. Ids and specs are built by `make`.
 * @throws `ENVIRONMENTS_DIFFER` with the step and the field where they first differ; `INVALID_OPTION`, `INVALID_ENV`.
 */
export async function checkEnvironmentsMatch(
  a: Env | string | EnvSpec,
  b: Env | string | EnvSpec,
  options: MatchOptions = {},
): Promise<MatchResult> {
  const { steps = 100, seed = 0, tolerance = 0, infoComparison = 'equivalence' } = options;
  const wrong = (field: string, expected: string, got: unknown): Error =>
    usageError('INVALID_OPTION', `checkEnvironmentsMatch: ${field} must be ${expected}, got ${String(got)}.`, {
      field,
      expected,
    });
  if (!Number.isSafeInteger(steps) || steps < 0) throw wrong('steps', 'a whole number from 0', steps);
  if (!(tolerance >= 0)) throw wrong('tolerance', 'a number from 0', tolerance);
  if (!COMPARISONS.includes(infoComparison)) throw wrong('infoComparison', COMPARISONS.join(', '), infoComparison);
  const [one, two] = [await built(a), await built(b)];
  const names = [one, two].map((env) => env.spec?.id ?? env.unwrapped.constructor.name);
  let step = 0;
  const compare = (field: string, left: unknown, right: unknown): void => {
    const difference = differenceOf(left, right, tolerance);
    if (difference === null) return;
    const path = field + difference.path;
    const when = step === 0 ? 'after reset' : `at step ${step}`;
    throw failure(
      'ENVIRONMENTS_DIFFER',
      `${names[0]} and ${names[1]} differ ${when}: ${path} is ${difference.left} and ${difference.right}.`,
      { step, field: path, expected: difference.left, got: difference.right },
    );
  };
  const compareInfo = (left: Record<string, unknown>, right: Record<string, unknown>): void => {
    if (infoComparison === 'skip') return;
    const superset = infoComparison.endsWith('superset');
    const of = (info: Record<string, unknown>): Record<string, unknown> => {
      const keys = Object.keys(superset ? left : info).filter((key) => key in info);
      return Object.fromEntries(keys.map((key) => [key, infoComparison.startsWith('keys') ? true : info[key]]));
    };
    compare('info', of(left), of(right));
  };
  const compareRender = (): void => {
    if (options.skipRender === true) return;
    const [left, right] = [one.render(), two.render()];
    if (left !== null && right !== null) compare('render', left, right);
  };
  const reset = (): Record<string, unknown> => {
    const [left, right] = [one.reset({ seed }), two.reset({ seed })];
    if (options.skipObservation !== true) compare('observation', left.observation, right.observation);
    compareInfo(left.info, right.info);
    compareRender();
    return left.info;
  };

  compare('actionSpace', String(one.actionSpace), String(two.actionSpace));
  if (options.skipObservation !== true)
    compare('observationSpace', String(one.observationSpace), String(two.observationSpace));
  one.actionSpace.seed(seed);
  let info = reset();
  let episodes = 1;
  while (step < steps) {
    step++;
    const action = randomAction(one, info);
    const [left, right] = [one.step(action), two.step(action)];
    if (options.skipObservation !== true) compare('observation', left.observation, right.observation);
    if (options.skipReward !== true) compare('reward', left.reward, right.reward);
    if (options.skipTerminated !== true) compare('terminated', left.terminated, right.terminated);
    if (options.skipTruncated !== true) compare('truncated', left.truncated, right.truncated);
    compareInfo(left.info, right.info);
    compareRender();
    info = left.info;
    if (left.terminated || left.truncated || right.terminated || right.truncated) {
      info = reset();
      episodes++;
    }
  }
  return { steps, episodes };
}

async function built(env: Env | string | EnvSpec): Promise<Env> {
  if (env instanceof Env) return env;
  if (typeof env === 'string' || (typeof env === 'object' && env !== null && typeof env.id === 'string'))
    return await make(env);
  throw usageError('INVALID_ENV', `checkEnvironmentsMatch takes envs, ids or specs; got ${String(env)}.`);
}

interface Difference {
  readonly path: string;
  readonly left: string;
  readonly right: string;
}

const told = (value: unknown): string =>
  (typeof value === 'object' && value !== null ? value.constructor.name : String(value)).slice(0, 300);

/** Where two values first differ; null if they are the same. NaN is NaN, and numbers may be `tolerance` apart. */
function differenceOf(left: unknown, right: unknown, tolerance: number): Difference | null {
  if (Object.is(left, right)) return null;
  const here = { path: '', left: told(left), right: told(right) };
  if (typeof left === 'number' && typeof right === 'number') {
    return tolerance > 0 && Math.abs(left - right) <= tolerance ? null : here;
  }
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return here;
  if (left.constructor !== right.constructor) return here;
  const indexed = Array.isArray(left) || ArrayBuffer.isView(left);
  const [a, b] = [left as Record<string, unknown>, right as Record<string, unknown>];
  if (indexed && a['length'] !== b['length'])
    return { path: '.length', left: told(a['length']), right: told(b['length']) };
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const path = indexed ? `[${key}]` : `.${key}`;
    if (!(key in a && key in b)) {
      return { path, left: key in a ? told(a[key]) : 'absent', right: key in b ? told(b[key]) : 'absent' };
    }
    const inner = differenceOf(a[key], b[key], tolerance);
    if (inner !== null) return { ...inner, path: path + inner.path };
  }
  return null;
}
