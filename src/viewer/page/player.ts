/// <reference lib="dom" />
/** Plays one episode at a time: a clock in frames, the picture, the readings and everything that follows the clock. */
import type { PageData, PageEpisode, Series } from '../page-data.js';
import { actionDisplay } from './actions.js';
import { FilmPainter } from './draw.js';
import { brief, byId, element } from './elements.js';
import { Plot, type PlotOptions } from './plots.js';

/** Longest time between two pictures that counts as playing, s: a hidden page does not rush on. */
const LONGEST_TICK = 0.1;
const LARGEST_PIXEL_RATIO = 3;

/** The player of a page. */
export class Player {
  readonly #data: PageData;
  readonly #canvas = byId<HTMLCanvasElement>('canvas');
  readonly #context: CanvasRenderingContext2D;
  readonly #slider = byId<HTMLInputElement>('slider');
  readonly #clock = byId('clock');
  readonly #play = byId<HTMLButtonElement>('play');
  readonly #screen = byId('screen');
  readonly #readings = byId('readings');
  #episode: PageEpisode;
  #painter: FilmPainter | null = null;
  #plots: Plot[] = [];
  #showAction: (frame: number) => void = () => {};
  #time = 0;
  #shown = -1;
  #speed = 1;
  #playing = false;
  #last = 0;

