/** What the numbers of Taxi mean: the source of its spaces, labels and README. */
import type { Constant } from '../../src/core/docs.js';
import type { FieldTables } from '../../src/core/env.js';
import type { Keyboard } from '../../src/core/keyboard.js';
import type { KwargTable } from '../../src/core/kwargs.js';

/** The constants by name. */
export const CONSTANTS = {
  STEP_REWARD: { value: -1, unit: '1', about: 'Reward of a step, a pick-up and a drop-off at another rank.' },
  DELIVERY_REWARD: { value: 20, unit: '1', about: 'Reward for dropping the passenger at the destination.' },
  ILLEGAL_REWARD: { value: -10, unit: '1', about: 'Reward of a pick-up or drop-off that cannot be done.' },
} as const satisfies Record<string, Constant>;

/** The town, Gymnasium's: `|` is a wall, `:` a way through. */
export const MAP = [
  '+---------+',
  '|R: | : :G|',
  '| : | : : |',
  '| : : : : |',
  '| | : | : |',
  '|Y| : |B: |',
  '+---------+',
] as const;

/** Rows and columns of the four ranks, by number. */
export const RANKS: readonly (readonly [row: number, column: number])[] = [
  [0, 0],
  [0, 4],
  [4, 0],
  [4, 3],
];

/** What the ranks are called. */
export const RANK_NAMES = ['red', 'green', 'yellow', 'blue'] as const;

/** The keyword arguments of `TaxiEnv`. */
export const KWARGS = {
  isRainy: {
    type: 'boolean',
    default: false,
    about: 'Whether a drive may drift to a side: each side with probability (1 - `rainyProbability`) / 2.',
  },
  ficklePassenger: {
    type: 'boolean',
    default: false,
    about: 'Whether a passenger may choose another destination on the first drive; decided at the reset.',
  },
  rainyProbability: {
    type: 'number',
    default: 0.8,
    min: 0,
    max: 1,
    about: 'Probability that a drive in the rain goes where it should.',
  },
  fickleProbability: {
    type: 'number',
    default: 0.3,
    min: 0,
    max: 1,
    about: 'Probability that an episode has a fickle passenger.',
  },
} as const satisfies KwargTable;

/** The names of the actions, Gymnasium's, by value. */
export const ACTIONS = ['south', 'north', 'east', 'west', 'pickup', 'dropoff'] as const;

const ABOUT = [
  'Drive south.',
  'Drive north.',
  'Drive east.',
  'Drive west.',
  'Pick the passenger up.',
  'Drop the passenger off.',
];

/** One row for the observation and one for each action. */
export const fields: FieldTables = {
  observation: [
    {
      name: 'state',
      unit: '1',
      low: 0,
      high: 499,
      about:
        'Row, column, passenger and destination in one number: ((row x 5 + column) x 5 + passenger) x 4 + destination. Passenger and destination are ranks (0 red, 1 green, 2 yellow, 3 blue); passenger 4 is in the taxi.',
    },
  ],
  action: ACTIONS.map((name, value) => ({ name, unit: '1', low: value, high: value, about: ABOUT[value]! })),
  info: [
    { name: 'prob', unit: '1', low: 0, high: 1, about: 'Probability of what happened in the step; 1 at a reset.' },
    {
      name: 'actionMask',
      unit: '1',
      low: 0,
      high: 1,
      about:
        'Six numbers, 1 where the action changes the state: drives without a wall, a pick-up of a waiting passenger, a drop-off at a rank.',
    },
  ],
};

/** Keys for a person; the game waits for one. */
export const keyboard: Keyboard = {
  idle: null,
  bindings: [
    { keys: ['ArrowLeft'], action: 3, label: 'west' },
    { keys: ['ArrowDown'], action: 0, label: 'south' },
    { keys: ['ArrowRight'], action: 2, label: 'east' },
    { keys: ['ArrowUp'], action: 1, label: 'north' },
    { keys: ['KeyP'], action: 4, label: 'pick up' },
    { keys: ['KeyD'], action: 5, label: 'drop off' },
  ],
};
