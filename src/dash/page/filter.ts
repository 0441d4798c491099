/**
 * The table's filter. Words with spaces between; a run must fit all of them:
 *
 * - `cart`: its name, env, algorithm, status or problem has this text;
 * - `env:cart`, `status:running`: the field has this text (a number: is this number);
 * - `seed=3`, `env!=CartPole-v1`, `learningRate>1e-3`, `step>=100k`: the field compared;
 * - `-failed`, `-seed:3`: does not fit; `env:"My env"`: a value with spaces.
 *
 * A field is a column or a setting by its dotted name or the last part of it. Case does not matter.
 */
import type { Json } from '../../core/json.js';
import type { RunRow } from '../api.js';
import { settingText } from './format.js';

export interface Filter {
  readonly fits: (row: RunRow) => boolean;
  /** What cannot be understood, in words; such words are left out. */
  readonly problems: readonly string[];
}

type Operator = ':' | '=' | '!=' | '<' | '<=' | '>' | '>=';

const COLUMNS: Readonly<Record<string, (row: RunRow) => Json>> = {
  id: (row) => row.id,
  status: (row) => row.status,
  problem: (row) => row.problem,
  env: (row) => row.env,
  algo: (row) => row.algo,
  seed: (row) => row.seed,
  step: (row) => row.step,
  totalsteps: (row) => row.totalSteps,
  meanreturn: (row) => row.meanReturn,
  bestreturn: (row) => row.bestReturn,
  stepspersecond: (row) => row.stepsPerSecond,
  seconds: (row) => row.seconds,
};

const SHORT: Readonly<Record<string, string>> = {
  name: 'id',
  run: 'id',
  steps: 'step',
  total: 'totalsteps',
  mean: 'meanreturn',
  return: 'meanreturn',
  best: 'bestreturn',
  sps: 'stepspersecond',
  time: 'seconds',
  lr: 'learningrate',
};

/** A filter of a text; `names` are the settings that some run has. */
export function parseFilter(text: string, names: Iterable<string>): Filter {
  const known = [...names];
  const problems: string[] = [];
  const tests: ((row: RunRow) => boolean)[] = [];
  for (const word of wordsOf(text)) {
    const negated = word.startsWith('-') && word.length > 1;
    const made = testOf(negated ? word.slice(1) : word, known, problems);
    if (made !== null) tests.push(negated ? (row) => !made(row) : made);
  }
  return { fits: (row) => tests.every((test) => test(row)), problems };
}

/** Words by spaces, with quoted spaces kept. */
function wordsOf(text: string): string[] {
  return text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
}

function testOf(word: string, known: readonly string[], problems: string[]): ((row: RunRow) => boolean) | null {
  const compared = /^([A-Za-z_][\w./-]*?)(>=|<=|!=|[:=<>])(.*)$/.exec(word);
  if (compared === null) {
    const wanted = unquoted(word).toLowerCase();
    return ({ id, status, env, algo, problem }) =>
      [id, env, algo, status, problem ?? ''].some((field) => field.toLowerCase().includes(wanted));
  }
  const [, name, operator, rest] = compared as unknown as [string, string, Operator, string];
  const value = unquoted(rest);
  // While it is being written it asks for nothing yet.
  if (value === '') return null;
  const field = fieldOf(name, known);
  if (field === null) {
    problems.push(`No run has '${name}'.`);
    return () => false;
  }
  const number = numberOf(value);
  if (number === null && /[<>]/.test(operator)) {
    problems.push(`'${word}': a number belongs after ${operator}.`);
    return null;
  }
  return (row) => compare(field(row), operator, value.toLowerCase(), number);
}

const unquoted = (text: string): string => text.replaceAll('"', '');

/** `1e-3`, `100k`, `2M`; null if it is no number. */
function numberOf(text: string): number | null {
  const parts = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)([kM]?)$/i.exec(text);
  if (parts === null) return null;
  const unit = parts[2] === '' ? 1 : parts[2]!.toLowerCase() === 'k' ? 1e3 : 1e6;
  return Number(parts[1]) * unit;
}

function fieldOf(name: string, known: readonly string[]): ((row: RunRow) => Json | undefined) | null {
  const lower = SHORT[name.toLowerCase()] ?? name.toLowerCase();
  if (Object.hasOwn(COLUMNS, lower)) return COLUMNS[lower]!;
  const exact = known.filter((setting) => setting.toLowerCase() === lower);
  const fitting = exact.length > 0 ? exact : known.filter((setting) => setting.toLowerCase().endsWith(`.${lower}`));
  if (fitting.length === 0) return null;
  return ({ settings }) => {
    const has = fitting.find((setting) => Object.hasOwn(settings, setting));
    return has === undefined ? undefined : settings[has];
  };
}

function compare(got: Json | undefined, operator: Operator, text: string, number: number | null): boolean {
  if (typeof got === 'number' && number !== null) {
    if (operator === '<') return got < number;
    if (operator === '<=') return got <= number;
    if (operator === '>') return got > number;
    if (operator === '>=') return got >= number;
    return (got === number) === (operator !== '!=');
  }
  if (/[<>]/.test(operator)) return false;
  if (got === undefined || got === null) return operator === '!=' ? text !== 'null' : text === 'null' && got === null;
  const have = settingText(got).toLowerCase();
  if (operator === ':') return have.includes(text);
  return (have === text) === (operator === '=');
}
