/// <reference lib="dom" />
/**
 * The chart of curves. uPlot (MIT, no dependencies; its newest is 1.6.32 of May 2025, finished rather than given up) has the
 * axes, the scales, the cursor and the selection. The curves are on a canvas of our own below its cursor: uPlot wants the same
 * steps for all series, which runs do not have, and would draw all anew to point out one.
 */
import uPlot from 'uplot';
import { element } from '../../viewer/page/elements.js';
import { count } from './format.js';
import { drawLine, type Extent, extentOf, type Line, projection, type Size, valueAt } from './lines.js';

/** Points drawn before the browser gets its turn. */
const POINTS_AT_ONCE = 40_000;
/** Within so many CSS pixels of a curve the pointer means it. */
const REACH = 30;
/** Above so many curves they are thin, then thinner still. */
const MANY = 12;
const VERY_MANY = 60;
const AXIS_FONT = '12px system-ui, sans-serif';

export interface ChartHandlers {
  /** The curve under the pointer, or none. */
  readonly onHover: (key: string | null) => void;
  readonly onZoom: (zoomed: boolean) => void;
}

export class Chart {
  readonly #root: HTMLElement;
  readonly #handlers: ChartHandlers;
  readonly #base = element('canvas', 'lines');
  readonly #over = element('canvas', 'lines');
  readonly #tip = element('div', 'tip');
  #lines: readonly Line[] = [];
  #plot: uPlot | null = null;
  #log = false;
  #zoom: Omit<Extent, 'log'> | null = null;
  #full: Extent = extentOf([], false);
  #colours: string[] = [];
  #marked: string | null = null;
  #drawing = 0;
  #hovering = 0;
  /** How long the last drawing of all curves took, ms of this page's own time. */
  drawn = 0;

