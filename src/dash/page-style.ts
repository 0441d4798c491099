import { SERIES_COLOURS, THEME_STYLE } from '../html/theme.js';

const SERIES = Array.from({ length: SERIES_COLOURS }, (_, k) => `.s${k} { --series: var(--series-${k}); }`).join('\n');

const CONTROLS = `
button, select, input { font: inherit; font-size: 14px; color: inherit; }
button { cursor: pointer; }
.quiet, .primary { border: 1px solid var(--line); background: var(--card); border-radius: 9px; padding: 5px 12px; white-space: nowrap; }
.quiet:hover { background: var(--hover); }
.primary { background: var(--accent); border-color: var(--accent); color: #fff; font-weight: 550; }
.primary:hover { filter: brightness(1.08); }
@media (prefers-color-scheme: dark) { .primary { color: #10131a; } }
.round { width: 32px; padding: 5px 0; }
.link { border: 0; background: none; padding: 0; color: var(--accent); font-weight: 600; text-align: left; overflow-wrap: anywhere; }
.link:hover { text-decoration: underline; }
select, input[type="search"] { background: var(--card); border: 1px solid var(--line); border-radius: 9px; padding: 6px 10px; max-width: 100%; }
input[type="search"] { flex: 1 1 260px; min-width: 0; }
input[aria-invalid="true"] { border-color: var(--bad); }
input[type="checkbox"], input[type="range"] { accent-color: var(--accent); }
input[type="checkbox"] { width: 16px; height: 16px; margin: 0; cursor: pointer; }
kbd { font: inherit; font-size: 12px; padding: 0 5px; border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 5px; background: var(--card); white-space: nowrap; }
.bar-row { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; padding: 12px 14px; }
.bar-row p { margin: 0; }
.bar-row label { display: inline-flex; align-items: center; gap: 7px; font-size: 13px; color: var(--muted); min-width: 0; }
.bar-row label select { color: var(--ink); min-width: 0; }
.slider input { width: 110px; }
.slider output { width: 30px; font-variant-numeric: tabular-nums; color: var(--ink); }`;

