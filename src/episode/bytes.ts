/** Where the parser of episode files takes bytes from: memory, or a file of any size that is read piece by piece. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { failure, usageError } from '../core/errors.js';

/** Bytes that can be read at any place. */
export interface ByteSource {
  /** How many there are. */
  readonly length: number;
  /** The `size` bytes from `offset` on, fewer where the source ends before; they stay as they are after further reads. */
  read(offset: number, size: number): Uint8Array;
}

/** Bytes in memory, handed out without a copy. */
export class MemoryBytes implements ByteSource {
  readonly length: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.length = bytes.length;
  }

  read(offset: number, size: number): Uint8Array {
    return this.#bytes.subarray(offset, offset + size);
  }
}

/** Bytes that a file is read ahead by, since most parts of an episode file are small. */
export const WINDOW: number = 256 * 1024;

/** The bytes of an open file; only what was asked for, and a window ahead of it, is in memory. */
export class FileBytes implements ByteSource {
  readonly length: number;
  readonly #path: string;
  #descriptor: number | null;
  #window: Uint8Array = new Uint8Array(0);
  #start = 0;

  /** @throws `FILE_NOT_FOUND`, `FILE_NOT_READABLE` */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#descriptor = openSync(path, 'r');
    } catch (cause) {
      throw notReadable(path, cause);
    }
    const facts = fstatSync(this.#descriptor);
    this.length = facts.size;
    if (facts.isFile()) return;
    this.close();
    // A pipe or a device has no end to wait for.
    throw usageError('FILE_NOT_READABLE', `${path} is not a regular file.`, { file: path });
  }

  read(offset: number, size: number): Uint8Array {
    const at = offset - this.#start;
    if (at >= 0 && at + size <= this.#window.length) return this.#window.subarray(at, at + size);
    if (size >= WINDOW) return this.#load(offset, size);
    // A new window each time: views of the old one are still in use.
    this.#window = this.#load(offset, Math.min(WINDOW, Math.max(0, this.length - offset)));
    this.#start = offset;
    return this.#window.subarray(0, size);
  }

  #load(offset: number, size: number): Uint8Array {
    if (this.#descriptor === null) throw new Error(`internal: ${this.#path} was read after it was closed`);
    const bytes = new Uint8Array(Math.min(size, Math.max(0, this.length - offset)));
    let filled = 0;
    try {
      while (filled < bytes.length) {
        const count = readSync(this.#descriptor, bytes, filled, bytes.length - filled, offset + filled);
        // Somebody cut the file meanwhile.
        if (count === 0) break;
        filled += count;
      }
    } catch (cause) {
      throw notReadable(this.#path, cause);
    }
    return bytes.subarray(0, filled);
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#descriptor === null;
  }

  /** Closes the file; calling it twice is fine. */
  close(): void {
    if (this.#descriptor === null) return;
    closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}

/** The error of a path that could not be read: `FILE_NOT_FOUND` or `FILE_NOT_READABLE`. @param cause what the file system threw. */
export function notReadable(path: string, cause: unknown, expected = 'an episode file'): Error {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'UNKNOWN';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const message = `There is no file ${path}. Give the path of ${expected}.`;
    return usageError('FILE_NOT_FOUND', message, { file: path }, cause);
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return failure('FILE_NOT_READABLE', `Cannot read ${path}: ${reason}.`, { file: path, got: code }, cause);
}
