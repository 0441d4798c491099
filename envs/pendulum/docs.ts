import type { EnvDocs } from '../../src/core/docs.js';
import { CONSTANTS, KWARGS } from './fields.js';

/** What the README of Pendulum-v1 says. */
export const docs: EnvDocs = {
  task: 'A rod hangs from a pivot whose motor cannot lift it in one go. Swing it up and hold it upright with little torque.',
  start: 'The angle is drawn uniformly from `-xInit` to `xInit`, the angular velocity from `-yInit` to `yInit`.',
  reward:
    '`-(angle^2 + 0.1 angularVelocity^2 + 0.001 torque^2)` before the step, with the angle from -pi to pi; at best 0, at worst about -16.3.',
  end: 'Never; the time limit truncates.',
  kwargs: KWARGS,
  resetOptions: {
    xInit: { default: 'pi', about: 'Largest starting angle, rad.' },
    yInit: { default: '1', about: 'Largest starting angular velocity, rad/s.' },
  },
  constants: CONSTANTS,
  baselines: {
    'energy-pumping': 'Pumps energy while the rod hangs, then holds it up with a proportional-derivative law.',
  },
  source:
    'The inverted pendulum of control theory, as in openai/gym. The same trajectories as Gymnasium 1.4: observations bit for bit, rewards to 1e-9.',
};
