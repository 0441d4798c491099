/** Scores of one method: the shape that every statistic of a report takes. */
import { usageError } from '../../core/errors.js';

/**
 * Scores of one method as `[task][run]`, finite numbers. Tasks may have different numbers of runs; each has at least one.
 * A matrix of the `rliable` package, `[runs x tasks]`, is the transpose.
 */
export type TaskScores = readonly (readonly number[])[];

/** @throws `INVALID_SCORES` for anything but a list of at least one task with at least one run of finite scores. */
export function assertScores(scores: TaskScores, call: string): void {
  const expected = 'a list of tasks, each a list of the finite scores of its runs';
  const problem = problemOf(scores);
  if (problem === null) return;
  throw usageError('INVALID_SCORES', `${call} takes ${expected}; got ${problem}.`, { expected, got: problem });
}

/** What is wrong with something that should be scores, in words; null if nothing. */
function problemOf(scores: unknown): string | null {
  if (!Array.isArray(scores)) return String(scores);
  if (scores.length === 0) return 'no tasks';
  for (const [task, runs] of scores.entries()) {
    if (!Array.isArray(runs)) return `${String(runs)} as task ${task}`;
    if (runs.length === 0) return `no runs of task ${task}`;
    const bad: number = runs.findIndex((score: unknown) => typeof score !== 'number' || !Number.isFinite(score));
    if (bad >= 0) return `${String(runs[bad])} as run ${bad} of task ${task}`;
  }
  return null;
}
