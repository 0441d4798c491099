/** A joint that slides along an axis, with motor and limits (b2PrismaticJoint.cpp). */
import {
  cosineA,
  findArms,
  findLimit,
  rAx,
  rAy,
  rBx,
  rBy,
  sineA,
  solutionX,
  solutionY,
  solutionZ,
  solve22,
  solve33,
  startJointStep,
} from './arms';
import {
  ANGULAR_SLOP,
  JOINT_LIMIT,
  JOINT_MOTOR,
  Joint,
  LIMIT_EQUAL,
  LIMIT_INACTIVE,
  LIMIT_LOWER,
  LIMIT_UPPER,
  LINEAR_SLOP,
  MOST_LINEAR_CORRECTION,
  body,
  joint,
} from './layout';
import { abs32, clamp, cross, dot, max, min } from './math';
import { State } from './state';

// The axis, its normal, and their levers about the centres of A and B.
let ux: f32 = 0;
let uy: f32 = 0;
let perpX: f32 = 0;
let perpY: f32 = 0;
let s1: f32 = 0;
let s2: f32 = 0;
let a1: f32 = 0;
let a2: f32 = 0;

/** Finds them from the arms and the way from A's anchor to B's. */
function findAxes(j: Joint, dx: f32, dy: f32): void {
  ux = cosineA * j.axisX - sineA * j.axisY;
  uy = sineA * j.axisX + cosineA * j.axisY;
  perpX = cosineA * -j.axisY - sineA * j.axisX;
  perpY = sineA * -j.axisY + cosineA * j.axisX;
  a1 = cross(dx + rAx, dy + rAy, ux, uy);
  a2 = cross(rBx, rBy, ux, uy);
  s1 = cross(dx + rAx, dy + rAy, perpX, perpY);
  s2 = cross(rBx, rBy, perpX, perpY);
}

export function initPrismatic(j: Joint, ratio: f32): void {
  startJointStep(j);
  const sa = changetype<State>(j.stateA);
  const sb = changetype<State>(j.stateB);
  const mA = j.mA;
  const mB = j.mB;
  const iA = j.iA;
  const iB = j.iB;
  const dx = sb.cx - sa.cx + rBx - rAx;
  const dy = sb.cy - sa.cy + rBy - rAy;
  findAxes(j, dx, dy);
  j.ux = ux;
  j.uy = uy;
  j.perpX = perpX;
  j.perpY = perpY;
  j.a1 = a1;
  j.a2 = a2;
  j.s1 = s1;
  j.s2 = s2;
  const k33 = mA + mB + iA * a1 * a1 + iB * a2 * a2;
  j.motorMass = k33 > 0 ? <f32>1.0 / k33 : k33;
  const k11 = mA + mB + iA * s1 * s1 + iB * s2 * s2;
  const k12 = iA * s1 + iB * s2;
  const k13 = iA * s1 * a1 + iB * s2 * a2;
  let k22 = iA + iB;
  // Two bodies that do not turn.
  if (k22 == 0) k22 = 1;
  const k23 = iA * a1 + iB * a2;
  j.exx = k11;
  j.exy = k12;
  j.exz = k13;
  j.eyy = k22;
  j.eyz = k23;
  j.ezz = k33;
  // Determinants and cross(ey, ez): the same in every iteration.
  let det = k11 * k22 - k12 * k12;
  if (det != 0) det = <f32>1.0 / det;
  j.inverse2 = det;
  j.crossX = k22 * k33 - k23 * k23;
  j.crossY = k23 * k13 - k12 * k33;
  j.crossZ = k12 * k23 - k22 * k13;
  let det3 = k11 * j.crossX + k12 * j.crossY + k13 * j.crossZ;
  if (det3 != 0) det3 = <f32>1.0 / det3;
  j.inverse3 = det3;
  if ((j.flags & JOINT_LIMIT) != 0) {
    findLimit(j, dot(ux, uy, dx, dy), LINEAR_SLOP);
  } else {
    j.limitState = LIMIT_INACTIVE;
    j.impulseZ = 0;
  }
  if ((j.flags & JOINT_MOTOR) == 0) j.motorImpulse = 0;
  j.impulseX *= ratio;
  j.impulseY *= ratio;
  j.impulseZ *= ratio;
  j.motorImpulse *= ratio;
  apply(j, sa, sb, j.impulseX, j.impulseY, j.motorImpulse + j.impulseZ);
}

