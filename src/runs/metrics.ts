/**
 * A run's metrics as lines of JSON. `metrics.jsonl` holds only what does not depend on the clock, so that two runs of the same
 * configuration have the same bytes there; times and rates go to `timing.jsonl`. TensorBoard gets both.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { failure } from '../core/errors.js';
import { notWritable } from '../core/files.js';
import type { JsonObject } from '../core/json.js';
import { EventWriter } from './tensorboard.js';

/** Numbers by name; a value that is not finite (no episode has ended yet) becomes null in JSON. */
export interface MetricValues {
  readonly [name: string]: number;
}

/** What one iteration reports. */
export interface MetricsRow {
  readonly iteration: number;
  /** Environment steps so far. */
  readonly steps: number;
  /** What the run's configuration determines: returns, losses. Names as `charts/episodic_return`. */
  readonly metrics: MetricValues;
  /** What the clock says: seconds, steps/s. Names as `time/steps_per_second`. */
  readonly timing: MetricValues;
}

const NEWLINE = 0x0a;

/** Appends JSON objects to a file, one a line. A line torn by a crash is cut off when the file is opened again. */
export class JsonlWriter {
  readonly path: string;
  #descriptor: number | null;

  /** @throws `NOT_WRITABLE`. */
  constructor(path: string) {
    this.path = path;
    try {
      this.#descriptor = openSync(path, 'a+');
      const bytes = readFileSync(this.#descriptor);
      const whole = bytes.lastIndexOf(NEWLINE) + 1;
      if (whole < bytes.length) ftruncateSync(this.#descriptor, whole);
    } catch (cause) {
      throw notWritable(path, cause);
    }
  }

  /** Appends one line with a single write, which readers see whole or not at all. */
  write(record: { readonly [name: string]: unknown }): void {
    if (this.#descriptor === null) throw new Error(`internal: ${this.path} is closed`);
    const line = Buffer.from(`${JSON.stringify(record)}\n`, 'utf8');
    try {
      // A disk that fills up takes a part first and refuses the rest.
      for (let at = 0; at < line.length; ) at += writeSync(this.#descriptor, line, at);
    } catch (cause) {
      throw notWritable(this.path, cause);
    }
  }

  /** Waits until the lines are on the disk. */
  flush(): void {
    if (this.#descriptor !== null) fsyncSync(this.#descriptor);
  }

  /** Flushes and closes; a second call does nothing. */
  close(): void {
    if (this.#descriptor === null) return;
    this.flush();
    closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}

/**
 * Cuts off the lines after an iteration, which a resumed run writes again.
 * @returns how many lines are left, and the last of them.
 * @throws `METRICS_CORRUPT`, `NOT_WRITABLE`.
 */
export function cutJsonl(path: string, iteration: number): { lines: number; last: JsonObject | null } {
  if (!existsSync(path)) return { lines: 0, last: null };
  const kept = readJsonl(path).filter((record) => Number(record['iteration']) <= iteration);
  try {
    // Lines are in order, so what is kept is the file's beginning.
    const bytes = readFileSync(path);
    let end = 0;
    for (let k = 0; k < kept.length; k++) end = bytes.indexOf(NEWLINE, end) + 1;
    if (end < bytes.length) truncateSync(path, end);
  } catch (cause) {
    throw notWritable(path, cause);
  }
  return { lines: kept.length, last: kept.at(-1) ?? null };
}

/**
 * Reads the objects of a JSON-lines file. A last line without its newline is being written, or was torn by a crash: it is left out.
 *
 * @throws `METRICS_CORRUPT` with the line's number for a damaged line before the last; `METRICS_NOT_FOUND` without the file.
 */
export function readJsonl(path: string): JsonObject[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw failure('METRICS_NOT_FOUND', `Cannot read ${path}: the run wrote no metrics.`, { file: path }, cause);
  }
  const lines = text.split('\n');
  lines.pop();
  return lines.map((line, index) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = null;
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
    const where = `line ${index + 1}`;
    const message = `${path} is damaged at ${where}: expected a JSON object, got ${JSON.stringify(line.slice(0, 80))}.`;
    throw failure('METRICS_CORRUPT', message, { file: path, field: where });
  });
}

/** Writes a run's metrics to `metrics.jsonl`, `timing.jsonl` and a TensorBoard event file. */
export class MetricsRecorder {
  readonly #metrics: JsonlWriter;
  readonly #timing: JsonlWriter;
  readonly #events: EventWriter;

  /** @throws `NOT_WRITABLE`. */
  constructor(files: { readonly folder: string; readonly metricsFile: string; readonly timingFile: string }) {
    this.#metrics = new JsonlWriter(files.metricsFile);
    this.#timing = new JsonlWriter(files.timingFile);
    this.#events = new EventWriter(files.folder);
  }

  /** Records one iteration, after it is complete. */
  record({ iteration, steps, metrics, timing }: MetricsRow): void {
    this.#metrics.write({ iteration, steps, ...metrics });
    this.#timing.write({ iteration, steps, ...timing });
    this.#events.scalars(steps, { ...metrics, ...timing });
  }

  /** Waits until what was recorded is on the disk: before a checkpoint that counts on it. */
  flush(): void {
    this.#metrics.flush();
    this.#timing.flush();
    this.#events.flush();
  }

  /** Flushes and closes all files; a second call does nothing. */
  close(): void {
    this.#metrics.close();
    this.#timing.close();
    this.#events.close();
  }
}
