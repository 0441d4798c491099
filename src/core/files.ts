/**
 * Files that appear whole or not at all: write beside, fsync, rename, fsync the folder. A reader, or a machine that loses
 * power, sees the old file or the new one, never a part of one.
 */
import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { threadId } from 'node:worker_threads';
import { failure, type GymkhanaError } from './errors.js';

/** What can be written: text as UTF-8, or bytes. */
export type FileData = string | Uint8Array;

let counter = 0;

/** A name beside `path` that no other thread or process uses at the same time. */
function temporaryName(path: string): string {
  counter++;
  return join(dirname(path), `.${basename(path)}.${process.pid}-${threadId}-${counter}.tmp`);
}

function bytesOf(data: FileData): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
}

function errnoOf(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return 'UNKNOWN';
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; choose another folder or change its permissions',
  EPERM: 'the operation is not permitted; choose another folder or change its permissions',
  EROFS: 'the file system is read-only; choose another folder',
  ENOENT: 'its folder does not exist; create it first',
  ENOTDIR: 'a part of the path is a file, not a folder; choose another path',
  EISDIR: 'a folder of that name exists; choose another name',
  ENOTEMPTY: 'a folder of that name exists; choose another name',
  ENOSPC: 'no space is left on the device; free some and try again',
  EDQUOT: 'the disk quota is used up; free some space and try again',
  EFBIG: 'the file is larger than the file system allows',
  ENAMETOOLONG: 'the name is too long; choose a shorter one',
  EMFILE: 'too many files are open in this process',
  EEXIST: 'something of that name exists; choose another name',
};

/**
 * The `NOT_WRITABLE` error of a path that could not be written, with the operating system's reason in words.
 * @param cause what the file system threw.
 */
export function notWritable(path: string, cause: unknown): GymkhanaError {
  const errno = errnoOf(cause);
  const reason = REASONS[errno] ?? (cause instanceof Error ? cause.message : String(cause));
  return failure(
    'NOT_WRITABLE',
    `Cannot write ${path}: ${reason} (${errno}). Nothing was left half-written.`,
    { file: path, got: errno, hint: reason },
    cause,
  );
}

/** Makes a rename in `folder` survive a power loss; some systems cannot open folders, and there the rename alone must do. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch {
    // The data itself is on the disk already: only the order of two names is less certain.
  } finally {
    await handle?.close();
  }
}

function syncFolderSync(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // As above.
  }
}

/**
 * Writes a file whole or not at all, replacing one of the same name.
 * @throws `NOT_WRITABLE` if it cannot be written; then neither a part of it nor a temporary file is left.
 */
export async function writeFileAtomic(path: string, data: FileData): Promise<void> {
  const target = resolve(path);
  const temporary = temporaryName(target);
  let handle: FileHandle | null = null;
  try {
    handle = await open(temporary, 'wx');
    await handle.writeFile(bytesOf(data));
    await handle.sync();
    await handle.close();
    handle = null;
    await rename(temporary, target);
  } catch (cause) {
    await handle?.close().catch(() => {});
    if (errnoOf(cause) !== 'EEXIST') await unlink(temporary).catch(() => {});
    throw notWritable(path, cause);
  }
  await syncFolder(dirname(target));
}

/**
 * The synchronous `writeFileAtomic`.
 * @throws `NOT_WRITABLE` if it cannot be written; then neither a part of it nor a temporary file is left.
 */
export function writeFileAtomicSync(path: string, data: FileData): void {
  const target = resolve(path);
  const temporary = temporaryName(target);
  const bytes = bytesOf(data);
  let descriptor: number | null = null;
  try {
    descriptor = openSync(temporary, 'wx');
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at);
    fsyncSync(descriptor);
    closeSync(descriptor);
    descriptor = null;
    renameSync(temporary, target);
  } catch (cause) {
    if (descriptor !== null) closeSync(descriptor);
    if (errnoOf(cause) !== 'EEXIST') {
      try {
        unlinkSync(temporary);
      } catch {
        // It was never made, or the folder became unwritable.
      }
    }
    throw notWritable(path, cause);
  }
  syncFolderSync(dirname(target));
}
