import type { Field, FieldTables, Keyboard } from 'gymkhana';

/** Directions in which distances to the walls are measured. */
export const RAYS = 8;
/** Longest distance that a ray sees, m. */
export const RANGE = 8;
/** Half the side of the square arena, m. */
export const HALF = 4;
/** Greatest force, N. */
export const FORCE = 8;

const rays: Field[] = Array.from({ length: RAYS }, (_, k) => ({
  name: `ray${k}`,
  unit: 'm',
  low: 0,
  high: RANGE,
  about: `Distance to a wall ${(360 / RAYS) * k} degrees from the x axis.`,
}));

/** What each number means: the bounds of the observation space, the documentation and the viewer's labels come from here. */
export const FIELDS = {
  observation: [
    ...rays,
    { name: 'vx', unit: 'm/s', low: -40, high: 40, about: 'Velocity along x.' },
    { name: 'vy', unit: 'm/s', low: -40, high: 40, about: 'Velocity along y.' },
    { name: 'dx', unit: 'm', low: -2 * HALF, high: 2 * HALF, about: 'From the puck to the dock along x.' },
    { name: 'dy', unit: 'm', low: -2 * HALF, high: 2 * HALF, about: 'From the puck to the dock along y.' },
  ],
  action: [
    { name: 'fx', unit: '8 N', low: -1, high: 1, about: 'Force along x.' },
    { name: 'fy', unit: '8 N', low: -1, high: 1, about: 'Force along y.' },
  ],
} satisfies FieldTables;

/** Keys for a person: `gymkhana play`. The binding with the most keys wins. */
export const KEYBOARD: Keyboard = {
  idle: [0, 0],
  bindings: [
    { keys: ['ArrowDown'], action: [0, -1], label: 'down' },
    { keys: ['ArrowUp'], action: [0, 1], label: 'up' },
    { keys: ['ArrowLeft'], action: [-1, 0], label: 'left' },
    { keys: ['ArrowRight'], action: [1, 0], label: 'right' },
    { keys: ['ArrowLeft', 'ArrowDown'], action: [-1, -1], label: 'down left' },
    { keys: ['ArrowLeft', 'ArrowUp'], action: [-1, 1], label: 'up left' },
    { keys: ['ArrowRight', 'ArrowDown'], action: [1, -1], label: 'down right' },
    { keys: ['ArrowRight', 'ArrowUp'], action: [1, 1], label: 'up right' },
  ],
};
