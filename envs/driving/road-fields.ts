/** Rows of an observation that say where a car is on its road and how the road goes on, for every env with a road. */
import type { Field } from '../../src/core/env.js';

/**
 * Offset from the centre line and heading against it.
 *
 * @param most - Largest offset in the observation, in half widths of the road.
 */
export function placeFields(most: number): Field[] {
  return [
    {
      name: 'offset',
      unit: 'half road widths',
      low: -most,
      high: most,
      about: 'Distance from the centre line, positive to the left.',
    },
    {
      name: 'heading_sine',
      unit: '1',
      low: -1,
      high: 1,
      about: 'Sine of the heading relative to the road, positive to the left.',
    },
    {
      name: 'heading_cosine',
      unit: '1',
      low: -1,
      high: 1,
      about: 'Cosine of the heading relative to the road; negative is backwards.',
    },
  ];
}

/**
 * Bearing and curvature of the centre line at each distance.
 *
 * @param distances - Along the centre line, m.
 * @param curvature - What is 1 in the observation, 1/m.
 */
export function lookAheadFields(distances: readonly number[], curvature: number): Field[] {
  return distances.flatMap((distance) => [
    {
      name: `bearing_${distance}`,
      unit: `${distance} m`,
      low: -2,
      high: 2,
      about: `How far to the left of the car's axis the centre line is, ${distance} m further along it.`,
    },
    {
      name: `curvature_${distance}`,
      unit: `${curvature} 1/m`,
      low: -2,
      high: 2,
      about: `Curvature of the centre line ${distance} m further along it, positive to the left.`,
    },
  ]);
}
