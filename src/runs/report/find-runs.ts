/** Finds run directories: those given, and those below folders that are given. */
import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { usageError } from '../../core/errors.js';
import type { LeftOut } from './types.js';

/** Folders of a run, of a package or of a tool: no run of its own is below them. A run that was moved aside is none any more. */
export const SKIPPED = /^(?:previous-\d+|checkpoints|episodes|node_modules|\..*)$/;
/** Deeper than any tree of experiments. */
export const DEEPEST = 32;

/** What is below the paths given. */
export interface FoundRuns {
  /** As given, or the given folder with the way to the run; each run once. */
  readonly runs: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * The run directories among `paths` and below them, in the order given and by name below each. Symbolic links are followed where
 * they are given, not below.
 *
 * @throws `INVALID_OPTION` unless `paths` is a list of at least one path; `RUN_NOT_FOUND` for a path that does not exist.
 */
export function findRuns(paths: readonly string[]): FoundRuns {
  if (!Array.isArray(paths) || paths.length === 0 || paths.some((path) => typeof path !== 'string' || path === '')) {
    const message = 'Give a list of at least one run directory, or of a folder that contains runs, such as ["runs"].';
    throw usageError('INVALID_OPTION', message, { field: 'runs', got: String(paths) });
  }
  const runs: string[] = [];
  const leftOut: LeftOut[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    if (!isFolder(path)) {
      const reason = 'it is a file; a run is a directory';
      leftOut.push({ path, code: 'NOT_A_RUN', reason });
      continue;
    }
    const before = runs.length + leftOut.length;
    let known = false;
    search(path, 0, (found, problem) => {
      const place = realpathSync(found);
      if (seen.has(place)) {
        known = true;
        return;
      }
      seen.add(place);
      if (problem === null) runs.push(found);
      else leftOut.push({ path: found, ...problem });
    });
    if (!known && runs.length + leftOut.length === before) {
      leftOut.push({ path, code: 'NOT_A_RUN', reason: 'there is no run in it or below it: no config.json' });
    }
  }
  return { runs, leftOut };
}

/** @throws `RUN_NOT_FOUND` */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw usageError(
      'RUN_NOT_FOUND',
      `${resolve(path)} does not exist or cannot be read. Give run directories, or folders that contain runs.`,
      { file: resolve(path), expected: 'a run directory, or a folder with runs' },
      cause,
    );
  }
}

type Visit = (path: string, problem: Omit<LeftOut, 'path'> | null) => void;

function search(folder: string, depth: number, visit: Visit): void {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    const reason = `the folder cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
    visit(folder, { code: 'NOT_READABLE', reason });
    return;
  }
  const names = new Set(entries.map(({ name }) => name));
  if (names.has('config.json')) {
    visit(folder, null);
    return;
  }
  if (names.has('metrics.jsonl')) {
    visit(folder, { code: 'CONFIG_MISSING', reason: 'it has metrics.jsonl but no config.json: a damaged run' });
    return;
  }
  const folders = entries.filter((entry) => entry.isDirectory() && !SKIPPED.test(entry.name)).map(({ name }) => name);
  if (depth === DEEPEST && folders.length > 0) {
    visit(folder, { code: 'NOT_READABLE', reason: `folders more than ${DEEPEST} deep are not searched` });
    return;
  }
  for (const name of folders.sort()) search(join(folder, name), depth + 1, visit);
}
