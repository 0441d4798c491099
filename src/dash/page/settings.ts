/** What differs between runs: rows of a comparison, and groups of runs with equal settings. */
import type { Json } from '../../core/json.js';
import type { RunRow } from '../api.js';
import { settingText } from './format.js';

/** Settings that are columns of the table as well. */
const ROW_FIELDS: ReadonlyMap<string, (row: RunRow) => Json> = new Map([
  ['env', (row: RunRow) => row.env],
  ['algo', (row: RunRow) => row.algo],
]);

/** A run that has not begun has the settings that it was given; those of presets and defaults are not known yet. */
const UNKNOWN = '…';

/** The runs whose settings are known, or all if there are none. */
function begun<R extends RunRow>(rows: readonly R[]): readonly R[] {
  const known = rows.filter(({ status, settings }) => status !== 'waiting' && Object.keys(settings).length > 0);
  return known.length > 0 ? known : rows;
}

/** One setting of several runs. */
export interface SettingRow {
  readonly name: string;
  /** As text, one a run. */
  readonly texts: readonly string[];
  /** Which of them are not the most common value (of equally common ones, the first run's); all, if none comes twice. */
  readonly unusual: readonly boolean[];
  readonly differs: boolean;
}

/** Every setting of some runs, env and algorithm first, then by name. */
export function compareSettings(rows: readonly RunRow[]): SettingRow[] {
  return settingNames(rows).map((name) => {
    const texts = rows.map((row) => textOf(row, name));
    const common = mostCommon(texts.filter((text) => text !== UNKNOWN));
    const unusual = texts.map((text) => text !== common && text !== UNKNOWN);
    return { name, texts, unusual, differs: unusual.includes(true) };
  });
}

/** `env`, `algo` and the names of all settings that some run has, in order. */
export function settingNames(rows: readonly RunRow[]): string[] {
  const names = new Set<string>();
  for (const { settings } of rows) for (const name of Object.keys(settings)) names.add(name);
  for (const name of ROW_FIELDS.keys()) names.delete(name);
  return [...ROW_FIELDS.keys(), ...[...names].sort()];
}

/** Names of the settings that are not the same in all of these runs, as far as they have begun. */
export function differingNames(all: readonly RunRow[]): string[] {
  const rows = begun(all);
  const [first] = rows;
  if (first === undefined) return [];
  return settingNames(rows).filter((name) => {
    const text = textOf(first, name);
    const value = first.settings[name];
    // Most values are numbers and words, for which no text need be made.
    const plain = typeof value !== 'object' && !ROW_FIELDS.has(name) && Object.hasOwn(first.settings, name);
    return rows.some((row) => !(plain && row.settings[name] === value) && textOf(row, name) !== text);
  });
}

function textOf(row: RunRow, name: string): string {
  const field = ROW_FIELDS.get(name);
  if (field !== undefined) return settingText(field(row));
  if (!Object.hasOwn(row.settings, name)) return row.status === 'waiting' ? UNKNOWN : settingText(undefined);
  return settingText(row.settings[name]);
}

function mostCommon(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  let best: string | undefined;
  for (const [text, times] of counts) if (best === undefined || times > counts.get(best)!) best = text;
  return texts.length > 1 && counts.size === texts.length ? undefined : best;
}

/** Settings that are told of one run. */
const MOST_TOLD = 6;

/**
 * What tells runs apart: for each run, the names of the settings in which runs of its env and algorithm differ, the seed aside.
 * Envs have presets, in which they differ anyway.
 */
export function tellingNames(rows: readonly RunRow[]): (row: RunRow) => readonly string[] {
  const tasks = new Map<string, RunRow[]>();
  for (const row of rows) {
    const task = tasks.get(taskOf(row));
    if (task === undefined) tasks.set(taskOf(row), [row]);
    else task.push(row);
  }
  const names = new Map([...tasks].map(([task, members]) => [task, differingNames(members).filter(isTold)]));
  return (row) => names.get(taskOf(row)) ?? [];
}

const taskOf = ({ env, algo }: RunRow): string => JSON.stringify([env, algo]);
const isTold = (name: string): boolean => name !== 'seed';

/** The values of some settings in one run, as few words; the names without what comes before their last dot. */
export function settingWords(row: RunRow, names: readonly string[]): string {
  const told = names.filter((name) => Object.hasOwn(row.settings, name));
  const words = told.slice(0, MOST_TOLD).map((name) => `${name.slice(name.lastIndexOf('.') + 1)} ${textOf(row, name)}`);
  return [...words, ...(told.length > MOST_TOLD ? ['…'] : [])].join(' · ');
}

/** How runs are grouped: each on its own, all that differ in nothing but the seed, or by one setting. */
export type GroupBy = 'run' | 'settings' | { readonly name: string };

export interface RunGroup<R extends RunRow = RunRow> {
  readonly label: string;
  readonly rows: readonly R[];
}

/** Groups of runs, in the order in which their first runs come. */
export function groupRuns<R extends RunRow>(rows: readonly R[], by: GroupBy): RunGroup<R>[] {
  if (by === 'run') return rows.map((row) => ({ label: row.id, rows: [row] }));
  const namesOf = by === 'settings' ? namesOfSettings(rows) : (): readonly string[] => [by.name];
  const groups = new Map<string, { label: string; rows: R[] }>();
  for (const row of rows) {
    const names = namesOf(row);
    const key = JSON.stringify([
      by === 'settings' ? taskOf(row) : '',
      ...names.map((name) => [name, textOf(row, name)]),
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { label: labelOf(row, names), rows: [row] });
    else group.rows.push(row);
  }
  return [...groups.values()];
}

/** Env and algorithm where they differ, and what tells the runs of each apart. */
function namesOfSettings(rows: readonly RunRow[]): (row: RunRow) => readonly string[] {
  const telling = tellingNames(rows);
  const fields = [...ROW_FIELDS.keys()].filter((name) =>
    rows.some((row) => textOf(row, name) !== textOf(rows[0]!, name)),
  );
  return (row) => [...fields, ...telling(row)];
}

function labelOf(row: RunRow, names: readonly string[]): string {
  if (names.length === 0) return 'all runs';
  const words = names
    .filter((name) => ROW_FIELDS.has(name) || Object.hasOwn(row.settings, name))
    .map((name) => `${name === 'env' ? '' : `${name} `}${textOf(row, name)}`);
  return words.length === 0 ? `no ${names.join(', ')}` : words.join(' · ');
}
