/**
 * A report as one table of comma-separated values, one figure a row: `table` says what a row is of, the other columns which figure.
 * One file, so that it is whole or not at all, and so that a filter on `table` gives each part tidily.
 */
import Papa from 'papaparse';
import type { Estimate } from './bootstrap.js';
import type { Band } from './iqm-curve.js';
import type { Report } from './report.js';

const COLUMNS = [
  'table',
  'env',
  'method',
  'other',
  'seed',
  'statistic',
  'x',
  'value',
  'low',
  'high',
  'runs',
  'status',
  'path',
  'note',
] as const;

type Row = { [column in (typeof COLUMNS)[number]]?: string | number };

const estimate = ({ value, low, high }: Estimate): Row => ({ value, low, high });

function band(x: readonly number[], { value, low, high }: Band, row: Row): Row[] {
  return x.map((at, k) => ({ ...row, x: at, value: value[k]!, low: low[k]!, high: high[k]! }));
}

function* rowsOf(report: Report): Generator<Row> {
  const { metric, normalized } = report;
  for (const { path, task, method, seed, status, steps, score, seconds } of report.runs) {
    const run: Row = { table: 'run', env: task, method, seed, status, path };
    yield { ...run, statistic: metric, x: steps, value: score };
    if (seconds !== null) yield { ...run, statistic: 'seconds', x: steps, value: seconds };
  }
  for (const { path, code, reason } of report.leftOut) yield { table: 'left_out', path, status: code, note: reason };
  for (const { task, method, seeds, score } of report.groups) {
    const group: Row = { table: 'score', env: task, method, runs: seeds.length };
    yield { ...group, statistic: 'mean', value: score.mean };
    if (score.std !== null) yield { ...group, statistic: 'std', value: score.std };
    yield { ...group, statistic: 'min', value: score.min };
    yield { ...group, statistic: 'max', value: score.max };
    yield { ...group, statistic: 'iqm', ...estimate(score.iqm) };
    if (score.normalizedIqm !== null) yield { ...group, statistic: 'normalized_iqm', value: score.normalizedIqm };
  }
  for (const { task, method, seeds, curve } of report.groups) {
    if (curve === null) continue;
    yield* band(curve.steps, curve.iqm, { table: 'curve', env: task, method, runs: seeds.length, statistic: 'iqm' });
  }
  for (const { label, random, references, threshold, notNormalized } of report.tasks) {
    const reference: Row = { table: 'reference', env: label };
    if (random !== null) yield { ...reference, other: 'random', value: random.score };
    for (const { name, score, steps, source } of references) {
      yield { ...reference, other: name, value: score, ...(steps !== null && { x: steps }), note: source };
    }
    if (threshold !== null) yield { ...reference, other: 'reward threshold', value: threshold };
    if (notNormalized !== null) yield { table: 'notice', env: label, note: `not normalized: ${notNormalized}` };
  }
  for (const { method, runs, ...aggregates } of normalized?.aggregates ?? []) {
    for (const statistic of ['iqm', 'median', 'mean', 'optimalityGap'] as const) {
      yield { table: 'aggregate', method, runs, statistic, ...estimate(aggregates[statistic]) };
    }
  }
  for (const { method, band: profile } of normalized?.profiles ?? []) {
    yield* band(normalized!.thresholds, profile, { table: 'profile', method, statistic: 'part above x' });
  }
  for (const { method, curve } of normalized?.efficiency ?? []) {
    yield* band(curve.steps, curve.iqm, { table: 'efficiency', method, statistic: 'iqm' });
  }
  for (const { x, y, probability } of report.improvement) {
    yield { table: 'improvement', method: x, other: y, statistic: 'P(method > other)', ...estimate(probability) };
  }
  for (const note of report.notices) yield { table: 'notice', note };
}

/** What a spreadsheet would take for a formula at the beginning of a text; numbers are written as numbers. */
const FORMULA = /^[\s]*[=+\-@\t\r]/;

/** The report as CSV, RFC 4180, a header first; texts that a spreadsheet would execute begin with an apostrophe. */
export function csvReport(report: Report): string {
  const rows = [...rowsOf(report)].map((row) => COLUMNS.map((column) => row[column] ?? ''));
  return `${Papa.unparse({ fields: [...COLUMNS], data: rows }, { newline: '\r\n', escapeFormulae: FORMULA })}\r\n`;
}
