import type { Scene, SceneItem, Shape } from '../../src/render/scene.js';
import { capsule, rectangle, roundedRectangle } from '../../src/render/shapes.js';
import { gridCamera, inCell } from '../toy-text/grid.js';
import { IN_TAXI, type TaxiState } from './dynamics.js';
import { ACTIONS, MAP, RANK_NAMES, RANKS } from './fields.js';

const SIZE = 5;
const COLORS = ['#d9534f', '#3f9d56', '#e0b62f', '#3f74c7'] as const;
const PALE = ['#f0c3bf', '#bfe0c6', '#f3e3ac', '#bdd0ee'] as const;

const TOWN: Shape = { type: 'polygon', points: roundedRectangle(-0.62, -0.62, 4.62, 4.62, 0.12), fill: '#7f9f72' };
const ROAD: Shape = { type: 'polygon', points: rectangle(-0.5, -0.5, 4.5, 4.5), fill: '#6b7077' };
const DASH_ACROSS: Shape = {
  type: 'polyline',
  points: [-0.46, 0, 4.46, 0],
  stroke: '#858b93',
  lineWidth: 0.02,
  dash: [0.16, 0.14],
};
const DASH_ALONG: Shape = { ...DASH_ACROSS, points: [0, -0.46, 0, 4.46] };
const PLOTS: readonly Shape[] = PALE.map((fill, k) => {
  return {
    type: 'polygon',
    points: roundedRectangle(-0.4, -0.4, 0.4, 0.4, 0.1),
    fill,
    stroke: COLORS[k]!,
    lineWidth: 0.04,
  };
});
const LETTERS: readonly Shape[] = ['R', 'G', 'Y', 'B'].map((text, k) => {
  return { type: 'text', x: -0.27, y: 0.21, text, size: 0.13, fill: COLORS[k]!, align: 'center' };
});
const WALL: Shape = { type: 'polygon', points: capsule(0.88, 0.065), fill: '#4a5a3f' };
const HEDGE: Shape = { type: 'polyline', points: [0, 0.02, 0, 0.86], stroke: '#86a873', lineWidth: 0.05 };
const TARGET: readonly Shape[] = [
  { type: 'circle', x: 0, y: 0, radius: 0.24, stroke: '#b0308a', lineWidth: 0.05 },
  { type: 'circle', x: 0, y: 0, radius: 0.15, stroke: '#b0308a', lineWidth: 0.035 },
  { type: 'circle', x: 0, y: 0, radius: 0.06, fill: '#b0308a' },
];
/** The taxi from above, facing north. */
const TAXI: readonly Shape[] = [
  { type: 'polygon', points: roundedRectangle(-0.21, -0.33, 0.25, 0.31, 0.09), fill: 'rgba(15, 18, 22, 0.35)' },
  ...[-0.23, 0.17].flatMap((x): Shape[] =>
    [-0.25, 0.12].map((y) => ({ type: 'polygon', points: rectangle(x, y, x + 0.06, y + 0.13), fill: '#1d2126' })),
  ),
  {
    type: 'polygon',
    points: roundedRectangle(-0.2, -0.34, 0.2, 0.34, 0.09),
    fill: '#f5c518',
    stroke: '#9c7b06',
    lineWidth: 0.02,
  },
  { type: 'polygon', points: [-0.16, 0.1, 0.16, 0.1, 0.13, 0.2, -0.13, 0.2], fill: '#2b3a4a' },
  { type: 'polygon', points: [-0.15, -0.18, 0.15, -0.18, 0.12, -0.25, -0.12, -0.25], fill: '#2b3a4a' },
  { type: 'polyline', points: [-0.14, -0.04, 0.14, -0.04], stroke: '#23282e', lineWidth: 0.05, dash: [0.04, 0.04] },
  ...[-0.13, 0.13].map((x): Shape => ({ type: 'circle', x, y: 0.32, radius: 0.03, fill: '#fff6cf' })),
];
const SIGN_FREE: Shape = {
  type: 'circle',
  x: 0,
  y: 0.02,
  radius: 0.06,
  fill: '#5ad06d',
  stroke: '#1c5c2a',
  lineWidth: 0.015,
};
const PASSENGER: readonly Shape[] = [
  { type: 'polygon', points: roundedRectangle(-0.11, -0.2, 0.11, 0.06, 0.07), fill: '#7a3fa0' },
  { type: 'circle', x: 0, y: 0.11, radius: 0.095, fill: '#f2c9a1', stroke: '#7a5236', lineWidth: 0.012 },
];
const RIDER: Shape = { type: 'circle', x: 0, y: 0, radius: 0.1, fill: '#7a3fa0', stroke: '#f2c9a1', lineWidth: 0.04 };

/** Angles of south, north, east and west from the north. */
const HEADINGS = [Math.PI, 0, -Math.PI / 2, Math.PI / 2] as const;

const STILL: readonly SceneItem[] = [
  { shape: TOWN, y: -4 },
  { shape: ROAD, y: -4 },
  ...[0, 1, 2, 3, 4].flatMap((k) => [
    { shape: DASH_ACROSS, y: -k },
    { shape: DASH_ALONG, x: k, y: -4 },
  ]),
  ...RANKS.flatMap(([row, column], k) => [inCell(PLOTS[k]!, row, column), inCell(LETTERS[k]!, row, column)]),
  ...Array.from({ length: SIZE * (SIZE - 1) }, (_, k) => [Math.floor(k / 4), k % 4] as const)
    .filter(([row, column]) => MAP[row + 1]![2 * column + 2] === '|')
    .flatMap(([row, column]) => [WALL, HEDGE].map((shape) => ({ shape, x: column + 0.5, y: -row - 0.44 }))),
];

/** The town with the taxi facing along `heading`, an action from 0 to 3. */
export function taxiScene(state: TaxiState, heading: number, lastAction: number | null): Scene {
  const { row, column, passenger, destination } = state;
  const place = { x: column, y: -row, angle: HEADINGS[heading]! };
  const rides = passenger === IN_TAXI;
  const [r, c] = rides ? [row, column] : RANKS[passenger]!;
  const people = rides ? [RIDER] : PASSENGER;
  return {
    background: '#dfe8d8',
    camera: gridCamera(SIZE, SIZE, 0.25),
    items: [
      ...STILL,
      ...TARGET.map((shape) => inCell(shape, ...RANKS[destination]!)),
      ...TAXI.map((shape) => ({ shape, ...place })),
      ...(rides ? [] : [{ shape: SIGN_FREE, ...place }]),
      ...people.map((shape) => ({ shape, x: rides ? c : c + 0.22, y: rides ? -r : -r - 0.16 })),
    ],
    readings: [
      ['passenger', rides ? 'in the taxi' : `at ${RANK_NAMES[passenger]}`],
      ['destination', RANK_NAMES[destination]!],
      ['cell', `row ${row}, column ${column}`],
      ['last action', lastAction === null ? 'none' : ACTIONS[lastAction]!],
    ],
  };
}
