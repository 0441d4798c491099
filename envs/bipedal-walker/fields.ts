/** What each number of BipedalWalker means: the source of its spaces, labels and README. */
import type { Constant } from '../../src/core/docs.js';
import type { Field, FieldTables } from '../../src/core/env.js';
import type { Keyboard } from '../../src/core/keyboard.js';
import type { KwargTable } from '../../src/core/kwargs.js';

const SCALE = 30;

/** The constants by name, Gymnasium's. */
export const CONSTANTS = {
  FPS: { value: 50, unit: '1/s', about: 'Steps in a second.' },
  SCALE: { value: SCALE, unit: '1/m', about: 'Pixels of the original picture in a metre.' },
  VIEWPORT_W: { value: 600, unit: 'px', about: 'Width of the picture.' },
  VIEWPORT_H: { value: 400, unit: 'px', about: 'Height of the picture.' },
  MOTORS_TORQUE: { value: 80, unit: 'N m', about: 'Largest torque of a motor.' },
  SPEED_HIP: { value: 4, unit: 'rad/s', about: 'Speed that the motor of a hip goes for.' },
  SPEED_KNEE: { value: 6, unit: 'rad/s', about: 'Speed that the motor of a knee goes for.' },
  LIDAR_RANGE: { value: 160 / SCALE, unit: 'm', about: 'Range of the lidar.' },
  LIDAR_RAYS: { value: 10, unit: '1', about: 'Rays of the lidar, from straight down to 1.35 rad forwards.' },
  INITIAL_RANDOM: { value: 5, unit: 'N', about: 'Largest horizontal force that acts during the first step.' },
  LEG_DOWN: { value: -8 / SCALE, unit: 'm', about: 'Height of the hips relative to the middle of the hull.' },
  LEG_W: { value: 8 / SCALE, unit: 'm', about: 'Width of an upper leg; a lower one has 0.8 of it.' },
  LEG_H: { value: 34 / SCALE, unit: 'm', about: 'Length of an upper leg and of a lower one.' },
  TERRAIN_STEP: { value: 14 / SCALE, unit: 'm', about: 'Horizontal distance of two points of the terrain.' },
  TERRAIN_LENGTH: { value: 200, unit: '1', about: 'Points of the terrain.' },
  TERRAIN_HEIGHT: { value: 400 / SCALE / 4, unit: 'm', about: 'Height around which the terrain moves.' },
  TERRAIN_GRASS: {
    value: 10,
    unit: '1',
    about: 'Steps of terrain between two obstacles, at most, and behind the goal.',
  },
  TERRAIN_STARTPAD: { value: 20, unit: '1', about: 'Steps of flat terrain at the start.' },
  FRICTION: { value: 2.5, unit: '1', about: 'Friction of the terrain.' },
  PROGRESS_REWARD: { value: 130 / SCALE, unit: '1/m', about: 'Reward for the way forward.' },
  TILT_COST: { value: 5, unit: '1/rad', about: 'Cost of the tilt of the hull, as a potential.' },
  TORQUE_COST: { value: 0.00035, unit: '1/(N m)', about: 'Cost of the torque of a motor in a step.' },
} as const satisfies Record<string, Constant>;

/** Outline of the hull, px. */
export const HULL_POLY: readonly (readonly [number, number])[] = [
  [-30, 9],
  [6, 9],
  [34, 1],
  [34, -8],
  [-30, -8],
];

/** The keyword arguments, Gymnasium's. */
export const KWARGS = {
  hardcore: { type: 'boolean', default: false, about: 'Whether there are stumps, stairs and pits in the way.' },
} as const satisfies KwargTable;

function joint(leg: 1 | 2, name: 'hip' | 'knee'): Field[] {
  const speed = name === 'hip' ? CONSTANTS.SPEED_HIP.value : CONSTANTS.SPEED_KNEE.value;
  const offset = name === 'hip' ? '' : ', plus 1';
  return [
    {
      name: `${name}${leg}Angle`,
      unit: 'rad',
      low: -Math.PI,
      high: Math.PI,
      about: `Angle of the ${name} of leg ${leg}${offset}.`,
    },
    {
      name: `${name}${leg}Speed`,
      unit: `${speed} rad/s`,
      low: -5,
      high: 5,
      about: `Speed of the ${name} of leg ${leg}; the motor goes for 1.`,
    },
  ];
}

function leg(number: 1 | 2): Field[] {
  return [
    ...joint(number, 'hip'),
    ...joint(number, 'knee'),
    {
      name: `leg${number}Contact`,
      unit: '1',
      // Gymnasium writes the lower bound as -0, and so does the text of the space.
      low: -0,
      high: 5,
      about: `1 while the lower part of leg ${number} touches the ground, else 0.`,
    },
  ];
}

const LIDAR: readonly Field[] = Array.from({ length: CONSTANTS.LIDAR_RAYS.value }, (_, i) => ({
  name: `lidar${i}`,
  unit: '5.33333 m',
  low: -1,
  high: 1,
  about: `Distance to the ground ${(0.15 * i).toFixed(2)} rad forwards of straight down; 1 is out of range.`,
}));

/** One row for each number of the observation and each motor. */
export const fields: FieldTables = {
  observation: [
    { name: 'hullAngle', unit: 'rad', low: -Math.PI, high: Math.PI, about: 'Tilt of the hull, positive backwards.' },
    { name: 'hullAngularVelocity', unit: '25 rad/s', low: -5, high: 5, about: 'Turning rate of the hull.' },
    { name: 'velocityX', unit: '8.33333 m/s', low: -5, high: 5, about: 'Forward speed of the hull.' },
    { name: 'velocityY', unit: '12.5 m/s', low: -5, high: 5, about: 'Upward speed of the hull.' },
    ...leg(1),
    ...leg(2),
    ...LIDAR,
  ],
  action: (['hip1', 'knee1', 'hip2', 'knee2'] as const).map((name) => ({
    name,
    unit: '80 N m',
    low: -1,
    high: 1,
    about: `Motor of the ${name.slice(0, -1)} of leg ${name.slice(-1)}: its sign is the direction, its size the largest torque.`,
  })),
};

/** Keys for a person: Q and W swing the thighs against each other, O and P the shins. */
export const keyboard: Keyboard = {
  idle: [0, 0, 0, 0],
  bindings: [
    { keys: ['KeyQ'], action: [1, 0, -1, 0], label: 'thigh 1 forwards, 2 backwards' },
    { keys: ['KeyW'], action: [-1, 0, 1, 0], label: 'thigh 2 forwards, 1 backwards' },
    { keys: ['KeyO'], action: [0, 1, 0, -1], label: 'stretch knee 1, bend knee 2' },
    { keys: ['KeyP'], action: [0, -1, 0, 1], label: 'stretch knee 2, bend knee 1' },
    { keys: ['KeyQ', 'KeyO'], action: [1, 1, -1, -1], label: 'thigh 1 forwards, stretch knee 1' },
    { keys: ['KeyQ', 'KeyP'], action: [1, -1, -1, 1], label: 'thigh 1 forwards, stretch knee 2' },
    { keys: ['KeyW', 'KeyO'], action: [-1, 1, 1, -1], label: 'thigh 2 forwards, stretch knee 1' },
    { keys: ['KeyW', 'KeyP'], action: [-1, -1, 1, 1], label: 'thigh 2 forwards, stretch knee 2' },
  ],
};
