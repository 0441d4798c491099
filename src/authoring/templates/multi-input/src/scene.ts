import type { Scene, SceneItem, Shape } from 'gymkhana';
import { SIDE } from './fields.js';
import type { Observation } from './template-env.js';

const square = (half: number, fill: string): Shape => ({
  type: 'polygon',
  points: [-half, -half, half, -half, half, half, -half, half],
  fill,
});
// Shapes that stay the same are made once: pages store each of them once.
const CELL = square(0.47, '#eef1f4');
const GOAL = square(0.4, '#bfe3cb');
const PARCEL = square(0.2, '#b98a4a');
const ROBOT: Shape = { type: 'circle', x: 0, y: 0, radius: 0.36, fill: '#5b84c4' };
const CELLS: SceneItem[] = Array.from({ length: SIDE * SIDE }, (_, k) => ({
  shape: CELL,
  x: k % SIDE,
  y: Math.floor(k / SIDE),
}));

/** The picture of a state: a world unit is a cell, y points up. */
export function sceneOf({ battery, carrying, goal, parcel, robot }: Observation): Scene {
  const at = (shape: Shape, cell: Int32Array): SceneItem => ({ shape, x: cell[1]!, y: cell[0]! });
  return {
    background: '#d5dbe1',
    camera: { x: (SIDE - 1) / 2, y: (SIDE - 1) / 2, width: SIDE + 0.4, height: SIDE + 0.4 },
    items: [...CELLS, at(GOAL, goal), at(ROBOT, robot), at(PARCEL, parcel)],
    readings: [
      ['battery', `${Math.round(100 * battery[0]!)} %`],
      ['carrying', carrying === 1 ? 'yes' : 'no'],
    ],
  };
}
