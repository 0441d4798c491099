/** The four formats: whole files, nothing that executes, the same bytes again. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Papa from 'papaparse';
import { type Browser, chromium, type Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { train } from '../../../src/index.js';
import { analyzeRuns } from '../../../src/runs/report/analyze-runs.js';
import { escapeMarkdown } from '../../../src/runs/report/markdown.js';
import { readReferences, shippedReferences } from '../../../src/runs/report/references.js';
import type { Report } from '../../../src/runs/report/report.js';
import { REPORT_FORMATS, renderReport, writeReport } from '../../../src/runs/report/write-report.js';
import { findChromium, skippedWithoutChromium } from '../../support/chromium.js';
import { rejectsWith, throwsError } from '../../support/misuse.js';
import { temporaryFolder } from '../../support/temporary.js';
import { makeRun, writeRun } from './support.js';

const test = suite('written reports');
let browser: Browser | null = null;
test.after(async () => {
  await browser?.close();
});

const HOSTILE = `</title></svg><script>document.title='taken'</script><img src=x onerror="document.title='taken'">|\`[a](javascript:alert(1))\n# *b* <!--`;

/** Two methods on three tasks, every text of which is hostile, and something left out. */
function hostileReport(): Report {
  const runs = [HOSTILE, '=HYPERLINK("http://x")'].flatMap((clip) =>
    [
      { id: HOSTILE, kwargs: { [HOSTILE]: HOSTILE } },
      { id: '=cmd|x', wrappers: [{ name: HOSTILE, moduleUrl: null, kwargs: {} }] },
      {},
    ].flatMap((env) =>
      [1, 2, 3].map((seed) =>
        makeRun({
          env,
          seed,
          algo: '@SUM(1)',
          config: { [HOSTILE]: clip },
          path: `-2+${HOSTILE}${seed}${JSON.stringify(env)}${clip}`,
          points: [
            [100, -20 * seed],
            [200, 70 * seed],
            [300, 100 * seed],
          ],
        }),
      ),
    ),
  );
  const leftOut = [{ path: `+1${HOSTILE}`, code: 'METRICS_CORRUPT', reason: HOSTILE }];
  return analyzeRuns({ metric: 'charts/episodic_return', runs, leftOut }, { reps: 100 });
}

