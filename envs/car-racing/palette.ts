import type { Colors } from './colors.js';

/** Colours of an episode, cut off to whole numbers. */
export class Palette {
  roadR = 0;
  roadG = 0;
  roadB = 0;
  bgR = 0;
  bgG = 0;
  bgB = 0;
  /** How much brighter grass is than the field. */
  grassR = 0;
  grassG = 0;
  grassB = 0;

  set({ road, bg, grass }: Colors): void {
    this.roadR = Math.trunc(road[0]!);
    this.roadG = Math.trunc(road[1]!);
    this.roadB = Math.trunc(road[2]!);
    this.bgR = Math.trunc(bg[0]!);
    this.bgG = Math.trunc(bg[1]!);
    this.bgB = Math.trunc(bg[2]!);
    this.grassR = Math.trunc(grass[0]!) - this.bgR;
    this.grassG = Math.trunc(grass[1]!) - this.bgG;
    this.grassB = Math.trunc(grass[2]!) - this.bgB;
  }
}
