/** The exports that src/physics/world.ts calls. */
import { enter } from './layout';
import { cosine, sine } from './math';

export { findNewContacts, pairsFound } from './contacts';
export { applyAngularImpulse, applyForce, applyForceToCenter, applyLinearImpulse, applyTorque, destroyJoint, setTransform, sleepBody, startJoint, wakeBody } from './forces';
export { beginImpacts, stepImpacts } from './impacts';
export { setScratch } from './layout';
export { slidingSpeedOf, translationOf } from './prismatic';
export { rayCast, rayHit } from './rays';
export { startBody, startFixture } from './shapes';
export { endStep, stepIslands } from './step';

/** The world that the next calls work on. */
export function select(at: usize): void {
  enter(at);
}

/** Where memory is free. */
export function heapBase(): usize {
  return __heap_base;
}

/** Sine and cosine as the solver has them, for tests. */
export function sineOf(x: f32): f32 {
  return sine(x);
}
export function cosineOf(x: f32): f32 {
  return cosine(x);
}
