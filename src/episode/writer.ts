/** Writes episode files, one episode at a time; a process that dies loses the one it was writing and no other. */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { threadId } from 'node:worker_threads';
import { crc32 } from '../core/crc32.js';
import { usageError } from '../core/errors.js';
import { notWritable } from '../core/files.js';
import { engineInfo } from '../core/fingerprint.js';
import { doneBytes, type EpisodeFileOptions, episodeBytes, headerOf, link } from './encode.js';
import {
  CHUNK_HEADER,
  CHUNK_OVERHEAD,
  type EpisodeRecord,
  FORMAT_VERSION,
  LARGEST_JSON,
  parseEpisode,
  parseHeader,
  SIGNATURE,
} from './format.js';
import type { Episode } from './log.js';

export { chunk, doneBytes, type EpisodeFileOptions, episodeBytes, link } from './encode.js';

/** The signature and HEAD chunk. */
export function headerBytes(options: EpisodeFileOptions): Uint8Array {
  return headerOf(options, engineInfo());
}

/** The part of a file that is kept when it is gone on with. */
interface WrittenPart {
  readonly episodes: number;
  readonly bytes: number;
  readonly link: number;
}

/** Finds where a file's kept episodes end, reading their descriptions only; null for a file that cannot be gone on with. */
function keptPart(path: string, keep: (episode: EpisodeRecord) => boolean): WrittenPart | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const { size } = fstatSync(descriptor);
    const read = (at: number, length: number): Buffer | null => {
      if (at + length > size) return null;
      const bytes = Buffer.alloc(length);
      return readSync(descriptor, bytes, 0, length, at) === length ? bytes : null;
    };
    const signature = read(0, SIGNATURE.length);
    if (signature === null || !signature.equals(SIGNATURE)) return null;
    let kept: WrittenPart | null = null;
    let checksum = 0;
    let episodes = 0;
    let parts = 0;
    const wrong = (): Error => new Error('not an episode that can be kept');
    for (let at = SIGNATURE.length; ; ) {
      const header = read(at, CHUNK_HEADER);
      if (header === null) return kept;
      const type = header.toString('latin1', 0, 4);
      const length = header.readUInt32LE(4);
      const expected = crc32(header.subarray(0, 8), checksum);
      const end = at + CHUNK_OVERHEAD + length;
      const last = read(end - 4, 4);
      if (header.readUInt32LE(8) !== expected || last === null || type === 'DONE') return kept;
      if (type === 'HEAD' || type === 'EPIS') {
        const payload = length <= LARGEST_JSON ? read(at + CHUNK_HEADER, length) : null;
        if (payload === null) return kept;
        if (type === 'HEAD' && parseHeader(payload, path, wrong).version !== FORMAT_VERSION) return null;
        if (type === 'EPIS') {
          const record = parseEpisode(payload, wrong);
          if (!keep(record)) return kept;
          parts = record.columns.length + 1;
        } else parts = 1;
      }
      checksum = crc32(last, expected);
      at = end;
      if (--parts > 0) continue;
      if (type !== 'HEAD') episodes++;
      kept = { episodes, bytes: at, link: checksum };
    }
  } catch {
    // What cannot be read cannot be gone on with.
    return null;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Appends episodes to a new file. The file takes its name (replacing an older one) with its first complete episode, is on
 * the disk after each (see `sync`), and is finished by `close()`; before the first episode there is nothing to see.
 */
export class EpisodeWriter {
  readonly path: string;
  #target: string;
  #temporary: string;
  #descriptor: number | null;
  #named = false;
  readonly #syncEach: boolean;
  #episodes = 0;
  #bytes = 0;
  /** What the next chunk's checksum goes on from. */
  #link = 0;

  /** @throws `NOT_WRITABLE` if the file cannot be written; `INVALID_PATH` without a path. */
  constructor(path: string, options: EpisodeFileOptions, from?: WrittenPart) {
    if (typeof path !== 'string' || path.length === 0) {
      throw usageError('INVALID_PATH', `Expected the path of an episode file to write, got ${JSON.stringify(path)}.`);
    }
    const { sync = 'episode' } = options;
    if (sync !== 'episode' && sync !== 'close') {
      throw usageError('INVALID_OPTION', `Expected sync as 'episode' or 'close', got ${JSON.stringify(sync)}.`, {
        field: 'sync',
        expected: "'episode' or 'close'",
        got: String(sync),
      });
    }
    this.#syncEach = sync === 'episode';
    this.path = path;
    this.#target = resolve(path);
    this.#temporary = join(dirname(this.#target), `.${basename(this.#target)}.${process.pid}-${threadId}.part`);
    try {
      this.#descriptor = openSync(from === undefined ? this.#temporary : this.#target, from === undefined ? 'w' : 'r+');
      if (from !== undefined) ftruncateSync(this.#descriptor, from.bytes);
    } catch (cause) {
      throw notWritable(path, cause);
    }
    if (from !== undefined) {
      this.#named = true;
      this.#episodes = from.episodes;
      this.#bytes = from.bytes;
      this.#link = from.link;
      return;
    }
    const header = headerBytes(options);
    this.#link = link(header.subarray(SIGNATURE.length), 0);
    this.#write(header);
  }

  /**
   * Goes on with a file that another process wrote: its episodes for which `keep` is true stay, from the first for which it is not on they are cut
   * off. A file that is not there, or is not one of this version, is begun anew.
   * @throws `NOT_WRITABLE`.
   */
  static reopen(path: string, options: EpisodeFileOptions, keep: (episode: EpisodeRecord) => boolean): EpisodeWriter {
    return new EpisodeWriter(path, options, keptPart(path, keep) ?? undefined);
  }

  /** Episodes written so far. */
  get episodes(): number {
    return this.#episodes;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Appends an episode; with `sync: 'episode'` it is on the disk when this returns.
   * @throws `NOT_WRITABLE` if the disk refuses, `EPISODE_WRITER_CLOSED` after `close`.
   */
  write(episode: Episode): void {
    const bytes = episodeBytes(this.#episodes, episode);
    this.#link = link(bytes, this.#link);
    this.#write(bytes);
    this.#episodes++;
    if (this.#syncEach || !this.#named) this.#publish();
  }

  /** Writes the end mark and closes the file; without episodes it is an empty but whole file. Calling it twice is fine. */
  close(): void {
    if (this.#descriptor === null) return;
    const done = doneBytes(this.#episodes);
    link(done, this.#link);
    this.#write(done);
    this.#publish();
    closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  /** Gives up: what was complete stays readable, and if nothing was, no file is left. */
  abort(): void {
    if (this.#descriptor === null) return;
    if (this.#episodes > 0) {
      this.close();
      return;
    }
    closeSync(this.#descriptor);
    this.#descriptor = null;
    this.#discard();
  }

  #discard(): void {
    if (this.#named) return;
    try {
      unlinkSync(this.#temporary);
    } catch {
      // Someone tidied up before us.
    }
  }

  #publish(): void {
    try {
      fsyncSync(this.#descriptor!);
      if (!this.#named) {
        // The open descriptor follows the file to its new name.
        renameSync(this.#temporary, this.#target);
        this.#named = true;
      }
    } catch (cause) {
      throw this.#failed(cause);
    }
  }

  #write(bytes: Uint8Array): void {
    const descriptor = this.#descriptor;
    if (descriptor === null) {
      throw usageError('EPISODE_WRITER_CLOSED', `${this.path} is closed; make a new EpisodeWriter for more episodes.`);
    }
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at, this.#bytes + at);
    } catch (cause) {
      throw this.#failed(cause);
    }
    this.#bytes += bytes.length;
  }

  #failed(cause: unknown): Error {
    if (this.#descriptor !== null) {
      try {
        // What a full disk took of this episode goes again: the file stays a whole one, only without its end mark.
        ftruncateSync(this.#descriptor, this.#bytes);
      } catch {
        // The reader reports the tail as cut.
      }
      closeSync(this.#descriptor);
    }
    this.#descriptor = null;
    this.#discard();
    return notWritable(this.path, cause);
  }
}