const TABLE = `
.runs { overflow: hidden; }
.grid { --row: 34px; --columns: 38px 100px minmax(190px, 2.4fr) minmax(116px, 1fr) 56px 54px minmax(164px, 1.4fr) minmax(136px, 1fr) 96px 76px 70px 76px;
  position: relative; overflow: auto; height: clamp(170px, 31vh, 460px); border-top: 1px solid var(--line); contain: strict; }
.grid:focus-visible { outline-offset: -2px; }
.row { display: grid; grid-template-columns: var(--columns); align-items: center; height: var(--row); padding-right: 10px; min-width: 1172px; }
.head { position: sticky; top: 0; z-index: 2; background: var(--card); border-bottom: 1px solid var(--line); }
.head button { border: 0; background: none; padding: 4px 0; font-size: 12.5px; font-weight: 600; color: var(--muted); white-space: nowrap; }
.head button:hover { color: var(--ink); }
[aria-sort="ascending"] button::after { content: " ↑"; } [aria-sort="descending"] button::after { content: " ↓"; }
[aria-sort="ascending"] button, [aria-sort="descending"] button { color: var(--ink); }
.body { position: relative; min-width: 1172px; }
.body .row { position: absolute; left: 0; right: 0; top: 0; border-bottom: 1px solid var(--line); font-size: 13.5px; cursor: default; }
.body .row:hover { background: var(--hover); }
.row[aria-selected="true"] { background: color-mix(in srgb, var(--accent) 9%, transparent); }
.row.opened .open { font-weight: 650; }
.grid:focus-visible .row.active, .row.active { box-shadow: inset 3px 0 0 var(--accent); }
.grid:focus-visible .row.active { background: color-mix(in srgb, var(--accent) 18%, transparent); }
.cell { padding: 0 8px; min-width: 0; display: flex; align-items: center; gap: 7px; white-space: nowrap; }
.cell .text { overflow: hidden; text-overflow: ellipsis; }
.choice { justify-content: center; padding: 0; align-self: stretch; cursor: pointer; }
.number { justify-content: flex-end; font-variant-numeric: tabular-nums; }
.varied { color: var(--muted); }
.open { cursor: pointer; color: var(--accent); }
.open:hover { text-decoration: underline; }
.swatch { flex: none; width: 10px; height: 10px; border-radius: 3px; background: var(--series, transparent); }
.row .swatch:not([class*=" s"]) { display: none; }
.step { position: relative; align-self: stretch; }
.track { position: absolute; left: 8px; right: 8px; bottom: 4px; height: 3px; border-radius: 2px; background: var(--track); overflow: hidden; }
.bar { display: block; height: 100%; background: var(--accent); border-radius: 2px; }
.row[data-status="finished"] .bar { background: var(--good); } .row[data-status="failed"] .bar { background: var(--bad); }
.status .text::before, span.status::before { content: ""; display: inline-block; width: 8px; height: 8px; border-radius: 50%; margin-right: 7px; background: currentColor; }
.row[data-status="running"] .status, span.status.running { color: var(--accent); font-weight: 600; }
.row[data-status="running"] .status .text::before { animation: pulse 1.6s ease-in-out infinite; }
.row[data-status="finished"] .status, span.status.finished { color: var(--good); }
.row[data-status="failed"] .status, .row[data-status="unreadable"] .status, span.status.failed, span.status.unreadable { color: var(--bad); font-weight: 600; }
.row[data-status="failed"] .status .text::before, .row[data-status="unreadable"] .status .text::before { border-radius: 1px; transform: rotate(45deg); }
.row[data-status="waiting"] .status, .row[data-status="stopped"] .status, span.status.stopped, span.status.waiting { color: var(--muted); }
.head .status { color: inherit; }
@keyframes pulse { 50% { opacity: 0.35; } }
#sort, #choose-filtered { display: none; }
.runs { position: relative; }
#no-rows { position: absolute; left: 0; right: 0; bottom: 40%; margin: 0; text-align: center; pointer-events: none; }`;

const CHART = `
.tabs { display: flex; gap: 4px; padding: 8px 14px 0; border-bottom: 1px solid var(--line); }
.tabs button { border: 0; background: none; padding: 8px 14px; margin-bottom: -1px; color: var(--muted); border-bottom: 2px solid transparent; font-weight: 550; border-radius: 8px 8px 0 0; }
.tabs button:hover { color: var(--ink); background: var(--hover); }
.tabs [aria-selected="true"] { color: var(--ink); border-bottom-color: var(--accent); }
.controls { padding-bottom: 4px; }
.about { margin: 0; padding: 0 16px; font-size: 13px; min-height: 20px; }
.chart-row { display: grid; grid-template-columns: minmax(0, 1fr) 320px; gap: 4px 14px; padding: 0 14px 14px 6px; }
.chart { height: max(250px, calc(69vh - 318px)); min-width: 0; position: relative; overflow: hidden; }
.lines { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none; }
.uplot .lines { position: absolute; }
.dimmed { opacity: 0.22; }
.u-select { background: color-mix(in srgb, var(--accent) 18%, transparent); }
.u-hz .u-cursor-x, .u-hz .u-cursor-y { border-color: var(--muted); }
.tip { position: absolute; left: 0; top: 0; pointer-events: none; z-index: 5; }
.tip { display: grid; background: var(--card); border: 1px solid var(--line); border-radius: 9px; box-shadow: var(--shadow); padding: 5px 10px; margin: 8px 0 0 12px; font-size: 12.5px; max-width: 46%; overflow-wrap: anywhere; }
.tip.left { left: auto; right: 100%; margin: 8px -12px 0 0; width: max-content; }
.legend-box { min-width: 0; max-height: max(250px, calc(69vh - 318px)); overflow-y: auto; }
.legend { list-style: none; margin: 0; padding: 0; font-size: 13px; }
.entry { display: flex; gap: 8px; align-items: center; width: 100%; border: 0; background: none; padding: 3px 8px; border-radius: 7px; text-align: left; font-size: 13px; }
.entry .name { flex: 1; min-width: 0; overflow-wrap: anywhere; display: grid; line-height: 1.3; }
.entry .told { color: var(--muted); font-size: 12px; }
.entry .value { font-variant-numeric: tabular-nums; color: var(--muted); white-space: nowrap; }
.marked .entry, .entry:hover { background: var(--hover); }
#legend-more { margin: 6px 8px; font-size: 13px; }
#legend-more:empty { display: none; }
${SERIES}`;

