/** Estimates one below the other, each with its interval. */
import { escapeHtml } from '../../../html/escape.js';
import type { Estimate } from '../bootstrap.js';
import { axes, frame, svg } from './axes.js';
import { seriesClass } from './line-chart.js';

/** One estimate of a chart. */
export interface IntervalRow {
  readonly label: string;
  readonly colour: number;
  readonly estimate: Estimate;
}

/** What an interval chart shows. */
export interface IntervalChartParts {
  readonly name: string;
  readonly description: string;
  readonly xLabel: string;
  readonly rows: readonly IntervalRow[];
  /** Horizontal domain; from the data by default. */
  readonly xDomain?: readonly [number, number];
  /** A value to mark, such as one half. */
  readonly mark?: number;
}

const ROW = 38;
/** Room of the axis below, and above the first row. */
const [BELOW, ABOVE] = [44, 14];
/** Characters that fit in a row. */
const LONGEST = 64;

/** The chart as an SVG element; rows carry their labels above the interval, so that long ones have room on a phone too. */
export function intervalChart({ name, description, xLabel, rows, xDomain, mark }: IntervalChartParts): string {
  const height = ABOVE + rows.length * ROW + BELOW;
  const lows = rows.map(({ estimate }) => estimate.low);
  const highs = rows.map(({ estimate }) => estimate.high);
  const place = frame(xDomain ?? padded(Math.min(...lows), Math.max(...highs)), [0, 1], height, 16);
  const { x } = place;
  const at = (value: number): string => String(Math.round(x(value) * 10) / 10);
  const content = [axes(place, { x: xLabel, y: null })];
  if (mark !== undefined) {
    content.push(
      `<line class="level threshold" x1="${at(mark)}" x2="${at(mark)}" y1="${ABOVE}" y2="${height - BELOW}"/>`,
    );
  }
  rows.forEach(({ label, colour, estimate: { value, low, high } }, k) => {
    const top = ABOVE + k * ROW;
    const shown = label.length > LONGEST ? `${label.slice(0, LONGEST - 1)}…` : label;
    content.push(
      `<g class="${seriesClass(colour)}"><title>${escapeHtml(label)}</title>`,
      `<text class="row" x="18" y="${top + 13}">${escapeHtml(shown)}</text>`,
      `<line class="interval" x1="${at(low)}" x2="${at(high)}" y1="${top + 25}" y2="${top + 25}"/>`,
      `<circle class="dot" cx="${at(value)}" cy="${top + 25}" r="5"/></g>`,
    );
  });
  return svg(height, name, description, content.join(''));
}

function padded(low: number, high: number): readonly [number, number] {
  const margin = (high - low) * 0.06;
  return [low - margin, high + margin];
}
