/**
 * Runs a launch on this machine: each run is a process of its own in a directory of its own, so that one that fails disturbs no other.
 *
 *     <run dir>/launch.json           what is launched; written before the first run starts
 *     <run dir>/<name of the run>/    a run directory like any other
 *     <run dir>/logs/<name>.log       what the run's processes printed
 *
 * Which runs are done is read from the runs' own directories, so there is no second account of it that a killed launch could leave behind.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { GymkhanaError, usageError } from '../../core/errors.js';
import { writeFileAtomicSync } from '../../core/files.js';
import { plainJson } from '../../core/json.js';
import { makeFolder } from '../folders.js';
import { acquireRunLock } from '../lock.js';
import { RunDirectory } from '../run-directory.js';
import { pause } from './pause.js';
import { type LaunchPlan, type PlannedRun, specOf } from './plan.js';
import type { RunFailure, RunProgress } from './protocol.js';
import { type RunOutcome, type RunProcess, startRun } from './run-process.js';

/** Where a run of a launch stands, in a word. */
export type LaunchedStatus = 'waiting' | 'running' | 'finished' | 'stopped' | 'failed' | 'cancelled';

/** Where one run of a launch stands. */
export interface LaunchedRun extends RunProgress {
  readonly run: PlannedRun;
  readonly runDir: string;
  readonly logFile: string;
  readonly status: LaunchedStatus;
  /** Times that it was started by this launch; 0 for a run that was done before. */
  readonly attempts: number;
  /** Why the last attempt failed; null if it did not. */
  readonly failure: RunFailure | null;
}

/** How a launch ended. */
export interface LaunchResult {
  readonly runDir: string;
  readonly name: string;
  readonly finished: number;
  readonly failed: number;
  /** Stopped, cancelled, or never started. */
  readonly unfinished: number;
  readonly seconds: number;
  readonly runs: readonly LaunchedRun[];
}

/** How a launch is run; nothing of it changes results. */
export interface LaunchOptions {
  /** Folder of the runs. */
  readonly runDir: string;
  /** Runs at a time; by default as many as fit the cores. */
  readonly parallel?: number;
  /** Worker threads of each run; by default 1, or with `parallel` the cores that it leaves each run. */
  readonly workers?: number;
  /** Times that a run which failed is gone on with from its checkpoint; the file's by default. */
  readonly retries?: number;
  /** Go on with a launch that is there already. */
  readonly resume?: boolean;
  /** Only the runs with these places in the plan: a share of the launch, while other machines do others. */
  readonly only?: readonly number[];
  /** Stops all runs, with checkpoints. */
  readonly signal?: AbortSignal;
  /** Ends their processes at once. */
  readonly killSignal?: AbortSignal;
  readonly onChange?: (runs: readonly LaunchedRun[]) => void;
  readonly onNotice?: (text: string) => void;
}

/** How many runs at a time, and how many threads each. */
export interface Share {
  readonly parallel: number;
  readonly workers: number;
}

/** Fits runs to cores. */
export function shareOf(
  given: { readonly parallel?: number | undefined; readonly workers?: number | undefined },
  runs: number,
): Share {
  const cores = availableParallelism();
  const workers = given.workers ?? (given.parallel === undefined ? 1 : Math.max(1, Math.floor(cores / given.parallel)));
  const parallel = given.parallel ?? Math.max(1, Math.floor(cores / workers));
  return { parallel: Math.max(1, Math.min(parallel, runs)), workers };
}

/** Another process that still holds a run's directory, such as an orphan that is stopping, is waited for so long. */
const TAKEN_TRIES = 60;
const TAKEN_MS = 500;
/** Before a failed run is tried again. */
const RETRY_MS = 1000;

/**
 * Runs everything that is not done. A run that fails is gone on with from its checkpoint, `retries` times; the others do not notice.
 * @throws `LAUNCH_EXISTS` without `resume`, `RUN_DIR_TAKEN` while another process launches there, `NOT_WRITABLE`, `LAUNCH_INVALID`.
 */
