/**
 * The safetensors file format: 8 bytes with the header's length, a JSON header, then the tensors' bytes. Any tool of the machine
 * learning world opens it, and reading it runs no code. Layout and rules as in the Rust reference implementation, 0.8.
 *
 * Numbers are little-endian, as on every machine Node runs on. Tensors are ordered by element size, and the header is padded, so
 * that each tensor lies at a multiple of its element's size.
 */
import { failure, type GymkhanaError } from '../core/errors.js';

/** Typed arrays that can be stored, each under the dtype of `DTYPE_NAMES`. */
export type TensorData = Float32Array | Float64Array | Int32Array | Uint32Array | BigInt64Array | Uint8Array;

/** The dtypes this implementation reads and writes, in the format's own words. */
export type TensorDType = 'F32' | 'F64' | 'I32' | 'U32' | 'I64' | 'U8';

/** A tensor: `data` is row-major and holds as many elements as `shape` says; an empty shape is one number. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** What a file holds. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** The format allows text only. */
  readonly metadata: ReadonlyMap<string, string>;
}

const METADATA = '__metadata__';
const HEADER_START = 8;
const OPENING_BRACE = 0x7b;

/** The reference implementation's limit; a longer header is an attack or not this format. */
const HEADER_LIMIT = 100_000_000;

const ARRAYS = {
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  U32: Uint32Array,
  I64: BigInt64Array,
  U8: Uint8Array,
} as const;

function dtypeOf(data: TensorData): TensorDType {
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Int32Array) return 'I32';
  if (data instanceof Uint32Array) return 'U32';
  if (data instanceof BigInt64Array) return 'I64';
  return 'U8';
}

function isDType(name: unknown): name is TensorDType {
  return typeof name === 'string' && Object.hasOwn(ARRAYS, name);
}

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Number of elements of a shape; null unless every length is a whole number and the product is exact. */
function elements(shape: readonly unknown[]): number | null {
  let product = 1;
  for (const length of shape) {
    if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0) return null;
    product *= length;
  }
  return Number.isSafeInteger(product) ? product : null;
}

/** Writes tensors and text into one file's bytes; the metadata comes first in the header, in the order given. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(
    ([nameA, a], [nameB, b]) =>
      b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0),
  );
  const entries: [string, unknown][] = [];
  if (metadata.size > 0) entries.push([METADATA, Object.fromEntries(metadata)]);
  let offset = 0;
  for (const [name, { shape, data }] of ordered) {
    if (name === METADATA) throw new Error(`internal: '${METADATA}' is no name for a tensor`);
    if (elements(shape) !== data.length) {
      throw new Error(`internal: tensor '${name}' of shape [${shape.join(', ')}] has ${data.length} elements`);
    }
    entries.push([name, { dtype: dtypeOf(data), shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
  }
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)), 'utf8');
  const start = Math.ceil((HEADER_START + header.length) / 8) * 8;
  const bytes = new Uint8Array(start + offset).fill(0x20, HEADER_START, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - HEADER_START), true);
  bytes.set(header, HEADER_START);
  let at = start;
  for (const [, { data }] of ordered) {
    bytes.set(bytesOf(data), at);
    at += data.byteLength;
  }
  return bytes;
}

/** Makes the error for a file that is not what it should be: `part` says where, `problem` what. */
export function corruptFile(file: string, part: string, problem: string, cause?: unknown): GymkhanaError {
  return failure(
    'CHECKPOINT_CORRUPT',
    `${file} is damaged: ${part} ${problem}. Use another checkpoint of the run, or a fresh copy of the file.`,
    { file, field: part, got: problem },
    cause,
  );
}

/**
 * The numbers of one tensor of a file.
 * @throws `CHECKPOINT_CORRUPT` if it is missing, or of another type or shape.
 */
export function takeTensor<T extends TensorData>(
  tensors: ReadonlyMap<string, Tensor>,
  name: string,
  type: abstract new (length: number) => T,
  shape: readonly number[],
  file: string,
): T {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw corruptFile(file, `tensor '${name}'`, 'is missing');
  if (!(tensor.data instanceof type) || tensor.shape.join() !== shape.join()) {
    throw corruptFile(file, `tensor '${name}'`, `has shape [${tensor.shape}], expected ${type.name} [${shape}]`);
  }
  return tensor.data;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How many keys a JSON text has: one a colon outside strings. */
function keysWritten(json: string): number {
  let keys = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const letter = json[i];
    if (letter === '"') inString = !inString;
    else if (inString && letter === '\\') i++;
    else if (!inString && letter === ':') keys++;
  }
  return keys;
}

