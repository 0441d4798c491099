/**
 * Ray casts against static line segments: a uniform grid of cells, walked cell by cell along the ray (Amanatides and Woo,
 * "A fast voxel traversal algorithm for ray tracing", 1987). Flat typed arrays; a cast allocates nothing.
 *
 * Layout: segment `i` is `segments[4 i .. 4 i + 3]` = x0, y0, x1, y1 (m). The segments that may touch cell `c`
 * (`c = row * columns + column`) are `items[starts[c] .. starts[c + 1]]`.
 */
import { usageError } from '../core/errors.js';

/** Components of a direction below this count as 0 for the walk through the cells: over 100 m it drifts 1e-10 m. */
const ALONG_AXIS = 1e-12;
/** A ray along a segment, to rounding, does not see it: the crossing would be noise. */
const PARALLEL = 1e-12;
/** How far beyond its ends a segment still stops a ray, as a share of its length: no ray slips between two that meet. */
const END_TOLERANCE = 1e-9;
/** How near to a cell, in cells, a segment counts as in it: rounding cannot part a segment on a border from a ray along it. */
const CELL_TOLERANCE = 1e-9;

/** Static segments that rays are cast against. `build` may be called again: it reuses its arrays where they suffice. */
export class SegmentGrid {
  /** Edge of a cell, m. */
  readonly cellSize: number;
  segments: Float64Array = new Float64Array(0);
  /** Number of segments. */
  count = 0;
  #columns = 0;
  #rows = 0;
  #minX = 0;
  #minY = 0;
  #starts: Int32Array = new Int32Array(1);
  #items: Int32Array = new Int32Array(0);

  /**
   * @param cellSize - edge of a cell, m; a few times the length of a typical segment is fast.
   * @throws `INVALID_GRID` unless it is positive and finite.
   */
  constructor(cellSize: number) {
    if (!(cellSize > 0 && Number.isFinite(cellSize))) {
      throw usageError('INVALID_GRID', `Expected a positive cell size in metres, got ${cellSize}.`, {
        got: String(cellSize),
      });
    }
    this.cellSize = cellSize;
  }

