/** The dashboard as a whole: a run that is being trained, its server, and its page in a real browser. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { serveDash } from '../../src/dash/index.js';
import { closeBrowser, until, withPage } from '../support/browser.js';
import { findChromium, skippedWithoutChromium } from '../support/chromium.js';
import { start } from '../support/command.js';
import { projectRoot } from '../support/paths.js';
import { temporaryFolder } from '../support/temporary.js';

const test = suite('dashboard, page and server');
test.after(closeBrowser);

const KEY = 'charts/episodic_return';

test('a run appears while it is trained, its curve grows to its last line, and its policy acts', async () => {
  if (findChromium() === null) return skippedWithoutChromium('a run appears while it is trained');
  const folder = temporaryFolder();
  const dash = await serveDash({ folder });
  const words = [
    '--total-steps',
    '250_000',
    '--num-envs',
    '8',
    '--num-steps',
    '32',
    '--workers',
    '1',
    '--learning-rate',
    '3e-5',
    '--quiet',
  ];
  const main = join(projectRoot, 'dist/src/cli/main.js');
  try {
    await withPage(dash.url, {}, async (page) => {
      assert.match((await page.locator('#counts').textContent())!, 'no run in this folder yet');
      const run = start(process.execPath, [main, 'train', 'CartPole-v1', ...words, '--run-dir', join(folder, 'cart')]);
      await page.locator('#rows .row[data-status="running"]').waitFor({ timeout: 30_000 });
      const points = new Set<string>();
      await until(
        'it has ended',
        async () => {
          points.add((await page.locator('.legend .value').allTextContents()).join());
          return (await page.locator('#rows .row[data-status="finished"]').count()) === 1;
        },
        60_000,
      );
      assert.is((await run.ended).status, 0);
      const lines = readFileSync(join(folder, 'cart', 'metrics.jsonl'), 'utf8')
        .trim()
        .split('\n');
      const last = (JSON.parse(lines.at(-1)!) as Record<string, number>)[KEY]!;
      await until('the last line is drawn', async () => {
        const shown = Number(await page.locator('.legend .value').textContent());
        return Math.abs(shown - last) <= 1e-3 * last;
      });
      assert.ok(points.size > 2, 'the curve grew while it was trained');

      await page.locator('#rows .open').click();
      await page.getByRole('button', { name: 'Watch' }).click();
      const step = page.locator('.live .readings:not(.scene)').locator('dd').nth(1);
      await until('it acts', async () => Number(await step.textContent()) > 5, 30_000);
      const colours = await page.locator('.screen canvas').evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
      });
      assert.ok(colours > 10, `${colours} colours`);
      await page.getByRole('button', { name: 'Stop' }).click();
    });
  } finally {
    await dash.close();
  }
});

test.run();
