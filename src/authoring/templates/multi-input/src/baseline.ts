import type { Observation } from './template-env.js';

/** Walks to the parcel, picks it up, walks to the goal, puts it down. */
export const deliver =
  () =>
  ({ carrying, goal, parcel, robot }: Observation): Int32Array => {
    const to = carrying === 1 ? goal : parcel;
    const rows = to[0]! - robot[0]!;
    const columns = to[1]! - robot[1]!;
    const move = rows > 0 ? 1 : rows < 0 ? 3 : columns > 0 ? 2 : columns < 0 ? 4 : 0;
    return Int32Array.of(move, move === 0 ? 1 : 0);
  };