/** Applies impulses across the axis, for the angle and along the axis. */
// @ts-ignore: decorator
@inline
function apply(j: Joint, sa: State, sb: State, ix: f32, iy: f32, iz: f32): void {
  const px = ix * j.perpX + iz * j.ux;
  const py = ix * j.perpY + iz * j.uy;
  sa.vx -= j.mA * px;
  sa.vy -= j.mA * py;
  sa.w -= j.iA * (ix * j.s1 + iy + iz * j.a1);
  sb.vx += j.mB * px;
  sb.vy += j.mB * py;
  sb.w += j.iB * (ix * j.s2 + iy + iz * j.a2);
}

/** Velocity of B against A along the axis. */
// @ts-ignore: decorator
@inline
function speed(j: Joint, sa: State, sb: State): f32 {
  return dot(j.ux, j.uy, sb.vx - sa.vx, sb.vy - sa.vy) + j.a2 * sb.w - j.a1 * sa.w;
}

export function solvePrismaticVelocity(j: Joint, h: f32): void {
  const sa = changetype<State>(j.stateA);
  const sb = changetype<State>(j.stateB);
  if ((j.flags & JOINT_MOTOR) != 0 && j.limitState != LIMIT_EQUAL) {
    const wanted = j.motorMass * (j.motorSpeed - speed(j, sa, sb));
    const old = j.motorImpulse;
    const most = h * j.maxMotor;
    j.motorImpulse = clamp(old + wanted, -most, most);
    const impulse = j.motorImpulse - old;
    const px = impulse * j.ux;
    const py = impulse * j.uy;
    sa.vx -= j.mA * px;
    sa.vy -= j.mA * py;
    sa.w -= j.iA * (impulse * j.a1);
    sb.vx += j.mB * px;
    sb.vy += j.mB * py;
    sb.w += j.iB * (impulse * j.a2);
  }
  const bx = -(dot(j.perpX, j.perpY, sb.vx - sa.vx, sb.vy - sa.vy) + j.s2 * sb.w - j.s1 * sa.w);
  const by = -(sb.w - sa.w);
  if ((j.flags & JOINT_LIMIT) != 0 && j.limitState != LIMIT_INACTIVE) {
    const bz = -speed(j, sa, sb);
    // The third row of b2Mat33::Solve33: the limit's impulse, which the others follow.
    const old = j.impulseZ;
    const iz =
      j.inverse3 *
      (j.exx * (j.eyy * bz - j.eyz * by) + j.exy * (j.eyz * bx - j.exy * bz) + j.exz * (j.exy * by - j.eyy * bx));
    let limit = old + iz;
    if (j.limitState == LIMIT_LOWER) limit = max(limit, 0);
    else if (j.limitState == LIMIT_UPPER) limit = min(limit, 0);
    j.impulseZ = limit;
    const dz = limit - old;
    const hx = bx - dz * j.exz;
    const hy = by - dz * j.eyz;
    const oldX = j.impulseX;
    const oldY = j.impulseY;
    j.impulseX = j.inverse2 * (j.eyy * hx - j.exy * hy) + oldX;
    j.impulseY = j.inverse2 * (j.exx * hy - j.exy * hx) + oldY;
    apply(j, sa, sb, j.impulseX - oldX, j.impulseY - oldY, dz);
    return;
  }
  const ix = j.inverse2 * (j.eyy * bx - j.exy * by);
  const iy = j.inverse2 * (j.exx * by - j.exy * bx);
  j.impulseX += ix;
  j.impulseY += iy;
  const px = ix * j.perpX;
  const py = ix * j.perpY;
  sa.vx -= j.mA * px;
  sa.vy -= j.mA * py;
  sa.w -= j.iA * (ix * j.s1 + iy);
  sb.vx += j.mB * px;
  sb.vy += j.mB * py;
  sb.w += j.iB * (ix * j.s2 + iy);
}

