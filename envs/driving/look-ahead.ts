/** How the road goes on from the car, as observations and scripted drivers see it. */
import { CONSTANTS } from './constants.js';
import { LOOK_AHEAD } from './fields.js';
import { clip } from './game.js';
import type { TrackFollower } from './progress.js';
import { TRACK_POINTS, type Track } from './track.js';

const PER_CURVATURE = 1 / CONSTANTS.CURVATURE_SCALE.value;
const AHEAD_COUNT = LOOK_AHEAD.length;

/**
 * Writes for each distance of `LOOK_AHEAD` the bearing and the curvature of the centre line that far ahead, in the units of the
 * observation, from `out[first]` on.
 */
export function lookAhead(
  track: Track,
  follower: TrackFollower,
  place: { readonly x: number; readonly y: number; readonly angle: number },
  out: Float32Array,
  first: number,
): void {
  const { x, y, angle } = place;
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const at = follower.station / track.spacing;
  let k = first;
  for (let j = 0; j < AHEAD_COUNT; j++) {
    const distance = LOOK_AHEAD[j]!;
    const position = at + distance / track.spacing;
    const whole = Math.floor(position);
    const share = position - whole;
    const p = whole % TRACK_POINTS;
    const q = p + 1 === TRACK_POINTS ? 0 : p + 1;
    const dx = track.x[p]! + share * (track.x[q]! - track.x[p]!) - x;
    const dy = track.y[p]! + share * (track.y[q]! - track.y[p]!) - y;
    const bend = track.curvature[p]! + share * (track.curvature[q]! - track.curvature[p]!);
    out[k++] = clip((dy * c - dx * s) / distance, 2);
    out[k++] = clip(bend * PER_CURVATURE, 2);
  }
}
