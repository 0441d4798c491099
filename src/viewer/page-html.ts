/** The markup of an episode page: fixed text and a few escaped words; everything else the page's script builds from data. */
import { htmlDocument } from '../html/document.js';
import { escapeHtml, escapeJson } from '../html/escape.js';
import { PAGE_STYLE } from './page-style.js';

/** What the markup needs. */
export interface PageParts {
  readonly title: string;
  readonly subtitle: string;
  /** Things a reader should know, such as a cut file. */
  readonly notes: readonly string[];
  readonly footer: string;
  /** Run in this order. */
  readonly scripts: readonly string[];
  /** Base64 of the deflated data. */
  readonly data: string;
  /** Widest the page gets, CSS pixels. */
  readonly width: number | null;
}

const icon = (path: string, extra = ''): string =>
  `<svg viewBox="0 0 24 24" fill="currentColor" aria-hidden="true"${extra}><path d="${path}"/></svg>`;
const PLAY = 'M7 4.5v15a1 1 0 0 0 1.5.86l12.4-7.5a1 1 0 0 0 0-1.72L8.5 3.64A1 1 0 0 0 7 4.5z';
const PAUSE =
  'M6.5 4h3a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-3a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zm8 0h3a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-3a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1z';
const FIRST = 'M5 5a1 1 0 0 1 2 0v5.6l10.4-6A1 1 0 0 1 19 5.500v13a1 1 0 0 1-1.600.9L7 13.400V19a1 1 0 0 1-2 0z';
const LAST = 'M19 5a1 1 0 0 0-2 0v5.6l-10.400-6A1 1 0 0 0 5 5.500v13a1 1 0 0 0 1.600.9L17 13.400V19a1 1 0 0 0 2 0z';
const BACK =
  'M15.700 5.300a1 1 0 0 1 0 1.400L10.400 12l5.300 5.300a1 1 0 0 1-1.400 1.400l-6-6a1 1 0 0 1 0-1.400l6-6a1 1 0 0 1 1.400 0z';
const FORWARD =
  'M8.300 5.300a1 1 0 0 0 0 1.400l5.300 5.300-5.300 5.300a1 1 0 0 0 1.400 1.400l6-6a1 1 0 0 0 0-1.400l-6-6a1 1 0 0 0-1.400 0z';

const button = (id: string, label: string, keys: string, content: string): string =>
  `<button type="button" id="${id}" aria-label="${label}" title="${label} (${keys})">${content}</button>`;

const SPEEDS = [0.25, 0.5, 1, 2, 4]
  .map((speed) => {
    const checked = speed === 1 ? ' checked' : '';
    return `<label><input type="radio" name="speed" value="${speed}"${checked} aria-label="${speed} times real time"><span>${speed}×</span></label>`;
  })
  .join('');

const STAGE = `
<section class="card stage" aria-label="Player">
<div class="lanes" id="lanes"></div>
<button type="button" class="big-play" id="big-play" aria-label="Play the episode">${icon(PLAY)}</button>
<div class="transport" role="group" aria-label="Playback">
<input class="slider" id="slider" type="range" min="0" max="0" value="0" step="1" aria-label="Step">
<div class="row"><div class="buttons">
${button('first', 'To the start', 'Home', icon(FIRST))}
${button('back', 'One step back', 'left arrow', icon(BACK))}
${button('play', 'Play', 'space', icon(PLAY, ' class="icon-play"') + icon(PAUSE, ' class="icon-pause"'))}
${button('forward', 'One step on', 'right arrow', icon(FORWARD))}
${button('last', 'To the end', 'End', icon(LAST))}
</div><div class="clock" id="clock"></div>
<fieldset class="speeds" aria-label="Speed">${SPEEDS}</fieldset></div>
<div class="row forks" id="forks" role="group" aria-label="Fork and compare" hidden>
<div class="fork-with"><button type="button" class="strong" id="fork" title="Play on from this step with other actions, beside what is there">Fork here</button>
<label id="fork-of" hidden>of <select id="of" aria-label="What to fork"></select></label>
<label>with <select id="pilot" aria-label="Who plays on"></select></label></div>
<button type="button" class="small" id="add">Compare with another episode</button>
<div class="keys" id="pad" role="group" aria-label="Keys of the env" hidden></div>
</div>
</div></section>`;

const ASIDE = `
<aside>
<section class="card pad" aria-label="Episode"><h2>Episode</h2><div id="summary"></div></section>
<section class="card pad" aria-label="Action"><h2>Action</h2><div class="gauges" id="actions"></div></section>
<section class="card pad" aria-label="Outcome"><h2>Outcome</h2><div class="plots" id="outcome"></div></section>
</aside>`;

const OBSERVATIONS = `
<section class="card pad" id="observations-card" aria-label="Observation"><h2>Observation</h2><div class="plots grid" id="observations"></div></section>`;

/**
 * The whole page as one HTML text. It loads nothing: its policy forbids every request, and allows exactly this style and script.
 */
export function pageHtml(parts: PageParts): string {
  const width = parts.width === null ? '' : `.wrap { max-width: ${parts.width}px; }\n`;
  const style = PAGE_STYLE + width;
  const notes =
    parts.notes.length === 0
      ? ''
      : `<div class="notes" role="note">${parts.notes.map((note) => `<p>${escapeHtml(note)}</p>`).join('')}</div>`;
  const body = `<div class="wrap">
<header><div><h1>${escapeHtml(parts.title)}</h1><p>${escapeHtml(parts.subtitle)}</p></div>
</header>
<p class="notes" id="problem" role="alert" hidden></p>
<div class="notes" id="notice" role="alert" hidden></div>
<noscript><p class="notes">This page plays recorded episodes with a script of its own; it needs JavaScript, and loads nothing.</p></noscript>
${notes}<main>${STAGE}${ASIDE}${OBSERVATIONS}
</main>
<footer><p>${escapeHtml(parts.footer)}</p><p><kbd>space</kbd> play · <kbd>←</kbd> <kbd>→</kbd> step, with <kbd>shift</kbd> ten · <kbd>Home</kbd> <kbd>End</kbd></p></footer>
</div>
<script type="application/json" id="data">${escapeJson(parts.data)}</script>`;
  return htmlDocument({ title: parts.title, style, script: parts.scripts, body });
}
