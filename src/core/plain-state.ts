/** States of plain objects, arrays, numbers, texts and typed arrays as JSON and back, bit for bit. */
import type { Json } from './json.js';

const TYPED = {
  Float32Array,
  Float64Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
} as const;
type TypedName = keyof typeof TYPED;

class NotPlain extends Error {}

/** A value as JSON; `undefined` for one that holds something else than plain data. */
export function encodeState(value: unknown): Json | undefined {
  try {
    return encode(value, 0);
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

function encode(value: unknown, depth: number): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { $number: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (typeof value !== 'object' || depth > 50) throw new NotPlain();
  if (Array.isArray(value)) return value.map((item) => encode(item, depth + 1));
  const name = value.constructor?.name as TypedName;
  if (ArrayBuffer.isView(value)) {
    if (!Object.hasOwn(TYPED, name)) throw new NotPlain();
    return { $typed: name, values: Array.from(value as unknown as Float64Array, (item) => encode(item, depth + 1)) };
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) throw new NotPlain();
  const json: { [key: string]: Json } = {};
  for (const [key, item] of Object.entries(value)) {
    if (key.startsWith('$') || key === '__proto__') throw new NotPlain();
    if (item !== undefined) json[key] = encode(item, depth + 1);
  }
  return json;
}

/** The value that `encodeState` wrote. */
export function decodeState(json: Json): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map(decodeState);
  if (typeof json['$number'] === 'string') return Number(json['$number']);
  if (typeof json['$typed'] === 'string') {
    const values = (json['values'] as Json[]).map((item) => decodeState(item) as number);
    return TYPED[json['$typed'] as TypedName].from(values);
  }
  return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, decodeState(item)]));
}
