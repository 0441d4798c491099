/** What both pictures do. */
import type { Car } from '../driving/car.js';
import type { Track } from '../driving/track.js';

/** Draws the rows above the gauges of one env's picture. */
export interface DrivingPicture {
  /** Takes a new track, which `draw` reads. */
  begin(track: Track): void;
  /** Draws the present state. */
  draw(car: Car): void;
}
