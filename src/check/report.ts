/** What a check of an env found. */
import { GymkhanaError } from '../core/errors.js';

/** How a check ended; `skip` where it does not apply. */
export type CheckStatus = 'pass' | 'warn' | 'fail' | 'skip';

/** One finding. `cause` and `fix` are set where something is to do. */
export interface CheckResult {
  /** What was checked, such as `determinism`. */
  readonly name: string;
  readonly status: CheckStatus;
  /** Stable, upper-case name of the fault; null where there is none. */
  readonly code: string | null;
  readonly message: string;
  /** The likely cause, one sentence. */
  readonly cause: string | null;
  /** Code or words that mend it. */
  readonly fix: string | null;
}

/** All findings of one `checkEnv`. */
export interface CheckReport {
  readonly env: string;
  /** No check failed; warnings do not count. */
  readonly passed: boolean;
  readonly results: readonly CheckResult[];
  /** Steps taken by the random policy of the main check. */
  readonly steps: number;
  /** Steps a second in one thread, without wrappers; null if it could not be measured. */
  readonly stepsPerSecond: number | null;
  /** Bytes allocated a step; null if it could not be measured. */
  readonly bytesPerStep: number | null;
  readonly seconds: number;
}

/** A fault as a check describes it. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly cause: string;
  readonly fix: string;
}

/** Collects findings in the order of the checks. */
export class Findings {
  readonly results: CheckResult[] = [];

  pass(name: string, message: string): void {
    this.results.push({ name, status: 'pass', code: null, message, cause: null, fix: null });
  }

  skip(name: string, message: string): void {
    this.results.push({ name, status: 'skip', code: null, message, cause: null, fix: null });
  }

  warn(name: string, fault: Fault): void {
    this.results.push({ name, status: 'warn', ...fault });
  }

  fail(name: string, fault: Fault): void {
    this.results.push({ name, status: 'fail', ...fault });
  }

  has(status: CheckStatus): boolean {
    return this.results.some((result) => result.status === status);
  }
}

/** What was thrown, as one sentence; the first line of its stack that is the user's own says where. */
export function thrown(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof GymkhanaError) return `${error.code}: ${error.message}`;
  const frame = /\n\s+at (?:.*\()?((?:file:|\/|[A-Z]:)[^()\n]+:\d+:\d+)\)?/.exec(error.stack ?? '')?.[1];
  return `${error.name}: ${error.message}${frame === undefined ? '' : ` (at ${frame})`}`;
}
