/** Reads episode files. Nothing in a file is trusted: every length is checked before anything is sized by it, and nothing is run. */
import { readFile, stat } from 'node:fs/promises';
import { crc32 } from '../core/crc32.js';
import { failure, type GymkhanaError, usageError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { numbersFromJSON } from '../spaces/arrays.js';
import { type Space, spaceFromJSON } from '../spaces/index.js';
import {
  CHUNK_HEADER,
  CHUNK_NAMES,
  CHUNK_OVERHEAD,
  CHUNK_TYPES,
  type ChunkType,
  corrupt,
  type EpisodeFileHeader,
  type EpisodeRecord,
  LINKED_VERSION,
  parseEpisode,
  parseHeader,
  SIGNATURE,
} from './format.js';
import type { Episode } from './log.js';
import { type StoreRole, storeFromBytes, type ValueStore } from './store.js';

/** Largest file that is read, bytes: what one buffer of every supported Node can hold. */
const LARGEST_FILE = 2 ** 31 - 1;
/** Most numbers one observation or action may have. */
const LARGEST_MEMBER = 2 ** 22;

/** Something a reader should know although the file could be read. */
export interface EpisodeNotice {
  /** `EPISODE_TRUNCATED`: the end is missing. `CHECKSUM_IGNORED`: a part did not match its checksum and was read all the same. */
  readonly code: string;
  readonly message: string;
}

/** An episode file in memory. */
export interface EpisodeFile {
  readonly path: string;
  readonly bytes: number;
  readonly header: EpisodeFileHeader;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly episodes: readonly Episode[];
  /** Whether the end mark is there: false for a file whose writer died or that was cut. */
  readonly complete: boolean;
  readonly notices: readonly EpisodeNotice[];
}

export interface ReadOptions {
  /** Read parts whose checksum is wrong all the same; each gives a notice. */
  readonly ignoreChecksum?: boolean;
}

/**
 * Reads an episode file. A file that was cut gives its complete episodes and a notice.
 * @throws `FILE_NOT_FOUND`, `FILE_NOT_READABLE`, `NOT_AN_EPISODE_FILE`; `EPISODE_CORRUPT` for a changed byte, naming the part
 * and its offset; `EPISODE_TRUNCATED` if not one episode is complete; `EPISODE_VERSION` for a newer format.
 */
export async function readEpisodes(path: string, options: ReadOptions = {}): Promise<EpisodeFile> {
  return parseEpisodes(await readWhole(path), path, options);
}

async function readWhole(path: string): Promise<Uint8Array> {
  try {
    const facts = await stat(path);
    // A pipe or a device has no end to wait for.
    if (!facts.isFile()) throw usageError('FILE_NOT_READABLE', `${path} is not a regular file.`, { file: path });
    if (facts.size > LARGEST_FILE) {
      throw failure('FILE_NOT_READABLE', `${path} has ${facts.size} bytes; files up to ${LARGEST_FILE} can be read.`, {
        file: path,
      });
    }
    return await readFile(path);
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string' || 'kind' in cause)
      throw cause;
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') {
      throw usageError(
        'FILE_NOT_FOUND',
        `There is no file ${path}. Give the path of an episode file.`,
        { file: path },
        cause,
      );
    }
    throw failure(
      'FILE_NOT_READABLE',
      `Cannot read ${path}: ${cause.message}.`,
      { file: path, got: cause.code },
      cause,
    );
  }
}

/** `readEpisodes` for bytes in memory; `path` is only for messages. */
export function parseEpisodes(bytes: Uint8Array, path: string, options: ReadOptions = {}): EpisodeFile {
  return new Parser(bytes, path, options.ignoreChecksum ?? false).file();
}

interface Chunk {
  readonly type: ChunkType;
  /** Where the chunk begins in the file. */
  readonly offset: number;
  readonly payload: Uint8Array;
}

class Parser {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #path: string;
  readonly #ignoreChecksum: boolean;
  readonly #notices: EpisodeNotice[] = [];
  #at = 0;
  /** What the next chunk's checksum goes on from. */
  #link = 0;
  /** Whether it does: known once the header is read, which stands first and goes on from nothing. */
  #linked = true;

