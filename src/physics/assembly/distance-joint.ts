/** A rod, or a spring with a damper, between two points (b2DistanceJoint.cpp). */
import { findArms, findSpring, rAx, rAy, rBx, rBy, startJointStep } from './arms';
import { EPSILON, Joint, LINEAR_SLOP, MOST_LINEAR_CORRECTION } from './layout';
import { abs32, clamp, cross, dot } from './math';
import { State } from './state';

export function initDistance(j: Joint, h: f32, ratio: f32): void {
  startJointStep(j);
  const sa = changetype<State>(j.stateA);
  const sb = changetype<State>(j.stateB);
  let ux = sb.cx + rBx - sa.cx - rAx;
  let uy = sb.cy + rBy - sa.cy - rAy;
  const length = sqrt<f32>(ux * ux + uy * uy);
  if (length > LINEAR_SLOP) {
    const inverse = <f32>1.0 / length;
    ux *= inverse;
    uy *= inverse;
  } else {
    ux = 0;
    uy = 0;
  }
  j.ux = ux;
  j.uy = uy;
  const crossA = cross(rAx, rAy, ux, uy);
  const crossB = cross(rBx, rBy, ux, uy);
  let inverseMass = j.mA + j.iA * crossA * crossA + j.mB + j.iB * crossB * crossB;
  let mass: f32 = inverseMass != 0 ? <f32>1.0 / inverseMass : 0;
  if (j.frequency > 0) {
    inverseMass += findSpring(j, h, mass, length - j.length);
    mass = inverseMass != 0 ? <f32>1.0 / inverseMass : 0;
  } else {
    j.gamma = 0;
    j.bias = 0;
  }
  j.motorMass = mass;
  j.impulseX *= ratio;
  apply(j, sa, sb, j.impulseX);
}

// @ts-ignore: decorator
@inline
function apply(j: Joint, sa: State, sb: State, impulse: f32): void {
  const px = impulse * j.ux;
  const py = impulse * j.uy;
  sa.vx -= j.mA * px;
  sa.vy -= j.mA * py;
  sa.w -= j.iA * cross(j.rAx, j.rAy, px, py);
  sb.vx += j.mB * px;
  sb.vy += j.mB * py;
  sb.w += j.iB * cross(j.rBx, j.rBy, px, py);
}

export function solveDistanceVelocity(j: Joint): void {
  const sa = changetype<State>(j.stateA);
  const sb = changetype<State>(j.stateB);
  const vpAx = sa.vx + -sa.w * j.rAy;
  const vpAy = sa.vy + sa.w * j.rAx;
  const vpBx = sb.vx + -sb.w * j.rBy;
  const vpBy = sb.vy + sb.w * j.rBx;
  const cdot = dot(j.ux, j.uy, vpBx - vpAx, vpBy - vpAy);
  const impulse = -j.motorMass * (cdot + j.bias + j.gamma * j.impulseX);
  j.impulseX += impulse;
  apply(j, sa, sb, impulse);
}

export function solveDistancePosition(j: Joint): bool {
  // A spring's length is nothing to correct.
  if (j.frequency > 0) return true;
  const sa = changetype<State>(j.stateA);
  const sb = changetype<State>(j.stateB);
  findArms(j);
  let ux = sb.cx + rBx - sa.cx - rAx;
  let uy = sb.cy + rBy - sa.cy - rAy;
  let length = sqrt<f32>(ux * ux + uy * uy);
  if (length < EPSILON) length = 0;
  else {
    const inverse = <f32>1.0 / length;
    ux *= inverse;
    uy *= inverse;
  }
  const error = clamp(length - j.length, -MOST_LINEAR_CORRECTION, MOST_LINEAR_CORRECTION);
  const impulse = -j.motorMass * error;
  const px = impulse * ux;
  const py = impulse * uy;
  sa.cx -= j.mA * px;
  sa.cy -= j.mA * py;
  sa.a -= j.iA * cross(rAx, rAy, px, py);
  sb.cx += j.mB * px;
  sb.cy += j.mB * py;
  sb.a += j.iB * cross(rBx, rBy, px, py);
  return abs32(error) < LINEAR_SLOP;
}
