/** Integrates and solves an island of touching and jointed bodies (b2Island.cpp). */
import {
  BODY_AUTO_SLEEP,
  Body,
  DYNAMIC,
  LINEAR_SLOP,
  MAX_FLOAT,
  PI,
  STATIC,
  body,
  contact,
  joint,
  world,
} from './layout';
import {
  copyImpulses,
  impulsesEqual,
  initialiseContacts,
  prepareContacts,
  solveContactPositions,
  solveContactVelocities,
  storeImpulses,
  warmStartContacts,
} from './contact-solver';
import { sleep } from './contacts';
import { abs32, clamp, cosine, min, sine } from './math';
import { initJoint, solveJointPosition, solveJointVelocity } from './joints';
import { State, bodyAt, islandBodies, islandContacts, islandJoints, jointAt, saved, state } from './state';

const MOST_TRANSLATION: f32 = 2.0;
const MOST_ROTATION: f32 = <f32>0.5 * PI;
const ANGULAR_SLEEP: f32 = (<f32>2.0 / <f32>180.0) * PI;
const LINEAR_SLEEP: f32 = 0.01;

export function synchroniseTransform(b: Body): void {
  b.s = sine(b.a);
  b.c = cosine(b.a);
  b.px = b.cx - (b.c * b.lx - b.s * b.ly);
  b.py = b.cy - (b.s * b.lx + b.c * b.ly);
}

function integratePositions(h: f32): void {
  for (let i = 0; i < islandBodies; i++) {
    const s = state(i);
    const tx = h * s.vx;
    const ty = h * s.vy;
    const length2 = tx * tx + ty * ty;
    if (length2 > MOST_TRANSLATION * MOST_TRANSLATION) {
      const ratio = MOST_TRANSLATION / sqrt<f32>(length2);
      s.vx *= ratio;
      s.vy *= ratio;
    }
    const rotation = h * s.w;
    if (rotation * rotation > MOST_ROTATION * MOST_ROTATION) s.w *= MOST_ROTATION / abs32(rotation);
    s.cx += h * s.vx;
    s.cy += h * s.vy;
    s.a += h * s.w;
  }
}

// What the velocity iterations change: velocities, then the joints' impulses, then the contacts'.
function save(): void {
  let at = saved;
  for (let i = 0; i < islandBodies; i++) {
    const s = state(i);
    store<f32>(at, s.vx);
    store<f32>(at, s.vy, 4);
    store<f32>(at, s.w, 8);
    at += 12;
  }
  for (let i = 0; i < islandJoints; i++) {
    const j = joint(jointAt(i));
    store<f32>(at, j.impulseX);
    store<f32>(at, j.impulseY, 4);
    store<f32>(at, j.impulseZ, 8);
    store<f32>(at, j.motorImpulse, 12);
    at += 16;
  }
  copyImpulses(at);
}

function unchanged(): bool {
  let at = saved;
  for (let i = 0; i < islandBodies; i++) {
    const s = state(i);
    if (
      load<i32>(at) != reinterpret<i32>(s.vx) ||
      load<i32>(at, 4) != reinterpret<i32>(s.vy) ||
      load<i32>(at, 8) != reinterpret<i32>(s.w)
    )
      return false;
    at += 12;
  }
  for (let i = 0; i < islandJoints; i++) {
    const j = joint(jointAt(i));
    if (
      load<i32>(at) != reinterpret<i32>(j.impulseX) ||
      load<i32>(at, 4) != reinterpret<i32>(j.impulseY) ||
      load<i32>(at, 8) != reinterpret<i32>(j.impulseZ) ||
      load<i32>(at, 12) != reinterpret<i32>(j.motorImpulse)
    )
      return false;
    at += 16;
  }
  return impulsesEqual(at);
}

// @ts-ignore: decorator
@inline
function iterate(h: f32): void {
  for (let k = 0; k < islandJoints; k++) solveJointVelocity(joint(jointAt(k)), h);
  solveContactVelocities();
}

/** Whether no velocity changed by more than the tolerance since `save`. */
function settled(tolerance: f32): bool {
  let at = saved;
  for (let i = 0; i < islandBodies; i++) {
    const s = state(i);
    if (
      abs<f32>(load<f32>(at) - s.vx) > tolerance ||
      abs<f32>(load<f32>(at, 4) - s.vy) > tolerance ||
      abs<f32>(load<f32>(at, 8) - s.w) > tolerance
    )
      return false;
    at += 12;
  }
  return true;
}

/**
 * Velocity iterations. An iteration is a function of what it changes alone, so once that is what it was p iterations ago, bit for
 * bit, the rest is known: only the remainder modulo p is still done. The results are those of all iterations. With a tolerance,
 * iterations end when they change next to nothing.
 */
