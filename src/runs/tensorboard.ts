/**
 * TensorBoard event files with scalars. Each record is framed as a TFRecord (length, masked CRC-32C of the length, bytes, masked
 * CRC-32C of the bytes) around one protobuf message `tensorflow.Event`; the few fields used here are encoded by hand.
 *
 * Sources: tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto, tensorflow/core/lib/io/record_writer.cc.
 */
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { crc32c } from '../core/crc32.js';
import { notWritable } from '../core/files.js';

/** Wire type 2: length, then bytes. */
const BYTES = 2;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

function bytesField(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([(number << 3) | BYTES, ...varint(content.length)]), content]);
}

function doubleField(number: number, value: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(9));
  bytes.setUint8(0, (number << 3) | 1);
  bytes.setFloat64(1, value, true);
  return new Uint8Array(bytes.buffer);
}

function floatField(number: number, value: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(5));
  bytes.setUint8(0, (number << 3) | 5);
  bytes.setFloat32(1, value, true);
  return new Uint8Array(bytes.buffer);
}

/** `Event { wall_time: 1, step: 2, file_version: 3 }`, the first record of every file. */
export function encodeVersionEvent(wallTime: number): Uint8Array {
  return Buffer.concat([doubleField(1, wallTime), bytesField(3, Buffer.from('brain.Event:2'))]);
}

/**
 * `Event { wall_time: 1, step: 2, summary: 5 { value: 1 { tag: 1, simple_value: 2 } } }`.
 *
 * @param wallTime seconds since 1970.
 * @param step environment steps, a whole number from 0 on.
 */
export function encodeScalarsEvent(
  wallTime: number,
  step: number,
  scalars: { readonly [tag: string]: number },
): Uint8Array {
  const values = Object.entries(scalars).map(([tag, value]) =>
    bytesField(1, Buffer.concat([bytesField(1, Buffer.from(tag, 'utf8')), floatField(2, value)])),
  );
  // As proto3 does, 0 is left out.
  const stepField = Uint8Array.from(step === 0 ? [] : [2 << 3, ...varint(step)]);
  return Buffer.concat([doubleField(1, wallTime), stepField, bytesField(5, Buffer.concat(values))]);
}

function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Frames one record as TFRecord readers expect it. */
export function frameRecord(data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(16 + data.length);
  bytes.writeBigUInt64LE(BigInt(data.length), 0);
  bytes.writeUInt32LE(maskedCrc(bytes.subarray(0, 8)), 8);
  bytes.set(data, 12);
  bytes.writeUInt32LE(maskedCrc(data), 12 + data.length);
  return bytes;
}

/** The step of an event, 0 if it has none: the first field 2 of its protobuf message. */
function stepOf(event: Uint8Array): number {
  // wall_time is field 1, 9 bytes.
  if (event[0] !== 9 || event[9] !== 2 << 3) return 0;
  let step = 0;
  let factor = 1;
  for (let at = 10; at < event.length; at++) {
    step += (event[at]! & 127) * factor;
    if (event[at]! < 128) break;
    factor *= 128;
  }
  return step;
}

/**
 * Cuts off the events after an environment step from all event files of a folder, and a record that was torn: a resumed run writes
 * them again, into a file of its own.
 * @throws `NOT_WRITABLE`.
 */
export function cutEvents(folder: string, steps: number): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith('events.out.tfevents.')) continue;
    const path = join(folder, name);
    try {
      const bytes = readFileSync(path);
      let end = 0;
      while (end + 16 <= bytes.length) {
        const next = end + 16 + Number(bytes.readBigUInt64LE(end));
        if (next > bytes.length || stepOf(bytes.subarray(end + 12, next - 4)) > steps) break;
        end = next;
      }
      if (end < bytes.length) truncateSync(path, end);
    } catch (cause) {
      throw notWritable(path, cause);
    }
  }
}

/** Appends scalars to one event file that `tensorboard --logdir` opens, also while it is being written. */
export class EventWriter {
  /** The file's path. */
  readonly path: string;
  readonly #now: () => number;
  #descriptor: number | null;

  /**
   * @param folder an existing folder; the file's name is unique to this process and second.
   * @param now seconds since 1970.
   * @throws `NOT_WRITABLE`.
   */
  constructor(folder: string, now: () => number = () => Date.now() / 1000) {
    this.#now = now;
    this.path = join(folder, `events.out.tfevents.${Math.floor(now())}.${hostname()}.${process.pid}`);
    try {
      this.#descriptor = openSync(this.path, 'a');
    } catch (cause) {
      throw notWritable(this.path, cause);
    }
    this.#append(encodeVersionEvent(now()));
  }

  /** Records scalars at an environment step; values that are not finite are left out, since charts cannot show them. */
  scalars(step: number, values: { readonly [tag: string]: number }): void {
    const finite = Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));
    if (Object.keys(finite).length > 0) this.#append(encodeScalarsEvent(this.#now(), step, finite));
  }

  /** Waits until the records are on the disk. */
  flush(): void {
    if (this.#descriptor !== null) fsyncSync(this.#descriptor);
  }

  /** Closes the file; a second call does nothing. */
  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #append(event: Uint8Array): void {
    if (this.#descriptor === null) throw new Error(`internal: ${this.path} is closed`);
    const record = frameRecord(event);
    try {
      for (let at = 0; at < record.length; ) at += writeSync(this.#descriptor, record, at);
    } catch (cause) {
      throw notWritable(this.path, cause);
    }
  }
}
