/**
 * The black bar below the picture with its gauges: speed, the four wheels' speeds, steering and yaw rate. All are rectangles of
 * whole pixels of the original's 1000 x 800 window, shrunk by their area to 96 x 96.
 */

/** Window pixels of a picture's pixel. */
const SHRINK_X = 1000 / 96;
const SHRINK_Y = 800 / 96;
const WIDTH = 96;
/** First row of the bar. */
const TOP = 84;
/** Units of the gauges, window pixels. */
const UNIT_X = 25;
const UNIT_Y = 20;
const HEIGHT = 800;
/** Row on which upright gauges stand. */
const BASE = HEIGHT - UNIT_Y;
/** A gauge of a smaller value is not drawn. */
const LEAST = 1e-4;

/** Adds a rectangle of window pixels, whole numbers and its ends included, to a black part of the picture. */
function rectangle(
  picture: Uint8Array,
  left: number,
  right: number,
  top: number,
  bottom: number,
  red: number,
  green: number,
  blue: number,
): void {
  const x0 = Math.max(0, left) / SHRINK_X;
  const x1 = Math.min(999, right) / SHRINK_X + 1 / SHRINK_X;
  const y0 = Math.max(TOP, top / SHRINK_Y);
  const y1 = Math.min(HEIGHT - 1, bottom) / SHRINK_Y + 1 / SHRINK_Y;
  for (let row = y0 | 0; row < y1; row++) {
    const high = Math.min(row + 1, y1) - Math.max(row, y0);
    for (let column = x0 | 0; column < x1; column++) {
      const share = high * (Math.min(column + 1, x1) - Math.max(column, x0));
      const at = (row * WIDTH + column) * 3;
      picture[at] = Math.min(255, picture[at]! + share * red);
      picture[at + 1] = Math.min(255, picture[at + 1]! + share * green);
      picture[at + 2] = Math.min(255, picture[at + 2]! + share * blue);
    }
  }
}

/** An upright gauge up to the window row `end`; its right neighbour, if drawn, hides the column that both share. */
function upright(picture: Uint8Array, place: number, end: number, last: boolean, red: number, blue: number): void {
  const left = place * UNIT_X;
  const right = left + UNIT_X - (last ? 0 : 1);
  rectangle(picture, left, right, Math.min(end, BASE), Math.max(end, BASE), red, place === 5 ? 253 : 0, blue);
}

/** A lying gauge from the middle of its place to the window column `end`. */
function lying(picture: Uint8Array, place: number, end: number, red: number, green: number): void {
  const middle = place * UNIT_X;
  const top = HEIGHT - 4 * UNIT_Y;
  const bottom = HEIGHT - 2 * UNIT_Y;
  rectangle(picture, Math.min(end, middle), Math.max(end, middle), top, bottom, red, green, 0);
}

/** What the gauges show. */
export interface Readings {
  /** m/s. */
  readonly speed: number;
  /** Front left, front right, rear left, rear right; rad/s. */
  readonly wheels: ArrayLike<number>;
  /** Angle of the front left wheel, rad, positive to the left. */
  readonly steering: number;
  /** rad/s, positive to the left. */
  readonly yawRate: number;
}

/** Draws the bar and its gauges into a picture `[96, 96, 3]`; the score is not part of it. */
export function drawIndicators(picture: Uint8Array, { speed, wheels, steering, yawRate }: Readings): void {
  picture.fill(0, TOP * WIDTH * 3);
  if (speed > LEAST) upright(picture, 5, (BASE - UNIT_Y * (0.02 * speed)) | 0, true, 253, 253);
  for (let k = 0; k < 4; k++) {
    const omega = wheels[k]!;
    if (Math.abs(omega) <= LEAST) continue;
    const last = k === 3 || Math.abs(wheels[k + 1]!) <= LEAST;
    upright(picture, 7 + k, (BASE - UNIT_Y * (0.01 * omega)) | 0, last, k < 2 ? 0 : 49, 253);
  }
  if (Math.abs(steering) > LEAST) lying(picture, 20, ((20 - 10 * steering) * UNIT_X) | 0, 0, 253);
  if (Math.abs(yawRate) > LEAST) lying(picture, 30, ((30 - 0.8 * yawRate) * UNIT_X) | 0, 253, 0);
}
