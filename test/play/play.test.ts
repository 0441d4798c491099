// `gymkhana play` as a real process with a real browser: keys become steps, episodes a file that verifies; hostile requests write nothing.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { type EpisodeFile, readEpisodes, verifyEpisodes } from '../../src/episode/index.js';
import { playEnv } from '../../src/play/index.js';
import { resolveEnv, spec as specOf, withWrappers } from '../../src/registration/index.js';
import { findChromium, skippedWithoutChromium } from '../support/chromium.js';
import { type RunningCommand, start } from '../support/command.js';
import { rejectsWith } from '../support/misuse.js';
import { projectRoot } from '../support/paths.js';
import { temporaryFolder } from '../support/temporary.js';

const cli = join(projectRoot, 'dist', 'src', 'cli', 'main.js');
const root = temporaryFolder();
const executablePath = findChromium();
let browser: Browser | null = null;
const commands: RunningCommand[] = [];
test.after(async () => {
  for (const { child } of commands) child.kill('SIGKILL');
  await browser?.close();
});

/** Complaints of every page: errors, and requests that its policy refused. */
const complaints: string[] = [];

async function openPage(url: string, options: BrowserContextOptions = {}): Promise<Page> {
  browser ??= await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox', '--disable-gpu'] });
  const page = await (await browser.newContext(options)).newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(url);
  await page.waitForSelector('body[data-state=ready]');
  return page;
}

/** A key that goes down and up again before the next step: on a busy machine a real tap may last several. */
const tap = (page: Page, code: string) =>
  page.evaluate((key) => {
    for (const type of ['keydown', 'keyup'])
      document.activeElement!.dispatchEvent(new KeyboardEvent(type, { code: key, bubbles: true, cancelable: true }));
  }, code);
const stateIs = (page: Page, state: string) => page.waitForSelector(`body[data-state=${state}]`, { timeout: 15_000 });
const stepIs = (page: Page, step: number) =>
  page.waitForFunction((count) => document.getElementById('step')!.textContent === String(count), step, {
    timeout: 15_000,
  });
const numberIn = async (page: Page, id: string): Promise<number> => Number(await page.textContent(`#${id}`));
/** Waits until so many episodes have their verdict, and gives the latest. */
async function verdict(page: Page, count: number): Promise<string> {
  const kept = page.locator('#episodes li', { hasText: /Episode \d+ of the file/ });
  await kept.nth(count - 1).waitFor({ timeout: 15_000 });
  return ((await kept.first().textContent()) ?? '').replace(/\s+/g, ' ');
}

/** A `play` that is running, and what it said first. */
async function playing(...words: string[]): Promise<RunningCommand & { url: string; file: string; episodes: number }> {
  const command = start(process.execPath, [cli, 'play', ...words, '--json'], { cwd: root });
  commands.push(command);
  let text = '';
  command.child.stdout!.on('data', (part: string) => {
    text += part;
  });
  await command.saying('"ready"');
  return { ...command, ...(JSON.parse(text.split('\n')[0]!) as { url: string; file: string; episodes: number }) };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}
