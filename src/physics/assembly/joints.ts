/** What a step does with a joint, by its kind. */
import { initDistance, solveDistancePosition, solveDistanceVelocity } from './distance-joint';
import { DISTANCE, Joint, PRISMATIC, REVOLUTE } from './layout';
import { initPrismatic, solvePrismaticPosition, solvePrismaticVelocity } from './prismatic';
import { initRevolute, solveRevolutePosition, solveRevoluteVelocity } from './revolute';
import { initWeld, solveWeldPosition, solveWeldVelocity } from './weld';

/** Prepares a joint for a step of h, s, and applies the impulses of the step before, times the ratio of the two durations. */
export function initJoint(j: Joint, h: f32, ratio: f32): void {
  if (j.kind == REVOLUTE) initRevolute(j, true, ratio);
  else if (j.kind == PRISMATIC) initPrismatic(j, ratio);
  else if (j.kind == DISTANCE) initDistance(j, h, ratio);
  else initWeld(j, h, ratio);
}

// @ts-ignore: decorator
@inline
export function solveJointVelocity(j: Joint, h: f32): void {
  if (j.kind == REVOLUTE) solveRevoluteVelocity(j, h);
  else solveOtherVelocity(j, h);
}

function solveOtherVelocity(j: Joint, h: f32): void {
  if (j.kind == PRISMATIC) solvePrismaticVelocity(j, h);
  else if (j.kind == DISTANCE) solveDistanceVelocity(j);
  else solveWeldVelocity(j);
}

/** One iteration of position correction. @returns whether the error was within the slop */
export function solveJointPosition(j: Joint): bool {
  if (j.kind == REVOLUTE) return solveRevolutePosition(j);
  if (j.kind == PRISMATIC) return solvePrismaticPosition(j);
  if (j.kind == DISTANCE) return solveDistancePosition(j);
  return solveWeldPosition(j);
}
