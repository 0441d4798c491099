import type { Scene, SceneItem, Shape } from '../../src/render/scene.js';
import { rectangle, roundedRectangle } from '../../src/render/shapes.js';
import { gridCamera, inCell, oval, walkerItems } from '../toy-text/grid.js';

const tile = (fill: string): Shape => {
  return { type: 'polygon', points: rectangle(-0.5, -0.5, 0.5, 0.5), fill, stroke: '#b4cfe2', lineWidth: 0.02 };
};
const ICE: readonly Shape[] = [tile('#dcecf7'), tile('#d2e6f4')];
const GLINT: Shape = { type: 'polyline', points: [-0.35, 0.05, -0.05, 0.35], stroke: '#f7fbfe', lineWidth: 0.035 };
const GLINT_SHORT: Shape = { type: 'polyline', points: [-0.2, 0.05, -0.05, 0.2], stroke: '#f7fbfe', lineWidth: 0.025 };
const HOLE_RIM: Shape = { type: 'polygon', points: oval(0, -0.02, 0.43, 0.37), fill: '#a9c8de' };
const HOLE: Shape = { type: 'polygon', points: oval(0, -0.04, 0.38, 0.31), fill: '#1f4b73' };
const HOLE_DEEP: Shape = { type: 'polygon', points: oval(0.02, -0.1, 0.3, 0.21), fill: '#12324f' };
const SPLASH: readonly Shape[] = [
  { type: 'polyline', points: oval(0, -0.06, 0.24, 0.13), stroke: '#8fc0e6', lineWidth: 0.025, closed: true },
  { type: 'polyline', points: oval(0, -0.06, 0.13, 0.07), stroke: '#c6e2f7', lineWidth: 0.025, closed: true },
];
const HAT_AFLOAT: Shape = { type: 'polygon', points: [-0.13, -0.03, 0.13, -0.03, 0.05, 0.17], fill: '#c8402f' };
const MAT: Shape = { type: 'polygon', points: roundedRectangle(-0.32, -0.4, 0.32, 0.3, 0.06), fill: '#c9a36a' };
const MAT_EDGE: Shape = { type: 'polygon', points: roundedRectangle(-0.25, -0.33, 0.25, 0.23, 0.05), fill: '#ddbc86' };
const BOX: Shape = { type: 'polygon', points: roundedRectangle(-0.27, -0.34, 0.27, 0.1, 0.03), fill: '#d64541' };
const LID: Shape = { type: 'polygon', points: roundedRectangle(-0.31, 0.04, 0.31, 0.18, 0.03), fill: '#b83531' };
const RIBBON: Shape = { type: 'polygon', points: rectangle(-0.055, -0.34, 0.055, 0.18), fill: '#f4d35e' };
const BOWS: readonly Shape[] = [-0.11, 0.11].map((x) => {
  return { type: 'polygon', points: oval(x, 0.24, 0.1, 0.065), fill: '#f4d35e', stroke: '#c79f2b', lineWidth: 0.012 };
});
/** Where the walker looks: left, down, right, up. */
const LOOK = [
  [-1, 0],
  [0, -1],
  [1, 0],
  [0, 1],
] as const;

/** The map without the walker: the same items in every frame. */
export function lakeItems(desc: readonly string[]): readonly SceneItem[] {
  return desc.flatMap((row, r) =>
    Array.from(row).flatMap((letter, c) => {
      const shapes = [ICE[(r + c) % 2]!];
      if (letter === 'H') shapes.push(HOLE_RIM, HOLE, HOLE_DEEP);
      else if (letter === 'S') shapes.push(MAT, MAT_EDGE);
      else if (letter === 'G') shapes.push(BOX, LID, RIBBON, ...BOWS);
      else shapes.push(GLINT, GLINT_SHORT);
      return shapes.map((shape) => inCell(shape, r, c));
    }),
  );
}

/** The walker on its map: in a hole only its hat is seen. */
export function frozenLakeScene(
  desc: readonly string[],
  still: readonly SceneItem[],
  state: number,
  lastAction: number | null,
  actionName: string | null,
): Scene {
  const columns = desc[0]!.length;
  const [row, column] = [Math.floor(state / columns), state % columns];
  const letter = desc[row]![column]!;
  const [dx, dy] = LOOK[lastAction ?? 1]!;
  const walker =
    letter === 'H'
      ? [...SPLASH, HAT_AFLOAT].map((shape) => inCell(shape, row, column))
      : walkerItems(row, column, dx, dy);
  const on = { S: 'start', F: 'ice', H: 'in a hole', G: 'goal' }[letter] ?? letter;
  return {
    background: '#eef4f8',
    camera: gridCamera(desc.length, columns),
    items: [...still, ...walker],
    readings: [
      ['cell', `row ${row}, column ${column}`],
      ['on', on],
      ['last move', actionName ?? 'none'],
    ],
  };
}