  constructor(data: PageData) {
    this.#data = data;
    this.#episode = data.episodes[0]!;
    const context = this.#canvas.getContext('2d');
    if (context === null) throw new Error('this browser draws no 2D pictures');
    this.#context = context;
    new ResizeObserver(() => this.#resize()).observe(this.#screen);
  }

  /** The present frame: steps since the reset. */
  get frame(): number {
    return Math.floor(this.#time);
  }

  get playing(): boolean {
    return this.#playing;
  }

  /** Shows another episode, from its reset. */
  load(index: number): void {
    this.pause();
    const episode = this.#data.episodes[index]!;
    this.#episode = episode;
    this.#painter = episode.film === null ? null : new FilmPainter(episode.film);
    this.#screen.hidden = this.#painter === null;
    this.#slider.max = String(episode.steps);
    this.#summary();
    this.#buildPlots();
    this.#time = 0;
    this.#shown = -1;
    this.#resize();
  }

  play(): void {
    if (this.#playing) return;
    if (this.#time >= this.#episode.steps) this.#time = 0;
    this.#playing = true;
    this.#state();
    this.#last = performance.now();
    const tick = (now: number): void => {
      if (!this.#playing) return;
      const elapsed = Math.min(LONGEST_TICK, Math.max(0, (now - this.#last) / 1000));
      this.#last = now;
      this.#time = Math.min(this.#episode.steps, this.#time + elapsed * this.#data.fps * this.#speed);
      if (this.#time >= this.#episode.steps) this.pause();
      else requestAnimationFrame(tick);
      this.#show();
    };
    requestAnimationFrame(tick);
  }

  pause(): void {
    this.#playing = false;
    this.#state();
  }

  toggle(): void {
    if (this.#playing) this.pause();
    else this.play();
  }

  /** Goes to a frame, exactly; beyond the ends it stops there. */
  seek(frame: number): void {
    this.#time = Math.min(this.#episode.steps, Math.max(0, Math.round(frame)));
    this.#show();
  }

  /** Times real time. */
  set speed(speed: number) {
    this.#speed = speed;
  }

  #state(): void {
    document.body.toggleAttribute('data-playing', this.#playing);
    this.#play.setAttribute('aria-label', this.#playing ? 'Pause' : 'Play');
    this.#play.title = this.#playing ? 'Pause (space)' : 'Play (space)';
  }

  #resize(): void {
    const ratio = Math.min(LARGEST_PIXEL_RATIO, devicePixelRatio || 1);
    if (this.#painter !== null) {
      const aspect = Math.min(2.6, Math.max(0.9, this.#painter.aspect));
      this.#screen.style.aspectRatio = String(aspect);
      const { width, height } = this.#screen.getBoundingClientRect();
      this.#canvas.width = Math.max(1, Math.round(width * ratio));
      this.#canvas.height = Math.max(1, Math.round(height * ratio));
    }
    this.#show();
  }

  #show(): void {
    const { frame } = this;
    const ratio = this.#canvas.width / (this.#canvas.clientWidth || this.#canvas.width);
    this.#painter?.draw(this.#context, this.#time, ratio);
    for (const plot of this.#plots) plot.at(this.#time);
    if (frame === this.#shown) return;
    this.#shown = frame;
    const { steps } = this.#episode;
    const seconds = `${(frame / this.#data.fps).toFixed(2)} s`;
    this.#slider.value = String(frame);
    this.#slider.setAttribute('aria-valuetext', `step ${frame} of ${steps}, ${seconds}`);
    this.#slider.style.setProperty('--done', `${(100 * frame) / Math.max(1, steps)}%`);
    this.#clock.replaceChildren(element('b', '', String(frame)), ` / ${steps}`, element('span', '', seconds));
    document.body.toggleAttribute('data-begun', frame > 0);
    this.#showReadings(frame);
    this.#showAction(frame);
  }

  #showReadings(frame: number): void {
    const texts = this.#painter?.readings(frame) ?? [];
    const rows = this.#readings.children;
    this.#readings.hidden = texts.length === 0;
    for (let i = 0; 2 * i < texts.length; i++) {
      const row = rows[i] ?? this.#readings.appendChild(element('div', '', element('dt'), element('dd')));
      row.children[0]!.textContent = texts[2 * i]!;
      row.children[1]!.textContent = texts[2 * i + 1]!;
    }
    while (rows.length > texts.length / 2) rows[rows.length - 1]!.remove();
  }

  #summary(): void {
    const { steps, ending, seed, measures, verdict } = this.#episode;
    const rows: (readonly [string, string])[] = [
      ['Return', brief(this.#episode.return)],
      ['Steps', String(steps)],
      ['Ended', ending],
      ...measures,
    ];
    if (seed !== null) rows.push(['Seed', String(seed)]);
    const items = rows.map(([name, value]) => element('div', '', element('dt', '', name), element('dd', '', value)));
    byId('summary').replaceChildren(...items);
    const badge = byId('verdict');
    badge.hidden = verdict === null;
    badge.className = verdict?.ok ? 'badge good' : 'badge bad';
    badge.textContent = verdict?.text ?? '';
  }

  #buildPlots(): void {
    const { rewards, observations, actions, choices, steps } = this.#episode;
    const frames = steps + 1;
    const onSeek = (frame: number): void => {
      this.pause();
      this.seek(frame);
    };
    const plots = (series: readonly Series[], tone: string, first: 0 | 1, look: Partial<PlotOptions> = {}): Plot[] =>
      series.map((each) => new Plot(each, { tone, frames, first, onSeek, ...look }));
    let sum = 0;
    const returns = rewards.map((reward) => {
      sum += reward;
      return sum;
    });
    const reward = { name: 'reward', unit: '1', about: 'What the last step gave.', values: rewards };
    const total = { name: 'return so far', unit: '1', about: 'The sum of the rewards up to here.', values: returns };
    const outcome = [...plots([total], 'tone-return', 1), ...plots([reward], 'tone-reward', 1)];
    const named = (value: number): string => choices?.names[value - choices.start] ?? brief(value);
    const acted = plots(actions, 'tone-action', 1, { bare: true, dots: choices !== null, label: named });
    const seen = plots(observations, 'tone-observation', 0);
    this.#plots = [...outcome, ...acted, ...seen];
    const roots = (group: readonly Plot[]): HTMLElement[] => group.map((plot) => plot.root);
    byId('outcome').replaceChildren(...roots(outcome));
    byId('observations').replaceChildren(...roots(seen));
    this.#showAction = actionDisplay(byId('actions'), this.#episode, roots(acted));
    byId('observations-card').hidden = observations.length === 0;
  }
}
