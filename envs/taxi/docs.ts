import type { EnvDocs } from '../../src/core/docs.js';
import { CONSTANTS, KWARGS } from './fields.js';

/** What the README of Taxi-v4 says. */
export const docs: EnvDocs = {
  task: 'A town of 5 by 5 cells with walls and four taxi ranks. A passenger waits at one rank and wants to go to another: drive there, pick the passenger up, drive to the destination and drop the passenger off.',
  start:
    'Taxi, passenger and destination are drawn uniformly, the destination at another rank than the passenger: 300 states.',
  reward: '-1 for every step, 20 for the delivery instead, -10 for a pick-up or drop-off that cannot be done.',
  end: 'The passenger is dropped off at the destination.',
  kwargs: KWARGS,
  resetOptions: {},
  constants: CONSTANTS,
  baselines: { optimal: 'The best action of each state by value iteration on the table of transitions (`env.P`).' },
  source:
    'Dietterich (2000), "Hierarchical reinforcement learning with the MAXQ value function decomposition". The same episodes as Gymnasium 1.4 for the same seed and actions, the same table `P`, action mask and text in mode `ansi`. `info` has the mask as `actionMask`.',
};
