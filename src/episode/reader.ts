/** Reads whole episode files into memory; `stream.ts` reads them episode by episode. */
import type { Space } from '../spaces/index.js';
import { type ByteSource, FileBytes, MemoryBytes } from './bytes.js';
import type { EpisodeFileHeader } from './format.js';
import type { Episode } from './log.js';
import { type EpisodeNotice, EpisodeParser } from './parser.js';

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
  const bytes = new FileBytes(path);
  try {
    return fileOf(bytes, path, options);
  } finally {
    bytes.close();
  }
}

/** `readEpisodes` for bytes in memory; `path` is only for messages. */
export function parseEpisodes(bytes: Uint8Array, path: string, options: ReadOptions = {}): EpisodeFile {
  return fileOf(new MemoryBytes(bytes), path, options);
}

function fileOf(bytes: ByteSource, path: string, options: ReadOptions): EpisodeFile {
  const parser = new EpisodeParser(bytes, path, options.ignoreChecksum ?? false);
  const head = parser.head();
  const episodes: Episode[] = [];
  for (let episode = parser.next(); episode !== null; episode = parser.next()) episodes.push(episode);
  const { complete, notices } = parser;
  return { path, bytes: bytes.length, ...head, episodes, complete, notices };
}