function solveVelocities(h: f32, iterations: i32): void {
  const tolerance = world().tolerance;
  let checkpoint = 0;
  save();
  for (let i = 1; i <= iterations; i++) {
    iterate(h);
    if (i == iterations) return;
    if (tolerance > 0) {
      if (settled(tolerance)) return;
      save();
    } else if (i < 4 || (i & 7) == 0) {
      if (unchanged()) {
        const rest = (iterations - i) % (i - checkpoint);
        for (let r = 0; r < rest; r++) iterate(h);
        return;
      }
      save();
      checkpoint = i;
    }
  }
}

export function solveIsland(h: f32, ratio: f32, velocityIterations: i32, positionIterations: i32): void {
  const w = world();
  for (let i = 0; i < islandBodies; i++) {
    const b = body(bodyAt(i));
    const s = state(i);
    b.c0x = b.cx;
    b.c0y = b.cy;
    b.a0 = b.a;
    s.cx = b.cx;
    s.cy = b.cy;
    s.a = b.a;
    s.vx = b.vx;
    s.vy = b.vy;
    s.w = b.w;
    if (b.type == DYNAMIC) {
      s.vx += h * (b.gravityScale * w.gravityX + b.invMass * b.fx);
      s.vy += h * (b.gravityScale * w.gravityY + b.invMass * b.fy);
      s.w += h * b.invInertia * b.torque;
      const linear = clamp(<f32>1.0 - h * b.linearDamping, 0, 1);
      s.vx *= linear;
      s.vy *= linear;
      s.w *= clamp(<f32>1.0 - h * b.angularDamping, 0, 1);
    }
  }
  prepareContacts(true, ratio);
  initialiseContacts();
  warmStartContacts();
  for (let k = 0; k < islandJoints; k++) initJoint(joint(jointAt(k)), h, ratio);
  if (islandJoints + islandContacts > 0) solveVelocities(h, velocityIterations);
  storeImpulses();
  integratePositions(h);
  let solved = false;
  for (let i = 0; i < positionIterations; i++) {
    const contactsOkay = solveContactPositions(-1, -1);
    let jointsOkay = true;
    for (let k = 0; k < islandJoints; k++) {
      const okay = solveJointPosition(joint(jointAt(k)));
      jointsOkay = jointsOkay && okay;
    }
    if (contactsOkay && jointsOkay) {
      solved = true;
      break;
    }
  }
  for (let i = 0; i < islandBodies; i++) {
    const b = body(bodyAt(i));
    const s = state(i);
    takeState(b, s);
    synchroniseTransform(b);
  }
  sleepIfStill(h, solved);
}

// @ts-ignore: decorator
@inline
function takeState(b: Body, s: State): void {
  b.cx = s.cx;
  b.cy = s.cy;
  b.a = s.a;
  b.vx = s.vx;
  b.vy = s.vy;
  b.w = s.w;
}

function sleepIfStill(h: f32, solved: bool): void {
  let least: f32 = MAX_FLOAT;
  for (let i = 0; i < islandBodies; i++) {
    const b = body(bodyAt(i));
    if (b.type == STATIC) continue;
    if (
      (b.flags & BODY_AUTO_SLEEP) == 0 ||
      b.w * b.w > ANGULAR_SLEEP * ANGULAR_SLEEP ||
      b.vx * b.vx + b.vy * b.vy > LINEAR_SLEEP * LINEAR_SLEEP
    ) {
      b.sleepTime = 0;
      least = 0;
    } else {
      b.sleepTime += h;
      least = min(least, b.sleepTime);
    }
  }
  if (least >= <f32>0.5 && solved) {
    for (let i = 0; i < islandBodies; i++) sleep(body(bodyAt(i)));
  }
}

/** Solves the island of a time of impact over the rest of the step. */
export function solveToiIsland(h: f32, velocityIterations: i32, toiA: i32, toiB: i32): void {
  for (let i = 0; i < islandBodies; i++) {
    const b = body(bodyAt(i));
    const s = state(i);
    s.cx = b.cx;
    s.cy = b.cy;
    s.a = b.a;
    s.vx = b.vx;
    s.vy = b.vy;
    s.w = b.w;
  }
  prepareContacts(false, 1);
  for (let i = 0; i < 20; i++) {
    if (solveContactPositions(toiA, toiB)) break;
  }
  let b = body(bodyAt(toiA));
  let s = state(toiA);
  b.c0x = s.cx;
  b.c0y = s.cy;
  b.a0 = s.a;
  b = body(bodyAt(toiB));
  s = state(toiB);
  b.c0x = s.cx;
  b.c0y = s.cy;
  b.a0 = s.a;
  initialiseContacts();
  solveVelocities(h, velocityIterations);
  integratePositions(h);
  for (let i = 0; i < islandBodies; i++) {
    b = body(bodyAt(i));
    takeState(b, state(i));
    synchroniseTransform(b);
  }
}
