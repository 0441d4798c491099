/** Reads what a request asks for. Anything else than what `api.ts` says is refused with what was expected. */
import type { Context } from 'hono';
import { usageError } from '../core/errors.js';
import { DEFAULT_METRIC } from '../runs/report/load-runs.js';

/** Most runs in one question. */
export const MOST_RUNS = 2000;
const MOST_POINTS = 5000;
const LONGEST = 1000;

const refuse = (name: string, expected: string, got: string): Error =>
  usageError('INVALID_VALUE', `${name} should be ${expected}, got ${JSON.stringify(got.slice(0, 80))}.`, {
    field: name,
    expected,
    got: got.slice(0, 80),
  });

/** A text; null if it is not given. @throws `INVALID_VALUE` */
export function textOf(context: Context, name: string): string | null {
  const given = context.req.query(name);
  if (given === undefined || given === '') return null;
  if (given.length > LONGEST) throw refuse(name, `a text of at most ${LONGEST} characters`, given);
  return given;
}

/** A text that must be there. @throws `INVALID_VALUE` */
export function neededText(context: Context, name: string): string {
  const given = textOf(context, name);
  if (given === null) throw refuse(name, 'given', '');
  return given;
}

/** A whole number of decimal digits; null if it is not given. @throws `INVALID_VALUE` */
export function wholeOf(context: Context, name: string, lowest: number, highest: number): number | null {
  const given = textOf(context, name);
  if (given === null) return null;
  const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= lowest && value <= highest) return value;
  throw refuse(name, `a whole number from ${lowest} to ${highest}`, given);
}

/**
 * The ids of `runs=a,b`: each was encoded on its own, so that a comma stands only between them. None if it is not given.
 * @throws `INVALID_VALUE`, `TOO_MANY_RUNS`
 */
export function idsOf(context: Context): string[] {
  const given = /[?&]runs=([^&#]*)/.exec(context.req.url)?.[1] ?? '';
  if (given === '') return [];
  const parts = given.split(',');
  if (parts.length > MOST_RUNS) {
    throw usageError('TOO_MANY_RUNS', `At most ${MOST_RUNS} runs can be asked for at once, got ${parts.length}.`, {
      field: 'runs',
      expected: `at most ${MOST_RUNS} ids`,
      got: String(parts.length),
    });
  }
  try {
    return [...new Set(parts.map((part) => decodeURIComponent(part.replaceAll('+', ' '))))];
  } catch {
    throw refuse('runs', 'ids, each encoded, with commas between them', given);
  }
}

/** The metric asked for; the mean return by default. */
export function keyOf(context: Context): string {
  return textOf(context, 'key') ?? DEFAULT_METRIC;
}

/** Points of a curve asked for. */
export function pointsOf(context: Context): number {
  return wholeOf(context, 'points', 2, MOST_POINTS) ?? 500;
}
