import type { Scene, SceneItem, Shape } from 'gymkhana';
import { HALF } from './fields.js';
import { WALLS } from './template-env.js';

// Shapes that stay the same are made once: pages store each of them once.
const FLOOR: Shape = { type: 'polygon', points: [-HALF, -HALF, HALF, -HALF, HALF, HALF, -HALF, HALF], fill: '#f3f0e8' };
const PUCK: Shape = { type: 'polygon', points: [-0.3, -0.3, 0.3, -0.3, 0.3, 0.3, -0.3, 0.3], fill: '#d8392b' };
const DOCK: Shape = { type: 'circle', x: 0, y: 0, radius: 0.3, fill: '#bfe3cb', stroke: '#2f7d4f', lineWidth: 0.06 };
let walls: SceneItem[] | null = null;

interface State {
  readonly puck: {
    readonly x: number;
    readonly y: number;
    readonly angle: number;
    readonly vx: number;
    readonly vy: number;
  };
  readonly dock: { readonly x: number; readonly y: number };
}

/** The picture of a state: world units are metres, y points up. */
export function sceneOf({ puck, dock }: State): Scene {
  walls ??= Array.from({ length: WALLS.length / 4 }, (_, k) => ({
    shape: { type: 'polyline', points: [...WALLS.subarray(4 * k, 4 * k + 4)], stroke: '#3d4a57', lineWidth: 0.1 },
  }));
  return {
    background: '#d5dbe1',
    camera: { x: 0, y: 0, width: 2 * HALF + 0.6, height: 2 * HALF + 0.6 },
    items: [
      { shape: FLOOR },
      { shape: DOCK, x: dock.x, y: dock.y },
      { shape: PUCK, x: puck.x, y: puck.y, angle: puck.angle },
      ...walls,
    ],
    readings: [['speed', `${Math.sqrt(puck.vx * puck.vx + puck.vy * puck.vy).toFixed(2)} m/s`]],
  };
}
