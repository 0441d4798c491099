/** Which parts of a road are in view: runs of successive points with a circle round each. For every env with a road in its picture. */

/** The bins of one road; `find` and `findAhead` fill `visible`. */
export class RoadBins {
  /** Points of a bin. */
  readonly size: number;
  #count = 0;
  #x = new Float64Array(0);
  #y = new Float64Array(0);
  #radius = new Float64Array(0);
  #flags = new Uint8Array(0);
  /** Bins in view after a search, in the order of the road. */
  visible: Uint16Array = new Uint16Array(0);

  constructor(size: number) {
    this.size = size;
  }

  /**
   * Takes the centre line of a road.
   * @param x m, and `y` alike, of at least `points` points.
   * @param reach how far the road reaches from a point, m.
   */
  build(x: Float64Array, y: Float64Array, points: number, reach: number): void {
    const count = Math.ceil(points / this.size);
    this.#count = count;
    if (this.#x.length < count) {
      this.#x = new Float64Array(count);
      this.#y = new Float64Array(count);
      this.#radius = new Float64Array(count);
      this.#flags = new Uint8Array(count);
      this.visible = new Uint16Array(count);
    }
    for (let bin = 0; bin < count; bin++) {
      const start = this.start(bin);
      const end = this.end(bin, points);
      let middleX = 0;
      let middleY = 0;
      for (let i = start; i < end; i++) {
        middleX += x[i]!;
        middleY += y[i]!;
      }
      middleX /= end - start;
      middleY /= end - start;
      let most = 0;
      for (let i = start; i < end; i++) {
        const dx = x[i]! - middleX;
        const dy = y[i]! - middleY;
        most = Math.max(most, dx * dx + dy * dy);
      }
      this.#x[bin] = middleX;
      this.#y[bin] = middleY;
      this.#radius[bin] = Math.sqrt(most) + reach;
    }
  }

  start(bin: number): number {
    return bin * this.size;
  }

  end(bin: number, points: number): number {
    return Math.min(points, (bin + 1) * this.size);
  }

  /** Whether point `i` was in view at the last search. */
  isVisible(i: number): boolean {
    return this.#flags[(i / this.size) | 0] === 1;
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

  /**
   * The same of a view from the origin along +y, as wide as it is far times `spread` to either side, up to `far`.
   */
  findAhead(c: number, s: number, tx: number, ty: number, spread: number, far: number): number {
    // How far a circle reaches beyond a slanted side of the view, in units of x.
    const slant = Math.sqrt(1 + spread * spread);
    let found = 0;
    for (let bin = 0; bin < this.#count; bin++) {
      const x = c * this.#x[bin]! - s * this.#y[bin]! + tx;
      const y = s * this.#x[bin]! + c * this.#y[bin]! + ty;
      const radius = this.#radius[bin]!;
      const seen = y > -radius && y < far + radius && Math.abs(x) < spread * y + slant * radius;
      this.#flags[bin] = seen ? 1 : 0;
      if (seen) this.visible[found++] = bin;
    }
    return found;
  }
}
