/** What each number of MountainCar means, shared with the continuous version: the source of spaces, labels and READMEs. */
import type { Constant } from '../../src/core/docs.js';
import type { Field, FieldTables } from '../../src/core/env.js';
import type { Keyboard } from '../../src/core/keyboard.js';
import type { KwargTable } from '../../src/core/kwargs.js';

/** The constants of the valley by name, Gymnasium's. */
export const VALLEY = {
  MIN_POSITION: { value: -1.2, unit: '1', about: 'Left end of the valley; the car stops at it.' },
  MAX_POSITION: { value: 0.6, unit: '1', about: 'Right end of the valley.' },
  MAX_SPEED: { value: 0.07, unit: '1/step', about: 'Largest speed.' },
  GRAVITY: {
    value: 0.0025,
    unit: '1/step^2',
    about: 'Pull of the slope, times the cosine of three times the position.',
  },
} as const satisfies Record<string, Constant>;

/** The constants by name, Gymnasium's. */
export const CONSTANTS = {
  ...VALLEY,
  FORCE: { value: 0.001, unit: '1/step^2', about: 'Acceleration by the motor.' },
  GOAL: { value: 0.5, unit: '1', about: 'Position of the flag.' },
} as const satisfies Record<string, Constant>;

/** The keyword arguments of both versions. */
export const KWARGS = {
  goalVelocity: { type: 'number', default: 0, about: 'Least velocity at the flag that counts as arriving, per step.' },
} as const satisfies KwargTable;

/** One row for each number of the observation of both versions. */
export const observationFields: readonly Field[] = [
  {
    name: 'position',
    unit: '1',
    low: VALLEY.MIN_POSITION.value,
    high: VALLEY.MAX_POSITION.value,
    about: 'Position along the valley, whose bottom is near -0.52.',
  },
  {
    name: 'velocity',
    unit: '1/step',
    low: -VALLEY.MAX_SPEED.value,
    high: VALLEY.MAX_SPEED.value,
    about: 'Velocity, positive to the right.',
  },
];

/** One row for each number of the observation and each action. */
export const fields: FieldTables = {
  observation: observationFields,
  action: [
    { name: 'left', unit: '1', low: 0, high: 0, about: 'Accelerate to the left.' },
    { name: 'coast', unit: '1', low: 1, high: 1, about: 'Do not accelerate.' },
    { name: 'right', unit: '1', low: 2, high: 2, about: 'Accelerate to the right.' },
  ],
};

/** Keys for a person; without one the car coasts. */
export const keyboard: Keyboard = {
  idle: 1,
  bindings: [
    { keys: ['ArrowLeft'], action: 0, label: 'left' },
    { keys: ['ArrowRight'], action: 2, label: 'right' },
  ],
};
