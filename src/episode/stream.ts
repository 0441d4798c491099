/** Reads episode files of any size, one episode in memory at a time. */
import { usageError } from '../core/errors.js';
import type { Space } from '../spaces/index.js';
import { FileBytes } from './bytes.js';
import type { EpisodeFileHeader, EpisodeRecord } from './format.js';
import type { Episode } from './log.js';
import { type EpisodeNotice, EpisodeParser } from './parser.js';
import type { ReadOptions } from './reader.js';

/**
 * An open episode file: `for await (const episode of file)` gives its episodes in order, each read when it is asked for.
 * It can be gone through once, closes itself at the end or when the loop is left, and is closed by `close()` otherwise.
 */
export interface EpisodeStream extends AsyncIterable<Episode> {
  readonly path: string;
  readonly bytes: number;
  readonly header: EpisodeFileHeader;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** Whether the end mark is there; known, as the notices are, when all episodes were read. */
  readonly complete: boolean;
  readonly notices: readonly EpisodeNotice[];
  /** Closes the file; calling it twice is fine. */
  close(): void;
}

/** After so many bytes of episodes signals and timers get their turn. */
const PAUSE = 1024 * 1024;

/** An open file and its parser. */
class FileStream implements EpisodeStream {
  readonly path: string;
  readonly bytes: number;
  readonly header: EpisodeFileHeader;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly #file: FileBytes;
  readonly #parser: EpisodeParser;
  #begun = false;

  constructor(path: string, options: ReadOptions) {
    this.path = path;
    this.#file = new FileBytes(path);
    this.bytes = this.#file.length;
    this.#parser = new EpisodeParser(this.#file, path, options.ignoreChecksum ?? false);
    try {
      const { header, observationSpace, actionSpace } = this.#parser.head();
      this.header = header;
      this.observationSpace = observationSpace;
      this.actionSpace = actionSpace;
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  get complete(): boolean {
    return this.#parser.complete;
  }

  get notices(): readonly EpisodeNotice[] {
    return this.#parser.notices;
  }

  close(): void {
    this.#file.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Episode> {
    if (this.#begun || this.#file.closed) {
      throw usageError(
        'EPISODE_STREAM_OVER',
        `The episodes of ${this.path} were gone through already, or the file was closed. Open it again: openEpisodes(path).`,
        { file: this.path },
      );
    }
    this.#begun = true;
    try {
      let read = 0;
      for (let episode = this.#parser.next(); episode !== null; episode = this.#parser.next()) {
        yield episode;
        read += episode.actions.bytes + (episode.observations?.bytes ?? 0) + 12 * episode.steps;
        if (read < PAUSE) continue;
        read = 0;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      this.close();
    }
  }
}

/**
 * Opens an episode file of any size to go through its episodes; memory holds one of them at a time.
 * @throws `FILE_NOT_FOUND`, `FILE_NOT_READABLE`, `NOT_AN_EPISODE_FILE`, `EPISODE_VERSION`, and `EPISODE_CORRUPT` for a damaged
 * header; the loop over the episodes throws `EPISODE_CORRUPT` and `EPISODE_TRUNCATED` as `readEpisodes` does, and `EPISODE_STREAM_OVER` the second time.
 */
export async function openEpisodes(path: string, options: ReadOptions = {}): Promise<EpisodeStream> {
  return new FileStream(path, options);
}

/**
 * The descriptions of a file's episodes, without their columns: those are passed over, not read.
 * @throws what `openEpisodes` and its loop throw.
 */
export function* skimEpisodes(path: string, options: ReadOptions = {}): Generator<EpisodeRecord> {
  const file = new FileBytes(path);
  try {
    const parser = new EpisodeParser(file, path, options.ignoreChecksum ?? false);
    parser.head();
    for (let record = parser.skim(); record !== null; record = parser.skim()) yield record;
  } finally {
    file.close();
  }
}
