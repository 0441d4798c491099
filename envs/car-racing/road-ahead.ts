/** Where the car is along the road, and how the road goes on from there: for scripted drivers and the lidar's observation. */
import { CONSTANTS } from './constants.js';
import type { Track } from './track.js';

const STEP = CONSTANTS.TRACK_DETAIL_STEP.value;
/** Distances along the centre line, m, at which the road ahead is looked at. */
export const LOOK_AHEAD: readonly number[] = [5, 10, 15, 20, 25, 30, 40, 50, 60, 75];
/** Points in which the nearest one is looked for, from the last one: backwards and forwards. A step is less than two points. */
const BACK = 4;
const FORTH = 6;
/** Farther than this from the last place, m, the nearest point of the whole road is looked for. */
const LOST = 25;

/** Follows one car on one track. */
export class RoadAhead {
  /** Point of the centre line that is nearest to the car. */
  nearest = 0;
  /** Distance from the centre line, m, positive to the left. */
  offset = 0;
  /** Direction of the car relative to the road, rad, positive to the left, from -pi to pi. */
  heading = 0;
  /** For each distance, how far to the left of the car's axis the road is there, as a share of the distance. */
  readonly bearing: Float64Array = new Float64Array(LOOK_AHEAD.length);
  /** For each distance the road's mean curvature from the distance before (or the car) to it, 1/m, positive to the left. */
  readonly curvature: Float64Array = new Float64Array(LOOK_AHEAD.length);

  /** Starts at the first point. */
  begin(): void {
    this.nearest = 0;
  }

  /** Looks from `(x, y)`, m, along `angle`, rad from +y. Returns itself. */
  look(track: Track, x: number, y: number, angle: number): this {
    const { count } = track;
    this.#follow(track, x, y);
    const p = this.nearest;
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    const px = x - track.x[p]!;
    const py = y - track.y[p]!;
    const ax = track.acrossX[p]!;
    const ay = track.acrossY[p]!;
    this.offset = -(ax * px + ay * py);
    this.heading = Math.atan2(s * ax - c * ay, c * ax + s * ay);
    // The nearest point may lie a little behind the car or ahead of it.
    const along = (ax * py - ay * px) / STEP;
    let fromX = ax;
    let fromY = ay;
    let from = 0;
    for (let k = 0; k < LOOK_AHEAD.length; k++) {
      const distance = LOOK_AHEAD[k]!;
      const at = p + along + distance / STEP;
      const whole = Math.floor(at);
      const share = at - whole;
      const i = wrapped(whole, count);
      const j = i + 1 === count ? 0 : i + 1;
      const dx = track.x[i]! + share * (track.x[j]! - track.x[i]!) - x;
      const dy = track.y[i]! + share * (track.y[j]! - track.y[i]!) - y;
      this.bearing[k] = -(c * dx + s * dy) / distance;
      const toX = track.acrossX[i]! + share * (track.acrossX[j]! - track.acrossX[i]!);
      const toY = track.acrossY[i]! + share * (track.acrossY[j]! - track.acrossY[i]!);
      const turn = Math.atan2(fromX * toY - fromY * toX, fromX * toX + fromY * toY);
      this.curvature[k] = turn / (distance - from);
      fromX = toX;
      fromY = toY;
      from = distance;
    }
    return this;
  }

  #follow(track: Track, x: number, y: number): void {
    const { count } = track;
    let best = Number.POSITIVE_INFINITY;
    let found = 0;
    for (let k = -BACK; k <= FORTH; k++) {
      const i = wrapped(this.nearest + k, count);
      const square = squareDistance(track, i, x, y);
      if (square < best) {
        best = square;
        found = i;
      }
    }
    if (best > LOST * LOST) {
      for (let i = 0; i < count; i++) {
        const square = squareDistance(track, i, x, y);
        if (square < best) {
          best = square;
          found = i;
        }
      }
    }
    this.nearest = found;
  }
}

function squareDistance(track: Track, i: number, x: number, y: number): number {
  const dx = track.x[i]! - x;
  const dy = track.y[i]! - y;
  return dx * dx + dy * dy;
}

function wrapped(i: number, count: number): number {
  return i < 0 ? i + count : i >= count ? i - count : i;
}
