import type { EnvDocs } from '../../src/core/docs.js';
import { CONSTANTS, KWARGS } from './fields.js';

/** What the README of CartPole-v1 says. */
export const docs: EnvDocs = {
  task: 'A pole stands on a cart that runs on a track without friction. Pushing the cart left or right, keep the pole from falling and the cart on the track.',
  start: 'All four state variables are drawn uniformly from `low` to `high`.',
  reward:
    '1 for every step, the last one included. With `suttonBartoReward`, 0 for every step and -1 for the one that ends the episode.',
  end: 'The pole leans more than 12 degrees, or the centre of the cart is more than 2.4 m from the middle.',
  kwargs: KWARGS,
  resetOptions: {
    low: { default: '-0.05', about: 'Lower bound of every state variable at the start.' },
    high: { default: '0.05', about: 'Upper bound of every state variable at the start.' },
  },
  constants: CONSTANTS,
  baselines: { balance: 'Pushes towards the side that the pole falls to, and gently back to the middle.' },
  source:
    'Barto, Sutton and Anderson (1983), "Neuronlike adaptive elements that can solve difficult learning control problems". The same trajectories as Gymnasium 1.4, bit for bit.',
};
