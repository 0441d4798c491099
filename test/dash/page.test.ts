/** The dashboard's page in a real browser, before a server with made runs: the table, the curves, the comparison, the keys. */
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RunRow } from '../../src/dash/api.js';
import { dashHtml } from '../../src/dash/page-html.js';
import { closeBrowser, type Look, until, withPage } from '../support/browser.js';
import { findChromium, skippedWithoutChromium } from '../support/chromium.js';
import { KEY, MadeDash, madeRow } from '../support/dash.js';

const test = suite('dashboard page');
test.after(closeBrowser);

/** A test that needs a browser. */
function inBrowser(name: string, body: () => Promise<void>): void {
  test(name, async () => (findChromium() === null ? skippedWithoutChromium(name) : body()));
}

async function withDash(
  rows: readonly RunRow[],
  hash: string,
  look: Look,
  body: (page: Page, dash: MadeDash) => Promise<void>,
): Promise<void> {
  const dash = new MadeDash(rows);
  const url = await dash.start();
  try {
    await withPage(`${url}${hash === '' ? '' : `#${hash}`}`, look, (page) => body(page, dash));
  } finally {
    await dash.stop();
  }
}

const few = (): RunRow[] => [
  madeRow(0, { status: 'running', step: 50_000 }),
  madeRow(1, { env: 'Pendulum-v1', meanReturn: -150 }),
  madeRow(2, { status: 'failed', problem: 'NOT_FINITE: the loss is NaN', meanReturn: null }),
  madeRow(10),
];

/** Names of the rows as they are seen, from the top. */
const seen = (page: Page): Promise<string[]> =>
  page
    .locator('#rows .row:not([hidden])')
    .evaluateAll((rows) =>
      rows
        .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
        .map((row) => row.querySelector('.id .text')!.textContent!.replace('study/cartpole-', '')),
    );

const shows = (page: Page, wanted: readonly string[]): Promise<void> =>
  until(`the rows are ${wanted}`, async () => (await seen(page)).join() === wanted.join());

/** How many lines the chart has drawn last. */
const drawn = (page: Page): Promise<string | null> => page.locator('#chart').getAttribute('data-drawn');

/** Pixels of the chart's curves that are painted, by the column of the canvas where the last of them is, 0 to 1. */
const painted = (page: Page): Promise<{ count: number; right: number }> =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('#chart canvas.lines')!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    let right = 0;
    for (let k = 3; k < data.length; k += 4) {
      if (data[k] === 0) continue;
      count++;
      right = Math.max(right, ((k - 3) / 4) % canvas.width);
    }
    return { count, right: right / canvas.width };
  });

