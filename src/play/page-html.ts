/** The markup of the page of `gymkhana play`: fixed text and a few escaped words. */
import { escapeHtml, escapeJson } from '../html/escape.js';
import type { PlayData } from './protocol.js';

const button = (id: string, label: string, key: string, extra = ''): string =>
  `<button type="button" id="${id}"${extra}>${label}${key === '' ? '' : ` <kbd>${key}</kbd>`}</button>`;

const SPEEDS = [0.25, 0.5, 1, 2]
  .map(
    (speed) =>
      `<button type="button" data-speed="${speed}" aria-pressed="${speed === 1}" aria-label="${speed} times real time">${speed}×</button>`,
  )
  .join('');

/** What stands in the page's body. */
export function playMarkup(about: string, data: PlayData): string {
  const screen =
    data.shows === 'scene'
      ? '<canvas id="canvas" role="img" aria-label="Picture of the environment at the present step"></canvas>'
      : data.shows === 'ansi'
        ? '<pre id="text" role="img" aria-label="The environment at the present step, as text"></pre>'
        : '<dl id="numbers" class="numbers" aria-label="Observation"></dl>';
  return `<div class="wrap">
<header><div><h1>${escapeHtml(data.env)}</h1><p>${escapeHtml(about)}</p></div></header>
<p class="notes" id="problem" role="alert" hidden></p>
<noscript><p class="notes">This page runs the environment with scripts of its own; it needs JavaScript, and loads nothing.</p></noscript>
<main>
<section class="card stage" aria-label="Game">
<div class="screen" id="screen" tabindex="0" role="group" aria-label="Game: it takes the keys named under Keys">${screen}
<div class="veil" id="veil"><div class="notice"><p class="headline" id="headline" role="status"></p><p id="hint"></p>
${button('go', 'Play', '')}</div></div></div>
</section>
<section class="card status" aria-label="Progress">
<dl class="readings" id="readings" hidden></dl>
<div class="controls"><div class="clock"><span>Step <b id="step">0</b></span><span>Return <b id="return">0</b></span><span>Seed <b id="seed"></b></span></div>
<div class="row"><div class="buttons" role="group" aria-label="Episode">
${button('pause', 'Pause', 'Esc')}
${button('restart', 'Restart', '', ' title="Throw this episode away and begin the next"')}
${button('finish', 'Finish', '', ' title="Cut this episode here and keep it"')}
</div><div class="speeds" role="group" aria-label="Speed">${SPEEDS}</div></div></div>
</section>
<aside>
<section class="card pad keys-card" aria-label="Keys"><h2>Keys</h2><div class="keys" id="keys"></div><p class="muted small" id="idle"></p></section>
<section class="card pad episodes-card" aria-label="Episodes"><h2>Episodes</h2><p class="muted small" id="none">Each episode goes to ${escapeHtml(data.file)} when it ends, after Node has simulated it again.</p>
<ol class="episodes" id="episodes" reversed></ol></section>
</aside>
</main>
<footer><p>The environment runs in this page; Node simulates every episode again before it is kept.</p><p class="desktop"><kbd>Esc</kbd> pause · <kbd>Enter</kbd> next episode</p></footer>
</div>
<script type="application/json" id="data">${escapeJson(data)}</script>`;
}
