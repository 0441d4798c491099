/// <reference lib="dom" />
/** The script of an episode page: unpacks the data, makes the player, and connects controls and keys to it. */
import { readPageData } from './decode.js';
import { brief, byId, element } from './elements.js';
import { Player } from './player.js';

/** Steps that a shifted arrow key goes. */
const STRIDE = 10;

async function start(): Promise<void> {
  const data = await readPageData(byId('data'));
  const player = new Player(data);
  const on = (id: string, action: () => void): void => byId(id).addEventListener('click', action);
  const step = (by: number): void => {
    player.pause();
    player.seek(player.frame + by);
  };
  const steps = (): number => Number(byId<HTMLInputElement>('slider').max);

  on('play', () => player.toggle());
  on('big-play', () => player.play());
  on('canvas', () => player.toggle());
  on('first', () => step(-Number.MAX_SAFE_INTEGER));
  on('back', () => step(-1));
  on('forward', () => step(1));
  on('last', () => step(Number.MAX_SAFE_INTEGER));

  const slider = byId<HTMLInputElement>('slider');
  slider.addEventListener('input', () => {
    player.pause();
    player.seek(Number(slider.value));
  });
  for (const radio of document.querySelectorAll<HTMLInputElement>('input[name="speed"]')) {
    radio.addEventListener('change', () => {
      player.speed = Number(radio.value);
    });
  }

  const select = byId<HTMLSelectElement>('episode');
  for (const [i, episode] of data.episodes.entries()) {
    const text = `Episode ${episode.index + 1}: return ${brief(episode.return)}, ${episode.steps} steps`;
    const option = element('option', '', text);
    option.value = String(i);
    select.append(option);
  }
  byId('episodes').hidden = data.episodes.length < 2;
  select.addEventListener('change', () => player.load(Number(select.value)));

  const keys: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    ' ': () => player.toggle(),
    k: () => player.toggle(),
    ArrowLeft: (event) => step(event.shiftKey ? -STRIDE : -1),
    ArrowRight: (event) => step(event.shiftKey ? STRIDE : 1),
    Home: () => step(-steps()),
    End: () => step(steps()),
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
  const wanted = data.episodes.findIndex(({ index }) => String(index + 1) === place.get('episode'));
  select.value = String(Math.max(0, wanted));
  player.load(Math.max(0, wanted));
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
