import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GymkhanaError } from '../../src/core/errors.js';
import { type FileData, writeFileAtomic, writeFileAtomicSync } from '../../src/core/files.js';

const writers: [string, (path: string, data: FileData) => Promise<void>][] = [
  ['writeFileAtomic', writeFileAtomic],
  ['writeFileAtomicSync', async (path, data) => writeFileAtomicSync(path, data)],
];

for (const [name, write] of writers) {
  const inFolder = async (body: (folder: string) => Promise<void>) => {
    const folder = mkdtempSync(join(tmpdir(), 'gymkhana-files-'));
    try {
      await body(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  const refusal = async (path: string): Promise<GymkhanaError> => {
    try {
      await write(path, 'new');
    } catch (error) {
      if (error instanceof GymkhanaError) return error;
      throw error;
    }
    throw new Error('Nothing was thrown.');
  };

  test(`${name} writes text and bytes, replaces, and leaves nothing beside`, () =>
    inFolder(async (folder) => {
      const path = join(folder, 'a.txt');
      await write(path, 'één');
      assert.is(readFileSync(path, 'utf8'), 'één');
      await write(path, new Uint8Array([1, 2, 255]));
      assert.equal([...readFileSync(path)], [1, 2, 255]);
      await write(path, '');
      assert.is(readFileSync(path).length, 0);
      assert.equal(readdirSync(folder), ['a.txt']);
    }));

  test(`${name} says why it cannot write, and leaves what was there`, () =>
    inFolder(async (folder) => {
      const missing = await refusal(join(folder, 'no', 'a.txt'));
      assert.is(missing.code, 'NOT_WRITABLE');
      assert.match(missing.message, 'its folder does not exist; create it first (ENOENT)');

      const file = join(folder, 'file');
      writeFileSync(file, 'old');
      const below = await refusal(join(file, 'a.txt'));
      assert.match(below.message, 'a part of the path is a file, not a folder');
      assert.is(readFileSync(file, 'utf8'), 'old');

      const occupied = join(folder, 'folder');
      mkdirSync(occupied);
      const over = await refusal(occupied);
      assert.is(over.code, 'NOT_WRITABLE');
      assert.match(over.message, 'a folder of that name exists');
      assert.equal(readdirSync(folder).sort(), ['file', 'folder']);
    }));

  test(`${name} lets concurrent writers of one name each succeed with a whole file`, () =>
    inFolder(async (folder) => {
      const path = join(folder, 'shared');
      const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000));
      await Promise.all(texts.map((text) => write(path, text)));
      assert.ok(texts.includes(readFileSync(path, 'utf8')));
      assert.equal(readdirSync(folder), ['shared']);
    }));
}

test.run();
