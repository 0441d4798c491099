import type { Scene, SceneItem, Shape } from '../../src/render/scene.js';
import { arc, capsule } from '../../src/render/shapes.js';
import { CONSTANTS } from './fields.js';

const LENGTH = CONSTANTS.LENGTH.value;
const MAX_TORQUE = CONSTANTS.MAX_TORQUE.value;
/** The torque arrow comes in so many sizes to each side, so that frames share their shapes. */
const SIZES = 12;

const PLATE: Shape = { type: 'circle', x: 0, y: 0, radius: 1.22, fill: '#f7f9fa', stroke: '#c3ccd4', lineWidth: 0.02 };
const TICK: Shape = { type: 'polyline', points: [0, 1.11, 0, 1.17], stroke: '#9aa6b1', lineWidth: 0.016 };
const MARK: Shape = { type: 'polygon', points: [-0.06, 1.2, 0.06, 1.2, 0, 1.09], fill: '#3f8f5b' };
const BRACKET: Shape = { type: 'polygon', points: [-0.3, -1.5, 0.3, -1.5, 0.1, 0, -0.1, 0], fill: '#d3dae0' };
const ROD: Shape = {
  type: 'polygon',
  points: capsule(LENGTH, 0.055, 0.04),
  fill: '#3d6f9e',
  stroke: '#28507a',
  lineWidth: 0.014,
};
const SHINE: Shape = {
  type: 'polyline',
  points: [-0.016, 0.1, -0.012, LENGTH - 0.16],
  stroke: '#7fa9cf',
  lineWidth: 0.018,
};
const BOB: Shape = {
  type: 'circle',
  x: 0,
  y: LENGTH,
  radius: 0.115,
  fill: '#d8392b',
  stroke: '#9d251a',
  lineWidth: 0.016,
};
const GLINT: Shape = { type: 'circle', x: -0.035, y: LENGTH + 0.035, radius: 0.03, fill: 'rgba(255, 255, 255, 0.55)' };
const HUB: Shape = { type: 'circle', x: 0, y: 0, radius: 0.085, fill: '#e7ebef', stroke: '#39434d', lineWidth: 0.024 };
const PIN: Shape = { type: 'circle', x: 0, y: 0, radius: 0.028, fill: '#39434d' };

/** An arrow round the pivot, turning with the torque `share` of the largest, -1 to 1. */
function arrow(share: number): [Shape, Shape] {
  const radius = 0.3;
  const from = Math.PI / 2;
  const to = from + share * 1.1 * Math.PI;
  const colour = '#e08a1e';
  const tip = to + 0.55 * Math.sign(share);
  const head = [
    (radius - 0.09) * Math.cos(to),
    (radius - 0.09) * Math.sin(to),
    (radius + 0.09) * Math.cos(to),
    (radius + 0.09) * Math.sin(to),
    radius * Math.cos(tip),
    radius * Math.sin(tip),
  ];
  return [
    { type: 'polyline', points: arc(0, 0, radius, from, to), stroke: colour, lineWidth: 0.05 },
    { type: 'polygon', points: head, fill: colour },
  ];
}

const ARROWS: readonly (readonly SceneItem[])[] = Array.from({ length: 2 * SIZES + 1 }, (_, k) =>
  k === SIZES ? [] : arrow((k - SIZES) / SIZES).map((shape) => ({ shape })),
);
const STILL: readonly SceneItem[] = [
  { shape: BRACKET },
  { shape: PLATE },
  ...Array.from({ length: 24 }, (_, k) => ({ shape: TICK, angle: (k * Math.PI) / 12 })),
  { shape: MARK },
];

/** The rod at `theta` (rad, 0 upright, counter-clockwise) under `torque` (N m). */
export function pendulumScene(theta: number, omega: number, torque: number): Scene {
  const size = Math.round((Math.max(-1, Math.min(1, torque / MAX_TORQUE)) + 1) * SIZES);
  const degrees = (Math.atan2(Math.sin(theta), Math.cos(theta)) * 180) / Math.PI;
  return {
    background: '#e6ecef',
    camera: { x: 0, y: 0, width: 2.8, height: 2.7 },
    items: [
      ...STILL,
      ...ARROWS[size]!,
      ...[ROD, SHINE, BOB, GLINT].map((shape) => ({ shape, angle: theta })),
      { shape: HUB },
      { shape: PIN },
    ],
    readings: [
      ['angle', `${degrees.toFixed(0)} deg`],
      ['speed', `${omega.toFixed(2)} rad/s`],
      ['torque', `${torque.toFixed(2)} N m`],
    ],
  };
}
