/** A joint that turns, with motor and limits (b2RevoluteJoint.cpp). */
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
  PI,
  body,
} from './layout';
import { findLimit, rAx, rAy, rBx, rBy, startJointStep } from './arms';
import { abs32, clamp, cosine, cross, sine } from './math';
import { State, state } from './state';

const MOST_ANGULAR_CORRECTION: f32 = (<f32>8.0 / <f32>180.0) * PI;

export function initRevolute(j: Joint, warmStart: bool, ratio: f32): void {
  startJointStep(j);
  const sa = changetype<State>(j.stateA);
  const sb = changetype<State>(j.stateB);
  const mA = j.mA;
  const mB = j.mB;
  const iA = j.iA;
  const iB = j.iB;
  const fixedRotation = iA + iB == 0;
  j.exx = mA + mB + rAy * rAy * iA + rBy * rBy * iB;
  j.exy = -rAy * rAx * iA - rBy * rBx * iB;
  j.exz = -rAy * iA - rBy * iB;
  j.eyy = mA + mB + rAx * rAx * iA + rBx * rBx * iB;
  j.eyz = rAx * iA + rBx * iB;
  j.ezz = iA + iB;
  j.motorMass = iA + iB;
  if (j.motorMass > 0) j.motorMass = <f32>1.0 / j.motorMass;
  if ((j.flags & JOINT_MOTOR) == 0 || fixedRotation) j.motorImpulse = 0;
  if ((j.flags & JOINT_LIMIT) != 0 && !fixedRotation) {
    findLimit(j, sb.a - sa.a - j.reference, ANGULAR_SLOP);
  } else j.limitState = LIMIT_INACTIVE;
  if (warmStart) {
    j.impulseX *= ratio;
    j.impulseY *= ratio;
    j.impulseZ *= ratio;
    j.motorImpulse *= ratio;
    const px = j.impulseX;
    const py = j.impulseY;
    sa.vx -= mA * px;
    sa.vy -= mA * py;
    sa.w -= iA * (cross(rAx, rAy, px, py) + j.motorImpulse + j.impulseZ);
    sb.vx += mB * px;
    sb.vy += mB * py;
    sb.w += iB * (cross(rBx, rBy, px, py) + j.motorImpulse + j.impulseZ);
  } else {
    j.impulseX = 0;
    j.impulseY = 0;
    j.impulseZ = 0;
    j.motorImpulse = 0;
  }
  // Determinants of the 2x2 and the 3x3 matrix, and cross(ey, ez): the same in every iteration.
  let det = j.exx * j.eyy - j.exy * j.exy;
  if (det != 0) det = <f32>1.0 / det;
  j.inverse2 = det;
  j.crossX = j.eyy * j.ezz - j.eyz * j.eyz;
  j.crossY = j.eyz * j.exz - j.exy * j.ezz;
  j.crossZ = j.exy * j.eyz - j.eyy * j.exz;
  let det3 = j.exx * j.crossX + j.exy * j.crossY + j.exz * j.crossZ;
  if (det3 != 0) det3 = <f32>1.0 / det3;
  j.inverse3 = det3;
}

export function solveRevoluteVelocity(j: Joint, h: f32): void {
  const sa = changetype<State>(j.stateA);
  const sb = changetype<State>(j.stateB);
  const mA = j.mA;
  const mB = j.mB;
  const iA = j.iA;
  const iB = j.iB;
  let vAx = sa.vx;
  let vAy = sa.vy;
  let wA = sa.w;
  let vBx = sb.vx;
  let vBy = sb.vy;
  let wB = sb.w;
  const turns = iA + iB != 0;
  if ((j.flags & JOINT_MOTOR) != 0 && j.limitState != LIMIT_EQUAL && turns) {
    const cdot = wB - wA - j.motorSpeed;
    const old = j.motorImpulse;
    const wanted = old - j.motorMass * cdot;
    const most = h * j.maxMotor;
    // Branches instead of a clamp: a motor at its limit stays there for many iterations, and a processor that foresees it need not
    // wait for the velocities.
    if (wanted > most) {
      if (old != most) {
        j.motorImpulse = most;
        const impulse = most - old;
        wA -= iA * impulse;
        wB += iB * impulse;
      }
    } else if (wanted < -most) {
      if (old != -most) {
        j.motorImpulse = -most;
        const impulse = -most - old;
        wA -= iA * impulse;
        wB += iB * impulse;
      }
    } else {
      j.motorImpulse = wanted;
      const impulse = wanted - old;
      wA -= iA * impulse;
      wB += iB * impulse;
    }
  }
  const rAx = j.rAx;
  const rAy = j.rAy;
  const rBx = j.rBx;
  const rBy = j.rBy;
  const cx = vBx + -wB * rBy - vAx - -wA * rAy;
  const cy = vBy + wB * rBx - vAy - wA * rAx;
  if ((j.flags & JOINT_LIMIT) != 0 && j.limitState != LIMIT_INACTIVE && turns) {
    const cz = wB - wA;
    const det = j.inverse3;
    // b2Mat33::Solve33
    let ix = -(det * (cx * j.crossX + cy * j.crossY + cz * j.crossZ));
    const bx = cy * j.ezz - cz * j.eyz;
    const by = cz * j.exz - cx * j.ezz;
    const bz = cx * j.eyz - cy * j.exz;
    let iy = -(det * (j.exx * bx + j.exy * by + j.exz * bz));
    const dx = j.eyy * cz - j.eyz * cy;
    const dy = j.eyz * cx - j.exy * cz;
    const dz = j.exy * cy - j.eyy * cx;
    let iz = -(det * (j.exx * dx + j.exy * dy + j.exz * dz));
    let reduce = false;
    if (j.limitState == LIMIT_LOWER) reduce = j.impulseZ + iz < 0;
    else if (j.limitState == LIMIT_UPPER) reduce = j.impulseZ + iz > 0;
    if (reduce) {
      const hx = -cx + j.impulseZ * j.exz;
      const hy = -cy + j.impulseZ * j.eyz;
      ix = j.inverse2 * (j.eyy * hx - j.exy * hy);
      iy = j.inverse2 * (j.exx * hy - j.exy * hx);
      iz = -j.impulseZ;
      j.impulseX += ix;
      j.impulseY += iy;
      j.impulseZ = 0;
    } else {
      j.impulseX += ix;
      j.impulseY += iy;
      j.impulseZ += iz;
    }
    vAx -= mA * ix;
    vAy -= mA * iy;
    wA -= iA * (cross(rAx, rAy, ix, iy) + iz);
    vBx += mB * ix;
    vBy += mB * iy;
    wB += iB * (cross(rBx, rBy, ix, iy) + iz);
  } else {
    const hx = -cx;
    const hy = -cy;
    const ix = j.inverse2 * (j.eyy * hx - j.exy * hy);
    const iy = j.inverse2 * (j.exx * hy - j.exy * hx);
    j.impulseX += ix;
    j.impulseY += iy;
    vAx -= mA * ix;
    vAy -= mA * iy;
    wA -= iA * cross(rAx, rAy, ix, iy);
    vBx += mB * ix;
    vBy += mB * iy;
    wB += iB * cross(rBx, rBy, ix, iy);
  }
  sa.vx = vAx;
  sa.vy = vAy;
  sa.w = wA;
  sb.vx = vBx;
  sb.vy = vBy;
  sb.w = wB;
}

