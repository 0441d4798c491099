/**
 * Parses episode files, one episode at a time. Nothing in a file is trusted: every length is checked before anything is sized
 * by it, and nothing is run.
 */
import { crc32 } from '../core/crc32.js';
import { failure, type GymkhanaError, usageError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { numbersFromJSON } from '../spaces/arrays.js';
import { type Space, spaceFromJSON } from '../spaces/index.js';
import { type ByteSource, WINDOW } from './bytes.js';
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

/** Most numbers one observation or action may have. */
const LARGEST_MEMBER = 2 ** 22;
/** Largest part that is read, bytes: what one buffer of every supported Node can hold. */
const LARGEST_CHUNK = 2 ** 31 - 1;

/** Chunks below so many bytes are read in one go. */
const SMALL = WINDOW - CHUNK_OVERHEAD;

/** Something a reader should know although the file could be read. */
export interface EpisodeNotice {
  /** `EPISODE_TRUNCATED`: the end is missing. `CHECKSUM_IGNORED`: a part did not match its checksum and was read all the same. */
  readonly code: string;
  readonly message: string;
}

interface Chunk {
  readonly type: ChunkType;
  /** Where the chunk begins in the file. */
  readonly offset: number;
  /** Bytes of the payload. */
  readonly length: number;
  readonly checksum: number;
  /** Whose part it is, for messages. */
  readonly owner: string;
}

/** A column as it was read. */
interface Column {
  readonly offset: number;
  readonly payload: Uint8Array;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What the columns of an episode need to be read. */
interface Spaces {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
}

/** Reads an episode file from its start: first `head()`, then `next()` until it gives null. */
export class EpisodeParser {
  /** What a reader should know; complete when `next()` gave null. */
  readonly notices: EpisodeNotice[] = [];
  readonly #bytes: ByteSource;
  readonly #path: string;
  readonly #ignoreChecksum: boolean;
  #episodes = 0;
  #complete = false;
  #over = false;
  #spaces: Spaces | null = null;
  #at = 0;
  /** What the next chunk's checksum goes on from. */
  #link = 0;
  /** Whether it does: known once the header is read, which stands first and goes on from nothing. */
  #linked = true;

  constructor(bytes: ByteSource, path: string, ignoreChecksum: boolean) {
    this.#bytes = bytes;
    this.#path = path;
    this.#ignoreChecksum = ignoreChecksum;
  }

  /** Whether the end mark was there; known when `next()` gave null. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Reads the signature and the header. */
  head(): Spaces & { readonly header: EpisodeFileHeader } {
    this.#signature();
    const head = this.#chunk('the file');
    if (head === null) throw this.#truncated('its header is not complete');
    if (head.type !== 'HEAD') throw this.#corrupt('the first part', head.offset, 'is not a header');
    const fail = (why: string, cause?: unknown) => this.#corrupt(CHUNK_NAMES.HEAD, head.offset, why, cause);
    const header = parseHeader(this.#payload(head), this.#path, fail);
    if (header.version < LINKED_VERSION) this.#linked = false;
    const observationSpace = readSpace(header.observationSpace, 'observation', fail);
    const actionSpace = readSpace(header.actionSpace, 'action', fail);
    this.#spaces = { observationSpace, actionSpace };
    return { header, observationSpace, actionSpace };
  }

  /**
   * The next complete episode, or null after the last one.
   * @throws `EPISODE_TRUNCATED` if the file ends before a single episode is complete.
   */
  next(): Episode | null {
    const description = this.#description();
    if (description === null) return null;
    const { record, owner } = description;
    const columns = new Map<ChunkType, Column>();
    for (const type of record.columns) {
      const chunk = this.#column(type, owner);
      if (chunk === null) return this.#cut();
      columns.set(type, { offset: chunk.offset, payload: this.#payload(chunk) });
    }
    const episode = this.#episode(record, columns, owner);
    this.#episodes++;
    return episode;
  }

  /** As `next`, but only the episode's description: its columns are passed over without being read. */
  skim(): EpisodeRecord | null {
    const description = this.#description();
    if (description === null) return null;
    for (const type of description.record.columns) {
      if (this.#column(type, description.owner) === null) return this.#cut();
    }
    this.#episodes++;
    return description.record;
  }

  #signature(): void {
    let equal = 0;
    const first = this.#bytes.read(0, SIGNATURE.length);
    for (let i = 0; i < SIGNATURE.length; i++) if (first[i] === SIGNATURE[i]) equal++;
    this.#at = SIGNATURE.length;
    if (equal === SIGNATURE.length) return;
    if (first.length < SIGNATURE.length && equal === first.length)
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
    this.notices.push({ code: 'CHECKSUM_IGNORED', message: error.message });
  }

  /** The chunk at the present offset, its payload not yet read, or null if the file ends before the chunk does. */
  #chunk(owner: string): Chunk | null {
    const offset = this.#at;
    const left = this.#bytes.length - offset;
    const header = this.#bytes.read(offset, CHUNK_HEADER);
    if (header.length < CHUNK_HEADER) return null;
    const fields = viewOf(header);
    const checksum = fields.getUint32(8, true);
    if (crc32(header.subarray(0, 8), this.#linked ? this.#link : 0) !== checksum) {
      const why = 'does not match its checksum: it was changed, or moved here from elsewhere';
      this.#checksum(this.#corrupt(`the start of a part of ${owner}`, offset, why));
    }
    const name = String.fromCharCode(...header.subarray(0, 4));
    const type = CHUNK_TYPES.find((known) => known === name);
    if (type === undefined) throw this.#corrupt(`the start of a part of ${owner}`, offset, 'is not of a known type');
    const length = fields.getUint32(4, true);
    if (length > left - CHUNK_OVERHEAD) return null;
    // A small chunk comes in one piece with what follows it.
    if (length < SMALL) this.#bytes.read(offset, CHUNK_OVERHEAD + length);
    const end = this.#bytes.read(offset + CHUNK_HEADER + length, 4);
    if (end.length < 4) return null;
    this.#at = offset + CHUNK_OVERHEAD + length;
    this.#link = crc32(end, checksum);
    return { type, offset, length, checksum: viewOf(end).getUint32(0, true), owner };
  }

  /** The bytes of a chunk, after their checksum. */
  #payload({ type, offset, length, checksum, owner }: Chunk): Uint8Array {
    const part = `${CHUNK_NAMES[type]} of ${owner}`;
    if (length > LARGEST_CHUNK) {
      throw this.#corrupt(part, offset, `has ${length} bytes; parts up to ${LARGEST_CHUNK} can be read`);
    }
    const payload = this.#bytes.read(offset + CHUNK_HEADER, length);
    if (payload.length !== length || crc32(payload) !== checksum) {
      this.#checksum(this.#corrupt(part, offset, 'does not match its checksum'));
    }
    return payload;
  }

  /** What the next episode says of itself, or null at the end of the file. */
  #description(): { readonly record: EpisodeRecord; readonly owner: string } | null {
    if (this.#over) return null;
    const index = this.#episodes;
    const owner = `episode ${index}`;
    const first = this.#chunk(owner);
    if (first === null) return this.#cut();
    if (first.type === 'DONE') return this.#done(first, index);
    if (first.type !== 'EPIS')
      throw this.#corrupt(`${CHUNK_NAMES[first.type]} of ${owner}`, first.offset, 'is out of place');
    const fail = (why: string, cause?: unknown) =>
      this.#corrupt(`${CHUNK_NAMES.EPIS} ${index}`, first.offset, why, cause);
    const record = parseEpisode(this.#payload(first), fail);
    checkRecord(record, index, fail);
    return { record, owner };
  }

  /** The chunk of a column, which must come next; null if the file ends in it. */
  #column(type: ChunkType, owner: string): Chunk | null {
    const chunk = this.#chunk(owner);
    if (chunk === null || chunk.type === type) return chunk;
    const [got, expected] = [CHUNK_NAMES[chunk.type], CHUNK_NAMES[type]];
    throw this.#corrupt(`${got} of ${owner}`, chunk.offset, `is where ${expected} should be`);
  }

  /** The file ends here without its end mark. */
  #cut(): null {
    this.#over = true;
    if (this.#episodes === 0) throw this.#truncated('not one episode in it is complete');
    const { message } = this.#truncated(`${count(this.#episodes)} before the cut can be read`);
    this.notices.push({ code: 'EPISODE_TRUNCATED', message });
    return null;
  }

  #episode(record: EpisodeRecord, columns: ReadonlyMap<ChunkType, Column>, owner: string): Episode {
    if (this.#spaces === null) throw new Error('internal: episodes were read before the header');
    const { observationSpace, actionSpace } = this.#spaces;
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
    const names = record.policyOutputs;
    const outputs = names === undefined ? null : exact('PLCY', 4 * steps * names.length);
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
      ...(outputs !== null && { policyOutputs: { names: names!, values: new Float32Array(outputs) } }),
      return: record.return,
      terminated: record.terminated,
      truncated: record.truncated,
      measures: record.measures,
      finalInfo: record.finalInfo,
      failure: record.failure,
      ...(record.origin !== undefined && { origin: record.origin }),
    };
  }

  #done(chunk: Chunk, episodes: number): null {
    const { offset } = chunk;
    const payload = this.#payload(chunk);
    const marked = payload.length === 4 ? viewOf(payload).getUint32(0, true) : -1;
    if (marked !== episodes) {
      throw this.#corrupt(CHUNK_NAMES.DONE, offset, `does not say ${episodes}, the number of episodes before it`);
    }
    if (this.#at !== this.#bytes.length) {
      throw this.#corrupt('the rest', this.#at, `is ${this.#bytes.length - this.#at} bytes after the end mark`);
    }
    this.#over = true;
    this.#complete = true;
    return null;
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
  if (columns.includes('PLCY') !== (record.policyOutputs !== undefined))
    throw fail("lists the policy's outputs without their names, or names without outputs");
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
