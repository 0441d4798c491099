/** What each number of Pendulum means: the source of its spaces, labels and README. */
import type { Constant } from '../../src/core/docs.js';
import type { FieldTables } from '../../src/core/env.js';
import type { Keyboard } from '../../src/core/keyboard.js';
import type { KwargTable } from '../../src/core/kwargs.js';

/** The constants by name, Gymnasium's; gravity is the keyword `g`. */
export const CONSTANTS = {
  MASS: { value: 1, unit: 'kg', about: 'Mass of the rod.' },
  LENGTH: { value: 1, unit: 'm', about: 'Length of the rod.' },
  TIME_STEP: { value: 0.05, unit: 's', about: 'Duration of a step, one semi-implicit Euler step.' },
  MAX_SPEED: { value: 8, unit: 'rad/s', about: 'Largest angular velocity.' },
  MAX_TORQUE: { value: 2, unit: 'N m', about: 'Largest torque.' },
} as const satisfies Record<string, Constant>;

const MAX_SPEED = CONSTANTS.MAX_SPEED.value;
const MAX_TORQUE = CONSTANTS.MAX_TORQUE.value;

/** The keyword arguments of `PendulumEnv`. */
export const KWARGS = {
  g: { type: 'number', default: 10, min: -1000, max: 1000, about: 'Acceleration of gravity, m/s^2.' },
} as const satisfies KwargTable;

/** One row for each number of the observation and of the action. */
export const fields: FieldTables = {
  observation: [
    { name: 'cosAngle', unit: '1', low: -1, high: 1, about: 'Cosine of the angle; 1 is upright.' },
    { name: 'sinAngle', unit: '1', low: -1, high: 1, about: 'Sine of the angle, counter-clockwise positive.' },
    { name: 'angularVelocity', unit: 'rad/s', low: -MAX_SPEED, high: MAX_SPEED, about: 'Angular velocity.' },
  ],
  action: [{ name: 'torque', unit: 'N m', low: -MAX_TORQUE, high: MAX_TORQUE, about: 'Torque at the pivot.' }],
};

/** Keys for a person; positive torque turns counter-clockwise, to the left at the top. */
export const keyboard: Keyboard = {
  idle: [0],
  bindings: [
    { keys: ['ArrowLeft'], action: [MAX_TORQUE], label: 'turn left' },
    { keys: ['ArrowRight'], action: [-MAX_TORQUE], label: 'turn right' },
  ],
};
