/** The walker on its land as a draw list, in the colours of the original picture. */
import type { Body } from '../../src/physics/index.js';
import type { Scene, SceneItem, Shape } from '../../src/render/scene.js';
import { rectangle } from '../../src/render/shapes.js';
import { CONSTANTS, HULL_POLY } from './fields.js';
import type { Terrain } from './terrain.js';

const SCALE = CONSTANTS.SCALE.value;
/** One pixel of the original, m. */
const PIXEL = 1 / SCALE;
const WIDTH = CONSTANTS.VIEWPORT_W.value / SCALE;
const HEIGHT = CONSTANTS.VIEWPORT_H.value / SCALE;
const LEG_W = CONSTANTS.LEG_W.value;
const LEG_H = CONSTANTS.LEG_H.value;
/** How far the land goes on beyond the original picture, m: views may be wider or taller. */
const MARGIN = 40;
/** The picture shows a ray of the lidar in the first 20 frames of every 100. */
const LIDAR_CYCLE = 100;

const outlined = (points: readonly number[], fill: string, stroke: string): Shape => ({
  type: 'polygon',
  points,
  fill,
  stroke,
  lineWidth: PIXEL,
});

/** Colours of a leg, `way` -1 or 1. */
function legShapes(way: number): Shape[] {
  const shade = (r: number, g: number, b: number): string => `rgb(${r - way * 25}, ${g - way * 25}, ${b - way * 25})`;
  const [fill, stroke] = [shade(153, 76, 127), shade(102, 51, 76)];
  const lower = 0.8 * LEG_W;
  return [
    outlined(rectangle(-LEG_W / 2, -LEG_H / 2, LEG_W / 2, LEG_H / 2), fill, stroke),
    outlined(rectangle(-lower / 2, -LEG_H / 2, lower / 2, LEG_H / 2), fill, stroke),
  ];
}

const HULL = outlined(
  HULL_POLY.flatMap(([x, y]) => [x / SCALE, y / SCALE]),
  'rgb(127, 51, 229)',
  'rgb(76, 76, 127)',
);
/** By body: the hull, and the upper and lower part of either leg. */
const PARTS: readonly Shape[] = [HULL, ...legShapes(-1), ...legShapes(1)];

const POLE: Shape = { type: 'polyline', points: [0, 0, 0, 50 * PIXEL], stroke: '#000000', lineWidth: PIXEL };
const FLAG = outlined([0, 50 * PIXEL, 0, 40 * PIXEL, 25 * PIXEL, 45 * PIXEL], 'rgb(230, 51, 0)', '#000000');
const FLAG_AT = { x: CONSTANTS.TERRAIN_STEP.value * 3, y: CONSTANTS.TERRAIN_HEIGHT.value };

/** A shape of the land and the range, m, over which it stretches. */
interface Strip {
  readonly shape: Shape;
  readonly from: number;
  readonly to: number;
}

function strip(points: readonly (readonly [number, number])[], paint: (flat: number[]) => Shape): Strip {
  const x = points.map(([px]) => px);
  return { shape: paint(points.flat()), from: Math.min(...x), to: Math.max(...x) };
}

/** A ray of the lidar from `(x, y)`, m. */
export interface Ray {
  readonly x: number;
  readonly y: number;
  readonly endX: number;
  readonly endY: number;
}

/** Which ray the frame after `step` steps shows, or -1: they sweep forwards and back. */
export function shownRay(step: number): number {
  const frame = (step + 1) % LIDAR_CYCLE;
  const rays = CONSTANTS.LIDAR_RAYS.value;
  if (frame >= 2 * rays) return -1;
  return frame < rays ? frame : 2 * rays - 1 - frame;
}

/** Paints one env's episodes; shapes of the land are the same objects in all frames of an episode. */
export class WalkerPainter {
  #terrain: Terrain | null = null;
  #ground: Shape | null = null;
  #edges: Strip[] = [];
  #obstacles: Strip[] = [];
  #clouds: Strip[] = [];

  /** The picture of the bodies (hull, upper and lower legs) on a terrain. */
  paint(terrain: Terrain, bodies: readonly Body[], ray: Ray | null, readings: (readonly [string, string])[]): Scene {
    if (this.#terrain !== terrain) this.#begin(terrain);
    const left = Math.max(0, bodies[0]!.x - WIDTH / 5);
    const right = left + WIDTH;
    const items: SceneItem[] = [];
    // Clouds are far away and move half as fast.
    for (const { shape, from, to } of this.#clouds) {
      if (to >= left / 2 - MARGIN && from <= left / 2 + WIDTH + MARGIN) items.push({ shape, x: left / 2, y: 0 });
    }
    items.push({ shape: this.#ground! });
    if (ray !== null) {
      const points = [0, 0, ray.endX - ray.x, ray.endY - ray.y];
      items.push({ shape: { type: 'polyline', points, stroke: '#ff0000', lineWidth: PIXEL }, x: ray.x, y: ray.y });
    }
    for (const strips of [this.#edges, this.#obstacles]) {
      for (const { shape, from, to } of strips) if (to >= left - 10 && from <= right + 10) items.push({ shape });
    }
    const order = [1, 2, 3, 4, 0];
    for (const k of order) {
      const { x, y, angle } = bodies[k]!;
      items.push({ shape: PARTS[k]!, x, y, angle });
    }
    items.push({ shape: POLE, ...FLAG_AT }, { shape: FLAG, ...FLAG_AT });
    return {
      background: 'rgb(215, 215, 255)',
      camera: { x: left + WIDTH / 2, y: HEIGHT / 2, width: WIDTH, height: HEIGHT },
      items,
      readings,
    };
  }

  #begin(terrain: Terrain): void {
    const { x, y, obstacles, clouds } = terrain;
    const last = x.length - 1;
    const chain = Array.from(x, (px, i): [number, number] => [px, y[i]!]);
    const [startY, endY] = [y[0]!, y[last]!];
    this.#terrain = terrain;
    this.#ground = {
      type: 'polygon',
      points: [
        ...[-MARGIN, -MARGIN, -MARGIN, startY],
        ...chain.flat(),
        ...[x[last]! + MARGIN, endY, x[last]! + MARGIN, -MARGIN],
      ],
      fill: 'rgb(102, 153, 76)',
    };
    this.#edges = chain.slice(1).map((point, i) =>
      strip([chain[i]!, point], (points) => ({
        type: 'polyline',
        points,
        stroke: i % 2 === 0 ? 'rgb(76, 255, 76)' : 'rgb(76, 204, 76)',
        lineWidth: PIXEL,
      })),
    );
    this.#obstacles = obstacles.map((outline) =>
      strip(outline, (points) => outlined(points, '#ffffff', 'rgb(153, 153, 153)')),
    );
    this.#clouds = clouds.map((outline) => strip(outline, (points) => ({ type: 'polygon', points, fill: '#ffffff' })));
  }
}
