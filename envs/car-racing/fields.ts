/** What each number of CarRacing's action and info means. Its observation is a picture, whose numbers have no names. */
import type { Field, FieldTables } from '../../src/core/env.js';
import type { Keyboard } from '../../src/core/keyboard.js';

const PEDALS: readonly Field[] = [
  {
    name: 'steering',
    unit: 'rad',
    low: -1,
    high: 1,
    about: 'Wanted angle of the front wheels, positive to the right; they turn to 0.4 at most.',
  },
  { name: 'gas', unit: '1', low: 0, high: 1, about: 'Power of the rear wheels; it comes over ten steps.' },
  { name: 'brake', unit: '1', low: 0, high: 1, about: 'Brake of all wheels; from 0.9 on they stand still.' },
];
const CHOICES: readonly Field[] = [
  { name: 'nothing', unit: '1', low: 0, high: 0, about: 'Roll straight on.' },
  { name: 'right', unit: '1', low: 1, high: 1, about: 'Steer right, as far as it goes.' },
  { name: 'left', unit: '1', low: 2, high: 2, about: 'Steer left, as far as it goes.' },
  { name: 'gas', unit: '1', low: 3, high: 3, about: 'A fifth of the gas.' },
  { name: 'brake', unit: '1', low: 4, high: 4, about: 'Brake at 0.8.' },
];
/** Rows of `info`, of both racing tasks. */
export const INFO_FIELDS: readonly Field[] = [
  { name: 'lapFinished', unit: '1', low: 0, high: 1, about: 'Whether the episode ended with a complete lap.' },
  { name: 'progress', unit: '1', low: 0, high: 1, about: 'Share of the tiles that were visited.' },
  { name: 'visited', unit: '1', low: 0, high: Number.POSITIVE_INFINITY, about: 'Tiles that were visited.' },
  { name: 'tiles', unit: '1', low: 0, high: Number.POSITIVE_INFINITY, about: 'Tiles of the track.' },
];

export const continuousFields: FieldTables = { observation: [], action: PEDALS, info: INFO_FIELDS };
export const discreteFields: FieldTables = { observation: [], action: CHOICES, info: INFO_FIELDS };

/** Keys for a person: the wheel and the pedals, alone and together. */
export const continuousKeyboard: Keyboard = {
  idle: [0, 0, 0],
  bindings: [
    { keys: ['ArrowLeft'], action: [-1, 0, 0], label: 'left' },
    { keys: ['ArrowRight'], action: [1, 0, 0], label: 'right' },
    { keys: ['ArrowUp'], action: [0, 1, 0], label: 'gas' },
    { keys: ['ArrowDown'], action: [0, 0, 0.75], label: 'brake' },
    { keys: ['ArrowLeft', 'ArrowUp'], action: [-1, 1, 0], label: 'left, gas' },
    { keys: ['ArrowRight', 'ArrowUp'], action: [1, 1, 0], label: 'right, gas' },
    { keys: ['ArrowLeft', 'ArrowDown'], action: [-1, 0, 0.75], label: 'left, brake' },
    { keys: ['ArrowRight', 'ArrowDown'], action: [1, 0, 0.75], label: 'right, brake' },
  ],
};
export const discreteKeyboard: Keyboard = {
  idle: 0,
  bindings: [
    { keys: ['ArrowRight'], action: 1, label: 'right' },
    { keys: ['ArrowLeft'], action: 2, label: 'left' },
    { keys: ['ArrowUp'], action: 3, label: 'gas' },
    { keys: ['ArrowDown'], action: 4, label: 'brake' },
  ],
};
