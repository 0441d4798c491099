/// <reference lib="dom" />
/** Plays the lanes of a page: one clock in steps for all of them, and everything that follows it. */
import type { PageSim } from '../env-bundle.js';
import type { PageData } from '../page-data.js';
import { byId, element } from './elements.js';
import { Lane } from './lane.js';
import { Panels } from './panels.js';
import { ForkSource, RecordedSource, type Source } from './source.js';

/** Longest time between two pictures that counts as playing, s: a hidden page does not rush on. */
const LONGEST_TICK = 0.1;
/** Milliseconds of a picture's time that all lanes together may simulate. */
const BUDGET = 14;
/** Milliseconds between two drawings of plots that grow. */
const REFRESH = 120;
/** Lanes side by side. */
export const MOST_LANES = 4;

/** The player of a page. */
export class Player {
  readonly data: PageData;
  readonly #sim: PageSim | null;
  readonly #slider = byId<HTMLInputElement>('slider');
  readonly #clock = byId('clock');
  readonly #play = byId<HTMLButtonElement>('play');
  readonly #panels: Panels;
  #lanes: Lane[] = [];
  #time = 0;
  #shown = '';
  #speed = 1;
  #playing = false;
  #last = 0;
  #refreshed = 0;
  /** Steps of the lanes as the plots show them. */
  #drawn = '';
  #waiting = false;
  /** Called when lanes come or go, or play begins or stops. */
  onChange: () => void = () => {};