test('the page allows its own script and style alone, and speaks to its own server alone', async () => {
  const html = await dashHtml();
  assert.match(
    html,
    /default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'; connect-src 'self'; img-src data:/,
  );
  assert.not.match(html, / style="| onclick|<link rel="stylesheet"|innerHTML/);
  assert.ok(html.length < 250_000, `${html.length} bytes`);
});

inBrowser('the table filters, sorts and chooses, and a reload keeps it', () =>
  withDash(few(), '', {}, async (page) => {
    await shows(page, ['0', '1', '2', '10']);
    assert.match((await page.locator('#counts').textContent())!, '4 runs: 1 running, 2 finished, 1 failed');
    await page.getByRole('button', { name: 'Mean return' }).click();
    await shows(page, ['10', '0', '1', '2']);
    await page.getByRole('button', { name: 'Mean return' }).click();
    await shows(page, ['1', '0', '10', '2']);
    assert.is(await page.locator('.head .meanReturn').getAttribute('aria-sort'), 'ascending');

    await page.locator('#filter').fill('env:cartpole -status:failed');
    await shows(page, ['0', '10']);
    assert.is(await page.locator('#filter-result').textContent(), '2 of 4');
    await page.getByRole('checkbox', { name: 'Choose all runs' }).check();
    assert.is(await page.locator('#chosen').textContent(), '2 chosen');
    await page.locator('#filter').fill('nosuch:3');
    assert.is(await page.locator('#filter-result').textContent(), "No run has 'nosuch'.");
    assert.ok(await page.locator('#no-rows').isVisible());
    await page.locator('#filter').fill('cartpole-1');
    await page.locator('#log').check();
    await until('the address has it', () => page.url().includes('log=1') && page.url().includes('choose='));
    await page.reload();
    await shows(page, ['1', '10']);
    assert.is(await page.locator('#filter').inputValue(), 'cartpole-1');
    assert.is(await page.locator('#chosen').textContent(), '2 chosen');
    assert.ok(await page.locator('#log').isChecked());
  }),
);

inBrowser('the keyboard alone goes to the table, chooses, compares and opens a run', () =>
  withDash(few(), '', {}, async (page) => {
    await shows(page, ['0', '1', '2', '10']);
    await page.keyboard.press('/');
    await page.keyboard.type('cartpole');
    await page.keyboard.press('Enter');
    assert.is(await page.evaluate(() => document.activeElement?.id), 'grid');
    const active = (): Promise<string | null> =>
      page.evaluate(() => {
        const id = document.getElementById('grid')!.getAttribute('aria-activedescendant');
        return id === null ? null : document.getElementById(id)!.querySelector('.id .text')!.textContent;
      });
    assert.is(await active(), 'study/cartpole-0');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    assert.is(await active(), 'study/cartpole-1');
    await page.keyboard.press('End');
    assert.is(await active(), 'study/cartpole-10');
    await page.keyboard.press('Space');
    assert.is(await page.locator('#chosen').textContent(), '3 chosen');
    await until('they are marked', async () => (await page.locator('.row[aria-selected="true"]').count()) === 3);
    // The curve of the row is pointed out among the others.
    assert.is(await page.locator('.legend .marked .title').textContent(), 'cartpole-10');
    await page.keyboard.press('2');
    assert.is(await page.locator('#compare-table thead th').count(), 4);
    await page.keyboard.press('t');
    await page.keyboard.press('Enter');
    await until('the run is open', async () => (await page.locator('.run-name').textContent()) === 'study/cartpole-10');
    await page.keyboard.press('?');
    assert.ok(await page.locator('#keys').isVisible());
    await page.keyboard.press('Escape');
    assert.not(await page.locator('#keys').isVisible());
    assert.is(await page.locator('#chosen').textContent(), '3 chosen', 'Escape closed the keys, no more');
    await page.keyboard.press('Escape');
    assert.is(await page.locator('#chosen').textContent(), '');
    // What has the focus can be seen to have it.
    await page.keyboard.press('t');
    const outline = await page.locator('#grid').evaluate((grid) => getComputedStyle(grid).outlineStyle);
    assert.is(outline, 'solid');
  }),
);

inBrowser('the comparison has the settings that differ, marks them, and shows the others when asked', () =>
  withDash(
    few(),
    'tab=compare&choose=study/cartpole-0&choose=study/cartpole-1&choose=study/cartpole-10',
    {},
    async (page, dash) => {
      const settings = (): Promise<string[]> =>
        page.locator('#compare-table tbody:first-of-type .setting').allTextContents();
      await until('it is shown', async () => (await settings()).length > 0);
      assert.equal(await settings(), ['env', 'learningRate', 'seed']);
      assert.equal(await page.locator('#compare-table .unusual').allTextContents(), ['Pendulum-v1', '0.0003', '1']);
      await page.locator('#all-settings').check();
      assert.equal(await settings(), ['env', 'algo', 'gamma', 'hidden', 'learningRate', 'numEnvs', 'seed']);
      // A run that goes on changes the table, not what has the focus in it.
      const link = page.getByRole('button', { name: 'cartpole-1', exact: true });
      await link.focus();
      dash.change(madeRow(0, { status: 'running', step: 60_000 }));
      await until('it follows', async () =>
        (await page.locator('#compare-table').textContent())!.includes('60k / 100k'),
      );
      assert.ok(await link.evaluate((button) => button === document.activeElement));
      await link.click();
      assert.is(await page.locator('.run-name').textContent(), 'study/cartpole-1');
    },
  ),
);

inBrowser('curves are drawn, live points are added, and a group is one line', () =>
  withDash(few(), 'choose=study/cartpole-0', {}, async (page, dash) => {
    await until('the curve is drawn', async () => (await drawn(page)) === '1' && (await painted(page)).count > 300);
    assert.is(await page.locator('#metric').inputValue(), KEY);
    await until('its points are watched', () => dash.watched.includes('study/cartpole-0'));
    const last = (): Promise<string> => page.locator('.legend .value').first().textContent().then(String);
    const before = await last();
    const curve = { id: 'study/cartpole-0', steps: [60_000, 100_000], values: [123, 456], of: 502, restart: false };
    await until('the live points are there', async () => {
      dash.send('points', { key: KEY, curves: [curve] });
      return (await last()) === '456';
    });
    assert.is.not(before, '456');
    // A new run appears in the table by itself, another goes.
    dash.change(madeRow(7, { status: 'waiting', step: 0 }));
    dash.send('runs', { changed: [], gone: ['study/cartpole-1'], keys: dash.keys });
    await shows(page, ['0', '2', '7', '10']);
    await page.keyboard.press('Escape');
    await page.locator('#group').selectOption('settings');
    await until('the groups are drawn', async () =>
      (await page.locator('.legend .told').first().textContent())!.endsWith(' runs'),
    );
    await page.locator('#summary').selectOption('iqm');
    await page.locator('#smoothing').fill('0.5');
    await page.locator('#log').check();
    await until('still drawn', async () => (await painted(page)).count > 300);
    // Hovering the legend points a line out.
    await page.locator('.legend .entry').first().hover();
    assert.is(await page.locator('.legend .marked').count(), 1);
    // Pulling a part larger leaves a way back.
    const box = (await page.locator('#chart .u-over').boundingBox())!;
    await page.mouse.move(box.x + 40, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + 200, box.y + 120, { steps: 4 });
    await page.mouse.up();
    await page.locator('#reset-zoom').click();
    assert.not(await page.locator('#reset-zoom').isVisible());
  }),
);

inBrowser('it says when the server is gone, and goes on when it is back', async () => {
  const dash = new MadeDash(few());
  const url = await dash.start();
  const { port } = dash.server!;
  try {
    await withPage(url, { ignore: /ERR_|Failed to load resource/ }, async (page) => {
      await shows(page, ['0', '1', '2', '10']);
      assert.not(await page.locator('#connection').isVisible());
      await dash.stop();
      await page.locator('#connection').waitFor({ state: 'visible', timeout: 10_000 });
      assert.match((await page.locator('#connection').textContent())!, 'does not answer');
      dash.rows.push(madeRow(11));
      await dash.start(port);
      await shows(page, ['0', '1', '2', '10', '11']);
      assert.not(await page.locator('#connection').isVisible());
    });
  } finally {
    await dash.stop();
  }
});

const HOSTILE = `"><img src=x onerror="alert(1)"><script>document.title='taken'</script>`;

inBrowser('texts of runs are texts, whatever they hold', () => {
  const row = madeRow(3, {
    id: `runs/${HOSTILE}, & more`,
    env: HOSTILE,
    algo: HOSTILE,
    problem: HOSTILE,
    status: 'failed',
    settings: { [HOSTILE]: HOSTILE, constructor: 1, ['__proto__']: 'x' },
  });
  return withDash([row, madeRow(4)], '', {}, async (page, dash) => {
    dash.keys = [HOSTILE, KEY];
    dash.log = HOSTILE;
    dash.detail = {
      config: { [HOSTILE]: HOSTILE },
      checkpoints: [{ name: HOSTILE, bytes: 1, changedAt: 0 }],
      episodes: [{ name: HOSTILE, bytes: 1 }],
      last: { [HOSTILE]: 1 },
    };
    dash.change(row);
    await until('the table has it', async () => (await page.locator('#rows').textContent())!.includes(HOSTILE));
    await page.getByRole('checkbox', { name: 'Choose all runs' }).check();
    for (const tab of ['1', '2', '3']) await page.keyboard.press(tab);
    await page.locator('#grid').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await until('the log is there', async () => (await page.locator('pre').textContent()) === HOSTILE);
    assert.match((await page.locator('#run-detail').textContent())!, HOSTILE);
    await page.keyboard.press('2');
    assert.match((await page.locator('#compare-table').textContent())!, HOSTILE);
    await page.keyboard.press('1');
    await page.locator('#group').selectOption({ label: HOSTILE });
    await until('the legend has it', async () => (await page.locator('.legend').textContent())!.includes(HOSTILE));
    assert.is(await page.locator('img, body script:not(:last-of-type)').count(), 0);
    assert.is(await page.title(), 'runs · gymkhana dash');
  });
});

for (const colorScheme of ['light', 'dark'] as const) {
  inBrowser(`it fits a phone on every tab, ${colorScheme}`, () => {
    const long = madeRow(5, { id: `a-folder/${'very-long-name-'.repeat(12)}` });
    const look = { width: 390, height: 800, colorScheme };
    return withDash(
      [...few(), long],
      'choose=study/cartpole-0&choose=study/cartpole-1&choose=study/cartpole-10',
      look,
      async (page) => {
        await shows(page, ['a-folder/' + 'very-long-name-'.repeat(12), '0', '1', '2', '10']);
        for (const tab of ['1', '2', '3']) {
          if (tab === '3') await page.locator('#rows .open').first().click();
          else await page.keyboard.press(tab);
          if (tab === '3') await page.locator('#run-detail pre').waitFor();
          const width = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(width <= 390, `tab ${tab} is ${width} wide`);
        }
        const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        assert.is(ground, colorScheme === 'dark' ? 'rgb(19, 21, 25)' : 'rgb(245, 244, 241)');
      },
    );
  });
}

inBrowser('500 runs of 500 points scroll, filter and draw without stopping the page', () =>
  withDash(
    Array.from({ length: 500 }, (_, k) => madeRow(k)),
    '',
    {},
    async (page) => {
      await until('all are drawn', async () => (await drawn(page)) === '500', 20_000);
      assert.ok((await page.locator('#rows .row').count()) < 60, 'only the rows in view are elements');
      // Gaps between frames while scrolling through all rows, and while the filter and the scale change.
      const slowest = await page.evaluate(async () => {
        const grid = document.getElementById('grid')!;
        const filter = document.getElementById('filter') as HTMLInputElement;
        const gaps: number[] = [];
        let last = performance.now();
        for (let k = 0; k < 60; k++) {
          grid.scrollTop = (k * grid.scrollHeight) / 60;
          if (k % 20 === 10) document.getElementById('log')!.click();
          if (k % 20 === 15) {
            filter.value = k === 15 ? 'seed:3' : '';
            filter.dispatchEvent(new Event('input'));
          }
          await new Promise(requestAnimationFrame);
          gaps.push(performance.now() - last);
          last = performance.now();
        }
        return gaps.sort((a, b) => b - a);
      });
      // On a quiet machine none is above 100 ms; others share the processors of a test.
      assert.ok(slowest[3]! < 500, `frames of ${slowest.slice(0, 6).map(Math.round)} ms`);
      assert.is(await seen(page).then((rows) => rows.at(-1)), '499');
    },
  ),
);

test.run();
