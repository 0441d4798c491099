import type { EnvDocs } from '../../src/core/docs.js';
import { CONSTANTS } from './constants.js';
import { KWARGS } from './options.js';
import { SPLITS } from './track.js';

const last = (split: keyof typeof SPLITS): string => String(SPLITS[split].first + SPLITS[split].count - 1);

/** What the README of Driving-v0 says. */
export const docs: EnvDocs = {
  task: 'Drive a car round closed tracks that are generated anew for every episode, as fast as the road allows. The car is one rigid body of matter-js with a friction-circle tyre model: an axle that brakes or accelerates has less grip left for the bend. It sees the barriers by lidar, itself, and the road some way ahead.',
  start: `The car stands on the start line of a track, a little beside the centre and a little turned. The number of the track is drawn from the range of the keyword \`split\`: \`train\` has the tracks ${SPLITS.train.first} to ${last('train')}, \`test\` ${SPLITS.test.first} to ${last('test')}, so a policy is tested on tracks that it cannot have seen, whatever the seed.`,
  reward:
    'Progress along the centre line during the step, times `PROGRESS_REWARD`, less costs for time, for changes of the steering, for sliding and, at the end, for leaving the road. `info.cost` has their sum.',
  end: 'The centre of the car leaves the road, or a corner hits a barrier. A lap is all checkpoints in order; after it the episode goes on.',
  kwargs: KWARGS,
  resetOptions: {
    track: { default: 'drawn', about: 'Drive the track of this number, from 0 to 2^32 - 1.' },
  },
  constants: CONSTANTS,
  baselines: {
    'pure-pursuit':
      'Steers along the arc through a point of the centre line ahead, at the speed that the bends ahead allow, knowing the nominal grip.',
    'full-throttle': 'The same steering with the pedal down.',
  },
  source:
    'A task of this project. The tyre model is a linear tyre under a friction circle (Gillespie, "Fundamentals of Vehicle Dynamics"); pure pursuit is Coulter (1992).',
};
