/** Which parts of the road are in view: runs of successive tiles with a circle round each. */
import { CONSTANTS } from './constants.js';
import type { Track } from './track.js';

/** Tiles of a bin. */
export const BIN = 6;
/** How far a tile reaches from its point on the centre line: half a road, its kerb and its length, m. */
const REACH = CONSTANTS.TRACK_WIDTH.value + CONSTANTS.BORDER.value + CONSTANTS.TRACK_DETAIL_STEP.value;

/** The bins of one track; `find` fills `visible`. */
export class RoadBins {
  #count = 0;
  #x = new Float64Array(0);
  #y = new Float64Array(0);
  #radius = new Float64Array(0);
  #flags = new Uint8Array(0);
  /** Bins in view after `find`, in the order of the road. */
  visible = new Uint16Array(0);

  build(track: Track): void {
    const count = Math.ceil(track.count / BIN);
    this.#count = count;
    if (this.#x.length < count) {
      this.#x = new Float64Array(count);
      this.#y = new Float64Array(count);
      this.#radius = new Float64Array(count);
      this.#flags = new Uint8Array(count);
      this.visible = new Uint16Array(count);
    }
    for (let bin = 0; bin < count; bin++) {
      const end = this.end(bin, track.count);
      let x = 0;
      let y = 0;
      for (let i = this.start(bin); i < end; i++) {
        x += track.x[i]!;
        y += track.y[i]!;
      }
      x /= end - this.start(bin);
      y /= end - this.start(bin);
      let most = 0;
      for (let i = this.start(bin); i < end; i++) {
        const dx = track.x[i]! - x;
        const dy = track.y[i]! - y;
        most = Math.max(most, dx * dx + dy * dy);
      }
      this.#x[bin] = x;
      this.#y[bin] = y;
      this.#radius[bin] = Math.sqrt(most) + REACH;
    }
  }

  start(bin: number): number {
    return bin * BIN;
  }

  end(bin: number, tiles: number): number {
    return Math.min(tiles, (bin + 1) * BIN);
  }

  /** Whether tile `i` was in view at the last `find`. */
  isVisible(i: number): boolean {
    return this.#flags[(i / BIN) | 0] === 1;
  }

  /** Looks for the bins that may touch a window of `width` x `height`, and returns their number. */
  find(c: number, s: number, tx: number, ty: number, zoom: number, width: number, height: number): number {
    let found = 0;
    for (let bin = 0; bin < this.#count; bin++) {
      const x = c * this.#x[bin]! - s * this.#y[bin]! + tx;
      const y = s * this.#x[bin]! + c * this.#y[bin]! + ty;
      const radius = this.#radius[bin]! * zoom;
      const seen = x > -radius && y > -radius && x < width + radius && y < height + radius;
      this.#flags[bin] = seen ? 1 : 0;
      if (seen) this.visible[found++] = bin;
    }
    return found;
  }
}
