/** Reads one metric of a run without keeping the rest: files may be long, and there may be hundreds. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { failure } from '../../core/errors.js';
import { didYouMean } from '../../core/kwargs.js';

/** A metric over a run. */
export interface Curve {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

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
 * Lines as a run writes them are read up to the metric only (`scanLine`), which is ten times as fast as parsing them; any other line
 * is parsed, and refused if it is damaged.
 *
 * @throws `METRICS_NOT_FOUND`, `METRICS_CORRUPT` with the line's number, `METRIC_NOT_FOUND` with the names that there are.
 */
export function readCurve(path: string, metric: string): Curve {
  const steps = new Column();
  const values = new Column();
  const names = new Set<string>();
  // The text has one character a byte.
  const key = Buffer.from(`,${JSON.stringify(metric)}:`, 'utf8').toString('latin1');
  const scanned: ScannedLine = { steps: 0, value: 0 };
  let last = -1;
  let found = false;
  forEachLine(path, (text, start, stop, line) => {
    if (scanLine(text, start, stop, key, scanned) && scanned.steps > last) {
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

/** What `scanLine` finds. */
interface ScannedLine {
  steps: number;
  value: number;
}

const HEAD = '{"iteration":';
const STEPS = ',"steps":';
const [ZERO, NINE, COMMA, CLOSE] = [0x30, 0x39, 0x2c, 0x7d];
/** Digits that a number below 2^53 surely has at most. */
const DIGITS = 15;

/** Where the digits that begin at `at` end. */
function digitsEnd(text: string, at: number): number {
  let end = at;
  while (text.charCodeAt(end) >= ZERO && text.charCodeAt(end) <= NINE) end++;
  return end;
}

/** Whether a character can be in a number: `+ - . e E` and digits. */
function isNumeric(code: number): boolean {
  return (
    (code >= ZERO && code <= NINE) || code === 0x2e || code === 0x2d || code === 0x65 || code === 0x2b || code === 0x45
  );
}

/**
 * Reads `{"iteration":1,"steps":2048,...,"<metric>":1.5,...}` up to the metric.
 * @returns whether the line has this form, one object alone: two that a crash has joined have a second brace.
 */
function scanLine(text: string, start: number, stop: number, key: string, found: ScannedLine): boolean {
  if (!text.startsWith(HEAD, start) || text.charCodeAt(stop - 1) !== CLOSE) return false;
  const second = text.indexOf('{', start + 1);
  if (second >= 0 && second < stop) return false;
  const afterIteration = digitsEnd(text, start + HEAD.length);
  if (!text.startsWith(STEPS, afterIteration)) return false;
  const from = afterIteration + STEPS.length;
  const to = digitsEnd(text, from);
  if (to === from || to - from > DIGITS) return false;
  const place = text.indexOf(key, to);
  if (place < 0 || place >= stop) return false;
  const first = place + key.length;
  let end = first;
  while (isNumeric(text.charCodeAt(end))) end++;
  const closed = text.charCodeAt(end) === COMMA || text.charCodeAt(end) === CLOSE;
  if (!closed || !(text.charCodeAt(end - 1) >= ZERO && text.charCodeAt(end - 1) <= NINE)) return false;
  found.steps = Number(text.slice(from, to));
  found.value = Number(text.slice(first, end));
  return Number.isFinite(found.value);
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
