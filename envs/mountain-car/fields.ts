import type { Field, FieldTables } from '../../src/core/env.js';

export const MIN_POSITION = -1.2;
export const MAX_POSITION = 0.6;
export const MAX_SPEED = 0.07;

/** Shared with the continuous version. */
export const observationFields: readonly Field[] = [
  {
    name: 'position',
    unit: 'm',
    low: MIN_POSITION,
    high: MAX_POSITION,
    about: 'Position along the valley; its bottom is near -0.52.',
  },
  { name: 'velocity', unit: 'm/step', low: -MAX_SPEED, high: MAX_SPEED, about: 'Velocity.' },
];

export const fields: FieldTables = {
  observation: observationFields,
  action: [
    { name: 'left', unit: '1', low: 0, high: 0, about: 'Accelerate to the left.' },
    { name: 'coast', unit: '1', low: 1, high: 1, about: 'Do not accelerate.' },
    { name: 'right', unit: '1', low: 2, high: 2, about: 'Accelerate to the right.' },
  ],
};
