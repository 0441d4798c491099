/** What the numbers of CliffWalking mean: the source of its spaces, labels and README. */
import type { Constant } from '../../src/core/docs.js';
import type { FieldTables } from '../../src/core/env.js';
import type { Keyboard } from '../../src/core/keyboard.js';
import type { KwargTable } from '../../src/core/kwargs.js';

/** The constants by name. */
export const CONSTANTS = {
  ROWS: { value: 4, unit: '1', about: 'Rows of the grid.' },
  COLUMNS: { value: 12, unit: '1', about: 'Columns of the grid.' },
  STEP_REWARD: { value: -1, unit: '1', about: 'Reward of a step.' },
  FALL_REWARD: { value: -100, unit: '1', about: 'Reward of a step over the cliff.' },
} as const satisfies Record<string, Constant>;

/** The keyword arguments of `CliffWalkingEnv`. */
export const KWARGS = {
  isSlippery: {
    type: 'boolean',
    default: false,
    about: 'Whether a step goes where it should or to either side of that, each with probability 1/3.',
  },
} as const satisfies KwargTable;

/** The names of the actions, Gymnasium's, by value. */
export const ACTIONS = ['up', 'right', 'down', 'left'] as const;

/** One row for the observation and one for each action. */
export const fields: FieldTables = {
  observation: [
    {
      name: 'cell',
      unit: '1',
      low: 0,
      high: CONSTANTS.ROWS.value * CONSTANTS.COLUMNS.value - 1,
      about: 'Number of the cell, row by row from the top left: row x 12 + column.',
    },
  ],
  action: ACTIONS.map((name, value) => ({ name, unit: '1', low: value, high: value, about: `Walk ${name}.` })),
  info: [
    { name: 'prob', unit: '1', low: 0, high: 1, about: 'Probability of what happened in the step; 1 at a reset.' },
    {
      name: 'actionMask',
      unit: '1',
      low: 0,
      high: 1,
      about:
        'Four numbers, 1 where the action can lead to another cell: 0 against the border and, at the start, over the cliff. All 1 where the ground is slippery.',
    },
  ],
};

/** Keys for a person; the game waits for one. */
export const keyboard: Keyboard = {
  idle: null,
  bindings: [
    { keys: ['ArrowLeft'], action: 3, label: 'left' },
    { keys: ['ArrowDown'], action: 2, label: 'down' },
    { keys: ['ArrowRight'], action: 1, label: 'right' },
    { keys: ['ArrowUp'], action: 0, label: 'up' },
  ],
};
