/** Reads files that others wrote, and may still write: plain files only, through no link, a bounded part at a time. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { failure } from '../core/errors.js';

// A link could lead out of the folder, and opening a pipe would wait for ever. Windows has neither flag, nor such pipes.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** What is at a path, a link being itself; null if nothing is, or it cannot be asked. */
export function statsOf(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** Equal for the same file with the same content, as far as the file system tells. */
export function stampOf(stats: Stats | null): string {
  return stats === null ? '' : `${stats.ino}:${stats.size}:${stats.mtimeMs}`;
}

const notPlain = (path: string, cause?: unknown): Error =>
  failure(
    'RUN_NOT_READABLE',
    `${path} is not a plain file that can be read; links are not followed.`,
    { file: path },
    cause,
  );

/** Opens a plain file to read it. @throws `RUN_NOT_READABLE` */
export async function openPlain(path: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(path, FLAGS);
  } catch (cause) {
    throw notPlain(path, cause);
  }
  const stats = await handle.stat();
  if (stats.isFile()) return handle;
  await handle.close();
  throw notPlain(path);
}

/** At most `length` bytes of a plain file from `from`; from the end if that is negative. @throws `RUN_NOT_READABLE` */
export function readPart(path: string, from: number, length: number): { bytes: Buffer; from: number; size: number } {
  let descriptor: number;
  try {
    descriptor = openSync(path, FLAGS);
  } catch (cause) {
    throw notPlain(path, cause);
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw notPlain(path);
    const { size } = stats;
    const start = from < 0 ? Math.max(0, size + from) : Math.min(from, size);
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - start)));
    const read = readSync(descriptor, bytes, 0, bytes.length, start);
    return { bytes: bytes.subarray(0, read), from: start, size };
  } finally {
    closeSync(descriptor);
  }
}

/** Sizes in which the end of a file is looked at: nearly every line is in the first. */
const TAILS = [8 << 10, 64 << 10, 1 << 20];
const NEWLINE = 0x0a;

/**
 * The last whole line of a file of JSON objects; null if it has none. A line without its end is being written, or was torn.
 * @throws `RUN_NOT_READABLE`; `METRICS_CORRUPT` for a line that is no object, or is longer than any run's.
 */
export function lastRecord(path: string): Readonly<Record<string, unknown>> | null {
  for (const length of TAILS) {
    const { bytes, from } = readPart(path, -length, length);
    const end = bytes.lastIndexOf(NEWLINE);
    if (end < 0 && from === 0) return null;
    const start = end <= 0 ? -1 : bytes.lastIndexOf(NEWLINE, end - 1);
    if (end < 0 || (start < 0 && from > 0)) continue;
    return recordOf(bytes.toString('utf8', start + 1, end)) ?? corrupt(path, 'its last line is no JSON object');
  }
  return corrupt(path, `its last line is longer than ${TAILS.at(-1)} bytes`);
}

/** A line's object; null if it is none. */
export function recordOf(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function corrupt(path: string, what: string): never {
  throw failure('METRICS_CORRUPT', `${path} is damaged: ${what}.`, { file: path });
}
