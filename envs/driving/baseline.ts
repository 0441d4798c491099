/**
 * Scripted drivers: pure pursuit of a point ahead on the centre line (Coulter, "Implementation of the pure pursuit path
 * tracking algorithm", 1992), with a speed that the bends ahead allow, or with the pedal down.
 *
 * They see what a policy sees, the observation, and know the car and the nominal grip.
 */
import { WHEELBASE } from './car.js';
import { CONSTANTS } from './constants.js';
import type { DrivingEnv } from './driving.js';
import { AFTER_RAYS, LOOK_AHEAD } from './fields.js';
import { clip } from './game.js';

/** Lateral acceleration that the scripted driver allows itself in bends, m/s^2: about 0.7 of the nominal grip. */
const LATERAL_ACCELERATION = 7;
/** Deceleration with which it plans to slow down before bends, m/s^2. */
const BRAKING = 5;
/** Metres by which it wants to have slowed down earlier. */
const BRAKING_MARGIN = 2;
/** Seconds ahead at which it aims, and the nearest look-ahead index it aims at. */
const AIM_SECONDS = 0.9;
const STEER_LIMIT = CONSTANTS.STEER_LIMIT.value;
const SPEED_SCALE = CONSTANTS.SPEED_SCALE.value;
const CURVATURE_SCALE = CONSTANTS.CURVATURE_SCALE.value;
/** Speed error, m/s, at which throttle or brake are at their end. */
const SPEED_BAND = 1.5;

/** The wanted steering: the arc through a point of the centre line about `AIM_SECONDS` ahead. */
function pursue(ahead: Float32Array, first: number, speed: number): number {
  const wanted = AIM_SECONDS * speed;
  let j = 0;
  while (j < LOOK_AHEAD.length - 1 && LOOK_AHEAD[j]! < wanted) j++;
  const distance = LOOK_AHEAD[j]!;
  const arc = (2 * ahead[first + 2 * j]!) / distance;
  return clip(Math.atan(WHEELBASE * arc) / STEER_LIMIT, 1);
}

/**
 * Pure pursuit, braking in time for every bend in sight.
 * @param ahead the look-ahead from its number `first` on, in the units of the observation.
 * @param speed forward, m/s.
 * @param action to write to.
 */
export function carefully(ahead: Float32Array, first: number, speed: number, action: Float32Array): Float32Array {
  let most = Number.POSITIVE_INFINITY;
  for (let j = 0; j < LOOK_AHEAD.length; j++) {
    const curvature = Math.abs(ahead[first + 2 * j + 1]!) * CURVATURE_SCALE;
    const room = LOOK_AHEAD[j]! - LOOK_AHEAD[0]! - BRAKING_MARGIN;
    const square = LATERAL_ACCELERATION / (curvature + 1e-6) + (room > 0 ? 2 * BRAKING * room : 0);
    if (square < most) most = square;
  }
  action[0] = pursue(ahead, first, speed);
  action[1] = clip((Math.sqrt(most) - speed) / SPEED_BAND, 1);
  return action;
}

/** Pure pursuit with the pedal down; parameters as those of `carefully`. */
export function recklessly(ahead: Float32Array, first: number, speed: number, action: Float32Array): Float32Array {
  action[0] = pursue(ahead, first, speed);
  action[1] = 1;
  return action;
}

type Driver = typeof carefully;

/** A driver that reads its look-ahead and speed from the observation. The returned action is reused. */
function reading(env: DrivingEnv, driver: Driver): (observation: Float32Array) => Float32Array {
  const { rays } = env.options;
  const action = new Float32Array(2);
  return (observation) =>
    driver(observation, rays + AFTER_RAYS.lookAhead, observation[rays + AFTER_RAYS.speed]! * SPEED_SCALE, action);
}

/** A careful driver: pure pursuit, braking in time for every bend it sees. */
export function purePursuit(env: DrivingEnv): (observation: Float32Array) => Float32Array {
  return reading(env, carefully);
}

/** A reckless driver: pure pursuit with the pedal down, whatever comes. */
export function fullThrottle(env: DrivingEnv): (observation: Float32Array) => Float32Array {
  return reading(env, recklessly);
}
