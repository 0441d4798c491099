/** Curves with bands. */
import { area, line } from 'd3-shape';
import { SERIES_COLOURS } from '../../../html/theme.js';
import type { Band } from '../iqm-curve.js';
import { axes, frame, svg } from './axes.js';

/** One curve of a chart. */
export interface LineSeries {
  /** Number of its colour and dash: the same method has the same in all charts. */
  readonly colour: number;
  readonly x: readonly number[];
  readonly band: Band;
}

/** A horizontal line to compare with. */
export interface LevelLine {
  readonly value: number;
  readonly kind: 'reference' | 'threshold' | 'random';
}

/** What a line chart shows. */
export interface LineChartParts {
  readonly name: string;
  readonly description: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xFormat?: string;
  readonly series: readonly LineSeries[];
  readonly levels?: readonly LevelLine[];
  /** The vertical domain; from the data by default. */
  readonly yDomain?: readonly [number, number];
}

const HEIGHT = 280;

/** Class names of the n-th line: its colour, and from the ninth on a dash too. */
export function seriesClass(colour: number): string {
  return `s${colour % SERIES_COLOURS} d${Math.floor(colour / SERIES_COLOURS) % 4}`;
}

function extent(values: Iterable<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** The chart as an SVG element. */
export function lineChart(parts: LineChartParts): string {
  const { series, levels = [] } = parts;
  const xDomain = extent(series.flatMap(({ x }) => [x[0]!, x.at(-1)!]));
  const all = series.flatMap(({ band }) => [...band.low, ...band.high]);
  const yDomain = parts.yDomain ?? extent([...all, ...levels.map(({ value }) => value)]);
  const place = frame(xDomain, yDomain, HEIGHT);
  const { x, y } = place;
  const content = [
    axes(place, { x: parts.xLabel, y: parts.yLabel, ...(parts.xFormat !== undefined && { xFormat: parts.xFormat }) }),
  ];
  for (const { value, kind } of levels) {
    const [left, right] = x.range() as [number, number];
    const height = Math.round(y(value) * 10) / 10;
    content.push(`<line class="level ${kind}" x1="${left}" x2="${right}" y1="${height}" y2="${height}"/>`);
  }
  const indices = (one: LineSeries): number[] => [...one.x.keys()];
  for (const one of series) {
    const shape = area<number>(
      (k) => x(one.x[k]!),
      (k) => y(one.band.low[k]!),
      (k) => y(one.band.high[k]!),
    ).digits(1);
    content.push(`<path class="band ${seriesClass(one.colour)}" d="${shape(indices(one)) ?? ''}"/>`);
  }
  for (const one of series) {
    const shape = line<number>(
      (k) => x(one.x[k]!),
      (k) => y(one.band.value[k]!),
    ).digits(1);
    if (one.x.length === 1) {
      const [cx, cy] = [x(one.x[0]!), y(one.band.value[0]!)].map((value) => Math.round(value * 10) / 10);
      content.push(`<circle class="dot ${seriesClass(one.colour)}" cx="${cx}" cy="${cy}" r="4"/>`);
    }
    content.push(`<path class="curve ${seriesClass(one.colour)}" d="${shape(indices(one)) ?? ''}"/>`);
  }
  return svg(HEIGHT, parts.name, parts.description, content.join(''));
}
