/** What each number of the driving task's observation, action and info means: the source of its spaces, labels and README. */
import type { Field, FieldTables } from '../../src/core/env.js';
import type { Keyboard } from '../../src/core/keyboard.js';
import { CONSTANTS } from './constants.js';
import { lookAheadFields, placeFields } from './road-fields.js';

/** Rays of the lidar unless the keyword `rays` says otherwise. */
export const DEFAULT_RAYS = 10;

/** Distances along the centre line, m, at which the look-ahead sees the road. */
export const LOOK_AHEAD: readonly number[] = [5, 10, 15, 20, 30, 40, 55];

/** Offsets of the observation's parts after the rays. */
export const AFTER_RAYS = {
  speed: 0,
  slip: 1,
  yawRate: 2,
  steer: 3,
  drive: 4,
  offset: 5,
  headingSine: 6,
  headingCosine: 7,
  /** Two numbers for each look-ahead distance: bearing, curvature. */
  lookAhead: 8,
} as const;

/** Length of an observation with so many rays. */
export function observationSize(rays: number): number {
  return rays + AFTER_RAYS.lookAhead + 2 * LOOK_AHEAD.length;
}

/** Direction of ray `i` of `rays`, rad, counter-clockwise from straight ahead: from right to left. */
export function rayAngle(i: number, rays: number): number {
  const spread = CONSTANTS.RAY_SPREAD.value;
  return rays === 1 ? 0 : -spread + (2 * spread * i) / (rays - 1);
}

/** One row for each number of the observation. */
export function observationFields(rays: number): Field[] {
  const { RAY_RANGE, SPEED_SCALE, SLIP_SCALE, YAW_SCALE, CURVATURE_SCALE, STEER_LIMIT } = CONSTANTS;
  const fields: Field[] = [];
  for (let i = 0; i < rays; i++) {
    const degrees = Math.round((rayAngle(i, rays) * 180) / Math.PI);
    fields.push({
      name: `ray_${i}`,
      unit: `${RAY_RANGE.value} m`,
      low: 0,
      high: 1,
      about: `Distance to the nearest barrier ${degrees} degrees to the left of straight ahead; 1 is out of range.`,
    });
  }
  fields.push(
    { name: 'speed', unit: `${SPEED_SCALE.value} m/s`, low: -2, high: 2, about: 'Forward speed.' },
    { name: 'slip', unit: `${SLIP_SCALE.value} m/s`, low: -2, high: 2, about: 'Speed to the left, across the car.' },
    {
      name: 'yaw_rate',
      unit: `${YAW_SCALE.value} rad/s`,
      low: -2,
      high: 2,
      about: 'Turning rate, positive to the left.',
    },
    {
      name: 'steer',
      unit: `${STEER_LIMIT.value} rad`,
      low: -1,
      high: 1,
      about: 'Angle of the front wheels, positive to the left.',
    },
    {
      name: 'drive',
      unit: '1',
      low: -1,
      high: 1,
      about: 'Throttle (positive) or brake (negative) in force during the last step.',
    },
    ...placeFields(2),
    ...lookAheadFields(LOOK_AHEAD, CURVATURE_SCALE.value),
  );
  return fields;
}

/** One row for each number of an action, of both driving tasks. */
export const actionFields: readonly Field[] = [
  {
    name: 'steer',
    unit: `${CONSTANTS.STEER_LIMIT.value} rad`,
    low: -1,
    high: 1,
    about: 'Wanted angle of the front wheels, positive to the left.',
  },
  {
    name: 'drive',
    unit: '1',
    low: -1,
    high: 1,
    about: 'Throttle from 0 to 1, brake from 0 to -1; there is no reverse gear.',
  },
];

const INFINITY = Number.POSITIVE_INFINITY;

/** One row for each number of `info`, of both driving tasks. */
export const infoFields: readonly Field[] = [
  { name: 'progress', unit: 'm', low: -INFINITY, high: INFINITY, about: 'Way along the centre line since the start.' },
  { name: 'laps', unit: '1', low: 0, high: INFINITY, about: 'Completed laps.' },
  { name: 'lapRate', unit: '1', low: 0, high: 1, about: '1 once the first lap is completed, else 0.' },
  {
    name: 'lapTime',
    unit: 's',
    low: 0,
    high: INFINITY,
    about: 'Time of the first lap, from a standing start; NaN before it is completed.',
  },
  {
    name: 'cost',
    unit: '1',
    low: 0,
    high: INFINITY,
    about: 'All costs of the episode: the return is the reward for progress less this.',
  },
  { name: 'speed', unit: 'm/s', low: 0, high: INFINITY, about: 'Mean speed along the centre line since the start.' },
  { name: 'offRoad', unit: '1', low: 0, high: 1, about: 'Whether the centre of the car has left the road.' },
  { name: 'crash', unit: '1', low: 0, high: 1, about: 'Whether a corner of the car has hit a barrier.' },
  { name: 'track', unit: '1', low: 0, high: INFINITY, about: 'Number of the track.' },
  { name: 'grip', unit: '1', low: 0, high: INFINITY, about: 'Factor of the nominal grip in this episode.' },
  { name: 'mass', unit: '1', low: 0, high: INFINITY, about: 'Factor of the nominal mass in this episode.' },
  {
    name: 'sensorNoise',
    unit: '1',
    low: 0,
    high: INFINITY,
    about: 'Standard deviation of the noise of observations in this episode.',
  },
  {
    name: 'actionDelay',
    unit: 'steps',
    low: 0,
    high: INFINITY,
    about: 'Steps by which actions come late in this episode.',
  },
];

/** The tables for a lidar of so many rays. */
export function fieldTables(rays: number): FieldTables {
  return { observation: observationFields(rays), action: actionFields, info: infoFields };
}

/** Keys for a person: steering and pedals, alone and together; without one the car rolls straight on. */
export const keyboard: Keyboard = {
  idle: [0, 0],
  bindings: [
    { keys: ['ArrowLeft'], action: [1, 0], label: 'left' },
    { keys: ['ArrowRight'], action: [-1, 0], label: 'right' },
    { keys: ['ArrowUp'], action: [0, 1], label: 'throttle' },
    { keys: ['ArrowDown'], action: [0, -1], label: 'brake' },
    { keys: ['ArrowLeft', 'ArrowUp'], action: [1, 1], label: 'left, throttle' },
    { keys: ['ArrowRight', 'ArrowUp'], action: [-1, 1], label: 'right, throttle' },
    { keys: ['ArrowLeft', 'ArrowDown'], action: [1, -1], label: 'left, brake' },
    { keys: ['ArrowRight', 'ArrowDown'], action: [-1, -1], label: 'right, brake' },
  ],
};
