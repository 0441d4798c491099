/** What each number of LunarLander means: the source of its spaces, labels and README. */
import type { Constant } from '../../src/core/docs.js';
import type { Field, FieldTables } from '../../src/core/env.js';
import type { Keyboard } from '../../src/core/keyboard.js';
import type { KwargTable } from '../../src/core/kwargs.js';

/** The constants by name, Gymnasium's; lengths that it gives in pixels are to be divided by `SCALE`. */
export const CONSTANTS = {
  FPS: { value: 50, unit: '1/s', about: 'Steps in a second.' },
  SCALE: { value: 30, unit: '1/m', about: 'Pixels of the original picture in a metre.' },
  VIEWPORT_W: { value: 600, unit: 'px', about: 'Width of the picture; beyond it the lander is lost.' },
  VIEWPORT_H: { value: 400, unit: 'px', about: 'Height of the picture; the lander starts at its top.' },
  MAIN_ENGINE_POWER: { value: 13, unit: '1', about: "Factor of the main engine's impulse." },
  SIDE_ENGINE_POWER: { value: 0.6, unit: '1', about: "Factor of the side engines' impulse." },
  INITIAL_RANDOM: { value: 1000, unit: 'N', about: 'Largest component of the force that acts during the first step.' },
  LEG_AWAY: { value: 20, unit: 'px', about: 'Distance of a leg from the middle.' },
  LEG_DOWN: { value: 18, unit: 'px', about: 'Distance of a leg below the middle.' },
  LEG_W: { value: 2, unit: 'px', about: 'Half the width of a leg.' },
  LEG_H: { value: 8, unit: 'px', about: 'Half the length of a leg.' },
  LEG_SPRING_TORQUE: { value: 40, unit: 'N m', about: 'Largest torque of the motor that spreads a leg.' },
  SIDE_ENGINE_HEIGHT: { value: 14, unit: 'px', about: 'Height of the side engines above the middle.' },
  SIDE_ENGINE_AWAY: { value: 12, unit: 'px', about: 'Distance of a side engine from the middle.' },
  MAIN_ENGINE_Y_LOCATION: { value: 4, unit: 'px', about: 'Distance of the main engine below the middle.' },
  CHUNKS: { value: 11, unit: '1', about: 'Points of the surface of the moon.' },
  MAIN_ENGINE_COST: { value: 0.3, unit: '1', about: 'Cost of the main engine at full power.' },
  SIDE_ENGINE_COST: { value: 0.03, unit: '1', about: 'Cost of a side engine at full power.' },
} as const satisfies Record<string, Constant>;

/** Outline of the lander, px. */
export const LANDER_POLY: readonly (readonly [number, number])[] = [
  [-14, 17],
  [-17, 0],
  [-17, -10],
  [17, -10],
  [17, 0],
  [14, 17],
];

/** The keyword arguments, Gymnasium's. */
export const KWARGS = {
  continuous: {
    type: 'boolean',
    default: false,
    about:
      'Whether the action is two throttles from -1 to 1, `[main, lateral]`, instead of one engine that fires or not. The main engine is off up to 0 and has 50 % to 100 % of its power above; the side engines (left if negative) are off from -0.5 to 0.5.',
  },
  gravity: {
    type: 'number',
    default: -10,
    min: -12,
    max: 0,
    about: 'Gravity in m/s^2, downwards and hence negative; the bounds themselves are excluded.',
  },
  enableWind: {
    type: 'boolean',
    default: false,
    about: 'Whether wind pushes and turns the lander until a leg touches.',
  },
  windPower: { type: 'number', default: 15, min: 0, max: 20, about: 'Largest force of the wind, N.' },
  turbulencePower: { type: 'number', default: 1.5, min: 0, max: 2, about: 'Largest torque of the wind, N m.' },
  exact: {
    type: 'boolean',
    default: true,
    about:
      "Whether the solver does all its iterations, so that an episode is Gymnasium's bit for bit. Without it a step's iterations end once none changes a velocity by more than 1e-6 m/s: more than twice as fast, single episodes differ, returns do not (docs/fidelity.md).",
  },
} as const satisfies KwargTable;

const OBSERVATION: readonly Field[] = [
  {
    name: 'x',
    unit: '10 m',
    low: -2.5,
    high: 2.5,
    about: 'Horizontal distance from the middle of the pad, positive to the right; 1 is the edge of the picture.',
  },
  {
    name: 'y',
    unit: '6.66667 m',
    low: -2.5,
    high: 2.5,
    about: 'Height above the pad, 0 where the spread legs touch it.',
  },
  { name: 'velocityX', unit: '5 m/s', low: -10, high: 10, about: 'Horizontal speed, positive to the right.' },
  { name: 'velocityY', unit: '7.5 m/s', low: -10, high: 10, about: 'Vertical speed, positive upwards.' },
  {
    name: 'angle',
    unit: 'rad',
    low: -2 * Math.PI,
    high: 2 * Math.PI,
    about: 'Tilt, positive to the left (counter-clockwise).',
  },
  { name: 'angularVelocity', unit: '2.5 rad/s', low: -10, high: 10, about: 'Turning rate, positive to the left.' },
  // Gymnasium writes the lower bound as -0, and so does the text of the space.
  { name: 'rightLeg', unit: '1', low: -0, high: 1, about: '1 while the right leg touches the ground, else 0.' },
  { name: 'leftLeg', unit: '1', low: -0, high: 1, about: '1 while the left leg touches the ground, else 0.' },
];

/** One row for each number of the observation and each engine that can fire. */
export const discreteFields: FieldTables = {
  observation: OBSERVATION,
  action: [
    { name: 'none', unit: '1', low: 0, high: 0, about: 'No engine fires.' },
    { name: 'left', unit: '1', low: 1, high: 1, about: 'The left engine fires, which turns the lander to the left.' },
    { name: 'main', unit: '1', low: 2, high: 2, about: 'The main engine fires.' },
    {
      name: 'right',
      unit: '1',
      low: 3,
      high: 3,
      about: 'The right engine fires, which turns the lander to the right.',
    },
  ],
};

/** One row for each number of the observation and for both throttles. */
export const continuousFields: FieldTables = {
  observation: OBSERVATION,
  action: [
    {
      name: 'main',
      unit: '1',
      low: -1,
      high: 1,
      about: 'Throttle of the main engine: off up to 0, then 50 % to 100 % of its power.',
    },
    {
      name: 'lateral',
      unit: '1',
      low: -1,
      high: 1,
      about: 'Side engines, left if negative: off from -0.5 to 0.5, then 50 % to 100 % of their power.',
    },
  ],
};

/** Keys for a person: one engine at a time; without one the lander falls. */
export const discreteKeyboard: Keyboard = {
  idle: 0,
  bindings: [
    { keys: ['ArrowUp'], action: 2, label: 'main engine' },
    { keys: ['ArrowLeft'], action: 1, label: 'turn left' },
    { keys: ['ArrowRight'], action: 3, label: 'turn right' },
  ],
};

/** Keys for a person: engines at full power, alone and together. */
export const continuousKeyboard: Keyboard = {
  idle: [0, 0],
  bindings: [
    { keys: ['ArrowUp'], action: [1, 0], label: 'main engine' },
    { keys: ['ArrowLeft'], action: [0, -1], label: 'turn left' },
    { keys: ['ArrowRight'], action: [0, 1], label: 'turn right' },
    { keys: ['ArrowLeft', 'ArrowUp'], action: [1, -1], label: 'main engine, turn left' },
    { keys: ['ArrowRight', 'ArrowUp'], action: [1, 1], label: 'main engine, turn right' },
  ],
};
