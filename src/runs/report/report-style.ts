import { SERIES_COLOURS, THEME_STYLE } from '../../html/theme.js';

const COLOURS = Array.from({ length: SERIES_COLOURS }, (_, k) => `.s${k} { --series: var(--series-${k}); }`).join('\n');

/** The style sheet of a report, over what all pages share. */
export const REPORT_STYLE = `${THEME_STYLE}
main { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
.about { margin: -4px 0 14px; color: var(--muted); max-width: 90ch; font-size: 14px; }
.charts { display: grid; gap: 22px 26px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr)); align-items: start; }
figure { margin: 0; min-width: 0; max-width: 620px; }
figcaption { font-weight: 600; font-size: 14px; margin-bottom: 4px; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; font-family: inherit; }
${COLOURS}
.grid { stroke: var(--line); stroke-width: 1; }
.axis { stroke: var(--muted); stroke-width: 1; }
.tick { fill: var(--muted); font-size: 11.5px; font-variant-numeric: tabular-nums; }
.label { fill: var(--muted); font-size: 12px; }
.row { fill: var(--ink); font-size: 12px; }
.curve { fill: none; stroke: var(--series); stroke-width: 2; stroke-linejoin: round; }
.band { fill: var(--series); fill-opacity: 0.16; stroke: none; }
.interval { stroke: var(--series); stroke-width: 6; stroke-linecap: round; stroke-opacity: 0.45; }
.dot { fill: var(--series); stroke: var(--card); stroke-width: 1.5; }
.level { stroke: var(--muted); stroke-width: 1.3; }
.level.reference { stroke-dasharray: 7 4; }
.level.threshold { stroke-dasharray: 2 3; }
.d1 { stroke-dasharray: 8 4; } .d2 { stroke-dasharray: 2 3; } .d3 { stroke-dasharray: 9 3 2 3; }
.band, .interval { stroke-dasharray: none; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 3px 16px; margin: 6px 0 0; padding: 0; font-size: 13px; color: var(--muted); }
.legend li { display: flex; gap: 7px; align-items: center; min-width: 0; overflow-wrap: anywhere; }
.legend svg { flex: none; width: 26px; height: 10px; }
.scroll { overflow-x: auto; margin: 0 -18px; padding: 0 18px; }
table { border-collapse: collapse; width: max-content; min-width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--muted); font-weight: 600; vertical-align: bottom; }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
td { vertical-align: top; }
td.text { white-space: normal; max-width: 42ch; overflow-wrap: anywhere; }
.number { text-align: right; }
.charts + .scroll { margin-top: 16px; }
summary { cursor: pointer; font-size: 12px; letter-spacing: 0.06em; text-transform: uppercase; color: var(--muted); font-weight: 600; }
details[open] summary { margin-bottom: 10px; }
@media (max-width: 560px) { .scroll { margin: 0 -14px; padding: 0 14px; } }
@media print { .card { box-shadow: none; break-inside: avoid; } }
`;