  /** @param sim null where the page does not hold the env. */
  constructor(data: PageData, sim: PageSim | null) {
    this.data = data;
    this.#sim = sim;
    this.#panels = new Panels(data, (frame) => {
      this.pause();
      this.seek(frame);
    });
    new ResizeObserver(() => this.#resize()).observe(byId('lanes'));
  }

  /** The present frame: steps since the reset. */
  get frame(): number {
    return Math.floor(this.#time);
  }

  get playing(): boolean {
    return this.#playing;
  }

  get lanes(): readonly Lane[] {
    return this.#lanes;
  }

  /** Steps of the longest lane. */
  get steps(): number {
    return Math.max(...this.#lanes.map(({ source }) => source.steps));
  }

  /** Shows an episode in a lane, from its reset; one more lane if there is none of that number. */
  load(index: number, at: number): Lane {
    this.pause();
    const lane = this.#put(this.recorded(index), at);
    this.#time = at === 0 ? 0 : Math.min(this.#time, this.steps);
    this.#built();
    return lane;
  }

  /** An episode of the page, simulated if the page can. */
  recorded(index: number): RecordedSource {
    const episode = this.data.episodes[index]!;
    try {
      return new RecordedSource(episode, this.#sim);
    } catch (error) {
      this.notice(`The env cannot be simulated in this browser: ${messageOf(error)}. What was recorded is shown.`);
      return new RecordedSource(episode, null);
    }
  }

  /** Adds a fork and goes to where it begins. */
  add(source: ForkSource, from: number): Lane {
    this.pause();
    const lane = this.#put(source, this.#lanes.length);
    this.#time = from;
    this.#built();
    return lane;
  }

  #put(source: Source, at: number): Lane {
    const known = this.#lanes[at];
    if (known !== undefined) {
      known.source.close();
      known.show(source);
      return known;
    }
    const lane = new Lane(source, at === 0);
    lane.canvas.addEventListener('click', () => this.toggle());
    this.#lanes.push(lane);
    byId('lanes').append(lane.root);
    return lane;
  }

  /** Takes a lane away; the first stays. */
  remove(lane: Lane): void {
    if (this.#lanes.indexOf(lane) < 1) return;
    this.pause();
    this.#lanes = this.#lanes.filter((other) => other !== lane);
    lane.source.close();
    lane.root.remove();
    this.#time = Math.min(this.#time, this.steps);
    this.#built();
  }

  #built(): void {
    byId('lanes').dataset['count'] = String(this.#lanes.length);
    this.#panels.build(this.#sources, this.steps + 1);
    this.#shown = '';
    this.#drawn = '';
    this.onChange();
    this.#resize();
  }

  get #sources(): Source[] {
    return this.#lanes.map(({ source }) => source);
  }

  get #forks(): ForkSource[] {
    return this.#sources.filter((source) => source instanceof ForkSource && source.growing) as ForkSource[];
  }

  play(): void {
    if (this.#playing) return;
    const forks = this.#forks;
    if (this.#time >= this.steps && forks.length === 0) this.#time = 0;
    // A fork goes on from its own end, at the clock's pace.
    this.#time = Math.min(this.#time, ...forks.map(({ end }) => end));
    this.#playing = true;
    this.#state();
    this.#last = performance.now();
    const tick = (now: number): void => {
      if (!this.#playing) return;
      const elapsed = Math.min(LONGEST_TICK, Math.max(0, (now - this.#last) / 1000));
      this.#last = now;
      this.#advance(this.#time + elapsed * this.data.fps * this.#speed);
      if (this.#time >= this.steps && this.#forks.length === 0) this.pause();
      else requestAnimationFrame(tick);
      this.#show();
    };
    requestAnimationFrame(tick);
  }

  /** Moves the clock on; forks take their steps, and one that waits for its pilot holds it. */
  #advance(wanted: number): void {
    const until = performance.now() + BUDGET;
    let time = wanted;
    const forks = this.#forks;
    for (const fork of forks) {
      while (fork.steps < Math.ceil(wanted) && fork.grow()) if (performance.now() > until) break;
      if (fork.growing) time = Math.min(time, Math.max(fork.steps, Math.min(this.#time, wanted)));
    }
    this.#time = Math.min(this.steps, Math.max(this.#time, time));
    if (forks.some(({ growing }) => !growing)) this.onChange();
  }

  pause(): void {
    if (!this.#playing) return;
    this.#playing = false;
    this.#state();
  }

  toggle(): void {
    if (this.#playing) this.pause();
    else this.play();
  }

  /** Goes to a frame, exactly; beyond the ends it stops there. */
  seek(frame: number): void {
    this.#time = Math.min(this.steps, Math.max(0, Math.round(frame)));
    this.#show();
  }

  /** Times real time. */
  set speed(speed: number) {
    this.#speed = speed;
  }

  /** Tells the reader something that is not as it should be. */
  notice(text: string): void {
    const box = byId('notice');
    if ([...box.children].some((line) => line.textContent === text)) return;
    box.append(element('p', '', text));
    box.hidden = false;
  }

  #state(): void {
    document.body.toggleAttribute('data-playing', this.#playing);
    this.#play.setAttribute('aria-label', this.#playing ? 'Pause' : 'Play');
    this.#play.title = this.#playing ? 'Pause (space)' : 'Play (space)';
    this.onChange();
  }

  #resize(): void {
    for (const lane of this.#lanes) lane.resize();
    if (this.#lanes.length > 0) this.#show();
  }

  /** Simulates what is to be seen as far as a picture's time allows; pictures that are not there yet follow. */
  #prepare(): void {
    const { frame } = this;
    const budget = BUDGET / this.#lanes.length;
    let behind = false;
    for (const { source } of this.#lanes) {
      const here = source.prepare(frame, budget);
      if (this.#playing || this.#time > frame) source.prepare(frame + 1, budget);
      const parted = source instanceof RecordedSource ? source.notice : null;
      if (parted !== null) this.notice(parted);
      behind ||= !here && parted === null;
    }
    if (!behind || this.#waiting || this.#playing) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#show();
    });
  }

  #show(): void {
    this.#prepare();
    const { frame, steps } = this;
    for (const lane of this.#lanes) lane.draw(this.#time);
    const now = performance.now();
    const grown = this.#sources.map((source) => source.steps).join(' ');
    if (grown !== this.#drawn && (now - this.#refreshed > REFRESH || !this.#playing)) {
      this.#refreshed = now;
      this.#drawn = grown;
      this.#slider.max = String(steps);
      this.#panels.refresh(steps + 1);
    }
    this.#panels.at(this.#time);
    const key = `${frame} ${steps}`;
    if (key === this.#shown) return;
    this.#shown = key;
    const seconds = `${(frame / this.data.fps).toFixed(2)} s`;
    this.#slider.value = String(frame);
    this.#slider.setAttribute('aria-valuetext', `step ${frame} of ${steps}, ${seconds}`);
    this.#slider.style.setProperty('--done', `${(100 * frame) / Math.max(1, steps)}%`);
    this.#clock.replaceChildren(element('b', '', String(frame)), ` / ${steps}`, element('span', '', seconds));
    document.body.toggleAttribute('data-begun', frame > 0);
    this.#panels.act(frame);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
