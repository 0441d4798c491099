/** What differs between runs: rows of a comparison, and groups of runs with equal settings. */
import type { Json } from '../../core/json.js';
import type { RunRow } from '../api.js';
import { settingText } from './format.js';

/** Settings that are columns of the table as well. */
const ROW_FIELDS: ReadonlyMap<string, (row: RunRow) => Json> = new Map([
  ['env', (row: RunRow) => row.env],
  ['algo', (row: RunRow) => row.algo],
]);

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
    const common = mostCommon(texts);
    const unusual = texts.map((text) => text !== common);
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

/** Names of the settings that are not the same in all of these runs. */
export function differingNames(rows: readonly RunRow[]): string[] {
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
  return settingText(Object.hasOwn(row.settings, name) ? row.settings[name] : undefined);
}

function mostCommon(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  let best: string | undefined;
  for (const [text, times] of counts) if (best === undefined || times > counts.get(best)!) best = text;
  return texts.length > 1 && counts.size === texts.length ? undefined : best;
}

/** Settings that are told of one run. */
const MOST_TOLD = 5;

/** The values of some settings in one run, as few words; the names without what comes before their last dot. */
export function settingWords(row: RunRow, names: readonly string[]): string {
  const told = names.filter((name) => Object.hasOwn(row.settings, name)).slice(0, MOST_TOLD);
  return told.map((name) => `${name.slice(name.lastIndexOf('.') + 1)} ${textOf(row, name)}`).join(' · ');
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
  const names = by === 'settings' ? differingNames(rows).filter((name) => name !== 'seed') : [by.name];
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    const label = names
      .filter((name) => ROW_FIELDS.has(name) || Object.hasOwn(row.settings, name))
      .map((name) => `${name === 'env' ? '' : `${name} `}${textOf(row, name)}`)
      .join(' · ');
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [row]);
    else group.push(row);
  }
  return [...groups].map(([label, members]) => ({
    label: label === '' ? (names.length === 0 ? 'all runs' : `no ${names.join(', ')}`) : label,
    rows: members,
  }));
}
