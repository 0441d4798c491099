import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { readEpisodes, recordEpisodes } from '../../src/episode/index.js';
import { make, makeFromSpec, resolveEnv, spec as specOf } from '../../src/registration/index.js';
import { renderEpisodePage, writeEpisodePage } from '../../src/viewer/index.js';
import { decodeFrames } from '../../src/viewer/page/decode.js';
import { makeProbe, probeSpec, refusal } from '../episode/support.js';
import { findChromium, skippedWithoutChromium } from '../support/chromium.js';
import { pageDataOf } from '../support/page-data.js';
import { projectRoot } from '../support/paths.js';
import { closeBrowser, coloursOf, frameOf, inBrowser, theBrowser, until } from './support.js';

const HOSTILE = `</script><script>document.title='taken'</script><img src=x onerror="document.title='taken'"> & "quoted" <!--`;

interface Context {
  folder: string;
}

const test = suite<Context>('episode page', { folder: '' });
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'gymkhana-page-'));
});
test.after(async (context) => {
  await closeBrowser();
  rmSync(context.folder, { recursive: true, force: true });
});

/** Two probe episodes whose every text is hostile. */
async function probeFile(folder: string): Promise<string> {
  const path = join(folder, 'probe.episode');
  const env = await makeProbe({ length: 60 });
  const spec = probeSpec({ length: 60 });
  const policyNote = HOSTILE;
  await recordEpisodes({ env, spec, policy: () => 1, episodes: 2, seeds: (i) => i, path, policyNote });
  return path;
}

