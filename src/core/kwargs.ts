/** Keyword arguments of envs, checked against a small table: a typo or a bad value is one clear error. */
import { distance } from 'fastest-levenshtein';
import { usageError } from './errors.js';

interface Documented {
  /** One sentence, for the env's README. */
  readonly about?: string;
}

/** What one keyword argument may be, and its default. */
export type KwargRule = Documented &
  (
    | {
        readonly type: 'number';
        readonly default: number;
        readonly min?: number;
        readonly max?: number;
        readonly integer?: boolean;
        /** The only ones allowed, where there are few. */
        readonly values?: readonly number[];
      }
    | { readonly type: 'boolean'; readonly default: boolean }
    | { readonly type: 'enum'; readonly default: string; readonly values: readonly string[] }
    /** `[low, high]`, or one number for both. */
    | {
        readonly type: 'range';
        readonly default: readonly [number, number];
        readonly min?: number;
        readonly max?: number;
        readonly integer?: boolean;
      }
    /** So many numbers. */
    | { readonly type: 'numbers'; readonly default: readonly number[]; readonly length: number }
    /** A list of texts, or null for none. */
    | { readonly type: 'strings'; readonly default: readonly string[] | null }
  );

/** The keyword arguments of an env by name. */
export type KwargTable = { readonly [name: string]: KwargRule };

type KwargValue<R extends KwargRule> = R extends { type: 'number' }
  ? number
  : R extends { type: 'boolean' }
    ? boolean
    : R extends { type: 'enum'; values: readonly (infer V)[] }
      ? V
      : R extends { type: 'numbers' }
        ? readonly number[]
        : R extends { type: 'strings' }
          ? readonly string[] | null
          : readonly [number, number];

/** The values of a table's arguments after defaults. */
export type Kwargs<T extends KwargTable> = { [K in keyof T]: KwargValue<T[K]> };

/** Always allowed: `make` passes it to every env. */
const RESERVED = 'renderMode';

/** "Did you mean 'x'?" for the nearest known name, whatever its case; empty where none is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const wanted = name.toLowerCase();
  let best = Math.max(2, Math.floor(0.4 * name.length)) + 1;
  let near: string | null = null;
  for (const candidate of known) {
    const edits = distance(wanted, candidate.toLowerCase());
    if (edits >= best) continue;
    best = edits;
    near = candidate;
  }
  return near === null ? '' : `Did you mean '${near}'?`;
}

/**
 * Reads `kwargs` by `table`; absent ones take their default.
 * @throws `UNKNOWN_ENV_OPTION` for a name that the table lacks, `INVALID_ENV_OPTION` for a value it does not allow.
 */
export function readKwargs<const T extends KwargTable>(envName: string, kwargs: object, table: T): Kwargs<T> {
  if (typeof kwargs !== 'object' || kwargs === null || Array.isArray(kwargs)) {
    throw usageError('INVALID_ENV_OPTION', `${envName} takes its options as one object, got ${shown(kwargs)}.`, {
      env: envName,
      expected: 'an object',
      got: shown(kwargs),
    });
  }
  const names = Object.keys(table);
  for (const name of Object.keys(kwargs)) {
    if (name === RESERVED || names.includes(name)) continue;
    const words = [
      `${envName} has no option '${name}'.`,
      didYouMean(name, names),
      names.length === 0 ? 'It takes none.' : `It takes: ${names.join(', ')}.`,
    ];
    throw usageError('UNKNOWN_ENV_OPTION', words.filter((word) => word !== '').join(' '), {
      field: name,
      env: envName,
      expected: names.join(', '),
      got: name,
    });
  }
  const given = kwargs as Record<string, unknown>;
  const values: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(table)) {
    const value = given[name];
    values[name] = value === undefined ? rule.default : checked(envName, name, value, rule);
  }
  return values as Kwargs<T>;
}

/** What a rule allows, as a sentence fragment: "a whole number from 1 to 64". */
export function ruleText(rule: KwargRule): string {
  if (rule.type === 'boolean') return 'true or false';
  if (rule.type === 'enum') return `one of ${rule.values.map((value) => `'${value}'`).join(', ')}`;
  if (rule.type === 'numbers') return `a list of ${rule.length} numbers`;
  if (rule.type === 'strings') return 'a list of texts, or null';
  if (rule.type === 'number' && rule.values !== undefined) return rule.values.join(' or ');
  const within = bounds(rule.min, rule.max);
  const one = `${rule.integer === true ? 'a whole number' : 'a number'}${within}`;
  return rule.type === 'number' ? one : `${one}, or [low, high] of such numbers with low <= high`;
}

function bounds(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}

function checked(envName: string, name: string, value: unknown, rule: KwargRule): unknown {
  if (rule.type === 'boolean') {
    if (typeof value === 'boolean') return value;
  } else if (rule.type === 'enum') {
    if (typeof value === 'string' && rule.values.includes(value)) return value;
  } else if (rule.type === 'numbers') {
    const fits = (list: readonly unknown[]): boolean => list.length === rule.length && list.every(Number.isFinite);
    if (Array.isArray(value) && fits(value)) return value;
  } else if (rule.type === 'strings') {
    if (value === null || (Array.isArray(value) && value.every((text) => typeof text === 'string'))) return value;
  } else {
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, integer = false } = rule;
    const isNumber = integer ? Number.isInteger : Number.isFinite;
    const fits = (x: unknown): x is number => typeof x === 'number' && isNumber(x) && x >= min && x <= max;
    if (rule.type === 'number') {
      if (fits(value) && rule.values?.includes(value) !== false) return value;
    } else if (fits(value)) {
      return [value, value];
    } else if (Array.isArray(value) && value.length === 2) {
      const [low, high] = value as [unknown, unknown];
      if (fits(low) && fits(high) && low <= high) return [low, high];
    }
  }
  const expected = ruleText(rule);
  const got = shown(value);
  throw usageError('INVALID_ENV_OPTION', `${envName}: option '${name}' must be ${expected}, got ${got}.`, {
    field: name,
    env: envName,
    expected,
    got,
  });
}

/** A value as people write it: JSON would print NaN as null. */
function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'function') return String(value);
  return JSON.stringify(value) ?? String(value);
}