const PANELS = `
.scroll { overflow: auto; max-height: 60vh; border-top: 1px solid var(--line); }
.scroll:focus-visible { outline-offset: -2px; }
table { border-collapse: separate; border-spacing: 0; font-size: 13.5px; font-variant-numeric: tabular-nums; }
#compare-table th, #compare-table td { padding: 6px 14px; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; vertical-align: top; max-width: 320px; overflow: hidden; text-overflow: ellipsis; }
#compare-table thead th:not(.setting) { white-space: normal; min-width: 150px; max-width: 210px; vertical-align: bottom; }
#compare-table thead th { position: sticky; top: 0; background: var(--card); z-index: 1; }
#compare-table .setting { position: sticky; left: 0; background: var(--card); color: var(--muted); font-weight: 550; z-index: 1; }
#compare-table thead .setting { z-index: 2; }
.unusual { background: color-mix(in srgb, var(--accent) 14%, transparent); font-weight: 600; }
.results td { color: var(--muted); } .results tr:first-child > * { border-top: 2px solid var(--line); }
#panel-run { padding: 14px 18px 18px; }
#run-none { margin: 4px 0; }
.run-head { display: flex; flex-wrap: wrap; gap: 4px 14px; align-items: baseline; margin-bottom: 10px; }
.run-name { font-size: 18px; letter-spacing: -0.01em; text-transform: none; color: var(--ink); margin: 0; overflow-wrap: anywhere; }
dl { margin: 0; } dd { margin: 0; font-variant-numeric: tabular-nums; }
dt { color: var(--muted); font-size: 13px; }
.figures { display: flex; flex-wrap: wrap; gap: 8px 28px; margin-bottom: 18px; }
.figures dd { font-weight: 600; font-size: 15px; overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: minmax(0, 1.25fr) minmax(0, 1fr); gap: 20px 28px; align-items: start; }
.column { display: grid; gap: 20px; min-width: 0; }
.column > section { min-width: 0; }
.section-head { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; margin-bottom: 8px; font-size: 13px; }
h3 { font-size: 12px; letter-spacing: 0.06em; text-transform: uppercase; color: var(--muted); margin: 0 auto 0 0; font-weight: 600; }
.pairs > div { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 12px; padding: 3px 0; border-bottom: 1px solid var(--line); font-size: 13.5px; }
.pairs dt, .pairs dd { overflow-wrap: anywhere; }
.section-body { max-height: 420px; overflow: auto; }
.section-body table { width: 100%; }
.section-body th, .section-body td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.section-body th { color: var(--muted); font-weight: 550; }
pre { margin: 0; max-height: 320px; min-height: 60px; overflow: auto; padding: 10px 12px; background: var(--page); border: 1px solid var(--line); border-radius: 9px; font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.screen { position: relative; width: 100%; max-height: 420px; border-radius: 10px; overflow: hidden; background: var(--track); }
.screen canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
.live .readings { display: grid; grid-template-columns: repeat(auto-fill, minmax(105px, 1fr)); gap: 6px 16px; margin: 10px 0; }
.live .readings dd { font-weight: 600; overflow-wrap: anywhere; }
.episodes { list-style: none; margin: 6px 0 0; padding: 0; display: grid; gap: 2px; font-size: 13px; color: var(--muted); font-variant-numeric: tabular-nums; }
.live > p { margin: 6px 0 0; font-size: 13px; overflow-wrap: anywhere; }`;

