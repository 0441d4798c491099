/**
 * What is known of all runs below a folder, and kept up to date by asking the file system again and again. `fs.watch` would be
 * cheaper, but it says nothing on network file systems and in many containers, needs a handle for every folder, and loses changes
 * when there are many; and what it says must be looked up all the same.
 */
import { realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { DEFAULT_METRIC } from '../runs/report/load-runs.js';
import type { Curve, RunRow } from './api.js';
import { ColumnBudget } from './column-budget.js';
import { stampOf, statsOf } from './files.js';
import { type Planned, plannedRuns } from './launch-records.js';
import type { CurveView, MetricsFile } from './metrics-file.js';
import { plannedRow, WatchedRun } from './run-state.js';
import { thinCurve } from './thin.js';
import { type Found, Walk } from './walk.js';

export interface RunIndexOptions {
  /** Time between two looks while somebody listens, ms. */
  readonly pollMs?: number;
  /** Most bytes of columns that are kept; those that were asked for longest ago are read again when they are asked for. */
  readonly columnBytes?: number;
}

/** A row, and the version of the index with which it came to be as it is. */
interface Entry {
  readonly row: RunRow;
  readonly version: number;
}

/** Between two looks while nobody listens, ms. */
const IDLE_MS = 2000;
/** After a look comes a pause of so many times what it took: folders on slow file systems are looked at less often. */
const PAUSE = 4;
/** Of the runs in which nothing happens one in so many is looked at closely each time. */
const COLD = 16;
/** A run counts as one in which something happens for so long after its last change, ms. */
const HOT_MS = 30_000;
/** Folders are walked at one in so many looks. */
const WALK = 8;
/** Runs that are looked at closely, and that are glanced at, between two turns of the event loop. */
const BATCH = 16;
const GLANCES = 128;
/** Files that are read at a time for the first curves: one is waited for while another is scanned. */
const READERS = 2;
/** Ids of runs that are gone are remembered for so many changes. */
const REMEMBERED = 10_000;

const NOTHING: CurveView = { steps: new Float64Array(0), values: new Float64Array(0) };

/** The runs below a folder. */
export class RunIndex {
  /** Real path of the folder. */
  readonly root: string;
  readonly name: string;
  /** Grows with every row that changes. */
  version = 1;
  /** Resolves once every curve of the mean return was read for the first time. */
  readonly warm: Promise<void>;
  readonly #walk: Walk;
  readonly #pollMs: number;
  readonly #budget: ColumnBudget;
  readonly #runs = new Map<string, WatchedRun>();
  readonly #plans = new Map<
    string,
    { readonly stamp: string; readonly changedAt: number; readonly runs: readonly Planned[] }
  >();
  readonly #entries = new Map<string, Entry>();
  readonly #gone = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  /** Runs whose lines were never all read, and those of them that no reader has begun. */
  readonly #unread = new Set<WatchedRun>();
  readonly #queue = new Set<WatchedRun>();
  #looks = 0;
  #warming = false;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #closed = false;

  private constructor(root: string, { pollMs = 250, columnBytes = 1 << 30 }: RunIndexOptions) {
    this.root = realpathSync(root);
    this.name = basename(this.root);
    this.#walk = new Walk(this.root);
    this.#pollMs = pollMs;
    this.#budget = new ColumnBudget(columnBytes);
    this.warm = new Promise((resolve) => {
      this.#whenWarm = resolve;
    });
  }

  #whenWarm: () => void = () => {};

  /** Finds the runs below a folder that is there, and makes their rows; their curves are read from then on. */
  static async open(root: string, options: RunIndexOptions = {}): Promise<RunIndex> {
    const index = new RunIndex(root, options);
    await index.#look();
    if (!index.#warming) index.#whenWarm();
    index.#schedule();
    return index;
  }

  /** Bytes of the columns that are kept. */
  get columnBytes(): number {
    return this.#budget.bytes;
  }

  /** The rows, in order of their ids. */
  rows(): RunRow[] {
    return [...this.#entries.keys()].sort().map((id) => this.#entries.get(id)!.row);
  }

  /** Rows that changed after a version, and ids that are gone since. */
  changesSince(version: number): { readonly changed: RunRow[]; readonly gone: string[] } {
    const changed = [...this.#entries.values()].filter((entry) => entry.version > version).map(({ row }) => row);
    return { changed, gone: [...this.#gone].filter(([, at]) => at > version).map(([id]) => id) };
  }

  /** Names of the metrics that some run has, the mean return first. */
  keys(): string[] {
    const names = new Set<string>();
    for (const run of this.#runs.values()) for (const name of run.keys()) names.add(name);
    names.delete(DEFAULT_METRIC);
    return [DEFAULT_METRIC, ...[...names].sort()];
  }

  /** A run that has a directory. */
  run(id: string): WatchedRun | undefined {
    return this.#runs.get(id);
  }

  /** Its row, or that of a run that a launch has planned. */
  row(id: string): RunRow | undefined {
    return this.#entries.get(id)?.row;
  }

  /** One metric of a run as of the last look, and the file that it is of; null for a run that has no directory. */
  async curve(id: string, key: string): Promise<{ readonly view: CurveView; readonly file: MetricsFile } | null> {
    const run = this.#runs.get(id);
    if (run === undefined) return null;
    const file = run.fileOf(key);
    if (this.#unread.has(run) || file.viewOf(key) === null) {
      await file.curve(key);
      if (file === run.metrics) this.#unread.delete(run);
    }
    this.#budget.used(file, key);
    return { view: file.viewOf(key) ?? NOTHING, file };
  }

  /** A curve with about so many points; null for a run that has no directory. */
  async thinned(id: string, key: string, points: number): Promise<Curve | null> {
    const curve = await this.curve(id, key);
    if (curve === null) return null;
    const { steps, values } = curve.view;
    const stamp = `${curve.file.generation}:${steps.length}`;
    const known = this.#budget.thinned(curve.file, key, points, stamp);
    return {
      id,
      of: steps.length,
      ...(known ?? this.#budget.keep(curve.file, key, points, stamp, thinCurve(steps, values, points))),
    };
  }

  /** Calls back after every look that found something, until the function that is returned is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    // The pause of an index that nobody listened to is over.
    if (this.#listeners.size === 1) this.#schedule();
    return () => this.#listeners.delete(listener);
  }

  /** Looks no more. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#listeners.clear();
    await this.#looking;
  }

  #schedule(delay = this.#listeners.size > 0 ? this.#pollMs : IDLE_MS): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#closed || this.#looking !== null) return;
    this.#timer = setTimeout(() => {
      const started = performance.now();
      this.#looking = this.#look().finally(() => {
        this.#looking = null;
        const took = performance.now() - started;
        this.#schedule(Math.max(PAUSE * took, this.#listeners.size > 0 ? this.#pollMs : IDLE_MS));
      });
    }, delay);
  }

  async #look(): Promise<void> {
    const before = this.version;
    const looks = this.#looks++;
    const found = looks % WALK === 0 ? await this.#walk.look(Date.now()) : null;
    if (found !== null) this.#follow(found);
    const all = this.#listeners.size === 0;
    let done = 0;
    for (const [i, run] of [...this.#runs.values()].entries()) {
      if (this.#closed) return;
      if (i % GLANCES === GLANCES - 1) await turn();
      const due = all || this.#isHot(run) || (i + looks) % COLD === 0;
      if (!due && !run.touched()) continue;
      if (++done % BATCH === 0) await turn();
      if (statsOf(run.path) === null) {
        this.#forget(run.id);
        continue;
      }
      run.look();
      if (!this.#unread.has(run)) await this.#read(run);
      this.#note(run);
    }
    if (this.#queue.size > 0) void this.#warmUp();
    if (this.version > before) this.#tell();
  }

  #tell(): void {
    for (const [id, at] of this.#gone) if (at < this.version - REMEMBERED) this.#gone.delete(id);
    for (const listener of this.#listeners) listener();
  }

  #isHot(run: WatchedRun): boolean {
    return run.running || run.row.changedAt === 0 || Date.now() - run.row.changedAt < HOT_MS;
  }

  /** Reads the lines that were added, of the columns that are kept. */
  async #read(run: WatchedRun): Promise<void> {
    const { grown, metrics, timing } = run;
    if (grown.timing && timing.isTracked) await timing.advance();
    grown.timing = false;
    if (!grown.metrics) return;
    grown.metrics = false;
    await metrics.advance();
    this.#budget.used(metrics, DEFAULT_METRIC);
    run.refresh();
  }

  /** Takes a run's row into the table. */
  #note(run: WatchedRun): void {
    if (this.#entries.get(run.id)?.row === run.row || this.#runs.get(run.id) !== run) return;
    this.#entries.set(run.id, { row: run.row, version: ++this.version });
    this.#gone.delete(run.id);
  }

  #forget(id: string): void {
    const run = this.#runs.get(id);
    if (run !== undefined) {
      this.#unread.delete(run);
      this.#queue.delete(run);
      this.#budget.forget(run.metrics);
      this.#budget.forget(run.timing);
    }
    this.#runs.delete(id);
    if (this.#entries.delete(id)) this.#gone.set(id, ++this.version);
  }

  /** Takes over what a walk has found. */
  #follow({ runs, launches }: Found): void {
    const planned = this.#planned(launches);
    const there = new Set(runs);
    for (const id of this.#entries.keys()) if (!there.has(id) && !planned.has(id)) this.#forget(id);
    for (const id of runs) {
      if (this.#runs.has(id)) continue;
      const run = new WatchedRun(this.root, id);
      this.#runs.set(id, run);
      this.#unread.add(run);
      this.#queue.add(run);
    }
    for (const [id, row] of planned) {
      if (there.has(id) || JSON.stringify(row) === JSON.stringify(this.#entries.get(id)?.row)) continue;
      this.#gone.delete(id);
      this.#entries.set(id, { row, version: ++this.version });
    }
  }

  /** Rows of the runs that launches have planned. */
  #planned(launches: readonly string[]): Map<string, RunRow> {
    const rows = new Map<string, RunRow>();
    for (const launch of launches) {
      const file = join(this.root, launch, 'launch.json');
      const stats = statsOf(file);
      const stamp = stampOf(stats);
      let plan = this.#plans.get(launch);
      if (plan?.stamp !== stamp) {
        plan = { stamp, changedAt: stats?.mtimeMs ?? 0, runs: plannedRuns(file) };
        this.#plans.set(launch, plan);
      }
      for (const planned of plan.runs) {
        const id = launch === '.' ? planned.name : `${launch}/${planned.name}`;
        if (!this.#runs.has(id)) rows.set(id, plannedRow(id, planned, join(this.root, id), plan.changedAt));
      }
    }
    return rows;
  }

  /** Reads the curves that were never read, those of running runs first. */
  async #warmUp(): Promise<void> {
    if (this.#warming) return;
    this.#warming = true;
    let toldAt = performance.now();
    const reader = async (): Promise<void> => {
      for (let run = this.#next(); run !== null && !this.#closed; run = this.#next()) {
        await this.#read(run);
        this.#unread.delete(run);
        this.#note(run);
        if (performance.now() - toldAt < this.#pollMs) continue;
        toldAt = performance.now();
        this.#tell();
      }
    };
    await Promise.all(Array.from({ length: READERS }, reader));
    this.#warming = false;
    this.#tell();
    this.#whenWarm();
  }

  /** Takes a run from the queue: one that goes on, or changed last. */
  #next(): WatchedRun | null {
    let first: WatchedRun | null = null;
    for (const run of this.#queue) {
      const [a, b] = [Number(run.running), Number(first?.running)];
      if (first === null || a > b || (a === b && run.row.changedAt > first.row.changedAt)) first = run;
    }
    if (first !== null) this.#queue.delete(first);
    return first;
  }
}
