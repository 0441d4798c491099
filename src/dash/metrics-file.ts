/**
 * Follows a growing file of metrics: reads each byte once, and keeps the steps and the metrics that were asked for as columns of
 * float64, one number a line. Parsed objects of 500 runs of 10,000 lines would take gigabytes; a column of all takes 40 MB.
 */
import type { FileHandle } from 'node:fs/promises';
import { failure, GymkhanaError } from '../core/errors.js';
import { Column } from '../runs/report/column.js';
import { type ScannedLine, scanKey, scanNumber, scanSteps } from '../runs/report/scan-line.js';
import { openPlain, recordOf, statsOf } from './files.js';

/** Bytes read at once, and the longest line: an iteration's line has some hundred bytes. */
const CHUNK = 1 << 20;
/** Bytes before the place where reading goes on, by which another file of the same name is told. */
const GUARD = 256;

/** One metric, one number a line of the file; NaN where a line has none. */
interface Tracked {
  readonly name: string;
  readonly key: string;
  column: Column;
}

/** A metric over the lines read so far: what is added later changes nothing in it. */
export interface CurveView {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/** A file of metrics that is followed. Its calls may overlap; they are done one after the other. */
export class MetricsFile {
  readonly path: string;
  /** How often the file began anew: it was cut (a resume) or replaced. */
  generation = 0;
  /** Whole lines read. */
  lines = 0;
  /** Largest value of the metric `bestOf`; null before the first. */
  best: number | null = null;
  /** Why it is not read on; null while it is sound. */
  problem: GymkhanaError | null = null;
  readonly #bestOf: Tracked | null;
  #steps: Column | null = new Column();
  readonly #tracked = new Map<string, Tracked>();
  #lastStep = -1;
  #offset = 0;
  #inode = 0;
  #guard: Buffer = Buffer.alloc(0);
  #work: Promise<unknown> = Promise.resolve();

  /** @param bestOf the metric whose column is kept from the start, and whose best value is known. */
  constructor(path: string, bestOf: string | null = null) {
    this.path = path;
    this.#bestOf = bestOf === null ? null : track(bestOf);
    if (this.#bestOf !== null) this.#tracked.set(this.#bestOf.name, this.#bestOf);
  }

  /** Bytes of its columns. */
  get bytes(): number {
    let bytes = this.#steps?.bytes ?? 0;
    for (const { column } of this.#tracked.values()) bytes += column.bytes;
    return bytes;
  }

  /** Whether columns of it are kept. */
  get isTracked(): boolean {
    return this.#tracked.size > 0;
  }

  /** Reads what was added. Never throws: what is wrong with the file is `problem`. */
  advance(): Promise<void> {
    return this.#alone(async () => this.#noting(async (file) => await this.#advance(file)));
  }

  /** The metric over all lines; columns that are not there are read from the file first. */
  curve(name: string): Promise<CurveView> {
    return this.#alone(async () => {
      await this.#noting(async (file) => await this.#advance(file));
      if (this.#steps === null || !this.#tracked.has(name)) {
        await this.#noting(async (file) => await this.#fill(file, name));
      }
      return this.viewOf(name) ?? { steps: new Float64Array(0), values: new Float64Array(0) };
    });
  }

  /** The metric as far as it was read; null if its column is not there. */
  viewOf(name: string): CurveView | null {
    const column = this.#tracked.get(name)?.column;
    if (column === undefined || this.#steps === null) return null;
    return { steps: this.#steps.view().subarray(0, this.lines), values: column.view().subarray(0, this.lines) };
  }

  /** Forgets a column; the next `curve` reads it again. Without columns the steps go as well. */
  release(name: string): void {
    this.#tracked.delete(name);
    if (this.#tracked.size === 0) this.#steps = null;
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => {});
    return done;
  }

  async #noting(work: (file: FileHandle) => Promise<void>): Promise<void> {
    if (statsOf(this.path) === null) {
      if (this.lines > 0) this.#restart(0);
      this.problem = null;
      return;
    }
    let file: FileHandle | null = null;
    try {
      file = await openPlain(this.path);
      await work(file);
    } catch (error) {
      this.problem =
        error instanceof GymkhanaError
          ? error
          : failure('RUN_NOT_READABLE', `${this.path} cannot be read: ${String(error)}.`, { file: this.path }, error);
    } finally {
      await file?.close().catch(() => {});
    }
  }

  async #advance(file: FileHandle): Promise<void> {
    const { size, ino } = await file.stat();
    if (ino !== this.#inode || size < this.#offset || !(await this.#sameBefore(file))) this.#restart(ino);
    // A line that is damaged may have been mended; if not, that is found again at once.
    this.problem = null;
    if (size === this.#offset) return;
    const first = this.lines === 0;
    const steps = this.#steps;
    const tracked = [...this.#tracked.values()];
    const best = this.#bestOf;
    const scanned: ScannedLine = { steps: 0, value: 0 };
    await this.#scan(file, this.#offset, size, (line) => {
      const from = this.#stepsOf(line, scanned);
      const at = scanned.steps;
      for (const one of tracked) one.column.push(metricOf(line, from, one, scanned));
      if (best !== null) {
        const value = this.#tracked.get(best.name) === best ? best.column.last : metricOf(line, from, best, scanned);
        if (value > (this.best ?? Number.NEGATIVE_INFINITY)) this.best = value;
      }
      steps?.push(at);
      this.#lastStep = at;
      this.lines++;
    });
    if (first) for (const column of [steps, ...tracked.map((one) => one.column)]) column?.trim();
  }

  /** Reads one column, and the steps if they are not there, of the lines read so far. */
  async #fill(file: FileHandle, name: string): Promise<void> {
    const one = this.#tracked.get(name) ?? track(name);
    const fills = one.column.length === 0;
    const steps = this.#steps ?? new Column();
    const fillsSteps = steps.length === 0;
    const scanned: ScannedLine = { steps: 0, value: 0 };
    await this.#scan(
      file,
      0,
      this.#offset,
      (line) => {
        const from = scanSteps(line, 0, line.length, scanned);
        if (fillsSteps) steps.push(from >= 0 ? scanned.steps : Number(recordOf(fromLatin(line))?.['steps']));
        if (fills) one.column.push(metricOf(line, from, one, scanned));
      },
      false,
    );
    if (one.column.length !== this.lines || steps.length !== this.lines) {
      // It was cut while it was read; the next time it is read from its beginning.
      this.#inode = 0;
      return;
    }
    one.column.trim();
    this.#steps = steps;
    this.#tracked.set(name, one);
  }

