import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { Generator } from '../../src/core/seeding/index.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { readEpisodes, recordEpisodes, verifyEpisodes } from '../../src/episode/index.js';
import { policyNetwork } from '../../src/network/build.js';
import { initialParameters } from '../../src/network/init.js';
import { parameterLayout } from '../../src/network/layout.js';
import { ReferencePolicy } from '../../src/network/reference-policy.js';
import type { NetworkSpec } from '../../src/network/spec.js';
import { makeFromSpec, resolveEnv, spec as specOf, withWrappers } from '../../src/registration/index.js';
import { writeEpisodePage } from '../../src/viewer/index.js';
import type { PagePolicy } from '../../src/viewer/page.js';
import { findChromium, skippedWithoutChromium } from '../support/chromium.js';
import { projectRoot } from '../support/paths.js';
import { closeBrowser, coloursOf, frameOf, inBrowser, until } from './support.js';

interface Context {
  folder: string;
}

const test = suite<Context>('simulation in an episode page', { folder: '' });
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'gymkhana-simulation-'));
});
test.after(async ({ folder }) => {
  await closeBrowser();
  rmSync(folder, { recursive: true, force: true });
});

const DESK = { width: 1024, height: 640, colorScheme: 'light' } as const;

/** Records episodes of random actions, or of a rule. */
async function record(
  spec: EnvSpec,
  path: string,
  look: { episodes?: number; maxSteps?: number; policy?: (observation: unknown) => unknown } = {},
): Promise<string> {
  const env = await makeFromSpec(spec);
  env.actionSpace.seed(5);
  const { episodes = 1, maxSteps = 200, policy = () => env.actionSpace.sample() } = look;
  await recordEpisodes({ env, spec, policy, episodes, seeds: (i) => i + 11, path, maxSteps });
  return path;
}

/** Balances the pole for the whole episode. */
const balance = (observation: unknown): number => {
  const [, , angle, turning] = observation as Float32Array;
  return angle! + 0.3 * turning! > 0 ? 1 : 0;
};

const network: NetworkSpec = {
  version: 1,
  observationSize: 4,
  distribution: { type: 'categorical', actions: 2 },
  actor: [{ type: 'dense', units: 2, activation: 'linear', init: { type: 'zeros' } }],
  critic: [{ type: 'dense', units: 1, activation: 'linear', init: { type: 'zeros' } }],
};

/** The rule above as a network: right where 3 angles and a turning are above 0; its value is the position. */
function balancing(): PagePolicy {
  const { slices, count } = parameterLayout(network);
  const parameters = new Float32Array(count);
  const at = (name: string): number => slices.find((slice) => slice.name === name)!.offset;
  // [inputs, units]: element 2 is the angle, 3 its speed.
  parameters[at('actor.0.weight') + 5] = 3;
  parameters[at('actor.0.weight') + 7] = 1;
  parameters[at('critic.0.weight')] = 1;
  const normalization = { mean: [0, 0, 0, 0], variance: [1, 1, 1, 1], clip: Number.POSITIVE_INFINITY };
  return { network, parameters, normalization, name: 'runs/balance' };
}

const standing = (page: Page, lane = 0): Promise<string | null> => page.locator('.standing').nth(lane).textContent();

test("every step simulated in the page has Node's hash, and going back leads to the same pictures", async ({
  folder,
}) => {
  if (findChromium() === null) return skippedWithoutChromium("every step simulated in the page has Node's hash");
  const pendulum = await resolveEnv('./test/fixtures/envs/driven-pendulum.ts:DrivenPendulum', { cwd: projectRoot });
  const crawl = () => Float32Array.of(0.01, 0.06);
  const cases: [string, EnvSpec, Parameters<typeof record>[2]][] = [
    ['cartpole', specOf('CartPole-v1'), { policy: balance as never, maxSteps: 500 }],
    ['driving', specOf('Driving-v0'), { policy: crawl }],
    ['pendulum', pendulum, { maxSteps: 400 }],
  ];
  for (const [name, spec, look] of cases) {
    const path = await record(spec, join(folder, `${name}.episode`), look);
    const { steps } = (await readEpisodes(path)).episodes[0]!;
    assert.ok(steps > 100, `${name}: ${steps}`);
    const html = join(folder, `${name}.html`);
    await writeEpisodePage(html, path);
    await inBrowser(html, DESK, async (page) => {
      await page.locator('#slider').fill('40');
      // The page simulates in slices between its pictures: on a slow machine the first ends before step 40.
      await until(page, `document.querySelector('.standing').textContent === 'simulated: 40/${steps} equal'`);
      const readings = (await page.locator('.lane').first().textContent()) ?? '';
      await page.keyboard.press('End');
      await until(page, `document.querySelector('.standing').textContent === 'simulated: ${steps}/${steps} equal'`);
      await page.locator('#slider').fill('40');
      const again = (await page.locator('.lane').first().textContent()) ?? '';
      assert.is(again.replace(/\d+\/\d+ equal/, ''), readings.replace(/\d+\/\d+ equal/, ''));
      assert.is(await page.locator('#notice').isVisible(), false);
    });
  }
});

