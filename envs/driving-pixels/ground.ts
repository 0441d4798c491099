/**
 * What lies flat: grass in mown stripes, barriers seen from above, gravel, asphalt, kerbs, lines and the finish line, for both views.
 *
 * Hot path: nothing is allocated. The scratch is shared by all pictures, each of which is finished before the next begins.
 */
import { aim } from '../../src/render/coverage.js';
import { CONSTANTS } from '../driving/constants.js';
import { TRACK_POINTS, type Track } from '../driving/track.js';
import { type Canvas, fill } from './fill.js';
import { ASPHALT, BLACK, DASH, GRAVEL, MOWN, RED, WHITE } from './inks.js';
import { BARRIER, type Roadside } from './roadside.js';
import { outline, view } from './view.js';

const VERGE = CONSTANTS.VERGE.value;
/** Width of a stripe of grass, m, and how far it leans: m to the right for each metre up. */
const STRIPE = 9;
const LEAN = 0.35;
const LEAN_LENGTH = Math.sqrt(1 + LEAN * LEAN);
/** Half the length of a drawn stripe, m: beyond every view. */
const STRIPE_REACH = 400;
/** Width of the line along the edge of the road, m. */
const EDGE_LINE = 0.3;
/** Half the width of a dash in the middle, m. */
const DASH_HALF = 0.14;
/** Inner and outer distance of a kerb from the edge of the road, m. */
const KERB_INNER = 0.2;
const KERB_OUTER = 0.6;
/** Through the windscreen all points of the road count up to the first distance, and every fourth is enough beyond the second, m. */
const NEAR_BENDS = 15;
const FAR_BENDS = 50;
/** Chequers of the finish line: their rows, and their size, m. */
const CHEQUER_ROWS = 2;
const CHEQUER = 1;

/** Bands along the road by the distances of their sides to the left of its middle. */
const BARRIERS = 0;
const GRAVELS = 1;
const ROAD = 2;
const LANES = 3;
const DASHES = 4;
const LEFT_KERB = 5;
const RIGHT_KERB = 6;
const FINISH = 7;

/** The centre line in the camera's axes, m, where it is in view, and one metre to its left `[TRACK_POINTS]`. */
const pointU = new Float64Array(TRACK_POINTS);
const pointV = new Float64Array(TRACK_POINTS);
const leftU = new Float64Array(TRACK_POINTS);
const leftV = new Float64Array(TRACK_POINTS);
const { points } = view;

/** The camera: where it is, m, and the sine and cosine of its direction. */
export interface Camera {
  x: number;
  y: number;
  sine: number;
  cosine: number;
}

/** Draws the ground of one track; which bins are in view is found before. */
export class Ground {
  readonly #canvas: Canvas;
  /** Seen from above, barriers lie flat, and a pixel is as wide everywhere. */
  readonly #above: boolean;
  readonly #roadside: Roadside;
  /** Right and left side of each band, m. */
  readonly #sides = new Float64Array(2 * (FINISH + 1));
  #track: Track | null = null;
  #seen = 0;

  constructor(canvas: Canvas, roadside: Roadside, above: boolean) {
    this.#canvas = canvas;
    this.#roadside = roadside;
    this.#above = above;
  }

  begin(track: Track): void {
    this.#track = track;
    const half = track.halfWidth;
    const sides = this.#sides;
    const band = (k: number, right: number, left: number): void => {
      sides[2 * k] = right;
      sides[2 * k + 1] = left;
    };
    band(BARRIERS, -half - BARRIER, half + BARRIER);
    band(GRAVELS, -half - VERGE, half + VERGE);
    band(ROAD, -half, half);
    band(LANES, EDGE_LINE - half, half - EDGE_LINE);
    band(DASHES, -DASH_HALF, DASH_HALF);
    band(LEFT_KERB, half - KERB_INNER, half + KERB_OUTER);
    band(RIGHT_KERB, -half - KERB_OUTER, KERB_INNER - half);
    band(FINISH, EDGE_LINE - half, half - EDGE_LINE);
  }