  constructor(root: HTMLElement, handlers: ChartHandlers) {
    this.#root = root;
    this.#handlers = handlers;
    this.#tip.hidden = true;
    this.#readColours();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#readColours();
      this.#build();
    });
    new ResizeObserver(() => this.#resize()).observe(root);
  }

  /** Shows these curves; a zoom stays. */
  set(lines: readonly Line[], log: boolean): void {
    this.#lines = lines;
    this.#full = extentOf(lines, log);
    if (log !== this.#log) this.#zoom = null;
    if (this.#plot === null || log !== this.#log) {
      this.#log = log;
      this.#build();
    } else this.#scale();
  }

  /** Points out one curve, or none. */
  mark(key: string | null): void {
    if (key === this.#marked) return;
    this.#marked = key;
    this.#drawOver();
  }

  resetZoom(): void {
    this.#zoom = null;
    this.#handlers.onZoom(false);
    this.#scale();
  }

  get #extent(): Extent {
    return this.#zoom === null ? this.#full : { ...this.#zoom, log: this.#log };
  }

  #readColours(): void {
    const style = getComputedStyle(document.documentElement);
    this.#colours = Array.from({ length: 8 }, (_, k) => style.getPropertyValue(`--series-${k}`).trim());
  }

  #build(): void {
    this.#plot?.destroy();
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue('--muted').trim();
    const grid = { stroke: style.getPropertyValue('--line').trim(), width: 1 };
    const axis = { stroke: ink, font: AXIS_FONT, grid, ticks: { ...grid, size: 4 } };
    const { width, height } = this.#root.getBoundingClientRect();
    const options: uPlot.Options = {
      width: Math.max(100, Math.floor(width)),
      height: Math.max(100, Math.floor(height)),
      legend: { show: false },
      scales: {
        x: { time: false, auto: false, range: () => [...this.#extent.x] },
        y: { auto: false, distr: this.#log ? 3 : 1, range: () => [...this.#extent.y] },
      },
      series: [{}, { scale: 'y', show: true, points: { show: false } }],
      axes: [
        { ...axis, size: 34, values: (_, splits) => splits.map((step) => (Number.isInteger(step) ? count(step) : '')) },
        { ...axis, size: 58, values: (_, splits) => splits.map((value) => (value === null ? '' : tickText(value))) },
      ],
      cursor: { points: { show: false }, drag: { setScale: false, x: true, y: true, uni: 30 } },
      hooks: {
        setCursor: [(plot) => this.#hoverSoon(plot)],
        setSelect: [(plot) => this.#select(plot)],
        draw: [() => this.#drawSoon()],
      },
    };
    // A double click would let uPlot choose the scales by its data, of which it has none.
    options.cursor!.bind = {
      dblclick: () => () => {
        this.resetZoom();
        return null;
      },
    };
    this.#plot = new uPlot(options, [[...this.#extent.x], [null, null]], this.#root);
    // Above the grid, below the cursor.
    this.#plot.over.prepend(this.#base, this.#over);
    this.#plot.over.append(this.#tip);
    this.#scale();
  }

  #resize(): void {
    const { width, height } = this.#root.getBoundingClientRect();
    if (width < 50 || height < 50) return;
    if (this.#plot === null) this.#build();
    else this.#plot.setSize({ width: Math.floor(width), height: Math.floor(height) });
  }

  #scale(): void {
    const plot = this.#plot;
    if (plot === null) return;
    const { x, y } = this.#extent;
    plot.batch(() => {
      plot.setData([[...x], [null, null]], false);
      plot.setScale('x', { min: x[0], max: x[1] });
      plot.setScale('y', { min: y[0], max: y[1] });
    });
    this.#drawSoon();
  }

  #select(plot: uPlot): void {
    const { left, top, width, height } = plot.select;
    if (width < 4 && height < 4) return;
    const x: [number, number] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
    const y: [number, number] = [plot.posToVal(top + height, 'y'), plot.posToVal(top, 'y')];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (!(x[1] > x[0]) || !(y[1] > y[0])) return;
    this.#zoom = { x, y };
    this.#handlers.onZoom(true);
    this.#scale();
  }

  #fit(canvas: HTMLCanvasElement): Size {
    const plot = this.#plot!;
    const ratio = devicePixelRatio || 1;
    const width = Math.max(1, Math.round(plot.over.clientWidth * ratio));
    const height = Math.max(1, Math.round(plot.over.clientHeight * ratio));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    return { width, height, ratio };
  }

  #drawSoon(): void {
    cancelAnimationFrame(this.#drawing);
    this.#drawing = requestAnimationFrame(() => this.#draw());
  }

  /** Draws in parts on a canvas that is not seen, and shows it when it is whole: nothing flickers, nothing waits long. */
  #draw(): void {
    if (this.#plot === null) return;
    const { width, height, ratio } = this.#fit(document.createElement('canvas'));
    const size = { width, height, ratio };
    const hidden = element('canvas');
    Object.assign(hidden, { width, height });
    const context = hidden.getContext('2d')!;
    const to = projection(this.#extent, size);
    const lines = this.#lines;
    const thin = lines.length > VERY_MANY;
    const stroke = thin ? 1 : lines.length > MANY ? 1.25 : 2;
    let next = 0;
    let spent = 0;
    const part = (): void => {
      const begin = performance.now();
      let points = 0;
      while (next < lines.length && points < POINTS_AT_ONCE) {
        const line = lines[next++]!;
        points += line.points.steps.length * (line.raw === null ? 1 : 2);
        drawLine(context, line, this.#colours, to, size, stroke, thin ? 0.6 : 1);
      }
      if (next < lines.length) {
        spent += performance.now() - begin;
        this.#drawing = requestAnimationFrame(part);
        return;
      }
      const shown = this.#base.getContext('2d')!;
      this.#fit(this.#base);
      shown.clearRect(0, 0, width, height);
      shown.drawImage(hidden, 0, 0);
      this.drawn = spent + performance.now() - begin;
      this.#root.dataset.drawn = String(lines.length);
      this.#drawOver();
    };
    part();
  }

  #drawOver(): void {
    if (this.#plot === null) return;
    const size = this.#fit(this.#over);
    const context = this.#over.getContext('2d')!;
    context.clearRect(0, 0, size.width, size.height);
    const line = this.#lines.find(({ key }) => key === this.#marked);
    this.#base.classList.toggle('dimmed', line !== undefined && this.#lines.length > 1);
    if (line !== undefined) drawLine(context, line, this.#colours, projection(this.#extent, size), size, 3, 1);
  }

  /** A pointer may move several times between two pictures. */
  #hoverSoon(plot: uPlot): void {
    if (this.#hovering !== 0) return;
    this.#hovering = requestAnimationFrame(() => {
      this.#hovering = 0;
      if (plot === this.#plot) this.#hover(plot);
    });
  }

  /** The curve nearest to the pointer, and what it has there. */
  #hover(plot: uPlot): void {
    const { left, top } = plot.cursor;
    if (left === undefined || top === undefined || left < 0 || top < 0) {
      this.#tip.hidden = true;
      this.#handlers.onHover(null);
      return;
    }
    const step = plot.posToVal(left, 'x');
    const to = projection(this.#extent, { width: plot.over.clientWidth, height: plot.over.clientHeight, ratio: 1 });
    let best: { line: Line; value: number; y: number } | null = null;
    let nearest = REACH;
    for (const line of this.#lines) {
      const value = valueAt(line.points, step);
      if (value === null) continue;
      const y = to.y(value);
      const distance = Math.abs(y - top);
      if (distance >= nearest) continue;
      nearest = distance;
      best = { line, value, y };
    }
    this.#tip.hidden = best === null;
    if (best !== null) {
      const { line, value } = best;
      this.#tip.replaceChildren(
        element('b', '', line.label),
        ...(line.about === '' ? [] : [element('span', '', line.about)]),
        element('span', '', `${tickText(value)} at ${count(step)} steps`),
      );
      const right = left > plot.over.clientWidth / 2;
      this.#tip.classList.toggle('left', right);
      this.#tip.style.transform = `translate(${left}px, ${Math.min(top, plot.over.clientHeight - 50)}px)`;
    }
    this.#handlers.onHover(best?.line.key ?? null);
  }
}

/** A value of an axis. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return count(value).replace('-', '−');
  if (size !== 0 && size < 1e-3) return value.toExponential(1).replace('-', '−').replace('e−', 'e-');
  return String(Number(value.toPrecision(4))).replace('-', '−');
}
