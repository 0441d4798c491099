import type { Scene, SceneItem, Shape } from '../../src/render/scene.js';
import { rectangle, roundedRectangle } from '../../src/render/shapes.js';
import { gridCamera, inCell, oval, walkerItems } from '../toy-text/grid.js';
import { CONSTANTS } from './fields.js';

const ROWS = CONSTANTS.ROWS.value;
const COLUMNS = CONSTANTS.COLUMNS.value;

const tile = (fill: string): Shape => {
  return { type: 'polygon', points: rectangle(-0.5, -0.5, 0.5, 0.5), fill, stroke: '#8fae6b', lineWidth: 0.015 };
};
const GRASS: readonly Shape[] = [tile('#b5d08c'), tile('#abc882')];
const BLADES: Shape = {
  type: 'polyline',
  points: [-0.2, -0.15, -0.16, 0.02, -0.12, -0.15, -0.07, 0.0, -0.04, -0.15],
  stroke: '#7fa356',
  lineWidth: 0.025,
};
const DEPTH: Shape = { type: 'polygon', points: rectangle(-0.5, -0.5, 0.5, 0.5), fill: '#3a3d4a' };
const ROCK: Shape = {
  type: 'polygon',
  points: [-0.5, 0.5, 0.5, 0.5, 0.5, 0.12, 0.36, 0.02, 0.22, 0.16, 0.06, -0.04, -0.14, 0.1, -0.3, -0.02, -0.5, 0.12],
  fill: '#8d7a66',
};
const CRACK: Shape = {
  type: 'polyline',
  points: [-0.1, 0.42, -0.02, 0.28, -0.1, 0.18],
  stroke: '#6d5c4b',
  lineWidth: 0.025,
};
const EDGE: Shape = { type: 'polyline', points: [-0.5, 0.5, 0.5, 0.5], stroke: '#5f7d3e', lineWidth: 0.07 };
const MIST: Shape = { type: 'polygon', points: oval(0, -0.36, 0.42, 0.07), fill: 'rgba(190, 200, 220, 0.25)' };
const STUMP: Shape = { type: 'polygon', points: roundedRectangle(-0.26, -0.42, 0.26, -0.22, 0.05), fill: '#8a5f3a' };
const STUMP_TOP: Shape = { type: 'polygon', points: oval(0, -0.22, 0.26, 0.08), fill: '#d8b483' };
const MAST: Shape = { type: 'polygon', points: rectangle(-0.2, -0.4, -0.15, 0.4), fill: '#6b4a2b' };
const FLAG: Shape = { type: 'polygon', points: [-0.15, 0.4, 0.3, 0.25, -0.15, 0.1], fill: '#d64541' };
/** Where the walker looks: up, right, down, left. */
const LOOK = [
  [0, 1],
  [1, 0],
  [0, -1],
  [-1, 0],
] as const;

function cell(row: number, column: number): readonly Shape[] {
  const ground = GRASS[(row + column) % 2]!;
  if (row < ROWS - 1) return (row * 5 + column * 3) % 4 === 0 ? [ground, BLADES] : [ground];
  if (column === 0) return [ground, STUMP, STUMP_TOP];
  if (column === COLUMNS - 1) return [ground, MAST, FLAG];
  return [DEPTH, ROCK, CRACK, EDGE, MIST];
}

const STILL: readonly SceneItem[] = Array.from({ length: ROWS * COLUMNS }, (_, k) => {
  const [row, column] = [Math.floor(k / COLUMNS), k % COLUMNS];
  return cell(row, column).map((shape) => inCell(shape, row, column));
}).flat();

/** The walker in its cell above the cliff. */
export function cliffScene(row: number, column: number, lastAction: number | null, actionName: string | null): Scene {
  const [dx, dy] = LOOK[lastAction ?? 2]!;
  return {
    background: '#e9f0e0',
    camera: gridCamera(ROWS, COLUMNS),
    items: [...STILL, ...walkerItems(row, column, dx, dy)],
    readings: [
      ['cell', `row ${row}, column ${column}`],
      ['last move', actionName ?? 'none'],
    ],
  };
}
