/** A real browser for tests of pages that a local server serves; whatever a page complains about fails the test. */
import { type Browser, chromium, type Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { findChromium } from './chromium.js';

let browser: Browser | null = null;

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Complaints that a test provokes, such as a server that goes away. */
  readonly ignore?: RegExp;
}

/**
 * Opens an address, waits until `body` has `data-ready`, and closes it after `body`. Fails on errors and warnings of the page, on
 * what its policy refuses, on dialogs, and on requests to anybody else.
 */
export async function withPage(url: string, look: Look, body: (page: Page) => Promise<void>): Promise<void> {
  browser ??= await chromium.launch({ executablePath: findChromium()!, args: ['--no-sandbox', '--disable-gpu'] });
  const { width = 1280, height = 900, colorScheme = 'light', ignore } = look;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  const problems: string[] = [];
  const add = (text: string): void => {
    if (!(ignore?.test(text) ?? false)) problems.push(text);
  };
  page.on('console', (message) => {
    if (/willReadFrequently/.test(message.text())) return;
    if (message.type() === 'error' || message.type() === 'warning') add(message.text());
  });
  page.on('pageerror', (error) => add(error.message));
  page.on('dialog', (dialog) => {
    add(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin) && !request.url().startsWith('data:')) add(request.url());
  });
  try {
    await page.goto(url);
    await page.waitForSelector('body[data-ready]', { timeout: 15_000 });
    await body(page);
    assert.equal(problems, []);
  } finally {
    await page.close();
  }
}

/** Ends the browser, after all tests of a file. */
export async function closeBrowser(): Promise<void> {
  await browser?.close();
  browser = null;
}

/** Waits until something holds; asked from outside, since pages forbid the evaluation of texts inside them. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  milliseconds = 20_000,
): Promise<void> {
  for (const end = Date.now() + milliseconds; !(await holds()); ) {
    if (Date.now() > end) throw new Error(`never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