const PAGE = `
.wrap { max-width: 1760px; padding-top: 16px; }
.top { align-items: center; margin-bottom: 14px; }
.system { display: flex; flex-wrap: wrap; gap: 6px 24px; }
.gauge { display: grid; grid-template-columns: auto auto; gap: 0 12px; align-items: center; font-size: 13px; }
.gauge dt { grid-column: 1; font-size: 12px; } .gauge dd { grid-column: 1; font-weight: 550; white-space: nowrap; }
.gauge svg { grid-column: 2; grid-row: 1 / 3; width: 90px; height: 30px; background: color-mix(in srgb, var(--track) 55%, transparent); border-radius: 5px; }
.spark { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.area { fill: var(--accent); fill-opacity: 0.14; }
main { display: grid; gap: 14px; grid-template-columns: minmax(0, 1fr); }
dialog { border: 1px solid var(--line); border-radius: 14px; background: var(--card); color: var(--ink); padding: 20px 24px; max-width: min(560px, calc(100vw - 24px)); box-shadow: var(--shadow); }
dialog::backdrop { background: rgb(0 0 0 / 40%); }
dialog dl { display: grid; gap: 8px; margin-bottom: 16px; } dialog dl div { display: grid; grid-template-columns: 84px 1fr; gap: 12px; }
@media (max-width: 1000px) {
  .columns, .chart-row { grid-template-columns: minmax(0, 1fr); }
  .chart { height: max(250px, 40vh); }
  .chart-row { padding: 0 10px 14px 2px; }
  .legend-box { max-height: 220px; padding-left: 10px; }
}
@media (max-width: 700px) {
  #sort, #choose-filtered { display: block; }
  .head { display: none; }
  .grid { --row: 62px; height: 44vh; }
  .row, .body { min-width: 0; }
  .body .row { grid-template-columns: 40px 76px minmax(0, 1fr) auto; grid-template-rows: 1fr 1fr; padding: 5px 10px 5px 0; column-gap: 8px; }
  .body .cell { padding: 0; display: none; }
  .body .choice { display: flex; grid-row: 1 / 3; }
  .body .id { display: flex; grid-column: 2 / 4; grid-row: 1; }
  .body .meanReturn { display: flex; grid-column: 4; grid-row: 1; font-weight: 600; }
  .body .status { display: flex; grid-column: 2; grid-row: 2; font-size: 12px; }
  .body .env { display: flex; grid-column: 3; grid-row: 2; color: var(--muted); font-size: 12.5px; }
  .body .step { display: flex; grid-column: 4; grid-row: 2; color: var(--muted); font-size: 12.5px; }
  .track { left: 0; right: 0; bottom: -2px; }
  .system { display: grid; grid-template-columns: repeat(3, auto); gap: 4px 18px; width: 100%; }
  .gauge { grid-template-columns: minmax(0, 1fr); align-content: start; }
  .gauge svg { grid-column: 1; grid-row: 3; width: 100%; height: 18px; margin-top: 3px; }
  .bar-row { padding: 10px 12px; }
  #panel-run { padding: 12px 12px 16px; }
  .tip { max-width: 70%; }
}
@media (prefers-reduced-motion: reduce) { * { animation: none !important; scroll-behavior: auto !important; } }`;

/** The style sheet of the dashboard, over what all pages share and the charts' own. */
export function dashStyle(chartStyle: string): string {
  return [THEME_STYLE, chartStyle, CONTROLS, TABLE, CHART, PANELS, PAGE].join('\n');
}
