/**
 * Areas of polygons in a grid of pixels: each edge adds what it covers to a few cells, and the sum along a row is the share of each
 * pixel that lies inside (the accumulation buffer of font-rs, https://github.com/raphlinus/font-rs). Polygons that share an edge add
 * up without a seam, and what edges of one line with opposite weights add vanishes.
 *
 * All in whole numbers of 1/1024 pixel, so that the sum behind a closed polygon is exactly 0. Bit `g` of a row's mask says that a sum
 * changes in its cells 4 g to 4 g + 3. Whoever sums up a row clears it. Cell `layer + row * STRIDE + column`.
 *
 * The arrays are constants of this module, which JavaScript engines address directly: half the time of the same in objects. Whoever
 * draws sets the window first and draws from the first edge to the last pixel without a break.
 */

/** Most pixels of a row, and most rows. */
const MOST_WIDTH = 96;
const MOST_ROWS = 84;
/** Cells of a row: one more than the pixels, where edges beyond the last one end, filled up to four. */
const STRIDE = 100;
/** Cells of a layer, and how many sums there are side by side. */
const LAYER = STRIDE * MOST_ROWS;
const LAYERS = 3;
/** One whole pixel, and the bits of a fraction. */
const ONE = 1024;
const SHIFT = 10;

const cells = new Int32Array(LAYERS * LAYER);
const masks = new Int32Array(LAYERS * MOST_ROWS);

/**
 * What those who sum up need: cells of a row and of a layer, one whole pixel, the changes of the sums `[LAYERS, MOST_ROWS, STRIDE]` and
 * the masks `[LAYERS, MOST_ROWS]`. Exported bindings are no constants to the engine, not even here: copy them to some of your own.
 */
export const coverage = { STRIDE, LAYER, ONE, cells, masks } as const;

let width = MOST_WIDTH;
let rows = MOST_ROWS;
let layerCells = 0;
let layerMasks = 0;
let layerWeight = 1;

/** The pixels of a row, a multiple of four, and the rows of the pictures to come. */
export function setWindow(pixels: number, lines: number): void {
  width = pixels;
  rows = lines;
}

/** Which layer the next edges change, and by how much inside. */
export function aim(layer: number, weight: number): void {
  layerCells = layer * LAYER;
  layerMasks = layer * MOST_ROWS;
  layerWeight = weight;
}

/**
 * The edge from `(x0, y0)` to `(x1, y1)` of a polygon that is wound counter-clockwise as one sees it: whole numbers of 1/1024
 * pixel (a call with fractions would allocate), y down.
 */
export function edge(x0: number, y0: number, x1: number, y1: number): void {
  if (y0 < y1) downward(x0, y0, x1, y1, layerWeight);
  else if (y0 > y1) downward(x1, y1, x0, y0, -layerWeight);
}

/** Cuts off what lies outside the rows and columns, and adds the rest row by row. */
function downward(x0: number, y0: number, x1: number, y1: number, weight: number): void {
  // Whole numbers for certain: the engine would keep fractions that are mixed with anything else on the heap.
  const columns = width | 0;
  const bottom = (rows | 0) * ONE;
  if (y1 <= 0 || y0 >= bottom || (x0 >= columns * ONE && x1 >= columns * ONE)) return;
  // Pixels for each 1/1024 of a row; x in pixels from here on.
  const slope = (x1 - x0) / (y1 - y0) / ONE;
  let x = x0 / ONE;
  let end = x1 / ONE;
  let y = y0;
  let last = y1;
  if (y < 0) {
    x -= slope * y;
    y = 0;
  }
  if (last > bottom) {
    end -= slope * (last - bottom);
    last = bottom;
  }
  // What is left of the first column covers all of a row, what is right of the last one nothing.
  if (x <= 0 && end <= 0) {
    beside(y, last, weight);
    return;
  }
  if (x >= columns && end >= columns) return;
  if (x < 0) {
    const cut = Math.min(last, (y - x / slope) | 0);
    beside(y, cut, weight);
    x = 0;
    y = cut;
  } else if (x > columns) {
    y = Math.min(last, (y + (columns - x) / slope) | 0);
    x = columns;
  }
  if (end < 0) {
    const cut = Math.max(y, (last - end / slope) | 0);
    beside(cut, last, weight);
    end = 0;
    last = cut;
  } else if (end > columns) {
    last = Math.max(y, (last - (end - columns) / slope) | 0);
    end = columns;
  }
  const base = layerCells;
  const maskBase = layerMasks;
  const low = x < end ? x : end;
  const high = x < end ? end : x;
  while (y < last) {
    const row = y >> SHIFT;
    const below = (row + 1) << SHIFT;
    const d = (below < last ? below : last) - y;
    y += d;
    let next = x + slope * d;
    // Rounding must not carry it beyond its own ends, and so out of the grid.
    if (next < low) next = low;
    else if (next > high) next = high;
    const left = x < next ? x : next;
    const right = x < next ? next : x;
    x = next;
    const first = left | 0;
    let cell = base + row * STRIDE + first;
    if (right <= first + 1) {
      const second = (d * (0.5 * (left + right) - first)) | 0;
      masks[maskBase + row] = masks[maskBase + row]! | (1 << (first >> 2)) | (1 << ((first + 1) >> 2));
      cells[cell] = cells[cell]! + Math.imul(d - second, weight);
      cells[cell + 1] = cells[cell + 1]! + Math.imul(second, weight);
      continue;
    }
    // What lies right of the edge in each cell, summed from the left: a square law in the first and last cell, linear between.
    const share = d / (right - left);
    const inFirst = first + 1 - left;
    let sum = 0.5 * share * inFirst * inFirst;
    let before = sum | 0;
    cells[cell] = cells[cell]! + Math.imul(before, weight);
    const final = Math.ceil(right) - 1;
    masks[maskBase + row] = masks[maskBase + row]! | ((2 << ((final + 1) >> 2)) - (1 << (first >> 2)));
    sum = share * (inFirst + 0.5);
    for (let column = first + 1; column < final; column++) {
      cell++;
      const whole = sum | 0;
      cells[cell] = cells[cell]! + Math.imul(whole - before, weight);
      before = whole;
      sum += share;
    }
    const inLast = right - final;
    const whole = (d - 0.5 * share * inLast * inLast) | 0;
    cells[cell + 1] = cells[cell + 1]! + Math.imul(whole - before, weight);
    cells[cell + 2] = cells[cell + 2]! + Math.imul(d - whole, weight);
  }
}

/** A stretch of an edge left of the first column. */
function beside(y0: number, y1: number, weight: number): void {
  for (let y = y0; y < y1; ) {
    const row = y >> SHIFT;
    const end = Math.min((row + 1) << SHIFT, y1);
    const cell = layerCells + row * STRIDE;
    cells[cell] = cells[cell]! + (end - y) * weight;
    masks[layerMasks + row] = masks[layerMasks + row]! | 1;
    y = end;
  }
}
