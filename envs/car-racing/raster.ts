/**
 * Pixels of CarRacing from areas of polygons (`src/render/coverage.ts`). A sum holds two numbers: the low 13 bits, with a sign, and
 * the rest. Whoever draws does so from the first edge to `paintCar` without a break.
 */
import { coverage } from '../../src/render/coverage.js';
import type { Palette } from './palette.js';

/** Pixels of a row. */
const WIDTH = 96;
/** Rows above the gauges. */
const ROWS = 84;
/** Groups of four pixels in a row; the cells after the last one are another. */
const GROUPS = 24;
const { STRIDE, LAYER, ONE } = coverage;
/** The lower number of a sum that is not negative. */
const AREA = 8191;
/** Weight of one in the upper number of a sum. */
export const UPPER = 8192;

/** Layers: area of the road, and area times shade; later area of wheels, and of their white tread. */
export const ROAD = 0;
/** Area of grass, and of the field. */
export const GROUND = 1;
/** Area of kerbs, and of white ones; later area of the hull. */
export const KERB = 2;
const GROUND_CELLS = GROUND * LAYER;
const KERB_CELLS = KERB * LAYER;
/** Brightness that the original's shrinking loses by cutting off fractions twice, 1/1024. */
const LOSS = 1034;
/** Brightness of the hull's red and of a wheel's tread after that loss. */
const HULL_RED = 202;
const TREAD = 75;

const { cells, masks } = coverage;
const buffer = new ArrayBuffer(WIDTH * ROWS * 3);
const words = new Int32Array(buffer);
/** The rows above the gauges, `[84, 96, 3]`, red, green, blue. */
const pixels = new Uint8Array(buffer);

/** A pixel of the ground alone; `r`, `g` and `b` are the field's colour, less the loss. */
function groundPixel(sum: number, r: number, g: number, b: number, dr: number, dg: number, db: number): number {
  const grass = (sum << 19) >> 19;
  return (
    ((r + Math.imul(grass, dr)) >> 10) |
    (((g + Math.imul(grass, dg)) >> 10) << 8) |
    (((b + Math.imul(grass, db)) >> 10) << 16)
  );
}

/** A pixel of road over a ground of one colour `r`, `g`, `b`, less the loss; `dr`, `dg`, `db` are what the road's is more. */
function roadPixel(sum: number, r: number, g: number, b: number, dr: number, dg: number, db: number): number {
  let area = (sum << 19) >> 19;
  let light = (sum - area) >> 13;
  if (area > ONE) {
    // Where the road crosses itself, the parts share the pixel.
    light = ((light * ONE) / area) | 0;
    area = ONE;
  }
  return (
    ((r + (Math.imul(area, dr) >> 10) + light) >> 10) |
    (((g + (Math.imul(area, dg) >> 10) + light) >> 10) << 8) |
    (((b + (Math.imul(area, db) >> 10) + light) >> 10) << 16)
  );
}

/** Any pixel, ground's colour as it is. */
function anyPixel(roadSum: number, kerbSum: number, r: number, g: number, b: number, palette: Palette): number {
  let area = (roadSum << 19) >> 19;
  let light = (roadSum - area) >> 13;
  let red = (kerbSum << 19) >> 19;
  let white = (kerbSum - red) >> 13;
  if (area > ONE) {
    // Where the road crosses itself, the parts share the pixel.
    light = ((light * ONE) / area) | 0;
    red = ((red * ONE) / area) | 0;
    white = ((white * ONE) / area) | 0;
    area = ONE;
  }
  const plain = area - red;
  const free = ONE - area;
  light -= LOSS;
  const outR = ((Math.imul(free, r) >> 10) + Math.imul(plain, palette.roadR) + 255 * red + light) >> 10;
  const outG = ((Math.imul(free, g) >> 10) + Math.imul(plain, palette.roadG) + 255 * white + light) >> 10;
  const outB = ((Math.imul(free, b) >> 10) + Math.imul(plain, palette.roadB) + 255 * white + light) >> 10;
  // The loss does not go below black.
  return (outR & ~(outR >> 31)) | ((outG & ~(outG >> 31)) << 8) | ((outB & ~(outB >> 31)) << 16);
}

