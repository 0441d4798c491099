import type { EnvDocs } from '../../src/core/docs.js';
import { CONSTANTS } from '../car-racing/constants.js';
import { END, REWARD, SOURCE, START } from '../car-racing/docs.js';
import { SCALES } from './fields.js';
import { KWARGS } from './options.js';

/** What the README of CarRacing-lidar-v3 says. */
export const docs: EnvDocs = {
  task: 'Drive a powerful rear-wheel drive car round a track that is drawn anew for every episode, as fast as it goes: [CarRacing-v3](../car-racing/README.md) with the same tracks, physics and rewards, seen by rays to the borders of the road, readings of the car and a look-ahead of the road. It steps faster than with pixels and trains in minutes.',
  start: START,
  reward: REWARD,
  end: END,
  kwargs: KWARGS,
  resetOptions: {},
  constants: { ...SCALES, ...CONSTANTS },
  baselines: {
    'pure-pursuit':
      'Steers towards a point of the centre line ahead, at the speed that the bends ahead allow; it reads both from the observation.',
  },
  source: `${SOURCE} The observation is this project's own.`,
};
