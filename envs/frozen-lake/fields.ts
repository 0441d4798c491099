/** What the numbers of FrozenLake mean: the source of its spaces, labels and README. */
import type { FieldTables } from '../../src/core/env.js';
import type { Keyboard } from '../../src/core/keyboard.js';
import type { KwargTable } from '../../src/core/kwargs.js';

/** The maps by name: S start, F frozen, H hole, G goal. */
export const MAPS = {
  '4x4': ['SFFF', 'FHFH', 'FFFH', 'HFFG'],
  '8x8': ['SFFFFFFF', 'FFFFFFFF', 'FFFHFFFF', 'FFFFFHFF', 'FFFHFFFF', 'FHHFFFHF', 'FHFFHFHF', 'FFFHFFFG'],
} as const satisfies Record<string, readonly string[]>;

/** The keyword arguments of `FrozenLakeEnv`. */
export const KWARGS = {
  mapName: { type: 'enum', default: '4x4', values: ['4x4', '8x8'], about: 'A built-in map; `desc` goes before it.' },
  desc: {
    type: 'strings',
    default: null,
    about:
      'A map of your own, one text a row: S start, F frozen, H hole, G goal. `generateRandomMap({ size, p, seed })` makes one.',
  },
  isSlippery: {
    type: 'boolean',
    default: true,
    about: 'Whether a step may go to a side instead: each side with probability (1 - `successRate`) / 2.',
  },
  successRate: {
    type: 'number',
    default: 1 / 3,
    min: 0,
    max: 1,
    about: 'Probability that a step on slippery ice goes where it should.',
  },
  rewardSchedule: {
    type: 'numbers',
    default: [1, 0, 0],
    length: 3,
    about: 'Rewards for a step to the goal, into a hole and onto ice.',
  },
} as const satisfies KwargTable;

/** The names of the actions, Gymnasium's, by value. */
export const ACTIONS = ['left', 'down', 'right', 'up'] as const;

/** The tables for a map of so many cells. */
export function frozenLakeFields(cells: number): FieldTables {
  return {
    observation: [
      {
        name: 'cell',
        unit: '1',
        low: 0,
        high: cells - 1,
        about: 'Number of the cell, row by row from the top left: row x columns + column.',
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
          'Four numbers, 1 where the action can lead to another cell; all 1 in a hole and at the goal. On slippery ice that is nearly always all of them.',
      },
    ],
  };
}

/** Keys for a person; the game waits for one. */
export const keyboard: Keyboard = {
  idle: null,
  bindings: [
    { keys: ['ArrowLeft'], action: 0, label: 'left' },
    { keys: ['ArrowDown'], action: 1, label: 'down' },
    { keys: ['ArrowRight'], action: 2, label: 'right' },
    { keys: ['ArrowUp'], action: 3, label: 'up' },
  ],
};
