/** The dashboard's page: fixed markup, one style, and a script that is bundled when it is first asked for. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { htmlDocument } from '../html/document.js';
import { pageScript } from '../viewer/page-script.js';
import { dashStyle } from './page-style.js';

const TABS = [
  ['curves', 'Curves', '1'],
  ['compare', 'Compare', '2'],
  ['run', 'Run', '3'],
] as const;

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'to the filter; <kbd>Enter</kbd> goes on to the table'],
  ['t', 'to the table of runs'],
  ['↑ ↓', 'another row; <kbd>Page up</kbd>, <kbd>Page down</kbd>, <kbd>Home</kbd>, <kbd>End</kbd> too'],
  ['space', 'choose the row’s run to compare, or no longer; with <kbd>shift</kbd> all from the last one'],
  ['Enter', 'open the row’s run'],
  ['Ctrl A', 'choose all runs of the table'],
  ['Esc', 'choose none'],
  ['1 2 3', 'curves, comparison, run'],
  ['?', 'these keys'],
];

const FILTER_HELP =
  'Words that a run must have, such as cartpole; fields, such as seed:3 status:running learningRate>1e-3 step>=100k; -word excludes';

const HEADER = `
<header class="top"><div><h1 id="folder">Runs</h1><p id="counts" role="status">Loading …</p></div>
<dl id="system" class="system" aria-label="Load of this machine" hidden></dl></header>
<p class="notes" id="connection" role="status" hidden></p>`;

const RUNS = `
<section class="card runs" aria-label="Runs">
<div class="bar-row">
<input id="filter" type="search" placeholder="Filter: cartpole seed:3 lr&gt;1e-3" aria-label="Filter of the runs" title="${FILTER_HELP}" autocomplete="off" spellcheck="false" aria-describedby="filter-result">
<span id="filter-result" class="muted" role="status"></span>
<span id="chosen" class="muted"></span>
<button type="button" class="quiet" id="choose-filtered">Choose all</button>
<button type="button" class="quiet" id="clear" hidden>Choose none</button>
<select id="sort" aria-label="Order of the runs"></select>
<button type="button" class="quiet round" id="show-keys" aria-label="Keys" title="Keys (?)">?</button>
</div>
<div class="grid" id="grid" role="grid" tabindex="0" aria-label="Runs; arrow keys move, space chooses, Enter opens" aria-multiselectable="true">
<div class="row head" id="head" role="row"><div class="cell choice" role="columnheader"><input type="checkbox" id="choose-all" aria-label="Choose all runs of the table" title="Choose all runs of the table"></div></div>
<div class="body" id="rows" role="rowgroup"></div>
</div>
<p id="no-rows" class="muted" hidden>No run fits the filter.</p></section>`;

const CURVES = `
<div class="bar-row controls">
<label>Metric <select id="metric"></select></label>
<label>Group by <select id="group"></select></label>
<label>Line <select id="summary"><option value="mean">mean, ±1 std</option><option value="iqm">IQM, quartiles</option></select></label>
<label class="slider">Smoothing <input type="range" id="smoothing" min="0" max="0.99" step="0.01" value="0"><output id="smoothing-value" for="smoothing">off</output></label>
<label class="check"><input type="checkbox" id="log"> Log scale</label>
<button type="button" class="quiet" id="reset-zoom" hidden>Show all</button>
</div>
<p id="curves-about" class="muted about" role="status"></p>
<div class="chart-row"><div class="chart" id="chart" role="img" aria-label="Curves"></div>
<div class="legend-box"><ul class="legend" id="legend" aria-label="Legend"></ul><p class="muted" id="legend-more"></p></div></div>`;

const COMPARE = `
<div class="bar-row"><p id="compare-about" class="muted"></p>
<label class="check" id="compare-all"><input type="checkbox" id="all-settings"> Show all settings</label></div>
<div class="scroll" id="compare-table" tabindex="0" role="region" aria-label="Settings of the chosen runs"></div>`;

const RUN = `
<p id="run-none" class="muted">Open a run from the table: press its name, or Enter on its row.</p>
<div id="run-detail"></div>`;

const tabs = TABS.map(
  ([id, name, key]) =>
    `<button type="button" role="tab" id="tab-${id}" aria-controls="panel-${id}" aria-selected="false" title="${name} (${key})">${name}</button>`,
).join('');

const panel = (id: string, content: string): string =>
  `<div role="tabpanel" id="panel-${id}" aria-labelledby="tab-${id}" hidden>${content}</div>`;

const BODY = `<div class="wrap">${HEADER}
<noscript><p class="notes">This page shows runs with a script of its own; it needs JavaScript, and loads nothing from elsewhere.</p></noscript>
<main>${RUNS}
<section class="card panel" aria-label="Chosen runs"><div class="tabs" id="tabs" role="tablist" aria-label="What is shown">${tabs}</div>
${panel('curves', CURVES)}
${panel('compare', COMPARE)}
${panel('run', RUN)}
</section></main></div>
<dialog id="keys" aria-label="Keys"><h2>Keys</h2><dl>${KEYS.map(([key, about]) => `<div><dt><kbd>${key}</kbd></dt><dd>${about}</dd></div>`).join('')}</dl>
<button type="button" class="primary" id="close-keys">Close</button></dialog>`;

let page: Promise<string> | null = null;

/**
 * The page as one HTML text. It speaks to the server that it came from and to nobody else, and runs only its own script. It is
 * made once a process; bundling its script takes about 0.1 s.
 */
export function dashHtml(): Promise<string> {
  page ??= make();
  return page;
}

async function make(): Promise<string> {
  const require = createRequire(import.meta.url);
  const [script, chartStyle] = await Promise.all([
    pageScript('../dash/page/main.js'),
    // uPlot's own style is a part of the page's: its policy allows no other.
    readFile(require.resolve('uplot/dist/uPlot.min.css'), 'utf8'),
  ]);
  return htmlDocument({ title: 'gymkhana dash', style: dashStyle(chartStyle), script, body: BODY, connects: true });
}
