/** What the numbers of Blackjack mean: the source of its spaces, labels and README. */
import type { Constant } from '../../src/core/docs.js';
import type { FieldTables } from '../../src/core/env.js';
import type { Keyboard } from '../../src/core/keyboard.js';
import type { KwargTable } from '../../src/core/kwargs.js';

/** The constants by name. */
export const CONSTANTS = {
  LIMIT: { value: 21, unit: '1', about: 'A hand above this is bust.' },
  DEALER_STANDS: { value: 17, unit: '1', about: 'The dealer draws below this and sticks from it on.' },
  ACE_BONUS: { value: 10, unit: '1', about: 'What a usable ace counts beyond its 1.' },
  NATURAL_REWARD: { value: 1.5, unit: '1', about: 'Reward for winning with a natural, with `natural`.' },
} as const satisfies Record<string, Constant>;

/** The keyword arguments of `BlackjackEnv`. */
export const KWARGS = {
  natural: {
    type: 'boolean',
    default: false,
    about: 'Whether to win with an ace and a ten as the first two cards gives 1.5. Without effect where `sab` is true.',
  },
  sab: {
    type: 'boolean',
    default: false,
    about:
      'Whether to follow the book of Sutton and Barto: an ace and a ten as the first two cards win at once, unless the dealer has them too. The registered id has true.',
  },
} as const satisfies KwargTable;

/** The names of the actions by value. */
export const ACTIONS = ['stick', 'hit'] as const;

/** One row for each member of the observation and each action. */
export const fields: FieldTables = {
  observation: [
    {
      name: 'playerSum',
      unit: '1',
      low: 0,
      high: 31,
      about: "Sum of the player's hand, a usable ace as 11.",
    },
    { name: 'dealerCard', unit: '1', low: 0, high: 10, about: "The dealer's open card; an ace is 1, a face 10." },
    { name: 'usableAce', unit: '1', low: 0, high: 1, about: '1 if an ace of the player counts 11.' },
  ],
  action: [
    {
      name: 'stick',
      unit: '1',
      low: 0,
      high: 0,
      about: 'Take no more cards: the dealer plays and the hands are compared.',
    },
    { name: 'hit', unit: '1', low: 1, high: 1, about: 'Take a card.' },
  ],
  info: [{ name: 'actionMask', unit: '1', low: 0, high: 1, about: 'Two numbers, always 1: both actions are allowed.' }],
};

/** Keys for a person; the game waits for one. */
export const keyboard: Keyboard = {
  idle: null,
  bindings: [
    { keys: ['KeyH'], action: 1, label: 'hit' },
    { keys: ['KeyS'], action: 0, label: 'stick' },
  ],
};
