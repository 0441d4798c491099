/// <reference lib="dom" />
/** Small plots over an episode: one line, its range, a cursor, and the value under it; a press seeks. */
import type { Series } from '../page-data.js';
import { brief, element, svgElement, unitText } from './elements.js';

const WIDTH = 600;
const HEIGHT = 100;
/** Empty space above and below the line, of `HEIGHT`. */
const MARGIN = 8;

/** How a plot looks and where its values belong. */
export interface PlotOptions {
  /** CSS class that sets the line's colour. */
  readonly tone: string;
  /** Frames of the episode, the reset included. */
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
  readonly #series: Series;
  readonly #options: PlotOptions;
  readonly #value: HTMLElement;
  readonly #cursor: HTMLElement;
  readonly #area: HTMLElement;

  constructor(series: Series, options: PlotOptions) {
    this.#series = series;
    this.#options = options;
    const { name, unit, about, values } = series;
    const finite = values.filter((value) => Number.isFinite(value));
    let low = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    let high = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const range = finite.length === 0 ? 'no values' : `${brief(low)} to ${brief(high)}${unitText(unit)}`;
    const flat = !(high > low);
    if (flat) {
      const middle = finite.length === 0 ? 0 : low;
      low = middle - 1;
      high = middle + 1;
    }
    this.#value = element('span', 'plot-value');
    const title = element('span', 'plot-name', name);
    if (about !== '') title.title = about;
    const head = element('div', 'plot-head', title, this.#value);
    const picture = svgElement('svg', {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': `${name} over the episode, ${range}`,
    });
    const y = (value: number): number => HEIGHT - MARGIN - ((value - low) / (high - low)) * (HEIGHT - 2 * MARGIN);
    if (low < 0 && high > 0) {
      const zero = String(y(0));
      picture.append(svgElement('line', { x1: '0', x2: String(WIDTH), y1: zero, y2: zero, class: 'zero' }));
    }
    const last = Math.max(1, options.frames - 1);
    const x = (i: number): number => ((i + options.first) / last) * WIDTH;
    picture.append(
      svgElement('path', {
        d: options.dots ? dotPath(values, x, y) : linePath(values, x, y),
        class: options.dots ? 'line dots' : 'line',
      }),
    );
    this.#cursor = element('div', 'cursor');
    this.#area = element('div', 'plot-area', this.#cursor);
    this.#area.append(picture);
    const label = options.label ?? brief;
    const ends = finite.length === 0 ? [] : flat ? [label(finite[0]!)] : [label(high), label(low)];
    const scale = element('div', flat ? 'scale flat' : 'scale', ...ends.map((text) => element('span', '', text)));
    this.root = element('div', `plot ${options.tone}`, element('div', 'plot-row', this.#area, scale));
    if (!options.bare) this.root.prepend(head);
    this.#listen();
  }

  #listen(): void {
    const seek = (event: PointerEvent): void => {
      const { left, width } = this.#area.getBoundingClientRect();
      const part = Math.min(1, Math.max(0, (event.clientX - left) / width));
      this.#options.onSeek(Math.round(part * (this.#options.frames - 1)));
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
    const part = time / Math.max(1, this.#options.frames - 1);
    this.#cursor.style.left = `${(100 * part).toFixed(3)}%`;
    const value = this.#series.values[Math.floor(time) - this.#options.first];
    const text = `${brief(value)}${value === undefined ? '' : unitText(this.#series.unit)}`;
    if (this.#value.textContent !== text) this.#value.textContent = text;
  }
}

/** A dot for each value, as an SVG path of lines without length. */
function dotPath(values: readonly number[], x: (index: number) => number, y: (value: number) => number): string {
  return values.map((value, i) => `M${x(i).toFixed(1)} ${y(value).toFixed(1)}h0`).join('') || 'M0 0';
}

/** The line as an SVG path; of very many values the smallest and largest of every few. */
function linePath(values: readonly number[], x: (index: number) => number, y: (value: number) => number): string {
  const bucket = Math.max(1, Math.floor(values.length / WIDTH));
  const parts: string[] = [];
  let pen = false;
  const point = (i: number): void => {
    const value = values[i]!;
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
      if (values[i]! < values[least]!) least = i;
      if (values[i]! > values[most]!) most = i;
    }
    point(Math.min(least, most));
    if (least !== most) point(Math.max(least, most));
  }
  return parts.join('') || 'M0 0';
}