  /** The steps of the next line into `scanned`. @returns where they end, -1 if the line had to be parsed. */
  #stepsOf(line: string, scanned: ScannedLine): number {
    const from = scanSteps(line, 0, line.length, scanned);
    if (from >= 0 && scanned.steps > this.#lastStep) return from;
    const at = recordOf(fromLatin(line))?.['steps'];
    if (typeof at === 'number' && Number.isSafeInteger(at) && at > this.#lastStep) {
      scanned.steps = at;
      return -1;
    }
    throw this.#corrupt(
      `expected a JSON object with steps above ${this.#lastStep}, got ${JSON.stringify(fromLatin(line).slice(0, 80))}`,
    );
  }

  #corrupt(what: string): GymkhanaError {
    const field = `line ${this.lines + 1}`;
    return failure('METRICS_CORRUPT', `${this.path} is damaged at ${field}: ${what}.`, { file: this.path, field });
  }

  #restart(inode: number): void {
    this.#inode = inode;
    this.#offset = 0;
    this.#guard = Buffer.alloc(0);
    this.#lastStep = -1;
    this.lines = 0;
    this.best = null;
    this.problem = null;
    this.generation++;
    if (this.#steps !== null) this.#steps = new Column();
    for (const one of this.#tracked.values()) one.column = new Column();
  }

  /** Whether the bytes before the place where reading goes on are still those: a resume cuts the file and may have passed that place. */
  async #sameBefore(file: FileHandle): Promise<boolean> {
    const length = this.#guard.length;
    if (length === 0) return true;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, this.#offset - length);
    return bytesRead === length && buffer.equals(this.#guard);
  }

  /** Visits the whole lines between two places of the file; with `moves`, reading goes on after them. */
  async #scan(file: FileHandle, from: number, to: number, visit: (line: string) => void, moves = true): Promise<void> {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, to - from));
    for (let at = from; at < to; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, to - at), at);
      if (bytesRead === 0) return;
      const text = buffer.toString('latin1', 0, bytesRead);
      let start = 0;
      try {
        for (let stop = text.indexOf('\n'); stop >= 0; stop = text.indexOf('\n', start)) {
          visit(text.slice(start, stop));
          start = stop + 1;
        }
      } finally {
        // Also up to a line that is damaged.
        if (moves && start > 0) {
          this.#offset = at + start;
          this.#guard = Buffer.from(buffer.subarray(Math.max(0, start - GUARD), start));
        }
      }
      if (start === 0 && bytesRead === CHUNK) throw this.#corrupt(`expected at most ${CHUNK} bytes, got more`);
      // What is left is the beginning of a line: read again with its end, or when there is one.
      if (start === 0) return;
      at += start;
    }
  }
}

const track = (name: string): Tracked => ({ name, key: scanKey(name), column: new Column() });

const fromLatin = (line: string): string => Buffer.from(line, 'latin1').toString('utf8');

/** A metric of a line: NaN if it has none, or no number. @param from where the steps end in a line of a run's own form; -1 for another. */
function metricOf(line: string, from: number, { name, key }: Tracked, scanned: ScannedLine): number {
  if (from >= 0) {
    if (scanNumber(line, from, line.length, key, scanned)) return scanned.value;
    const place = line.indexOf(key, from);
    if (place < 0 || line.startsWith('null', place + key.length)) return Number.NaN;
  }
  const record = recordOf(fromLatin(line));
  const value = record !== null && Object.hasOwn(record, name) ? record[name] : null;
  return typeof value === 'number' ? value : Number.NaN;
}
