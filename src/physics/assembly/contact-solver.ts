/** Sequential impulses of contacts: friction, then normals, two points at once (b2ContactSolver.cpp). */
import { CIRCLES, EPSILON, FACE_A, LINEAR_SLOP, body, contact, fixture, point } from './layout';
import { clamp, cosine, cross, dot, max, min, sine } from './math';
import { CONSTRAINT_BYTES, constraints, contactAt, islandContacts, state } from './state';

@unmanaged
class VelocityPoint {
  rAx: f32;
  rAy: f32;
  rBx: f32;
  rBy: f32;
  normalImpulse: f32;
  tangentImpulse: f32;
  normalMass: f32;
  tangentMass: f32;
  bias: f32;
}
const POINT_OFFSET: usize = 18 * 4;
const POINT_BYTES: usize = 9 * 4;

@unmanaged
class Constraint {
  contact: i32;
  indexA: i32;
  indexB: i32;
  /** Points whose velocities are solved: one where two would be redundant. */
  count: i32;
  nx: f32;
  ny: f32;
  invMassA: f32;
  invMassB: f32;
  invIA: f32;
  invIB: f32;
  friction: f32;
  // K, symmetric, and its inverse.
  k11: f32;
  k12: f32;
  k22: f32;
  m11: f32;
  m12: f32;
  m21: f32;
  m22: f32;
}

// @ts-ignore: decorator
@inline
function constraint(i: i32): Constraint {
  return changetype<Constraint>(constraints + <usize>(i * CONSTRAINT_BYTES));
}

// @ts-ignore: decorator
@inline
function velocityPoint(c: Constraint, i: i32): VelocityPoint {
  return changetype<VelocityPoint>(changetype<usize>(c) + POINT_OFFSET + <usize>i * POINT_BYTES);
}

export function prepareContacts(warmStart: bool, ratio: f32): void {
  for (let i = 0; i < islandContacts; i++) {
    const c = contact(contactAt(i));
    const v = constraint(i);
    const fa = fixture(c.fixtureA);
    const fb = fixture(c.fixtureB);
    const a = body(fa.body);
    const b = body(fb.body);
    v.contact = contactAt(i);
    v.indexA = a.islandIndex;
    v.indexB = b.islandIndex;
    v.count = c.count;
    v.invMassA = a.invMass;
    v.invMassB = b.invMass;
    v.invIA = a.invInertia;
    v.invIB = b.invInertia;
    v.friction = c.friction;
    for (let k = 0; k < c.count; k++) {
      const p = velocityPoint(v, k);
      const m = point(c, k);
      p.normalImpulse = warmStart ? ratio * m.normalImpulse : 0;
      p.tangentImpulse = warmStart ? ratio * m.tangentImpulse : 0;
    }
  }
}

// Transforms of the present contact's bodies.
let apx: f32 = 0;
let apy: f32 = 0;
let as: f32 = 0;
let ac: f32 = 1;
let bpx: f32 = 0;
let bpy: f32 = 0;
let bs: f32 = 0;
let bc: f32 = 1;

// @ts-ignore: decorator
@inline
function place(lax: f32, lay: f32, cax: f32, cay: f32, aa: f32, lbx: f32, lby: f32, cbx: f32, cby: f32, ab: f32): void {
  as = sine(aa);
  ac = cosine(aa);
  bs = sine(ab);
  bc = cosine(ab);
  apx = cax - (ac * lax - as * lay);
  apy = cay - (as * lax + ac * lay);
  bpx = cbx - (bc * lbx - bs * lby);
  bpy = cby - (bs * lbx + bc * lby);
}