test('a step that is not what was recorded is named, and the recorded pictures play on', async ({ folder }) => {
  if (findChromium() === null) return skippedWithoutChromium('a step that is not what was recorded is named');
  const path = await record(specOf('CartPole-v1'), join(folder, 'tampered.episode'), { policy: balance as never });
  const file = await readEpisodes(path);
  file.episodes[0]!.hashes![12]! ^= 1;
  const html = join(folder, 'tampered.html');
  await writeEpisodePage(html, file);
  await inBrowser(html, DESK, async (page) => {
    await page.locator('#slider').fill('11');
    await until(page, `document.querySelector('.standing').textContent === 'simulated: 11/200 equal'`);
    assert.is(await page.locator('#notice').isVisible(), false);
    await page.locator('#slider').fill('150');
    await until(
      page,
      `document.querySelector('.standing').textContent.includes('recorded data: simulated here, step 12 is not what was recorded')`,
    );
    const notice = (await page.locator('#notice').textContent()) ?? '';
    assert.match(notice, /^Step 12 of episode 1, simulated in this browser, is not what was recorded\./);
    assert.ok((await coloursOf(page)) > 10);
    assert.is(await page.locator('.lane').getAttribute('data-shown'), 'recorded');
    await page.locator('#play').click();
    await until(page, `Number(document.getElementById('slider').value) > 152`);
    await page.keyboard.press('Space');
    await page.locator('#pilot').selectOption('random');
    await page.locator('#fork').click();
    await until(
      page,
      `document.querySelectorAll('.standing')[1].textContent === 'ended: step 12 is not what was recorded'`,
    );
  });
});

test('the keyboard takes over, beside the original, and the download verifies in Node', async ({ folder }) => {
  if (findChromium() === null) return skippedWithoutChromium('the keyboard takes over');
  const path = await record(specOf('CartPole-v1'), join(folder, 'fork.episode'), { policy: balance as never });
  const html = join(folder, 'fork.html');
  await writeEpisodePage(html, path);
  await inBrowser(html, DESK, async (page) => {
    await page.locator('#slider').fill('30');
    await page.locator('#pilot').selectOption('keyboard');
    await page.locator('#fork').click();
    // CartPole has no idle action: the clock waits for a key.
    await until(page, `document.querySelectorAll('.standing')[1].textContent === 'waits for a key'`);
    assert.is(await frameOf(page), 30);
    assert.is(await page.locator('#pad button').count(), 2);
    await page.keyboard.down('ArrowRight');
    await until(page, `document.querySelectorAll('.standing')[1].textContent === 'ended: terminated'`);
    await page.keyboard.up('ArrowRight');
    assert.is(await page.locator('#pad').isVisible(), false);
    await until(page, `document.getElementById('summary').textContent.includes('Endednot endedterminated')`);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download this fork' }).click(),
    ]);
    assert.is(download.suggestedFilename(), 'CartPole-v1-from-30.episode');
    await download.saveAs(join(folder, 'forked.episode'));
    await page.getByRole('button', { name: 'Take this fork away' }).click();
    assert.is(await page.locator('.lane').count(), 1);
  });
  const [fork] = (await readEpisodes(join(folder, 'forked.episode'))).episodes;
  const [original] = (await readEpisodes(path)).episodes;
  assert.equal(fork!.hashes!.slice(0, 31), original!.hashes!.slice(0, 31));
  assert.is(fork!.seed, 11);
  assert.ok(fork!.terminated && fork!.steps > 31);
  for (let step = 31; step <= fork!.steps; step++) assert.is(fork!.actions.at(step - 1), 1);
  const verification = await verifyEpisodes(join(folder, 'forked.episode'));
  assert.ok(verification.ok && verification.sameMath, JSON.stringify(verification.episodes));
});