test('a page runs nothing and loads nothing, whatever runs are called', async () => {
  const page = await renderReport(hostileReport(), 'html', { title: HOSTILE });
  assert.not.match(page, /<script|<img|<a |<iframe|onerror="|<!--/);
  assert.not.match(page, / style="| on[a-z]+=["']/);
  assert.not.match(page, /https?:\/\/(?!x)/);
  assert.match(
    page,
    /content="default-src 'none'; style-src 'sha256-[\w+/=]+'; img-src data:; base-uri 'none'; form-action 'none'"/,
  );
  assert.is(page.match(/<title>/g)!.length, 1 + (page.match(/<g class/g)?.length ?? 0));
});

test('Markdown has no HTML, no markup and no broken rows, whatever runs are called', async () => {
  const text = await renderReport(hostileReport(), 'markdown', { title: HOSTILE });
  assert.not.match(text, /[<>]/);
  assert.not.match(text, /(?<!\\)\]\(/);
  assert.not.match(text, /:\/\//);
  const lines = text.split('\n');
  for (const [k, line] of lines.entries()) {
    if (!line.startsWith('| ---')) continue;
    const columns = (one: string): number => one.replace(/\\./g, '').split('|').length;
    for (let row = k - 1; lines[row]?.startsWith('|'); row++)
      assert.is(columns(lines[row]!), columns(line), lines[row]);
  }
  assert.is(
    escapeMarkdown('a_b _c_ *d* <e> & [f] |g| `h` a\nb'),
    'a_b \\_c\\_ \\*d\\* &lt;e&gt; &amp; \\[f\\] \\|g\\| \\`h\\` a b',
  );
});

test('CSV is one table; texts that a spreadsheet would execute do not, and numbers stay numbers', async () => {
  const report = hostileReport();
  const text = await renderReport(report, 'csv');
  const { data, errors } = Papa.parse<Record<string, string>>(text.trimEnd(), { header: true });
  assert.equal(errors, []);
  for (const row of data) {
    for (const [column, cell] of Object.entries(row)) {
      if (['x', 'value', 'low', 'high', 'seed', 'runs'].includes(column)) {
        assert.ok(cell === '' || Number.isFinite(Number(cell)), `${column}: ${cell}`);
      } else assert.not.match(cell, /^\s*[=+\-@]/);
    }
  }
  const tables = new Map<string, number>();
  for (const { table } of data) tables.set(table!, (tables.get(table!) ?? 0) + 1);
  assert.is(tables.get('run'), 18);
  assert.is(tables.get('curve'), 6 * 3);
  assert.is(tables.get('left_out'), 1);
  assert.is(tables.get('improvement'), 1);
  assert.is(tables.get('profile'), 2 * 101);
  const group = report.groups[0]!;
  const row = data.find(({ table, statistic }) => table === 'curve' && statistic === 'iqm')!;
  assert.equal([row['x'], row['value'], row['low'], row['high']].map(Number), [
    group.curve!.steps[0],
    group.curve!.iqm.value[0],
    group.curve!.iqm.low[0],
    group.curve!.iqm.high[0],
  ]);
  assert.ok(data.some((one) => Number(one['value']) < 0));
});

test('a chart shows no more methods than can be told apart, and says so; tables show all', async () => {
  const runs = Array.from({ length: 40 }, (_, k) =>
    makeRun({
      config: { lr: k },
      path: `r${k}`,
      points: [
        [1, 0],
        [2, k],
      ],
    }),
  );
  const report = analyzeRuns({ metric: 'charts/episodic_return', runs, leftOut: [] }, { reps: 10 });
  const page = await renderReport(report, 'html');
  const [curves] = /<section class="card pad" aria-label="Learning curves">.*?<\/section>/s.exec(page)!;
  assert.is(curves.match(/<path class="curve/g)!.length, 32);
  assert.match(curves, 'CartPole-v1 (the 32 highest of 40)');
  assert.match(curves, 'ppo lr=39 (1 seed)');
  assert.not.match(curves, 'ppo lr=7 (1 seed)');
  assert.match(page, '<td class="text">ppo lr=0</td>');
  // One point is a dot: a path of one point shows nothing.
  const point = analyzeRuns({ metric: 'charts/episodic_return', runs: [makeRun()], leftOut: [] }, { reps: 10 });
  assert.match(await renderReport(point, 'html'), '<circle class="dot s0 d0"');
});

test('JSON is the report', async () => {
  const report = hostileReport();
  assert.equal(JSON.parse(await renderReport(report, 'json')), JSON.parse(JSON.stringify(report)));
});

test('runs that were trained make the same bytes twice, in every format, with everything in it', async () => {
  const root = temporaryFolder();
  for (const [name, clipCoef] of [
    ['a', 0.1],
    ['b', 0.3],
  ] as const) {
    for (const seed of [1, 2]) {
      const config = { totalSteps: 8192, numEnvs: 16, numSteps: 64, clipCoef };
      await train({ env: 'CartPole-v1', seed, workers: 1, runDir: join(root, `runs/${name}${seed}`), config });
    }
  }
  writeRun(join(root, 'runs/killed'), { status: 'unfinished', seed: 7 });
  mkdirSync(join(root, 'out'));
  for (const [format, ending] of [
    ['html', 'html'],
    ['markdown', 'md'],
    ['csv', 'csv'],
    ['json', 'json'],
  ] as const) {
    const paths = ['1', '2'].map((name) => join(root, `out/${name}.${ending}`));
    const [first, second] = [
      await writeReport(paths[0]!, [join(root, 'runs')], { reps: 200 }),
      await writeReport(paths[1]!, [join(root, 'runs')], { reps: 200 }),
    ];
    const texts = paths.map((path) => readFileSync(path, 'utf8'));
    assert.is(texts[0], texts[1]);
    assert.equal([first.format, first.bytes, first.report.runs.length], [format, Buffer.byteLength(texts[0]!), 4]);
    assert.is(second.report.leftOut.length, 1);
    for (const word of ['CartPole-v1', 'clipCoef=0.3', 'RUN_INCOMPLETE', 'PPO, RL Baselines3 Zoo']) {
      assert.ok(texts[0]!.includes(word), `${format}: ${word}`);
    }
  }
  assert.is(readdirSync(join(root, 'out')).length, 8);
  const { report } = await writeReport(join(root, 'out/3.json'), [join(root, 'runs')], { reps: 10 });
  for (const run of report.runs) {
    const last = readFileSync(join(run.path, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').at(-1)!;
    assert.is(run.score, (JSON.parse(last) as Record<string, number>)['charts/episodic_return']);
    assert.ok(run.seconds! > 0);
  }
});

test('the page in a browser: charts have names, tables have headers, nothing is wider than a phone, both schemes differ', async () => {
  if (findChromium() === null) return skippedWithoutChromium('a report in a browser');
  const root = temporaryFolder();
  const file = join(root, 'report.html');
  writeFileSync(file, await renderReport(hostileReport(), 'html', { title: HOSTILE }));
  browser ??= await chromium.launch({ executablePath: findChromium()!, args: ['--no-sandbox', '--disable-gpu'] });
  const colours: string[] = [];
  for (const [width, colorScheme] of [
    [390, 'light'],
    [1280, 'dark'],
  ] as const) {
    const page: Page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const problems: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:') && !request.url().startsWith('data:')) problems.push(request.url());
    });
    await page.goto(`file://${file}`);
    assert.equal(problems, []);
    assert.is(await page.title(), HOSTILE.replace(/\s+/g, ' '));
    assert.is(await page.evaluate('document.documentElement.scrollWidth'), width);
    const charts = page.getByRole('img');
    assert.is(await charts.count(), 3 + 4 + 1 + 1);
    for (const chart of await charts.all()) assert.match((await chart.getAttribute('aria-label')) ?? '', /\S\. \w/);
    assert.is(
      await page.locator('table').count(),
      await page.locator('table > thead > tr > th[scope=col]:first-child').count(),
    );
    assert.is((await page.locator('svg[role=img] text.label').count()) >= 9, true);
    // A style that the policy blocked would leave no colour.
    const stroke = await page.evaluate('getComputedStyle(document.querySelector("path.curve.s1")).stroke');
    assert.match(String(stroke), /^rgb/);
    colours.push(String(stroke), String(await page.evaluate('getComputedStyle(document.body).backgroundColor')));
    // Text is large enough to read at this width, in CSS pixels.
    const heights = (await page.evaluate(
      '[...document.querySelectorAll("text.tick")].map((element) => element.getBoundingClientRect().height)',
    )) as number[];
    assert.ok(Math.min(...heights) >= 9, `${Math.min(...heights)} px`);
    await page.close();
  }
  assert.is(new Set(colours).size, 4);
});

test('the shipped references are of registered envs, name their source, and are what readReferences accepts', async () => {
  const { envs } = shippedReferences();
  const { registry } = await import('../../../src/registration/index.js');
  assert.equal(Object.keys(envs).sort(), [...registry.keys()].sort());
  for (const { random, references } of Object.values(envs)) {
    assert.ok(random.episodes >= 100);
    for (const { source, score } of references) assert.ok(source.length > 10 && score > random.score);
  }
  const path = join(temporaryFolder(), 'references.json');
  writeFileSync(path, JSON.stringify(shippedReferences()));
  assert.equal(readReferences(path), shippedReferences());
});

test('files of references that are none are refused', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'references.json');
  const good = { random: { score: 0, std: 0, episodes: 1, seed: 0 }, references: [] };
  const cases: [unknown, string][] = [
    ['{', 'JSON'],
    ['[]', 'expected object'],
    [{ version: 2, envs: {} }, 'version'],
    [{ version: 1, envs: { a: {} } }, 'random'],
    [{ version: 1, envs: { a: { ...good, random: { ...good.random, episodes: 0 } } } }, 'episodes'],
    [
      {
        version: 1,
        envs: { a: { ...good, references: [{ name: '', score: 1, std: null, steps: null, source: '' }] } },
      },
      'name',
    ],
    [
      {
        version: 1,
        envs: { a: { ...good, references: [{ name: 'x', score: '1', std: null, steps: null, source: '' }] } },
      },
      'score',
    ],
  ];
  for (const [content, says] of cases) {
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    throwsError(() => readReferences(path), {
      code: 'INVALID_REFERENCES',
      kind: 'usage',
      says: [says, 'docs/report.md'],
    });
  }
  throwsError(() => readReferences(join(folder, 'none.json')), { code: 'INVALID_REFERENCES', says: ['ENOENT'] });
  throwsError(() => readReferences(folder), { code: 'INVALID_REFERENCES', says: ['not a plain file'] });
});

test('misuse: formats, reports and paths; nothing is left half-written', async () => {
  const root = temporaryFolder();
  const run = writeRun(join(root, 'run'));
  const report = hostileReport();
  await rejectsWith(() => renderReport(report, 'pdf' as never), {
    code: 'UNKNOWN_FORMAT',
    says: [REPORT_FORMATS.join(', ')],
  });
  await rejectsWith(() => renderReport({} as never, 'html'), { code: 'INVALID_OPTION', says: ['analyzeRuns'] });
  await rejectsWith(() => renderReport(null as never, 'html'), { code: 'INVALID_OPTION' });
  await rejectsWith(() => writeReport(join(root, 'report.txt'), [run]), { code: 'UNKNOWN_FORMAT', says: ['.html'] });
  await rejectsWith(() => writeReport(join(root, 'a.html'), [run], { format: 'x' as never }), {
    code: 'UNKNOWN_FORMAT',
  });
  await rejectsWith(() => writeReport(join(root, 'none/a.html'), [run]), { code: 'NOT_WRITABLE' });
  await rejectsWith(() => writeReport(join(root, 'a.html'), [join(root, 'gone')]), { code: 'RUN_NOT_FOUND' });
  assert.not.ok(existsSync(join(root, 'a.html')));
  assert.equal(readdirSync(root), ['run']);
});

test.run();