export async function launch(plan: LaunchPlan, options: LaunchOptions): Promise<LaunchResult> {
  const { onNotice = () => {}, signal, killSignal } = options;
  const started = performance.now();
  const runDir = resolve(plan.cwd, options.runDir);
  const retries = options.retries ?? plan.file.retries;
  checkShare({ retries, parallel: options.parallel ?? 1, workers: options.workers ?? 1 });
  const { parallel, workers } = shareOf(options, plan.runs.length);
  const chosen = chooseRuns(plan, options.only);
  const alone = options.only === undefined;
  if (alone && options.resume !== true && existsSync(join(runDir, 'launch.json'))) {
    throw usageError(
      'LAUNCH_EXISTS',
      `${runDir} holds a launch already. Add --resume to go on with it (what is finished is kept), or choose another --run-dir.`,
      { file: runDir, expected: 'a new folder, or --resume', got: 'a launch' },
    );
  }
  makeFolder(join(runDir, 'logs'));
  // A share of a launch runs beside others of its kind; there each run's own lock must do.
  const lock = alone ? await acquireRunLock(runDir) : null;
  try {
    if (alone || !existsSync(join(runDir, 'launch.json'))) writePlan(runDir, plan);
    const launched = new Launched(
      chosen.map((run) => initial(run, runDir)),
      options.onChange,
    );
    const processes = new Set<RunProcess>();
    const stopAll = (): void => {
      for (const each of processes) each.stop();
    };
    const killAll = (): void => {
      for (const each of processes) each.kill();
    };
    signal?.addEventListener('abort', stopAll);
    killSignal?.addEventListener('abort', killAll);
    if (workers * parallel > availableParallelism()) {
      onNotice(
        `${parallel} runs of ${workers} threads are more than the ${availableParallelism()} cores: they share them.`,
      );
    }
    const waiting = launched.indices('waiting');
    const next = async (): Promise<void> => {
      for (let i = waiting.shift(); i !== undefined; i = waiting.shift()) {
        if (signal?.aborted) return;
        await attend(launched, i, { workers, retries, cwd: plan.cwd, processes, signal, onNotice });
      }
    };
    try {
      await Promise.all(Array.from({ length: parallel }, next));
    } finally {
      signal?.removeEventListener('abort', stopAll);
      killSignal?.removeEventListener('abort', killAll);
    }
    const count = (...statuses: LaunchedStatus[]): number =>
      launched.runs.filter(({ status }) => statuses.includes(status)).length;
    return {
      runDir,
      name: plan.name,
      finished: count('finished'),
      failed: count('failed'),
      unfinished: count('waiting', 'stopped', 'cancelled'),
      seconds: (performance.now() - started) / 1000,
      runs: launched.runs,
    };
  } finally {
    lock?.release();
  }
}

interface Attention {
  readonly workers: number;
  readonly retries: number;
  readonly cwd: string;
  readonly processes: Set<RunProcess>;
  readonly signal: AbortSignal | undefined;
  readonly onNotice: (text: string) => void;
}

/** One run, from its first attempt to its end. */
async function attend(launched: Launched, i: number, attention: Attention): Promise<void> {
  const { workers, retries, cwd, processes, signal, onNotice } = attention;
  const { run, runDir, logFile } = launched.runs[i]!;
  let taken = 0;
  for (let attempt = 1; ; ) {
    launched.change(i, { status: 'running', attempts: attempt });
    const outcome = await attempted(async () => {
      const spec = await specOf(run, cwd);
      const child = startRun({ run, spec, runDir, cwd, workers }, logFile, {
        onProgress: (progress) => launched.change(i, progress),
        onNotice: (text) => onNotice(`${run.name}: ${text}`),
      });
      processes.add(child);
      if (signal?.aborted) child.stop();
      return await child.outcome.finally(() => processes.delete(child));
    });
    if ('end' in outcome) {
      const { status, steps, meanReturn, stepsPerSecond } = outcome.end;
      return launched.change(i, { status, steps, meanReturn, stepsPerSecond, failure: null });
    }
    const { failure } = outcome;
    if (failure.code === 'RUN_DIR_TAKEN' && taken < TAKEN_TRIES && signal?.aborted !== true) {
      taken++;
      await pause(TAKEN_MS, signal);
      continue;
    }
    // What the caller got wrong stays wrong.
    const lasting = failure.kind === 'usage' || attempt > retries;
    if (signal?.aborted) return launched.change(i, { status: 'stopped', failure });
    if (lasting) return launched.change(i, { status: 'failed', failure });
    launched.change(i, { status: 'waiting', failure });
    onNotice(
      `${run.name} failed (${failure.code}); it is gone on with from its checkpoint (${attempt} of ${retries} retries).`,
    );
    await pause(RETRY_MS, signal);
    if (signal?.aborted) return launched.change(i, { status: 'stopped' });
    attempt++;
  }
}

