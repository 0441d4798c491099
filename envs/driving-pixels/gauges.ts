/**
 * The black bar below the picture: what a still picture cannot show. Above, the speed from the left and the steering from its middle;
 * below, the speed across the car and the yaw rate, each from its middle. A gauge that ends within a pixel lights it in proportion.
 */
import type { Car } from '../driving/car.js';
import { CONSTANTS } from '../driving/constants.js';
import { type Canvas, type Ink, ink } from './fill.js';

const PER_SPEED = 1 / CONSTANTS.SPEED_SCALE.value;
const PER_STEER = 1 / CONSTANTS.STEER_LIMIT.value;
const PER_SLIP = 1 / CONSTANTS.SLIP_SCALE.value;
const PER_YAW = 1 / CONSTANTS.YAW_SCALE.value;
const SPEED = ink('#ffffff');
const STEER = ink('#8cff8c');
const SLIP = ink('#8cd2ff');
const YAW = ink('#ffc46e');

/** Draws the bar and its gauges. */
export function drawGauges(canvas: Canvas, { body, forward, sideways, steer }: Car): void {
  const { pixels, size, rows, colour } = canvas;
  pixels.fill(0, rows * size * (colour ? 3 : 1));
  // Two lines of gauges with a row of black above and below each.
  const line = (size - rows) / 2;
  const half = size / 2;
  const share = forward * PER_SPEED;
  gauge(canvas, rows + 1, line - 2, 1, 1 + (half - 2) * (share > 1 ? 1 : share), SPEED);
  balance(canvas, rows + 1, line - 2, half + half / 2, -steer * PER_STEER, STEER);
  balance(canvas, rows + line + 1, line - 2, half / 2, -sideways * PER_SLIP, SLIP);
  balance(canvas, rows + line + 1, line - 2, half + half / 2, -body.omega * PER_YAW, YAW);
}

/** A gauge from the column `middle`: to the right for a positive value, full at 1. */
function balance(canvas: Canvas, row: number, lines: number, middle: number, value: number, colour: Ink): void {
  const most = canvas.size / 4 - 1;
  const end = middle + most * (value > 1 ? 1 : value < -1 ? -1 : value);
  if (end > middle) gauge(canvas, row, lines, middle, end, colour);
  else gauge(canvas, row, lines, end, middle, colour);
}

/** Lights the columns from `left` to `right`, which may be fractions. */
function gauge(canvas: Canvas, row: number, lines: number, left: number, right: number, colour: Ink): void {
  const { pixels, size } = canvas;
  const first = left | 0;
  for (let column = first; column < right; column++) {
    const from = left > column ? left : column;
    const to = right < column + 1 ? right : column + 1;
    const share = to - from;
    for (let k = row; k < row + lines; k++) {
      const at = k * size + column;
      if (canvas.colour) {
        pixels[3 * at] = share * colour.red;
        pixels[3 * at + 1] = share * colour.green;
        pixels[3 * at + 2] = share * colour.blue;
      } else pixels[at] = share * colour.grey;
    }
  }
}
