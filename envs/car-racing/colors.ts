/** Colours of an episode: the standard ones, or drawn as Gymnasium draws them. */
import type { Generator } from '../../src/core/seeding/generator.js';

/** Red, green, blue from 0 to 255; fractions are cut off where they are painted. */
export interface Colors {
  readonly road: Float64Array;
  /** The field. */
  readonly bg: Float64Array;
  /** Its patches. */
  readonly grass: Float64Array;
}

/** New arrays with the standard colours. */
export function standardColors(): Colors {
  const colors = { road: new Float64Array(3), bg: new Float64Array(3), grass: new Float64Array(3) };
  setStandard(colors);
  return colors;
}

export function setStandard({ road, bg, grass }: Colors): void {
  road.fill(102);
  bg.fill(102);
  bg[1] = 204;
  grass.fill(102);
  grass[1] = 230;
}

/** Draws road, field and the colour component by which patches of grass are lighter. */
export function drawColors({ road, bg, grass }: Colors, rng: Generator): void {
  for (let i = 0; i < 3; i++) road[i] = rng.uniform(0, 210);
  for (let i = 0; i < 3; i++) bg[i] = rng.uniform(0, 210);
  grass.set(bg);
  grass[rng.integers(0, 3)]! += 20;
}
