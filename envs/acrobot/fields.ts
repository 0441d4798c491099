import type { FieldTables } from '../../src/core/env.js';

export const MAX_SPEED_1 = 4 * Math.PI;
export const MAX_SPEED_2 = 9 * Math.PI;

export const fields: FieldTables = {
  observation: [
    { name: 'cosAngle1', unit: '1', low: -1, high: 1, about: 'Cosine of the first link angle; 1 hangs down.' },
    { name: 'sinAngle1', unit: '1', low: -1, high: 1, about: 'Sine of the first link angle.' },
    {
      name: 'cosAngle2',
      unit: '1',
      low: -1,
      high: 1,
      about: 'Cosine of the second link angle, relative to the first.',
    },
    { name: 'sinAngle2', unit: '1', low: -1, high: 1, about: 'Sine of the second link angle.' },
    {
      name: 'angularVelocity1',
      unit: 'rad/s',
      low: -MAX_SPEED_1,
      high: MAX_SPEED_1,
      about: 'Angular velocity of the first link.',
    },
    {
      name: 'angularVelocity2',
      unit: 'rad/s',
      low: -MAX_SPEED_2,
      high: MAX_SPEED_2,
      about: 'Angular velocity of the second link.',
    },
  ],
  action: [
    { name: 'minus', unit: 'N m', low: 0, high: 0, about: 'Torque of -1 N m on the joint between the links.' },
    { name: 'none', unit: 'N m', low: 1, high: 1, about: 'No torque.' },
    { name: 'plus', unit: 'N m', low: 2, high: 2, about: 'Torque of 1 N m.' },
  ],
};
