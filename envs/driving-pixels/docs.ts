import type { EnvDocs } from '../../src/core/docs.js';
import { docs as driving } from '../driving/docs.js';
import { DRIVER_VIEW } from './driver.js';
import { KWARGS } from './options.js';
import { TOP_VIEW } from './top-down.js';

/** What the README of Driving-pixels-v0 says. */
export const docs: EnvDocs = {
  task: `Drive a car round closed tracks that are generated anew for every episode, as fast as the road allows: [Driving-v0](../driving/README.md) with the same tracks, car, rewards and ends for the same seed and actions, seen as a picture. \`view: 'top-down'\` shows the ground around the car from above, its nose up; \`view: 'driver'\` looks through the windscreen. Both show what the scene shows: mown grass, gravel, asphalt with its lines, kerbs, barriers, the finish line and trees. A black bar below, an eighth of the picture, holds what a still picture cannot show: above, the forward speed from the left (full at \`SPEED_SCALE\`) and the angle of the front wheels from its middle; below, the speed across the car and the yaw rate, each from its middle, to the right for right. One picture is therefore enough for a policy without memory. Pictures are computed in fixed point from the areas of polygons in each pixel, with no library: the same bytes on every machine.`,
  start: driving.start,
  reward: driving.reward,
  end: driving.end,
  kwargs: KWARGS,
  resetOptions: driving.resetOptions,
  constants: {
    VIEW_WIDTH: { value: TOP_VIEW.width, unit: 'm', about: 'Seen from above: from side to side of the picture.' },
    VIEW_AHEAD: { value: TOP_VIEW.ahead, unit: 'm', about: 'Seen from above: ahead of the middle of the car.' },
    VIEW_BEHIND: { value: TOP_VIEW.behind, unit: 'm', about: 'Seen from above: behind the middle of the car.' },
    EYE_HEIGHT: { value: DRIVER_VIEW.eyeHeight, unit: 'm', about: 'Height of the camera behind the windscreen.' },
    EYE_AHEAD: {
      value: DRIVER_VIEW.eyeAhead,
      unit: 'm',
      about: 'How far that camera is ahead of the middle of the car.',
    },
    FIELD_OF_VIEW: { value: 80, unit: 'degrees', about: 'What that camera sees from side to side.' },
    BARRIER_HEIGHT: { value: DRIVER_VIEW.barrierHeight, unit: 'm', about: 'Height of a barrier.' },
    ...driving.constants,
  },
  baselines: {
    'pure-pursuit':
      'Steers along the arc through a point of the centre line ahead, at the speed that the bends ahead allow, knowing the nominal grip; it reads the road from the env, not from the picture.',
    'full-throttle': 'The same steering with the pedal down.',
  },
  speed: `Pictures a second on one thread, \`node dist/scripts/bench/driving-pixels.js\`, which also measures whole steps with resets to new tracks (up to a fifth fewer). The best repetitions of three runs on 2 threads of a server that other processes kept busy, where CarRacing-v3 makes 13k steps/s in like repetitions:

| View       | 64 grey | 64 rgb | 96 grey | 96 rgb |
| ---------- | ------- | ------ | ------- | ------ |
| \`top-down\` | 15.5k   | 11.9k  | 11.5k   | 7.8k   |
| \`driver\`   | 8.7k    | 6.3k   | 7.7k    | 5.5k   |

Drawing allocates nothing.`,
  source: `${driving.source} The pictures are this project's own.`,
};
