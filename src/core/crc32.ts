/**
 * Checksums of byte sequences: CRC-32 (zip, PNG; polynomial 0xEDB88320) for our own files, and CRC-32C (Castagnoli;
 * polynomial 0x82F63B78) for the TFRecord framing of TensorBoard's event files.
 */
import * as zlib from 'node:zlib';

/** Tables of slicing-by-8: `tables[256 k + b]` is the remainder of byte `b` followed by `k` zero bytes. */
function slicingTables(polynomial: number): Uint32Array {
  const tables = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1;
    tables[byte] = remainder >>> 0;
  }
  for (let byte = 0; byte < 256; byte++) {
    let remainder = tables[byte]!;
    for (let slice = 1; slice < 8; slice++) {
      remainder = tables[remainder & 0xff]! ^ (remainder >>> 8);
      tables[slice * 256 + byte] = remainder >>> 0;
    }
  }
  return tables;
}

/** Remainder of `bytes` after a sequence whose checksum is `previous`; 8 bytes a round, as 8 independent look-ups. */
function checksum(tables: Uint32Array, bytes: Uint8Array, previous: number): number {
  let crc = ~previous;
  const length = bytes.length;
  let at = 0;
  for (const end = length - 7; at < end; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      tables[1792 + (crc & 0xff)]! ^
      tables[1536 + ((crc >>> 8) & 0xff)]! ^
      tables[1280 + ((crc >>> 16) & 0xff)]! ^
      tables[1024 + (crc >>> 24)]! ^
      tables[768 + bytes[at + 4]!]! ^
      tables[512 + bytes[at + 5]!]! ^
      tables[256 + bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!;
  }
  for (; at < length; at++) crc = tables[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

let crc32Tables: Uint32Array | null = null;
let crc32cTables: Uint32Array | null = null;

/** CRC-32 in plain TypeScript, for engines without `zlib.crc32`; same result, exported for the test that says so. */
export function crc32Portable(bytes: Uint8Array, previous = 0): number {
  crc32Tables ??= slicingTables(0xedb88320);
  return checksum(crc32Tables, bytes, previous);
}

// Node has it from 20.15 and 22.2 on; the namespace import keeps older ones loading.
const native: ((data: Uint8Array, value?: number) => number) | undefined = zlib.crc32;

/**
 * CRC-32 of `bytes`, an unsigned 32-bit whole number; `crc32(b, crc32(a))` is that of `a` followed by `b`.
 * Source: ISO 3309, as in zip, gzip and PNG.
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  return native === undefined ? crc32Portable(bytes, previous) : native(bytes, previous);
}

/**
 * CRC-32C (Castagnoli) of `bytes`, an unsigned 32-bit whole number; `crc32c(b, crc32c(a))` is that of `a` followed by `b`.
 * Source: RFC 3720, appendix B.4.
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  crc32cTables ??= slicingTables(0x82f63b78);
  return checksum(crc32cTables, bytes, previous);
}
