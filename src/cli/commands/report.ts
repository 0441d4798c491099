import { usageError } from '../../core/errors.js';
import {
  analyzeRuns,
  loadRuns,
  type Report,
  type ReportFormat,
  readReferences,
  renderReport,
  writeReport,
} from '../../runs/report/index.js';
import type { Command } from '../command.js';
import { given, number, text, valued, whole } from '../options.js';
import { result } from '../output.js';

/** `--json` is `--format json`. */
function formatOf(argv: { readonly [flag: string]: unknown }): ReportFormat | undefined {
  const format = text('format', argv['format']);
  if (argv['json'] !== true) return format as ReportFormat | undefined;
  if (format === undefined || format === 'json') return 'json';
  throw usageError('INVALID_FLAG', `--json asks for JSON and --format for ${format}: give one of them.`, {
    field: 'format',
    got: format,
  });
}

/** Whoever does not open the report must still learn what is not in it. */
function tell({ leftOut, notices }: Report): void {
  for (const notice of notices) process.stderr.write(`${notice}\n`);
  for (const { path, code, reason } of leftOut) process.stderr.write(`left out: ${path}: ${code}: ${reason}\n`);
}

export const command: Command = {
  builder: (yargs) =>
    yargs
      .positional('runs', {
        type: 'string',
        array: true,
        describe: 'run directories, or folders that contain runs',
        demandOption: true,
      })
      .option('out', valued('file to write (Markdown on standard output)'))
      .option('format', valued("html, markdown, csv or json (by the ending of --out's file)"))
      .option('metric', valued('metric of metrics.jsonl (charts/episodic_return)'))
      .option('incomplete', { type: 'boolean', describe: 'count runs that have not finished' })
      .option('references', valued('JSON file of scores to compare with'))
      .option('title', valued('heading'))
      .option('reps', valued('resamples of an interval (2000)'))
      .option('confidence', valued('part of the resamples inside an interval (0.95)'))
      .option('seed', valued('seed of the resamples (0)'))
      .option('points', valued('most points of a curve (100)'))
      .example('$0 report runs --out report.html', 'one page on every run below runs/'),
  async handler(argv) {
    const runs = argv['runs'] as string[];
    const out = text('out', argv['out']);
    const references = text('references', argv['references']);
    const options = given({
      format: formatOf(argv),
      metric: text('metric', argv['metric']),
      incomplete: argv['incomplete'] === true,
      references: references === undefined ? undefined : readReferences(references),
      title: text('title', argv['title']),
      reps: whole('reps', argv['reps']),
      confidence: number('confidence', argv['confidence']),
      seed: whole('seed', argv['seed']),
      points: whole('points', argv['points']),
    });
    if (out === undefined) {
      const made = analyzeRuns(await loadRuns(runs, options), options);
      tell(made);
      return result((await renderReport(made, options.format ?? 'markdown', options)).trimEnd());
    }
    const { path, format, bytes, report: made } = await writeReport(out, runs, options);
    tell(made);
    const summary = { path, format, bytes, runs: made.runs.length, leftOut: made.leftOut.length };
    if (argv['json'] === true) return result(JSON.stringify(summary));
    result(`Wrote ${path}: ${summary.runs} runs in ${made.groups.length} groups, ${summary.leftOut} left out.`);
  },
};
