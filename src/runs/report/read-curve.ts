/** Reads one metric of a run without keeping the rest: files may be long, and there may be hundreds. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { failure } from '../../core/errors.js';
import { didYouMean } from '../../core/kwargs.js';
import { Column } from './column.js';
import { type ScannedLine, scanKey, scanNumber, scanSteps } from './scan-line.js';

/** A metric over a run. */
export interface Curve {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/** Bytes read at once, and the longest line: an iteration's line has some hundred bytes. */
const CHUNK = 1 << 20;

/**
 * The steps and values of one metric in a run's `metrics.jsonl`. Lines without the metric, or with null for it, are passed over; so
 * is a last line without its end, which is being written or was torn by a crash.
 *
 * Lines as a run writes them are read up to the metric only (`scanNumber`), which is ten times as fast as parsing them; any other line
 * is parsed, and refused if it is damaged.
 *
 * @throws `METRICS_NOT_FOUND`, `METRICS_CORRUPT` with the line's number, `METRIC_NOT_FOUND` with the names that there are.
 */
export function readCurve(path: string, metric: string): Curve {
  const steps = new Column();
  const values = new Column();
  const names = new Set<string>();
  const key = scanKey(metric);
  const scanned: ScannedLine = { steps: 0, value: 0 };
  let last = -1;
  let found = false;
  forEachLine(path, (text, start, stop, line) => {
    const from = scanSteps(text, start, stop, scanned);
    if (from >= 0 && scanNumber(text, from, stop, key, scanned) && scanned.steps > last) {
      last = scanned.steps;
      found = true;
      steps.push(scanned.steps);
      values.push(scanned.value);
      return;
    }
    const record = parseLine(path, Buffer.from(text.slice(start, stop), 'latin1').toString('utf8'), line);
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

/**
 * Calls back with each complete line, as a stretch of a text with one character a byte. The buffer never grows: longer lines are none
 * of a run.
 */
function forEachLine(path: string, visit: (text: string, start: number, stop: number, line: number) => void): void {
  let descriptor: number;
  try {
    // Opening a pipe would wait for ever.
    if (!statSync(path).isFile()) throw new Error('it is not a plain file');
    descriptor = openSync(path, 'r');
  } catch (cause) {
    throw failure('METRICS_NOT_FOUND', `Cannot read ${path}: the run wrote no metrics.`, { file: path }, cause);
  }
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    let kept = 0;
    let line = 0;
    for (;;) {
      const read = readChunk(path, descriptor, buffer, kept);
      if (read === 0) return;
      const end = kept + read;
      const text = buffer.toString('latin1', 0, end);
      let start = 0;
      for (let stop = text.indexOf('\n'); stop >= 0; stop = text.indexOf('\n', start)) {
        visit(text, start, stop, ++line);
        start = stop + 1;
      }
      if (start === 0 && end === CHUNK) throw corrupt(path, line + 1, `at most ${CHUNK} bytes`, 'more');
      buffer.copyWithin(0, start, end);
      kept = end - start;
    }
  } finally {
    closeSync(descriptor);
  }
}

function readChunk(path: string, descriptor: number, buffer: Buffer, from: number): number {
  try {
    return readSync(descriptor, buffer, from, buffer.length - from, null);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure('METRICS_NOT_FOUND', `Cannot read ${path}: ${reason}.`, { file: path }, cause);
  }
}
