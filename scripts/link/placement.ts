/**
 * Puts files into an installed package and takes them out again. What is to be done is written down first, so that an
 * interrupted run can be undone as well: after `undo` the package's folder holds the bytes that it held before.
 */
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failure } from '../../src/core/errors.js';

/** What a link consists of. */
export interface PlacementRecord {
  readonly version: 1;
  /** In words, for the user. */
  readonly what: string;
  /** The folder that the names are in. */
  readonly folder: string;
  /** What was put there. */
  readonly names: readonly string[];
  /** Which of the names stood there before; they are kept beside this record. */
  readonly before: readonly string[];
  /** Folders elsewhere that were made for the link. */
  readonly made: readonly string[];
}

/** One link, with its record in a folder of its own. */
export class Placement {
  readonly #folder: string;
  readonly #command: string;

  /**
   * @param folder where the record and what stood there before are kept
   * @param command what takes the link out
   */
  constructor(folder: string, command: string) {
    this.#folder = folder;
    this.#command = command;
  }

  /** The link that stands; null where there is none. A package that was installed anew has lost its link. */
  current(): PlacementRecord | null {
    const record = this.#read();
    if (record === null) return null;
    if (record.names.some((name) => present(join(record.folder, name)))) return record;
    if (record.before.length === 0) this.#forget();
    return record.before.length === 0 ? null : record;
  }

  /** @throws `LINK_EXISTS` */
  requireNone(): void {
    const current = this.current();
    if (current === null) return;
    const { what, folder } = current;
    const hint = `Take that out first: ${this.#command}.`;
    throw failure('LINK_EXISTS', `expected nothing linked in ${folder}, found ${what}. ${hint}`, {
      expected: 'no link',
      got: what,
      file: folder,
      hint,
    });
  }

  /** Moves the staged files of these names into a folder. @throws `LINK_EXISTS` */
  place(staged: string, record: Omit<PlacementRecord, 'version' | 'before'>): PlacementRecord {
    this.requireNone();
    const before = record.names.filter((name) => present(join(record.folder, name)));
    const whole: PlacementRecord = { version: 1, ...record, before };
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(this.#file(), `${JSON.stringify(whole, null, 1)}\n`);
    for (const name of record.names) {
      if (before.includes(name)) move(join(record.folder, name), this.#kept(name));
      move(join(staged, name), join(record.folder, name));
    }
    return whole;
  }

  /** Takes the link out; null where there is none. Folders that were made for it go too. */
  undo({ keepMade = false } = {}): PlacementRecord | null {
    const record = this.#read();
    if (record === null) return null;
    for (const name of record.names) {
      const path = join(record.folder, name);
      const kept = this.#kept(name);
      // What stood there before and was not moved away yet is still in its place.
      if (record.before.includes(name) && !present(kept)) continue;
      rmSync(path, { recursive: true, force: true });
      if (present(kept)) move(kept, path);
    }
    for (const folder of keepMade ? [] : record.made) rmSync(folder, { recursive: true, force: true });
    this.#forget();
    return record;
  }

  /** After a step that failed: takes out what there is, with the folders that this run made; or leaves what is in place. */
  rollBack(keep: boolean, made: readonly string[], log: (text: string) => void): void {
    if (keep && this.current() !== null) {
      log(`Kept as asked; \`${this.#command}\` takes it out.\n`);
      return;
    }
    // A folder of the project's own that was there before stays, full of what need not be downloaded again.
    this.undo({ keepMade: true });
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
    log('Everything is as it was before.\n');
  }

  #read(): PlacementRecord | null {
    let text: string;
    try {
      text = readFileSync(this.#file(), 'utf8');
    } catch {
      return null;
    }
    try {
      const record = JSON.parse(text) as PlacementRecord;
      if (record.version === 1) return record;
    } catch {
      // Named below.
    }
    throw failure(
      'LINK_RECORD_CORRUPT',
      `${this.#file()} should be the record of a link, and is not. Remove its folder and install the packages again with \`npm ci --ignore-scripts\`.`,
      { file: this.#file() },
    );
  }

  #forget(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #file(): string {
    return join(this.#folder, 'link.json');
  }

  #kept(name: string): string {
    return join(this.#folder, 'before', name);
  }
}

/** True for broken links too. */
function present(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function move(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    rmSync(from, { recursive: true, force: true });
  }
}

/** Runs what follows on a new, empty folder beside the record, which is gone afterwards. */
export async function withStaging<T>(folder: string, use: (staged: string) => Promise<T>): Promise<T> {
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
