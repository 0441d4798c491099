/** Axes of a chart as SVG: a frame that scales with its figure, ticks, grid and labels. */
import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { escapeHtml } from '../../../html/escape.js';

/** Size of every chart, in units of which one is about a CSS pixel. */
export const WIDTH = 440;
/** Room around the plot. */
const MARGIN = { top: 14, right: 16, bottom: 44, left: 58 };

/** Where a chart's values lie. */
export interface Frame {
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
  readonly width: number;
  readonly height: number;
}

/** A scale whose domain is not empty. */
function scale(
  low: number,
  high: number,
  range: readonly [number, number],
  nice: boolean,
): ScaleLinear<number, number> {
  const margin = low < high ? 0 : Math.max(Math.abs(low) * 0.05, 0.5);
  const linear = scaleLinear([low - margin, high + margin], range);
  return nice ? linear.nice(5) : linear;
}

/** A frame for values in a rectangle; the vertical axis ends at round numbers. */
export function frame(
  xDomain: readonly [number, number],
  yDomain: readonly [number, number],
  height: number,
  left: number = MARGIN.left,
): Frame {
  return {
    x: scale(xDomain[0], xDomain[1], [left, WIDTH - MARGIN.right], false),
    y: scale(yDomain[0], yDomain[1], [height - MARGIN.bottom, MARGIN.top], true),
    width: WIDTH,
    height,
  };
}

/** How the axes are drawn and named. */
export interface AxisLabels {
  readonly x: string;
  /** Null for a chart whose rows name themselves: it has no vertical axis. */
  readonly y: string | null;
  /** A format of d3 for the horizontal ticks, `~s` for 200k and 1M. */
  readonly xFormat?: string;
}

const at = (value: number): string => String(Math.round(value * 10) / 10);

/** The axes' markup. */
export function axes({ x, y, height }: Frame, labels: AxisLabels): string {
  const [left, right] = x.range() as [number, number];
  const [bottom, top] = [height - MARGIN.bottom, MARGIN.top];
  const parts: string[] = [];
  const formatX = x.tickFormat(5, labels.xFormat);
  for (const tick of x.ticks(5)) {
    const place = at(x(tick));
    parts.push(`<line class="grid" x1="${place}" x2="${place}" y1="${top}" y2="${bottom}"/>`);
    parts.push(`<text class="tick" x="${place}" y="${bottom + 17}" text-anchor="middle">${formatX(tick)}</text>`);
  }
  if (labels.y !== null) {
    const formatY = y.tickFormat(5);
    for (const tick of y.ticks(5)) {
      const place = at(y(tick));
      parts.push(`<line class="grid" x1="${left}" x2="${right}" y1="${place}" y2="${place}"/>`);
      parts.push(`<text class="tick" x="${left - 7}" y="${at(y(tick) + 4)}" text-anchor="end">${formatY(tick)}</text>`);
    }
    const middle = (top + bottom) / 2;
    parts.push(
      `<text class="label" x="13" y="${middle}" text-anchor="middle" transform="rotate(-90 13 ${middle})">${escapeHtml(labels.y)}</text>`,
    );
  }
  parts.push(`<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>`);
  parts.push(
    `<text class="label" x="${(left + right) / 2}" y="${height - 6}" text-anchor="middle">${escapeHtml(labels.x)}</text>`,
  );
  return parts.join('');
}

/** The chart's element with its name and a description for readers who do not see it. */
export function svg(height: number, name: string, description: string, content: string): string {
  const label = escapeHtml(`${name}. ${description}`);
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">${content}</svg>`;
}
