import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type PortableName, portableMath } from '../../../src/core/portable-math/index.js';
import { findChromium, skippedWithoutChromium } from '../../support/chromium.js';
import { forInputs, takesTwo } from '../../support/math-inputs.js';
import { projectRoot } from '../../support/paths.js';
import { portableHashes } from './page.js';

interface Golden {
  readonly engine: string;
  readonly seed: number;
  readonly count: number;
  readonly hashes: Readonly<Record<string, number>>;
}

/** Hashes of Node 20's own functions, made by `node dist/scripts/portable-math.js --golden`. */
const golden = JSON.parse(readFileSync(`${projectRoot}/test/golden/portable-math.json`, 'utf8')) as Golden;
const names = Object.keys(portableMath) as PortableName[];

/** V8 of Node 20: later ones have another `pow`, and browsers other sines. */
const isReference = process.versions.v8.startsWith('11.3.');

if (isReference) {
  for (const name of names) {
    test(`${name} is this Node's own, bit for bit`, () => {
      const ours = portableMath[name] as (x: number, y: number) => number;
      const native = Math[name] as (x: number, y: number) => number;
      const two = takesTwo(name);
      forInputs(20, 100_000, (x, y) => {
        const got = two ? ours(x, y) : ours(x, 0);
        const want = two ? native(x, y) : native(x, 0);
        if (!Object.is(got, want)) assert.unreachable(`${name}(${x}, ${y}) is ${want} in Node, ${got} here`);
      });
    });
  }
}

test('hypot takes any number of arguments, as the native one does', () => {
  for (const values of [
    [],
    [-3],
    [3, 4, 12],
    [Number.NaN, Number.NEGATIVE_INFINITY],
    [0, -0],
    [1e-200, 1e-200, 1e200],
  ]) {
    if (isReference) assert.is(portableMath.hypot(...values), Math.hypot(...values), String(values));
  }
  assert.is(portableMath.hypot(3, 4, 12), 13);
  assert.is(portableMath.hypot(), 0);
});

test("the results on every engine are those of Node 20's own functions: by hash", () => {
  assert.equal(portableHashes(golden.seed, golden.count), golden.hashes);
  assert.is(Object.keys(golden.hashes).length, 22);
});

test('the results in Chromium are those of Node 20: by hash', async () => {
  if (findChromium() === null) return skippedWithoutChromium('portable mathematics in Chromium');
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./page.js', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'portable',
    logLevel: 'silent',
  });
  const browser = await chromium.launch({ executablePath: findChromium()!, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: outputFiles[0]!.text });
    const hashes = await page.evaluate(`portable.portableHashes(${golden.seed}, ${golden.count})`);
    assert.equal(hashes, golden.hashes);
  } finally {
    await browser.close();
  }
});

test.run();
