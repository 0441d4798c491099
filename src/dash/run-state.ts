/** One run as its directory shows it. */
import { basename, join } from 'node:path';
import { failure, GymkhanaError } from '../core/errors.js';
import type { Json, JsonObject } from '../core/json.js';
import { isLocked } from '../runs/lock.js';
import { assertSmall, DEFAULT_METRIC } from '../runs/report/load-runs.js';
import { type RunConfig, RunDirectory, type RunSummaryFile } from '../runs/run-directory.js';
import type { RunRow, RunStatus } from './api.js';
import { lastRecord, readPart, recordOf, stampOf, statsOf } from './files.js';
import { failureIn, logFileOf, type Planned, prefixed } from './launch-records.js';
import { MetricsFile } from './metrics-file.js';

/** Metrics of `timing.jsonl` begin so. */
const TIMING = 'time/';
/** What a row shows of a configuration, in characters. */
const LONGEST_NAME = 200;
const LONGEST_VALUE = 2000;
const MOST_SETTINGS = 300;
const EVALUATION = 'eval/mean_return';
/** What a row is made of. */
const FILES = ['config.json', 'summary.json', 'metrics.jsonl', 'timing.jsonl', 'timing.json'] as const;
type Values = Readonly<Record<string, unknown>>;

const numberOr = <T>(value: unknown, otherwise: T): number | T =>
  typeof value === 'number' && Number.isFinite(value) ? value : otherwise;

/** A run directory that is looked at again and again. */
export class WatchedRun {
  readonly id: string;
  readonly path: string;
  readonly metrics: MetricsFile;
  readonly timing: MetricsFile;
  /** Whether a process works in it: such a run is looked at every time. */
  running = false;
  row: RunRow;
  config: RunConfig | null = null;
  summary: RunSummaryFile | null = null;
  /** Metrics of the last line. */
  last: Values = {};
  /** Whether the files may have lines that were not read yet. */
  readonly grown: { metrics: boolean; timing: boolean } = { metrics: false, timing: false };
  #times: Values = {};
  #end: Values = {};
  /** What is wrong with `config.json` and `summary.json`, and with `metrics.jsonl`. */
  readonly #problems: { config: string | null; metrics: string | null } = { config: null, metrics: null };
  #stamps: Readonly<Record<string, string>> = {};
  #folderStamp = '';
  readonly #root: string;

  constructor(root: string, id: string) {
    this.#root = root;
    this.id = id;
    this.path = join(root, id);
    this.metrics = new MetricsFile(join(this.path, 'metrics.jsonl'), DEFAULT_METRIC);
    this.timing = new MetricsFile(join(this.path, 'timing.jsonl'));
    this.row = this.#row('waiting', 0);
  }

  /** The file that has a metric. */
  fileOf(key: string): MetricsFile {
    return key.startsWith(TIMING) ? this.timing : this.metrics;
  }