test("a policy's values are plotted, and it plays on as it would in Node", async ({ folder }) => {
  if (findChromium() === null) return skippedWithoutChromium("a policy's values are plotted");
  const path = await record(specOf('CartPole-v1'), join(folder, 'chance.episode'));
  const { steps } = (await readEpisodes(path)).episodes[0]!;
  const html = join(folder, 'policy.html');
  const policy = balancing();
  await writeEpisodePage(html, path, { policy });
  await inBrowser(html, DESK, async (page) => {
    const from = Math.min(8, steps - 2);
    await page.locator('#slider').fill(String(from));
    const value = await page.locator('.tone-value .plot-value').textContent();
    assert.is(
      value,
      await page
        .locator('#observations .plot-value')
        .first()
        .textContent()
        .then((text) => text?.replace(' m', '')),
    );
    await page.locator('#pilot').selectOption('policy');
    await page.locator('input[name="speed"][value="4"]').check();
    await page.locator('#fork').click();
    await until(page, `Number(document.getElementById('slider').value) > 60`, 9000);
    await page.keyboard.press('Space');
    // From another place it goes on at its own end, at the clock's pace.
    await page.keyboard.press('Home');
    await page.locator('input[name="speed"][value="0.25"]').check();
    await page.locator('#play').focus();
    await page.keyboard.press('End');
    const end = await frameOf(page);
    await page.keyboard.press('Space');
    await page.waitForTimeout(200);
    await page.keyboard.press('Space');
    const later = await frameOf(page);
    assert.ok(later >= end && later < end + 30, `from ${end} to ${later}`);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download this fork' }).click(),
    ]);
    await download.saveAs(join(folder, 'by-policy.episode'));
  });
  const { episodes, header, observationSpace, actionSpace } = await readEpisodes(join(folder, 'by-policy.episode'));
  assert.match(header.policy ?? '', /from step .*: the policy runs.balance/);
  assert.ok((await verifyEpisodes(join(folder, 'by-policy.episode'))).ok);
  const env = await makeFromSpec(specOf('CartPole-v1'));
  let { observation } = env.reset({ seed: 11 });
  const reference = new ReferencePolicy(policy, { observation: observationSpace, action: actionSpace });
  for (let step = 1; step <= episodes[0]!.steps; step++) {
    const action = episodes[0]!.actions.at(step - 1);
    if (step > Math.min(8, steps - 2)) assert.is(action, reference.decide(observation).action, `step ${step}`);
    ({ observation } = env.step(action));
  }
});

test('a policy with a memory goes on from what it saw before the fork', async ({ folder }) => {
  if (findChromium() === null) return skippedWithoutChromium('a policy with a memory goes on from what it saw');
  const path = await record(specOf('Pendulum-v1'), join(folder, 'swings.episode'), { maxSteps: 40 });
  const recorded = (await readEpisodes(path)).episodes[0]!;
  const html = join(folder, 'remembers.html');
  const remembering = policyNetwork({
    observationSize: 3,
    hidden: [6],
    distribution: { type: 'gaussian', size: 1, logStdInit: 0 },
    recurrent: { cell: 'gru', units: 5 },
    actorGain: 1,
  });
  const parameters = initialParameters(remembering, Generator.fromSeed(3));
  const policy: PagePolicy = { network: remembering, parameters, normalization: null, name: 'runs/remembers' };
  await writeEpisodePage(html, path, { policy });
  const FROM = 25;
  await inBrowser(html, DESK, async (page) => {
    await page.locator('#slider').fill(String(FROM));
    await page.locator('#pilot').selectOption('policy');
    await page.locator('input[name="speed"][value="4"]').check();
    await page.locator('#fork').click();
    await until(page, `Number(document.getElementById('slider').value) > 60`, 9000);
    await page.keyboard.press('Space');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download this fork' }).click(),
    ]);
    await download.saveAs(join(folder, 'remembered.episode'));
  });
  const { episodes, observationSpace, actionSpace } = await readEpisodes(join(folder, 'remembered.episode'));
  const spaces = { observation: observationSpace, action: actionSpace };
  const [whole, late] = [new ReferencePolicy(policy, spaces), new ReferencePolicy(policy, spaces)];
  const env = await makeFromSpec(specOf('Pendulum-v1'));
  let { observation } = env.reset({ seed: 11 });
  let apart = 0;
  assert.ok(episodes[0]!.steps > 60);
  for (let step = 1; step <= episodes[0]!.steps; step++) {
    const [acted] = episodes[0]!.actions.at(step - 1) as Float32Array;
    const [decided] = whole.decide(observation).action as Float32Array;
    if (step <= FROM) assert.equal(acted, (recorded.actions.at(step - 1) as Float32Array)[0], `step ${step}`);
    else {
      assert.ok(Math.abs(acted! - decided!) < 1e-5, `step ${step}: ${acted}, not ${decided}`);
      apart = Math.max(apart, Math.abs(acted! - (late.decide(observation).action as Float32Array)[0]!));
    }
    ({ observation } = env.step(Float32Array.of(acted!)));
  }
  assert.ok(apart > 1e-2, 'a memory that begins at the fork decides otherwise');
});

