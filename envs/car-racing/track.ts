/**
 * The road: a random closed track of tiles, Gymnasium's `_create_track` with its draws in their order, so that the same seed
 * gives the same track.
 *
 * Tile `i` is the quadrilateral between point `i - 1` and point `i`; a point is a place on the centre line and the direction
 * `beta` of the road's cross-section there: to the right of the driving direction `(-sin beta, cos beta)`.
 */
import type { Generator } from '../../src/core/seeding/generator.js';
import { CONSTANTS } from './constants.js';

const TRACK_RAD = CONSTANTS.TRACK_RAD.value;
const STEP = CONSTANTS.TRACK_DETAIL_STEP.value;
const TURN_RATE = CONSTANTS.TRACK_TURN_RATE.value;
const WIDTH = CONSTANTS.TRACK_WIDTH.value;
const BORDER_MIN_COUNT = CONSTANTS.BORDER_MIN_COUNT.value;
const CHECKPOINTS = CONSTANTS.CHECKPOINTS.value;
/** Factor of the projection in the steering of the track: the original's SCALE. */
const SCALE = 6;
/** No track has more points: the search for a closed one gives up there. */
const MOST_POINTS = 2500;
/** Nearly every track has fewer tiles. */
const ROOM = 400;
const START_ALPHA = (2 * Math.PI * -0.5) / CHECKPOINTS;

/** Scratch of a track in the making; JavaScript runs one at a time. */
const alphas = new Float64Array(MOST_POINTS);
const betas = new Float64Array(MOST_POINTS);
const xs = new Float64Array(MOST_POINTS);
const ys = new Float64Array(MOST_POINTS);
const checkpoints = new Float64Array(3 * CHECKPOINTS);

/** A track. Its arrays are reused by the next `build` where they suffice: the first `count` elements count. */
export class Track {
  /** Number of tiles, and of points. */
  count = 0;
  /** Direction of the cross-section at each point, rad. */
  beta: Float64Array = new Float64Array(0);
  /** Centre line, m. */
  x: Float64Array = new Float64Array(0);
  y: Float64Array = new Float64Array(0);
  /** Cosine and sine of `beta`. */
  acrossX: Float64Array = new Float64Array(0);
  acrossY: Float64Array = new Float64Array(0);
  /** Side of a tile's kerb: 1 right, -1 left, 0 none. */
  kerb: Int8Array = new Int8Array(0);

  /** Draws tracks until one closes. */
  build(rng: Generator): void {
    while (!this.#try(rng));
  }

  /** One corner of tile `i`, m: the one `side` (-1 left, 1 right) at its end (`ahead` 0) or its start (-1). */
  cornerX(i: number, side: number, ahead: number): number {
    const p = this.#point(i + ahead);
    return side < 0 ? this.x[p]! - WIDTH * this.acrossX[p]! : this.x[p]! + WIDTH * this.acrossX[p]!;
  }

  cornerY(i: number, side: number, ahead: number): number {
    const p = this.#point(i + ahead);
    return side < 0 ? this.y[p]! - WIDTH * this.acrossY[p]! : this.y[p]! + WIDTH * this.acrossY[p]!;
  }

  /** The four corners of tile `i`, m, in the original's order. */
  tile(i: number): [number, number][] {
    return [
      [this.cornerX(i, -1, 0), this.cornerY(i, -1, 0)],
      [this.cornerX(i, 1, 0), this.cornerY(i, 1, 0)],
      [this.cornerX(i, 1, -1), this.cornerY(i, 1, -1)],
      [this.cornerX(i, -1, -1), this.cornerY(i, -1, -1)],
    ];
  }

  #reserve(count: number): void {
    if (this.kerb.length >= count) return;
    const room = Math.max(ROOM, count + 50);
    this.beta = new Float64Array(room);
    this.x = new Float64Array(room);
    this.y = new Float64Array(room);
    this.acrossX = new Float64Array(room);
    this.acrossY = new Float64Array(room);
    this.kerb = new Int8Array(room);
  }

