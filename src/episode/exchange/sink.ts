/**
 * A file that is written piece by piece and takes its name when it is complete: a writer that dies leaves the old file as it
 * was, and a `.part` file beside it.
 */
import { closeSync, fstatSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { threadId } from 'node:worker_threads';
import { usageError } from '../../core/errors.js';
import { notWritable } from '../../core/files.js';

/** Small writes are gathered up to so many bytes. */
const BUFFER = 256 * 1024;

/** An export's file. */
export class FileSink {
  readonly path: string;
  /** Where the bytes are until the file is complete. */
  readonly temporary: string;
  readonly #target: string;
  readonly #buffer = Buffer.allocUnsafe(BUFFER);
  #filled = 0;
  #written = 0;
  #descriptor: number | null;

  /** @throws `NOT_WRITABLE`, `INVALID_PATH` */
  constructor(path: string) {
    if (typeof path !== 'string' || path.length === 0) {
      throw usageError('INVALID_PATH', `Expected the path of a file to write, got ${JSON.stringify(path)}.`);
    }
    this.path = path;
    this.#target = resolve(path);
    this.temporary = join(dirname(this.#target), `.${basename(this.#target)}.${process.pid}-${threadId}.part`);
    try {
      this.#descriptor = openSync(this.temporary, 'w');
    } catch (cause) {
      throw notWritable(path, cause);
    }
  }

  /** Bytes appended so far. */
  get position(): number {
    return this.#written + this.#filled;
  }

  /** Appends bytes; they may be changed afterwards. @throws `NOT_WRITABLE` */
  write(bytes: Uint8Array | string): void {
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes;
    if (this.#filled + data.length > BUFFER) this.#flush();
    if (data.length > BUFFER) {
      this.#put(data, this.#written);
      this.#written += data.length;
    } else {
      this.#buffer.set(data, this.#filled);
      this.#filled += data.length;
    }
  }

  /** Writes bytes at a place of their own, which `write` leaves alone. @throws `NOT_WRITABLE` */
  writeAt(offset: number, bytes: Uint8Array): void {
    this.#put(bytes, offset);
  }

  #flush(): void {
    this.#put(this.#buffer.subarray(0, this.#filled), this.#written);
    this.#written += this.#filled;
    this.#filled = 0;
  }

  #put(bytes: Uint8Array, offset: number): void {
    if (this.#descriptor === null) throw new Error('internal: an export wrote to a closed file');
    try {
      for (let at = 0; at < bytes.length; ) {
        at += writeSync(this.#descriptor, bytes, at, bytes.length - at, offset + at);
      }
    } catch (cause) {
      this.discard();
      throw notWritable(this.path, cause);
    }
  }

  /** Finishes the file, gives it its name and returns its size in bytes. @throws `NOT_WRITABLE` */
  commit(): number {
    this.#flush();
    try {
      const { size } = fstatSync(this.#descriptor!);
      fsyncSync(this.#descriptor!);
      closeSync(this.#descriptor!);
      this.#descriptor = null;
      renameSync(this.temporary, this.#target);
      return size;
    } catch (cause) {
      this.discard();
      throw notWritable(this.path, cause);
    }
  }

  /** Gives up: nothing is left. Calling it twice, or after `commit`, is fine. */
  discard(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
    try {
      unlinkSync(this.temporary);
    } catch {
      // Renamed, or gone already.
    }
  }
}
