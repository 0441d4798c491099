/** Numbers of an observation that the original lets out of its own space. */

/**
 * Clips an observation to its space in place, since everything that trains or records here relies on the bounds; NaN stays.
 * Gymnasium's envs return what is beyond them as it is.
 */
export function clipToSpace(observation: Float32Array, low: Float32Array, high: Float32Array): void {
  for (let i = 0; i < observation.length; i++) {
    const value = observation[i]!;
    if (value < low[i]!) observation[i] = low[i]!;
    else if (value > high[i]!) observation[i] = high[i]!;
  }
}
