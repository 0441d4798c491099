/** Episode pages in a real browser. */
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { findChromium } from '../support/chromium.js';

let browser: Browser | null = null;

/** The browser of all tests of a file. */
export async function theBrowser(): Promise<Browser> {
  browser ??= await chromium.launch({ executablePath: findChromium()!, args: ['--no-sandbox', '--disable-gpu'] });
  return browser;
}

/** Closes it, if a test has opened it. */
export async function closeBrowser(): Promise<void> {
  await browser?.close();
  browser = null;
}

/** Opens a page in a real browser; fails on any error or request it makes. */
export async function inBrowser(
  html: string,
  look: { width: number; height: number; colorScheme: 'light' | 'dark' },
  body: (page: Page) => Promise<void>,
): Promise<void> {
  const { width, height, colorScheme } = look;
  const page = await (await theBrowser()).newPage({ viewport: { width, height }, colorScheme, deviceScaleFactor: 2 });
  try {
    // The page is a file, and there is no network.
    await page.context().setOffline(true);
    const problems: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => {
      // Reading the canvas back is these tests' doing, not the page's.
      if (/willReadFrequently/.test(message.text())) return;
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    const url = pathToFileURL(html).href;
    await page.goto(url);
    await page.waitForSelector('body[data-ready]', { timeout: 5000 });
    await body(page);
    assert.equal(problems, []);
    assert.equal(
      requests.filter((request) => request.split('#')[0] !== url && !request.startsWith('data:')),
      [],
    );
  } finally {
    await page.close();
  }
}

/** Waits until an expression holds; polled from outside, since the page's policy forbids evaluating text inside it. */
export async function until(page: Page, expression: string, milliseconds = 5000): Promise<void> {
  for (let waited = 0; !(await page.evaluate<boolean>(expression)); waited += 20) {
    if (waited > milliseconds) throw new Error(`never became true: ${expression}`);
    await page.waitForTimeout(20);
  }
}

/** The step that a page shows. */
export const frameOf = (page: Page): Promise<number> => page.locator('#slider').inputValue().then(Number);

/** How many different colours the canvas shows. */
export const coloursOf = (page: Page): Promise<number> =>
  page.evaluate(`(() => {
    const canvas = document.getElementById('canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  })()`);
