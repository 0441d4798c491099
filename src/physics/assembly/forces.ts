/** What is done to bodies and joints between steps (b2Body.cpp). */
import { refilter, sleep, synchronise, wake } from './contacts';
import { Body, DYNAMIC, JOINT_BYTES, body, joint, world } from './layout';
import { cosine, cross, sine } from './math';

export function startJoint(index: i32): void {
  const j = joint(index);
  const a = body(j.bodyA);
  const b = body(j.bodyB);
  j.nextA = a.jointEdges;
  a.jointEdges = index << 1;
  j.nextB = b.jointEdges;
  b.jointEdges = (index << 1) | 1;
  refilter(j.bodyA, j.bodyB);
}

function nextEdge(e: i32): i32 {
  const j = joint(e >> 1);
  return (e & 1) == 0 ? j.nextA : j.nextB;
}

function setNextEdge(e: i32, next: i32): void {
  const j = joint(e >> 1);
  if ((e & 1) == 0) j.nextA = next;
  else j.nextB = next;
}

function unlinkJoint(b: Body, edge: i32): void {
  if (b.jointEdges == edge) {
    b.jointEdges = nextEdge(edge);
    return;
  }
  let e = b.jointEdges;
  while (nextEdge(e) != edge) e = nextEdge(e);
  setNextEdge(e, nextEdge(edge));
}

/** An edge after the joint at an index is gone and those after it moved up. */
// @ts-ignore: decorator
@inline
function renumbered(e: i32, index: i32): i32 {
  return e >> 1 > index ? e - 2 : e;
}

/**
 * Takes a joint out, wakes its bodies and moves the records of later joints up. A contact that it forbade begins once a shape
 * leaves its bounds, as in Box2D.
 */
export function destroyJoint(index: i32): void {
  const w = world();
  const j = joint(index);
  const a = body(j.bodyA);
  const b = body(j.bodyB);
  wake(a);
  wake(b);
  unlinkJoint(a, index << 1);
  unlinkJoint(b, (index << 1) | 1);
  const last = w.jointCount - 1;
  const at = changetype<usize>(j);
  memory.copy(at, at + <usize>JOINT_BYTES, <usize>((last - index) * JOINT_BYTES));
  memory.fill(changetype<usize>(joint(last)), 0, <usize>JOINT_BYTES);
  w.jointCount = last;
  for (let i = 0; i < last; i++) {
    const other = joint(i);
    other.nextA = renumbered(other.nextA, index);
    other.nextB = renumbered(other.nextB, index);
  }
  for (let i = 0; i < w.bodyCount; i++) {
    const other = body(i);
    other.jointEdges = renumbered(other.jointEdges, index);
  }
}

export function setTransform(index: i32, x: f32, y: f32, angle: f32): void {
  const b = body(index);
  b.s = sine(angle);
  b.c = cosine(angle);
  b.px = x;
  b.py = y;
  b.cx = b.c * b.lx - b.s * b.ly + x;
  b.cy = b.s * b.lx + b.c * b.ly + y;
  b.a = angle;
  b.c0x = b.cx;
  b.c0y = b.cy;
  b.a0 = angle;
  synchronise(b, b.s, b.c, x, y);
  wake(b);
}

export function wakeBody(index: i32): void {
  wake(body(index));
}

export function applyForce(index: i32, fx: f32, fy: f32, px: f32, py: f32): void {
  const b = body(index);
  if (b.type != DYNAMIC) return;
  wake(b);
  b.fx += fx;
  b.fy += fy;
  b.torque += cross(px - b.cx, py - b.cy, fx, fy);
}

export function applyForceToCenter(index: i32, fx: f32, fy: f32): void {
  const b = body(index);
  if (b.type != DYNAMIC) return;
  wake(b);
  b.fx += fx;
  b.fy += fy;
}

export function applyTorque(index: i32, torque: f32): void {
  const b = body(index);
  if (b.type != DYNAMIC) return;
  wake(b);
  b.torque += torque;
}

export function applyLinearImpulse(index: i32, ix: f32, iy: f32, px: f32, py: f32): void {
  const b = body(index);
  if (b.type != DYNAMIC) return;
  wake(b);
  b.vx += b.invMass * ix;
  b.vy += b.invMass * iy;
  b.w += b.invInertia * cross(px - b.cx, py - b.cy, ix, iy);
}

export function applyAngularImpulse(index: i32, impulse: f32): void {
  const b = body(index);
  if (b.type != DYNAMIC) return;
  wake(b);
  b.w += b.invInertia * impulse;
}


export function sleepBody(index: i32): void {
  sleep(body(index));
}