export function solveRevolutePosition(j: Joint): bool {
  const a = body(j.bodyA);
  const b = body(j.bodyB);
  const sa = state(a.islandIndex);
  const sb = state(b.islandIndex);
  const mA = a.invMass;
  const mB = b.invMass;
  const iA = a.invInertia;
  const iB = b.invInertia;
  let aA = sa.a;
  let aB = sb.a;
  let angularError: f32 = 0;
  if ((j.flags & JOINT_LIMIT) != 0 && j.limitState != LIMIT_INACTIVE && iA + iB != 0) {
    const angle = aB - aA - j.reference;
    let limitImpulse: f32 = 0;
    if (j.limitState == LIMIT_EQUAL) {
      const c = clamp(angle - j.lower, -MOST_ANGULAR_CORRECTION, MOST_ANGULAR_CORRECTION);
      limitImpulse = -j.motorMass * c;
      angularError = abs32(c);
    } else if (j.limitState == LIMIT_LOWER) {
      let c = angle - j.lower;
      angularError = -c;
      c = clamp(c + ANGULAR_SLOP, -MOST_ANGULAR_CORRECTION, 0);
      limitImpulse = -j.motorMass * c;
    } else {
      let c = angle - j.upper;
      angularError = c;
      c = clamp(c - ANGULAR_SLOP, 0, MOST_ANGULAR_CORRECTION);
      limitImpulse = -j.motorMass * c;
    }
    aA -= iA * limitImpulse;
    aB += iB * limitImpulse;
  }
  // As `findArms`, written out: this runs up to 60 times a step for each joint, and its globals make a lander 5 % slower.
  let s = sine(aA);
  let c = cosine(aA);
  let x = j.anchorAx - a.lx;
  let y = j.anchorAy - a.ly;
  const rAx = c * x - s * y;
  const rAy = s * x + c * y;
  s = sine(aB);
  c = cosine(aB);
  x = j.anchorBx - b.lx;
  y = j.anchorBy - b.ly;
  const rBx = c * x - s * y;
  const rBy = s * x + c * y;
  const ex = sb.cx + rBx - sa.cx - rAx;
  const ey = sb.cy + rBy - sa.cy - rAy;
  const positionError = sqrt<f32>(ex * ex + ey * ey);
  const k11 = mA + mB + iA * rAy * rAy + iB * rBy * rBy;
  const k12 = -iA * rAx * rAy - iB * rBx * rBy;
  const k22 = mA + mB + iA * rAx * rAx + iB * rBx * rBx;
  let det = k11 * k22 - k12 * k12;
  if (det != 0) det = <f32>1.0 / det;
  const ix = -(det * (k22 * ex - k12 * ey));
  const iy = -(det * (k11 * ey - k12 * ex));
  sa.cx -= mA * ix;
  sa.cy -= mA * iy;
  aA -= iA * cross(rAx, rAy, ix, iy);
  sb.cx += mB * ix;
  sb.cy += mB * iy;
  aB += iB * cross(rBx, rBy, ix, iy);
  sa.a = aA;
  sb.a = aB;
  return positionError <= LINEAR_SLOP && angularError <= ANGULAR_SLOP;
}
