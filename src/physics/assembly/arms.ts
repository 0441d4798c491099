/** What every joint works out of its bodies: the arms from their centres of mass to its anchors, and solutions of its equations. */
import { Joint, LIMIT_EQUAL, LIMIT_INACTIVE, LIMIT_LOWER, LIMIT_UPPER, PI, body } from './layout';
import { abs32, cosine, sine } from './math';
import { state } from './state';

/** Arms from the bodies' centres of mass to the anchors, in world axes, m, and the rotation of body A. */
export let rAx: f32 = 0;
export let rAy: f32 = 0;
export let rBx: f32 = 0;
export let rBy: f32 = 0;
export let sineA: f32 = 0;
export let cosineA: f32 = 0;

export function findArms(j: Joint): void {
  const a = body(j.bodyA);
  const b = body(j.bodyB);
  const angleA = state(a.islandIndex).a;
  const angleB = state(b.islandIndex).a;
  let s = sine(angleA);
  let c = cosine(angleA);
  let x = j.anchorAx - a.lx;
  let y = j.anchorAy - a.ly;
  rAx = c * x - s * y;
  rAy = s * x + c * y;
  sineA = s;
  cosineA = c;
  s = sine(angleB);
  c = cosine(angleB);
  x = j.anchorBx - b.lx;
  y = j.anchorBy - b.ly;
  rBx = c * x - s * y;
  rBy = s * x + c * y;
}

/** Finds the arms and keeps them in the joint, with its bodies' states, masses and inertias. */
export function startJointStep(j: Joint): void {
  const a = body(j.bodyA);
  const b = body(j.bodyB);
  findArms(j);
  j.rAx = rAx;
  j.rAy = rAy;
  j.rBx = rBx;
  j.rBy = rBy;
  j.stateA = changetype<usize>(state(a.islandIndex));
  j.stateB = changetype<usize>(state(b.islandIndex));
  j.mA = a.invMass;
  j.mB = b.invMass;
  j.iA = a.invInertia;
  j.iB = b.invInertia;
}

/** Finds where a joint's angle or translation is against its limits; a limit that it was not at yet begins without an impulse. */
export function findLimit(j: Joint, place: f32, slop: f32): void {
  if (abs32(j.upper - j.lower) < <f32>2.0 * slop) j.limitState = LIMIT_EQUAL;
  else if (place <= j.lower) {
    if (j.limitState != LIMIT_LOWER) j.impulseZ = 0;
    j.limitState = LIMIT_LOWER;
  } else if (place >= j.upper) {
    if (j.limitState != LIMIT_UPPER) j.impulseZ = 0;
    j.limitState = LIMIT_UPPER;
  } else {
    j.limitState = LIMIT_INACTIVE;
    j.impulseZ = 0;
  }
}

/** Sets the velocity of a spring of so much mass that is off by an error. @returns its softness, which adds to the inverse mass */
export function findSpring(j: Joint, h: f32, mass: f32, error: f32): f32 {
  const omega = <f32>2.0 * PI * j.frequency;
  const d = <f32>2.0 * mass * j.damping * omega;
  const k = mass * omega * omega;
  let gamma = h * (d + h * k);
  gamma = gamma != 0 ? <f32>1.0 / gamma : 0;
  j.gamma = gamma;
  j.bias = error * h * k * gamma;
  return gamma;
}

export let solutionX: f32 = 0;
export let solutionY: f32 = 0;
export let solutionZ: f32 = 0;

/** Solves a symmetric 3x3 system (b2Mat33::Solve33). */
export function solve33(k11: f32, k12: f32, k13: f32, k22: f32, k23: f32, k33: f32, bx: f32, by: f32, bz: f32): void {
  const crossX = k22 * k33 - k23 * k23;
  const crossY = k23 * k13 - k12 * k33;
  const crossZ = k12 * k23 - k22 * k13;
  let det = k11 * crossX + k12 * crossY + k13 * crossZ;
  if (det != 0) det = <f32>1.0 / det;
  solutionX = det * (bx * crossX + by * crossY + bz * crossZ);
  solutionY = det * (k11 * (by * k33 - bz * k23) + k12 * (bz * k13 - bx * k33) + k13 * (bx * k23 - by * k13));
  solutionZ = det * (k11 * (k22 * bz - k23 * by) + k12 * (k23 * bx - k12 * bz) + k13 * (k12 * by - k22 * bx));
}

/** Solves a symmetric 2x2 system (b2Mat22::Solve). */
export function solve22(k11: f32, k12: f32, k22: f32, bx: f32, by: f32): void {
  let det = k11 * k22 - k12 * k12;
  if (det != 0) det = <f32>1.0 / det;
  solutionX = det * (k22 * bx - k12 * by);
  solutionY = det * (k11 * by - k12 * bx);
}
