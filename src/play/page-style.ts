import { THEME_STYLE } from '../html/theme.js';

/** The style sheet of the page of `gymkhana play`, over what all pages share. */
export const PLAY_STYLE = `${THEME_STYLE}
main { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr) 320px; grid-template-rows: auto 1fr; align-items: start; }
.stage { overflow: hidden; } .stage, .status { grid-column: 1; }
aside { grid-column: 2; grid-row: 1 / 3; }
.screen { position: relative; width: 100%; height: min(62vh, 620px); background: var(--track); }
.screen:focus-visible { outline-offset: -3px; }
canvas { display: block; position: absolute; inset: 0; width: 100%; height: 100%; }
pre { margin: 0; position: absolute; inset: 0; display: grid; place-content: center; overflow: auto; padding: 16px; font: 600 clamp(13px, 2.2vw, 19px)/1.35 ui-monospace, Menlo, Consolas, monospace; }
.numbers { position: absolute; inset: 0; margin: 0; padding: 18px; overflow: auto; display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 6px 18px; align-content: start; }
.numbers div { display: flex; justify-content: space-between; gap: 10px; }
.veil { position: absolute; inset: 0; display: grid; place-items: end center; background: rgb(15 18 24 / 14%); }
.veil[hidden] { display: none; }
.notice {
  text-align: center; padding: 14px 24px 16px; margin: 0 12px 16px; border-radius: 14px; background: var(--card); color: var(--ink);
  border: 1px solid var(--line); box-shadow: 0 6px 30px rgb(0 0 0 / 24%); max-width: 460px;
}
.notice p { margin: 0; overflow-wrap: anywhere; } .notice #hint { color: var(--muted); font-size: 14px; margin: 2px 0 10px; }
.headline { font-size: 19px; font-weight: 650; letter-spacing: -0.01em; }
dl { margin: 0; }
.readings { display: flex; flex-wrap: wrap; gap: 4px 26px; padding: 12px 18px; border-bottom: 1px solid var(--line); min-height: 46px; }
.readings div { display: flex; gap: 7px; align-items: baseline; }
dt { color: var(--muted); font-size: 13px; }
dd { margin: 0; font-variant-numeric: tabular-nums; font-weight: 550; }
.controls { padding: 12px 18px 16px; display: grid; gap: 12px; }
.clock { display: flex; flex-wrap: wrap; gap: 4px 22px; color: var(--muted); font-variant-numeric: tabular-nums; }
.clock b { color: var(--ink); font-weight: 600; }
.row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 10px 18px; }
.buttons { display: flex; flex-wrap: wrap; gap: 8px; }
button {
  font: inherit; font-size: 14px; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 8px 14px; min-height: 38px; cursor: pointer;
}
button:hover { background: var(--hover); }
button:disabled { opacity: 0.45; cursor: default; }
#go { background: var(--accent); border-color: transparent; color: #fff; font-weight: 600; padding: 9px 24px; font-size: 15px; }
@media (prefers-color-scheme: dark) { #go { color: #10131a; } }
#go:hover { filter: brightness(1.08); }
.speeds { display: flex; padding: 3px; background: var(--track); border-radius: 10px; }
.speeds button { border: 0; background: none; color: var(--muted); min-height: 0; padding: 5px 11px; font-size: 13px; border-radius: 8px; font-variant-numeric: tabular-nums; }
.speeds button[aria-pressed="true"] { background: var(--card); color: var(--ink); font-weight: 600; box-shadow: 0 1px 3px rgb(0 0 0 / 14%); }
aside { display: grid; gap: 16px; }
.keys { display: flex; flex-wrap: wrap; gap: 8px; }
.keys.pad-keys { display: grid; grid-template-columns: repeat(3, 1fr); }
.keys button {
  touch-action: none; user-select: none; -webkit-user-select: none; display: flex; flex-direction: column; align-items: center; justify-content: center;
  gap: 1px; min-width: 84px; min-height: 58px; padding: 6px 8px; border-bottom-width: 3px; font-weight: 600;
}
.pad-keys button { min-width: 0; } .pad-keys + .keys { margin-top: 8px; }
.keys button span { font-size: 12px; font-weight: 450; color: var(--muted); overflow-wrap: anywhere; line-height: 1.2; }
.keys button[data-held] { background: var(--accent); color: #fff; border-color: var(--accent); }
.keys button[data-held] span { color: inherit; }
@media (prefers-color-scheme: dark) { .keys button[data-held] { color: #10131a; } }
.small { font-size: 13px; margin: 10px 0 0; } #none { margin: 0; overflow-wrap: anywhere; }
.episodes { list-style: none; margin: 0; padding: 0; max-height: 300px; overflow: auto; }
.episodes li { padding: 8px 0; border-top: 1px solid var(--line); display: grid; gap: 2px; font-size: 14px; }
.episodes li:first-child { border-top: 0; padding-top: 0; }
.episodes b { font-variant-numeric: tabular-nums; }
.verdict { font-size: 13px; color: var(--muted); overflow-wrap: anywhere; }
.verdict.good { color: var(--good); } .verdict.bad { color: var(--bad); }
kbd { font: inherit; font-size: 12px; padding: 0 5px; border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 5px; color: var(--muted); }
@media (max-width: 1000px) {
  main { display: flex; flex-direction: column; align-items: stretch; }
  aside { display: contents; }
  .stage { order: 1; } .keys-card { order: 2; } .status { order: 3; } .episodes-card { order: 4; }
}
@media (max-width: 560px) {
  .wrap { padding-top: 12px; } header { margin-bottom: 10px; }
  main { gap: 12px; }
  .screen { height: 42vh; min-height: 230px; }
  .readings, .controls { padding-left: 14px; padding-right: 14px; }
  .readings { font-size: 14px; gap: 2px 18px; }
  .keys button { min-height: 62px; flex: 1; }
  .keys-card h2 { display: none; }
  kbd, .desktop { display: none; }
}
@media (max-height: 500px) and (min-width: 561px) {
  .wrap { padding-top: 10px; } header { margin-bottom: 8px; } header p { display: none; } h1 { font-size: 18px; }
  main { display: grid; grid-template-columns: minmax(0, 1fr) 250px; grid-template-rows: auto; gap: 12px; }
  .stage { grid-column: 1; grid-row: 1; } .keys-card { grid-column: 2; grid-row: 1; padding: 10px; } .status, .episodes-card { grid-column: 1 / -1; }
  .screen { height: 80vh; min-height: 0; } .keys-card h2 { display: none; }
}
@media (pointer: coarse) { kbd, .desktop { display: none; } }
`;
