import { THEME_STYLE } from '../html/theme.js';

/** The style sheet of an episode page, over what all pages share. */
export const PAGE_STYLE = `${THEME_STYLE}
.lanes { display: grid; gap: 1px; background: var(--line); border-bottom: 1px solid var(--line); }
.lanes[data-count="2"], .lanes[data-count="4"] { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.lanes[data-count="3"] { grid-template-columns: repeat(3, minmax(0, 1fr)); }
/* Side by side the headings have the same height, so that the pictures stand level: a name above one badge. */
.lanes:not([data-count="1"]) .lane-head { display: grid; grid-template-columns: minmax(0, 1fr) auto; }
.lanes:not([data-count="1"]) .lane-title { white-space: nowrap; min-height: 34px; }
.lanes:not([data-count="1"]) .lane-title select, .lanes:not([data-count="1"]) .lane-name { min-width: 0; overflow: hidden; text-overflow: ellipsis; }
.lanes:not([data-count="1"]) .lane-tools { grid-column: 2; grid-row: 1; }
.lanes:not([data-count="1"]) .badge.standing { grid-row: 2; grid-column: 1 / 3; justify-self: start; }
.lanes:not([data-count="1"]) .badge.good:not(.standing) { display: none; }
.lanes:not([data-count="1"]) .badge.bad:not(.standing) { grid-row: 3; grid-column: 1 / 3; justify-self: start; }
.lane { background: var(--card); min-width: 0; display: flex; flex-direction: column; }
.lane[data-over] canvas { opacity: 0.45; }
.lane-head { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 10px; padding: 10px 14px; }
.lane-title { display: flex; align-items: center; gap: 8px; font-weight: 600; min-width: 0; overflow-wrap: anywhere; }
.lane-tools { display: flex; gap: 6px; margin-left: auto; }
.dot { display: none; flex: none; width: 10px; height: 10px; border-radius: 50%; background: currentColor; }
.lanes:not([data-count="1"]) .dot, .facts-table .dot, .choices .dot { display: inline-block; }
.of-0 { color: var(--series-0); } .of-1 { color: var(--series-1); } .of-2 { color: var(--series-2); } .of-3 { color: var(--series-3); }
button.small, button.strong {
  font: inherit; font-size: 14px; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 9px;
  padding: 5px 11px; cursor: pointer; touch-action: manipulation; user-select: none;
}
button.small:hover { background: var(--hover); }
button.strong { background: var(--accent); border-color: var(--accent); color: #fff; font-weight: 600; padding: 6px 14px; }
@media (prefers-color-scheme: dark) { button.strong { color: #10131a; } }
button:disabled { opacity: 0.5; cursor: default; }
.forks { border-top: 1px solid var(--line); padding-top: 12px; justify-content: flex-start; }
.fork-with { display: flex; flex-wrap: wrap; gap: 8px 10px; align-items: center; min-width: 0; }
.fork-with label { display: flex; gap: 8px; align-items: center; min-width: 0; }
.fork-with button { white-space: nowrap; }
.fork-with select { min-width: 0; max-width: 220px; }
.keys button { min-height: 42px; }
.keys { display: flex; flex-wrap: wrap; gap: 6px; width: 100%; }
.badge { padding: 4px 11px; border-radius: 99px; font-size: 13px; font-weight: 550; }
.badge.standing { max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--muted); background: var(--track); font-variant-numeric: tabular-nums; }
.badge.good { color: var(--good); background: var(--good-back); }
.badge.bad { color: var(--bad); background: var(--bad-back); }
select {
  font: inherit; font-size: 14px; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 9px;
  padding: 6px 10px; max-width: 100%;
}
main { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr) 340px; grid-template-rows: auto 1fr; align-items: start; }
.stage { overflow: hidden; }
.screen { position: relative; width: 100%; max-height: 66vh; min-height: 200px; background: var(--track); }
canvas { display: block; position: absolute; inset: 0; width: 100%; height: 100%; cursor: pointer; }
.big-play {
  position: absolute; left: 50%; top: 50%; width: 76px; height: 76px; margin: -38px 0 0 -38px; border: 0; border-radius: 50%;
  background: rgb(255 255 255 / 88%); color: #1d2126; cursor: pointer; display: grid; place-items: center;
  box-shadow: 0 4px 24px rgb(0 0 0 / 22%); backdrop-filter: blur(4px); transition: transform 0.15s;
}
.big-play:hover { transform: scale(1.05); }
.big-play svg { width: 32px; height: 32px; margin-left: 4px; }
[data-playing] .big-play, [data-begun] .big-play { display: none; }
dl { margin: 0; }
.readings { display: flex; flex-wrap: wrap; gap: 4px 26px; padding: 12px 18px; min-height: 46px; }
.readings div { display: flex; gap: 7px; align-items: baseline; }
dt { color: var(--muted); font-size: 13px; }
dd { margin: 0; font-variant-numeric: tabular-nums; font-weight: 550; }
.transport { padding: 12px 18px 16px; display: grid; grid-template-columns: minmax(0, 1fr); gap: 10px; }
.row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 10px 18px; }
.buttons { display: flex; align-items: center; gap: 4px; }
.buttons button {
  width: 38px; height: 38px; border: 0; border-radius: 50%; background: none; color: var(--ink); cursor: pointer;
  display: grid; place-items: center; padding: 0;
}
.buttons button:hover { background: var(--hover); }
.buttons svg { width: 18px; height: 18px; }
.buttons #play { width: 46px; height: 46px; background: var(--accent); color: #fff; margin: 0 6px; }
@media (prefers-color-scheme: dark) { .buttons #play { color: #10131a; } }
.buttons #play:hover { filter: brightness(1.08); }
.icon-pause, [data-playing] .icon-play { display: none; }
[data-playing] .icon-pause { display: block; }
.clock { font-variant-numeric: tabular-nums; color: var(--muted); white-space: nowrap; }
.clock b { color: var(--ink); font-weight: 600; }
.clock span { margin-left: 12px; }
.speeds { display: flex; border: 0; padding: 3px; margin: 0; background: var(--track); border-radius: 10px; }
.speeds label { position: relative; cursor: pointer; }
.speeds input { position: absolute; opacity: 0; inset: 0; margin: 0; cursor: pointer; }
.speeds span { display: block; padding: 4px 10px; font-size: 13px; border-radius: 8px; color: var(--muted); font-variant-numeric: tabular-nums; }
.speeds input:checked + span { background: var(--card); color: var(--ink); font-weight: 600; box-shadow: 0 1px 3px rgb(0 0 0 / 14%); }
.slider { appearance: none; -webkit-appearance: none; width: 100%; height: 22px; margin: 0; background: none; cursor: pointer; --done: 0%; }
.slider::-webkit-slider-runnable-track {
  height: 6px; border-radius: 3px; background: linear-gradient(to right, var(--accent) var(--done), var(--track) var(--done));
}
.slider::-moz-range-track { height: 6px; border-radius: 3px; background: var(--track); }
.slider::-moz-range-progress { height: 6px; border-radius: 3px; background: var(--accent); }
.slider::-webkit-slider-thumb {
  -webkit-appearance: none; width: 18px; height: 18px; border-radius: 50%; background: var(--card); border: 4.5px solid var(--accent); margin-top: -6px;
}
.slider::-moz-range-thumb { width: 9px; height: 9px; border-radius: 50%; background: var(--card); border: 4.5px solid var(--accent); }
.speeds input:focus-visible + span { outline: 2px solid var(--accent); outline-offset: 2px; }
aside { display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; grid-column: 2; grid-row: 1 / 3; }
.facts { display: grid; grid-template-columns: 1fr 1fr; gap: 10px 16px; }
.facts dd { font-size: 17px; overflow-wrap: anywhere; }
#summary { overflow-x: auto; }
.facts-table { width: 100%; border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
.facts-table th { color: var(--muted); font-weight: 400; text-align: left; padding: 3px 0; }
.facts-table th[scope="col"], .facts-table td { text-align: right; padding: 3px 0 3px 8px; overflow-wrap: break-word; }
.plots { display: grid; gap: 14px 18px; }
.grid { grid-template-columns: repeat(auto-fill, minmax(min(100%, 220px), 1fr)); }
.plot { min-width: 0; }
.plot-head { display: flex; justify-content: space-between; gap: 10px; font-size: 13px; margin-bottom: 3px; }
.plot-name, .gauge-name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--muted); }
.plot-value, .gauge-value { font-variant-numeric: tabular-nums; font-weight: 550; white-space: nowrap; }
.plot-values { display: flex; flex-wrap: wrap; gap: 0 10px; }
.many > .plot-head { display: block; }
.many .plot-values { font-size: 13px; }
.gauge.many > .plot-values { grid-column: 1 / -1; }
.plot-value.of-0:only-child, .gauge-value.of-0:only-child { color: inherit; }
.plot-row { display: flex; gap: 6px; }
.plot-area { position: relative; flex: 1; min-width: 0; height: 54px; cursor: crosshair; touch-action: pan-y; border-radius: 6px; background: color-mix(in srgb, var(--track) 38%, transparent); overflow: hidden; }
#outcome .plot-area { height: 84px; }
.plot-area svg { display: block; width: 100%; height: 100%; }
.line { fill: none; stroke: currentColor; stroke-width: 1.6; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.zero { stroke: var(--muted); stroke-width: 1; vector-effect: non-scaling-stroke; stroke-dasharray: 3 4; opacity: 0.5; }
.cursor { position: absolute; top: 0; bottom: 0; left: 0; width: 1.5px; margin-left: -0.75px; background: var(--ink); opacity: 0.5; pointer-events: none; z-index: 1; }
.scale { flex: none; width: 40px; display: flex; flex-direction: column; justify-content: space-between; font-size: 10.5px; line-height: 1.2; color: var(--muted); font-variant-numeric: tabular-nums; padding: 1px 0; white-space: nowrap; }
.scale span { overflow: hidden; text-overflow: ellipsis; }
.scale.flat { justify-content: center; }
.dots { stroke-width: 2.4; stroke-linecap: round; }
.tone-return svg { color: var(--return); } .tone-reward svg { color: var(--reward); }
.tone-value svg { color: var(--series-3); } .tone-observation svg { color: var(--observation); } .tone-action svg { color: var(--action); }
.plot:not(.many) .line { color: inherit; }
.choices { list-style: none; display: flex; flex-wrap: wrap; gap: 6px; margin: 0; padding: 0; }
.choices li { padding: 5px 12px; border-radius: 8px; background: var(--track); color: var(--muted); font-size: 14px; }
.choices .dot { margin-left: 6px; box-shadow: 0 0 0 2px var(--card); }
.choices li[data-dotted] { color: var(--ink); font-weight: 600; }
.choices li[data-chosen] { background: var(--action); color: #fff; font-weight: 600; }
@media (prefers-color-scheme: dark) { .choices .dot { margin-left: 6px; box-shadow: 0 0 0 2px var(--card); }
.choices li[data-chosen] { color: #1d1206; } }
.gauges { display: grid; gap: 14px; }
.gauge { display: grid; grid-template-columns: 1fr auto; gap: 4px 10px; font-size: 14px; }
.gauge .plot { grid-column: 1 / -1; margin-top: 4px; }
.gauge-track { grid-column: 1 / -1; margin-right: 46px; position: relative; height: 7px; border-radius: 4px; background: var(--track); overflow: hidden; }
.gauge-track.centred::after { content: ""; position: absolute; left: 50%; top: 0; bottom: 0; width: 1.5px; background: var(--muted); opacity: 0.6; }
.gauge-bar { position: absolute; top: 0; bottom: 0; background: var(--action); border-radius: 3px; }
.gauge.many .gauge-bar { background: currentColor; }
.gauge.many .gauge-track { height: 5px; }
kbd { font: inherit; font-size: 12px; padding: 0 5px; border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 5px; background: var(--card); }
@media (max-width: 1000px) {
  main { grid-template-columns: minmax(0, 1fr); grid-template-rows: none; }
  aside { grid-column: 1; grid-row: auto; grid-template-columns: repeat(auto-fit, minmax(min(100%, 280px), 1fr)); align-items: start; }
}
@media (max-width: 560px) {
  .lanes[data-count] { grid-template-columns: minmax(0, 1fr); }
  .badge.standing { white-space: normal; }
  .readings, .transport { padding-left: 14px; padding-right: 14px; }
  .grid { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 12px; }
  .row { justify-content: center; }
  .clock { width: 100%; text-align: center; order: -1; }
  .big-play { transform: scale(0.8); }
}
`;
