/** Seeded damage: to bytes, to the chunks of an episode file, to JSON; and the checksums that make damaged content look whole. */
import { createHash } from 'node:crypto';
import type { ChunkType } from '../../src/episode/format.js';
import { chunk, link } from '../../src/episode/writer.js';
import { Generator, type Json, SeedSequence } from '../../src/index.js';

/** Choices of one case. */
export class Dice {
  readonly #generator: Generator;
  constructor(seed: number, index: number) {
    this.#generator = Generator.fromSeedSequence(new SeedSequence(seed, [index]));
  }
  /** A whole number below `n`; 0 where there is no choice. */
  below(n: number): number {
    return n <= 1 ? 0 : this.#generator.integers(n);
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const EXTREMES = [0n, 1n, 7n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000000n, (1n << 53n) - 1n, (1n << 64n) - 1n];

/** One change of bytes; `other` is another file of the kind, `places` are offsets where lengths lie. */
function damageOnce(dice: Dice, bytes: Buffer, other: Buffer, places: readonly number[]): Buffer {
  const { length } = bytes;
  if (length === 0) return Buffer.alloc(1 + dice.below(20), dice.below(256));
  const at = dice.below(length);
  const size = 1 + dice.below(Math.min(200, length - at));
  switch (dice.below(10)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
      return bytes;
    case 1:
      bytes[at] = dice.below(256);
      return bytes;
    case 2:
      return bytes.subarray(0, dice.below(length + 1));
    case 3:
      return Buffer.concat([bytes, Buffer.alloc(size, dice.below(256))]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]);
    case 5:
      return Buffer.concat([bytes.subarray(0, at + size), bytes.subarray(at)]);
    case 6:
      bytes.copy(bytes, dice.below(length), at, at + size);
      return bytes;
    case 7: {
      const from = dice.below(other.length);
      return Buffer.concat([bytes.subarray(0, at), other.subarray(from)]);
    }
    case 8:
      bytes.fill(dice.pick([0, 0xff, 0x20]), at, at + size);
      return bytes;
    default: {
      const place = places.length > 0 ? dice.pick(places) : at;
      if (place + 8 > length) return bytes.subarray(0, place);
      if (dice.below(2) === 0) bytes.writeBigUInt64LE(dice.pick(EXTREMES), place);
      else bytes.writeUInt32LE(Number(dice.pick(EXTREMES) & 0xffffffffn), place);
      return bytes;
    }
  }
}

/** One to three changes of bytes. */
export function damage(dice: Dice, original: Buffer, other: Buffer, places: readonly number[] = []): Buffer {
  let bytes = Buffer.from(original);
  for (let k = dice.below(3); k >= 0; k--) bytes = Buffer.from(damageOnce(dice, bytes, other, places));
  return bytes;
}

const deep = (levels: number): Json => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as Json;

const STRANGE: readonly (() => Json)[] = [
  () => null,
  () => true,
  () => -1,
  () => 0,
  () => 1.5,
  () => 1e308,
  () => 2 ** 53,
  () => 4294967296,
  () => 1e9,
  () => 65_537,
  () => '',
  () => 'NaN',
  () => '-0',
  () => 'x'.repeat(5000),
  () => '\u0000\ud800',
  () => 'gymkhana:envs/none/none.js',
  () => 'file:///nowhere/at/all.js',
  () => [],
  () => [[]],
  () => [-1, 'a', null],
  () => [1e15, 1e15],
  () => ({}),
  () => ({ length: 1e9 }),
  () => ({ toJSON: 'no', type: 'Box' }),
  () => deep(50),
  () => deep(2000),
];

type Container = Json[] | { [key: string]: Json };
interface Spot {
  readonly owner: Container;
  readonly key: string;
}

function spotsOf(value: Json, spots: Spot[] = []): Spot[] {
  if (typeof value !== 'object' || value === null) return spots;
  for (const [key, child] of Object.entries(value)) {
    spots.push({ owner: value, key });
    spotsOf(child, spots);
  }
  return spots;
}

const get = ({ owner, key }: Spot): Json => (owner as { [key: string]: Json })[key]!;
const set = ({ owner, key }: Spot, value: Json): void => {
  (owner as { [key: string]: Json })[key] = value;
};

/** A JSON value with one to three changes anywhere in it. */
export function damageJson(dice: Dice, original: Json): Json {
  const value = structuredClone(original);
  for (let k = dice.below(3); k >= 0; k--) {
    const spots = spotsOf(value);
    if (spots.length === 0) return dice.pick(STRANGE)();
    const spot = dice.pick(spots);
    const now = get(spot);
    switch (dice.below(7)) {
      case 0:
        if (Array.isArray(spot.owner)) spot.owner.splice(Number(spot.key), 1);
        else delete spot.owner[spot.key];
        break;
      case 1:
        set(spot, structuredClone(get(dice.pick(spots))));
        break;
      case 2:
        if (typeof now === 'number') set(spot, dice.pick([now + 1, -now, now * 1e6, now / 3, now - 1]));
        else if (typeof now === 'string') set(spot, dice.pick([`${now}x`, now.slice(1), now.toUpperCase()]));
        else if (typeof now === 'boolean') set(spot, !now);
        else if (Array.isArray(now)) now.push(...now.slice(0, 3));
        break;
      case 3:
        if (!Array.isArray(spot.owner)) {
          const name = dice.pick([`${spot.key}2`, 'constructor', 'length', '']);
          spot.owner[name] = now;
          if (dice.below(2) === 0) delete spot.owner[spot.key];
        }
        break;
      case 4:
        // An own property, as JSON.parse makes it.
        if (!Array.isArray(spot.owner)) {
          Object.defineProperty(spot.owner, '__proto__', {
            value: now,
            enumerable: true,
            configurable: true,
            writable: true,
          });
        }
        break;
      default:
        set(spot, dice.pick(STRANGE)());
    }
  }
  return value;
}

/** JSON text with a change of the value, and now and then one of the text too: a key that is there twice, damaged bytes. */
export function damageJsonText(dice: Dice, original: Json): string {
  const text = JSON.stringify(damageJson(dice, original));
  const choice = dice.below(12);
  if (choice === 0) {
    const quote = text.indexOf('":');
    const start = text.lastIndexOf('"', quote - 1);
    if (quote < 0 || start < 0) return text;
    return `${text.slice(0, start)}${text.slice(start, quote)}":${dice.pick(['null', '1', '{}'])},${text.slice(start)}`;
  }
  if (choice === 1) return damage(dice, Buffer.from(text), Buffer.from(text)).toString('latin1');
  return text;
}

/** A chunk of an episode file, as it lies there. */
export interface FuzzChunk {
  type: string;
  payload: Buffer;
  /** All its bytes, checksums included. */
  raw: Buffer;
}

export function chunksOf(bytes: Buffer): { chunks: FuzzChunk[]; places: number[] } {
  const chunks: FuzzChunk[] = [];
  const places: number[] = [];
  for (let offset = 8; offset < bytes.length; ) {
    const length = bytes.readUInt32LE(offset + 4);
    places.push(offset + 4);
    const end = offset + 16 + length;
    chunks.push({
      type: bytes.toString('latin1', offset, offset + 4),
      payload: Buffer.from(bytes.subarray(offset + 12, offset + 12 + length)),
      raw: Buffer.from(bytes.subarray(offset, end)),
    });
    offset = end;
  }
  return { chunks, places };
}

/** Whole chunks moved, doubled, left out or taken from another file, each with its own checksums. */
export function moveChunks(dice: Dice, bytes: Buffer, other: Buffer): Buffer {
  const { chunks } = chunksOf(bytes);
  for (let k = dice.below(2); k >= 0 && chunks.length > 0; k--) {
    const a = dice.below(chunks.length);
    switch (dice.below(4)) {
      case 0:
        chunks.splice(a, 1);
        break;
      case 1:
        chunks.splice(dice.below(chunks.length), 0, chunks[a]!);
        break;
      case 2: {
        // Of the same type and length where there is one: the hardest to see.
        const { type, raw } = chunks[a]!;
        const alike = chunks.flatMap((one, i) =>
          i !== a && one.type === type && one.raw.length === raw.length ? [i] : [],
        );
        const b = alike.length > 0 ? dice.pick(alike) : dice.below(chunks.length);
        [chunks[a], chunks[b]] = [chunks[b]!, chunks[a]!];
        break;
      }
      default: {
        const { type } = chunks[a]!;
        const alike = chunksOf(other).chunks.filter((one) => one.type === type);
        if (alike.length > 0) chunks[a] = dice.pick(alike);
      }
    }
  }
  return Buffer.concat([bytes.subarray(0, 8), ...chunks.map(({ raw }) => raw)]);
}

/** An episode file of these chunks with checksums that fit. */
export function sealEpisode(
  signature: Buffer,
  chunks: readonly { readonly type: string; readonly payload: Uint8Array }[],
): Buffer {
  const sealed = Buffer.concat(chunks.map(({ type, payload }) => chunk(type as ChunkType, payload)));
  link(sealed, 0);
  return Buffer.concat([signature, sealed]);
}

/** A safetensors file of a header's text and data, framed as the format asks. */
export function frameSafetensors(header: string, data: Uint8Array): Buffer {
  const text = Buffer.from(header, 'utf8');
  const start = Math.ceil((8 + text.length) / 8) * 8;
  const bytes = Buffer.alloc(start + data.length, 0x20);
  bytes.writeBigUInt64LE(BigInt(start - 8), 0);
  text.copy(bytes, 8);
  bytes.set(data, start);
  return bytes;
}

const HASH_AT = 8 + '{"__metadata__":{"sha256":"'.length;

/** Writes the checksum of a checkpoint anew, where the header still has a place for it. */
export function signCheckpoint(bytes: Buffer): Buffer {
  if (bytes.length < HASH_AT + 64) return bytes;
  const hash = createHash('sha256').update(bytes.subarray(0, HASH_AT)).update('0'.repeat(64));
  bytes.write(hash.update(bytes.subarray(HASH_AT + 64)).digest('hex'), HASH_AT, 'latin1');
  return bytes;
}

/** Header and data of a safetensors file that is whole. */
export function openSafetensors(bytes: Buffer): { header: { [name: string]: Json }; data: Buffer } {
  const length = Number(bytes.readBigUInt64LE(0));
  return {
    header: JSON.parse(bytes.toString('utf8', 8, 8 + length)) as { [name: string]: Json },
    data: Buffer.from(bytes.subarray(8 + length)),
  };
}
