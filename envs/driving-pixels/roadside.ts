/** What a picture needs of a track beside its centre line: kerbs, trees and what is near. Made anew for every track. */
import { RoadBins } from '../car-racing/road-bins.js';
import { CONSTANTS } from '../driving/constants.js';
import { KERB_CURVATURE, treesOf } from '../driving/scenery.js';
import { TRACK_POINTS, type Track } from '../driving/track.js';

/** Points of a bin: a stretch of 9 to 15 m. */
const BIN = 8;
/** A stretch without a sharper bend than this, 1/m, has four points for each cross-section: it is off by 0.1 m at most. */
const BEND = 1 / 50;
/** How far before and after a sharp bend its kerb goes on, points. */
const KERB_MARGIN = 2;
/** From the edge of the road to the outside of the barrier, m. */
export const BARRIER: number = CONSTANTS.VERGE.value + 0.6;
const MOST_TREES = 1024;

/** One env's. */
export class Roadside {
  /** For each point of the centre line: bit 0 a kerb on the left of the road, bit 1 one on the right `[TRACK_POINTS]`. */
  readonly kerbs = new Uint8Array(TRACK_POINTS);
  readonly bins = new RoadBins(BIN);
  /** For each bin whether it has a bend that takes more cross-sections `[bins]`. */
  readonly bendy = new Uint8Array(TRACK_POINTS / BIN);
  trees = 0;
  /** Middle of each tree, m, and its size `[trees]`. */
  readonly treeX = new Float64Array(MOST_TREES);
  readonly treeY = new Float64Array(MOST_TREES);
  readonly treeSize = new Uint8Array(MOST_TREES);
  /** -1 before the first `build`. */
  #number = -1;

  build(track: Track): void {
    if (track.number === this.#number) return;
    this.#number = track.number;
    this.bins.build(track.x, track.y, TRACK_POINTS, track.halfWidth + BARRIER + 2 * track.spacing);
    this.kerbs.fill(0);
    this.bendy.fill(0);
    for (let p = 0; p < TRACK_POINTS; p++) {
      const bend = track.curvature[p]!;
      if (Math.abs(bend) > BEND) this.bendy[(p / BIN) | 0] = 1;
      if (Math.abs(bend) <= KERB_CURVATURE) continue;
      for (let k = p - KERB_MARGIN; k <= p + KERB_MARGIN; k++) {
        const at = (k + TRACK_POINTS) % TRACK_POINTS;
        this.kerbs[at] = this.kerbs[at]! | (bend > 0 ? 1 : 2);
      }
    }
    this.trees = 0;
    for (const { x, y, size } of treesOf(track)) {
      if (this.trees === MOST_TREES) break;
      this.treeX[this.trees] = x;
      this.treeY[this.trees] = y;
      this.treeSize[this.trees++] = size;
    }
  }
}