export function initialiseContacts(): void {
  for (let i = 0; i < islandContacts; i++) {
    const v = constraint(i);
    const c = contact(v.contact);
    const fa = fixture(c.fixtureA);
    const fb = fixture(c.fixtureB);
    const a = body(fa.body);
    const b = body(fb.body);
    const mA = v.invMassA;
    const mB = v.invMassB;
    const iA = v.invIA;
    const iB = v.invIB;
    const sa = state(v.indexA);
    const sb = state(v.indexB);
    place(a.lx, a.ly, sa.cx, sa.cy, sa.a, b.lx, b.ly, sb.cx, sb.cy, sb.a);
    // The world manifold: points half way between the surfaces.
    let nx: f32;
    let ny: f32;
    const radiusA = fa.radius;
    const radiusB = fb.radius;
    const v0 = velocityPoint(v, 0);
    if (c.type == CIRCLES) {
      const pax = ac * c.x - as * c.y + apx;
      const pay = as * c.x + ac * c.y + apy;
      const pbx = bc * c.x0 - bs * c.y0 + bpx;
      const pby = bs * c.x0 + bc * c.y0 + bpy;
      nx = 1;
      ny = 0;
      const dx = pax - pbx;
      const dy = pay - pby;
      if (dx * dx + dy * dy > EPSILON * EPSILON) {
        nx = pbx - pax;
        ny = pby - pay;
        const length = sqrt<f32>(nx * nx + ny * ny);
        if (length >= EPSILON) {
          const inverse = <f32>1.0 / length;
          nx *= inverse;
          ny *= inverse;
        }
      }
      const x = <f32>0.5 * (pax + radiusA * nx + (pbx - radiusB * nx));
      const y = <f32>0.5 * (pay + radiusA * ny + (pby - radiusB * ny));
      v0.rAx = x - sa.cx;
      v0.rAy = y - sa.cy;
      v0.rBx = x - sb.cx;
      v0.rBy = y - sb.cy;
    } else if (c.type == FACE_A) {
      nx = ac * c.nx - as * c.ny;
      ny = as * c.nx + ac * c.ny;
      const planeX = ac * c.x - as * c.y + apx;
      const planeY = as * c.x + ac * c.y + apy;
      for (let k = 0; k < v.count; k++) {
        const m = point(c, k);
        const p = velocityPoint(v, k);
        const clipX = bc * m.x - bs * m.y + bpx;
        const clipY = bs * m.x + bc * m.y + bpy;
        const depth = radiusA - dot(clipX - planeX, clipY - planeY, nx, ny);
        const x = <f32>0.5 * (clipX + depth * nx + (clipX - radiusB * nx));
        const y = <f32>0.5 * (clipY + depth * ny + (clipY - radiusB * ny));
        p.rAx = x - sa.cx;
        p.rAy = y - sa.cy;
        p.rBx = x - sb.cx;
        p.rBy = y - sb.cy;
      }
    } else {
      nx = bc * c.nx - bs * c.ny;
      ny = bs * c.nx + bc * c.ny;
      const planeX = bc * c.x - bs * c.y + bpx;
      const planeY = bs * c.x + bc * c.y + bpy;
      for (let k = 0; k < v.count; k++) {
        const m = point(c, k);
        const p = velocityPoint(v, k);
        const clipX = ac * m.x - as * m.y + apx;
        const clipY = as * m.x + ac * m.y + apy;
        const depth = radiusB - dot(clipX - planeX, clipY - planeY, nx, ny);
        const x = <f32>0.5 * (clipX - radiusA * nx + (clipX + depth * nx));
        const y = <f32>0.5 * (clipY - radiusA * ny + (clipY + depth * ny));
        p.rAx = x - sa.cx;
        p.rAy = y - sa.cy;
        p.rBx = x - sb.cx;
        p.rBy = y - sb.cy;
      }
      nx = -nx;
      ny = -ny;
    }
    v.nx = nx;
    v.ny = ny;
    const tx = <f32>1.0 * ny;
    const ty = <f32>-1.0 * nx;
    for (let k = 0; k < v.count; k++) {
      const p = velocityPoint(v, k);
      const rnA = cross(p.rAx, p.rAy, nx, ny);
      const rnB = cross(p.rBx, p.rBy, nx, ny);
      const kNormal = mA + mB + iA * rnA * rnA + iB * rnB * rnB;
      p.normalMass = kNormal > 0 ? <f32>1.0 / kNormal : 0;
      const rtA = cross(p.rAx, p.rAy, tx, ty);
      const rtB = cross(p.rBx, p.rBy, tx, ty);
      const kTangent = mA + mB + iA * rtA * rtA + iB * rtB * rtB;
      p.tangentMass = kTangent > 0 ? <f32>1.0 / kTangent : 0;
      p.bias = 0;
      const dvx = sb.vx + -sb.w * p.rBy - sa.vx - -sa.w * p.rAy;
      const dvy = sb.vy + sb.w * p.rBx - sa.vy - sa.w * p.rAx;
      const vRel = dot(nx, ny, dvx, dvy);
      if (vRel < <f32>-1.0) p.bias = -c.restitution * vRel;
    }
    if (v.count == 2) {
      const p1 = velocityPoint(v, 0);
      const p2 = velocityPoint(v, 1);
      const rn1A = cross(p1.rAx, p1.rAy, nx, ny);
      const rn1B = cross(p1.rBx, p1.rBy, nx, ny);
      const rn2A = cross(p2.rAx, p2.rAy, nx, ny);
      const rn2B = cross(p2.rBx, p2.rBy, nx, ny);
      const k11 = mA + mB + iA * rn1A * rn1A + iB * rn1B * rn1B;
      const k22 = mA + mB + iA * rn2A * rn2A + iB * rn2B * rn2B;
      const k12 = mA + mB + iA * rn1A * rn2A + iB * rn1B * rn2B;
      if (k11 * k11 < <f32>1000.0 * (k11 * k22 - k12 * k12)) {
        v.k11 = k11;
        v.k12 = k12;
        v.k22 = k22;
        let det = k11 * k22 - k12 * k12;
        if (det != 0) det = <f32>1.0 / det;
        v.m11 = det * k22;
        v.m21 = -det * k12;
        v.m12 = -det * k12;
        v.m22 = det * k11;
      } else v.count = 1;
    }
  }
}

