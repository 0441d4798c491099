import type { EnvDocs } from '../../src/core/docs.js';
import { CONSTANTS, KWARGS } from './fields.js';

/** What the README of CliffWalking-v1 says. */
export const docs: EnvDocs = {
  task: 'A grid of 4 by 12 cells, whose bottom row between the start (left) and the goal (right) is a cliff. Walk to the goal. A step over the cliff costs 100 and leads back to the start.',
  start: 'At the bottom left.',
  fixedStart: true,
  reward: '-1 for every step, -100 for one over the cliff. The shortest way costs 13.',
  end: 'The walker is at the goal. A fall does not end the episode.',
  kwargs: KWARGS,
  resetOptions: {},
  constants: CONSTANTS,
  baselines: { optimal: 'The best action of each cell by value iteration on the table of transitions (`env.P`).' },
  source:
    'Sutton and Barto, "Reinforcement Learning: An Introduction", example 6.6. The same episodes as Gymnasium 1.4 for the same seed and actions, the same table `P` and the same text in mode `ansi`. `info.actionMask` is new.',
};
