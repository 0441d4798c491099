/**
 * How fast envs simulate in a page, and how large their code is there: `node dist/scripts/bench/page.js [env ...]`. Each env is
 * bundled as `replay view` does it and steps with random actions in headless Chromium; five rounds of a second, medians.
 */
import { chromium } from 'playwright-core';
import { spec } from '../../src/index.js';
import { bundleEnv, type PageSim } from '../../src/viewer/env-bundle.js';
import { findChromium } from '../../test/support/chromium.js';
import { machine } from './machine.js';

declare global {
  var gymkhanaSim: PageSim;
}

const given = process.argv.slice(2);
const ids = given.length > 0 ? given : ['CartPole-v1', 'Acrobot-v1', 'FrozenLake-v1', 'Driving-v0'];
const executablePath = findChromium();
if (executablePath === null) {
  process.stderr.write('No Chromium was found; CHROMIUM_PATH may name one.\n');
  process.exit(1);
}
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });

/** Runs in the page: steps a second of each round, with a hash of each step as a replay takes it. */
function measure(): number[] {
  const { makePageEnv, Generator, StepHasher } = gymkhanaSim;
  const env = makePageEnv();
  const hasher = new StepHasher(env.observationSpace, env.actionSpace);
  env.unwrapped.rng = Generator.fromSeed(1);
  env.actionSpace.seed(1);
  hasher.reset(env.reset().observation);
  const rates: number[] = [];
  for (let round = 0; round < 6; round++) {
    const from = performance.now();
    let steps = 0;
    for (; performance.now() - from < 1000; steps++) {
      const action = env.actionSpace.sample();
      const { observation, reward, terminated, truncated } = env.step(action);
      hasher.step(observation, reward, terminated, truncated, action);
      if (terminated || truncated) hasher.reset(env.reset().observation);
    }
    rates.push(steps);
  }
  // The first one compiles.
  return rates.slice(1);
}

const { processor, threads, node } = machine();
process.stdout.write(`Chromium ${browser.version()}; ${threads} cores of ${processor}, Node ${node}\n\n`);
process.stdout.write('| env | code in the page | steps/s in the page, median (lowest) |\n| --- | --- | --- |\n');
for (const id of ids) {
  const { install, env } = await bundleEnv(spec(id));
  const page = await browser.newPage();
  for (const content of [install, env]) await page.addScriptTag({ content });
  const rates = (await page.evaluate(measure)).sort((a, b) => a - b);
  const shown = (value: number): string => Number(value.toPrecision(2)).toLocaleString('en');
  const kilobytes = Math.round((install.length + env.length) / 1000);
  process.stdout.write(`| ${id} | ${kilobytes} KB | ${shown(rates[2]!)} (${shown(rates[0]!)}) |\n`);
  await page.close();
}
await browser.close();
