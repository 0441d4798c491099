/** Two bodies held together at a point and an angle, rigidly or with a spring for the angle (b2WeldJoint.cpp). */
import {
  findArms,
  findSpring,
  rAx,
  rAy,
  rBx,
  rBy,
  solutionX,
  solutionY,
  solutionZ,
  solve22,
  solve33,
  startJointStep,
} from './arms';
import { ANGULAR_SLOP, Joint, LINEAR_SLOP } from './layout';
import { abs32, cross } from './math';
import { State } from './state';

export function initWeld(j: Joint, h: f32, ratio: f32): void {
  startJointStep(j);
  const sa = changetype<State>(j.stateA);
  const sb = changetype<State>(j.stateB);
  const mA = j.mA;
  const mB = j.mB;
  const iA = j.iA;
  const iB = j.iB;
  const a11 = mA + mB + rAy * rAy * iA + rBy * rBy * iB;
  const a12 = -rAy * rAx * iA - rBy * rBx * iB;
  const a13 = -rAy * iA - rBy * iB;
  const a22 = mA + mB + rAx * rAx * iA + rBx * rBx * iB;
  const a23 = rAx * iA + rBx * iB;
  const a33 = iA + iB;
  // The inverse of the matrix, which is what the iterations need.
  if (j.frequency > 0) {
    let det = a11 * a22 - a12 * a12;
    if (det != 0) det = <f32>1.0 / det;
    j.exx = det * a22;
    j.exy = -det * a12;
    j.eyy = det * a11;
    let inverseMass = iA + iB;
    const mass: f32 = inverseMass > 0 ? <f32>1.0 / inverseMass : 0;
    inverseMass += findSpring(j, h, mass, sb.a - sa.a - j.reference);
    j.ezz = inverseMass != 0 ? <f32>1.0 / inverseMass : 0;
  } else {
    let det = a11 * (a22 * a33 - a23 * a23) + a12 * (a23 * a13 - a12 * a33) + a13 * (a12 * a23 - a22 * a13);
    if (det != 0) det = <f32>1.0 / det;
    j.exx = det * (a22 * a33 - a23 * a23);
    j.exy = det * (a13 * a23 - a12 * a33);
    j.exz = det * (a12 * a23 - a13 * a22);
    j.eyy = det * (a11 * a33 - a13 * a13);
    j.eyz = det * (a13 * a12 - a11 * a23);
    j.ezz = det * (a11 * a22 - a12 * a12);
    j.gamma = 0;
    j.bias = 0;
  }
  j.impulseX *= ratio;
  j.impulseY *= ratio;
  j.impulseZ *= ratio;
  apply(j, sa, sb, j.impulseX, j.impulseY, j.impulseZ);
}

// @ts-ignore: decorator
@inline
function apply(j: Joint, sa: State, sb: State, px: f32, py: f32, turn: f32): void {
  sa.vx -= j.mA * px;
  sa.vy -= j.mA * py;
  sa.w -= j.iA * (cross(j.rAx, j.rAy, px, py) + turn);
  sb.vx += j.mB * px;
  sb.vy += j.mB * py;
  sb.w += j.iB * (cross(j.rBx, j.rBy, px, py) + turn);
}

export function solveWeldVelocity(j: Joint): void {
  const sa = changetype<State>(j.stateA);
  const sb = changetype<State>(j.stateB);
  const soft = j.frequency > 0;
  if (soft) {
    const impulse = -j.ezz * (sb.w - sa.w + j.bias + j.gamma * j.impulseZ);
    j.impulseZ += impulse;
    sa.w -= j.iA * impulse;
    sb.w += j.iB * impulse;
  }
  const cx = sb.vx + -sb.w * j.rBy - sa.vx - -sa.w * j.rAy;
  const cy = sb.vy + sb.w * j.rBx - sa.vy - sa.w * j.rAx;
  if (soft) {
    const ix = -(j.exx * cx + j.exy * cy);
    const iy = -(j.exy * cx + j.eyy * cy);
    j.impulseX += ix;
    j.impulseY += iy;
    apply(j, sa, sb, ix, iy, 0);
    return;
  }
  const cz = sb.w - sa.w;
  const ix = -(cx * j.exx + cy * j.exy + cz * j.exz);
  const iy = -(cx * j.exy + cy * j.eyy + cz * j.eyz);
  const iz = -(cx * j.exz + cy * j.eyz + cz * j.ezz);
  j.impulseX += ix;
  j.impulseY += iy;
  j.impulseZ += iz;
  apply(j, sa, sb, ix, iy, iz);
}

export function solveWeldPosition(j: Joint): bool {
  const sa = changetype<State>(j.stateA);
  const sb = changetype<State>(j.stateB);
  const mA = j.mA;
  const mB = j.mB;
  const iA = j.iA;
  const iB = j.iB;
  findArms(j);
  const a11 = mA + mB + rAy * rAy * iA + rBy * rBy * iB;
  const a12 = -rAy * rAx * iA - rBy * rBx * iB;
  const a22 = mA + mB + rAx * rAx * iA + rBx * rBx * iB;
  const cx = sb.cx + rBx - sa.cx - rAx;
  const cy = sb.cy + rBy - sa.cy - rAy;
  let turn: f32 = 0;
  let angularError: f32 = 0;
  if (j.frequency > 0) {
    solve22(a11, a12, a22, cx, cy);
  } else {
    const a13 = -rAy * iA - rBy * iB;
    const a23 = rAx * iA + rBx * iB;
    const error = sb.a - sa.a - j.reference;
    angularError = abs32(error);
    solve33(a11, a12, a13, a22, a23, iA + iB, cx, cy, error);
    turn = -solutionZ;
  }
  const px = -solutionX;
  const py = -solutionY;
  sa.cx -= mA * px;
  sa.cy -= mA * py;
  sa.a -= iA * (cross(rAx, rAy, px, py) + turn);
  sb.cx += mB * px;
  sb.cy += mB * py;
  sb.a += iB * (cross(rBx, rBy, px, py) + turn);
  return sqrt<f32>(cx * cx + cy * cy) <= LINEAR_SLOP && angularError <= ANGULAR_SLOP;
}
