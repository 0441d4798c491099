import type { Scene, Shape } from '../../src/render/scene.js';
import { MAX_POSITION, MIN_POSITION } from './fields.js';

const height = (x: number): number => Math.sin(3 * x) * 0.45 + 0.55;

const HILL: Shape = {
  type: 'polygon',
  points: Array.from({ length: 101 }, (_, k) => MIN_POSITION + ((MAX_POSITION - MIN_POSITION) * k) / 100)
    .flatMap((x) => [x, height(x)])
    .concat([MAX_POSITION, -0.2, MIN_POSITION, -0.2]),
  fill: '#a9b48a',
  stroke: '#6d7a4d',
  lineWidth: 0.008,
};
const BODY: Shape = {
  type: 'polygon',
  points: [-0.07, 0.03, 0.07, 0.03, 0.06, 0.075, 0.03, 0.075, 0.015, 0.105, -0.04, 0.105, -0.06, 0.07],
  fill: '#c34b44',
};
const REAR: Shape = { type: 'circle', x: -0.04, y: 0.025, radius: 0.022, fill: '#2f3a45' };
const FRONT: Shape = { type: 'circle', x: 0.04, y: 0.025, radius: 0.022, fill: '#2f3a45' };
const POLE: Shape = { type: 'polyline', points: [0, 0, 0, 0.2], stroke: '#2f3a45', lineWidth: 0.008 };
const FLAG: Shape = { type: 'polygon', points: [0, 0.2, 0.09, 0.17, 0, 0.14], fill: '#e0a526' };

/** The valley, the car at `position` and the flag at `goal`. */
export function valleyScene(position: number, velocity: number, goal: number): Scene {
  const angle = Math.atan(Math.cos(3 * position) * 3 * 0.45);
  const place = { x: position, y: height(position), angle };
  return {
    background: '#e8eef2',
    camera: { x: -0.3, y: 0.5, width: 1.8, height: 1.25 },
    items: [
      { shape: HILL },
      { shape: POLE, x: goal, y: height(goal) },
      { shape: FLAG, x: goal, y: height(goal) },
      { shape: BODY, ...place },
      { shape: REAR, ...place },
      { shape: FRONT, ...place },
    ],
    readings: [
      ['position', position.toFixed(3)],
      ['velocity', velocity.toFixed(4)],
    ],
  };
}
