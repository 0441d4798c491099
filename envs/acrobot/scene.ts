import type { Scene, SceneItem, Shape } from '../../src/render/scene.js';
import { arc, capsule, rectangle } from '../../src/render/shapes.js';
import { CONSTANTS } from './fields.js';

const LENGTH = CONSTANTS.LENGTH_1.value;
const GOAL = CONSTANTS.GOAL.value;

const WALL: Shape = { type: 'polygon', points: rectangle(-3.6, -2.7, 3.6, 2.7), fill: '#eef2f4' };
const ZONE: Shape = { type: 'polygon', points: rectangle(-3.6, GOAL, 3.6, 2.7), fill: 'rgba(63, 143, 91, 0.14)' };
const LINE: Shape = {
  type: 'polyline',
  points: [-3.6, GOAL, 3.6, GOAL],
  stroke: '#3f8f5b',
  lineWidth: 0.03,
  dash: [0.16, 0.1],
};
const REACH: Shape = {
  type: 'polyline',
  points: arc(0, 0, 2 * LENGTH, 0, 2 * Math.PI, 72),
  closed: true,
  stroke: '#d5dce2',
  lineWidth: 0.02,
};
const BEAM: Shape = { type: 'polygon', points: rectangle(-0.06, 0, 0.06, 2.7), fill: '#b8c2cb' };
const MOUNT: Shape = { type: 'polygon', points: [-0.24, 0.34, 0.24, 0.34, 0.1, 0, -0.1, 0], fill: '#8793a0' };
const UPPER: Shape = {
  type: 'polygon',
  points: capsule(-LENGTH, -0.105, -0.09),
  fill: '#3d6f9e',
  stroke: '#28507a',
  lineWidth: 0.02,
};
const LOWER: Shape = {
  type: 'polygon',
  points: capsule(-LENGTH, -0.085, -0.06),
  fill: '#e08a1e',
  stroke: '#a9640d',
  lineWidth: 0.02,
};
const JOINT: Shape = { type: 'circle', x: 0, y: 0, radius: 0.12, fill: '#e7ebef', stroke: '#39434d', lineWidth: 0.03 };
const PIN: Shape = { type: 'circle', x: 0, y: 0, radius: 0.04, fill: '#39434d' };
const HAND: Shape = { type: 'circle', x: 0, y: 0, radius: 0.09, fill: '#d8392b', stroke: '#9d251a', lineWidth: 0.02 };

/** An arrow round the middle joint: `way` 1 for counter-clockwise, -1 for clockwise. */
function arrow(way: 1 | -1): Shape[] {
  const to = Math.PI / 2 + way * 1.1 * Math.PI;
  const tip = to + way * 0.65;
  const at = (radius: number, angle: number): number[] => [radius * Math.cos(angle), radius * Math.sin(angle)];
  return [
    { type: 'polyline', points: arc(0, 0, 0.26, Math.PI / 2, to), stroke: '#d8392b', lineWidth: 0.05 },
    { type: 'polygon', points: [...at(0.17, to), ...at(0.35, to), ...at(0.26, tip)], fill: '#d8392b' },
  ];
}
const FORWARD = arrow(1);
const BACKWARD = arrow(-1);

const STILL: readonly SceneItem[] = [
  { shape: WALL },
  { shape: ZONE },
  { shape: BEAM },
  { shape: REACH },
  { shape: LINE },
  { shape: MOUNT },
];

/** Links at `angle1` (rad, 0 hanging) and `angle2` (rad, relative to the first), under `torque` (N m). */
export function acrobotScene(angle1: number, angle2: number, torque: number): Scene {
  const x = LENGTH * Math.sin(angle1);
  const y = -LENGTH * Math.cos(angle1);
  const both = angle1 + angle2;
  const handX = x + LENGTH * Math.sin(both);
  const handY = y - LENGTH * Math.cos(both);
  const arrows = torque > 0 ? FORWARD : torque < 0 ? BACKWARD : [];
  return {
    background: '#eef2f4',
    camera: { x: 0, y: 0, width: 4.8, height: 4.5 },
    items: [
      ...STILL,
      { shape: LOWER, x, y, angle: both },
      { shape: UPPER, angle: angle1 },
      { shape: JOINT },
      { shape: PIN },
      { shape: JOINT, x, y },
      { shape: PIN, x, y },
      ...arrows.map((shape) => ({ shape, x, y })),
      { shape: HAND, x: handX, y: handY },
    ],
    readings: [
      ['height', `${handY.toFixed(2)} m of ${GOAL} m`],
      ['torque', `${torque} N m`],
    ],
  };
}
