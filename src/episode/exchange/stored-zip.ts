/**
 * A zip archive whose members are stored as they are and grow side by side: their sizes are known before, so each has its place.
 * Our own, since a member that does not fit into 4 GiB needs zip64, which the small zip packages do not write, and since columns
 * of a table fill row by row, not one after another. Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3.
 */
import { crc32 } from '../../core/crc32.js';
import type { FileSink } from './sink.js';

const MAX32 = 0xffffffff;
/** The first of January 1980, midnight: the same data give the same bytes. */
const DATE = 0x0021;
/** A member gathers so many bytes before it writes them. */
const GATHERED = 64 * 1024;

/** One member of an archive, written from its start to its end. */
export class StoredMember {
  readonly name: Uint8Array;
  /** Where its local header begins. */
  readonly offset: number;
  readonly size: number;
  readonly #sink: FileSink;
  readonly #start: number;
  #written = 0;
  #crc = 0;
  #gathered: Uint8Array[] = [];
  #waiting = 0;

  constructor(sink: FileSink, name: string, offset: number, size: number) {
    this.#sink = sink;
    this.name = Buffer.from(name, 'utf8');
    this.offset = offset;
    this.size = size;
    this.#start = offset + 30 + this.name.length + (size >= MAX32 ? 20 : 0);
  }

  /** Where the next member may begin. */
  get end(): number {
    return this.#start + this.size;
  }

  /** CRC-32 of what was written. */
  get crc(): number {
    return this.#crc;
  }

  /** Appends bytes, which must stay as they are until `flush`. */
  write(bytes: Uint8Array): void {
    this.#crc = crc32(bytes, this.#crc);
    this.#gathered.push(bytes);
    this.#waiting += bytes.length;
    if (this.#waiting >= GATHERED) this.flush();
  }

  /** Hands the gathered bytes to the file. */
  flush(): void {
    for (const bytes of this.#gathered) {
      this.#sink.writeAt(this.#start + this.#written, bytes);
      this.#written += bytes.length;
    }
    this.#gathered = [];
    this.#waiting = 0;
  }

  /** Writes the header, now that the checksum is known. */
  finish(): void {
    this.flush();
    if (this.#written !== this.size) {
      throw new Error(`internal: a member of ${this.size} bytes was given ${this.#written}`);
    }
    this.#sink.writeAt(this.offset, this.header(false));
  }

  /** The local header, or the entry of the directory. */
  header(central: boolean): Uint8Array {
    const { size, offset, name } = this;
    const wide = size >= MAX32;
    const far = central && offset >= MAX32;
    const extra = wide || far ? 4 + (wide ? 16 : 0) + (far ? 8 : 0) : 0;
    const fixed = central ? 46 : 30;
    const bytes = Buffer.alloc(fixed + name.length + extra);
    const version = wide || far ? 45 : 20;
    bytes.writeUInt32LE(central ? 0x02014b50 : 0x04034b50, 0);
    let at = 4;
    if (central) at = bytes.writeUInt16LE(version, at);
    at = bytes.writeUInt16LE(version, at);
    at = bytes.writeUInt16LE(0x0800, at); // names are UTF-8
    at = bytes.writeUInt16LE(0, at); // stored
    at = bytes.writeUInt16LE(0, at);
    at = bytes.writeUInt16LE(DATE, at);
    at = bytes.writeUInt32LE(this.#crc, at);
    at = bytes.writeUInt32LE(wide ? MAX32 : size, at);
    at = bytes.writeUInt32LE(wide ? MAX32 : size, at);
    at = bytes.writeUInt16LE(name.length, at);
    at = bytes.writeUInt16LE(extra, at);
    if (central) bytes.writeUInt32LE(far ? MAX32 : offset, 42);
    bytes.set(name, fixed);
    if (extra === 0) return bytes;
    at = fixed + name.length;
    at = bytes.writeUInt16LE(1, at);
    at = bytes.writeUInt16LE(extra - 4, at);
    if (wide) {
      at = bytes.writeBigUInt64LE(BigInt(size), at);
      at = bytes.writeBigUInt64LE(BigInt(size), at);
    }
    if (far) bytes.writeBigUInt64LE(BigInt(offset), at);
    return bytes;
  }
}

/** Places members one after another. @param sizes name and size of each */
export function placeMembers(sink: FileSink, sizes: readonly (readonly [string, number])[]): StoredMember[] {
  let offset = 0;
  return sizes.map(([name, size]) => {
    const member = new StoredMember(sink, name, offset, size);
    offset = member.end;
    return member;
  });
}

/** Writes the headers of all members and the directory behind them. */
export function finishZip(sink: FileSink, members: readonly StoredMember[]): void {
  for (const member of members) member.finish();
  const start = members.at(-1)?.end ?? 0;
  const directory = Buffer.concat(members.map((member) => member.header(true)));
  const end = start + directory.length;
  const wide = end >= MAX32 || members.length >= 0xffff;
  const tail = Buffer.alloc((wide ? 76 : 0) + 22);
  let at = 0;
  if (wide) {
    at = tail.writeUInt32LE(0x06064b50, at);
    at = tail.writeBigUInt64LE(44n, at);
    at = tail.writeUInt16LE(45, at);
    at = tail.writeUInt16LE(45, at);
    at += 8;
    at = tail.writeBigUInt64LE(BigInt(members.length), at);
    at = tail.writeBigUInt64LE(BigInt(members.length), at);
    at = tail.writeBigUInt64LE(BigInt(directory.length), at);
    at = tail.writeBigUInt64LE(BigInt(start), at);
    at = tail.writeUInt32LE(0x07064b50, at);
    at += 4;
    at = tail.writeBigUInt64LE(BigInt(end), at);
    at = tail.writeUInt32LE(1, at);
  }
  const count = Math.min(members.length, 0xffff);
  at = tail.writeUInt32LE(0x06054b50, at);
  at += 4;
  at = tail.writeUInt16LE(count, at);
  at = tail.writeUInt16LE(count, at);
  at = tail.writeUInt32LE(Math.min(directory.length, MAX32), at);
  tail.writeUInt32LE(wide ? MAX32 : start, at);
  sink.writeAt(start, directory);
  sink.writeAt(end, tail);
}
