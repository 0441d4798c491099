import { CONSTANTS } from './fields.js';

const MAX_TORQUE = CONSTANTS.MAX_TORQUE.value;

/**
 * Swings up by pumping energy: torque along the motion while the rod has less energy than upright at rest, against it while it
 * has more; near the top a proportional-derivative law holds it. `gravity` in m/s^2.
 */
export function holdUpright(gravity: number): (observation: Float32Array) => Float32Array {
  const action = new Float32Array(1);
  return (observation) => {
    const cos = observation[0]!;
    const sin = observation[1]!;
    const speed = observation[2]!;
    // Energy of a rod of 1 kg and 1 m above that of standing upright, J.
    const energy = (speed * speed) / 6 + (gravity / 2) * (cos - 1);
    let torque = speed > 0 === energy > 0 ? -MAX_TORQUE : MAX_TORQUE;
    if (cos > 0.85) torque = -1.2 * gravity * sin - 3 * speed;
    action[0] = torque > MAX_TORQUE ? MAX_TORQUE : torque < -MAX_TORQUE ? -MAX_TORQUE : torque;
    return action;
  };
}