test('episodes stand side by side under one clock', async ({ folder }) => {
  if (findChromium() === null) return skippedWithoutChromium('episodes stand side by side');
  // The wrapper carries its statistics from the first episode into the second.
  const spec = withWrappers(specOf('CartPole-v1'), ['NormalizeObservation', 'RecordEpisodeStatistics']);
  const path = await record(spec, join(folder, 'two.episode'), { episodes: 2 });
  const [first, second] = (await readEpisodes(path)).episodes;
  const html = join(folder, 'two.html');
  await writeEpisodePage(html, path);
  await inBrowser(html, { ...DESK, width: 390 }, async (page) => {
    await page.locator('#add').click();
    assert.is(await page.locator('.lane').count(), 2);
    await page.locator('#slider').fill('9');
    const values = await page.locator('#observations .plot').first().locator('.plot-value').allTextContents();
    assert.is(values.length, 2);
    assert.is.not(values[0], values[1]);
    await page.keyboard.press('End');
    assert.is(await frameOf(page), Math.max(first!.steps, second!.steps), 'the clock is that of the longer one');
    for (const [lane, { steps }] of [first!, second!].entries()) {
      const shown = `document.querySelectorAll('.standing')[${lane}].textContent`;
      await until(page, `${shown} === 'simulated: ${steps}/${steps} equal'`);
    }
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 390);
    await page.locator('#add').click();
    await page.locator('#fork').click();
    assert.is(await page.locator('.lane').count(), 4);
    assert.is(await page.locator('#fork').isDisabled(), true, 'four lanes are the most');
  });
});

test('an env that needs Node plays what was recorded, and the page says why', async ({ folder }) => {
  if (findChromium() === null) return skippedWithoutChromium('an env that needs Node plays what was recorded');
  const source = readFileSync(join(projectRoot, 'test/fixtures/envs/driven-pendulum.ts'), 'utf8');
  writeFileSync(
    join(folder, 'tied.ts'),
    `import { hostname } from 'node:os';\nexport const here = hostname();\n${source}`,
  );
  const spec = await resolveEnv('./tied.ts:DrivenPendulum', { cwd: folder });
  const path = await record(spec, join(folder, 'tied.episode'), { maxSteps: 30 });
  const html = join(folder, 'tied.html');
  await writeEpisodePage(html, path);
  await inBrowser(html, DESK, async (page) => {
    const notes = (await page.locator('.notes[role="note"]').textContent()) ?? '';
    assert.match(notes, /it imports node:os, a module of Node \(tied\.ts:1\)\. What was recorded is played\./);
    assert.is(await standing(page), 'recorded data');
    assert.is(await page.locator('#forks').isVisible(), false);
    await page.keyboard.press('End');
    assert.is(await frameOf(page), 30);
  });

  // What no import gives away shows when the code runs.
  const hidden = source.replace('#angle = 0;', '#angle = process.pid * 0;');
  writeFileSync(join(folder, 'hidden.ts'), hidden);
  const other = await resolveEnv('./hidden.ts:DrivenPendulum', { cwd: folder });
  await writeEpisodePage(html, await record(other, join(folder, 'hidden.episode'), { maxSteps: 30 }));
  await inBrowser(html, DESK, async (page) => {
    const notice = (await page.locator('#notice').textContent()) ?? '';
    assert.is(
      notice,
      'The env cannot be simulated in this browser: process is not defined. What was recorded is shown.',
    );
    assert.is(await standing(page), 'recorded data');
  });
});

test.run();
