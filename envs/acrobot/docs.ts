import type { EnvDocs } from '../../src/core/docs.js';
import { CONSTANTS } from './fields.js';

/** What the README of Acrobot-v1 says. */
export const docs: EnvDocs = {
  task: 'Two links hang from a fixed joint, and only the joint between them has a motor. Swing the free end above a line one link length over the fixed joint.',
  start: 'Both angles and both angular velocities are drawn uniformly from `low` to `high` and rounded to float32.',
  reward: '-1 for every step, 0 for the one that reaches the line.',
  end: 'The free end is above the line.',
  kwargs: {},
  resetOptions: {
    low: { default: '-0.1', about: 'Lower bound of every state variable at the start.' },
    high: { default: '0.1', about: 'Upper bound of every state variable at the start.' },
  },
  constants: CONSTANTS,
  baselines: { 'energy-pumping': 'Turns the motor against the motion of the first link, which pumps energy in.' },
  source:
    'Sutton (1996), "Generalization in reinforcement learning: successful examples using sparse coarse coding", with the dynamics of Sutton and Barto\'s book. The same trajectories as Gymnasium 1.4, bit for bit.',
};
