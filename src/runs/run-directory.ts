/**
 * A run's directory: everything that one training run leaves behind, written whole or not at all.
 *
 *     config.json         the resolved configuration: enough to run it again
 *     metrics.jsonl       one line an iteration; nothing in it depends on the clock
 *     timing.jsonl        one line an iteration: seconds, steps/s
 *     events.out.tfevents.*   both again, for TensorBoard
 *     checkpoints/        last (and previous, the one before), best and step-* as safetensors
 *     episodes/           recorded episodes
 *     summary.json        written last: the run is finished, or was stopped cleanly
 *     timing.json         the summary's seconds
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { failure, usageError } from '../core/errors.js';
import { notWritable, writeFileAtomicSync } from '../core/files.js';
import type { JsonObject } from '../core/json.js';
import type { EnvSpec } from '../core/spec.js';
import * as z from '../core/zod.js';
import { makeFolder } from './folders.js';
import { acquireRunLock, type RunLock } from './lock.js';
import { envSpecSchema, jsonObjectSchema } from './schemas.js';

/** What `config.json` holds. */
export interface RunConfig {
  readonly version: 1;
  /** Version of gymkhana that made the run, and what else identifies the engine. */
  readonly engine: JsonObject;
  readonly env: EnvSpec;
  /** `ppo`. */
  readonly algo: string;
  readonly seed: number;
  readonly workers: number;
  /** The learner that ran, not `auto`. */
  readonly backend: string;
  /** The algorithm's settings, presets and flags resolved. */
  readonly config: JsonObject;
  /** The network's description. */
  readonly network: JsonObject;
  /** Bundled modules of the user's env, so that the run works from another directory; empty for built-in envs. */
  readonly modules: JsonObject;
  /** Evaluation during training: every so many iterations (0 for never), over so many episodes. */
  readonly evaluation: { readonly every: number; readonly episodes: number };
  /** Mean return over the last 100 training episodes at which the run ends; null for none. */
  readonly targetReturn: number | null;
  /** Episodes that the run records while it trains, as `parseRecordChoice` reads them; null for none. */
  readonly record: {
    readonly episodes: string;
    readonly observations: boolean;
    readonly policyOutputs: boolean;
  } | null;
  /** Times that a resume gave the run more steps than it was made with: such a run has bytes of its own. */
  readonly extended: readonly { readonly steps: number; readonly from: number; readonly to: number }[];
}

/** The result of a run, without anything that depends on the clock. */
export interface RunSummaryFile {
  readonly status: 'finished' | 'stopped';
  readonly [name: string]: JsonObject[string];
}

const configSchema = z.object({
  version: z.literal(1, { error: 'expected 1: the run was made by another version of gymkhana' }),
  engine: jsonObjectSchema,
  env: envSpecSchema,
  algo: z.string().min(1),
  seed: z.number().int().nonnegative(),
  workers: z.number().int().positive(),
  backend: z.string().min(1),
  config: jsonObjectSchema,
  network: jsonObjectSchema,
  modules: jsonObjectSchema,
  // Runs of earlier releases have none of these.
  evaluation: z
    .object({ every: z.number().int().nonnegative(), episodes: z.number().int().positive() })
    .default({ every: 0, episodes: 20 }),
  targetReturn: z.number().nullable().default(null),
  record: z
    .object({ episodes: z.string(), observations: z.boolean(), policyOutputs: z.boolean().default(false) })
    .nullable()
    .default(null),
  extended: z.array(z.object({ steps: z.number(), from: z.number(), to: z.number() })).default([]),
}) satisfies z.ZodType<RunConfig>;

const EVENTS = /^events\.out\.tfevents\./;
const OWN = ['config.json', 'metrics.jsonl', 'timing.jsonl', 'checkpoints', 'episodes', 'summary.json', 'timing.json'];
/** What `writeFileAtomic` names a file before it is whole. */
const TEMPORARY = /^\..+\.tmp$/;
const PREVIOUS = /^previous-(\d+)$/;

/** True for the names that a run writes; anything else in the directory is the user's. */
function isOwn(name: string): boolean {
  return OWN.includes(name) || EVENTS.test(name);
}

/** Names in a folder that a run could meet there; its own lock and what it moved aside do not count. */
function contentsOf(path: string): string[] {
  return readdirSync(path).filter((name) => name !== '.lock' && !PREVIOUS.test(name) && !name.endsWith('.tmp'));
}

