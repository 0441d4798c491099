import type { Scene, SceneItem, Shape } from '../../src/render/scene.js';
import { arc, capsule, rectangle, roundedRectangle } from '../../src/render/shapes.js';
import { CONSTANTS } from './fields.js';

const LIMIT = CONSTANTS.POSITION_LIMIT.value;
const ANGLE = CONSTANTS.ANGLE_LIMIT.value;
const POLE_LENGTH = 2 * CONSTANTS.HALF_LENGTH.value;
/** Height of the rail's top, of the axle above it, and radius of a wheel, m. */
const RAIL = 0;
const AXLE = 0.27;
const WHEEL = 0.07;

const FLOOR: Shape = { type: 'polygon', points: rectangle(-9, -6, 9, -0.16), fill: '#c9b79c' };
const WALL: Shape = { type: 'polygon', points: rectangle(-9, -0.16, 9, 6), fill: '#e6ecef' };
const LINE: Shape = { type: 'polyline', points: [0, -0.16, 0, 6], stroke: '#d9e1e6', lineWidth: 0.012 };
const BOARD: Shape = { type: 'polyline', points: [-9, 0, 9, 0], stroke: '#b9a588', lineWidth: 0.012 };
const SKIRTING: Shape = { type: 'polygon', points: rectangle(-9, -0.16, 9, -0.12), fill: '#a08a6c' };
const BEAM: Shape = { type: 'polygon', points: rectangle(-LIMIT - 0.25, -0.045, LIMIT + 0.25, RAIL), fill: '#56606b' };
const SHINE: Shape = { type: 'polygon', points: rectangle(-LIMIT - 0.25, -0.012, LIMIT + 0.25, RAIL), fill: '#8b96a1' };
const LEG: Shape = { type: 'polygon', points: rectangle(-0.03, -0.16, 0.03, -0.04), fill: '#454d56' };
const BUFFER: Shape = { type: 'polygon', points: roundedRectangle(-0.04, RAIL, 0.04, 0.2, 0.02), fill: '#c8402f' };
const TICK: Shape = { type: 'polygon', points: rectangle(-0.008, -0.036, 0.008, -0.02), fill: '#e8edf2' };
/** Between the angles at which the episode goes on. */
const CONE: Shape = {
  type: 'polygon',
  points: [0, 0, ...arc(0, 0, 1.12, Math.PI / 2 - ANGLE, Math.PI / 2 + ANGLE)],
  fill: 'rgba(70, 130, 90, 0.13)',
};
const SHADOW: Shape = { type: 'polygon', points: rectangle(-0.3, -0.012, 0.3, RAIL), fill: 'rgba(20, 25, 30, 0.35)' };
const BODY: Shape = { type: 'polygon', points: roundedRectangle(-0.28, 0.09, 0.28, 0.27, 0.035), fill: '#2d5f8b' };
const STRIPE: Shape = { type: 'polygon', points: rectangle(-0.28, 0.15, 0.28, 0.178), fill: '#f0c24b' };
const TYRE: Shape = { type: 'circle', x: 0, y: 0, radius: WHEEL, fill: '#23282e' };
const SPOKES: Shape = { type: 'polyline', points: [-0.045, 0, 0.045, 0], stroke: '#aeb7c0', lineWidth: 0.018 };
const CROSS: Shape = { type: 'polyline', points: [0, -0.045, 0, 0.045], stroke: '#aeb7c0', lineWidth: 0.018 };
const POLE: Shape = {
  type: 'polygon',
  points: capsule(POLE_LENGTH, 0.036, 0.03),
  fill: '#b9763a',
  stroke: '#8a5423',
  lineWidth: 0.008,
};
const GRAIN: Shape = {
  type: 'polyline',
  points: [-0.01, 0.08, -0.008, POLE_LENGTH - 0.05],
  stroke: '#d49a60',
  lineWidth: 0.01,
};
const TIP: Shape = { type: 'circle', x: 0, y: POLE_LENGTH, radius: 0.05, fill: '#c8402f' };
const HUB: Shape = { type: 'circle', x: 0, y: 0, radius: 0.055, fill: '#e7ebef', stroke: '#23282e', lineWidth: 0.014 };

const label = (x: number): Shape => {
  return { type: 'text', x: 0, y: 0, text: `${x} m`, size: 0.09, fill: '#7d6b50', align: 'center' };
};

const STILL: readonly SceneItem[] = [
  { shape: WALL },
  ...[-4, -3, -2, -1, 0, 1, 2, 3, 4].map((x) => ({ shape: LINE, x })),
  { shape: FLOOR },
  ...[-0.5, -0.85, -1.2].map((y) => ({ shape: BOARD, y })),
  { shape: SKIRTING },
  ...[-2.4, -1.2, 0, 1.2, 2.4].map((x) => ({ shape: LEG, x })),
  { shape: BEAM },
  { shape: SHINE },
  ...[-2, -1, 0, 1, 2].flatMap((x) => [
    { shape: TICK, x },
    { shape: label(x), x, y: -0.36 },
  ]),
  { shape: BUFFER, x: -LIMIT - 0.2 },
  { shape: BUFFER, x: LIMIT + 0.2 },
];

/** The cart at `x` (m) on its track, the pole at `theta` (rad). */
export function cartPoleScene(x: number, velocity: number, theta: number, omega: number): Scene {
  const turn = -x / WHEEL;
  const wheel = (at: number): SceneItem[] => [
    { shape: TYRE, x: at, y: WHEEL },
    { shape: SPOKES, x: at, y: WHEEL, angle: turn },
    { shape: CROSS, x: at, y: WHEEL, angle: turn },
  ];
  const pole = { x, y: AXLE, angle: -theta };
  return {
    background: '#e6ecef',
    camera: { x: 0, y: 0.6, width: 5.7, height: 2 },
    items: [
      ...STILL,
      { shape: CONE, x, y: AXLE },
      { shape: SHADOW, x },
      ...wheel(x - 0.17),
      ...wheel(x + 0.17),
      { shape: BODY, x },
      { shape: STRIPE, x },
      { shape: POLE, ...pole },
      { shape: GRAIN, ...pole },
      { shape: TIP, ...pole },
      { shape: HUB, x, y: AXLE },
    ],
    readings: [
      ['position', `${x.toFixed(2)} m`],
      ['velocity', `${velocity.toFixed(2)} m/s`],
      ['angle', `${((theta * 180) / Math.PI).toFixed(1)} deg`],
      ['turning', `${((omega * 180) / Math.PI).toFixed(0)} deg/s`],
    ],
  };
}
