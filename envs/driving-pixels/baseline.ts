/** Driving's scripted drivers, reading the look-ahead and the speed from the env, not from the picture. */
import { carefully, recklessly } from '../driving/baseline.js';
import { LOOK_AHEAD } from '../driving/fields.js';
import { lookAhead } from '../driving/look-ahead.js';
import type { DrivingPixelsEnv } from './driving-pixels.js';

type Driver = (env: DrivingPixelsEnv) => (observation: Uint8Array) => Float32Array;

/** A driver by its law. The returned action is reused. */
function looking(law: typeof carefully): Driver {
  return (env) => {
    const ahead = new Float32Array(2 * LOOK_AHEAD.length);
    const action = new Float32Array(2);
    return () => {
      const { car, follower, track } = env;
      lookAhead(track, follower, car.body, ahead, 0);
      return law(ahead, 0, car.forward, action);
    };
  };
}

/** Pure pursuit at the speed that the bends ahead allow. */
export const purePursuit: Driver = looking(carefully);
/** Pure pursuit with the pedal down. */
export const fullThrottle: Driver = looking(recklessly);
