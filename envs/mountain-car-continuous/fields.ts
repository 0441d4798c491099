/** What each number of MountainCarContinuous means: the source of its spaces, labels and README. */
import type { Constant } from '../../src/core/docs.js';
import type { FieldTables } from '../../src/core/env.js';
import type { Keyboard } from '../../src/core/keyboard.js';
import { observationFields, VALLEY } from '../mountain-car/fields.js';

/** The constants by name, Gymnasium's. */
export const CONSTANTS = {
  ...VALLEY,
  POWER: { value: 0.0015, unit: '1/step^2', about: 'Acceleration by the whole force of the motor.' },
  GOAL: { value: 0.45, unit: '1', about: 'Position of the flag.' },
  GOAL_REWARD: { value: 100, unit: '1', about: 'Reward for arriving.' },
  FORCE_COST: { value: 0.1, unit: '1', about: 'Cost of the squared action.' },
} as const satisfies Record<string, Constant>;

/** One row for each number of the observation and of the action. */
export const fields: FieldTables = {
  observation: observationFields,
  action: [{ name: 'force', unit: '1', low: -1, high: 1, about: 'Share of the motor force, negative to the left.' }],
};

/** Keys for a person; without one the car coasts. */
export const keyboard: Keyboard = {
  idle: [0],
  bindings: [
    { keys: ['ArrowLeft'], action: [-1], label: 'left' },
    { keys: ['ArrowRight'], action: [1], label: 'right' },
  ],
};