  #point(i: number): number {
    return i < 0 ? i + this.count : i;
  }

  #try(rng: Generator): boolean {
    drawCheckpoints(rng);
    const points = walk();
    // The last whole round: the first one starts off the loop.
    let last = -1;
    let first = -1;
    for (let i = points - 1; ; i--) {
      if (i === 0) return false;
      if (!(alphas[i]! > START_ALPHA && alphas[i - 1]! <= START_ALPHA)) continue;
      if (last === -1) last = i;
      else {
        first = i;
        break;
      }
    }
    const count = last - 1 - first;
    const end = last - 2;
    const dx = Math.cos(betas[first]!) * (xs[first]! - xs[end]!);
    const dy = Math.sin(betas[first]!) * (ys[first]! - ys[end]!);
    if (Math.sqrt(dx * dx + dy * dy) > STEP) return false;
    this.#reserve(count);
    this.count = count;
    for (let i = 0; i < count; i++) {
      const beta = betas[first + i]!;
      this.beta[i] = beta;
      this.x[i] = xs[first + i]!;
      this.y[i] = ys[first + i]!;
      this.acrossX[i] = Math.cos(beta);
      this.acrossY[i] = Math.sin(beta);
    }
    this.#markKerbs();
    return true;
  }

  /** Kerbs where four tiles in a row turn hard to one side. The order of the two loops is the original's: marks run on through the start. */
  #markKerbs(): void {
    const { count, beta, kerb } = this;
    for (let i = 0; i < count; i++) {
      let good = true;
      let oneSide = 0;
      for (let k = 0; k < BORDER_MIN_COUNT; k++) {
        const turn = beta[this.#point(i - k)]! - beta[this.#point(i - k - 1)]!;
        good &&= Math.abs(turn) > TURN_RATE * 0.2;
        oneSide += Math.sign(turn);
      }
      kerb[i] = good && Math.abs(oneSide) === BORDER_MIN_COUNT ? 1 : 0;
    }
    for (let i = 0; i < count; i++) {
      if (kerb[i] === 0) continue;
      for (let k = 0; k < BORDER_MIN_COUNT; k++) kerb[this.#point(i - k)] = 1;
    }
    for (let i = 0; i < count; i++) {
      if (kerb[i] !== 0) kerb[i] = Math.sign(beta[this.#point(i - 1)]! - beta[i]!);
    }
  }
}

/** Draws the points that the track heads for: angle, x, y. */
function drawCheckpoints(rng: Generator): void {
  for (let c = 0; c < CHECKPOINTS; c++) {
    const noise = rng.uniform(0, (2 * Math.PI * 1) / CHECKPOINTS);
    let alpha = (2 * Math.PI * c) / CHECKPOINTS + noise;
    let radius = rng.uniform(TRACK_RAD / 3, TRACK_RAD);
    if (c === 0) {
      alpha = 0;
      radius = 1.5 * TRACK_RAD;
    }
    if (c === CHECKPOINTS - 1) {
      alpha = (2 * Math.PI * c) / CHECKPOINTS;
      radius = 1.5 * TRACK_RAD;
    }
    checkpoints[3 * c] = alpha;
    checkpoints[3 * c + 1] = radius * Math.cos(alpha);
    checkpoints[3 * c + 2] = radius * Math.sin(alpha);
  }
}

/** Walks from checkpoint to checkpoint for some rounds, writes the points and returns their number. */
function walk(): number {
  let x = 1.5 * TRACK_RAD;
  let y = 0;
  let beta = 0;
  let destination = 0;
  let laps = 0;
  let visitedOtherSide = false;
  for (let k = 0; ; ) {
    let alpha = Math.atan2(y, x);
    if (visitedOtherSide && alpha > 0) {
      laps++;
      visitedOtherSide = false;
    }
    if (alpha < 0) {
      visitedOtherSide = true;
      alpha += 2 * Math.PI;
    }
    for (;;) {
      let failed = true;
      for (;;) {
        if (alpha <= checkpoints[3 * (destination % CHECKPOINTS)]!) {
          failed = false;
          break;
        }
        destination++;
        if (destination % CHECKPOINTS === 0) break;
      }
      if (!failed) break;
      alpha -= 2 * Math.PI;
    }
    const c = Math.cos(beta);
    const s = Math.sin(beta);
    const at = 3 * (destination % CHECKPOINTS);
    const dx = checkpoints[at + 1]! - x;
    const dy = checkpoints[at + 2]! - y;
    const projection = (c * dx + s * dy) * SCALE;
    while (beta - alpha > 1.5 * Math.PI) beta -= 2 * Math.PI;
    while (beta - alpha < -1.5 * Math.PI) beta += 2 * Math.PI;
    const before = beta;
    if (projection > 0.3) beta -= Math.min(TURN_RATE, Math.abs(0.001 * projection));
    if (projection < -0.3) beta += Math.min(TURN_RATE, Math.abs(0.001 * projection));
    x += -s * STEP;
    y += c * STEP;
    alphas[k] = alpha;
    betas[k] = before * 0.5 + beta * 0.5;
    xs[k] = x;
    ys[k] = y;
    k++;
    if (laps > 4 || k === MOST_POINTS) return k;
  }
}
