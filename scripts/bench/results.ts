/** What a suite found, as it is kept in bench/results. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Load, Machine } from './machine.js';
import type { Summary } from './measure.js';

/** One contestant of a row. */
export interface EntryResult {
  readonly name: string;
  /** Which of its modes and thread counts was best and so was measured. */
  readonly variant: string;
  /** Starting up and compiling, before the first round, s. */
  readonly setupSeconds?: number;
  /** One value a round, in the row's unit. */
  readonly values: readonly number[];
  readonly summary: Summary | null;
  /** How many times as good as this entry Gymkhana is, round by round; null for itself and where nothing was measured. */
  readonly ratio: Summary | null;
  /** Why there are no values. */
  readonly missing?: string;
  /** Steps and mean return of the last 100 training episodes, median of the rounds. */
  readonly curve?: readonly (readonly [number, number])[];
  readonly note?: string;
}

export interface RowResult {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly entries: readonly EntryResult[];
}

export interface SuiteResult {
  readonly suite: number;
  readonly name: string;
  readonly title: string;
  readonly machine: Machine;
  readonly quick: boolean;
  readonly rounds: number;
  readonly load: Load;
  /** Version of each peer, or why it could not be used. */
  readonly peers: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly rows: readonly RowResult[];
}

const fileOf = (folder: string, result: { suite: number; name: string }): string =>
  join(folder, `${result.suite}-${result.name}.json`);

/** The file appears whole or not at all. */
export function writeResult(folder: string, result: SuiteResult): void {
  mkdirSync(folder, { recursive: true });
  const file = fileOf(folder, result);
  writeFileSync(`${file}.tmp`, `${stringify(result)}\n`);
  renameSync(`${file}.tmp`, file);
}

/** JSON with one row a line of the file, so that a change of figures is a short diff. */
function stringify({ rows, ...head }: SuiteResult): string {
  const lines = rows.map(
    ({ entries, ...row }) =>
      `    ${JSON.stringify(row).slice(0, -1)},"entries":[\n${entries.map((entry) => `      ${JSON.stringify(entry)}`).join(',\n')}\n    ]}`,
  );
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "rows": [\n${lines.join(',\n')}\n  ]\n}`;
}

/** All results of a folder, in the order of the suites. */
export function readResults(folder: string): SuiteResult[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => /^\d-[\w-]+\.json$/.test(file))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as SuiteResult)
    .sort((a, b) => a.suite - b.suite);
}
