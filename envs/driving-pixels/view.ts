/**
 * From the camera's axes to the picture: u to the right, v ahead, w up, m. Seen from above, or through the windscreen in perspective.
 *
 * Hot path: outlines are passed in one array of this module, since a call with fractions would allocate; whoever draws sets the view,
 * writes an outline and draws it before the next.
 */
import { coverage, edge } from '../../src/render/coverage.js';

const { ONE } = coverage;
/** Nearest distance, m, at which anything is drawn through the windscreen: the ground there lies below the picture. */
const NEAR = 0.6;
/** 1/1024 pixels of a metre (of a slope of one through the windscreen), and where u = v = 0 (the horizon straight ahead) is. */
const SCALE = 0;
const MIDDLE_X = 1;
const MIDDLE_Y = 2;
/** Height of the camera, m. */
const EYE = 3;
const lens = new Float64Array(4);
const points = new Float64Array(3 * 64);
let perspective = false;
// Rows of what was drawn since `takeRows`, 1/1024 pixel.
let top = 1 << 30;
let bottom = -1;

/** What those who draw need: room for the corners of an outline (u, v, w each), and the nearest distance, m. */
export const view = { points, NEAR } as const;

/** Looks from above: so many pixels a metre, the camera's place at (x, y), pixels. */
export function lookDown(pixels: number, x: number, y: number): void {
  perspective = false;
  lens[SCALE] = ONE * pixels;
  lens[MIDDLE_X] = ONE * x;
  lens[MIDDLE_Y] = ONE * y;
}

/** Looks ahead from `eye` m above the ground with a focal length in pixels; straight ahead is at (x, y), pixels. */
export function lookAhead(focal: number, x: number, y: number, eye: number): void {
  perspective = true;
  lens[SCALE] = ONE * focal;
  lens[MIDDLE_X] = ONE * x;
  lens[MIDDLE_Y] = ONE * y;
  lens[EYE] = eye;
}

/** Adds the closed outline of the first `corners` points; which way round does not matter as long as outlines that overlap agree. */
export function outline(corners: number): void {
  if (perspective) outlineAhead(3 * corners);
  else outlineBelow(3 * corners);
}

function outlineBelow(end: number): void {
  const scale = lens[SCALE]!;
  const middleX = lens[MIDDLE_X]!;
  const middleY = lens[MIDDLE_Y]!;
  let x = (middleX + scale * points[end - 3]!) | 0;
  let y = (middleY - scale * points[end - 2]!) | 0;
  let least = top;
  let most = bottom;
  for (let k = 0; k < end; k += 3) {
    const toX = (middleX + scale * points[k]!) | 0;
    const toY = (middleY - scale * points[k + 1]!) | 0;
    edge(x, y, toX, toY);
    x = toX;
    y = toY;
    if (y < least) least = y;
    if (y > most) most = y;
  }
  top = least;
  bottom = most;
}

function outlineAhead(end: number): void {
  const scale = lens[SCALE]!;
  const middleX = lens[MIDDLE_X]!;
  const middleY = lens[MIDDLE_Y]!;
  const eye = lens[EYE]!;
  let u0 = points[end - 3]!;
  let v0 = points[end - 2]!;
  let w0 = points[end - 1]!;
  // The corner before on the picture, if it was near enough to be cut off: not known.
  let known = v0 >= NEAR;
  let x = known ? (middleX + (scale * u0) / v0) | 0 : 0;
  let y = known ? (middleY + (scale * (eye - w0)) / v0) | 0 : 0;
  let least = top;
  let most = bottom;
  for (let k = 0; k < end; k += 3) {
    const u1 = points[k]!;
    const v1 = points[k + 1]!;
    const w1 = points[k + 2]!;
    // What is cut off closes along a row below the picture and adds nothing.
    if (v1 >= NEAR) {
      if (!known) {
        const share = (NEAR - v0) / (v1 - v0);
        x = (middleX + (scale * (u0 + share * (u1 - u0))) / NEAR) | 0;
        y = (middleY + (scale * (eye - w0 - share * (w1 - w0))) / NEAR) | 0;
        if (y > most) most = y;
      }
      const toX = (middleX + (scale * u1) / v1) | 0;
      const toY = (middleY + (scale * (eye - w1)) / v1) | 0;
      edge(x, y, toX, toY);
      x = toX;
      y = toY;
      known = true;
      if (y < least) least = y;
      if (y > most) most = y;
    } else if (known) {
      const share = (NEAR - v0) / (v1 - v0);
      const toX = (middleX + (scale * (u0 + share * (u1 - u0))) / NEAR) | 0;
      const toY = (middleY + (scale * (eye - w0 - share * (w1 - w0))) / NEAR) | 0;
      edge(x, y, toX, toY);
      known = false;
      if (toY > most) most = toY;
    }
    u0 = u1;
    v0 = v1;
    w0 = w1;
  }
  top = least;
  bottom = most;
}

/** The first row that outlines touched since the last call, in the low 16 bits, and the row after the last one above them; of `rows`. */
export function takeRows(rows: number): number {
  const first = top < 0 ? 0 : top >> 10;
  const last = (bottom >> 10) + 1;
  top = 1 << 30;
  bottom = -1;
  return Math.min(first, rows) | (Math.min(Math.max(last, 0), rows) << 16);
}
