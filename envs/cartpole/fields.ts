/** What each number of CartPole means: the source of its spaces, labels and README. */
import type { Constant } from '../../src/core/docs.js';
import type { FieldTables } from '../../src/core/env.js';
import type { Keyboard } from '../../src/core/keyboard.js';
import type { KwargTable } from '../../src/core/kwargs.js';

const INF = Number.POSITIVE_INFINITY;

/** The constants by name, Gymnasium's. */
export const CONSTANTS = {
  GRAVITY: { value: 9.8, unit: 'm/s^2', about: 'Acceleration of gravity.' },
  CART_MASS: { value: 1.0, unit: 'kg', about: 'Mass of the cart.' },
  POLE_MASS: { value: 0.1, unit: 'kg', about: 'Mass of the pole.' },
  HALF_LENGTH: { value: 0.5, unit: 'm', about: 'Half the length of the pole.' },
  FORCE: { value: 10, unit: 'N', about: 'Size of the push.' },
  TIME_STEP: { value: 0.02, unit: 's', about: 'Duration of a step, one explicit Euler step.' },
  ANGLE_LIMIT: {
    value: (12 * 2 * Math.PI) / 360,
    unit: 'rad',
    about: 'The episode ends beyond this angle, 12 degrees.',
  },
  POSITION_LIMIT: {
    value: 2.4,
    unit: 'm',
    about: 'The episode ends beyond this distance from the middle of the track.',
  },
} as const satisfies Record<string, Constant>;

const ANGLE = CONSTANTS.ANGLE_LIMIT.value;
const POSITION = CONSTANTS.POSITION_LIMIT.value;

/** The keyword arguments of `CartPoleEnv`. */
export const KWARGS = {
  suttonBartoReward: {
    type: 'boolean',
    default: false,
    about:
      'Reward 0 for each step and -1 for the one that ends the episode, as in the original paper, instead of 1 a step.',
  },
} as const satisfies KwargTable;

/** One row for each number of the observation and each action. */
export const fields: FieldTables = {
  observation: [
    { name: 'position', unit: 'm', low: -2 * POSITION, high: 2 * POSITION, about: 'Position of the cart.' },
    { name: 'velocity', unit: 'm/s', low: -INF, high: INF, about: 'Velocity of the cart.' },
    {
      name: 'angle',
      unit: 'rad',
      low: -2 * ANGLE,
      high: 2 * ANGLE,
      about: 'Angle of the pole; 0 is upright, positive leans right.',
    },
    { name: 'angularVelocity', unit: 'rad/s', low: -INF, high: INF, about: 'Angular velocity of the pole.' },
  ],
  action: [
    { name: 'left', unit: 'N', low: 0, high: 0, about: 'Push the cart to the left with 10 N.' },
    { name: 'right', unit: 'N', low: 1, high: 1, about: 'Push the cart to the right with 10 N.' },
  ],
};

/** Keys for a person. There is no neutral action, so the game waits for a key. */
export const keyboard: Keyboard = {
  idle: null,
  bindings: [
    { keys: ['ArrowLeft'], action: 0, label: 'push left' },
    { keys: ['ArrowRight'], action: 1, label: 'push right' },
  ],
};
