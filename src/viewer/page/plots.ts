/// <reference lib="dom" />
/** Small plots over an episode: a line a lane, their range, a cursor, and the values under it; a press seeks. */
import type { Label } from '../page-data.js';
import { brief, element, svgElement, unitText } from './elements.js';
import type { Column } from './source.js';

const WIDTH = 600;
const HEIGHT = 100;
/** Empty space above and below the line, of `HEIGHT`. */
const MARGIN = 8;

/** How a plot looks and where its values belong. */
export interface PlotOptions {
  /** CSS class that sets the colour of a single line. */
  readonly tone: string;
  /** Frames along the plot, the reset included. */
  readonly frames: number;
  /** Frame of the first value: 0 for observations, 1 for what belongs to steps. */
  readonly first: 0 | 1;
  /** One dot a value instead of a line: for choices, which have no values between. */
  readonly dots?: boolean;
  /** What values are called at the ends of the scale; as numbers by default. */
  readonly label?: (value: number) => string;
  /** Without name and value, which are shown above it already. */
  readonly bare?: boolean;
  readonly onSeek: (frame: number) => void;
}

/** One plot. */
export class Plot {
  readonly root: HTMLElement;
  readonly #label: Label;
  readonly #lines: readonly Column[];
  readonly #options: PlotOptions;
  readonly #values: readonly HTMLElement[];
  readonly #cursor: HTMLElement;
  readonly #area: HTMLElement;
  readonly #picture: SVGSVGElement;
  readonly #scale: HTMLElement;
  #frames: number;
  /** Lengths of the lines as they are drawn. */
  #drawn = '';

  /** @param lines one a lane, in the lanes' order. */
  constructor(label: Label, lines: readonly Column[], options: PlotOptions) {
    this.#label = label;
    this.#lines = lines;
    this.#options = options;
    this.#frames = options.frames;
    this.#values = lines.map((_, k) => element('span', `plot-value of-${k}`));
    const title = element('span', 'plot-name', lines.length > 1 ? `${label.name}${unitText(label.unit)}` : label.name);
    if (label.about !== '') title.title = label.about;
    const head = element('div', 'plot-head', title, element('span', 'plot-values', ...this.#values));
    this.#picture = svgElement('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' });
    this.#cursor = element('div', 'cursor');
    this.#area = element('div', 'plot-area', this.#cursor);
    this.#area.append(this.#picture);
    this.#scale = element('div', 'scale');
    const many = lines.length > 1 ? ' many' : '';
    this.root = element('div', `plot ${options.tone}${many}`, element('div', 'plot-row', this.#area, this.#scale));
    if (!options.bare) this.root.prepend(head);
    this.refresh(options.frames);
    this.#listen();
  }

  /** Draws the lines anew if they have grown or there are more frames. */
  refresh(frames: number): void {
    const key = `${frames} ${this.#lines.map(({ length }) => length).join(' ')}`;
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.#frames = frames;
    const { first, dots } = this.#options;
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const line of this.#lines) {
      for (let i = 0; i < line.length; i++) {
        const value = line.at(i)!;
        if (!Number.isFinite(value)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    const empty = low > high;
    const { name, unit } = this.#label;
    const range = empty ? 'no values' : `${brief(low)} to ${brief(high)}${unitText(unit)}`;
    this.#picture.setAttribute('aria-label', `${name} over the episode, ${range}`);
    const flat = !(high > low);
    const label = this.#options.label ?? brief;
    const ends = empty ? [] : flat ? [label(low)] : [label(high), label(low)];
    this.#scale.className = flat ? 'scale flat' : 'scale';
    this.#scale.replaceChildren(...ends.map((text) => element('span', '', text)));
    if (flat) {
      const middle = empty ? 0 : low;
      low = middle - 1;
      high = middle + 1;
    }
    const y = (value: number): number => HEIGHT - MARGIN - ((value - low) / (high - low)) * (HEIGHT - 2 * MARGIN);
    const last = Math.max(1, frames - 1);
    const x = (i: number): number => ((i + first) / last) * WIDTH;
    const parts: SVGElement[] = [];
    if (low < 0 && high > 0) {
      const zero = String(y(0));
      parts.push(svgElement('line', { x1: '0', x2: String(WIDTH), y1: zero, y2: zero, class: 'zero' }));
    }
    // The first lane's line lies on top.
    for (let k = this.#lines.length - 1; k >= 0; k--) {
      const line = this.#lines[k]!;
      const d = dots ? dotPath(line, x, y) : linePath(line, x, y);
      parts.push(svgElement('path', { d, class: `line of-${k}${dots ? ' dots' : ''}` }));
    }
    this.#picture.replaceChildren(...parts);
  }

  #listen(): void {
    const seek = (event: PointerEvent): void => {
      const { left, width } = this.#area.getBoundingClientRect();
      const part = Math.min(1, Math.max(0, (event.clientX - left) / width));
      this.#options.onSeek(Math.round(part * (this.#frames - 1)));
    };
    this.#area.addEventListener('pointerdown', (event) => {
      this.#area.setPointerCapture(event.pointerId);
      seek(event);
    });
    this.#area.addEventListener('pointermove', (event) => {
      if (this.#area.hasPointerCapture(event.pointerId)) seek(event);
    });
  }

  /** Moves the cursor; `time` in frames, with a fraction. */
  at(time: number): void {
    const part = Math.min(1, time / Math.max(1, this.#frames - 1));
    this.#cursor.style.left = `${(100 * part).toFixed(3)}%`;
    const index = Math.floor(time) - this.#options.first;
    for (const [k, shown] of this.#values.entries()) {
      const value = index < 0 ? undefined : this.#lines[k]!.at(index);
      // Of several lanes the unit stands with the name, once.
      const unit = value === undefined || this.#lines.length > 1 ? '' : unitText(this.#label.unit);
      const text = `${brief(value)}${unit}`;
      if (shown.textContent !== text) shown.textContent = text;
    }
  }
}

/** A dot for each value, as an SVG path of lines without length. */
function dotPath(values: Column, x: (index: number) => number, y: (value: number) => number): string {
  const dots = Array.from({ length: values.length }, (_, i) => `M${x(i).toFixed(1)} ${y(values.at(i)!).toFixed(1)}h0`);
  return dots.join('') || 'M0 0';
}

/** The line as an SVG path; of very many values the smallest and largest of every few. */
function linePath(values: Column, x: (index: number) => number, y: (value: number) => number): string {
  const bucket = Math.max(1, Math.floor(values.length / WIDTH));
  const parts: string[] = [];
  let pen = false;
  const point = (i: number): void => {
    const value = values.at(i)!;
    if (!Number.isFinite(value)) {
      pen = false;
      return;
    }
    const text = `${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
    parts.push(pen ? `L${text}` : `M${text}`);
    pen = true;
  };
  for (let start = 0; start < values.length; start += bucket) {
    let least = start;
    let most = start;
    for (let i = start; i < Math.min(start + bucket, values.length); i++) {
      if (values.at(i)! < values.at(least)!) least = i;
      if (values.at(i)! > values.at(most)!) most = i;
    }
    point(Math.min(least, most));
    if (least !== most) point(Math.max(least, most));
  }
  return parts.join('') || 'M0 0';
}