  /**
   * Draws over grass.
   * @param seen bins in view.
   * @param ahead and `far`: stripes are drawn within `far` m of the point `ahead` m before the camera.
   */
  draw(camera: Camera, seen: number, ahead: number, far: number): void {
    const canvas = this.#canvas;
    this.#seen = seen;
    aim(0, 1);
    this.#stripes(camera, ahead, far);
    fill(canvas, MOWN);
    this.#turn(camera);
    if (this.#above) {
      // What the gravel covers need not be left out.
      this.#ribbon(BARRIERS);
      fill(canvas, WHITE);
    }
    this.#ribbon(GRAVELS);
    fill(canvas, GRAVEL);
    this.#ribbon(ROAD);
    fill(canvas, WHITE);
    this.#ribbon(LANES);
    fill(canvas, ASPHALT);
    this.#pieces(DASHES, 0);
    fill(canvas, DASH);
    this.#kerbs(0);
    fill(canvas, WHITE);
    this.#kerbs(1);
    fill(canvas, RED);
    if (this.#roadside.bins.isVisible(0) || this.#roadside.bins.isVisible(TRACK_POINTS - 1)) this.#finishLine();
  }

  /** Takes the points in view to the camera's axes, and the first one of the bin after each. */
  #turn({ x, y, sine, cosine }: Camera): void {
    const track = this.#track!;
    const { bins } = this.#roadside;
    for (let b = 0; b < this.#seen; b++) {
      const start = bins.start(bins.visible[b]!);
      for (let k = start; k <= start + bins.size; k++) {
        const p = k === TRACK_POINTS ? 0 : k;
        const dx = track.x[p]! - x;
        const dy = track.y[p]! - y;
        const tx = track.tangentX[p]!;
        const ty = track.tangentY[p]!;
        pointU[p] = sine * dx - cosine * dy;
        pointV[p] = cosine * dx + sine * dy;
        leftU[p] = -sine * ty - cosine * tx;
        leftV[p] = sine * tx - cosine * ty;
      }
    }
  }