/** What keeps a run from starting is its failure as well. */
async function attempted(start: () => Promise<RunOutcome>): Promise<RunOutcome> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof GymkhanaError)) throw error;
    const { code, message, kind } = error;
    return { failure: { code, message, kind } };
  }
}

/** The states of a launch's runs. */
class Launched {
  readonly #runs: LaunchedRun[];
  readonly #onChange: ((runs: readonly LaunchedRun[]) => void) | undefined;

  constructor(runs: LaunchedRun[], onChange: ((runs: readonly LaunchedRun[]) => void) | undefined) {
    this.#runs = runs;
    this.#onChange = onChange;
    onChange?.(runs);
  }

  get runs(): readonly LaunchedRun[] {
    return this.#runs;
  }

  indices(status: LaunchedStatus): number[] {
    return this.#runs.flatMap((run, i) => (run.status === status ? [i] : []));
  }

  change(i: number, change: Partial<LaunchedRun>): void {
    this.#runs[i] = { ...this.#runs[i]!, ...change };
    this.#onChange?.(this.#runs);
  }
}

/** A run as its directory shows it before this launch touches it. */
export function initial(run: PlannedRun, launchDir: string): LaunchedRun {
  const runDir = join(launchDir, run.name);
  const state = { run, runDir, logFile: join(launchDir, 'logs', `${run.name}.log`), attempts: 0, failure: null };
  const fresh = { steps: 0, totalSteps: run.totalSteps, stepsPerSecond: 0, meanReturn: null };
  try {
    if (!existsSync(join(runDir, 'config.json'))) return { ...state, ...fresh, status: 'waiting' };
    const summary = RunDirectory.open(runDir).readSummary();
    if (summary?.status !== 'finished') return { ...state, ...fresh, status: 'waiting' };
    const { steps, meanReturn } = summary;
    return {
      ...state,
      ...fresh,
      status: 'finished',
      steps: typeof steps === 'number' ? steps : run.totalSteps,
      meanReturn: typeof meanReturn === 'number' ? meanReturn : null,
    };
  } catch (error) {
    if (!(error instanceof GymkhanaError)) throw error;
    // Its files are not those of a run any more. Nothing is repaired behind the user's back, and the other runs go on.
    const { code, message, kind } = error;
    return { ...state, ...fresh, status: 'failed', failure: { code, message, kind } };
  }
}

/** Writes a plan where its runs will be, so that `--resume` finds it; the folder is made. @throws `NOT_WRITABLE` */
export function writePlan(runDir: string, { name, file, cwd, runs }: LaunchPlan): void {
  makeFolder(join(runDir, 'logs'));
  const text = JSON.stringify({ version: 1, name, cwd, launch: plainJson(file), runs }, null, 1);
  writeFileAtomicSync(join(runDir, 'launch.json'), `${text}\n`);
}

function chooseRuns({ runs }: LaunchPlan, only: readonly number[] | undefined): readonly PlannedRun[] {
  if (only === undefined) return runs;
  return only.map((index) => {
    const run = Number.isSafeInteger(index) ? runs[index] : undefined;
    if (run !== undefined) return run;
    throw usageError('LAUNCH_INVALID', `this launch has the runs 0 to ${runs.length - 1}, got --only ${index}.`, {
      field: 'only',
      expected: `0 to ${runs.length - 1}`,
      got: String(index),
    });
  });
}

function checkShare(share: { readonly [name: string]: number }): void {
  for (const [name, value] of Object.entries(share)) {
    const least = name === 'retries' ? 0 : 1;
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw usageError('INVALID_OPTION', `${name} must be a whole number from ${least}, got ${value}.`, {
      field: name,
      expected: `a whole number from ${least}`,
      got: String(value),
    });
  }
}
