/**
 * The pole's equations, for one pole and for many: Gymnasium 1.4's, operation by operation, so that results are equal to the bit.
 * As functions rather than exported numbers: V8 puts small functions, their constants included, into the loop that calls them.
 */
import { CONSTANTS } from './fields.js';

const GRAVITY = CONSTANTS.GRAVITY.value;
const POLE_MASS = CONSTANTS.POLE_MASS.value;
const TOTAL_MASS = POLE_MASS + CONSTANTS.CART_MASS.value;
const LENGTH = CONSTANTS.HALF_LENGTH.value;
const POLE_MASS_LENGTH = POLE_MASS * LENGTH;
const FORCE = CONSTANTS.FORCE.value;
const TAU = CONSTANTS.TIME_STEP.value;
const X_LIMIT = CONSTANTS.POSITION_LIMIT.value;
const THETA_LIMIT = CONSTANTS.ANGLE_LIMIT.value;

/** Bounds of every state variable at the start of an episode. */
export const START = { low: -0.05, high: 0.05 };

/** What push and swing would do to the cart without the pole's weight, m/s^2; `action` 1 pushes to the right. */
export function drive(action: number, omega: number, sin: number): number {
  // Without a branch: half of them would be guessed wrong.
  const force = (2 * action - 1) * FORCE;
  return (force + POLE_MASS_LENGTH * (omega * omega) * sin) / TOTAL_MASS;
}

/** Angular acceleration of the pole, rad/s^2. */
export function angularAcceleration(push: number, sin: number, cos: number): number {
  return (GRAVITY * sin - cos * push) / (LENGTH * (4.0 / 3.0 - (POLE_MASS * (cos * cos)) / TOTAL_MASS));
}

/** Acceleration of the cart, m/s^2. */
export function acceleration(push: number, alpha: number, cos: number): number {
  return push - (POLE_MASS_LENGTH * alpha * cos) / TOTAL_MASS;
}

/** One explicit Euler step of a quantity. */
export function euler(value: number, rate: number): number {
  return value + TAU * rate;
}

/** Whether cart or pole is beyond its limit. */
export function isOver(x: number, theta: number): boolean {
  return x < -X_LIMIT || x > X_LIMIT || theta < -THETA_LIMIT || theta > THETA_LIMIT;
}
