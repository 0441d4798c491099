import type { EnvDocs } from '../../src/core/docs.js';
import { KWARGS } from '../mountain-car/fields.js';
import { CONSTANTS } from './fields.js';

/** What the README of MountainCarContinuous-v0 says. */
export const docs: EnvDocs = {
  task: 'The valley of MountainCar-v0 with a continuous force that costs its square: reach the flag and spend little.',
  start: 'The position is drawn uniformly from `low` to `high`; the velocity is 0.',
  reward:
    '100 for the step that arrives, less 0.1 times the squared action (as given, before it is clipped to its bounds).',
  end: 'The car is at the flag or beyond it with at least the velocity `goalVelocity`.',
  kwargs: KWARGS,
  resetOptions: {
    low: { default: '-0.6', about: 'Lower bound of the starting position.' },
    high: { default: '-0.4', about: 'Upper bound of the starting position.' },
  },
  constants: CONSTANTS,
  baselines: { 'energy-pumping': 'Always accelerates the way the car moves, with the whole force.' },
  source:
    'Moore (1990), in the continuous version of openai/gym. The same trajectories as Gymnasium 1.4, bit for bit: its state is float32 from the first step on, and so is this one.',
};