/** How many keys a value from JSON has; fewer than were written if one was there twice, of which `JSON.parse` keeps the last. */
function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const children: unknown[] = Object.values(value);
  const own = Array.isArray(value) ? 0 : children.length;
  return children.reduce((sum: number, child) => sum + keysOf(child), own);
}

function parseHeader(bytes: Uint8Array, file: string): { header: Record<string, unknown>; start: number } {
  if (bytes.length < HEADER_START) {
    throw corruptFile(file, 'the header length', `needs 8 bytes, but the file has ${bytes.length}`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  const room = bytes.length - HEADER_START;
  if (length > BigInt(HEADER_LIMIT) || length > BigInt(room)) {
    const problem = `says ${length} bytes, but the file has ${room} after it: it is cut off, or no safetensors file`;
    throw corruptFile(file, 'the header length', problem);
  }
  const start = HEADER_START + Number(length);
  let header: unknown;
  let keys: number;
  let written: number;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(HEADER_START, start));
    header = JSON.parse(text);
    written = keysWritten(text);
    keys = keysOf(header);
  } catch (cause) {
    throw corruptFile(file, 'the header', 'is not JSON', cause);
  }
  if (!isRecord(header)) throw corruptFile(file, 'the header', 'is not a JSON object');
  if (bytes[HEADER_START] !== OPENING_BRACE) throw corruptFile(file, 'the header', "does not begin with '{'");
  if (written !== keys) throw corruptFile(file, 'the header', 'names something twice');
  return { header, start };
}

interface Entry {
  readonly name: string;
  readonly dtype: TensorDType;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
}

function parseEntry(name: string, value: unknown, dataLength: number, file: string): Entry {
  const part = `tensor '${name}'`;
  if (!isRecord(value)) throw corruptFile(file, part, 'is not described by an object');
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDType(dtype)) {
    const known = Object.keys(ARRAYS).join(', ');
    throw corruptFile(file, part, `has dtype ${JSON.stringify(dtype)}, expected one of ${known}`);
  }
  const size = Array.isArray(shape) ? elements(shape) : null;
  if (size === null) throw corruptFile(file, part, `has the impossible shape ${JSON.stringify(shape)}`);
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  const whole = typeof begin === 'number' && typeof end === 'number' && elements([begin, end]) !== null;
  if (!whole || begin > end) throw corruptFile(file, part, `has impossible offsets ${JSON.stringify(offsets)}`);
  const width = ARRAYS[dtype].BYTES_PER_ELEMENT;
  if (end - begin !== size * width) {
    const problem = `spans ${end - begin} bytes, but shape ${JSON.stringify(shape)} of ${dtype} takes ${size * width}`;
    throw corruptFile(file, part, problem);
  }
  if (end > dataLength) {
    throw corruptFile(file, part, `ends at byte ${end} of the data, but the file has ${dataLength}: it is cut off`);
  }
  return { name, dtype, shape: shape as number[], begin, end };
}

/**
 * Reads a file's bytes; the arrays are copies.
 *
 * @param file the name that errors mention.
 * @throws `CHECKPOINT_CORRUPT`, which names the part, for anything that the format forbids: a header that is cut off or no JSON,
 * shapes that do not fit their bytes, tensors that overlap or leave a hole, bytes that belong to no tensor.
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): TensorFile {
  const { header, start } = parseHeader(bytes, file);
  const metadata = new Map<string, string>();
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name !== METADATA) {
      entries.push(parseEntry(name, value, bytes.length - start, file));
      continue;
    }
    if (!isRecord(value)) throw corruptFile(file, 'the metadata', 'is not an object');
    for (const [key, text] of Object.entries(value)) {
      if (typeof text !== 'string') throw corruptFile(file, `the metadata '${key}'`, 'is not text');
      metadata.set(key, text);
    }
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    if (begin !== at) {
      const problem = `starts at byte ${begin} of the data, where ${at} is expected: tensors overlap or leave a hole`;
      throw corruptFile(file, `tensor '${name}'`, problem);
    }
    at = end;
    // A copy is aligned, whatever the file's own alignment is. (`slice` would not copy a Buffer.)
    const copy = new Uint8Array(bytes.subarray(start + begin, start + end));
    tensors.set(name, { shape, data: new ARRAYS[dtype](copy.buffer) });
  }
  if (start + at !== bytes.length) {
    throw corruptFile(file, 'the end', `has ${bytes.length - start - at} bytes that belong to no tensor`);
  }
  return { tensors, metadata };
}
