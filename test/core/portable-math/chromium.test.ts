import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin, transform } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { installPortableMath } from '../../../src/core/portable-math/index.js';
import { pendulumHash } from '../../fixtures/pages/portable-math.js';
import { findChromium, skippedWithoutChromium } from '../../support/chromium.js';
import { golden } from '../../support/paths.js';

interface Golden {
  readonly seed: number;
  readonly count: number;
  readonly hashes: Readonly<Record<string, number>>;
  readonly pendulum: { readonly seed: number; readonly steps: number; readonly hash: number };
}

/** Hashes of Node 20's own functions, and of an episode with them; the file says how they were made. */
const recorded = JSON.parse(readFileSync(golden('portable-math.json'), 'utf8')) as Golden;
const { seed, steps, hash } = recorded.pendulum;
const executablePath = findChromium();

function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/pages/${name}.js`, import.meta.url));
}

/** Writes the env's `**` as calls of `Math.pow`; the library's own are of BigInt, which that function refuses. */
const callsForOperator: Plugin = {
  name: 'calls for **',
  setup({ onLoad }) {
    onLoad({ filter: /driven-pendulum\.js$/ }, async ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const { code } = await transform(source, { supported: { 'exponent-operator': false } });
      assert.not.match(code, / \*\* /);
      return { contents: code, loader: 'js' };
    });
  },
};

/** A fixture as one script. */
async function script(name: string, plugins: Plugin[] = [callsForOperator]): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fixture(name)],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'portable',
    alias: { gymkhana: fixture('gymkhana'), 'node:zlib': fixture('empty') },
    plugins,
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}

async function evaluate(browser: Browser, scripts: readonly string[], expression: string): Promise<unknown> {
  const page = await browser.newPage();
  for (const content of scripts) await page.addScriptTag({ content });
  const result: unknown = await page.evaluate(expression);
  await page.close();
  return result;
}

async function inChromium(use: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}

test('a driven pendulum with the portable functions has the episode that it had in Node 20', () => {
  // In Node the operator is Math.pow's only where it is this Node's own.
  if (!process.versions.v8.startsWith('11.3.')) {
    return console.log(`# skipped: the pendulum's episode in Node 20 (this is ${process.version})`);
  }
  assert.is(pendulumHash(seed, steps), hash, "Node 20's own functions");
  const undo = installPortableMath();
  try {
    assert.is(pendulumHash(seed, steps), hash, 'the portable ones');
  } finally {
    undo();
  }
  assert.is.not(pendulumHash(seed + 1, steps), hash);
});

if (executablePath === null) {
  skippedWithoutChromium('portable functions in Chromium');
} else {
  test("in Chromium the portable functions' results have the hashes of Node 20, and its own sin, cos and pow have not", () =>
    inChromium(async (browser) => {
      const scripts = [await script('portable-math')];
      const { seed, count } = recorded;
      const ours = await evaluate(browser, scripts, `portable.hashes('portable', ${seed}, ${count})`);
      assert.equal(ours, recorded.hashes);
      const own = (await evaluate(browser, scripts, `portable.hashes('Math', ${seed}, ${count})`)) as Golden['hashes'];
      for (const name of ['sin', 'cos', 'pow']) {
        assert.is.not(own[name], recorded.hashes[name], `Chromium ${browser.version()} has Node 20's own ${name}`);
      }
    }));

  test('in Chromium the pendulum has its episode of Node 20 once the functions are installed, and not before', () =>
    inChromium(async (browser) => {
      const [install, env, withOperator] = [
        await script('install'),
        await script('portable-math'),
        await script('portable-math', []),
      ];
      const call = `portable.pendulumHash(${seed}, ${steps})`;
      assert.is(await evaluate(browser, [install, env], call), hash);
      assert.is.not(await evaluate(browser, [env], call), hash, 'with its own functions');
      assert.is.not(await evaluate(browser, [install, withOperator], call), hash, 'with its own operator **');
    }));
}

test.run();