  constructor(bytes: Uint8Array, path: string, ignoreChecksum: boolean) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#path = path;
    this.#ignoreChecksum = ignoreChecksum;
  }

  file(): EpisodeFile {
    this.#signature();
    const head = this.#chunk('the file');
    if (head === null) throw this.#truncated('its header is not complete');
    if (head.type !== 'HEAD') throw this.#corrupt('the first part', head.offset, 'is not a header');
    const fail = (why: string, cause?: unknown) => this.#corrupt(CHUNK_NAMES.HEAD, head.offset, why, cause);
    const header = parseHeader(head.payload, this.#path, fail);
    if (header.version < LINKED_VERSION) this.#linked = false;
    const observationSpace = readSpace(header.observationSpace, 'observation', fail);
    const actionSpace = readSpace(header.actionSpace, 'action', fail);
    const episodes: Episode[] = [];
    const complete = this.#episodes(episodes, observationSpace, actionSpace);
    if (!complete) {
      if (episodes.length === 0) throw this.#truncated('not one episode in it is complete');
      this.#notices.push({
        code: 'EPISODE_TRUNCATED',
        message: this.#truncated(`${count(episodes.length)} before the cut can be read`).message,
      });
    }
    const { length } = this.#bytes;
    return {
      path: this.#path,
      bytes: length,
      header,
      observationSpace,
      actionSpace,
      episodes,
      complete,
      notices: this.#notices,
    };
  }

  #signature(): void {
    let equal = 0;
    for (let i = 0; i < SIGNATURE.length; i++) if (this.#bytes[i] === SIGNATURE[i]) equal++;
    this.#at = SIGNATURE.length;
    if (equal === SIGNATURE.length) return;
    if (this.#bytes.length < SIGNATURE.length && equal === this.#bytes.length)
      throw this.#truncated('only its first bytes are there');
    // Most of it is there: a damaged episode file, not another kind of file.
    if (equal < SIGNATURE.length / 2) {
      throw usageError('NOT_AN_EPISODE_FILE', `${this.#path} is not an episode file: it does not begin as one.`, {
        file: this.#path,
        hint: 'Record one with: gymkhana record <run>',
      });
    }
    this.#checksum(this.#corrupt('the signature', 0, 'has changed'));
  }

  /** A checksum that does not match: an error, or a notice where the caller wants to read on. */
  #checksum(error: GymkhanaError): void {
    if (!this.#ignoreChecksum) throw error;
    this.#notices.push({ code: 'CHECKSUM_IGNORED', message: error.message });
  }

  /** The chunk at the present offset, or null if the file ends before the chunk does. */
  #chunk(owner: string): Chunk | null {
    const offset = this.#at;
    const left = this.#bytes.length - offset;
    if (left < CHUNK_HEADER) return null;
    const header = this.#bytes.subarray(offset, offset + 8);
    const checksum = this.#view.getUint32(offset + 8, true);
    if (crc32(header, this.#linked ? this.#link : 0) !== checksum) {
      const why = 'does not match its checksum: it was changed, or moved here from elsewhere';
      this.#checksum(this.#corrupt(`the start of a part of ${owner}`, offset, why));
    }
    const name = String.fromCharCode(...header.subarray(0, 4));
    const type = CHUNK_TYPES.find((known) => known === name);
    if (type === undefined) throw this.#corrupt(`the start of a part of ${owner}`, offset, 'is not of a known type');
    const length = this.#view.getUint32(offset + 4, true);
    if (length > left - CHUNK_OVERHEAD) return null;
    const end = offset + CHUNK_HEADER + length;
    const payload = this.#bytes.subarray(offset + CHUNK_HEADER, end);
    this.#at = offset + CHUNK_OVERHEAD + length;
    this.#link = crc32(this.#bytes.subarray(end, end + 4), checksum);
    if (crc32(payload) !== this.#view.getUint32(end, true)) {
      this.#checksum(this.#corrupt(`${CHUNK_NAMES[type]} of ${owner}`, offset, 'does not match its checksum'));
    }
    return { type, offset, payload };
  }

  /** Reads episodes up to the end mark; false if the file ends before it. */
  #episodes(episodes: Episode[], observationSpace: Space, actionSpace: Space): boolean {
    for (;;) {
      const owner = `episode ${episodes.length}`;
      const first = this.#chunk(owner);
      if (first === null) return false;
      if (first.type === 'DONE') {
        this.#done(first, episodes.length);
        return true;
      }
      if (first.type !== 'EPIS')
        throw this.#corrupt(`${CHUNK_NAMES[first.type]} of ${owner}`, first.offset, 'is out of place');
      const fail = (why: string, cause?: unknown) =>
        this.#corrupt(`${CHUNK_NAMES.EPIS} ${episodes.length}`, first.offset, why, cause);
      const record = parseEpisode(first.payload, fail);
      checkRecord(record, episodes.length, fail);
      const columns = new Map<ChunkType, Chunk>();
      for (const type of record.columns) {
        const chunk = this.#chunk(owner);
        if (chunk === null) return false;
        if (chunk.type !== type) {
          throw this.#corrupt(
            `${CHUNK_NAMES[chunk.type]} of ${owner}`,
            chunk.offset,
            `is where ${CHUNK_NAMES[type]} should be`,
          );
        }
        columns.set(type, chunk);
      }
      episodes.push(this.#episode(record, columns, observationSpace, actionSpace, owner));
    }
  }

  #episode(
    record: EpisodeRecord,
    columns: ReadonlyMap<ChunkType, Chunk>,
    observationSpace: Space,
    actionSpace: Space,
    owner: string,
  ): Episode {
    const store = (type: ChunkType, space: Space, role: StoreRole, members: number): ValueStore | null => {
      const chunk = columns.get(type);
      if (chunk === undefined) return null;
      try {
        return storeFromBytes(space, role, chunk.payload, members);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw this.#corrupt(`${CHUNK_NAMES[type]} of ${owner}`, chunk.offset, `cannot be read (${why})`, cause);
      }
    };
    const exact = (type: ChunkType, size: number): ArrayBuffer | null => {
      const chunk = columns.get(type);
      if (chunk === undefined) return null;
      if (chunk.payload.length !== size) {
        throw this.#corrupt(
          `${CHUNK_NAMES[type]} of ${owner}`,
          chunk.offset,
          `has ${chunk.payload.length} bytes instead of ${size}`,
        );
      }
      // A copy: the file's bytes are not aligned.
      return new Uint8Array(chunk.payload).buffer;
    };
    const { steps } = record;
    const actions = store('ACTS', actionSpace, 'action', record.actions);
    if (actions === null) throw new Error('internal: an episode record without actions passed its check');
    const hashes = exact('HASH', 4 * (steps + 1));
    const rewards = exact('RWRD', 8 * steps);
    return {
      rng: record.rng,
      seed: record.seed,
      options: record.options,
      ...(record.wrappers !== undefined && { wrappers: record.wrappers }),
      steps,
      actions,
      hashes: hashes === null ? null : new Uint32Array(hashes),
      rewards: rewards === null ? null : new Float64Array(rewards),
      observations: store('OBSV', observationSpace, 'observation', steps + 1),
      return: record.return,
      terminated: record.terminated,
      truncated: record.truncated,
      measures: record.measures,
      finalInfo: record.finalInfo,
      failure: record.failure,
      ...(record.origin !== undefined && { origin: record.origin }),
    };
  }

  #done(chunk: Chunk, episodes: number): void {
    const { payload, offset } = chunk;
    const marked = payload.length === 4 ? this.#view.getUint32(offset + CHUNK_HEADER, true) : -1;
    if (marked !== episodes) {
      throw this.#corrupt(CHUNK_NAMES.DONE, offset, `does not say ${episodes}, the number of episodes before it`);
    }
    if (this.#at !== this.#bytes.length) {
      throw this.#corrupt('the rest', this.#at, `is ${this.#bytes.length - this.#at} bytes after the end mark`);
    }
  }

  #corrupt(part: string, offset: number, why: string, cause?: unknown): GymkhanaError {
    return corrupt(this.#path, part, offset, why, cause);
  }

  #truncated(what: string): GymkhanaError {
    const { length } = this.#bytes;
    return failure(
      'EPISODE_TRUNCATED',
      `${this.#path} is truncated: it ends after ${length} bytes without its end mark; ${what}. The writer was stopped, or the file was cut; record again for the rest.`,
      { file: this.#path, got: `${length} bytes` },
    );
  }
}

