import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { Generator } from '../../src/core/seeding/index.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { StepHasher } from '../../src/episode/index.js';
import { makeFromSpec, resolveEnv, spec as specOf, withWrappers } from '../../src/registration/index.js';
import { bundleEnv, type PageSim } from '../../src/viewer/env-bundle.js';
import { refusal } from '../episode/support.js';
import { findChromium, skippedWithoutChromium } from '../support/chromium.js';
import { projectRoot } from '../support/paths.js';

interface Context {
  folder: string;
  browser: Browser | null;
}

const test = suite<Context>("a page's bundle of an env", { folder: '', browser: null });
test.before(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'gymkhana-env-bundle-'));
  const executablePath = findChromium();
  if (executablePath !== null) {
    context.browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  }
});
test.after(async ({ folder, browser }) => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A text that runs an env with random actions and gives the hash of its reset and of every step; the same one runs in a page. */
function stepHashes(
  sim: Pick<PageSim, 'StepHasher' | 'Generator'>,
  env: ReturnType<PageSim['makePageEnv']>,
  steps: number,
): number[] {
  const hasher = new sim.StepHasher(env.observationSpace, env.actionSpace);
  env.unwrapped.rng = sim.Generator.fromSeed(7);
  env.actionSpace.seed(3);
  const hashes = [hasher.reset(env.reset().observation)];
  for (let step = 1; step <= steps; step++) {
    const action = env.actionSpace.sample();
    const { observation, reward, terminated, truncated } = env.step(action);
    hashes.push(hasher.step(observation, reward, terminated, truncated, action));
    if (terminated || truncated) {
      hashes.push(hasher.reset(env.reset().observation));
    }
  }
  return hashes;
}

async function inPage(browser: Browser, spec: EnvSpec, steps: number): Promise<number[]> {
  const { install, env } = await bundleEnv(spec);
  const page = await browser.newPage();
  try {
    for (const content of [install, env]) await page.addScriptTag({ content });
    return await page.evaluate<number[]>(
      `(${stepHashes.toString()})(gymkhanaSim, gymkhanaSim.makePageEnv(), ${steps})`,
    );
  } finally {
    await page.close();
  }
}

async function inNode(spec: EnvSpec, steps: number): Promise<number[]> {
  return stepHashes({ StepHasher, Generator }, await makeFromSpec(spec), steps);
}

const HEAT = `
import { Box, Dict, Discrete, Env, register, RewardWrapper } from 'gymkhana';
const { exp } = Math;
export class Heat extends Env {
  observationSpace = new Dict({ warm: new Box(-1e9, 1e9, { shape: [2], dtype: 'float64' }), turns: new Discrete(9) });
  actionSpace = new Discrete(3);
  #warm = 0; #turns = 0;
  reset(options = {}) { super.reset(options); this.#warm = this.rng.normal(); this.#turns = 0; return { observation: this.#see(), info: {} }; }
  step(action: number) {
    this.#warm = exp(Math.sin(this.#warm + action)) ** 0.3 + 0.1 * this.rng.normal();
    this.#turns = (this.#turns + action) % 9;
    return { observation: this.#see(), reward: Math.tanh(this.#warm), terminated: this.#turns === 8, truncated: false, info: {} };
  }
  #see() { return { warm: Float64Array.of(this.#warm, Math.log(Math.abs(this.#warm))), turns: this.#turns }; }
}
export class Third extends RewardWrapper<unknown, unknown> { reward(reward: number) { return reward / 3; } }
register({ id: 'Heat-v0', entryPoint: Heat, moduleUrl: import.meta.url, maxEpisodeSteps: 40 });
`;

test('in a page an env gives the hash that it gives in Node, at every step', async ({ browser, folder }) => {
  if (browser === null) return skippedWithoutChromium('in a page an env gives the hash that it gives in Node');
  writeFileSync(join(folder, 'heat.ts'), HEAT);
  const heat = await resolveEnv('./heat.ts:Heat-v0', { cwd: folder });
  const wrapped = [{ name: 'Third', moduleUrl: heat.moduleUrl }, 'RecordEpisodeStatistics', 'NormalizeReward'];
  const fixture = (name: string): Promise<EnvSpec> => resolveEnv(`./test/fixtures/envs/${name}`, { cwd: projectRoot });
  const cases: [EnvSpec, number][] = [
    [specOf('CartPole-v1'), 500],
    [specOf('Driving-v0'), 400],
    [specOf('Driving-pixels-v0'), 60],
    [{ ...specOf('Driving-pixels-v0'), kwargs: { size: 96, color: 'rgb', view: 'driver' } }, 60],
    [specOf('Acrobot-v1'), 300],
    [specOf('FrozenLake-v1'), 300],
    [await fixture('driven-pendulum.ts:DrivenPendulum'), 1000],
    [await fixture('functional.ts:FunctionalBall-v0'), 200],
    [await fixture('composite.ts:Composite'), 60],
    [withWrappers(heat, wrapped), 300],
  ];
  await Promise.all(
    cases.map(async ([spec, steps]) => {
      assert.equal(await inPage(browser, spec, steps), await inNode(spec, steps), spec.id);
    }),
  );
});

test('what needs Node is refused with the module and the place that asks for it', async ({ folder }) => {
  const file = join(folder, 'disk.ts');
  writeFileSync(
    file,
    `import { readFileSync } from 'node:fs';\nimport { Discrete, Env } from 'gymkhana';
export class Disk extends Env { observationSpace = new Discrete(2); actionSpace = new Discrete(2); map = readFileSync('x'); step() { throw 0; } }`,
  );
  const spec = { ...specOf('CartPole-v1'), id: 'Disk', moduleUrl: `file://${file}`, exportName: 'Disk' };
  const error = await refusal(() => bundleEnv(spec));
  assert.is(error.code, 'ENV_NOT_FOR_PAGES');
  assert.match(error.message, /^Disk cannot run in a page: it imports node:fs, a module of Node \(disk\.ts:1\)\.$/);

  writeFileSync(file, `import { train } from 'gymkhana';\nexport const Disk = train;`);
  assert.match((await refusal(() => bundleEnv(spec))).message, /No matching export in ".*gymkhana" for import "train"/);
  const bare = await refusal(() => bundleEnv({ ...spec, moduleUrl: null }));
  assert.match(bare.message, 'registered without a moduleUrl');
});

test('a bundle names no folder of the machine that made it but the one in its spec', async ({ folder }) => {
  writeFileSync(join(folder, 'heat.ts'), HEAT);
  const spec = {
    ...specOf('CartPole-v1'),
    id: 'Heat',
    moduleUrl: `file://${join(folder, 'heat.ts')}`,
    exportName: 'Heat',
  };
  const { env } = await bundleEnv(spec);
  assert.not.match(env.replaceAll(JSON.stringify(spec.moduleUrl), ''), folder);
  assert.not.match(env, projectRoot);
});

test.run();
