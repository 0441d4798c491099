import type { EnvDocs } from '../../src/core/docs.js';
import { CONSTANTS } from './constants.js';
import { KWARGS } from './options.js';

/** How an episode begins; the lidar task's, too. */
export const START =
  'A closed track of 220 to 360 tiles is drawn, and the car stands at its first point. One step passes before the first observation: what the wheels touch then counts with the first step.';
export const REWARD =
  '1000 / N for each of the N tiles that a wheel touches for the first time, less 0.1 a step; -100 alone for the step that leaves the field.';
export const END =
  'All tiles are visited; or the first tile is reached when more than `lapCompletePercent` of them are; or the car leaves the field (`info.lapFinished` is false then).';
export const SOURCE = `Oleg Klimov's CarRacing, in Gymnasium 1.4's version. From the same seed an env that is new gives the same track, and the same actions give the same float32 poses and the same rewards, on Box2D's solver step. The original keeps its world over resets, and from the second episode of one env on rounds differently; here every episode is like the first.`;

/** What the README of CarRacing-v3 says. */
export const docs: EnvDocs = {
  task: `Drive a powerful rear-wheel drive car round a track that is drawn anew for every episode, as fast as it goes. The observation is the view from above, the car's nose up, as 96 x 96 pixels (rows from the top, red, green, blue); in the first second it zooms in. The gauges in the black bar below are, from left to right: speed, the four wheels' speeds, steering and yaw rate; the number is the reward so far. Don't press the accelerator and turn at the same time. [CarRacing-lidar-v3](../car-racing-lidar/README.md) is the same task with a vector of numbers as its observation.`,
  start: START,
  reward: REWARD,
  end: END,
  kwargs: KWARGS,
  resetOptions: {
    randomize: {
      default: 'true',
      about:
        'With `domainRandomize`, whether colours are drawn; false gives the standard ones. (In Gymnasium false keeps those of the episode before; here an episode depends on nothing but its seed and options, so that it can be replayed.)',
    },
  },
  constants: CONSTANTS,
  baselines: {
    'pure-pursuit':
      'Steers towards a point of the centre line ahead, at the speed that the bends ahead allow; it reads the track from the env, not from the picture.',
  },
  source: `${SOURCE} The pictures are not those of pygame but computed from the same polygons' areas: they differ by less than 0.1 of 255 on average.`,
};
