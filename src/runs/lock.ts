/**
 * One process owns a run directory at a time. Every contender puts a file of its own, with a unique name, into the folder `.lock` and
 * only then looks for others; so two can never both believe they own it, and a dead owner's file is removed without a race.
 */
import { randomInt, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { usageError } from '../core/errors.js';
import { notWritable } from '../core/files.js';

/** Who holds, or asks for, a directory. */
export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** Boot and start time of the process where the system tells (Linux), so that a reused pid is not mistaken for it; else null. */
  readonly started: string | null;
  readonly state: 'asking' | 'holding';
}

/** A lock that is held. */
export interface RunLock {
  /** Gives the directory back; a second call does nothing. It also happens when the process exits. */
  release(): void;
}

/** Contenders that arrive together step back and try again; after so many times the directory counts as taken. */
const ATTEMPTS = 20;

function processStart(pid: number): string | null {
  try {
    // The command's name, in parentheses, may hold spaces; fields are counted after it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    if (fields[0] === 'Z') return 'ended';
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch {
    return null;
  }
}

/** True unless the owner has certainly ended; a process on another host is believed to live. */
export function ownerIsAlive(owner: LockOwner): boolean {
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return owner.started === null || owner.started === processStart(owner.pid);
}

function readOwner(path: string): LockOwner | 'gone' | 'unreadable' {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return 'gone';
  }
  try {
    const owner = JSON.parse(text) as Partial<LockOwner> | null;
    if (typeof owner?.pid !== 'number' || typeof owner.host !== 'string') return 'unreadable';
    return {
      pid: owner.pid,
      host: owner.host,
      started: typeof owner.started === 'string' ? owner.started : null,
      state: owner.state === 'asking' ? 'asking' : 'holding',
    };
  } catch {
    return 'unreadable';
  }
}

interface Other {
  readonly path: string;
  /** Null for a file that a crash left unreadable. */
  readonly owner: LockOwner | null;
  readonly alive: boolean;
}

function othersIn(folder: string, mine: string): Other[] {
  return readdirSync(folder).flatMap((name): Other[] => {
    const path = join(folder, name);
    if (path === mine || !name.endsWith('.json')) return [];
    const owner = readOwner(path);
    if (owner === 'gone') return [];
    return owner === 'unreadable'
      ? [{ path, owner: null, alive: false }]
      : [{ path, owner, alive: ownerIsAlive(owner) }];
  });
}

/** Whether a live process owns a run's directory: the run is going on. */
export function isLocked(directory: string): boolean {
  const folder = join(directory, '.lock');
  try {
    return existsSync(folder) && othersIn(folder, '').some(({ alive, owner }) => alive && owner?.state === 'holding');
  } catch {
    return false;
  }
}

function write(path: string, state: LockOwner['state']): void {
  const owner: LockOwner = { pid: process.pid, host: hostname(), started: processStart(process.pid), state };
  writeFileSync(`${path}.tmp`, `${JSON.stringify(owner)}\n`);
  renameSync(`${path}.tmp`, path);
}

/**
 * Takes the lock of an existing directory.
 *
 * @param onTakeover told, once the lock is held, of an owner that ended without giving the directory back.
 * @throws `RUN_DIR_TAKEN`, which names the owner's process, if another live process or another run of this one holds it;
 * `NOT_WRITABLE`.
 */
export async function acquireRunLock(
  directory: string,
  onTakeover: (dead: LockOwner) => void = () => {},
): Promise<RunLock> {
  const folder = join(directory, '.lock');
  const mine = join(folder, `${process.pid}-${randomUUID()}.json`);
  const withdraw = (): void => {
    try {
      rmSync(mine, { force: true });
      rmdirSync(folder);
    } catch {
      // Others have files there, or the directory itself is gone.
    }
  };
  for (let attempt = 1; ; attempt++) {
    let others: Other[];
    try {
      if (!existsSync(folder)) mkdirSync(folder);
      write(mine, 'asking');
      others = othersIn(folder, mine);
      if (!others.some(({ alive }) => alive)) write(mine, 'holding');
    } catch (cause) {
      withdraw();
      // Others make and remove the folder, perhaps between two of our steps.
      const raced = cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'EEXIST');
      if (raced && attempt < ATTEMPTS) continue;
      throw notWritable(directory, cause);
    }
    const rival = others.find(({ alive }) => alive);
    if (rival === undefined) {
      for (const { path } of others) rmSync(path, { force: true });
      process.once('exit', withdraw);
      const dead = others.find(({ owner }) => owner?.state === 'holding')?.owner;
      if (dead !== undefined && dead !== null) onTakeover(dead);
      return {
        release() {
          process.off('exit', withdraw);
          withdraw();
        },
      };
    }
    withdraw();
    if (rival.owner?.state === 'holding' || attempt >= ATTEMPTS) throw taken(directory, rival);
    await pause(randomInt(5, 40));
  }
}

function taken(directory: string, { owner, path }: Other): Error {
  const here = owner?.host === hostname();
  const who = owner === null ? 'another process' : `process ${owner.pid}${here ? '' : ` on ${owner.host}`}`;
  const hint = here
    ? 'Wait until it ends, or choose another --run-dir.'
    : `Choose another --run-dir, or delete ${path} if that process is gone.`;
  return usageError('RUN_DIR_TAKEN', `${directory} is in use by ${who}. ${hint}`, {
    file: directory,
    expected: 'a directory that no other run uses',
    got: who,
    hint,
  });
}
