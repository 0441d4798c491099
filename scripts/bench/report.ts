/**
 * How long a report on many long runs takes: `node dist/scripts/bench/report.js [runs] [points]`, 500 runs of 10,000 iterations by
 * default, ten seeds of each of ten settings on five envs. The runs are made up in a temporary folder (2.3 GB) and removed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyzeRuns, loadRuns, REPORT_FORMATS, renderReport } from '../../src/index.js';
import { makeRuns } from './made-runs.js';

const [runs = 500, points = 10_000] = process.argv.slice(2).map(Number);
const root = mkdtempSync(join(tmpdir(), 'gymkhana-report-'));
process.once('exit', () => rmSync(root, { recursive: true, force: true }));
const { bytes } = makeRuns(root, runs, points);

async function timed<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const [started, used] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(used);
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(
    `${name}: ${seconds.toFixed(1)} s, of which processor ${((user + system) / 1e6).toFixed(1)} s\n`,
  );
  return result;
}

process.stdout.write(
  `${runs} runs of ${points} iterations, ${(bytes / 1e9).toFixed(2)} GB, ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown processor'}\n`,
);
const loaded = await timed('read', () => loadRuns([root]));
const report = await timed('analyse', () => analyzeRuns(loaded));
for (const format of REPORT_FORMATS) await timed(format, () => renderReport(report, format));
process.stdout.write(
  `${report.runs.length} runs in ${report.groups.length} groups; peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB\n`,
);
