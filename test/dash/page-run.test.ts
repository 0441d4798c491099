/** A run's panel of the dashboard's page: its data, its log, its policy at work. */
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Scene } from '../../src/render/scene.js';
import { closeBrowser, until, withPage } from '../support/browser.js';
import { findChromium, skippedWithoutChromium } from '../support/chromium.js';
import { MadeDash, madeRow } from '../support/dash.js';

const test = suite("dashboard page: a run's panel");
test.after(closeBrowser);

const RUN = madeRow(3, { status: 'running', step: 40_000 });

function inBrowser(name: string, body: (page: Page, dash: MadeDash) => Promise<void>): void {
  test(name, async () => {
    if (findChromium() === null) return skippedWithoutChromium(name);
    const dash = new MadeDash([RUN, madeRow(4)]);
    const url = await dash.start();
    try {
      await withPage(`${url}#tab=run&run=${RUN.id}`, {}, (page) => body(page, dash));
    } finally {
      await dash.stop();
    }
  });
}

inBrowser(
  'shows configuration, summary, metrics, checkpoints and episodes, and follows changes',
  async (page, dash) => {
    await page.getByRole('heading', { name: 'Checkpoints' }).waitFor();
    const text = async (): Promise<string> => (await page.locator('#run-detail').textContent())!;
    for (const part of [
      'settings.learningRate0.0003',
      'env.idCartPole-v1',
      'losses/value_loss0.250',
      'step 65.5k51 kB',
      'episodes/best.episode2.3 kB',
    ]) {
      assert.ok((await text()).includes(part), `${part} in ${await text()}`);
    }
    dash.detail = { last: { 'losses/value_loss': 0.125 } };
    dash.change({ ...RUN, step: 90_000, status: 'failed', problem: 'NOT_FINITE: the loss is NaN' });
    await until(
      'the row follows',
      async () => (await text()).includes('90k / 100k') && (await text()).includes('NOT_FINITE'),
    );
    await until('the metrics follow', async () => (await text()).includes('losses/value_loss0.125'));
  },
);

inBrowser('the log follows its end, stays where one reads, and shows what a terminal would', async (page, dash) => {
  const log = page.locator('pre');
  await until('the log is there', async () => (await log.textContent()) === 'first line\ngreen\nwhole\n');
  dash.log += Array.from({ length: 200 }, (_, k) => `line ${k}\n`).join('');
  await until('it grew', async () => (await log.textContent())!.endsWith('line 199\n'));
  const fromEnd = (): Promise<number> => log.evaluate((pre) => pre.scrollHeight - pre.clientHeight - pre.scrollTop);
  assert.ok((await fromEnd()) < 2, 'the end is in view');
  await log.evaluate((pre) => pre.scrollTo(0, 100));
  dash.log += 'one more\n';
  await until('it grew again', async () => (await log.textContent())!.endsWith('one more\n'));
  assert.is(await log.evaluate((pre) => pre.scrollTop), 100);
  // Begun anew by a run that is started again.
  dash.log = 'second start\n';
  await until('it is the new one', async () => (await log.textContent()) === 'second start\n');
});

inBrowser('a long log begins at its end, and what is before can be asked for', async (page, dash) => {
  dash.log = Array.from({ length: 9000 }, (_, k) => `line ${k} ä\n`).join('');
  await page.locator('#tab-curves').click();
  await page.locator('#tab-run').click();
  const log = page.locator('pre');
  await until('its end is there', async () => (await log.textContent())!.endsWith('line 8999 ä\n'));
  assert.not((await log.textContent())!.includes('line 3000 '));
  await page.getByRole('button', { name: 'Earlier' }).click();
  await until('all is there', async () => (await log.textContent())!.startsWith('line 0 ä\n'));
  assert.not(await page.getByRole('button', { name: 'Earlier' }).isVisible());
  const lines = (await log.textContent())!.split('\n').filter((line) => !line.includes('\ufffd'));
  // Where a part begins inside a character, this server's answer has a broken one; at most two lines are hit.
  assert.ok(lines.length >= 8999, `${lines.length} whole lines`);
});

/** A disc on a ground, `x` from the left. */
const scene = (x: number): Scene => ({
  background: '#ffffff',
  camera: { x: 0, y: 0, width: 4, height: 2 },
  items: [{ shape: { type: 'circle', x: 0, y: 0, radius: 0.3, fill: '#ff0000' }, x }],
  readings: [['place', `${x} m`]],
});