/** The brightness of `value` less the loss, in 1/1024, not below black. */
function dimmed(value: number): number {
  const rest = value - LOSS;
  return rest & ~(rest >> 31);
}

/**
 * Writes the rows above the gauges.
 * @param field 1 if the field fills the view, 0 if its edge is among the sums
 */
export function paint(palette: Palette, field: number): void {
  const { bgR, bgG, bgB, grassR, grassG, grassB } = palette;
  const fieldR = dimmed(bgR << 10);
  const fieldG = dimmed(bgG << 10);
  const fieldB = dimmed(bgB << 10);
  const roadR = dimmed(palette.roadR << 10);
  const roadG = dimmed(palette.roadG << 10);
  const roadB = dimmed(palette.roadB << 10);
  let w = 0;
  for (let row = 0; row < ROWS; row++) {
    let roadSum = 0;
    let kerbSum = 0;
    let groundSum = field * UPPER * ONE;
    // The ground's colour, less the loss.
    let r = field * fieldR;
    let g = field * fieldG;
    let b = field * fieldB;
    let last = groundPixel(0, r, g, b, 0, 0, 0);
    const onRoad = masks[row]!;
    const onGround = masks[ROWS + row]!;
    const onKerb = masks[2 * ROWS + row]!;
    masks[row] = 0;
    masks[ROWS + row] = 0;
    masks[2 * ROWS + row] = 0;
    let left = onRoad | onGround | onKerb;
    let group = 0;
    for (;;) {
      const next = left === 0 ? GROUPS : 31 - Math.clz32(left & -left);
      if (group < next) {
        const word0 = last | (last << 24);
        const word1 = (last >> 8) | (last << 16);
        const word2 = (last >> 16) | (last << 8);
        do {
          words[w] = word0;
          words[w + 1] = word1;
          words[w + 2] = word2;
          w += 3;
        } while (++group < next);
      }
      if (group >= GROUPS) break;
      left &= left - 1;
      const roadHere = (onRoad >> group) & 1;
      const groundHere = (onGround >> group) & 1;
      const kerbHere = (onKerb >> group) & 1;
      const cell = row * STRIDE + (group << 2);
      group++;
      let first = 0;
      let second = 0;
      let third = 0;
      if ((groundHere | kerbHere | kerbSum) === 0) {
        const dr = roadR - r;
        const dg = roadG - g;
        const db = roadB - b;
        for (let k = cell; k < cell + 4; k++) {
          roadSum = (roadSum + cells[k]!) | 0;
          cells[k] = 0;
          first = second;
          second = third;
          third = last;
          last = roadPixel(roadSum, r, g, b, dr, dg, db);
        }
      } else if ((roadHere | kerbHere | kerbSum) === 0 && (roadSum & AREA) === ONE && field === 1) {
        // All road: the ground goes on unseen.
        for (let k = GROUND_CELLS + cell; k < GROUND_CELLS + cell + 4; k++) {
          groundSum = (groundSum + cells[k]!) | 0;
          cells[k] = 0;
        }
        const grass = (groundSum << 19) >> 19;
        r = fieldR + Math.imul(grass, grassR);
        g = fieldG + Math.imul(grass, grassG);
        b = fieldB + Math.imul(grass, grassB);
        first = last;
        second = last;
        third = last;
      } else if ((roadHere | kerbHere | kerbSum | roadSum) === 0 && field === 1) {
        for (let k = GROUND_CELLS + cell; k < GROUND_CELLS + cell + 4; k++) {
          groundSum = (groundSum + cells[k]!) | 0;
          cells[k] = 0;
          first = second;
          second = third;
          third = last;
          last = groundPixel(groundSum, fieldR, fieldG, fieldB, grassR, grassG, grassB);
        }
        const grass = (groundSum << 19) >> 19;
        r = fieldR + Math.imul(grass, grassR);
        g = fieldG + Math.imul(grass, grassG);
        b = fieldB + Math.imul(grass, grassB);
      } else {
        for (let k = cell; k < cell + 4; k++) {
          if (groundHere !== 0) {
            groundSum = (groundSum + cells[GROUND_CELLS + k]!) | 0;
            cells[GROUND_CELLS + k] = 0;
            const grass = (groundSum << 19) >> 19;
            const inField = (groundSum - grass) >> 13;
            r = dimmed(Math.imul(inField, bgR) + Math.imul(grass, grassR));
            g = dimmed(Math.imul(inField, bgG) + Math.imul(grass, grassG));
            b = dimmed(Math.imul(inField, bgB) + Math.imul(grass, grassB));
          }
          if (kerbHere !== 0) {
            kerbSum = (kerbSum + cells[KERB_CELLS + k]!) | 0;
            cells[KERB_CELLS + k] = 0;
          }
          roadSum = (roadSum + cells[k]!) | 0;
          cells[k] = 0;
          first = second;
          second = third;
          third = last;
          last = anyPixel(roadSum, kerbSum, r + LOSS, g + LOSS, b + LOSS, palette);
        }
      }
      words[w] = first | (second << 24);
      words[w + 1] = (second >> 8) | (third << 16);
      words[w + 2] = (third >> 16) | (last << 8);
      w += 3;
    }
    // The cells beyond the last pixel.
    if (left !== 0) {
      for (let k = row * STRIDE + 4 * GROUPS; k < (row + 1) * STRIDE; k++) {
        cells[k] = 0;
        cells[GROUND_CELLS + k] = 0;
        cells[KERB_CELLS + k] = 0;
      }
    }
  }
}

