/** Grids of unit cells: row 0 is at the top, and the cell of row `r` and column `c` has its centre at `(c, -r)`. */
import type { Camera, SceneItem, Shape } from '../../src/render/scene.js';
import { arc, roundedRectangle } from '../../src/render/shapes.js';

/** A camera that sees the whole grid and a border of `margin` cells. */
export function gridCamera(rows: number, columns: number, margin = 0.4): Camera {
  return { x: (columns - 1) / 2, y: -(rows - 1) / 2, width: columns + 2 * margin, height: rows + 2 * margin };
}

/** A shape at the centre of a cell. */
export function inCell(shape: Shape, row: number, column: number): SceneItem {
  return { shape, x: column, y: -row };
}

const SHADOW: Shape = { type: 'polygon', points: oval(0, -0.36, 0.22, 0.06), fill: 'rgba(20, 25, 40, 0.25)' };
const BOOTS: Shape = { type: 'polygon', points: roundedRectangle(-0.15, -0.37, 0.15, -0.25, 0.05), fill: '#5b3a24' };
const COAT: Shape = { type: 'polygon', points: [-0.17, -0.28, 0.17, -0.28, 0.11, 0.08, -0.11, 0.08], fill: '#2f8f4e' };
const BELT: Shape = {
  type: 'polygon',
  points: [-0.155, -0.14, 0.155, -0.14, 0.145, -0.08, -0.145, -0.08],
  fill: '#26382b',
};
const FACE: Shape = {
  type: 'circle',
  x: 0,
  y: 0.15,
  radius: 0.13,
  fill: '#f2c9a1',
  stroke: '#8a5a3a',
  lineWidth: 0.012,
};
const HAT: Shape = { type: 'polygon', points: [-0.16, 0.2, 0.16, 0.2, 0.06, 0.42], fill: '#c8402f' };
const BRIM: Shape = { type: 'polygon', points: roundedRectangle(-0.17, 0.17, 0.17, 0.23, 0.03), fill: '#f6f1e7' };
const BOBBLE: Shape = { type: 'circle', x: 0.06, y: 0.42, radius: 0.04, fill: '#f6f1e7' };
const EYES: readonly Shape[] = [-0.05, 0.05].map((x) => ({
  type: 'circle',
  x,
  y: 0.12,
  radius: 0.02,
  fill: '#2a2320',
}));
const WALKER: readonly Shape[] = [SHADOW, BOOTS, COAT, BELT, FACE, HAT, BRIM, BOBBLE];

/** A small figure in a coat and a pointed hat, looking along `(dx, dy)`. */
export function walkerItems(row: number, column: number, dx: number, dy: number): SceneItem[] {
  const items = WALKER.map((shape) => inCell(shape, row, column));
  if (dy > 0) return items;
  for (const eye of EYES) items.push({ shape: eye, x: column + 0.05 * dx, y: -row });
  return items;
}

/** The outline of an ellipse, `[x0, y0, x1, y1, ...]`. */
export function oval(x: number, y: number, width: number, height: number): number[] {
  const points = arc(0, 0, 1, 0, 2 * Math.PI, 28);
  return points.map((value, k) => (k % 2 === 0 ? x + width * value : y + height * value));
}
