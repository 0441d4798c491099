import type { FieldTables } from '../../src/core/env.js';

const INF = Number.POSITIVE_INFINITY;
/** 12 degrees, in rad. */
export const THETA_LIMIT = (12 * 2 * Math.PI) / 360;
/** Half the width of the track, m. */
export const X_LIMIT = 2.4;

export const fields: FieldTables = {
  observation: [
    {
      name: 'position',
      unit: 'm',
      low: -2 * X_LIMIT,
      high: 2 * X_LIMIT,
      about: 'Cart position; the episode ends beyond 2.4.',
    },
    { name: 'velocity', unit: 'm/s', low: -INF, high: INF, about: 'Cart velocity.' },
    {
      name: 'angle',
      unit: 'rad',
      low: -2 * THETA_LIMIT,
      high: 2 * THETA_LIMIT,
      about: 'Pole angle, 0 upright; the episode ends beyond 12 degrees.',
    },
    { name: 'angularVelocity', unit: 'rad/s', low: -INF, high: INF, about: 'Angular velocity of the pole.' },
  ],
  action: [
    { name: 'left', unit: 'N', low: 0, high: 0, about: 'Push the cart left with 10 N.' },
    { name: 'right', unit: 'N', low: 1, high: 1, about: 'Push the cart right with 10 N.' },
  ],
};
