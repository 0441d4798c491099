import { RAYS } from './fields.js';

/** Heads for the dock and away from what the rays see near. */
export const steerToDock =
  () =>
  (observation: Float32Array): Float32Array => {
    const [vx, vy, dx, dy] = observation.subarray(RAYS) as unknown as [number, number, number, number];
    const length = Math.max(1, Math.sqrt(dx * dx + dy * dy));
    let fx = dx / length - 0.3 * vx;
    let fy = dy / length - 0.3 * vy;
    for (let k = 0; k < RAYS; k++) {
      const angle = (2 * Math.PI * k) / RAYS;
      const push = Math.max(0, 1.2 - observation[k]!);
      // Push away from the wall, and along it towards the nearer end of the middle wall.
      fx -= push * Math.cos(angle);
      fy -= push * Math.sin(angle);
      if (Math.cos(angle) > 0.9 && push > 0) fy += dy >= 0 ? push : -push;
    }
    return Float32Array.of(Math.min(1, Math.max(-1, fx)), Math.min(1, Math.max(-1, fy)));
  };
