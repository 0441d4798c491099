/// <reference lib="dom" />
/** A policy at work: the server lets a checkpoint act in a fresh env and sends every frame, which is drawn as it comes. */

import type { Json } from '../../core/json.js';
import type { Scene } from '../../render/scene.js';
import { explainScene } from '../../render/validate.js';
import { drawScene } from '../../viewer/page/draw.js';
import { brief, element } from '../../viewer/page/elements.js';
import type { LiveEventOf } from '../api.js';
import { liveAddress } from './client.js';
import { count } from './format.js';

/** Episodes whose returns are listed. */
const KEPT_EPISODES = 8;
const LARGEST_PIXEL_RATIO = 2;
/** Below so many frames a second things glide from one to the next, which shows them a frame late. */
const SMOOTH_FPS = 30;

type Frame = LiveEventOf['frame'];

export class LiveView {
  readonly root = element('section', 'live');
  readonly #id: string;
  readonly #select = element('select');
  readonly #button = element('button', 'primary', 'Watch');
  readonly #state = element('p', 'muted');
  readonly #screen = element('div', 'screen');
  readonly #canvas = element('canvas');
  readonly #readings = element('dl', 'readings');
  /** What the env itself says beside its picture. */
  readonly #scene = element('dl', 'readings scene');
  #said = '';
  readonly #episodes = element('ol', 'episodes');
  readonly #values = new Map<string, HTMLElement>();
  #source: EventSource | null = null;
  #frame: Frame | null = null;
  #fps = SMOOTH_FPS;
  /** The pictures to draw, the last two if things glide between them; when the last came. */
  #scenes: readonly Scene[] = [];
  #since = 0;
  #drawing = 0;

