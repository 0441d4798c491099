/// <reference lib="dom" />
/** Draws many curves on a canvas: plain loops over flat arrays, since a chart of 500 runs has 250,000 points. */
import type { BandedPoints, Points } from './series.js';

/** A curve as it is drawn. */
export interface Line {
  /** Run's id or group's label. */
  readonly key: string;
  readonly label: string;
  /** What else is told of it; may be empty. */
  readonly about: string;
  /** Index of the series colour. */
  readonly colour: number;
  readonly points: Points;
  /** The same without smoothing, drawn faintly. */
  readonly raw: Points | null;
  readonly band: BandedPoints | null;
}

/** What part of the data fills the plot. */
export interface Extent {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly log: boolean;
}

/** Pixels of the canvas, and how many of them make one of CSS. */
export interface Size {
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
}

/** From data to pixels of the canvas. */
export interface Projection {
  readonly x: (step: number) => number;
  /** NaN for what a logarithmic scale has no place for. */
  readonly y: (value: number) => number;
}

export function projection({ x, y, log }: Extent, { width, height }: Size): Projection {
  const scaled = log ? Math.log10 : (value: number): number => value;
  const low = scaled(y[0]);
  const perValue = height / (scaled(y[1]) - low);
  const perStep = width / (x[1] - x[0]);
  return {
    x: (step) => (step - x[0]) * perStep,
    y: log
      ? (value) => (value > 0 ? height - (Math.log10(value) - low) * perValue : Number.NaN)
      : (value) => height - (value - low) * perValue,
  };
}

function trace(context: CanvasRenderingContext2D, { steps, values }: Points, to: Projection): void {
  context.beginPath();
  let pen = false;
  let alone = 0;
  for (let k = 0; k < steps.length; k++) {
    const y = to.y(values[k]!);
    if (Number.isNaN(y)) {
      pen = false;
      continue;
    }
    const x = to.x(steps[k]!);
    if (pen) context.lineTo(x, y);
    else {
      context.moveTo(x, y);
      alone = k;
    }
    pen = true;
    // A point without neighbours would be a line without length.
    if (alone === k && (k + 1 === steps.length || Number.isNaN(values[k + 1]!))) context.lineTo(x + 0.01, y);
  }
}

function fillBand(
  context: CanvasRenderingContext2D,
  { steps, low, high }: BandedPoints,
  to: Projection,
  floor: number,
): void {
  context.beginPath();
  let begun = false;
  for (let k = 0; k < steps.length; k++) {
    const y = to.y(high[k]!);
    if (Number.isNaN(y)) continue;
    if (begun) context.lineTo(to.x(steps[k]!), y);
    else context.moveTo(to.x(steps[k]!), y);
    begun = true;
  }
  for (let k = steps.length - 1; k >= 0; k--) {
    if (Number.isNaN(low[k]!) || Number.isNaN(to.y(high[k]!))) continue;
    const y = to.y(low[k]!);
    // On a logarithmic scale a band may reach below all that is shown.
    context.lineTo(to.x(steps[k]!), Number.isNaN(y) ? floor : y);
  }
  context.fill();
}

/** Draws one curve with its band and its unsmoothed self. `width` in pixels of CSS. */
export function drawLine(
  context: CanvasRenderingContext2D,
  line: Line,
  colours: readonly string[],
  to: Projection,
  size: Size,
  width: number,
  opacity: number,
): void {
  const colour = colours[line.colour % colours.length]!;
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineJoin = 'bevel';
  if (line.band !== null) {
    context.globalAlpha = 0.15;
    fillBand(context, line.band, to, size.height);
  }
  if (line.raw !== null) {
    context.globalAlpha = 0.25 * opacity;
    context.lineWidth = size.ratio;
    trace(context, line.raw, to);
    context.stroke();
  }
  context.globalAlpha = opacity;
  context.lineWidth = width * size.ratio;
  trace(context, line.points, to);
  context.stroke();
  context.globalAlpha = 1;
}

/** The value of a curve at a step, on the straight line between its points; null beyond its ends. */
export function valueAt({ steps, values }: Points, step: number): number | null {
  let low = 0;
  let high = steps.length - 1;
  if (high < 0 || step < steps[0]! || step > steps[high]!) return null;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (steps[middle]! <= step) low = middle;
    else high = middle;
  }
  const [left, right] = [values[low]!, values[high]!];
  const between = steps[high]! > steps[low]! ? (step - steps[low]!) / (steps[high]! - steps[low]!) : 0;
  const value = between === 0 ? left : left + between * (right - left);
  return Number.isNaN(value) ? null : value;
}

/** Room above and below the curves, of their height. */
const MARGIN = 0.04;

/** What shows all of some curves; on a logarithmic scale, all that is above 0. */
export function extentOf(lines: readonly Line[], log: boolean): Extent {
  let [left, right] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const see = (values: Float64Array): void => {
    for (let k = 0; k < values.length; k++) {
      const value = values[k]!;
      if (Number.isNaN(value) || (log && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  };
  for (const { points, raw, band } of lines) {
    const { steps } = points;
    if (steps.length > 0) {
      left = Math.min(left, steps[0]!);
      right = Math.max(right, steps[steps.length - 1]!);
    }
    see(points.values);
    if (raw !== null) see(raw.values);
    if (band !== null) {
      see(band.low);
      see(band.high);
    }
  }
  if (!(right > left)) [left, right] = left === right ? [left - 1, right + 1] : [0, 1];
  if (low > high) [low, high] = log ? [0.1, 10] : [0, 1];
  if (log) {
    const [from, to] = [Math.log10(low), Math.log10(high)];
    const room = Math.max(0.1, MARGIN * (to - from));
    return { x: [left, right], y: [10 ** (from - room), 10 ** (to + room)], log };
  }
  const room = high > low ? MARGIN * (high - low) : Math.max(1e-9, Math.abs(high) * 0.1, high === 0 ? 1 : 0);
  return { x: [left, right], y: [low - room, high + room], log };
}
