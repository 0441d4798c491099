import type { Observation } from './template-env.js';

/** Walks to the parcel, picks it up, walks to the goal, puts it down. */
export const deliver =
  () =>
  ({ carrying, goal, parcel, robot }: Observation): number => {
    const to = carrying === 1 ? goal : parcel;
    const rows = to[0]! - robot[0]!;
    const columns = to[1]! - robot[1]!;
    return rows > 0 ? 0 : rows < 0 ? 2 : columns > 0 ? 1 : columns < 0 ? 3 : 4;
  };
