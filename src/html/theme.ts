/** The look that all pages share: calm, light or dark as the reader's system is, from a phone's width up. */

/** Colours by name, light and dark; `--series-0` to `--series-7` tell lines of a chart apart. */
const COLOURS = `
:root {
  color-scheme: light dark;
  --page: #f5f4f1; --card: #ffffff; --ink: #1d2126; --muted: #667079; --line: #e4e2dc; --track: #e9e7e2; --hover: #f0eeea;
  --accent: #2f6fde; --return: #5b62d6; --reward: #12897b; --observation: #4a7fa8; --action: #cf6a1f;
  --good: #17714a; --good-back: #e2f3ea; --bad: #9a4a06; --bad-back: #fdeedd;
  --series-0: #2f6fde; --series-1: #cf6a1f; --series-2: #12897b; --series-3: #b13c86;
  --series-4: #5b62d6; --series-5: #8a7400; --series-6: #3b7d2c; --series-7: #c23b3b;
  --shadow: 0 1px 2px rgb(30 30 20 / 5%), 0 6px 24px rgb(30 30 20 / 5%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131519; --card: #1b1e24; --ink: #e7e9ec; --muted: #98a1ab; --line: #2b3038; --track: #2c3139; --hover: #252a31;
    --accent: #6ea1ff; --return: #969dff; --reward: #4cc7b5; --observation: #7fb2d9; --action: #f09a55;
    --good: #7fdcae; --good-back: #16352a; --bad: #f3b27a; --bad-back: #3b2a18;
    --series-0: #6ea1ff; --series-1: #f09a55; --series-2: #4cc7b5; --series-3: #ea85c4;
    --series-4: #a9adff; --series-5: #d8c04a; --series-6: #86cf73; --series-7: #ff8d86;
    --shadow: 0 1px 2px rgb(0 0 0 / 30%);
  }
}`;

/** Number of colours for lines of a chart. */
export const SERIES_COLOURS = 8;

/** Style of what is on every page: type, cards, headings, notes, the footer. */
export const THEME_STYLE = `${COLOURS}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  -webkit-text-size-adjust: 100%;
}
.wrap { max-width: 1320px; margin: 0 auto; padding: 22px clamp(12px, 2.4vw, 32px) 40px; }
header { display: flex; flex-wrap: wrap; gap: 10px 24px; align-items: flex-end; justify-content: space-between; margin-bottom: 18px; }
h1 { font-size: 24px; line-height: 1.2; letter-spacing: -0.015em; margin: 0; font-weight: 650; overflow-wrap: anywhere; }
header p { margin: 4px 0 0; color: var(--muted); max-width: 70ch; }
.card { background: var(--card); border-radius: 14px; box-shadow: var(--shadow); border: 1px solid var(--line); }
.pad { padding: 16px 18px; }
h2 { font-size: 12px; letter-spacing: 0.06em; text-transform: uppercase; color: var(--muted); margin: 0 0 10px; font-weight: 600; }
.notes { margin: 0 0 16px; padding: 12px 18px; color: var(--bad); background: var(--bad-back); border-radius: 12px; font-size: 14px; }
.notes p { margin: 0; } .notes p + p { margin-top: 6px; }
.muted { color: var(--muted); }
footer { margin-top: 22px; color: var(--muted); font-size: 13px; display: flex; flex-wrap: wrap; gap: 6px 26px; justify-content: space-between; }
footer p { margin: 0; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 560px) {
  .wrap { padding-top: 16px; }
  h1 { font-size: 21px; }
  .pad { padding-left: 14px; padding-right: 14px; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
`;
