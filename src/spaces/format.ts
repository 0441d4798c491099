/**
 * Numbers as numpy prints them, so that a space's text equals Gymnasium's `repr`: shortest digits that read back, at most
 * eight after the point in arrays, columns aligned, lines of 75 characters, long arrays shortened.
 */
import { isFloat } from './arrays.js';
import type { DType } from './space.js';

const LINE_WIDTH = 75;
const PRECISION = 8;
const THRESHOLD = 1000;
const EDGE_ITEMS = 3;

/** Digits and decimal exponent of the shortest text that reads back to `value` in the dtype, as `d.ddde+x`. */
function shortestExponential(value: number, dtype: DType): string {
  if (dtype !== 'float32') return value.toExponential();
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toExponential();
}

/** Python's exponent has a sign and at least two digits. */
function pythonExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function positional(exponential: string): string {
  const [mantissa, exponent] = exponential.split('e') as [string, string];
  const negative = mantissa.startsWith('-');
  const digits = mantissa.replace(/[-.]/g, '');
  const point = 1 + Number(exponent);
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const split = Math.max(point, 1);
  return `${negative ? '-' : ''}${padded.slice(0, split)}.${padded.slice(split)}`;
}

/** One number as `str(numpy.float32(value))` has it. */
export function formatScalar(value: number, dtype: DType): string {
  if (!isFloat(dtype)) return String(value);
  if (!Number.isFinite(value)) return infinite(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const exponential = shortestExponential(value, dtype);
  const size = Math.abs(value);
  if (size >= 1e16 || size < 1e-4) return pythonExponent(exponential);
  const text = positional(exponential);
  return text.endsWith('.') ? `${text}0` : text;
}

function infinite(value: number): string {
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

/** Splits a positional number, at most eight digits after the point, at the point. */
function positionalParts(value: number, dtype: DType): [string, string] {
  if (value === 0) return [Object.is(value, -0) ? '-0' : '0', ''];
  let text = positional(shortestExponential(value, dtype));
  if (text.length - text.indexOf('.') - 1 > PRECISION) text = value.toFixed(PRECISION).replace(/0+$/, '');
  return text.split('.') as [string, string];
}

function exponentialParts(value: number, dtype: DType, minDigits = 0): [string, string, string] {
  let text = shortestExponential(value, dtype);
  const mantissa = text.slice(0, text.indexOf('e'));
  if (mantissa.replace('-', '').length - 2 > PRECISION) text = value.toExponential(PRECISION).replace(/0+e/, 'e');
  if (text.replace(/e.*|[-.]/g, '').length - 1 < minDigits) text = value.toExponential(minDigits);
  const [digits, exponent] = pythonExponent(text).split('e') as [string, string];
  const [whole, fraction = ''] = digits.split('.') as [string, string?];
  return [whole, fraction, exponent];
}

type Formatter = (value: number) => string;

function floatFormatter(values: readonly number[], dtype: DType): Formatter {
  const finite = values.filter((value) => Number.isFinite(value));
  const sizes = finite.filter((value) => value !== 0).map(Math.abs);
  const max = sizes.reduce((a, b) => Math.max(a, b), 0);
  const min = sizes.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const cutoff = dtype === 'float32' ? 1e6 : 1e8;
  const exponential = sizes.length > 0 && (max >= cutoff || min < 0.0001 || max / min > 1000);
  let left = 0;
  let right = 0;
  let fractionDigits = 0;
  let exponentDigits = 0;
  if (exponential) {
    const parts = finite.map((value) => exponentialParts(value, dtype));
    left = Math.max(...parts.map(([whole]) => whole.length));
    fractionDigits = Math.max(...parts.map(([, fraction]) => fraction.length));
    exponentDigits = Math.max(...parts.map(([, , exponent]) => exponent.length)) - 1;
    right = exponentDigits + 2 + fractionDigits;
  } else if (finite.length > 0) {
    const parts = finite.map((value) => positionalParts(value, dtype));
    left = Math.max(...parts.map(([whole]) => whole.length));
    right = Math.max(...parts.map(([, fraction]) => fraction.length));
  }
  if (finite.length < values.length) {
    const negative = values.some((value) => value === Number.NEGATIVE_INFINITY) ? 1 : 0;
    left = Math.max(left, 3 + negative - right - 1);
  }
  return (value) => {
    if (!Number.isFinite(value)) return infinite(value).padStart(left + right + 1);
    if (!exponential) {
      const [whole, fraction] = positionalParts(value, dtype);
      return `${whole.padStart(left)}.${fraction.padEnd(right)}`;
    }
    // Padding shows the number's own further digits, not zeros.
    const [whole, fraction, exponent] = exponentialParts(value, dtype, fractionDigits);
    const power = exponent[0] + exponent.slice(1).padStart(exponentDigits, '0');
    return `${whole.padStart(left)}.${fraction.padEnd(fractionDigits, '0')}e${power}`;
  };
}

function integerFormatter(values: readonly number[]): Formatter {
  const width = Math.max(0, ...values.map((value) => String(value).length));
  return (value) => String(value).padStart(width);
}

/** The values numpy looks at to choose a format: all, or the edges of a shortened array. */
function visible(values: ArrayLike<number>, shape: readonly number[], shortened: boolean): number[] {
  const seen: number[] = [];
  const visit = (axis: number, offset: number, stride: number): void => {
    if (axis === shape.length) {
      seen.push(values[offset]!);
      return;
    }
    const length = shape[axis]!;
    const inner = stride / Math.max(length, 1);
    for (let i = 0; i < length; i++) {
      if (shortened && length > 2 * EDGE_ITEMS && i >= EDGE_ITEMS && i < length - EDGE_ITEMS) continue;
      visit(axis + 1, offset + i * inner, inner);
    }
  };
  visit(0, 0, values.length);
  return seen;
}

/** A row-major array as `str(numpy.array(...))` has it. */
export function formatArray(values: ArrayLike<number>, shape: readonly number[], dtype: DType): string {
  if (values.length === 0) return '[]';
  const shortened = values.length > THRESHOLD;
  const looked = visible(values, shape, shortened);
  const format = isFloat(dtype) ? floatFormatter(looked, dtype) : integerFormatter(looked);
  const level = (axis: number, offset: number, size: number, indent: string, width: number): string => {
    if (axis === shape.length) return format(values[offset]!);
    const length = shape[axis]!;
    const inner = size / length;
    const cut = shortened && length > 2 * EDGE_ITEMS;
    const items: string[] = [];
    for (let i = 0; i < length; i++) {
      if (cut && i >= EDGE_ITEMS && i < length - EDGE_ITEMS) {
        if (i === EDGE_ITEMS) items.push('...');
        continue;
      }
      items.push(level(axis + 1, offset + i * inner, inner, `${indent} `, width - 1));
    }
    if (axis < shape.length - 1) {
      return `[${items.join('\n'.repeat(shape.length - axis - 1) + indent)}]`;
    }
    return `[${wrap(items, indent, width - 1)}]`;
  };
  return level(0, 0, values.length, ' ', LINE_WIDTH);
}

function wrap(words: readonly string[], indent: string, width: number): string {
  let done = '';
  let line = indent;
  words.forEach((word, i) => {
    if (line.length + word.length > width && line.length > indent.length) {
      done += `${line.trimEnd()}\n`;
      line = indent;
    }
    line += i < words.length - 1 ? `${word} ` : word;
  });
  return (done + line).slice(indent.length);
}
