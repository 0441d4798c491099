/** What each number of CarRacing-lidar's observation means; its action and info are CarRacing's. */
import type { Field } from '../../src/core/env.js';
import { CONSTANTS } from '../car-racing/constants.js';
import { LOOK_AHEAD } from '../car-racing/road-ahead.js';
import { lookAheadFields, placeFields } from '../driving/road-fields.js';

/** Directions of the rays, degrees to the left of straight ahead. */
export const RAY_DEGREES: readonly number[] = [90, 60, 40, 25, 12, 0, -12, -25, -40, -60, -90];

/** What is 1 in the observation. */
export const SCALES = {
  RAY_RANGE: { value: 60, unit: 'm', about: 'Range of the rays: 1 is out of range.' },
  SPEED_SCALE: { value: 50, unit: 'm/s', about: 'Forward and sideways speed of 1 in the observation.' },
  YAW_SCALE: { value: 5, unit: 'rad/s', about: 'Yaw rate of 1 in the observation.' },
  WHEEL_SCALE: { value: 100, unit: 'rad/s', about: 'Speed of a wheel of 1 in the observation.' },
  CURVATURE_SCALE: { value: 0.1, unit: '1/m', about: 'Curvature of the road of 1 in the observation.' },
} as const;

/** Offsets of the observation's parts. */
export const PARTS = {
  speed: RAY_DEGREES.length,
  slip: RAY_DEGREES.length + 1,
  yawRate: RAY_DEGREES.length + 2,
  steering: RAY_DEGREES.length + 3,
  gas: RAY_DEGREES.length + 4,
  wheels: RAY_DEGREES.length + 5,
  grass: RAY_DEGREES.length + 9,
  offset: RAY_DEGREES.length + 13,
  headingSine: RAY_DEGREES.length + 14,
  headingCosine: RAY_DEGREES.length + 15,
  /** Two numbers for each look-ahead distance: bearing, curvature. */
  lookAhead: RAY_DEGREES.length + 16,
} as const;
/** Numbers of an observation. */
export const SIZE: number = PARTS.lookAhead + 2 * LOOK_AHEAD.length;

const WHEELS = ['front_left', 'front_right', 'rear_left', 'rear_right'];
const direction = (degrees: number): string =>
  degrees === 0
    ? 'straight ahead'
    : `${Math.abs(degrees)} degrees to the ${degrees > 0 ? 'left' : 'right'} of straight ahead`;
const words = (name: string): string => name.replace('_', ' ');

/** One row for each number of the observation. */
export const observationFields: readonly Field[] = [
  ...RAY_DEGREES.map((degrees, k) => ({
    name: `ray_${k}`,
    unit: `${SCALES.RAY_RANGE.value} m`,
    low: 0,
    high: 1,
    about: `Distance to the nearest border of the road, ${direction(degrees)}.`,
  })),
  { name: 'speed', unit: `${SCALES.SPEED_SCALE.value} m/s`, low: -3, high: 3, about: 'Forward speed.' },
  {
    name: 'slip',
    unit: `${SCALES.SPEED_SCALE.value} m/s`,
    low: -3,
    high: 3,
    about: 'Speed to the left, across the car.',
  },
  {
    name: 'yaw_rate',
    unit: `${SCALES.YAW_SCALE.value} rad/s`,
    low: -4,
    high: 4,
    about: 'Turning rate, positive to the left.',
  },
  {
    name: 'steering',
    unit: `${CONSTANTS.STEER_LIMIT.value} rad`,
    low: -1.5,
    high: 1.5,
    about: 'Angle of the front left wheel, positive to the left.',
  },
  { name: 'gas', unit: '1', low: 0, high: 1, about: 'Gas that has come so far.' },
  ...WHEELS.map((name) => ({
    name: `omega_${name}`,
    unit: `${SCALES.WHEEL_SCALE.value} rad/s`,
    low: -4,
    high: 4,
    about: `Speed of the ${words(name)} wheel; more than the car's is slip.`,
  })),
  ...WHEELS.map((name) => ({
    name: `grass_${name}`,
    unit: '1',
    low: 0,
    high: 1,
    about: `Whether the ${words(name)} wheel is on grass.`,
  })),
  ...placeFields(4),
  ...lookAheadFields(LOOK_AHEAD, SCALES.CURVATURE_SCALE.value),
];
