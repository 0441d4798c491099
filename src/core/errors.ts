/**
 * Every error a user can meet. One class, one stable `code` a situation: the message says what was expected, what came,
 * and the next thing to do. Codes are part of the public contract (`docs/errors.md` lists them).
 */

/** Extra facts about where an error happened; every field is optional and plain JSON. */
export interface ErrorDetails {
  /** What the code needed. */
  readonly expected?: string;
  /** What it was given. */
  readonly got?: string;
  /** The next thing to do. */
  readonly hint?: string;
  readonly env?: string;
  readonly envIndex?: number;
  readonly worker?: number;
  readonly step?: number;
  readonly field?: string;
  /** File that shows or reproduces the situation. */
  readonly file?: string;
}

/** `usage`: the caller asked for something impossible (exit status 2). `failure`: a valid request went wrong (exit status 1). */
export type ErrorKind = 'usage' | 'failure';

/** The base of all errors this library throws on purpose; anything else is a bug of ours or of the user's own code. */
export class GymkhanaError extends Error {
  /** Stable, upper-case, snake-cased name of the situation, such as `ENV_NOT_FOUND`. */
  readonly code: string;
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(
    code: string,
    message: string,
    options: { kind?: ErrorKind; details?: ErrorDetails; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GymkhanaError';
    this.code = code;
    this.kind = options.kind ?? 'failure';
    this.details = options.details ?? {};
  }

  /** Plain JSON, for `--json` output and for crossing threads; `fromJSON` rebuilds it. */
  toJSON(): SerializedError {
    return { code: this.code, message: this.message, kind: this.kind, details: this.details, stack: this.stack ?? '' };
  }

  /** Rebuilds an error that another thread sent as JSON, with the stack of the thread where it was thrown. */
  static fromJSON(json: SerializedError): GymkhanaError {
    if (typeof json?.code !== 'string' || typeof json.message !== 'string') {
      throw usageError('INVALID_VALUE', 'GymkhanaError.fromJSON takes what toJSON() of such an error returned.', {
        expected: '{ code, message, kind, details, stack }',
        got: String(json),
      });
    }
    const error = new GymkhanaError(json.code, json.message, { kind: json.kind, details: json.details });
    error.stack = json.stack;
    return error;
  }
}

export interface SerializedError {
  readonly code: string;
  readonly message: string;
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;
  readonly stack: string;
}

/** An error about how something was called: exit status 2 on the command line. */
export function usageError(code: string, message: string, details: ErrorDetails = {}, cause?: unknown): GymkhanaError {
  return new GymkhanaError(code, message, { kind: 'usage', details, cause });
}

/** An error about something that went wrong although the call was valid: exit status 1 on the command line. */
export function failure(code: string, message: string, details: ErrorDetails = {}, cause?: unknown): GymkhanaError {
  return new GymkhanaError(code, message, { kind: 'failure', details, cause });
}
