import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../../src/runs/safetensors.js';
import { throwsError } from '../support/misuse.js';
import { golden } from '../support/paths.js';

const finite = { noDefaultInfinity: false, noNaN: true };
const data = fc.oneof(
  fc.float32Array(finite).map((array) => array as Tensor['data']),
  fc.float64Array(finite).map((array) => array as Tensor['data']),
  fc.int32Array().map((array) => array as Tensor['data']),
  fc.uint32Array().map((array) => array as Tensor['data']),
  fc.bigInt64Array().map((array) => array as Tensor['data']),
  fc.uint8Array().map((array) => array as Tensor['data']),
);
const name = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__metadata__' && !/^\d+$/.test(text));

/** A file with the given header and so many bytes of data. */
function file(header: unknown, dataLength: number, length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? Buffer.from(header, 'latin1') : Buffer.from(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

test('what is written is read again, whatever the tensors', () => {
  fc.assert(
    fc.property(fc.dictionary(name, data), fc.dictionary(name, fc.string()), (arrays, texts) => {
      const tensors = new Map(
        Object.entries(arrays).map(([key, array]) => [key, { shape: [array.length, 1], data: array }]),
      );
      const metadata = new Map(Object.entries(texts));
      const bytes = encodeSafetensors(tensors, metadata);
      const read = decodeSafetensors(bytes, 'x');
      assert.equal([...read.tensors.keys()].sort(), [...tensors.keys()].sort());
      for (const [key, { shape, data }] of tensors) {
        const got = read.tensors.get(key)!;
        assert.equal(got.shape, shape);
        assert.is(got.data.constructor, data.constructor);
        assert.equal(Array.from<number | bigint>(got.data), Array.from<number | bigint>(data));
      }
      assert.equal(new Map([...read.metadata].sort()), new Map([...metadata].sort()));
    }),
  );
});

test('tensors lie at multiples of their element size, as readers that map the file need', () => {
  const tensors = new Map<string, Tensor>([
    ['bytes', { shape: [3], data: Uint8Array.of(1, 2, 3) }],
    ['single', { shape: [1], data: Float32Array.of(4) }],
    ['double', { shape: [1], data: Float64Array.of(5) }],
  ]);
  const bytes = encodeSafetensors(tensors);
  const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assert.is(start % 8, 0);
  assert.is(new Float64Array(bytes.buffer, start, 1)[0], 5);
  assert.is(new Float32Array(bytes.buffer, start + 8, 1)[0], 4);
});

test('reads what the Python package wrote', () => {
  const { file: hex } = JSON.parse(readFileSync(golden('safetensors.json'), 'utf8')) as { file: string };
  const { tensors, metadata } = decodeSafetensors(Buffer.from(hex, 'hex'), 'golden');
  assert.equal(Object.fromEntries(metadata), { about: 'ünïcode " quote', n: '1' });
  assert.equal(tensors.get('weight'), { shape: [2, 3], data: Float32Array.of(0, 0.125, 0.25, 0.375, 0.5, 0.625) });
  assert.equal(tensors.get('moments'), { shape: [3], data: Float64Array.of(1.5, -2.25, 1e300) });
  assert.equal(tensors.get('count')!.shape, []);
  assert.is(tensors.get('count')!.data[0], 7n);
  assert.equal(tensors.get('index')!.data, Int32Array.of(-1, 2 ** 31 - 1));
  assert.equal(tensors.get('mask'), { shape: [3, 1], data: Uint8Array.of(1, 0, 255) });
  assert.equal(tensors.get('words')!.data, Uint32Array.of(4294967295));
  assert.equal(tensors.get('empty'), { shape: [0, 3], data: new Float32Array(0) });
});

const f32 = (begin: number, end: number, shape: unknown = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

const hostile: [string, Uint8Array, (string | RegExp)[]][] = [
  ['an empty file', new Uint8Array(0), ['the header length', '8 bytes']],
  ['seven bytes', new Uint8Array(7), ['the header length']],
  ['a header length beyond the file', file({}, 0, 3n), ['the header length', 'cut off']],
  ['a header length of 2^63', file({}, 0, 1n << 63n), ['the header length', '9223372036854775808']],
  ['a header length of 2^64 - 1', file({}, 0, (1n << 64n) - 1n), ['the header length']],
  ['a header that is no JSON', file('{"a":', 0), ['the header', 'not JSON']],
  ['a header that is no UTF-8', file('{"\xff":1}', 0), ['the header', 'not JSON']],
  ['a header that is a list', file([], 0), ['not a JSON object']],
  ['a tensor that is null', file({ a: null }, 0), ["tensor 'a'"]],
  ['an unknown dtype', file({ a: { ...f32(0, 4), dtype: 'F8' } }, 4), ["tensor 'a'", '"F8"', 'F32']],
  ['a dtype of the prototype', file({ a: { ...f32(0, 4), dtype: 'constructor' } }, 4), ["tensor 'a'", 'constructor']],
  ['a negative length', file({ a: f32(0, 4, [-1]) }, 4), ['impossible shape [-1]']],
  ['a fractional length', file({ a: f32(0, 4, [0.5]) }, 4), ['impossible shape']],
  ['a shape that overflows', file({ a: f32(0, 4, [2 ** 40, 2 ** 40]) }, 4), ['impossible shape']],
  ['a shape that is text', file({ a: f32(0, 4, '1') }, 4), ['impossible shape']],
  ['offsets in the wrong order', file({ a: f32(4, 0, [1]) }, 4), ['impossible offsets [4,0]']],
  ['one offset', file({ a: { dtype: 'F32', shape: [1], data_offsets: [0] } }, 4), ['impossible offsets']],
  ['a shape that does not fit its bytes', file({ a: f32(0, 8, [1]) }, 8), ['spans 8 bytes', 'takes 4']],
  ['a tensor beyond the end', file({ a: f32(0, 8) }, 4), ["tensor 'a'", 'ends at byte 8', 'cut off']],
  ['overlapping tensors', file({ a: f32(0, 8), b: f32(4, 12) }, 12), ["tensor 'b'", 'overlap']],
  ['a hole between tensors', file({ a: f32(0, 4), b: f32(8, 12) }, 12), ["tensor 'b'", 'hole']],
  ['bytes after the last tensor', file({ a: f32(0, 4) }, 5), ['the end', '1 bytes']],
  [
    'a name that is there twice',
    file(`{"a":${JSON.stringify(f32(0, 4))},"a":${JSON.stringify(f32(0, 4))}}`, 4),
    ['the header', 'twice'],
  ],
  ['a header after a space', file(' {}', 0), ['the header', "does not begin with '{'"]],
  ['metadata that is no object', file({ __metadata__: [] }, 0), ['the metadata']],
  ['metadata that is no text', file({ __metadata__: { a: 1 } }, 0), ["the metadata 'a'"]],
];
for (const [title, bytes, says] of hostile) {
  test(`refuses ${title}`, () => {
    const expected = { code: 'CHECKPOINT_CORRUPT', kind: 'failure' as const, says: ['weights.safetensors', ...says] };
    throwsError(() => decodeSafetensors(bytes, 'weights.safetensors'), expected);
  });
}

test('no bytes whatever give anything but tensors or CHECKPOINT_CORRUPT', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(40), (tail, length) => {
      const bytes = new Uint8Array(8 + tail.length);
      bytes[0] = length;
      bytes.set(tail, 8);
      try {
        decodeSafetensors(bytes, 'x');
      } catch (error) {
        assert.is((error as { code?: string }).code, 'CHECKPOINT_CORRUPT');
      }
    }),
  );
});

test.run();
