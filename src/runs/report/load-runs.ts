/** Reads runs for a report: a damaged one harms no other, and is named. */
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { failure, GymkhanaError, usageError } from '../../core/errors.js';
import { RunDirectory } from '../run-directory.js';
import { findRuns } from './find-runs.js';
import { readCurve } from './read-curve.js';
import type { LeftOut, LoadedRuns, RunRecord } from './types.js';

/** The mean return of the last 100 training episodes, at every iteration. */
export const DEFAULT_METRIC = 'charts/episodic_return';
/** Largest file that is read at once; a run's configuration has some kilobytes. */
const LARGEST = 16 * 1024 * 1024;

/** Which metric `loadRuns` reads. */
export interface LoadRunsOptions {
  /** Name of a metric of `metrics.jsonl`; `charts/episodic_return` by default. */
  readonly metric?: string;
}

/**
 * Reads runs and one curve of each. A folder may be a run or contain runs at any depth; `previous-N` folders below it are no runs.
 * What cannot be read, or has no such metric, is in `leftOut` with the reason. Reading executes nothing of a run.
 *
 * @throws `INVALID_OPTION`; `RUN_NOT_FOUND` for a path that does not exist; `NO_RUNS` if there is none to read.
 */
export async function loadRuns(paths: readonly string[], options: LoadRunsOptions = {}): Promise<LoadedRuns> {
  const { metric = DEFAULT_METRIC } = options;
  if (typeof metric !== 'string' || metric === '') {
    const message = `metric must be the name of a metric such as '${DEFAULT_METRIC}', got ${JSON.stringify(metric)}.`;
    throw usageError('INVALID_OPTION', message, { field: 'metric' });
  }
  const found = findRuns(paths);
  const leftOut: LeftOut[] = [...found.leftOut];
  const runs: RunRecord[] = [];
  for (const path of found.runs) {
    try {
      runs.push(await readRun(path, metric));
    } catch (error) {
      if (!(error instanceof GymkhanaError)) throw error;
      // The way to it from here is known; what is above does not belong into a report that others read.
      leftOut.push({ path, code: error.code, reason: error.message.replaceAll(resolve(path), path) });
    }
    // Hundreds of runs must not keep a server or a signal waiting.
    await setImmediate();
  }
  if (runs.length === 0) throw noRuns(leftOut);
  return { metric, runs, leftOut };
}

async function readRun(path: string, metric: string): Promise<RunRecord> {
  for (const name of ['config.json', 'summary.json', 'timing.json']) assertSmall(join(path, name));
  const directory = RunDirectory.open(path);
  const summary = directory.readSummary();
  const { env, algo, seed, config, modules } = directory.config;
  const curve = readCurve(directory.metricsFile, metric);
  if (curve.steps.length === 0) {
    const message = `${directory.metricsFile} has no value of '${metric}' yet: no episode has ended.`;
    throw failure('METRIC_WITHOUT_VALUES', message, { file: directory.metricsFile, field: metric });
  }
  const seconds = summary === null ? null : await readSeconds(path);
  return { path, env, algo, seed, config, modules, status: summary?.status ?? 'unfinished', ...curve, seconds };
}

/** Only shown, so that a run without its times is a run all the same. */
async function readSeconds(path: string): Promise<number | null> {
  try {
    const timing: unknown = JSON.parse(await readFile(join(path, 'timing.json'), 'utf8'));
    const seconds = typeof timing === 'object' && timing !== null && 'seconds' in timing ? timing.seconds : null;
    return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
  } catch {
    return null;
  }
}

/** @throws `RUN_NOT_READABLE` before anything of an absurd length is read, and for what is no plain file, such as a pipe. */
export function assertSmall(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return;
  const problem = !stats.isFile() ? 'is not a plain file' : stats.size > LARGEST ? `has ${stats.size} bytes` : null;
  if (problem === null) return;
  const expected = `a file of at most ${LARGEST} bytes`;
  throw failure('RUN_NOT_READABLE', `${file} ${problem}: expected ${expected}.`, { file, expected, got: problem });
}

/** One example of each situation: a mistyped metric is the same for hundreds of runs. */
function noRuns(leftOut: readonly LeftOut[]): Error {
  const codes = [...new Set(leftOut.map(({ code }) => code))];
  const examples = codes.map((code) => {
    const [first, ...more] = leftOut.filter((one) => one.code === code);
    const others = more.length === 0 ? '' : ` (${more.length} more are like it)`;
    return `${first!.path}${others}: ${first!.reason.replace(/\.?$/, '.')}`;
  });
  return usageError('NO_RUNS', `There is no run to report. ${examples.join(' ')}`, {
    expected: 'at least one run with metrics',
  });
}