test('the page is one file that allows only its own script and style', async ({ folder }) => {
  const page = await renderEpisodePage(await probeFile(folder), { title: HOSTILE });
  assert.is(page.match(/<script/g)?.length, 2);
  assert.not.match(page, /<img|onerror="document/);
  assert.match(page, /default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'; img-src data:;/);
  assert.not.match(page, /https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  assert.not.match(page, / style="/);
});

test('the page of a nondeterministic env shows what was recorded, and no pictures of another episode', async ({
  folder,
}) => {
  const path = join(folder, 'wild.episode');
  const spec = await resolveEnv('./test/fixtures/envs/wild.ts:Wild-v0', { cwd: projectRoot });
  const env = await makeFromSpec(spec);
  const policy = (observation: unknown): number => ((observation as Float32Array)[0]! > 0 ? 1 : 0);
  await recordEpisodes({ env, spec, policy, episodes: 1, path, observations: true });
  const page = await renderEpisodePage(path);
  const data = pageDataOf(page);
  const [episode] = data.episodes;
  // The policy is always right, as it was seen; simulated again it would be right half of the time.
  assert.equal(episode!.rewards, new Array(30).fill(1));
  assert.is(episode!.film, null);
  const recorded = (await readEpisodes(path)).episodes[0]!.observations!;
  assert.is(episode!.observations[0]!.length, 31);
  assert.ok(Math.abs(episode!.observations[0]![30]! - (recorded.at(30) as Float32Array)[0]!) < 1e-6);
});

test('of a long episode every few pictures are kept beside the env, and snapshots up to the last step', async ({
  folder,
}) => {
  const spec = { ...specOf('Pendulum-v1'), maxEpisodeSteps: 2500 };
  const env = await makeFromSpec(spec);
  const path = join(folder, 'long.episode');
  const policy = () => Float32Array.of(0);
  await recordEpisodes({ env, spec, policy, episodes: 1, seeds: () => 1, path });
  const { film, replay } = pageDataOf(await renderEpisodePage(path)).episodes[0]!;
  assert.equal([film!.every, film!.readings.length, replay!.snapshots.length], [2, 1251, 0]);
  assert.equal(decodeFrames(film!, film!.main).length, 1251);
  const whole = pageDataOf(await renderEpisodePage(path, { simulate: false })).episodes[0]!;
  assert.equal([whole.film!.every, whole.film!.readings.length, whole.replay], [1, 2501, null]);

  const cart = await make('CartPole-v1');
  const balance = (seen: unknown) => ((seen as Float32Array)[2]! + 0.3 * (seen as Float32Array)[3]! > 0 ? 1 : 0);
  const maxSteps = 120;
  await recordEpisodes({ env: cart, spec: specOf('CartPole-v1'), policy: balance, episodes: 1, path, maxSteps });
  const { snapshots } = pageDataOf(await renderEpisodePage(path)).episodes[0]!.replay!;
  assert.equal(
    snapshots.map(({ steps }) => steps),
    [0, 50, 100, 120],
  );
});

test('1,000 steps of Driving fit in 1.5 MB', async ({ folder }) => {
  const path = join(folder, 'driving.episode');
  const spec = specOf('Driving-v0');
  const env = await makeFromSpec(spec);
  // Straight on at a crawl: the episode lasts, and the picture changes with every step.
  const policy = () => Float32Array.of(0, 0.02);
  await recordEpisodes({ env, spec, policy, episodes: 1, seeds: () => 3, path });
  const size = await writeEpisodePage(join(folder, 'driving.html'), path);
  const { steps } = (await readEpisodes(path)).episodes[0]!;
  assert.ok(size < 150_000 + 1500 * steps, `${size} bytes for ${steps} steps`);
  assert.is(size, readFileSync(join(folder, 'driving.html')).length);
});

test('episodes are chosen, and one that is not there is refused', async ({ folder }) => {
  const path = await probeFile(folder);
  assert.not.match(await renderEpisodePage(path, { episodes: [1] }), /NO_SUCH/);
  for (const episodes of [[2], [-1], [0.5], []]) {
    assert.is((await refusal(() => renderEpisodePage(path, { episodes }))).code, 'NO_SUCH_EPISODE');
  }
});

/** A user's env in a folder of its own, without pictures and without tables of fields. */
const PLAIN_ENV = `
import { Env, Box, MultiBinary, type ResetOptions } from 'gymkhana';
export class Plain extends Env<Float32Array, Int8Array> {
  readonly observationSpace = new Box(-1, 1, { shape: [2] });
  readonly actionSpace = new MultiBinary(3);
  #steps = 0;
  override reset(options: ResetOptions = {}) {
    super.reset(options);
    this.#steps = 0;
    return { observation: Float32Array.of(this.rng.random(), 0), info: {} };
  }
  override step(action: Int8Array) {
    const observation = Float32Array.of(this.rng.random(), action[1]!);
    return { observation, reward: action[0]!, terminated: ++this.#steps === 7, truncated: false, info: {} };
  }
}`;

test("a user's env without pictures gets a page of plots", async ({ folder }) => {
  writeFileSync(join(folder, 'plain.ts'), PLAIN_ENV);
  const spec = await resolveEnv('./plain.ts:Plain', { cwd: folder });
  const env = await makeFromSpec(spec);
  const path = join(folder, 'plain.episode');
  const policy = () => Int8Array.of(1, 0, 1);
  await recordEpisodes({ env, spec, policy, episodes: 1, seeds: () => 1, path });
  const html = join(folder, 'plain.html');
  await writeEpisodePage(html, path);
  if (findChromium() === null) return skippedWithoutChromium('a page of plots without pictures');
  await inBrowser(html, { width: 1280, height: 900, colorScheme: 'dark' }, async (page) => {
    assert.is(await page.locator('#screen').isVisible(), false);
    assert.match((await page.locator('#verdict').textContent()) ?? '', 'verified: all 7 steps repeat');
    assert.equal(await page.locator('#observations .plot-name').allTextContents(), ['observation 0', 'observation 1']);
    await page.keyboard.press('End');
    assert.is(await frameOf(page), 7);
    assert.equal(await page.locator('.gauge-value').allTextContents(), ['1', '0', '1']);
  });
});

test('the page of an episode that failed ends where it failed, and says so', async ({ folder }) => {
  const kwargs = { failAt: 5, length: 9 };
  const env = await makeProbe(kwargs);
  const path = join(folder, 'failed.episode');
  await recordEpisodes({ env, spec: probeSpec(kwargs), policy: () => 2, episodes: 1, path }).catch(() => {});
  const html = join(folder, 'failed.html');
  await writeEpisodePage(html, path);
  if (findChromium() === null) return skippedWithoutChromium('the page of an episode that failed');
  await inBrowser(html, { width: 1280, height: 900, colorScheme: 'dark' }, async (page) => {
    assert.match((await page.locator('#verdict').textContent()) ?? '', 'step 5 fails again');
    await page.keyboard.press('End');
    assert.is(await frameOf(page), 4);
    assert.match((await page.locator('#summary').textContent()) ?? '', 'failed at step 5');
  });
});

test('plays, pauses, steps, scrubs and follows the keyboard', async ({ folder }) => {
  if (findChromium() === null) return skippedWithoutChromium('the page plays, pauses, steps and scrubs');
  const html = join(folder, 'probe.html');
  await writeEpisodePage(html, await probeFile(folder), { title: HOSTILE });
  await inBrowser(html, { width: 1280, height: 900, colorScheme: 'light' }, async (page) => {
    assert.is(await page.title(), HOSTILE.replace(/\s+/g, ' ').trim());
    assert.is(await page.locator('h1').textContent(), HOSTILE);
    assert.ok((await coloursOf(page)) > 10, 'the canvas is not blank');
    assert.match((await page.locator('#verdict').textContent()) ?? '', 'verified: all 60 steps repeat');
    assert.is(await frameOf(page), 0);

    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    assert.is(await frameOf(page), 11);
    await page.keyboard.press('ArrowLeft');
    assert.is(await frameOf(page), 10);
    await page.keyboard.press('End');
    assert.is(await frameOf(page), 60);
    await page.keyboard.press('Home');
    assert.is(await frameOf(page), 0);
    await page.keyboard.press('ArrowLeft');
    assert.is(await frameOf(page), 0);

    await page.keyboard.press('Space');
    assert.is(await page.locator('#play').getAttribute('aria-label'), 'Pause');
    await until(page, `Number(document.getElementById('slider').value) >= 4`, 5000);
    await page.keyboard.press('Space');
    const paused = await frameOf(page);
    await page.waitForTimeout(150);
    assert.is(await frameOf(page), paused);
    assert.is(await page.locator('#play').getAttribute('aria-label'), 'Play');

    await page.locator('input[name="speed"][value="4"]').check();
    await page.locator('#play').click();
    await until(page, `!document.body.hasAttribute('data-playing')`, 8000);
    assert.is(await frameOf(page), 60, 'it stops at the end');

    await page.locator('#slider').fill('30');
    assert.match((await page.locator('#clock').textContent()) ?? '', /^30 \/ 60\s*1\.50 s$/);
    assert.is(await page.locator('#slider').getAttribute('aria-valuetext'), 'step 30 of 60, 1.50 s');
    assert.is(await page.locator('#actions li[data-chosen]').textContent(), '1');

    const plot = page.locator('#observations .plot-area').first();
    await plot.scrollIntoViewIfNeeded();
    const box = (await plot.boundingBox())!;
    await page.mouse.click(box.x + box.width / 4, box.y + 10);
    assert.is(await frameOf(page), 15);
    await page.mouse.click(box.x + box.width - 1, box.y + 10);
    assert.is(await frameOf(page), 60);

    await page.locator('#episode').selectOption('1');
    assert.is(await frameOf(page), 0);
    assert.is(await page.locator('#observations .plot').count(), 2);
  });
});

test('what is on the screen is the scene: an item that moves moves on the canvas', async ({ folder }) => {
  if (findChromium() === null) return skippedWithoutChromium('what is on the screen is the scene');
  const html = join(folder, 'probe.html');
  await writeEpisodePage(html, await probeFile(folder));
  const { episodes } = await readEpisodes(join(folder, 'probe.episode'));
  const env = await makeFromSpec(probeSpec({ length: 60 }));
  await inBrowser(html, { width: 1280, height: 900, colorScheme: 'light' }, async (page) => {
    /** World x of the middle of the orange disc's pixels in the lower half, where the inset is not. */
    const discAt = (): Promise<number> =>
      page.evaluate(`(() => {
        const canvas = document.getElementById('canvas');
        const { width, height } = canvas;
        const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
        let sum = 0, count = 0;
        for (let y = height >> 1; y < height; y++) for (let x = 0; x < width; x++) {
          const i = 4 * (y * width + x);
          if (data[i] === 0xd4 && data[i + 1] === 0x57 && data[i + 2] === 0x2a) { sum += x; count++; }
        }
        const zoom = Math.min(width / 6, height / 4);
        return (sum / count - width / 2 + 0.5) / zoom;
      })()`);
    env.unwrapped.rng.state = episodes[0]!.rng;
    let { observation } = env.reset();
    for (let step = 0; step <= 60; step++) {
      if (step > 0) ({ observation } = env.step(1));
      if (step % 15 !== 0) continue;
      await page.locator('#slider').fill(String(step));
      const x = (observation as Float32Array)[0]!;
      const seen = await discAt();
      assert.ok(Math.abs(seen - x) < 0.02, `step ${step}: drawn at ${seen}, is at ${x}`);
    }
  });
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`fits a phone, ${colorScheme}`, async ({ folder }) => {
    if (findChromium() === null) return skippedWithoutChromium(`the page fits a phone, ${colorScheme}`);
    const html = join(folder, 'probe.html');
    await writeEpisodePage(html, await probeFile(folder), { title: 'Probe' });
    await inBrowser(html, { width: 390, height: 800, colorScheme }, async (page) => {
      assert.ok(
        (await page.evaluate<number>('document.documentElement.scrollWidth')) <= 390,
        'nothing is wider than the screen',
      );
      const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      assert.is(ground, colorScheme === 'dark' ? 'rgb(19, 21, 25)' : 'rgb(245, 244, 241)');
      assert.ok((await coloursOf(page)) > 10);
      await page.locator('#big-play').click();
      await until(page, `Number(document.getElementById('slider').value) > 0`, 5000);
    });
  });
}

test('a changed script does not run: the policy knows the real one by its hash', async ({ folder }) => {
  if (findChromium() === null) return skippedWithoutChromium('a changed script does not run');
  const html = join(folder, 'changed.html');
  const page = await renderEpisodePage(await probeFile(folder));
  writeFileSync(html, page.replace('<script>', "<script>document.body.dataset.taken='1';"));
  const tab = await (await theBrowser()).newPage();
  try {
    await tab.goto(pathToFileURL(html).href);
    assert.is(await tab.evaluate('document.body.dataset.taken ?? null'), null);
  } finally {
    await tab.close();
  }
});

test.run();
