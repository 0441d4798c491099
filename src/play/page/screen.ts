/// <reference lib="dom" />
/** Shows the env: its picture, its text, or the numbers of its observation. */
import type { Env } from '../../core/env.js';
import type { Scene } from '../../render/scene.js';
import { drawScene } from '../../viewer/page/draw.js';
import { brief, byId, element } from '../../viewer/page/elements.js';
import type { PlayData } from '../protocol.js';

/** The part of the page that the env is seen in. */
export class Screen {
  readonly #data: PlayData;
  readonly #canvas: HTMLCanvasElement | null;
  #last: Scene | null = null;
  #now: Scene | null = null;

  constructor(data: PlayData) {
    this.#data = data;
    this.#canvas = data.shows === 'scene' ? byId<HTMLCanvasElement>('canvas') : null;
  }

  /** Takes the env's present state; a `cut` begins a new episode, into which nothing glides. */
  look(env: Env, observation: unknown, cut: boolean): void {
    const { shows } = this.#data;
    if (shows === 'numbers') {
      this.#numbers(observation);
      return;
    }
    const picture = env.render();
    if (shows === 'ansi') {
      byId('text').textContent = typeof picture === 'string' ? withoutColours(picture) : '';
      return;
    }
    if (typeof picture !== 'object' || picture === null) return;
    const scene = picture as Scene;
    this.#last = cut ? null : this.#now;
    this.#now = scene;
    this.#readings(scene.readings ?? []);
  }

  /** Paints the moment `part` of the way from the step before to the present one. */
  paint(part: number): void {
    const canvas = this.#canvas;
    const now = this.#now;
    if (canvas === null || now === null) return;
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d');
    if (context === null) return;
    const last = part < 1 ? this.#last : null;
    drawScene(context, last ?? now, last === null ? null : now, part, ratio);
  }

  #readings(rows: readonly (readonly [string, string])[]): void {
    const list = byId('readings');
    list.hidden = rows.length === 0;
    rows.forEach(([label, value], i) => {
      const row = list.children[i] ?? list.appendChild(element('div', '', element('dt'), element('dd')));
      row.children[0]!.textContent = label;
      row.children[1]!.textContent = value;
    });
    while (list.children.length > rows.length) list.lastElementChild!.remove();
  }

  #numbers(observation: unknown): void {
    const values = typeof observation === 'number' ? [observation] : flat(observation);
    const rows = values.slice(0, 200).map((value, i) => {
      const name = this.#data.observation[i] ?? String(i);
      return element('div', '', element('dt', '', name), element('dd', '', brief(value)));
    });
    byId('numbers').replaceChildren(...rows);
  }
}

/** The numbers of a composite observation in order. */
function flat(value: unknown): number[] {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return [Number(value)];
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Float64Array, Number);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(flat);
  return [];
}

/** Text for a terminal without its colours; what was highlighted stands in brackets. */
function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals' colours begin with one.
  return text.replace(/\u001b\[(?:3\d;)?4\d(?:;1)?m(.*?)\u001b\[0m/g, '[$1]').replace(/\u001b\[[\d;]*m/g, '');
}
