import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeBinary } from '../../../scripts/node-versions.js';
import { kernelArithmetic } from '../../../src/backends/kernels/kernels.js';
import { skipped } from '../../support/skip.js';

const arithmetic = new URL('../../../src/backends/kernels/arithmetic.js', import.meta.url).href;
const print = `import(${JSON.stringify(arithmetic)}).then((m) => process.stdout.write(m.kernelArithmetic()))`;

/** What the kernels use in a process of its own. */
function inProcess(binary: string, ...flags: string[]): string {
  const { stdout, stderr, status } = spawnSync(binary, [...flags, '-e', print], { encoding: 'utf8' });
  assert.is(status, 0, stderr);
  return stdout;
}

/** Whether the processor fuses: arm64 does; of x64 Linux says so. */
function fuses(): boolean | null {
  if (process.arch === 'arm64') return true;
  if (process.platform !== 'linux') return null;
  return /\bfma\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
}

test('the kernels fuse multiply-add where the processor does', () => {
  const expected = fuses();
  if (expected === null) return skipped('fused multiply-add', 'only Linux says whether the processor has it');
  assert.is(kernelArithmetic(), expected ? 'fused' : 'plain');
});

test('every Node that is here uses the same arithmetic', () => {
  for (const major of [20, 22, 24]) {
    const node = nodeBinary(major);
    if ('reason' in node) skipped(`arithmetic of Node ${major}`, node.reason);
    else assert.is(inProcess(node.path), kernelArithmetic(), `Node ${major}`);
  }
});

test('where nothing fuses the other module is used, and agrees with the reference as well', () => {
  if (process.arch !== 'x64') return skipped('kernels without fused multiply-add', 'V8 can leave it out on x64 only');
  assert.is(inProcess(process.execPath, '--no-enable-fma3'), 'plain');
  for (const file of ['act', 'gradient', 'optimise']) {
    const path = fileURLToPath(new URL(`./${file}.test.js`, import.meta.url));
    const { status, stdout } = spawnSync(process.execPath, ['--no-enable-fma3', path], { encoding: 'utf8' });
    assert.is(status, 0, `${file} with plain arithmetic: ${stdout}`);
  }
});

test.run();