  /** Adds a band along the road. */
  #ribbon(band: number): void {
    const { bins, bendy } = this.#roadside;
    for (let b = 0; b < this.#seen; b++) {
      const start = bins.start(bins.visible[b]!);
      const stride = bendy[bins.visible[b]!] === 1 ? 2 : 4;
      // Through the windscreen bends are rounder where they are near.
      const v = this.#above ? NEAR_BENDS : pointV[start]!;
      this.#stretch(band, start, bins.size, v < NEAR_BENDS ? 1 : v < FAR_BENDS ? stride : 4);
    }
  }

  /** Adds a stretch of a band from point `start` on over `length` points, with a cross-section every `stride` points. */
  #stretch(band: number, start: number, length: number, stride: number): void {
    const right = this.#sides[2 * band]!;
    const left = this.#sides[2 * band + 1]!;
    const corners = length / stride + 1;
    // Along the right side, and back along the left one.
    let ahead = 0;
    let back = 3 * (2 * corners - 1);
    for (let k = start; k <= start + length; k += stride) {
      const p = k === TRACK_POINTS ? 0 : k;
      points[ahead] = pointU[p]! + right * leftU[p]!;
      points[ahead + 1] = pointV[p]! + right * leftV[p]!;
      points[ahead + 2] = 0;
      points[back] = pointU[p]! + left * leftU[p]!;
      points[back + 1] = pointV[p]! + left * leftV[p]!;
      points[back + 2] = 0;
      ahead += 3;
      back -= 3;
    }
    outline(2 * corners);
  }

  /** Adds every other piece, two points long, of a band: the even ones or the odd ones. */
  #pieces(band: number, odd: number): void {
    const { bins } = this.#roadside;
    for (let b = 0; b < this.#seen; b++) {
      const start = bins.start(bins.visible[b]!);
      for (let p = start + 2 * odd; p < start + bins.size; p += 4) this.#stretch(band, p, 2, 2);
    }
  }

  /** Adds the white (0) or red (1) pieces of the kerbs. */
  #kerbs(odd: number): void {
    const { bins, kerbs } = this.#roadside;
    for (let b = 0; b < this.#seen; b++) {
      const start = bins.start(bins.visible[b]!);
      for (let p = start + 2 * odd; p < start + bins.size; p += 4) {
        if ((kerbs[p]! & 1) !== 0) this.#stretch(LEFT_KERB, p, 2, 2);
        if ((kerbs[p]! & 2) !== 0) this.#stretch(RIGHT_KERB, p, 2, 2);
      }
    }
  }

  /** A white band across the road at point 0 with black chequers. */
  #finishLine(): void {
    const canvas = this.#canvas;
    this.#chequers(0, CHEQUER_ROWS, 0, 1, 1);
    fill(canvas, WHITE);
    const columns = Math.round((this.#sides[2 * FINISH + 1]! - this.#sides[2 * FINISH]!) / CHEQUER);
    for (let row = 0; row < CHEQUER_ROWS; row++) {
      for (let column = row & 1; column < columns; column += 2)
        this.#chequers(row, row + 1, column, column + 1, columns);
    }
    fill(canvas, BLACK);
  }

  /** Adds a rectangle of the finish line: rows along the road, columns of so many across it from the right. */
  #chequers(firstRow: number, endRow: number, firstColumn: number, endColumn: number, columns: number): void {
    const right = this.#sides[2 * FINISH]!;
    const wide = (this.#sides[2 * FINISH + 1]! - right) / columns;
    const lu = leftU[0]!;
    const lv = leftV[0]!;
    for (let corner = 0; corner < 4; corner++) {
      const row = corner === 1 || corner === 2 ? endRow : firstRow;
      const along = (row - CHEQUER_ROWS / 2) * CHEQUER;
      const left = right + wide * (corner < 2 ? firstColumn : endColumn);
      // Ahead is to the right of left: u and v are turned by a right angle.
      points[3 * corner] = pointU[0]! + left * lu + along * lv;
      points[3 * corner + 1] = pointV[0]! + left * lv - along * lu;
      points[3 * corner + 2] = 0;
    }
    outline(4);
  }

  /** Adds the stripes of grass that pass within `far` m of the point `ahead` m before the camera. */
  #stripes({ x, y, sine, cosine }: Camera, ahead: number, far: number): void {
    const middleX = x + cosine * ahead;
    const middleY = y + sine * ahead;
    // Stripe k has k STRIPE <= x - LEAN y < (k + 1) STRIPE; even ones are mown.
    const across = middleX - LEAN * middleY;
    const reach = far * LEAN_LENGTH;
    const first = 2 * Math.floor((across - reach) / (2 * STRIPE));
    // Half a stripe's length along it, and its width across, in the camera's axes.
    const alongU = STRIPE_REACH * (sine * LEAN - cosine);
    const alongV = STRIPE_REACH * (cosine * LEAN + sine);
    for (let k = first; k * STRIPE < across + reach; k += 2) {
      const dx = k * STRIPE - across + middleX - x;
      const dy = middleY - y;
      const u = sine * dx - cosine * dy;
      const v = cosine * dx + sine * dy;
      for (let corner = 0; corner < 4; corner++) {
        const end = corner === 1 || corner === 2 ? 1 : -1;
        const wide = corner < 2 ? 0 : STRIPE;
        points[3 * corner] = u + end * alongU + wide * sine;
        points[3 * corner + 1] = v + end * alongV + wide * cosine;
        points[3 * corner + 2] = 0;
      }
      outline(4);
    }
  }
}
