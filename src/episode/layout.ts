/** Constants of the file's layout, without a module of Node: pages write episode files too. */

/** The first bytes: not text, and broken by any transfer that changes line ends. */
export const SIGNATURE: Uint8Array = Uint8Array.of(0x89, 0x47, 0x59, 0x4d, 0x4b, 0x0d, 0x0a, 0x1a);
/** Version of the layout above; a reader refuses a higher one. */
export const FORMAT_VERSION = 2;
/** The first version whose chunks are linked by their checksums. */
export const LINKED_VERSION = 2;
/** Bytes of a chunk before its payload: type, length, checksum. */
export const CHUNK_HEADER = 12;
/** Bytes of a chunk around its payload. */
export const CHUNK_OVERHEAD = 16;
/** JSON chunks are small; a longer one is not ours. */
export const LARGEST_JSON: number = 16 * 1024 * 1024;

/** The chunk types. */
export const CHUNK_TYPES = ['HEAD', 'EPIS', 'ACTS', 'HASH', 'RWRD', 'OBSV', 'PLCY', 'DONE'] as const;
export type ChunkType = (typeof CHUNK_TYPES)[number];