/**
 * Paints a car over the picture: the road's sums are its wheels (area, area of white tread), the kerbs' its hull. Then copies the
 * rows to `target`, whose first 84 rows they are.
 * @param firstGroup first and last group of four pixels of each row that a car may be in
 */
export function paintCar(
  target: Uint8Array,
  firstRow: number,
  lastRow: number,
  firstGroup: number,
  lastGroup: number,
): void {
  for (let row = firstRow; row <= lastRow; row++) {
    let wheels = 0;
    let hull = 0;
    const touched = masks[row]! | masks[2 * ROWS + row]!;
    masks[row] = 0;
    masks[2 * ROWS + row] = 0;
    for (let group = firstGroup; group <= lastGroup; group++) {
      if (((touched >> group) & 1) === 0 && wheels === 0 && hull === 0) continue;
      for (let column = group << 2; column < (group << 2) + 4; column++) {
        const cell = row * STRIDE + column;
        wheels += cells[cell]!;
        hull += cells[KERB_CELLS + cell]!;
        cells[cell] = 0;
        cells[KERB_CELLS + cell] = 0;
        if (wheels === 0 && hull === 0) continue;
        const black = (wheels << 19) >> 19;
        const white = (wheels - black) >> 13;
        const over = hull < ONE ? hull : ONE;
        const keep = Math.imul(ONE - over, black < ONE ? ONE - black : 0);
        const light = Math.imul(ONE - over, Math.imul(white, TREAD));
        const at = (row * WIDTH + column) * 3;
        pixels[at] = (Math.imul(keep, pixels[at]!) + light + Math.imul(over * ONE, HULL_RED)) >> 20;
        pixels[at + 1] = (Math.imul(keep, pixels[at + 1]!) + light) >> 20;
        pixels[at + 2] = (Math.imul(keep, pixels[at + 2]!) + light) >> 20;
      }
    }
  }
  target.set(pixels);
}
