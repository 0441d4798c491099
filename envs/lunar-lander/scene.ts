/** The lander over the moon as a draw list, in the colours of the original picture. */

import type { Body } from '../../src/physics/index.js';
import type { Scene, SceneItem, Shape } from '../../src/render/scene.js';
import { rectangle } from '../../src/render/shapes.js';
import { type Exhaust, LIFETIME } from './exhaust.js';
import { CONSTANTS, LANDER_POLY } from './fields.js';
import { HEIGHT, MOON_X, PAD_LEFT, PAD_RIGHT, PAD_Y, WIDTH } from './moon.js';

const SCALE = CONSTANTS.SCALE.value;
/** One pixel of the original, m. */
const PIXEL = 1 / SCALE;
const DT = 1 / CONSTANTS.FPS.value;
/** How far moon and sky go on beyond the original picture, m: views may be wider or taller. */
const MARGIN = 40;
const FILL = 'rgb(128, 102, 230)';
const OUTLINE = 'rgb(77, 77, 128)';

const LANDER: Shape = {
  type: 'polygon',
  points: LANDER_POLY.flatMap(([x, y]) => [x / SCALE, y / SCALE]),
  fill: FILL,
  stroke: OUTLINE,
  lineWidth: 1.5 * PIXEL,
};
const LEG_W = CONSTANTS.LEG_W.value / SCALE;
const LEG_H = CONSTANTS.LEG_H.value / SCALE;
const LEG: Shape = {
  type: 'polygon',
  points: rectangle(-LEG_W, -LEG_H, LEG_W, LEG_H),
  fill: FILL,
  stroke: OUTLINE,
  lineWidth: 1.5 * PIXEL,
};
const POLE: Shape = { type: 'polyline', points: [0, 0, 0, 50 * PIXEL], stroke: '#ffffff', lineWidth: PIXEL };
const FLAG: Shape = {
  type: 'polygon',
  points: [0, 50 * PIXEL, 0, 40 * PIXEL, 25 * PIXEL, 45 * PIXEL],
  fill: 'rgb(204, 204, 0)',
};
const FLAGS: readonly SceneItem[] = [PAD_LEFT, PAD_RIGHT].flatMap((x) =>
  [POLE, FLAG].map((shape) => ({ shape, x, y: PAD_Y })),
);

/** A particle by its remaining life, in steps of a frame: from red to dark grey. */
const GLOW: readonly Shape[] = Array.from({ length: LIFETIME + 1 }, (_, k) => {
  const life = k / LIFETIME;
  const red = Math.round(255 * Math.min(1, Math.max(0.2, 0.15 + life)));
  const other = Math.round(255 * Math.max(0.2, 0.5 * life));
  return { type: 'circle', x: 0, y: 0, radius: 2 * PIXEL, fill: `rgb(${red}, ${other}, ${other})` };
});

/** Height of the surface at `x`, m. */
function surface(moon: Float64Array, x: number): number {
  const spacing = MOON_X[1]!;
  const at = Math.min(Math.max(x / spacing, 0), moon.length - 1);
  const i = Math.min(Math.floor(at), moon.length - 2);
  return moon[i]! + (at - i) * (moon[i + 1]! - moon[i]!);
}

/** What a picture shows of an env. */
export interface LanderView {
  readonly lander: Body;
  readonly legs: readonly Body[];
  readonly exhaust: Exhaust;
  /** Steps since the reset. */
  readonly steps: number;
  readonly gravity: number;
  readonly readings: (readonly [string, string])[];
}

/** Paints one env's episodes; the sky of an episode is the same object in all its frames. */
export class LanderPainter {
  #sky: SceneItem | null = null;
  #moon: Float64Array = new Float64Array(0);

  /** The surface of a new episode, m. */
  begin(moon: Float64Array): void {
    this.#moon = moon;
    this.#sky = null;
  }

  paint({ lander, legs, exhaust, steps, gravity, readings }: LanderView): Scene {
    this.#sky ??= { shape: sky(this.#moon) };
    const items: SceneItem[] = [this.#sky];
    exhaust.forEach(steps, DT, gravity, (x, y, life) => {
      if (y > surface(this.#moon, x)) items.push({ shape: GLOW[Math.round(life * LIFETIME)]!, x, y });
    });
    items.push({ shape: LANDER, x: lander.x, y: lander.y, angle: lander.angle });
    for (const { x, y, angle } of legs) items.push({ shape: LEG, x, y, angle });
    items.push(...FLAGS);
    return {
      background: '#ffffff',
      camera: { x: WIDTH / 2, y: HEIGHT / 2, width: WIDTH, height: HEIGHT },
      items,
      readings,
    };
  }
}

/** Everything above the surface; the moon is what is left of the white background. */
function sky(moon: Float64Array): Shape {
  const points = [-MARGIN, HEIGHT + MARGIN, -MARGIN, moon[0]!];
  for (let i = 0; i < moon.length; i++) points.push(MOON_X[i]!, moon[i]!);
  points.push(WIDTH + MARGIN, moon[moon.length - 1]!, WIDTH + MARGIN, HEIGHT + MARGIN);
  return { type: 'polygon', points, fill: '#000000' };
}
