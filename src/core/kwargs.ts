/** Keyword arguments of envs, checked against a small table: a typo or a bad value is one clear error. */
import { closest } from 'fastest-levenshtein';
import { usageError } from './errors.js';

/** What one keyword argument may be, and its default. */
export type KwargRule =
  | {
      readonly type: 'number';
      readonly default: number;
      readonly min?: number;
      readonly max?: number;
      readonly integer?: boolean;
    }
  | { readonly type: 'boolean'; readonly default: boolean }
  | { readonly type: 'enum'; readonly default: string; readonly values: readonly string[] }
  /** `[low, high]`, or one number for both. */
  | {
      readonly type: 'range';
      readonly default: readonly [number, number];
      readonly min?: number;
      readonly max?: number;
    };

export type KwargTable = { readonly [name: string]: KwargRule };

type KwargValue<R extends KwargRule> = R extends { type: 'number' }
  ? number
  : R extends { type: 'boolean' }
    ? boolean
    : R extends { type: 'enum'; values: readonly (infer V)[] }
      ? V
      : readonly [number, number];

/** The values of a table's arguments after defaults. */
export type Kwargs<T extends KwargTable> = { [K in keyof T]: KwargValue<T[K]> };

/** Always allowed: `make` passes it to every env. */
const RESERVED = 'renderMode';

/** "Did you mean 'x'?", or a list where nothing is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const near = closest(name, known);
  return `Did you mean '${near}'?`;
}

/**
 * Reads `kwargs` by `table`; absent ones take their default.
 * @throws `UNKNOWN_ENV_OPTION` for a name that the table lacks, `INVALID_ENV_OPTION` for a value it does not allow.
 */
export function readKwargs<const T extends KwargTable>(envName: string, kwargs: object, table: T): Kwargs<T> {
  const given = kwargs as Record<string, unknown>;
  const names = Object.keys(table);
  for (const name of Object.keys(given)) {
    if (name !== RESERVED && !names.includes(name)) {
      const known = names.length === 0 ? 'It takes none.' : `${didYouMean(name, names)} It takes: ${names.join(', ')}.`;
      throw usageError('UNKNOWN_ENV_OPTION', `${envName} has no option '${name}'. ${known}`, {
        field: name,
        env: envName,
      });
    }
  }
  const values: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(table)) {
    const value = given[name];
    values[name] = value === undefined ? rule.default : checked(envName, name, value, rule);
  }
  return values as Kwargs<T>;
}

function checked(envName: string, name: string, value: unknown, rule: KwargRule): unknown {
  const refuse = (expected: string): never => {
    const got = JSON.stringify(value) ?? String(value);
    throw usageError('INVALID_ENV_OPTION', `${envName}: option '${name}' must be ${expected}, got ${got}.`, {
      field: name,
      env: envName,
      expected,
      got,
    });
  };
  if (rule.type === 'boolean') return typeof value === 'boolean' ? value : refuse('true or false');
  if (rule.type === 'enum') {
    return typeof value === 'string' && rule.values.includes(value)
      ? value
      : refuse(`one of ${rule.values.map((v) => `'${v}'`).join(', ')}`);
  }
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = rule;
  const within = Number.isFinite(min) || Number.isFinite(max) ? ` from ${min} to ${max}` : '';
  const fits = (x: unknown): x is number => typeof x === 'number' && Number.isFinite(x) && x >= min && x <= max;
  if (rule.type === 'number') {
    const whole = rule.integer === true;
    return fits(value) && (!whole || Number.isInteger(value))
      ? value
      : refuse(`${whole ? 'a whole number' : 'a number'}${within}`);
  }
  if (fits(value)) return [value, value];
  if (Array.isArray(value) && value.length === 2 && fits(value[0]) && fits(value[1]) && value[0] <= value[1])
    return [value[0], value[1]];
  return refuse(`a number, or [low, high] with low <= high,${within || ' finite'}`);
}