  /** Names of the metrics that it has. */
  keys(): string[] {
    const own = [...Object.keys(this.last), ...Object.keys(this.#times)].filter(
      (name) => name !== 'iteration' && name !== 'steps',
    );
    return (this.config?.evaluation.every ?? 0) > 0 && this.last['steps'] !== undefined ? [...own, EVALUATION] : own;
  }

  /** Whether something was written into it since the last look, as far as two questions tell. */
  touched(): boolean {
    return (
      stampOf(statsOf(this.path)) !== this.#folderStamp ||
      stampOf(statsOf(join(this.path, 'metrics.jsonl'))) !== this.#stamps['metrics.jsonl']
    );
  }

  /** Reads again what has changed, but for the curves. @returns whether the row did. */
  look(): boolean {
    try {
      return this.#look();
    } catch (error) {
      // Whatever a stranger's files have brought about, the other runs go on.
      this.#problems.config = this.#told(error);
      return this.#settle(this.row.changedAt);
    }
  }

  #look(): boolean {
    this.#folderStamp = stampOf(statsOf(this.path));
    const stats = FILES.map((name) => statsOf(join(this.path, name)));
    const stamps = Object.fromEntries(FILES.map((name, i) => [name, stampOf(stats[i]!)]));
    const changed = (...names: readonly (typeof FILES)[number][]): boolean =>
      names.some((name) => stamps[name] !== this.#stamps[name]);
    if (changed('config.json', 'summary.json')) this.#problems.config = this.#problemOf(() => this.#readConfig());
    if (changed('metrics.jsonl')) {
      this.grown.metrics = true;
      this.#problems.metrics = this.#problemOf(() => {
        this.last = this.#lastOf('metrics.jsonl');
      });
    }
    // Only times are in there: a damaged file is as good as none.
    if (changed('timing.jsonl')) {
      this.grown.timing = true;
      this.#times = {};
      this.#problemOf(() => {
        this.#times = this.#lastOf('timing.jsonl');
      });
    }
    if (changed('timing.json')) {
      this.#end = {};
      this.#problemOf(() => this.#readEnd());
    }
    this.#stamps = stamps;
    this.running = isLocked(this.path);
    return this.#settle(Math.max(0, ...stats.map((one) => one?.mtimeMs ?? 0)));
  }

  /** Makes the row anew, for what `metrics` has found. @returns whether it changed. */
  refresh(): boolean {
    return this.#settle(this.row.changedAt);
  }

  #problemOf(read: () => void): string | null {
    try {
      read();
      return null;
    } catch (error) {
      return this.#told(error);
    }
  }

  #readConfig(): void {
    this.config = null;
    this.summary = null;
    for (const name of ['config.json', 'summary.json']) {
      const path = join(this.path, name);
      if (statsOf(path)?.isSymbolicLink()) {
        throw failure('RUN_NOT_READABLE', `${path} is a link; links are not followed.`, { file: path });
      }
      assertSmall(path);
    }
    const directory = RunDirectory.open(this.path);
    this.config = directory.config;
    this.summary = directory.readSummary();
  }

  #readEnd(): void {
    const path = join(this.path, 'timing.json');
    this.#end = statsOf(path) === null ? {} : (recordOf(readPart(path, 0, 1 << 16).bytes.toString('utf8')) ?? {});
  }

  #lastOf(name: string): Values {
    const path = join(this.path, name);
    return statsOf(path) === null ? {} : (lastRecord(path) ?? {});
  }

  #settle(changedAt: number): boolean {
    const row = this.#row(this.#status(changedAt), changedAt);
    if (JSON.stringify(row) === JSON.stringify(this.row)) return false;
    this.row = row;
    return true;
  }

  #status(changedAt: number): RunStatus {
    if (this.config === null || this.#problem !== null) return 'unreadable';
    if (this.summary !== null) return this.summary.status;
    if (this.running) return 'running';
    if (failureIn(logFileOf(this.path), changedAt) !== null) return 'failed';
    return this.last['steps'] === undefined ? 'waiting' : 'stopped';
  }

  #row(status: RunStatus, changedAt: number): RunRow {
    const { config, last } = this;
    const times = this.summary === null ? this.#times : { ...this.#times, ...renamed(this.#end) };
    const meanReturn = numberOr(last[DEFAULT_METRIC], null);
    return {
      id: this.id,
      status,
      problem: this.#explained(status, changedAt),
      env: config?.env.id.slice(0, LONGEST_NAME) ?? '',
      algo: config?.algo.slice(0, LONGEST_NAME) ?? '',
      seed: config?.seed ?? null,
      step: numberOr(last['steps'], 0),
      totalSteps: numberOr(config?.config['totalSteps'], null),
      meanReturn,
      bestReturn: this.metrics.best,
      stepsPerSecond: numberOr(times['time/steps_per_second'], null),
      seconds: numberOr(times['time/seconds'], null),
      changedAt,
      settings: config === null ? {} : settingsOf(config),
    };
  }

  #explained(status: RunStatus, changedAt: number): string | null {
    if (status === 'failed') return failureIn(logFileOf(this.path), changedAt);
    if (status !== 'unreadable') return null;
    return this.#problem ?? 'not read yet';
  }

  get #problem(): string | null {
    const { config, metrics } = this.#problems;
    return config ?? metrics ?? (this.metrics.problem === null ? null : this.#told(this.metrics.problem));
  }

  /** An error for the page: what is above the folder is nobody's business there. */
  #told(error: unknown): string {
    const code = error instanceof GymkhanaError ? error.code : 'RUN_NOT_READABLE';
    const message = error instanceof Error ? error.message : String(error);
    return `${code}: ${message.replaceAll(this.path, basename(this.path)).replaceAll(this.#root, '.')}`.slice(0, 1000);
  }
}

/** The row of a run that a launch has planned and not begun. */
export function plannedRow(id: string, planned: Planned, path: string, changedAt: number): RunRow {
  const { env, algo, seed, totalSteps, settings } = planned;
  const problem = failureIn(logFileOf(path), 0);
  return {
    id,
    status: problem === null ? 'waiting' : 'failed',
    problem,
    env,
    algo,
    seed,
    step: 0,
    totalSteps,
    meanReturn: null,
    bestReturn: null,
    stepsPerSecond: null,
    seconds: null,
    changedAt,
    settings,
  };
}

function shortened(value: Json): Json {
  const text = JSON.stringify(value) ?? '';
  return text.length <= LONGEST_VALUE ? value : `${text.slice(0, LONGEST_NAME)} ...`;
}

/** `timing.json` has the names of the summary. */
function renamed({ seconds, stepsPerSecond }: Values): Values {
  return { 'time/seconds': seconds, 'time/steps_per_second': stepsPerSecond };
}

function settingsOf({ config, env, seed }: RunConfig): JsonObject {
  const wrappers = (env.wrappers ?? []).map(({ name, kwargs }) => ({ name, kwargs }));
  const all: JsonObject = { ...config, ...prefixed(env.kwargs), ...(wrappers.length > 0 && { wrappers }), seed };
  // A stranger's run may hold megabytes, which every page would be sent.
  const fitting = Object.entries(all).slice(0, MOST_SETTINGS);
  return Object.fromEntries(fitting.map(([name, value]) => [name.slice(0, LONGEST_NAME), shortened(value)]));
}
