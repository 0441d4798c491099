import * as assert from 'uvu/assert';
import { GymkhanaError } from '../../src/core/errors.js';

/** What an error must say: its code, its kind, and texts that its message must contain. */
export interface ExpectedError {
  readonly code: string;
  readonly kind?: 'usage' | 'failure';
  readonly says?: readonly (string | RegExp)[];
}

function check(error: unknown, expected: ExpectedError): void {
  if (!(error instanceof GymkhanaError)) throw error;
  assert.is(error.code, expected.code, `code of: ${error.message}`);
  if (expected.kind !== undefined) assert.is(error.kind, expected.kind, `kind of: ${error.message}`);
  for (const text of expected.says ?? []) {
    const found = typeof text === 'string' ? error.message.includes(text) : text.test(error.message);
    assert.ok(found, `expected ${text} in: ${error.message}`);
  }
}

/** Runs `action`, which must throw the error described. */
export function throwsError(action: () => unknown, expected: ExpectedError): void {
  try {
    action();
  } catch (error) {
    check(error, expected);
    return;
  }
  assert.unreachable(`expected ${expected.code}, but nothing was thrown`);
}

/** Runs `action`, whose promise must be rejected with the error described. */
export async function rejectsWith(action: () => Promise<unknown>, expected: ExpectedError): Promise<void> {
  try {
    await action();
  } catch (error) {
    check(error, expected);
    return;
  }
  assert.unreachable(`expected ${expected.code}, but nothing was thrown`);
}

/** The error that `run` is rejected with, one of Gymkhana's own. */
export async function errorOf(run: Promise<unknown>): Promise<GymkhanaError> {
  try {
    await run;
  } catch (error) {
    if (error instanceof GymkhanaError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
