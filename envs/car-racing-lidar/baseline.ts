/** CarRacing's scripted driver, reading the look-ahead and the speed from the observation. */
import { choiceOf, pursue } from '../car-racing/baseline.js';
import type { RacingAction } from '../car-racing/game.js';
import { LOOK_AHEAD } from '../car-racing/road-ahead.js';
import type { CarRacingLidarEnv } from './car-racing-lidar.js';
import { PARTS, SCALES } from './fields.js';

/** Pure pursuit at the speed that the bends ahead allow. The returned action is reused. */
export function purePursuit(env: CarRacingLidarEnv): (observation: Float32Array) => RacingAction {
  const action = new Float32Array(3);
  const bearing = new Float64Array(LOOK_AHEAD.length);
  const curvature = new Float64Array(LOOK_AHEAD.length);
  return (observation) => {
    const forward = observation[PARTS.speed]!;
    const slip = observation[PARTS.slip]!;
    for (let k = 0; k < LOOK_AHEAD.length; k++) {
      bearing[k] = observation[PARTS.lookAhead + 2 * k]!;
      curvature[k] = observation[PARTS.lookAhead + 2 * k + 1]! * SCALES.CURVATURE_SCALE.value;
    }
    const speed = Math.sqrt(forward * forward + slip * slip) * SCALES.SPEED_SCALE.value;
    pursue(speed, bearing, curvature, action);
    return env.options.continuous ? action : choiceOf(action);
  };
}
