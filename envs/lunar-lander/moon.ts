/** The surface of the moon: a polygon chain over the width of the picture, flat at the pad in its middle. */
import type { Generator } from '../../src/core/seeding/generator.js';
import { CONSTANTS } from './fields.js';

const CHUNKS = CONSTANTS.CHUNKS.value;
/** Width and height of the picture, m. */
export const WIDTH = CONSTANTS.VIEWPORT_W.value / CONSTANTS.SCALE.value;
export const HEIGHT = CONSTANTS.VIEWPORT_H.value / CONSTANTS.SCALE.value;
/** Height of the pad and the places of its flags, m. */
export const PAD_Y = HEIGHT / 4;
const MIDDLE = Math.floor(CHUNKS / 2);

/** Horizontal places of the surface's points, m. */
export const MOON_X: readonly number[] = Array.from({ length: CHUNKS }, (_, i) => (WIDTH / (CHUNKS - 1)) * i);
export const PAD_LEFT = MOON_X[MIDDLE - 1]!;
export const PAD_RIGHT = MOON_X[MIDDLE + 1]!;

/** Draws heights and writes the smoothed surface, m, to `out` (`CHUNKS` numbers). */
export function drawMoon(rng: Generator, out: Float64Array): void {
  const height = new Float64Array(CHUNKS + 1);
  for (let i = 0; i <= CHUNKS; i++) height[i] = rng.uniform(0, HEIGHT / 2);
  for (let i = MIDDLE - 2; i <= MIDDLE + 2; i++) height[i] = PAD_Y;
  for (let i = 0; i < CHUNKS; i++) {
    // The neighbour of the first point is the last of the drawn heights: Python's index -1.
    const before = height[i === 0 ? CHUNKS : i - 1]!;
    out[i] = 0.33 * (before + height[i]! + height[i + 1]!);
  }
}
