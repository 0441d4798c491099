import type { EnvDocs } from '../../src/core/docs.js';
import { CONSTANTS, KWARGS } from './fields.js';

/** What the README of MountainCar-v0 says. */
export const docs: EnvDocs = {
  task: 'A car stands in a valley. Its motor is too weak to climb to the flag on the right hill: swing to and fro to gather speed.',
  start: 'The position is drawn uniformly from `low` to `high`; the velocity is 0.',
  reward: '-1 for every step.',
  end: 'The car is at the flag or beyond it with at least the velocity `goalVelocity`.',
  kwargs: KWARGS,
  resetOptions: {
    low: { default: '-0.6', about: 'Lower bound of the starting position.' },
    high: { default: '-0.4', about: 'Upper bound of the starting position.' },
  },
  constants: CONSTANTS,
  baselines: { 'energy-pumping': 'Always accelerates the way the car moves.' },
  source:
    'Moore (1990), "Efficient memory-based learning for robot control". The same trajectories as Gymnasium 1.4, bit for bit.',
};
