import type { EnvDocs } from '../../src/core/docs.js';
import { CONSTANTS, KWARGS } from './fields.js';

/** What the README of Blackjack-v1 says. */
export const docs: EnvDocs = {
  task: "A game of cards against a dealer: take cards for a hand that is higher than the dealer's, but not above 21. Faces count 10, an ace 11 where that is not too much and else 1. Cards come from an endless deck.",
  start: 'Two cards each are drawn; one of the dealer lies open.',
  reward:
    '1 for a win, -1 for a loss, 0 for a draw and for every card taken before. With `natural`, 1.5 for a win with an ace and a ten as the first two cards.',
  end: 'The player sticks, or goes above 21. The dealer then draws up to 17 or more.',
  kwargs: KWARGS,
  resetOptions: {},
  constants: CONSTANTS,
  baselines: {
    'basic-strategy':
      "Sticks or hits by the player's sum, the usable ace and the dealer's open card: the best policy without doubling and splitting.",
  },
  source:
    'Sutton and Barto, "Reinforcement Learning: An Introduction", example 5.1. The same episodes as Gymnasium 1.4 for the same seed and actions. The mode `ansi` is this library\'s own; `info.actionMask` is new.',
};
