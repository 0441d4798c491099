/** Times of the dashboard's page in headless Chromium: until it shows everything, and how long it is busy at a time while it is used. */
import { type Browser, chromium, type Page } from 'playwright-core';

/** Names and values of a table. */
export type Figure = readonly [what: string, value: string];

const ms = (value: number): string => (value < 1000 ? `${value.toFixed(0)} ms` : `${(value / 1000).toFixed(1)} s`);
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
const highest = (values: readonly number[]): number => Math.max(0, ...values);

declare global {
  interface Window {
    /** Lengths of the page's long tasks (above 50 ms) since they were last taken. */
    longTasks: number[];
  }
}

const takeLong = (page: Page): Promise<number[]> => page.evaluate(() => window.longTasks.splice(0));

/** Does something to the page and waits until the curves are drawn anew; gives the time of each round. */
async function redraws(page: Page, rounds: number, act: (round: number) => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await page.evaluate(() => delete document.getElementById('chart')!.dataset.drawn);
    const from = performance.now();
    await act(round);
    await page.locator('#chart[data-drawn]').waitFor();
    times.push(performance.now() - from);
    await page.waitForTimeout(300);
  }
  return times;
}

/** Opens the page of a dashboard that shows `runs` runs, uses it, and measures. */
export async function pageFigures(executablePath: string, url: string, runs: number): Promise<Figure[]> {
  let browser: Browser | null = null;
  try {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await page.addInitScript(() => {
      window.longTasks = [];
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) window.longTasks.push(duration);
      }).observe({ type: 'longtask' });
    });
    const from = performance.now();
    await page.goto(url);
    await page.locator('#rows .row').first().waitFor();
    const table = performance.now() - from;
    await page.locator(`#chart[data-drawn="${runs}"]`).waitFor({ timeout: 120_000 });
    const all = performance.now() - from;
    const opening = await takeLong(page);
    const frames = await page.evaluate(async () => {
      const grid = document.getElementById('grid')!;
      const gaps: number[] = [];
      let last = performance.now();
      for (let k = 0; k <= 120; k++) {
        grid.scrollTop = (k * grid.scrollHeight) / 120;
        await new Promise(requestAnimationFrame);
        gaps.push(performance.now() - last);
        last = performance.now();
      }
      return gaps;
    });
    const scrolling = await takeLong(page);
    const draws = await redraws(page, 10, () => page.locator('#log').click());
    const drawing = await takeLong(page);
    const filters = await redraws(page, 10, (k) => page.locator('#filter').fill(k % 2 === 0 ? 'seed:3' : ''));
    const filtering = await takeLong(page);
    const long = (tasks: readonly number[]): string =>
      tasks.length === 0 ? 'no task above 50 ms' : `longest task ${ms(highest(tasks))}`;
    return [
      ['page: address opened until the table is there', ms(table)],
      [`page: until all ${runs} curves are drawn`, `${ms(all)}, ${long(opening)}`],
      [
        'page: frames while scrolling through all rows',
        `${ms(median(frames))}, at most ${ms(highest(frames))}, ${long(scrolling)}`,
      ],
      [
        'page: all curves drawn anew (log scale)',
        `${ms(median(draws))}, at most ${ms(highest(draws))}, ${long(drawing)}`,
      ],
      [
        'page: a filter until its curves are drawn',
        `${ms(median(filters))}, at most ${ms(highest(filters))}, ${long(filtering)}`,
      ],
    ];
  } finally {
    await browser?.close();
  }
}
