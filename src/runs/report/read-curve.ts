/** Reads one metric of a run without keeping the rest: files may be long, and there may be hundreds. */
import { closeSync, openSync, readSync } from 'node:fs';
import { failure } from '../../core/errors.js';
import { didYouMean } from '../../core/kwargs.js';

/** A metric over a run. */
export interface Curve {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

const NEWLINE = 0x0a;
/** Bytes read at once, and the longest line: an iteration's line has some hundred bytes. */
const CHUNK = 1 << 20;

/** Numbers that are added one by one. */
class Column {
  #data = new Float64Array(256);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#data.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[this.#length++] = value;
  }

  done(): Float64Array {
    return this.#data.slice(0, this.#length);
  }
}

/**
 * The steps and values of one metric in a run's `metrics.jsonl`. Lines without the metric, or with null for it, are passed over; so
 * is a last line without its end, which is being written or was torn by a crash.
 *
 * @throws `METRICS_NOT_FOUND`, `METRICS_CORRUPT` with the line's number, `METRIC_NOT_FOUND` with the names that there are.
 */
export function readCurve(path: string, metric: string): Curve {
  const steps = new Column();
  const values = new Column();
  const names = new Set<string>();
  let last = -1;
  let found = false;
  forEachLine(path, (text, line) => {
    const record = parseLine(path, text, line);
    const at = record['steps'];
    if (typeof at !== 'number' || !Number.isSafeInteger(at) || at <= last) {
      throw corrupt(path, line, `steps as a whole number above ${last}`, JSON.stringify(at));
    }
    last = at;
    if (!Object.hasOwn(record, metric)) {
      if (!found) for (const name of Object.keys(record)) names.add(name);
      return;
    }
    found = true;
    const value = record[metric];
    if (value === null) return;
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw corrupt(path, line, `${JSON.stringify(metric)} as a finite number or null`, JSON.stringify(value));
    }
    steps.push(at);
    values.push(value);
  });
  if (!found) throw metricNotFound(path, metric, names);
  return { steps: steps.done(), values: values.done() };
}

function parseLine(path: string, text: string, line: number): { readonly [name: string]: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw corrupt(path, line, 'a JSON object', JSON.stringify(text.slice(0, 80)));
}

function corrupt(path: string, line: number, expected: string, got: string | undefined): Error {
  const where = `line ${line}`;
  const message = `${path} is damaged at ${where}: expected ${expected}, got ${got ?? 'none'}.`;
  return failure('METRICS_CORRUPT', message, { file: path, field: where });
}

function metricNotFound(path: string, metric: string, names: ReadonlySet<string>): Error {
  const known = [...names].filter((name) => name !== 'iteration' && name !== 'steps');
  const shown = known.slice(0, 12).join(', ') + (known.length > 12 ? ', ...' : '');
  const hint = known.length === 0 ? 'It has no metrics yet.' : `${didYouMean(metric, known)} It has ${shown}.`.trim();
  return failure('METRIC_NOT_FOUND', `${path} has no metric ${JSON.stringify(metric)}. ${hint}`, {
    file: path,
    field: metric,
    hint,
  });
}

/** Calls back with each complete line, in a buffer that never grows. */
function forEachLine(path: string, visit: (text: string, line: number) => void): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    throw failure('METRICS_NOT_FOUND', `Cannot read ${path}: the run wrote no metrics.`, { file: path }, cause);
  }
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    let kept = 0;
    let line = 0;
    for (;;) {
      const read = readSync(descriptor, buffer, kept, CHUNK - kept, null);
      if (read === 0) return;
      const end = kept + read;
      let start = 0;
      for (;;) {
        const stop = buffer.subarray(0, end).indexOf(NEWLINE, start);
        if (stop < 0) break;
        visit(buffer.toString('utf8', start, stop), ++line);
        start = stop + 1;
      }
      if (start === 0 && end === CHUNK) throw corrupt(path, line + 1, `at most ${CHUNK} bytes`, 'more');
      buffer.copyWithin(0, start, end);
      kept = end - start;
    }
  } catch (error) {
    if (error instanceof Error && 'errno' in error) {
      throw failure('METRICS_NOT_FOUND', `Cannot read ${path}: ${error.message}.`, { file: path }, error);
    }
    throw error;
  } finally {
    closeSync(descriptor);
  }
}
