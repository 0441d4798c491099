/** What each number of Acrobot means: the source of its spaces, labels and README. */
import type { Constant } from '../../src/core/docs.js';
import type { FieldTables } from '../../src/core/env.js';
import type { Keyboard } from '../../src/core/keyboard.js';

/** The constants by name, Gymnasium's. */
export const CONSTANTS = {
  GRAVITY: { value: 9.8, unit: 'm/s^2', about: 'Acceleration of gravity.' },
  LENGTH_1: { value: 1, unit: 'm', about: 'Length of the first link; the second is drawn as long.' },
  MASS_1: { value: 1, unit: 'kg', about: 'Mass of the first link.' },
  MASS_2: { value: 1, unit: 'kg', about: 'Mass of the second link.' },
  CENTRE_1: { value: 0.5, unit: 'm', about: 'Distance of the centre of mass of the first link from its joint.' },
  CENTRE_2: { value: 0.5, unit: 'm', about: 'Distance of the centre of mass of the second link from its joint.' },
  INERTIA: { value: 1, unit: 'kg m^2', about: 'Moment of inertia of each link.' },
  TIME_STEP: { value: 0.2, unit: 's', about: 'Duration of a step, one classical Runge-Kutta step.' },
  MAX_SPEED_1: { value: 4 * Math.PI, unit: 'rad/s', about: 'Largest angular velocity of the first link.' },
  MAX_SPEED_2: { value: 9 * Math.PI, unit: 'rad/s', about: 'Largest angular velocity of the second link.' },
  TORQUE: { value: 1, unit: 'N m', about: 'Size of the torque on the joint between the links.' },
  GOAL: { value: 1, unit: 'm', about: 'Height above the fixed joint that the free end must exceed.' },
} as const satisfies Record<string, Constant>;

const SPEED_1 = CONSTANTS.MAX_SPEED_1.value;
const SPEED_2 = CONSTANTS.MAX_SPEED_2.value;

/** One row for each number of the observation and each action. */
export const fields: FieldTables = {
  observation: [
    { name: 'cosAngle1', unit: '1', low: -1, high: 1, about: 'Cosine of the angle of the first link; 1 hangs down.' },
    { name: 'sinAngle1', unit: '1', low: -1, high: 1, about: 'Sine of the angle of the first link.' },
    {
      name: 'cosAngle2',
      unit: '1',
      low: -1,
      high: 1,
      about: 'Cosine of the angle of the second link to the first; 1 is straight.',
    },
    { name: 'sinAngle2', unit: '1', low: -1, high: 1, about: 'Sine of the angle of the second link to the first.' },
    {
      name: 'angularVelocity1',
      unit: 'rad/s',
      low: -SPEED_1,
      high: SPEED_1,
      about: 'Angular velocity of the first link.',
    },
    {
      name: 'angularVelocity2',
      unit: 'rad/s',
      low: -SPEED_2,
      high: SPEED_2,
      about: 'Angular velocity of the second link, relative to the first.',
    },
  ],
  action: [
    { name: 'negative', unit: 'N m', low: 0, high: 0, about: 'Torque of -1 N m on the joint between the links.' },
    { name: 'none', unit: 'N m', low: 1, high: 1, about: 'No torque.' },
    { name: 'positive', unit: 'N m', low: 2, high: 2, about: 'Torque of 1 N m.' },
  ],
};

/** Keys for a person; without one there is no torque. */
export const keyboard: Keyboard = {
  idle: 1,
  bindings: [
    { keys: ['ArrowLeft'], action: 0, label: 'negative torque' },
    { keys: ['ArrowRight'], action: 2, label: 'positive torque' },
  ],
};
