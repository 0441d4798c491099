/// <reference lib="dom" />
/** The script of an episode page: unpacks the data, makes the player, and connects controls and keys to it. */
import type { PageSim } from '../env-bundle.js';
import { readPageData } from './decode.js';
import { byId } from './elements.js';
import { Forks } from './forks.js';
import { Player } from './player.js';

/** Steps that a shifted arrow key goes. */
const STRIDE = 10;

/** The env's script, if the page has one and it ran; what stopped it otherwise. */
function simOf(player: { notice(text: string): void }): PageSim | null {
  const sim = (globalThis as { gymkhanaSim?: PageSim }).gymkhanaSim;
  if (sim === undefined) return null;
  try {
    sim.makePageEnv().close();
    return sim;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    player.notice(`The env cannot be simulated in this browser: ${reason}. What was recorded is shown.`);
    return null;
  }
}

async function start(): Promise<void> {
  const data = await readPageData(byId('data'));
  const notices: string[] = [];
  const sim = simOf({ notice: (text) => notices.push(text) });
  const player = new Player(data, sim);
  if (sim === null && data.episodes.some(({ replay }) => replay !== null) && notices.length === 0) {
    notices.push("The env's code does not run in this browser. What was recorded is shown.");
  }
  for (const text of notices) player.notice(text);
  const forks = new Forks(player, sim);
  const on = (id: string, action: () => void): void => byId(id).addEventListener('click', action);
  const step = (by: number): void => {
    player.pause();
    player.seek(player.frame + by);
  };

  on('play', () => player.toggle());
  on('big-play', () => player.play());
  on('first', () => step(-Number.MAX_SAFE_INTEGER));
  on('back', () => step(-1));
  on('forward', () => step(1));
  on('last', () => step(Number.MAX_SAFE_INTEGER));

  const slider = byId<HTMLInputElement>('slider');
  slider.addEventListener('input', () => {
    player.pause();
    player.seek(Number(slider.value));
  });
  for (const input of document.querySelectorAll<HTMLInputElement>('input[name="speed"]')) {
    input.addEventListener('change', () => {
      player.speed = Number(input.value);
    });
  }

  const keys: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    ' ': () => player.toggle(),
    ArrowLeft: (event) => step(event.shiftKey ? -STRIDE : -1),
    ArrowRight: (event) => step(event.shiftKey ? STRIDE : 1),
    Home: () => step(-Number.MAX_SAFE_INTEGER),
    End: () => step(Number.MAX_SAFE_INTEGER),
  };
  document.addEventListener('keydown', (event) => {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // A select and the speed's radio buttons use these keys themselves, and a focused button is pressed by the space key.
    if (target instanceof HTMLSelectElement) return;
    if (target instanceof HTMLInputElement && target.type === 'radio' && event.key !== ' ') return;
    if (target instanceof HTMLButtonElement && event.key === ' ') return;
    const action = keys[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action(event);
  });

  // `#episode=2&step=120` opens the page at a place, so that one can be pointed at.
  const place = new URLSearchParams(location.hash.slice(1));
  const wanted = Math.max(
    0,
    data.episodes.findIndex(({ index }) => String(index + 1) === place.get('episode')),
  );
  const lane = player.load(wanted, 0);
  lane.screen.append(byId('big-play'));
  forks.head(lane, wanted);
  const frame = Number(place.get('step') ?? 0);
  if (Number.isFinite(frame)) player.seek(frame);
  document.body.setAttribute('data-ready', '');
}

start().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  const box = byId('problem');
  box.textContent = `This page could not be shown: ${message}`;
  box.hidden = false;
  throw error;
});
