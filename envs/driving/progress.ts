/** Where a car is along a track, and which laps that makes. */
import { CONSTANTS } from './constants.js';
import { TRACK_POINTS, type Track } from './track.js';

const CHECKPOINTS = CONSTANTS.CHECKPOINTS.value;

/**
 * Follows a point along a track. `update` looks for the nearest section of the centre line from the last one outwards, so a
 * car is never taken to be on another part of the track that passes nearby.
 */
export class TrackFollower {
  readonly track: Track;
  /** Section of the centre line (from point `section` to the next) beside which the car is. */
  section = 0;
  /** Position along the centre line from the start line, m, in [0, length). */
  station = 0;
  /** Distance from the centre line, m, positive to the left of it. */
  offset = 0;

  constructor(track: Track) {
    this.track = track;
  }

  /** Starts at a point in the given section of the track. */
  reset(x: number, y: number, section = 0): void {
    this.section = section;
    this.update(x, y);
  }

  /** Moves to the point; returns how far that is along the centre line, m, negative if backwards. */
  update(x: number, y: number): number {
    const { track } = this;
    const lineX = track.x;
    const lineY = track.y;
    let i = this.section;
    let share = 0;
    let offset = 0;
    let moved = 0;
    // A car crosses two sections or so a step; a longer way means that it was put somewhere else.
    for (let tries = 0; tries < TRACK_POINTS; tries++) {
      const next = i + 1 === TRACK_POINTS ? 0 : i + 1;
      const ax = lineX[i]!;
      const ay = lineY[i]!;
      const ex = lineX[next]! - ax;
      const ey = lineY[next]! - ay;
      const px = x - ax;
      const py = y - ay;
      const inverse = 1 / (ex * ex + ey * ey);
      share = (px * ex + py * ey) * inverse;
      offset = (ex * py - ey * px) * Math.sqrt(inverse);
      if (share > 1 && moved >= 0) {
        i = next;
        moved++;
      } else if (share < 0 && moved <= 0) {
        i = i === 0 ? TRACK_POINTS - 1 : i - 1;
        moved--;
      } else break;
    }
    // Outside of a bend a point may lie between two sections: it counts as at their common point.
    if (share < 0) share = 0;
    else if (share > 1) share = 1;
    const station = (i + share) * track.spacing;
    let ahead = station - this.station;
    if (ahead > track.length / 2) ahead -= track.length;
    else if (ahead < -track.length / 2) ahead += track.length;
    this.section = i;
    this.station = station < track.length ? station : 0;
    this.offset = offset;
    return ahead;
  }
}

/**
 * Counts laps: a lap is every checkpoint of the track crossed forwards, in order, the finish line last.
 * Neither a way backwards nor a jump over a checkpoint makes one.
 */
export class LapCounter {
  /** Length of the track, m. */
  #length = 0;
  /** Checkpoints passed since the start. */
  checkpoints = 0;
  /** Completed laps. */
  laps = 0;
  /** When the first lap was completed, s; NaN before. */
  firstLapTime = Number.NaN;

  /** Starts on the start line of a track of the given length, m. */
  reset(length: number): void {
    this.#length = length;
    this.checkpoints = 0;
    this.laps = 0;
    this.firstLapTime = Number.NaN;
  }

  /**
   * Goes on from `station` by `ahead`, m, in the `duration` s that end at `time` s.
   * @returns whether that completes a lap.
   */
  update(station: number, ahead: number, time: number, duration: number): boolean {
    const spacing = this.#length / CHECKPOINTS;
    if (!(ahead > 0 && ahead < spacing)) return false;
    let distance = ((this.checkpoints % CHECKPOINTS) + 1) * spacing - station;
    if (distance <= 0) distance += this.#length;
    if (distance > ahead) return false;
    this.checkpoints++;
    if (this.checkpoints % CHECKPOINTS !== 0) return false;
    this.laps++;
    if (this.laps === 1) this.firstLapTime = time - duration * (1 - distance / ahead);
    return true;
  }
}
