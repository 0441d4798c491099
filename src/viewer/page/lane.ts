/// <reference lib="dom" />
/** One lane of the page: a picture with its heading and readings. */
import type { Scene } from '../../render/scene.js';
import { drawScene } from './draw.js';
import { element } from './elements.js';
import type { Source } from './source.js';

const LARGEST_PIXEL_RATIO = 3;

/** A lane; what it shows can be exchanged. */
export class Lane {
  readonly root: HTMLElement;
  readonly screen: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  /** The heading's place for a select of episodes, or a name. */
  readonly title: HTMLElement;
  /** The heading's place for buttons. */
  readonly tools: HTMLElement;
  readonly #verdict = element('span', 'badge');
  readonly #standing = element('span', 'badge standing');
  readonly #readings = element('dl', 'readings');
  readonly #context: CanvasRenderingContext2D;
  #source: Source;

  /** @param ids ids of the first lane's parts, so that they can be pointed at. */
  constructor(source: Source, first: boolean) {
    this.#source = source;
    this.canvas = element('canvas');
    this.canvas.setAttribute('role', 'img');
    this.canvas.setAttribute('aria-label', 'Picture of the environment at the present step');
    this.screen = element('div', 'screen', this.canvas);
    this.title = element('div', 'lane-title');
    this.tools = element('div', 'lane-tools');
    const head = element('div', 'lane-head', this.title, this.#verdict, this.#standing, this.tools);
    this.root = element('section', 'lane', head, this.screen, this.#readings);
    if (first) {
      this.canvas.id = 'canvas';
      this.screen.id = 'screen';
      this.#readings.id = 'readings';
      this.#verdict.id = 'verdict';
      this.#standing.id = 'standing';
    }
    const context = this.canvas.getContext('2d');
    if (context === null) throw new Error('this browser draws no 2D pictures');
    this.#context = context;
    this.show(source);
  }

  get source(): Source {
    return this.#source;
  }

  /** Shows another source. */
  show(source: Source): void {
    this.#source = source;
    this.root.setAttribute('aria-label', source.name);
    const { verdict } = source;
    this.#verdict.hidden = verdict === null;
    this.#verdict.className = verdict?.ok ? 'badge good' : 'badge bad';
    this.#verdict.textContent = verdict?.text ?? '';
    this.resize();
  }

  /** Fits the canvas to the screen. */
  resize(): void {
    const scene = this.#source.scene(0);
    this.screen.hidden = scene === null;
    if (scene === null) return;
    const { width: wide, height: high } = scene.camera;
    this.screen.style.aspectRatio = String(Math.min(2.6, Math.max(0.9, wide / high)));
    const ratio = Math.min(LARGEST_PIXEL_RATIO, devicePixelRatio || 1);
    const { width, height } = this.screen.getBoundingClientRect();
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
  }

  /** Draws the moment `time`, in steps with a fraction: between two steps things glide. */
  draw(time: number): void {
    const { steps } = this.#source;
    const step = Math.min(steps, Math.floor(time));
    const scene = this.#source.scene(step);
    const part = Math.min(steps, time) - step;
    const next = part > 0 ? this.#source.scene(step + 1) : null;
    const ratio = this.canvas.width / (this.canvas.clientWidth || this.canvas.width);
    if (!this.screen.hidden) drawScene(this.#context, scene, next, part, ratio);
    this.root.toggleAttribute('data-over', time > steps && !this.#source.growing);
    this.#showReadings(scene);
    this.#showStanding();
  }

  #showStanding(): void {
    const { shown, good, text } = this.#source.standing;
    const kind = good === null ? 'badge standing' : good ? 'badge standing good' : 'badge standing bad';
    if (this.#standing.textContent === text && this.#standing.className === kind) return;
    this.#standing.textContent = text;
    this.#standing.className = kind;
    this.root.dataset['shown'] = shown;
  }

  #showReadings(scene: Scene | null): void {
    const texts = scene?.readings ?? [];
    const rows = this.#readings.children;
    this.#readings.hidden = texts.length === 0;
    for (const [i, [name, value]] of texts.entries()) {
      const row = rows[i] ?? this.#readings.appendChild(element('div', '', element('dt'), element('dd')));
      row.children[0]!.textContent = name;
      row.children[1]!.textContent = value;
    }
    while (rows.length > texts.length) rows[rows.length - 1]!.remove();
  }
}