export function solvePrismaticPosition(j: Joint): bool {
  const sa = changetype<State>(j.stateA);
  const sb = changetype<State>(j.stateB);
  const mA = j.mA;
  const mB = j.mB;
  const iA = j.iA;
  const iB = j.iB;
  findArms(j);
  const dx = sb.cx + rBx - sa.cx - rAx;
  const dy = sb.cy + rBy - sa.cy - rAy;
  findAxes(j, dx, dy);
  const c1 = dot(perpX, perpY, dx, dy);
  const c2 = sb.a - sa.a - j.reference;
  let linearError = abs32(c1);
  const angularError = abs32(c2);
  let active = false;
  let c3: f32 = 0;
  if ((j.flags & JOINT_LIMIT) != 0) {
    const translation = dot(ux, uy, dx, dy);
    if (abs32(j.upper - j.lower) < <f32>2.0 * LINEAR_SLOP) {
      c3 = clamp(translation, -MOST_LINEAR_CORRECTION, MOST_LINEAR_CORRECTION);
      linearError = max(linearError, abs32(translation));
      active = true;
    } else if (translation <= j.lower) {
      c3 = clamp(translation - j.lower + LINEAR_SLOP, -MOST_LINEAR_CORRECTION, 0);
      linearError = max(linearError, j.lower - translation);
      active = true;
    } else if (translation >= j.upper) {
      c3 = clamp(translation - j.upper - LINEAR_SLOP, 0, MOST_LINEAR_CORRECTION);
      linearError = max(linearError, translation - j.upper);
      active = true;
    }
  }
  const k11 = mA + mB + iA * s1 * s1 + iB * s2 * s2;
  const k12 = iA * s1 + iB * s2;
  let k22 = iA + iB;
  if (k22 == 0) k22 = 1;
  let iz: f32 = 0;
  if (active) {
    const k13 = iA * s1 * a1 + iB * s2 * a2;
    const k23 = iA * a1 + iB * a2;
    const k33 = mA + mB + iA * a1 * a1 + iB * a2 * a2;
    solve33(k11, k12, k13, k22, k23, k33, -c1, -c2, -c3);
    iz = solutionZ;
  } else {
    solve22(k11, k12, k22, -c1, -c2);
  }
  const ix = solutionX;
  const iy = solutionY;
  const px = ix * perpX + iz * ux;
  const py = ix * perpY + iz * uy;
  sa.cx -= mA * px;
  sa.cy -= mA * py;
  sa.a -= iA * (ix * s1 + iy + iz * a1);
  sb.cx += mB * px;
  sb.cy += mB * py;
  sb.a += iB * (ix * s2 + iy + iz * a2);
  return linearError <= LINEAR_SLOP && angularError <= ANGULAR_SLOP;
}

/** Way of B's point from A's along the axis, m. */
export function translationOf(index: i32): f32 {
  const j = joint(index);
  const a = body(j.bodyA);
  const b = body(j.bodyB);
  const dx = b.c * j.anchorBx - b.s * j.anchorBy + b.px - (a.c * j.anchorAx - a.s * j.anchorAy + a.px);
  const dy = b.s * j.anchorBx + b.c * j.anchorBy + b.py - (a.s * j.anchorAx + a.c * j.anchorAy + a.py);
  return dot(dx, dy, a.c * j.axisX - a.s * j.axisY, a.s * j.axisX + a.c * j.axisY);
}

/** Velocity of B's point against A along the axis, which turns with A, m/s. */
export function slidingSpeedOf(index: i32): f32 {
  const j = joint(index);
  const a = body(j.bodyA);
  const b = body(j.bodyB);
  let x = j.anchorAx - a.lx;
  let y = j.anchorAy - a.ly;
  const armAx = a.c * x - a.s * y;
  const armAy = a.s * x + a.c * y;
  x = j.anchorBx - b.lx;
  y = j.anchorBy - b.ly;
  const armBx = b.c * x - b.s * y;
  const armBy = b.s * x + b.c * y;
  const dx = b.cx + armBx - (a.cx + armAx);
  const dy = b.cy + armBy - (a.cy + armAy);
  const ux = a.c * j.axisX - a.s * j.axisY;
  const uy = a.s * j.axisX + a.c * j.axisY;
  const vx = b.vx + -b.w * armBy - a.vx - -a.w * armAy;
  const vy = b.vy + b.w * armBx - a.vy - a.w * armAx;
  return dot(dx, dy, -a.w * uy, a.w * ux) + dot(ux, uy, vx, vy);
}
