/** What is done to bodies and joints between steps (b2Body.cpp). */
import { refilter, sleep, synchronise, wake } from './contacts';
import { DYNAMIC, body, joint } from './layout';
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
