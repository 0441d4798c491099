import type { FieldTables } from '../../src/core/env.js';

/** Largest angular velocity, rad/s. */
export const MAX_SPEED = 8;
/** Largest torque, N m. */
export const MAX_TORQUE = 2;

export const fields: FieldTables = {
  observation: [
    { name: 'cosAngle', unit: '1', low: -1, high: 1, about: 'Cosine of the angle; 1 is upright.' },
    { name: 'sinAngle', unit: '1', low: -1, high: 1, about: 'Sine of the angle.' },
    { name: 'angularVelocity', unit: 'rad/s', low: -MAX_SPEED, high: MAX_SPEED, about: 'Angular velocity.' },
  ],
  action: [{ name: 'torque', unit: 'N m', low: -MAX_TORQUE, high: MAX_TORQUE, about: 'Torque on the free end.' }],
};
