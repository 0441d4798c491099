import { BLANK, LENGTH } from './fields.js';

/** Types the letter that comes next. */
export const typeWord =
  () =>
  (observation: Int32Array): number => {
    const next = observation.subarray(LENGTH).indexOf(BLANK);
    return observation[next < 0 ? 0 : next]!;
  };
