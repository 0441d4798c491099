/** The columns of the table of runs: what they show, and their order when one sorts by them. */
import type { RunRow } from '../api.js';
import { count, duration } from './format.js';

/** A run with a few words on what sets it apart from the others. */
export interface ShownRow extends RunRow {
  /** Settings in which it may differ from other runs, the seed aside. */
  readonly varied?: string;
}

export interface Column {
  readonly name: string;
  readonly label: string;
  /** What it is, for a reader who wonders. */
  readonly about: string;
  readonly numeric: boolean;
  readonly text: (row: ShownRow) => string;
  readonly sortBy: (row: ShownRow) => string | number | null;
}

/** What needs attention comes first. */
const STATUS_ORDER: readonly string[] = ['running', 'waiting', 'failed', 'unreadable', 'stopped', 'finished'];

const figure = (value: number | null): string => {
  if (value === null) return '–';
  const size = Math.abs(value);
  const text =
    size >= 1e5 || (size < 0.01 && size > 0)
      ? value.toExponential(2)
      : value.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : 2);
  return text.replace('-', '−');
};

const progress = ({ step, totalSteps }: RunRow): number | null =>
  totalSteps === null || totalSteps <= 0 ? null : Math.min(1, step / totalSteps);

/** The share of its steps that a run has done, null where the plan is not known. */
export { progress };

const column = (
  name: string,
  label: string,
  about: string,
  sortBy: Column['sortBy'],
  text: Column['text'],
  numeric = true,
): Column => ({ name, label, about, sortBy, text, numeric });

export const COLUMNS: readonly Column[] = [
  column(
    'status',
    'Status',
    'Whether it runs',
    (row) => STATUS_ORDER.indexOf(row.status),
    (row) => row.status,
    false,
  ),
  column(
    'id',
    'Run',
    'Folder of the run',
    (row) => row.id,
    (row) => row.id,
    false,
  ),
  column(
    'env',
    'Env',
    'Environment',
    (row) => row.env,
    (row) => row.env,
    false,
  ),
  column(
    'algo',
    'Algo',
    'Algorithm',
    (row) => row.algo,
    (row) => row.algo,
    false,
  ),
  column(
    'seed',
    'Seed',
    'Seed of the run',
    (row) => row.seed,
    (row) => (row.seed === null ? '–' : String(row.seed)),
  ),
  column(
    'varied',
    'Settings',
    'Settings in which the runs differ, the seed aside',
    (row) => row.varied || null,
    (row) => row.varied ?? '',
    false,
  ),
  column('step', 'Steps', 'Environment steps so far, of those planned', (row) => row.step, stepsText),
  column(
    'meanReturn',
    'Mean return',
    'Mean return of the last episodes',
    (row) => row.meanReturn,
    (row) => figure(row.meanReturn),
  ),
  column(
    'bestReturn',
    'Best',
    'Best mean return so far',
    (row) => row.bestReturn,
    (row) => figure(row.bestReturn),
  ),
  column(
    'stepsPerSecond',
    'Steps/s',
    'Environment steps a second',
    (row) => row.stepsPerSecond,
    (row) => (row.stepsPerSecond === null ? '–' : count(row.stepsPerSecond)),
  ),
  column(
    'seconds',
    'Time',
    'Time of training so far',
    (row) => row.seconds,
    (row) => (row.seconds === null ? '–' : duration(row.seconds)),
  ),
];

function stepsText({ step, totalSteps }: RunRow): string {
  return totalSteps === null ? count(step) : `${count(step)} / ${count(totalSteps)}`;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/**
 * Rows by a column, runs without a value last in either direction, equal ones by name with numbers in their order.
 * @param places of the names in that order, see `namePlaces`.
 */
export function sortRows(
  rows: readonly ShownRow[],
  name: string,
  descending: boolean,
  places: ReadonlyMap<string, number>,
): ShownRow[] {
  const { sortBy } = COLUMNS.find((each) => each.name === name) ?? COLUMNS[1]!;
  const place = ({ id }: RunRow): number => places.get(id) ?? 0;
  const sign = descending ? -1 : 1;
  if (sortBy === COLUMNS[1]!.sortBy) return [...rows].sort((a, b) => sign * (place(a) - place(b)));
  const keyed = rows.map((row) => ({ row, key: sortBy(row) }));
  keyed.sort((a, b) => {
    if (a.key === b.key) return place(a.row) - place(b.row);
    if (a.key === null) return 1;
    if (b.key === null) return -1;
    return sign * (a.key < b.key ? -1 : 1);
  });
  return keyed.map(({ row }) => row);
}

/** Where each name stands among all: comparing names anew at every sort would take longer than the sort. */
export function namePlaces(ids: Iterable<string>): Map<string, number> {
  return new Map([...ids].sort(collator.compare).map((id, place) => [id, place]));
}