  constructor(id: string) {
    this.#id = id;
    this.#select.setAttribute('aria-label', 'Checkpoint');
    this.#button.type = 'button';
    this.#button.addEventListener('click', () => (this.#source === null ? this.start() : this.stop()));
    this.#select.addEventListener('change', () => this.#source !== null && this.start());
    this.#canvas.setAttribute('role', 'img');
    this.#canvas.setAttribute('aria-label', 'Picture of the environment');
    this.#state.setAttribute('role', 'status');
    this.#screen.hidden = true;
    this.#screen.append(this.#canvas);
    for (const name of ['Episode', 'Step', 'Return', 'Reward', 'Value', 'Action']) {
      const value = element('dd', '', '–');
      this.#values.set(name, value);
      this.#readings.append(element('div', '', element('dt', '', name), value));
    }
    this.#readings.hidden = true;
    this.#scene.hidden = true;
    const head = element('div', 'section-head', element('h3', '', 'Live agent'), this.#select, this.#button);
    this.root.append(head, this.#screen, this.#scene, this.#readings, this.#episodes, this.#state);
    new ResizeObserver(() => this.#drawSoon()).observe(this.#screen);
  }

  /** The checkpoints to choose from; the choice stays if it is still there. */
  offer(names: readonly string[]): void {
    const before = this.#select.value;
    const shown = [...this.#select.options].map(({ value }) => value);
    if (shown.length !== names.length || shown.some((name, k) => name !== names[k])) {
      this.#select.replaceChildren(
        ...names.map((name) => {
          const option = element('option', '', /^\d+$/.test(name) ? `step ${count(Number(name))}` : name);
          option.value = name;
          return option;
        }),
      );
      this.#select.value = names.includes(before) ? before : (names.find((name) => name === 'last') ?? names[0] ?? '');
    }
    this.#select.hidden = names.length === 0;
    this.#button.hidden = names.length === 0;
    if (names.length === 0) this.#state.textContent = 'There is no checkpoint yet whose policy could act.';
    else if (this.#source === null && this.#frame === null) this.#state.textContent = '';
  }

  start(): void {
    this.stop();
    this.#frame = null;
    const source = new EventSource(liveAddress(this.#id, this.#select.value));
    this.#source = source;
    this.#button.textContent = 'Stop';
    this.#button.setAttribute('aria-pressed', 'true');
    this.#state.textContent = 'Starting …';
    this.#episodes.replaceChildren();
    const on = <K extends keyof LiveEventOf>(name: K, handle: (event: LiveEventOf[K]) => void): void => {
      source.addEventListener(name, (event) => {
        if (source === this.#source) handle(JSON.parse(event.data as string) as LiveEventOf[K]);
      });
    };
    on('begin', ({ episode, seed, fps, checkpointStep }) => {
      this.#fps = fps;
      this.#say('Episode', `${episode} (seed ${seed})`);
      this.#state.textContent = `The policy after ${count(checkpointStep)} steps of training, in real time.`;
      this.#readings.hidden = false;
    });
    on('frame', (frame) => this.#take(frame));
    on('end', ({ steps, return: total, terminated }) => {
      const how = terminated ? 'ended' : 'cut off';
      this.#episodes.prepend(element('li', '', `return ${brief(total)}, ${how} after ${steps} steps`));
      while (this.#episodes.children.length > KEPT_EPISODES) this.#episodes.lastElementChild!.remove();
    });
    on('problem', ({ code, message }) => {
      this.stop();
      this.#state.textContent = `${code}: ${message}`;
    });
    // The browser would begin again by itself, with another episode.
    source.addEventListener('error', () => {
      if (source !== this.#source) return;
      this.stop();
      this.#state.textContent = 'The server ended it.';
    });
  }

  stop(): void {
    if (this.#source === null) return;
    this.#source.close();
    this.#source = null;
    this.#button.textContent = 'Watch';
    this.#button.setAttribute('aria-pressed', 'false');
    this.#state.textContent = 'Stopped.';
  }

  close(): void {
    this.stop();
    cancelAnimationFrame(this.#drawing);
  }

  #say(name: string, text: string): void {
    const cell = this.#values.get(name)!;
    if (cell.textContent !== text) cell.textContent = text;
  }

  #take(frame: Frame): void {
    // An env's picture is data of somebody else's: it is checked before it is drawn.
    const problem = frame.scene === null ? null : explainScene(frame.scene, new Set());
    if (problem !== null) {
      this.stop();
      this.#state.textContent = `INVALID_SCENE: the picture of step ${frame.step} is not a scene: ${problem}.`;
      return;
    }
    const before = this.#frame;
    this.#frame = frame;
    this.#since = performance.now();
    const next = before !== null && frame.step === before.step + 1 ? before.scene : null;
    const glides = this.#fps < SMOOTH_FPS && !matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#scenes = frame.scene === null ? [] : next !== null && glides ? [next, frame.scene] : [frame.scene];
    this.#drawSoon();
  }

  /** Frames that come faster than the browser draws are passed over. */
  #drawSoon(): void {
    if (this.#drawing !== 0 || this.#frame === null) return;
    this.#drawing = requestAnimationFrame(() => {
      this.#drawing = 0;
      if (this.#frame !== null) this.#draw(this.#frame);
    });
  }

  #draw({ scene, step, action, reward, value, return: total }: Frame): void {
    this.#say('Step', String(step));
    this.#say('Return', brief(total));
    this.#say('Reward', brief(reward));
    this.#say('Value', value === null ? '–' : brief(value));
    this.#say('Action', actionText(action));
    this.#screen.hidden = scene === null;
    if (scene === null) return;
    this.#picture();
  }

  #picture(): void {
    const [first, second = null] = this.#scenes;
    const { camera } = first!;
    const part = second === null ? 0 : Math.min(1, ((performance.now() - this.#since) * this.#fps) / 1000);
    this.#screen.style.aspectRatio = String(Math.min(2.4, Math.max(1, camera.width / camera.height)));
    const ratio = Math.min(LARGEST_PIXEL_RATIO, devicePixelRatio || 1);
    const width = Math.max(1, Math.round(this.#screen.clientWidth * ratio));
    const height = Math.max(1, Math.round(this.#screen.clientHeight * ratio));
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    const context = this.#canvas.getContext('2d')!;
    if (second !== null && part === 1) drawScene(context, second, null, 0, ratio);
    else drawScene(context, first!, second, part, ratio);
    this.#showReadings((second ?? first!).readings?.flat() ?? []);
    if (second !== null && part < 1) this.#drawSoon();
  }

  /** What the env says beside its picture: label and value by turns. */
  #showReadings(texts: readonly string[]): void {
    this.#scene.hidden = texts.length === 0;
    const said = texts.join(' ');
    if (said === this.#said) return;
    this.#said = said;
    const readings: HTMLElement[] = [];
    for (let k = 0; k + 1 < texts.length; k += 2) {
      readings.push(element('div', '', element('dt', '', texts[k]!), element('dd', '', texts[k + 1]!)));
    }
    this.#scene.replaceChildren(...readings);
  }
}

/** An action in few characters: numbers of a list each in brief. */
function actionText(action: Json): string {
  if (typeof action === 'number') return brief(action);
  if (Array.isArray(action)) {
    const texts = action.slice(0, 6).map(actionText);
    return `${texts.join(', ')}${action.length > 6 ? ', …' : ''}`;
  }
  const text = JSON.stringify(action);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