/** World x of the middle of the red pixels; NaN if there are none. */
const discAt = (page: Page): Promise<number> =>
  page.locator('.screen canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
    let sum = 0;
    let count = 0;
    for (let k = 0; k < width * height; k++) {
      if (data[4 * k] !== 255 || data[4 * k + 1] !== 0) continue;
      sum += k % width;
      count++;
    }
    return (sum / count - width / 2) / Math.min(width / 4, height / 2);
  });

inBrowser('a live agent is drawn frame by frame, and stopping it ends it on the server', async (page, dash) => {
  let asked = '';
  let x = 0;
  dash.live = async (send, checkpoint) => {
    asked = checkpoint;
    await send('begin', { episode: 2, seed: 77, fps: 50, checkpointStep: 65_536 });
    for (let step = 1; step <= 40; step++) {
      x = -1 + step / 20;
      await send('frame', { step, scene: scene(x), action: [0.25, -1], reward: 1, return: step, value: 3.5 });
    }
    await send('end', { steps: 40, return: 40, terminated: true });
  };
  await page.getByRole('combobox', { name: 'Checkpoint' }).selectOption('best');
  await page.getByRole('button', { name: 'Watch' }).click();
  await until('the last frame is drawn', async () => Math.abs((await discAt(page)) - 1) < 0.02);
  assert.is(asked, 'best');
  const readings = await page.locator('.live .readings:not(.scene)').textContent();
  assert.is(readings, 'Episode2 (seed 77)Step40Return40Reward1Value3.500Action0.250, −1');
  assert.is(await page.locator('.live .scene').textContent(), 'place1 m');
  assert.is(await page.locator('.episodes li').first().textContent(), 'return 40, ended after 40 steps');
  await page.getByRole('button', { name: 'Stop' }).click();
  await until('the server has ended it', () => dash.liveEnded === 1);
  // Looking elsewhere ends it as well.
  await page.getByRole('button', { name: 'Watch' }).click();
  await until('it acts again', async () => (await page.locator('.episodes li').count()) === 1);
  await page.locator('#tab-curves').click();
  await until('the server has ended it again', () => dash.liveEnded === 2);
});

inBrowser('between the frames of a slow env things glide', async (page, dash) => {
  dash.live = async (send) => {
    await send('begin', { episode: 1, seed: 1, fps: 0.25, checkpointStep: 1000 });
    const frame = { action: 0, reward: 0, return: 0, value: null };
    await send('frame', { ...frame, step: 0, scene: scene(-0.5) });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await send('frame', { ...frame, step: 1, scene: scene(0.3) });
  };
  // A frame in four seconds: a busy machine looks a few times on the way.
  await page.getByRole('button', { name: 'Watch' }).click();
  await until('it is under way', async () => Math.abs((await discAt(page)) + 0.1) < 0.3);
  await until('it has come', async () => Math.abs((await discAt(page)) - 0.3) < 0.02);
});

inBrowser('an env without pictures shows its figures, and a problem is told', async (page, dash) => {
  dash.live = async (send, checkpoint) => {
    if (checkpoint === 'best') {
      await send('problem', { code: 'MODULE_NOT_TRUSTED', message: 'Start gymkhana dash with --module ./env.ts.' });
      return;
    }
    await send('begin', { episode: 1, seed: 1, fps: 30, checkpointStep: 1000 });
    await send('frame', { step: 1, scene: null, action: 0, reward: -1, return: -1, value: null });
  };
  await page.getByRole('button', { name: 'Watch' }).click();
  await until('the figures are there', async () =>
    (await page.locator('.live .readings:not(.scene)').textContent())!.includes('Return−1'),
  );
  assert.not(await page.locator('.screen').isVisible());
  await page.getByRole('combobox', { name: 'Checkpoint' }).selectOption('best');
  await until('the problem is told', async () =>
    (await page.locator('.live').textContent())!.includes(
      'MODULE_NOT_TRUSTED: Start gymkhana dash with --module ./env.ts.',
    ),
  );
  assert.is(await page.getByRole('button', { name: 'Watch' }).count(), 1);
});

inBrowser('a picture that is none is told, not drawn', async (page, dash) => {
  dash.live = async (send) => {
    const wrong = { background: 'red', camera: null, items: 'x' } as unknown as Scene;
    await send('frame', { step: 1, scene: wrong, action: 0, reward: 0, return: 0, value: null });
  };
  await page.getByRole('button', { name: 'Watch' }).click();
  await until('it is told', async () => (await page.locator('.live').textContent())!.includes('is not a scene'));
});

test.run();