export function warmStartContacts(): void {
  for (let i = 0; i < islandContacts; i++) {
    const v = constraint(i);
    const sa = state(v.indexA);
    const sb = state(v.indexB);
    const tx = <f32>1.0 * v.ny;
    const ty = <f32>-1.0 * v.nx;
    for (let k = 0; k < v.count; k++) {
      const p = velocityPoint(v, k);
      const px = p.normalImpulse * v.nx + p.tangentImpulse * tx;
      const py = p.normalImpulse * v.ny + p.tangentImpulse * ty;
      sa.w -= v.invIA * cross(p.rAx, p.rAy, px, py);
      sa.vx -= v.invMassA * px;
      sa.vy -= v.invMassA * py;
      sb.w += v.invIB * cross(p.rBx, p.rBy, px, py);
      sb.vx += v.invMassB * px;
      sb.vy += v.invMassB * py;
    }
  }
}

export function solveContactVelocities(): void {
  for (let i = 0; i < islandContacts; i++) {
    const v = constraint(i);
    const mA = v.invMassA;
    const mB = v.invMassB;
    const iA = v.invIA;
    const iB = v.invIB;
    const nx = v.nx;
    const ny = v.ny;
    const tx = <f32>1.0 * ny;
    const ty = <f32>-1.0 * nx;
    const sa = state(v.indexA);
    const sb = state(v.indexB);
    let vAx = sa.vx;
    let vAy = sa.vy;
    let wA = sa.w;
    let vBx = sb.vx;
    let vBy = sb.vy;
    let wB = sb.w;
    for (let k = 0; k < v.count; k++) {
      const p = velocityPoint(v, k);
      const dvx = vBx + -wB * p.rBy - vAx - -wA * p.rAy;
      const dvy = vBy + wB * p.rBx - vAy - wA * p.rAx;
      const vt = dot(dvx, dvy, tx, ty);
      let lambda = p.tangentMass * -vt;
      const most = v.friction * p.normalImpulse;
      const impulse = clamp(p.tangentImpulse + lambda, -most, most);
      lambda = impulse - p.tangentImpulse;
      p.tangentImpulse = impulse;
      const px = lambda * tx;
      const py = lambda * ty;
      vAx -= mA * px;
      vAy -= mA * py;
      wA -= iA * cross(p.rAx, p.rAy, px, py);
      vBx += mB * px;
      vBy += mB * py;
      wB += iB * cross(p.rBx, p.rBy, px, py);
    }
    if (v.count == 1) {
      const p = velocityPoint(v, 0);
      const dvx = vBx + -wB * p.rBy - vAx - -wA * p.rAy;
      const dvy = vBy + wB * p.rBx - vAy - wA * p.rAx;
      const vn = dot(dvx, dvy, nx, ny);
      let lambda = -p.normalMass * (vn - p.bias);
      const impulse = max(p.normalImpulse + lambda, 0);
      lambda = impulse - p.normalImpulse;
      p.normalImpulse = impulse;
      const px = lambda * nx;
      const py = lambda * ny;
      vAx -= mA * px;
      vAy -= mA * py;
      wA -= iA * cross(p.rAx, p.rAy, px, py);
      vBx += mB * px;
      vBy += mB * py;
      wB += iB * cross(p.rBx, p.rBy, px, py);
    } else {
      // Both points at once: the linear complementarity problem by total enumeration.
      const p1 = velocityPoint(v, 0);
      const p2 = velocityPoint(v, 1);
      const a1 = p1.normalImpulse;
      const a2 = p2.normalImpulse;
      const dv1x = vBx + -wB * p1.rBy - vAx - -wA * p1.rAy;
      const dv1y = vBy + wB * p1.rBx - vAy - wA * p1.rAx;
      const dv2x = vBx + -wB * p2.rBy - vAx - -wA * p2.rAy;
      const dv2y = vBy + wB * p2.rBx - vAy - wA * p2.rAx;
      const vn1 = dot(dv1x, dv1y, nx, ny);
      const vn2 = dot(dv2x, dv2y, nx, ny);
      const b1 = vn1 - p1.bias - (v.k11 * a1 + v.k12 * a2);
      const b2 = vn2 - p2.bias - (v.k12 * a1 + v.k22 * a2);
      let x1 = -(v.m11 * b1 + v.m12 * b2);
      let x2 = -(v.m21 * b1 + v.m22 * b2);
      let solved = x1 >= 0 && x2 >= 0;
      if (!solved) {
        x1 = -p1.normalMass * b1;
        x2 = 0;
        solved = x1 >= 0 && v.k12 * x1 + b2 >= 0;
        if (!solved) {
          x1 = 0;
          x2 = -p2.normalMass * b2;
          solved = x2 >= 0 && v.k12 * x2 + b1 >= 0;
          if (!solved) {
            x2 = 0;
            solved = b1 >= 0 && b2 >= 0;
          }
        }
      }
      if (solved) {
        const d1 = x1 - a1;
        const d2 = x2 - a2;
        const p1x = d1 * nx;
        const p1y = d1 * ny;
        const p2x = d2 * nx;
        const p2y = d2 * ny;
        vAx -= mA * (p1x + p2x);
        vAy -= mA * (p1y + p2y);
        wA -= iA * (cross(p1.rAx, p1.rAy, p1x, p1y) + cross(p2.rAx, p2.rAy, p2x, p2y));
        vBx += mB * (p1x + p2x);
        vBy += mB * (p1y + p2y);
        wB += iB * (cross(p1.rBx, p1.rBy, p1x, p1y) + cross(p2.rBx, p2.rBy, p2x, p2y));
        p1.normalImpulse = x1;
        p2.normalImpulse = x2;
      }
    }
    sa.vx = vAx;
    sa.vy = vAy;
    sa.w = wA;
    sb.vx = vBx;
    sb.vy = vBy;
    sb.w = wB;
  }
}