  /**
   * Takes the first `count` segments of `segments` [count, 4] (m), which the grid then reads and does not copy.
   * @throws `INVALID_GRID` if the array is too short or a number is not finite.
   */
  build(segments: Float64Array, count: number = segments.length >> 2): void {
    if (segments.length < count * 4) {
      throw usageError('INVALID_GRID', `Expected ${count * 4} numbers for ${count} segments, got ${segments.length}.`, {
        expected: String(count * 4),
        got: String(segments.length),
      });
    }
    let minX = Number.POSITIVE_INFINITY;
    let minY = Number.POSITIVE_INFINITY;
    let maxX = Number.NEGATIVE_INFINITY;
    let maxY = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < count * 4; i += 2) {
      const x = segments[i]!;
      const y = segments[i + 1]!;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
      if (!(x - x === 0 && y - y === 0)) {
        throw usageError('INVALID_GRID', `Expected finite segment ends, got (${x}, ${y}) in segment ${i >> 2}.`);
      }
    }
    this.segments = segments;
    this.count = count;
    this.#minX = count > 0 ? minX : 0;
    this.#minY = count > 0 ? minY : 0;
    this.#columns = count > 0 ? Math.floor((maxX - minX) / this.cellSize) + 1 : 0;
    this.#rows = count > 0 ? Math.floor((maxY - minY) / this.cellSize) + 1 : 0;
    this.#fill();
  }

  /** Sorts the segments into the cells of their bounding boxes: counts per cell, then places (a counting sort). */
  #fill(): void {
    const { segments, count } = this;
    const columns = this.#columns;
    const cells = columns * this.#rows;
    if (this.#starts.length < cells + 1) this.#starts = new Int32Array(cells + 1);
    const starts = this.#starts;
    starts.fill(0, 0, cells + 1);
    const minX = this.#minX;
    const minY = this.#minY;
    const perMetre = 1 / this.cellSize;
    const lastColumn = columns - 1;
    const lastRow = this.#rows - 1;
    let items = this.#items;
    // Pass 0 counts in starts[c + 1]; pass 1 places from the back, which leaves starts[c] at the first item of cell c.
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < count; i++) {
        const x0 = segments[i * 4]!;
        const y0 = segments[i * 4 + 1]!;
        const x1 = segments[i * 4 + 2]!;
        const y1 = segments[i * 4 + 3]!;
        const left = Math.min((Math.min(x0, x1) - minX) * perMetre - CELL_TOLERANCE, lastColumn) | 0;
        const right = Math.min((Math.max(x0, x1) - minX) * perMetre + CELL_TOLERANCE, lastColumn) | 0;
        const bottom = Math.min((Math.min(y0, y1) - minY) * perMetre - CELL_TOLERANCE, lastRow) | 0;
        const top = Math.min((Math.max(y0, y1) - minY) * perMetre + CELL_TOLERANCE, lastRow) | 0;
        for (let row = bottom; row <= top; row++) {
          for (let cell = row * columns + left; cell <= row * columns + right; cell++) {
            if (pass === 0) starts[cell]!++;
            else items[--starts[cell]!] = i;
          }
        }
      }
      if (pass === 0) {
        let total = 0;
        for (let cell = 0; cell < cells; cell++) {
          total += starts[cell]!;
          starts[cell] = total;
        }
        starts[cells] = total;
        if (items.length < total) items = new Int32Array(total + (total >> 2));
      }
    }
    this.#items = items;
  }

  /**
   * Distance, m, from `(ox, oy)` along the unit vector `(dx, dy)` to the nearest segment, or `maxDistance` if none is nearer.
   * The origin may lie anywhere, outside the grid too.
   */
  cast(ox: number, oy: number, dx: number, dy: number, maxDistance: number): number {
    const { segments, cellSize } = this;
    const starts = this.#starts;
    const items = this.#items;
    const columns = this.#columns;
    const rows = this.#rows;
    // From here on lengths along the grid's axes count from its corner.
    const x = ox - this.#minX;
    const y = oy - this.#minY;
    // A direction along an axis, to rounding, walks along it: a drift of 1e-16 must not leave the grid at its very border.
    const gx = dx < ALONG_AXIS && dx > -ALONG_AXIS ? 0 : dx;
    const gy = dy < ALONG_AXIS && dy > -ALONG_AXIS ? 0 : dy;
    const inverseX = 1 / gx;
    const inverseY = 1 / gy;
    let enter = 0;
    if (x < 0 || y < 0 || x >= columns * cellSize || y >= rows * cellSize) {
      enter = this.#entry(x, y, gx, gy);
      if (!(enter < maxDistance)) return maxDistance;
    }
    let column = Math.floor((x + gx * enter) / cellSize);
    let row = Math.floor((y + gy * enter) / cellSize);
    if (column < 0) column = 0;
    else if (column >= columns) column = columns - 1;
    if (row < 0) row = 0;
    else if (row >= rows) row = rows - 1;
    const stepX = gx > 0 ? 1 : -1;
    const stepY = gy > 0 ? 1 : -1;
    // Distance along the ray at which it leaves the present cell through a vertical or a horizontal side.
    let nextX = gx === 0 ? Number.POSITIVE_INFINITY : ((column + (gx > 0 ? 1 : 0)) * cellSize - x) * inverseX;
    let nextY = gy === 0 ? Number.POSITIVE_INFINITY : ((row + (gy > 0 ? 1 : 0)) * cellSize - y) * inverseY;
    const deltaX = gx === 0 ? Number.POSITIVE_INFINITY : cellSize * Math.abs(inverseX);
    const deltaY = gy === 0 ? Number.POSITIVE_INFINITY : cellSize * Math.abs(inverseY);
    let best = maxDistance;
    while (column >= 0 && row >= 0 && column < columns && row < rows) {
      const cell = row * columns + column;
      const end = starts[cell + 1]!;
      for (let k = starts[cell]!; k < end; k++) {
        const i = items[k]! * 4;
        const ax = segments[i]!;
        const ay = segments[i + 1]!;
        const ex = segments[i + 2]! - ax;
        const ey = segments[i + 3]! - ay;
        const across = dx * ey - dy * ex;
        if (across < PARALLEL && across > -PARALLEL) continue;
        const px = ax - ox;
        const py = ay - oy;
        const distance = (px * ey - py * ex) / across;
        if (distance < 0 || distance >= best) continue;
        const along = (px * dy - py * dx) / across;
        if (along >= -END_TOLERANCE && along <= 1 + END_TOLERANCE) best = distance;
      }
      if (nextX < nextY) {
        if (nextX >= best) return best;
        column += stepX;
        nextX += deltaX;
      } else {
        if (nextY >= best) return best;
        row += stepY;
        nextY += deltaY;
      }
    }
    return best;
  }

  /** Distance along a ray that begins outside the grid to where it enters it; infinite if it passes by. */
  #entry(x: number, y: number, dx: number, dy: number): number {
    const width = this.#columns * this.cellSize;
    const height = this.#rows * this.cellSize;
    let near = 0;
    let far = Number.POSITIVE_INFINITY;
    if (dx !== 0) {
      const a = -x / dx;
      const b = (width - x) / dx;
      near = Math.max(near, Math.min(a, b));
      far = Math.min(far, Math.max(a, b));
    } else if (x < 0 || x > width) return Number.POSITIVE_INFINITY;
    if (dy !== 0) {
      const a = -y / dy;
      const b = (height - y) / dy;
      near = Math.max(near, Math.min(a, b));
      far = Math.min(far, Math.max(a, b));
    } else if (y < 0 || y > height) return Number.POSITIVE_INFINITY;
    // A ray that touches a corner of the grid leaves where it enters, to rounding.
    return near <= far + CELL_TOLERANCE * this.cellSize ? near : Number.POSITIVE_INFINITY;
  }
}
