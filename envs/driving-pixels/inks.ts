/** Colours of the pictures: those of the scene, with a little more contrast where a pixel is as wide as a line. */
import { TREE_GREENS } from '../driving/scenery.js';
import { type Ink, ink } from './fill.js';

export const GRASS: Ink = ink('#5d8c45');
/** Every other stripe of the grass. */
export const MOWN: Ink = ink('#6b9a50');
export const GRAVEL: Ink = ink('#c2ad7d');
export const ASPHALT: Ink = ink('#44474d');
/** Edge lines, kerbs, barriers and the finish line have this white. */
export const WHITE: Ink = ink('#f2f2ee');
/** The dashes in the middle of the road. */
export const DASH: Ink = ink('#f2f2ee', 0.6);
export const RED: Ink = ink('#e04a38');
export const BLACK: Ink = ink('#15161a');
export const TREES: readonly Ink[] = TREE_GREENS.map((green) => ink(green));
/** Where the sun is on a tree. */
export const TREE_LIGHT: Ink = ink('#bedc78', 0.2);
export const TRUNK: Ink = ink('#5a4632');
export const CAR: Ink = ink('#e23b30');
/** Stripes along the car, and its windscreen. */
export const CAR_STRIPE: Ink = ink('#f4f1ea');
export const GLASS: Ink = ink('#1c2228');

/** The sky from the top of the picture to the horizon, in so many rows. */
export function skyInks(rows: number): Ink[] {
  const [top, bottom] = [ink('#76a9dd'), ink('#dce9f2')];
  const hex = (from: number, to: number, share: number): string =>
    Math.round(from + (to - from) * share)
      .toString(16)
      .padStart(2, '0');
  return Array.from({ length: rows }, (_, row) => {
    const share = row / (rows - 1);
    return ink(
      `#${hex(top.red, bottom.red, share)}${hex(top.green, bottom.green, share)}${hex(top.blue, bottom.blue, share)}`,
    );
  });
}
