import type { Scene, SceneItem, Shape } from '../../src/render/scene.js';
import { arc, roundedRectangle } from '../../src/render/shapes.js';
import { VALLEY } from './fields.js';

const LEFT = VALLEY.MIN_POSITION.value;
const RIGHT = VALLEY.MAX_POSITION.value;
/** How far the landscape goes on beyond both ends. */
const MARGIN = 1.2;
const WHEEL = 0.024;

const height = (x: number): number => Math.sin(3 * x) * 0.45 + 0.55;

/** Ground that falls to the bottom of the picture under the line `top`. */
function land(top: (x: number) => number, fill: string): Shape {
  const points: number[] = [];
  for (let k = 0; k <= 120; k++) {
    const x = LEFT - MARGIN + ((RIGHT - LEFT + 2 * MARGIN) * k) / 120;
    points.push(x, top(x));
  }
  return { type: 'polygon', points: [...points, RIGHT + MARGIN, -2, LEFT - MARGIN, -2], fill };
}

/** Beyond its ends the valley rises on to the left, as a cliff, and flattens to the right. */
const ground = (x: number): number => {
  if (x < LEFT - 0.06) return height(LEFT) + 0.16 + 0.05 * Math.sin(9 * x);
  if (x > Math.PI / 6) return 1 - 0.06 * (x - Math.PI / 6);
  return height(Math.max(x, LEFT));
};

const SUN: Shape = { type: 'circle', x: 0.08, y: 1.27, radius: 0.09, fill: '#fbe3a0' };
const HALO: Shape = { type: 'circle', x: 0.08, y: 1.27, radius: 0.14, fill: 'rgba(251, 227, 160, 0.35)' };
const CLOUD: Shape = {
  type: 'polygon',
  points: [
    ...arc(-0.09, 0, 0.05, Math.PI / 2, 1.5 * Math.PI, 8),
    ...arc(0.1, 0, 0.05, -Math.PI / 2, 0.6, 8),
    ...arc(0.01, 0.045, 0.075, 0.1, Math.PI - 0.1, 12),
  ],
  fill: 'rgba(255, 255, 255, 0.85)',
};
const FAR = land((x) => 0.86 + 0.2 * Math.sin(2.1 * x + 2.2) + 0.05 * Math.sin(7 * x), '#a9c3d3');
const MIDDLE = land((x) => 0.62 + 0.17 * Math.sin(2.7 * x + 0.3) + 0.03 * Math.sin(11 * x), '#8fb29c');
const GRASS = land(ground, '#6f9c4d');
const EARTH = land((x) => ground(x) - 0.035, '#94714b');
const DEEP = land((x) => ground(x) - 0.2 - 0.02 * Math.sin(17 * x), '#7f5f3e');
const TREE: Shape = { type: 'polygon', points: [-0.045, 0.05, 0, 0.17, 0.045, 0.05], fill: '#3f6b45' };
const CROWN: Shape = { type: 'polygon', points: [-0.036, 0.1, 0, 0.2, 0.036, 0.1], fill: '#4c7d52' };
const TRUNK: Shape = {
  type: 'polygon',
  points: [-0.008, -0.01, 0.008, -0.01, 0.008, 0.06, -0.008, 0.06],
  fill: '#6a4a2c',
};
const POLE: Shape = { type: 'polyline', points: [0, 0, 0, 0.26], stroke: '#e9edf0', lineWidth: 0.012 };
const FLAG: Shape = { type: 'polygon', points: [0.005, 0.26, 0.13, 0.215, 0.005, 0.17], fill: '#d8392b' };

const SHADOW: Shape = {
  type: 'polygon',
  points: [-0.085, 0, 0.085, 0, 0.07, -0.012, -0.07, -0.012],
  fill: 'rgba(20, 25, 20, 0.35)',
};
const BODY: Shape = { type: 'polygon', points: roundedRectangle(-0.09, 0.022, 0.09, 0.064, 0.016), fill: '#d8392b' };
const CABIN: Shape = { type: 'polygon', points: [-0.06, 0.06, -0.042, 0.1, 0.022, 0.1, 0.05, 0.06], fill: '#b82c20' };
const WINDOW: Shape = {
  type: 'polygon',
  points: [-0.047, 0.063, -0.034, 0.092, 0.016, 0.092, 0.036, 0.063],
  fill: '#cfe6f2',
};
const POST: Shape = {
  type: 'polygon',
  points: [-0.012, 0.063, -0.012, 0.094, -0.004, 0.094, -0.004, 0.063],
  fill: '#b82c20',
};
const LAMP: Shape = { type: 'circle', x: 0.083, y: 0.05, radius: 0.008, fill: '#fff2b8' };
const TYRE: Shape = { type: 'circle', x: 0, y: 0, radius: WHEEL, fill: '#23282e' };
const RIM: Shape = { type: 'circle', x: 0, y: 0, radius: 0.013, fill: '#c3cbd2' };
const SPOKE: Shape = { type: 'polyline', points: [-0.013, 0, 0.013, 0], stroke: '#4a525a', lineWidth: 0.006 };

const TREES = [-1.42, -1.6, -1.85, 0.82, 0.97, 1.2, 1.45];
const STILL: readonly SceneItem[] = [
  { shape: HALO },
  { shape: SUN },
  { shape: CLOUD, x: -0.5, y: 1.32 },
  { shape: CLOUD, x: 0.3, y: 1.38 },
  { shape: FAR },
  { shape: MIDDLE },
  ...TREES.flatMap((x) => [TRUNK, TREE, CROWN].map((shape) => ({ shape, x, y: ground(x) }))),
  { shape: GRASS },
  { shape: EARTH },
  { shape: DEEP },
];

/** The car at `position` in the valley, the flag at `goal`. */
export function valleyScene(position: number, velocity: number, goal: number): Scene {
  const angle = Math.atan(Math.cos(3 * position) * 3 * 0.45);
  const y = height(position);
  const place = { x: position, y, angle };
  const turn = -position / WHEEL;
  const wheel = (along: number): SceneItem[] => {
    const at = {
      x: position + along * Math.cos(angle) - WHEEL * Math.sin(angle),
      y: y + along * Math.sin(angle) + WHEEL * Math.cos(angle),
      angle: turn,
    };
    return [
      { shape: TYRE, ...at },
      { shape: RIM, ...at },
      { shape: SPOKE, ...at },
    ];
  };
  return {
    background: '#d3e6f1',
    camera: { x: -0.3, y: 0.72, width: 2.05, height: 1.5 },
    items: [
      ...STILL,
      { shape: POLE, x: goal, y: height(goal) },
      { shape: FLAG, x: goal, y: height(goal) },
      ...[SHADOW, CABIN, WINDOW, POST, BODY, LAMP].map((shape) => ({ shape, ...place })),
      ...wheel(-0.052),
      ...wheel(0.052),
    ],
    readings: [
      ['position', position.toFixed(3)],
      ['velocity', velocity.toFixed(4)],
    ],
  };
}