function count(episodes: number): string {
  return episodes === 1 ? 'the one episode' : `the ${episodes} episodes`;
}

/** Whether the parts of an episode's description agree with each other and with its place. */
function checkRecord(record: EpisodeRecord, index: number, fail: (why: string) => Error): void {
  const { steps, actions, columns, failure: failed } = record;
  if (record.index !== index) throw fail(`says it is episode ${record.index}`);
  if (columns[0] !== 'ACTS' || new Set(columns).size !== columns.length)
    throw fail(`lists the parts ${columns.join(', ')}`);
  if (actions !== steps && !(failed !== null && actions === steps + 1)) {
    throw fail(`says ${actions} actions for ${steps} steps`);
  }
}

/** A space from its JSON, refused before it is built if it would be absurdly large. */
function readSpace(json: JsonObject, role: StoreRole, fail: (why: string, cause?: unknown) => Error): Space {
  const axes =
    numbersFromJSON(json.shape ?? (Array.isArray(json.n) ? json.n : [typeof json.n === 'number' ? json.n : 1])) ?? [];
  let size = 1;
  for (const axis of json.type === 'Discrete' ? [] : axes) size *= axis;
  if (!(size >= 0 && size <= LARGEST_MEMBER))
    throw fail(`gives the ${role} ${size} numbers, more than ${LARGEST_MEMBER}`);
  try {
    return spaceFromJSON(json);
  } catch (cause) {
    throw fail(`has no valid ${role} space (${cause instanceof Error ? cause.message : String(cause)})`, cause);
  }
}
