import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FileSink } from '../../../src/episode/exchange/sink.js';
import { finishZip, placeMembers, StoredMember } from '../../../src/episode/exchange/stored-zip.js';
import { inFolder } from '../support.js';

test('members that grow side by side come back whole from another reader', () =>
  inFolder(async (folder) => {
    const sink = new FileSink(join(folder, 'a.zip'));
    const sizes = [
      ['a.npy', 200_000],
      ['ä/b.npy', 3],
      ['empty', 0],
    ] as const;
    const members = placeMembers(sink, sizes);
    for (let k = 0; k < 200; k++) {
      members[0]!.write(new Uint8Array(1000).fill(k));
      if (k < 3) members[1]!.write(Uint8Array.of(k));
    }
    finishZip(sink, members);
    sink.commit();
    const files = unzipSync(readFileSync(join(folder, 'a.zip')));
    assert.equal(
      Object.entries(files).map(([name, { length }]) => [name, length]),
      sizes.map(([name, size]) => [name, size]),
    );
    assert.ok(files['a.npy']!.every((byte, i) => byte === Math.floor(i / 1000)));
    assert.equal([...files['ä/b.npy']!], [0, 1, 2]);
  }));

test('a member that does not get its size is our own bug', () =>
  inFolder(async (folder) => {
    const sink = new FileSink(join(folder, 'a.zip'));
    const [member] = placeMembers(sink, [['a', 5]]);
    member!.write(new Uint8Array(4));
    assert.throws(() => finishZip(sink, [member!]), /internal: a member of 5 bytes was given 4/);
    sink.discard();
  }));

test('members beyond 4 GiB, in size or place, carry zip64 fields', () =>
  inFolder(async (folder) => {
    const sink = new FileSink(join(folder, 'a.zip'));
    const large = new StoredMember(sink, 'a', 0, 5e9);
    const local = Buffer.from(large.header(false));
    assert.is(local.readUInt16LE(4), 45);
    assert.is(local.readUInt32LE(18), 0xffffffff);
    assert.is(local.readUInt16LE(28), 20);
    assert.equal([local.readUInt16LE(31), local.readUInt16LE(33)], [1, 16]);
    assert.equal([local.readBigUInt64LE(35), local.readBigUInt64LE(43)], [5_000_000_000n, 5_000_000_000n]);
    assert.is(large.end, 30 + 1 + 20 + 5e9);
    const far = new StoredMember(sink, 'b', large.end, 7);
    const central = Buffer.from(far.header(true));
    assert.is(central.readUInt32LE(42), 0xffffffff);
    assert.is(central.readUInt32LE(24), 7);
    assert.equal([central.readUInt16LE(47), central.readUInt16LE(49)], [1, 8]);
    assert.is(central.readBigUInt64LE(51), BigInt(large.end));
    sink.discard();
  }));

test.run();