export function storeImpulses(): void {
  for (let i = 0; i < islandContacts; i++) {
    const v = constraint(i);
    const c = contact(v.contact);
    for (let k = 0; k < v.count; k++) {
      const p = velocityPoint(v, k);
      const m = point(c, k);
      m.normalImpulse = p.normalImpulse;
      m.tangentImpulse = p.tangentImpulse;
    }
  }
}

/**
 * Pushes overlapping bodies apart.
 * @param toiA - with `toiB`, the bodies of a time-of-impact island that move; -1 where all do
 * @returns whether the overlaps that are left are small
 */
export function solveContactPositions(toiA: i32, toiB: i32): bool {
  const toi = toiA >= 0;
  const baumgarte: f32 = toi ? 0.75 : 0.2;
  let least: f32 = 0;
  for (let i = 0; i < islandContacts; i++) {
    const v = constraint(i);
    const c = contact(v.contact);
    const fa = fixture(c.fixtureA);
    const fb = fixture(c.fixtureB);
    const a = body(fa.body);
    const b = body(fb.body);
    let mA = v.invMassA;
    let iA = v.invIA;
    let mB = v.invMassB;
    let iB = v.invIB;
    if (toi) {
      if (v.indexA != toiA && v.indexA != toiB) {
        mA = 0;
        iA = 0;
      }
      if (v.indexB != toiA && v.indexB != toiB) {
        mB = 0;
        iB = 0;
      }
    }
    const sa = state(v.indexA);
    const sb = state(v.indexB);
    let cAx = sa.cx;
    let cAy = sa.cy;
    let aA = sa.a;
    let cBx = sb.cx;
    let cBy = sb.cy;
    let aB = sb.a;
    for (let k = 0; k < c.count; k++) {
      place(a.lx, a.ly, cAx, cAy, aA, b.lx, b.ly, cBx, cBy, aB);
      const m = point(c, k);
      let nx: f32;
      let ny: f32;
      let x: f32;
      let y: f32;
      let separation: f32;
      if (c.type == CIRCLES) {
        const pax = ac * c.x - as * c.y + apx;
        const pay = as * c.x + ac * c.y + apy;
        const pbx = bc * c.x0 - bs * c.y0 + bpx;
        const pby = bs * c.x0 + bc * c.y0 + bpy;
        nx = pbx - pax;
        ny = pby - pay;
        const length = sqrt<f32>(nx * nx + ny * ny);
        if (length >= EPSILON) {
          const inverse = <f32>1.0 / length;
          nx *= inverse;
          ny *= inverse;
        }
        x = <f32>0.5 * (pax + pbx);
        y = <f32>0.5 * (pay + pby);
        separation = dot(pbx - pax, pby - pay, nx, ny) - fa.radius - fb.radius;
      } else if (c.type == FACE_A) {
        nx = ac * c.nx - as * c.ny;
        ny = as * c.nx + ac * c.ny;
        const planeX = ac * c.x - as * c.y + apx;
        const planeY = as * c.x + ac * c.y + apy;
        x = bc * m.x - bs * m.y + bpx;
        y = bs * m.x + bc * m.y + bpy;
        separation = dot(x - planeX, y - planeY, nx, ny) - fa.radius - fb.radius;
      } else {
        nx = bc * c.nx - bs * c.ny;
        ny = bs * c.nx + bc * c.ny;
        const planeX = bc * c.x - bs * c.y + bpx;
        const planeY = bs * c.x + bc * c.y + bpy;
        x = ac * m.x - as * m.y + apx;
        y = as * m.x + ac * m.y + apy;
        separation = dot(x - planeX, y - planeY, nx, ny) - fa.radius - fb.radius;
        nx = -nx;
        ny = -ny;
      }
      const rAx = x - cAx;
      const rAy = y - cAy;
      const rBx = x - cBx;
      const rBy = y - cBy;
      least = min(least, separation);
      const correction = clamp(baumgarte * (separation + LINEAR_SLOP), <f32>-0.2, 0);
      const rnA = cross(rAx, rAy, nx, ny);
      const rnB = cross(rBx, rBy, nx, ny);
      const mass = mA + mB + iA * rnA * rnA + iB * rnB * rnB;
      const impulse = mass > 0 ? -correction / mass : 0;
      const px = impulse * nx;
      const py = impulse * ny;
      cAx -= mA * px;
      cAy -= mA * py;
      aA -= iA * cross(rAx, rAy, px, py);
      cBx += mB * px;
      cBy += mB * py;
      aB += iB * cross(rBx, rBy, px, py);
    }
    sa.cx = cAx;
    sa.cy = cAy;
    sa.a = aA;
    sb.cx = cBx;
    sb.cy = cBy;
    sb.a = aB;
  }
  return least >= (toi ? <f32>-1.5 : <f32>-3.0) * LINEAR_SLOP;
}

/** Impulses of the island's contacts, copied to `to` or compared with it: whether they are equal, bit for bit. */
export function impulsesEqual(at: usize): bool {
  for (let i = 0; i < islandContacts; i++) {
    const v = constraint(i);
    for (let k = 0; k < v.count; k++) {
      const p = velocityPoint(v, k);
      if (load<i32>(at) != reinterpret<i32>(p.normalImpulse)) return false;
      if (load<i32>(at, 4) != reinterpret<i32>(p.tangentImpulse)) return false;
      at += 8;
    }
  }
  return true;
}

export function copyImpulses(at: usize): void {
  for (let i = 0; i < islandContacts; i++) {
    const v = constraint(i);
    for (let k = 0; k < v.count; k++) {
      const p = velocityPoint(v, k);
      store<f32>(at, p.normalImpulse);
      store<f32>(at, p.tangentImpulse, 4);
      at += 8;
    }
  }
}
