import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crc32, crc32c, crc32Portable } from '../../src/core/crc32.js';

const ascii = (text: string) => Buffer.from(text, 'latin1');
const range = (from: number, step: number) => Uint8Array.from({ length: 32 }, (_, i) => from + step * i);

test('CRC-32 has the published values', () => {
  for (const [bytes, expected] of [
    [ascii(''), 0],
    [ascii('123456789'), 0xcbf43926],
    [ascii('The quick brown fox jumps over the lazy dog'), 0x414fa339],
    [new Uint8Array(32), 0x190a55ad],
  ] as const) {
    assert.is(crc32(bytes), expected);
    assert.is(crc32Portable(bytes), expected);
  }
});

test('CRC-32C has the values of RFC 3720, B.4', () => {
  for (const [bytes, expected] of [
    [ascii(''), 0],
    [ascii('123456789'), 0xe3069283],
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(0xff), 0x62a8ab43],
    [range(0, 1), 0x46dd794e],
    [range(31, -1), 0x113fdb5c],
  ] as const) {
    assert.is(crc32c(bytes), expected);
  }
});

test('both agree with a bit-by-bit division and continue over pieces', () => {
  const slow = (polynomial: number, bytes: Uint8Array) => {
    let crc = 0xffffffff;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    }
    return ~crc >>> 0;
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      const head = bytes.subarray(0, cut);
      const tail = bytes.subarray(cut);
      assert.is(crc32(bytes), slow(0xedb88320, bytes));
      assert.is(crc32Portable(bytes), slow(0xedb88320, bytes));
      assert.is(crc32c(bytes), slow(0x82f63b78, bytes));
      assert.is(crc32(tail, crc32(head)), crc32(bytes));
      assert.is(crc32Portable(tail, crc32Portable(head)), crc32(bytes));
      assert.is(crc32c(tail, crc32c(head)), crc32c(bytes));
    }),
  );
});

test.run();
