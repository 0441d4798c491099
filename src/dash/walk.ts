/** Finds the runs and launches below a folder, again and again: a folder whose time has not changed is not listed anew. */
import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { DEEPEST, SKIPPED } from '../runs/report/find-runs.js';
import { statsOf } from './files.js';

/** What is below the folder now, ids in order. A run's id is its path below the folder, with slashes; `.` for the folder itself. */
export interface Found {
  readonly runs: readonly string[];
  /** Folders with a `launch.json`. */
  readonly launches: readonly string[];
}

interface Folder {
  readonly stamp: string;
  readonly kind: 'run' | 'launch' | 'folder';
  /** Names of the folders in it; none in a run. */
  readonly folders: readonly string[];
}

/** File systems note times in steps of up to two seconds: what changed so lately may have changed again since it was listed. */
const SETTLED_MS = 2_100;
/** Folders between two turns of the event loop. */
const FOLDERS = 256;

/** The part of a tree that holds runs. Links are not followed. */
export class Walk {
  readonly #root: string;
  #known = new Map<string, Folder>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Looks at every folder, and lists those that changed. @param now milliseconds since 1970. */
  async look(now: number): Promise<Found> {
    const seen = new Map<string, Folder>();
    const runs: string[] = [];
    const launches: string[] = [];
    // The last is next, so that ids come in order.
    const waiting: { readonly id: string; readonly depth: number }[] = [{ id: '.', depth: 0 }];
    for (let next = waiting.pop(), looked = 1; next !== undefined; next = waiting.pop(), looked++) {
      // Somebody may have given a home directory: requests are answered meanwhile.
      if (looked % FOLDERS === 0) await turn();
      const { id, depth } = next;
      const folder = this.#folder(id, now);
      if (folder === null) continue;
      seen.set(id, folder);
      if (folder.kind === 'run') runs.push(id);
      if (folder.kind === 'launch') launches.push(id);
      if (depth === DEEPEST) continue;
      for (const name of folder.folders.toReversed()) {
        waiting.push({ id: id === '.' ? name : `${id}/${name}`, depth: depth + 1 });
      }
    }
    this.#known = seen;
    return { runs, launches };
  }

  #folder(id: string, now: number): Folder | null {
    const path = join(this.#root, id);
    const stats = statsOf(path);
    if (stats === null || !stats.isDirectory()) return null;
    const stamp = now - stats.mtimeMs < SETTLED_MS ? '' : `${stats.ino}:${stats.mtimeMs}`;
    const known = this.#known.get(id);
    if (known !== undefined && stamp !== '' && known.stamp === stamp) return known;
    let entries: Dirent[];
    try {
      entries = readdirSync(path, { withFileTypes: true });
    } catch {
      // It may not be ours to read, or was just removed: there are no runs in it.
      return null;
    }
    const names = new Set(entries.map(({ name }) => name));
    // A run that lost its configuration is shown as damaged.
    if (names.has('config.json') || names.has('metrics.jsonl')) return { stamp, kind: 'run', folders: [] };
    const folders = entries.filter((entry) => entry.isDirectory() && !SKIPPED.test(entry.name));
    return {
      stamp,
      kind: names.has('launch.json') ? 'launch' : 'folder',
      folders: folders.map(({ name }) => name).sort(),
    };
  }
}
