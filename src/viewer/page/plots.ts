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
  /** Values hold until the next one. */
  readonly stairs?: boolean;
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
    if (!(high > low)) {
      const middle = finite.length === 0 ? 0 : low;
      low = middle - 1;
      high = middle + 1;
    }
    this.#value = element('span', 'plot-value');
    const label = element('span', 'plot-name', name);
    if (about !== '') label.title = about;
    const head = element('div', 'plot-head', label, this.#value);
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
    picture.append(svgElement('path', { d: linePath(values, x, y, options.stairs ?? false), class: 'line' }));
    this.#cursor = element('div', 'cursor');
    this.#area = element('div', 'plot-area', this.#cursor);
    this.#area.append(picture);
    if (finite.length > 0 && brief(low) !== brief(high) && range.includes(brief(high))) {
      this.#area.append(element('span', 'range high', brief(high)), element('span', 'range low', brief(low)));
    }
    this.root = element('div', `plot ${options.tone}`, head, this.#area);
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

/** The line as an SVG path; of very many values the smallest and largest of every few. */
function linePath(
  values: readonly number[],
  x: (index: number) => number,
  y: (value: number) => number,
  stairs: boolean,
): string {
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
    if (!pen) parts.push(`M${text}`);
    else if (stairs) parts.push(`H${x(i).toFixed(1)}L${text}`);
    else parts.push(`L${text}`);
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