/** Moves the files of a run that was never finished into `previous-N`, so that nothing is lost, and returns that name. */
function moveAside(path: string, names: readonly string[]): string {
  const used = readdirSync(path).map((name) => Number(PREVIOUS.exec(name)?.[1] ?? 0));
  const name = `previous-${Math.max(0, ...used) + 1}`;
  mkdirSync(join(path, name));
  for (const entry of names) renameSync(join(path, entry), join(path, name, entry));
  return name;
}

/** Reads a JSON file; `undefined` if it is not there. */
function readJsonFile(path: string, code: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (!existsSync(path)) return undefined;
    throw failure(code, `Cannot read ${path}.`, { file: path }, cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw failure(
      code,
      `${path} is not JSON: ${cause instanceof Error ? cause.message : cause}.`,
      { file: path },
      cause,
    );
  }
}

function pathIsFile(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Where a run's files are; made by `RunDirectory.create` for a new run and `RunDirectory.open` for one to read. */
export class RunDirectory {
  /** Absolute path. */
  readonly path: string;
  #config: RunConfig;
  readonly #lock: RunLock | null;

  private constructor(path: string, config: RunConfig, lock: RunLock | null) {
    this.path = path;
    this.#config = config;
    this.#lock = lock;
  }

  get config(): RunConfig {
    return this.#config;
  }

  get metricsFile(): string {
    return join(this.path, 'metrics.jsonl');
  }

  get timingFile(): string {
    return join(this.path, 'timing.jsonl');
  }

  get checkpointsFolder(): string {
    return join(this.path, 'checkpoints');
  }

  get episodesFolder(): string {
    return join(this.path, 'episodes');
  }

  /**
   * Makes the directory, owns it until `close()`, and writes `config.json`.
   *
   * A run that was killed leaves no summary: its files are moved into `previous-N`. A finished run is only replaced with
   * `overwrite`, and files that are not a run's are never touched.
   *
   * @param options.onNotice told, in a sentence, of a dead owner's lock and of files that were moved.
   * @throws `RUN_DIR_TAKEN`, `RUN_DIR_NOT_EMPTY`, `RUN_DIR_IS_FILE`, `NOT_WRITABLE`.
   */
  static async create(
    path: string,
    config: RunConfig,
    options: { readonly overwrite?: boolean; readonly onNotice?: (text: string) => void } = {},
  ): Promise<RunDirectory> {
    const { overwrite = false, onNotice = () => {} } = options;
    const folder = resolve(path);
    if (pathIsFile(folder)) {
      const message = `${folder} is a file; a run needs a directory. Choose another --run-dir.`;
      throw usageError('RUN_DIR_IS_FILE', message, { file: folder, expected: 'a directory', got: 'a file' });
    }
    makeFolder(folder);
    const lock = await lockOf(folder, onNotice);
    try {
      makeRoom(folder, overwrite, onNotice);
      writeConfig(folder, config);
      makeFolder(join(folder, 'checkpoints'));
      makeFolder(join(folder, 'episodes'));
    } catch (error) {
      lock.release();
      throw error;
    }
    return new RunDirectory(folder, config, lock);
  }

  /**
   * Owns the directory of a run again, to go on with it. Files that a killed process left half-written are removed.
   *
   * @throws `RUN_NOT_FOUND`, `RUN_DIR_TAKEN`, `CONFIG_CORRUPT`, `NOT_WRITABLE`.
   */
  static async reopen(path: string, onNotice: (text: string) => void = () => {}): Promise<RunDirectory> {
    const { path: folder } = RunDirectory.open(path);
    const lock = await lockOf(folder, onNotice);
    try {
      const { config } = RunDirectory.open(folder);
      for (const place of [folder, join(folder, 'checkpoints'), join(folder, 'episodes')]) {
        makeFolder(place);
        for (const name of readdirSync(place)) if (TEMPORARY.test(name)) rmSync(join(place, name), { force: true });
      }
      return new RunDirectory(folder, config, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Replaces `config.json`. */
  rewriteConfig(config: RunConfig): void {
    writeConfig(this.path, config);
    this.#config = config;
  }

  /** The run is going on: it has no summary any more. */
  removeSummary(): void {
    for (const name of ['summary.json', 'timing.json']) rmSync(join(this.path, name), { force: true });
  }

  /**
   * Nothing is written into a directory that somebody removed or replaced while the run was going.
   * @throws `RUN_DIR_REMOVED`
   */
  assertThere(): void {
    if (existsSync(join(this.path, 'config.json'))) return;
    throw failure(
      'RUN_DIR_REMOVED',
      `${this.path} was removed, or its config.json, while the run was going. Nothing more is written there; start the run again.`,
      { file: this.path, expected: 'the directory of this run', got: 'no config.json' },
    );
  }

  /**
   * Opens a run to read it; a run that is still going may be read too.
   *
   * @throws `RUN_NOT_FOUND`, `CONFIG_CORRUPT`.
   */
  static open(path: string): RunDirectory {
    const folder = resolve(path);
    const file = join(folder, 'config.json');
    const json = readJsonFile(file, 'CONFIG_CORRUPT');
    if (json === undefined) throw runNotFound(folder);
    const parsed = configSchema.safeParse(json);
    if (!parsed.success) {
      const problem = z.prettifyError(parsed.error).replace(/\s*\n\s*/g, ' ');
      throw failure('CONFIG_CORRUPT', `${file} is not the configuration of a run: ${problem}.`, { file, got: problem });
    }
    return new RunDirectory(folder, parsed.data, null);
  }

  /** Marks the run as complete: `timing.json` first, then `summary.json`, without which a run counts as killed. */
  writeSummary(summary: RunSummaryFile, timing: JsonObject): void {
    writeFileAtomicSync(join(this.path, 'timing.json'), `${JSON.stringify(timing, null, 2)}\n`);
    writeFileAtomicSync(join(this.path, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  }

  /**
   * The run's summary; null while it is running and after it was killed.
   *
   * @throws `SUMMARY_CORRUPT`.
   */
  readSummary(): RunSummaryFile | null {
    const file = join(this.path, 'summary.json');
    const json = readJsonFile(file, 'SUMMARY_CORRUPT');
    if (json === undefined) return null;
    const parsed = jsonObjectSchema.safeParse(json);
    const status = parsed.success ? parsed.data['status'] : undefined;
    if (!parsed.success || (status !== 'finished' && status !== 'stopped')) {
      throw failure('SUMMARY_CORRUPT', `${file} is not the summary of a run.`, { file });
    }
    return { ...parsed.data, status };
  }

  /** Gives the directory back; a second call does nothing. */
  close(): void {
    this.#lock?.release();
  }
}

async function lockOf(folder: string, onNotice: (text: string) => void): Promise<RunLock> {
  return await acquireRunLock(folder, ({ pid }) =>
    onNotice(`${folder} was locked by process ${pid}, which has ended; the lock is taken over.`),
  );
}

function writeConfig(folder: string, config: RunConfig): void {
  writeFileAtomicSync(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
}

function makeRoom(folder: string, overwrite: boolean, onNotice: (text: string) => void): void {
  const names = contentsOf(folder);
  const own = names.filter(isOwn);
  if (names.length === 0) return;
  const isRun = names.includes('config.json');
  const finished = names.includes('summary.json');
  if (!overwrite && (!isRun || finished)) {
    const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ', ...' : '');
    const got = isRun ? 'a finished run' : `other files (${shown})`;
    const message = `${folder} already holds ${got}. Choose another --run-dir, or remove it first.`;
    throw usageError('RUN_DIR_NOT_EMPTY', message, { file: folder, expected: 'an empty or new directory', got });
  }
  try {
    if (overwrite) {
      for (const name of own) rmSync(join(folder, name), { recursive: true, force: true });
    } else {
      const name = moveAside(folder, own);
      onNotice(`${folder} held a run that never finished; its files are now in ${join(basename(folder), name)}.`);
    }
  } catch (cause) {
    throw notWritable(folder, cause);
  }
}

function runNotFound(folder: string): Error {
  const exists = existsSync(folder);
  const candidates =
    exists && !pathIsFile(folder)
      ? readdirSync(folder).filter((name) => existsSync(join(folder, name, 'config.json')) && !PREVIOUS.test(name))
      : [];
  const hint =
    candidates.length > 0
      ? `It holds runs: ${candidates
          .slice(-5)
          .map((name) => join(folder, name))
          .join(', ')}.`
      : 'Give the directory that `gymkhana train` printed as runDir.';
  const problem = exists ? 'is not a run: it has no config.json' : 'does not exist';
  return usageError('RUN_NOT_FOUND', `${folder} ${problem}. ${hint}`, {
    file: folder,
    expected: 'a run directory',
    hint,
  });
}
