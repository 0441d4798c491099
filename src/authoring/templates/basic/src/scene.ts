import type { Scene, Shape } from 'gymkhana';

// Shapes that stay the same are made once: pages store each of them once.
const GROUND: Shape = { type: 'polyline', points: [-3, 0, 3, 0], stroke: '#5a6b7b', lineWidth: 0.03 };
const CART: Shape = { type: 'polygon', points: [-0.15, 0.02, 0.15, 0.02, 0.15, 0.2, -0.15, 0.2], fill: '#d8392b' };
const FLAG: Shape = { type: 'polygon', points: [0, 0, 0.02, 0, 0.02, 0.3, 0.2, 0.38, 0, 0.46], fill: '#2f7d4f' };

/** The picture of a state: world units are metres, y points up. */
export function sceneOf(state: {
  readonly position: number;
  readonly velocity: number;
  readonly target: number;
}): Scene {
  return {
    background: '#e8eef3',
    camera: { x: 0, y: 0.4, width: 4.6, height: 1.6 },
    items: [{ shape: GROUND }, { shape: FLAG, x: state.target, y: 0 }, { shape: CART, x: state.position, y: 0 }],
    readings: [
      ['position', `${state.position.toFixed(2)} m`],
      ['velocity', `${state.velocity.toFixed(2)} m/s`],
    ],
  };
}
