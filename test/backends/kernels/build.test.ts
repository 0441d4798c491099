import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ARENA_START, BLOCK, createMemory, MAX_MEMORY_BYTES } from '../../../src/backends/kernels/kernels.js';
import { GymkhanaError } from '../../../src/core/errors.js';
import { projectRoot } from '../../support/paths.js';
import { Arena } from './harness.js';

interface BuildScript {
  checkKernelModule(bytes: Uint8Array): void;
  wasmSections(bytes: Uint8Array): { name: string; size: number }[];
}

const script = (await import(pathToFileURL(join(projectRoot, 'scripts/build-kernels.mjs')).href)) as BuildScript;
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const MEMORY = [5, 3, 1, 0, 1];
// One active segment: memory 0, i32.const 16, three bytes.
const DATA = [11, 9, 1, 0, 0x41, 16, 0x0b, 3, 1, 2, 3];
const START = [8, 1, 0];

test('the modules that were built pass the check and have the block size of the descriptor', () => {
  for (const arithmetic of ['fused', 'plain']) {
    const bytes = readFileSync(new URL(`../../../src/backends/kernels/kernels-${arithmetic}.wasm`, import.meta.url));
    script.checkKernelModule(bytes);
    assert.ok(script.wasmSections(bytes).some(({ name }) => name === 'code'));
  }
  assert.is(new Arena(64).kernels.blockSize(), BLOCK);
});

test('a data segment fails the build, loudly', () => {
  const valid = Uint8Array.from([...HEADER, ...MEMORY, ...DATA]);
  const api = (globalThis as typeof globalThis & { WebAssembly: { validate(bytes: Uint8Array): boolean } }).WebAssembly;
  assert.ok(api.validate(valid), 'the module of this test is a real one');
  assert.throws(() => script.checkKernelModule(valid), /must not be there: .*data \(9 bytes\).*strings, static arrays/);
  assert.throws(() => script.checkKernelModule(Uint8Array.from([...HEADER, 12, 1, 0])), /data count/);
});

test('a start function or a memory of its own fails the build as well; so does anything that is no module', () => {
  assert.throws(() => script.checkKernelModule(Uint8Array.from([...HEADER, ...START])), /start \(1 bytes\)/);
  assert.throws(() => script.checkKernelModule(Uint8Array.from([...HEADER, ...MEMORY])), /memory \(3 bytes\)/);
  assert.throws(() => script.checkKernelModule(Uint8Array.from([1, 2, 3])), /not a WebAssembly module/);
  assert.throws(() => script.checkKernelModule(Uint8Array.from([...HEADER, 1, 40, 0])), /truncated/);
});

test('memory is shared, rounded up to pages beyond the arena start, and refused beyond 4 GiB', () => {
  const { buffer } = createMemory(65537);
  assert.instance(buffer, SharedArrayBuffer);
  assert.is(buffer.byteLength, ARENA_START + 2 * 65536);
  for (const bytes of [MAX_MEMORY_BYTES, MAX_MEMORY_BYTES - ARENA_START + 1, Number.NaN, -1]) {
    try {
      createMemory(bytes);
      assert.unreachable(String(bytes));
    } catch (error) {
      assert.instance(error, GymkhanaError);
      assert.is((error as GymkhanaError).code, 'ARENA_TOO_LARGE');
      assert.match((error as GymkhanaError).message, /4 GiB/);
    }
  }
});

test.run();
