/** What each number of MemoryChain means: the source of its spaces, labels and README. */
import type { FieldTables } from '../../src/core/env.js';
import type { Keyboard } from '../../src/core/keyboard.js';
import type { KwargTable } from '../../src/core/kwargs.js';

/** The keyword arguments of `MemoryChainEnv`. */
export const KWARGS = {
  length: {
    type: 'number',
    default: 10,
    min: 1,
    max: 1000,
    integer: true,
    about: 'Steps of an episode: the action of the last of them is the answer.',
  },
} as const satisfies KwargTable;

/** One row for each number of the observation and each action. */
export const fields: FieldTables = {
  observation: [
    { name: 'timeLeft', unit: '1', low: 0, high: 1, about: 'Share of the steps that are left.' },
    { name: 'query', unit: '1', low: 0, high: 1, about: '1 where the next action is the answer, else 0.' },
    {
      name: 'context',
      unit: '1',
      low: -1,
      high: 1,
      about: 'What to remember, 1 or -1, at the first step; 0 afterwards.',
    },
  ],
  action: [
    { name: 'minus', unit: '1', low: 0, high: 0, about: 'Answers that the context was -1.' },
    { name: 'plus', unit: '1', low: 1, high: 1, about: 'Answers that the context was 1.' },
  ],
};

/** Keys for a person; the game waits for one. */
export const keyboard: Keyboard = {
  idle: null,
  bindings: [
    { keys: ['ArrowLeft'], action: 0, label: 'minus' },
    { keys: ['ArrowRight'], action: 1, label: 'plus' },
  ],
};