const ask = (url: string, method: string, headers: Record<string, string>, body = '', path = '/'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method, headers }, (answer) => {
      let text = '';
      answer.on('data', (part) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode!, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
const actionsOf = (file: EpisodeFile, index: number): unknown[] => {
  const { actions, steps } = file.episodes[index]!;
  return Array.from({ length: steps }, (_, k) => actions.at(k));
};

if (executablePath === null) skippedWithoutChromium('gymkhana play in a browser');
else {
  test('a game by keyboard: it waits, steps, pauses, ends, and its episodes are in a file like any other', async () => {
    const command = await playing('CartPole-v1', '--seed', '5');
    assert.equal([command.file, command.episodes], ['episodes/CartPole-v1-human.episode', 0]);
    const file = join(root, command.file);
    const page = await openPage(command.url, { viewport: { width: 1200, height: 800 } });
    assert.is(await numberIn(page, 'seed'), 5);

    // The game waits without a key, and a tap is a step however short it is.
    await tap(page, 'ArrowLeft');
    await stateIs(page, 'playing');
    await stepIs(page, 1);
    await page.waitForTimeout(150);
    assert.is(await numberIn(page, 'step'), 1);

    // Paused, a held key does nothing; the game goes on where it was.
    await page.keyboard.press('Escape');
    await stateIs(page, 'paused');
    await tap(page, 'ArrowRight');
    await page.waitForTimeout(100);
    assert.is(await numberIn(page, 'step'), 1);
    await page.keyboard.press('Escape');
    await page.click('[data-speed="2"]');
    await page.keyboard.down('ArrowRight');
    await stateIs(page, 'over');
    await page.keyboard.up('ArrowRight');
    assert.match(await verdict(page, 1), /Seed 5 ?Episode 0 of the file\. Node simulated the same \d+ steps\./);
    assert.ok(existsSync(file));

    // A restart throws away and takes the next seed; Finish keeps what there is.
    await page.keyboard.press('Enter');
    await stateIs(page, 'ready');
    await tap(page, 'ArrowLeft');
    await stepIs(page, 1);
    await page.click('#restart');
    await stateIs(page, 'ready');
    for (const [k, key] of ['ArrowLeft', 'ArrowRight', 'ArrowLeft'].entries()) {
      await tap(page, key);
      await stepIs(page, k + 1);
    }
    await page.click('#finish');
    assert.match(await verdict(page, 2), /3 steps, cut ?Seed 7 ?Episode 1 of the file/);
    // A page that is loaded again does not begin with a seed that was played.
    await page.reload();
    await stateIs(page, 'ready');
    assert.is(await numberIn(page, 'seed'), 7);
    await page.context().close();

    const before = await readEpisodes(file);
    assert.equal(actionsOf(before, 1), [0, 1, 0]);
    assert.equal(actionsOf(before, 0).slice(0, 2), [0, 1]);
    assert.ok(new Set(actionsOf(before, 0).slice(1)).size === 1, 'held to the right');
    assert.is(before.episodes[0]!.terminated, true);

    await hostile(command.url, file);

    command.child.kill('SIGINT');
    const { status, stdout, stderr } = await command.ended;
    assert.is(status, 0, stderr);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(
      lines.map(({ event }) => event),
      ['ready', 'episode', 'episode', 'end'],
    );
    assert.equal([lines[1]!['seed'], lines[1]!['same'], lines[3]!['kept']], [5, true, 2]);
    const verification = await verifyEpisodes(file);
    assert.ok(verification.ok && verification.complete);
    assert.is(verification.episodes.length, 2);
  });

  test('several keys at once, a seed for each episode, an env with an inset, a wrapper with state', async () => {
    const spec = withWrappers(specOf('Driving-v0'), [
      { name: 'StickyAction', kwargs: { repeatActionProbability: 0.2 } },
      'NormalizeObservation',
    ]);
    const path = join(root, 'driving.episode');
    const server = await playEnv({ spec, path, seed: 11 });
    const page = await openPage(server.url, { colorScheme: 'dark' });
    for (const seed of [11, 12]) {
      assert.is(await numberIn(page, 'seed'), seed);
      for (const key of ['ArrowUp', 'ArrowLeft']) await page.keyboard.down(key);
      await stateIs(page, 'playing');
      await page.waitForFunction(() => Number(document.getElementById('step')!.textContent) >= 8);
      for (const key of ['ArrowUp', 'ArrowLeft']) await page.keyboard.up(key);
      if ((await page.getAttribute('body', 'data-state')) === 'playing') await page.click('#finish');
      assert.match(await verdict(page, seed - 10), /Node simulated the same/);
      await page.keyboard.press('Enter');
      await stateIs(page, 'ready');
    }
    await page.context().close();
    await server.close();
    await server.close();
    const file = await readEpisodes(path);
    const driven = actionsOf(file, 1).map((action) => String(action));
    assert.ok(driven.filter((action) => action === '1,1').length >= 4, driven.join(' '));
    assert.ok((await verifyEpisodes(path)).ok);
  });

  test('on a phone keys are buttons under the picture, and nothing is wider than the screen', async () => {
    const path = join(root, 'taxi.episode');
    const server = await playEnv({ spec: specOf('Taxi-v4'), path });
    const page = await openPage(server.url, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
    const drop = (await page.locator('[data-code=KeyD]').boundingBox())!;
    assert.ok(drop.y + drop.height <= 844, `the last button ends at ${drop.y + drop.height}`);
    for (const [k, code] of ['ArrowDown', 'ArrowRight', 'KeyD'].entries()) {
      await page.tap(`[data-code=${code}]`);
      await stepIs(page, k + 1);
    }
    // A finger that stays is a key that is held.
    const up = (await page.locator('[data-code=ArrowUp]').boundingBox())!;
    await page.mouse.move(up.x + 9, up.y + 9);
    await page.mouse.down();
    await page.waitForFunction(() => Number(document.getElementById('step')!.textContent) >= 5);
    await page.mouse.up();
    await page.tap('#finish');
    await verdict(page, 1);
    await page.context().close();
    await server.close();
    const [first, second, third, ...rest] = actionsOf(await readEpisodes(path), 0);
    assert.equal([first, second, third], [0, 2, 5]);
    assert.equal(new Set(rest), new Set([1]));
  });

  test("a user's env of TypeScript without keys, pictures or pace is played with the usual keys, and shown as numbers", async () => {
    writeFileSync(
      join(root, 'count.ts'),
      `import { Box, Discrete, Env, type ResetOptions } from 'gymkhana';
export class Count extends Env<Float32Array, number> {
  readonly observationSpace = new Box(-99, 99, { shape: [1] });
  readonly actionSpace = new Discrete(3);
  #at = 0;
  override reset(options: ResetOptions = {}) { super.reset(options); this.#at = this.rng.integers(10); return { observation: Float32Array.of(this.#at), info: {} }; }
  step(action: number) { if (this.#at + action > 12) throw new RangeError('counted too far'); this.#at += action - 1; return { observation: Float32Array.of(this.#at), reward: this.#at, terminated: this.#at < 0, truncated: false, info: {} }; }
}
`,
    );
    const path = join(root, 'count.episode');
    const server = await playEnv({ spec: await resolveEnv('./count.ts:Count', { cwd: root }), path, seed: 2 });
    const page = await openPage(server.url);
    const start = Number(await page.textContent('#numbers dd'));
    await tap(page, 'ArrowRight');
    await page.waitForFunction(
      (next) => document.querySelector('#numbers dd')!.textContent === String(next),
      start + 1,
    );
    // By keyboard alone: the button of a key, then those of the page.
    await page.focus('[data-code=Digit1]');
    await page.keyboard.press('Enter');
    await stepIs(page, 2);
    // It fails where it has counted too far: that is kept, too, so that it can be looked into.
    await page.keyboard.down('ArrowRight');
    await stateIs(page, 'broken');
    assert.is(await page.textContent('#hint'), 'counted too far');
    assert.match(
      await verdict(page, 1),
      /Node simulated the same \d+ steps, and the env failed as in the page: counted too far/,
    );
    await page.keyboard.up('ArrowRight');
    // And the other end is an end.
    await page.focus('#go');
    await page.keyboard.press('Enter');
    await stateIs(page, 'ready');
    await page.keyboard.down('ArrowLeft');
    await stateIs(page, 'over');
    await verdict(page, 2);
    await page.context().close();
    await server.close();
    const file = await readEpisodes(path);
    assert.equal(actionsOf(file, 0).slice(0, 3), [2, 1, 2]);
    assert.equal([file.episodes[0]!.failure?.message, file.episodes[1]!.terminated], ['counted too far', true]);
    assert.ok((await verifyEpisodes(path)).ok);
  });

  test('a page whose Math is another is told so, and the file has what Node simulated', async () => {
    const path = join(root, 'pendulum.episode');
    const server = await playEnv({ spec: specOf('Pendulum-v1'), path });
    const page = await openPage(server.url);
    await page.evaluate(() => {
      const { sin } = Math;
      Math.sin = (x) => sin(x) * (1 + 2 ** -20);
    });
    // It has an action without a key, so the button alone begins it.
    await page.click('#go');
    await page.waitForFunction(() => Number(document.getElementById('step')!.textContent) >= 5);
    await page.click('#finish');
    assert.match(await verdict(page, 1), /Node's simulation parts from the page's at step [1-5] .*the file has Node's/);
    await page.context().close();
    await server.close();
    assert.ok((await verifyEpisodes(path)).ok);
  });

  test('an episode that the server could not take stays in the page until it can', async () => {
    const path = join(root, 'late.episode');
    const first = await playEnv({ spec: specOf('CartPole-v1'), path });
    const page = await openPage(first.url);
    await first.close();
    const here = complaints.length;
    await page.keyboard.down('ArrowRight');
    await stateIs(page, 'over');
    const again = page.getByRole('button', { name: 'Try again' });
    await again.waitFor();
    assert.not(existsSync(path));
    const second = await playEnv({ spec: specOf('CartPole-v1'), path, port: first.port });
    await again.click();
    await verdict(page, 1);
    complaints.length = here;
    await page.context().close();
    await second.close();
    assert.ok((await verifyEpisodes(path)).ok);
  });

  test('no page had an error or a request that its policy refused', () => {
    assert.equal(complaints, []);
  });
}

/** Requests that no page of this server makes: each is refused in words, and the file stays as it is. */
async function hostile(url: string, file: string): Promise<void> {
  const before = readFileSync(file);
  const json = { 'content-type': 'application/json' };
  const episode = JSON.stringify({ seed: 1, actions: [0, 1], hashes: [1, 2, 3] });
  const outside = JSON.stringify({ seed: 1, actions: [0, 7], hashes: [1, 2, 3] });
  type Row = readonly [string, Record<string, string>, string, number, string, string?];
  const rows: readonly Row[] = [
    ['POST', { ...json, host: 'evil.example' }, episode, 403, 'HOST_REFUSED'],
    ['GET', { host: 'evil.example' }, '', 403, 'HOST_REFUSED', '/'],
    ['POST', { ...json, origin: 'https://evil.example' }, episode, 403, 'ORIGIN_REFUSED'],
    ['POST', { ...json, origin: 'null' }, episode, 403, 'ORIGIN_REFUSED'],
    ['POST', { ...json, 'sec-fetch-site': 'cross-site' }, episode, 403, 'ORIGIN_REFUSED'],
    ['POST', { 'content-type': 'text/plain' }, episode, 415, 'CONTENT_TYPE_REFUSED'],
    ['POST', json, '{"seed":', 400, 'INVALID_EPISODE'],
    ['POST', json, '[]', 400, 'INVALID_EPISODE'],
    ['POST', json, outside, 400, 'INVALID_EPISODE'],
    [
      'POST',
      json,
      `{"seed":1,"actions":[${'['.repeat(50_000)}${']'.repeat(50_000)}],"hashes":[1,2]}`,
      400,
      'INVALID_EPISODE',
    ],
    ['GET', {}, '', 404, 'NOT_FOUND', '/etc/passwd'],
    ['PUT', json, episode, 404, 'NOT_FOUND'],
  ];
  for (const [method, headers, body, status, code, path = '/api/episodes'] of rows) {
    const answer = await ask(url, method, headers, body, path);
    const what = `${method} ${path} ${JSON.stringify(headers)} ${body.slice(0, 40)}`;
    assert.equal(
      [answer.status, (JSON.parse(answer.body) as { error: { code: string } }).error.code],
      [status, code],
      what,
    );
    assert.ok(before.equals(readFileSync(file)), what);
  }
  const huge = await ask(url, 'POST', { ...json, 'content-length': String(10 ** 9) }).catch(() => null);
  assert.ok(huge === null || huge.status === 413, `${huge?.status}`);
  assert.ok(before.equals(readFileSync(file)));
}

test('what cannot be played is refused before anything is served', async () => {
  const path = join(root, 'never.episode');
  writeFileSync(
    join(root, 'wide.ts'),
    `import { Box, Env } from 'gymkhana';
import { readFileSync } from 'node:fs';
class Base extends Env {
  readonly observationSpace = new Box(0, 1, { shape: [1] });
  readonly actionSpace = new Box(-1, 1, { shape: [4] });
  override reset(options = {}) { super.reset(options); return { observation: Float32Array.of(readFileSync ? 1 : 0), info: {} }; }
  step() { return { observation: Float32Array.of(1), reward: 0, terminated: true, truncated: false, info: {} }; }
}
export class Wide extends Base {}
export class Reads extends Base { override readonly actionSpace = new Box(-1, 1, { shape: [1] }); }
`,
  );
  const wide = await resolveEnv('./wide.ts:Wide', { cwd: root });
  await rejectsWith(() => playEnv({ spec: wide, path }), {
    code: 'KEYBOARD_MISSING',
    kind: 'usage',
    says: ['metadata.keyboard'],
  });
  const reads = await resolveEnv('./wide.ts:Reads', { cwd: root });
  await rejectsWith(() => playEnv({ spec: reads, path }), { code: 'ENV_NOT_FOR_PAGES', says: ['node:fs'] });
  const spec = specOf('CartPole-v1');
  for (const seed of [-1, 0.5, 2 ** 53])
    await rejectsWith(() => playEnv({ spec, path, seed }), { code: 'INVALID_SEED', kind: 'usage' });
  await rejectsWith(() => playEnv({ spec: withWrappers(spec, ['NoSuchWrapper']), path }), {
    code: 'WRAPPER_NOT_FOUND',
  });
  const { status, stderr } = await start(process.execPath, [cli, 'play', 'CartPol-v1'], { cwd: root }).ended;
  assert.is(status, 2);
  assert.match(stderr, /^ENV_NOT_FOUND: .*Did you mean/);
  assert.not(existsSync(path));
});

test.run();
