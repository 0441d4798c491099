/** Reports as texts and files. */
import { extname } from 'node:path';
import { usageError } from '../../core/errors.js';
import { writeFileAtomic } from '../../core/files.js';
import { type AnalyzeOptions, analyzeRuns } from './analyze-runs.js';
import { type LoadRunsOptions, loadRuns } from './load-runs.js';
import { markdownReport } from './markdown.js';
import type { Report } from './report.js';

/** The formats of a report. */
export const REPORT_FORMATS = ['html', 'markdown', 'csv', 'json'] as const;

/** `html`: one self-contained page with charts. `markdown`: tables. `csv`: one figure a row. `json`: the `Report` itself. */
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const ENDINGS: Readonly<Record<string, ReportFormat>> = {
  '.html': 'html',
  '.htm': 'html',
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.csv': 'csv',
  '.json': 'json',
};

/** How a report is written. */
export interface WriteReportOptions extends LoadRunsOptions, AnalyzeOptions {
  /** By default the format that the file's ending says. */
  readonly format?: ReportFormat;
  /** Heading of the page; "Training report" by default. */
  readonly title?: string;
}

/** What was written, and the report in it. */
export interface WrittenReport {
  readonly path: string;
  readonly format: ReportFormat;
  readonly bytes: number;
  readonly report: Report;
}

/** @throws `UNKNOWN_FORMAT` for anything but one of `REPORT_FORMATS`. */
function assertFormat(format: string): asserts format is ReportFormat {
  if ((REPORT_FORMATS as readonly string[]).includes(format)) return;
  const expected = REPORT_FORMATS.join(', ');
  throw usageError('UNKNOWN_FORMAT', `A report's format is one of ${expected}, got ${JSON.stringify(format)}.`, {
    field: 'format',
    expected,
    got: String(format),
  });
}

/**
 * The format that a file's ending says.
 * @throws `UNKNOWN_FORMAT` for an ending that says none.
 */
export function formatOf(path: string): ReportFormat {
  const format = ENDINGS[extname(String(path)).toLowerCase()];
  if (format !== undefined) return format;
  const message = `The ending of ${JSON.stringify(path)} says no format: end it with ${Object.keys(ENDINGS).join(', ')}, or give the format.`;
  throw usageError('UNKNOWN_FORMAT', message, { field: 'format', expected: REPORT_FORMATS.join(', ') });
}

/**
 * A report as text. Names, paths and settings of runs are escaped for the format; a page runs no script and loads nothing.
 * @throws `UNKNOWN_FORMAT`; `INVALID_OPTION` for something that is no report.
 */
export async function renderReport(
  report: Report,
  format: ReportFormat,
  options: { readonly title?: string } = {},
): Promise<string> {
  assertFormat(format);
  if (report?.version !== 1 || !Array.isArray(report.groups)) {
    throw usageError('INVALID_OPTION', `renderReport takes what analyzeRuns(loaded) returns, got ${String(report)}.`, {
      expected: 'a Report',
      got: String(report),
    });
  }
  const { title = 'Training report' } = options;
  switch (format) {
    case 'html':
      // What draws is loaded when something is drawn: every command would wait for it otherwise.
      return (await import('./html.js')).htmlReport(report, title);
    case 'markdown':
      return markdownReport(report, title);
    case 'csv':
      return (await import('./csv.js')).csvReport(report);
    case 'json':
      return `${JSON.stringify(report)}\n`;
  }
}

/**
 * Reads runs, analyses them and writes the report to a file, whole or not at all.
 * @throws what `loadRuns`, `analyzeRuns` and `renderReport` throw; `NOT_WRITABLE`.
 */
export async function writeReport(
  path: string,
  runs: readonly string[],
  options: WriteReportOptions = {},
): Promise<WrittenReport> {
  const format = options.format ?? formatOf(path);
  assertFormat(format);
  const report = analyzeRuns(await loadRuns(runs, options), options);
  const data = Buffer.from(await renderReport(report, format, options), 'utf8');
  await writeFileAtomic(path, data);
  return { path, format, bytes: data.length, report };
}
