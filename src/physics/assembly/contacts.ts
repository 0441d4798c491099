/** Broad phase, and the contacts' life: made where bounds overlap, updated, ended (b2ContactManager.cpp, b2Contact.cpp). */
import { evaluate } from './collide';
import { overlap } from './distance';
import {
  AABB_EXTENSION,
  BODY_AWAKE,
  Body,
  CIRCLE,
  CONTACT_ENABLED,
  CONTACT_FILTER,
  CONTACT_TOUCHING,
  Contact,
  DYNAMIC,
  EDGE,
  FIXTURE_SENSOR,
  Fixture,
  JOINT_COLLIDE,
  STATIC,
  W,
  X,
  Y,
  body,
  contact,
  fixture,
  joint,
  pairRoom,
  point,
  scratch,
  vertex,
  world,
} from './layout';
import { max, min } from './math';

export function wake(b: Body): void {
  if ((b.flags & BODY_AWAKE) == 0) {
    b.flags |= BODY_AWAKE;
    b.sleepTime = 0;
  }
}

export function sleep(b: Body): void {
  b.flags &= ~BODY_AWAKE;
  b.sleepTime = 0;
  b.vx = 0;
  b.vy = 0;
  b.w = 0;
  b.fx = 0;
  b.fy = 0;
  b.torque = 0;
}

// Bounds lie as four arrays: least x, least y, most x, most y.
// @ts-ignore: decorator
@inline
function boundAt(side: i32, index: i32): usize {
  return W + <usize>world().bounds + <usize>((side * world().fixtureCapacity + index) << 2);
}

/** Bounds of a fixture at a transform, m. */
export let lowX: f32 = 0;
export let lowY: f32 = 0;
export let highX: f32 = 0;
export let highY: f32 = 0;
export function computeBounds(f: Fixture, px: f32, py: f32, s: f32, c: f32): void {
  let v = vertex(f, 0);
  let x = c * X(v) - s * Y(v) + px;
  let y = s * X(v) + c * Y(v) + py;
  lowX = x;
  lowY = y;
  highX = x;
  highY = y;
  for (let i = 1, n = f.count; i < n; i++) {
    v = vertex(f, i);
    x = c * X(v) - s * Y(v) + px;
    y = s * X(v) + c * Y(v) + py;
    lowX = min(lowX, x);
    lowY = min(lowY, y);
    highX = max(highX, x);
    highY = max(highY, y);
  }
  lowX = lowX - f.radius;
  lowY = lowY - f.radius;
  highX = highX + f.radius;
  highY = highY + f.radius;
}

export function buffer(index: i32): void {
  const w = world();
  store<i32>(W + <usize>w.moves + (<usize>w.moveCount << 2), index);
  w.moveCount = w.moveCount + 1;
}

export function createBounds(index: i32): void {
  const f = fixture(index);
  const b = body(f.body);
  computeBounds(f, b.px, b.py, b.s, b.c);
  store<f32>(boundAt(0, index), lowX - AABB_EXTENSION);
  store<f32>(boundAt(1, index), lowY - AABB_EXTENSION);
  store<f32>(boundAt(2, index), highX + AABB_EXTENSION);
  store<f32>(boundAt(3, index), highY + AABB_EXTENSION);
  buffer(index);
}

/** Bounds of the movement since the interval's start; buffers fixtures that left their fat bounds. */
export function synchronise(b: Body, s: f32, c: f32, px: f32, py: f32): void {
  for (let i = b.fixtureList; i >= 0; ) {
    const f = fixture(i);
    computeBounds(f, px, py, s, c);
    let x1 = lowX;
    let y1 = lowY;
    let x2 = highX;
    let y2 = highY;
    computeBounds(f, b.px, b.py, b.s, b.c);
    x1 = min(x1, lowX);
    y1 = min(y1, lowY);
    x2 = max(x2, highX);
    y2 = max(y2, highY);
    const inside =
      load<f32>(boundAt(0, i)) <= x1 &&
      load<f32>(boundAt(1, i)) <= y1 &&
      x2 <= load<f32>(boundAt(2, i)) &&
      y2 <= load<f32>(boundAt(3, i));
    if (!inside) {
      x1 = x1 - AABB_EXTENSION;
      y1 = y1 - AABB_EXTENSION;
      x2 = x2 + AABB_EXTENSION;
      y2 = y2 + AABB_EXTENSION;
      const dx = <f32>2.0 * (b.px - px);
      const dy = <f32>2.0 * (b.py - py);
      if (dx < 0) x1 += dx;
      else x2 += dx;
      if (dy < 0) y1 += dy;
      else y2 += dy;
      store<f32>(boundAt(0, i), x1);
      store<f32>(boundAt(1, i), y1);
      store<f32>(boundAt(2, i), x2);
      store<f32>(boundAt(3, i), y2);
      buffer(i);
    }
    i = f.next;
  }
}

function boundsOverlap(a: i32, b: i32): bool {
  return !(
    load<f32>(boundAt(0, b)) > load<f32>(boundAt(2, a)) ||
    load<f32>(boundAt(1, b)) > load<f32>(boundAt(3, a)) ||
    load<f32>(boundAt(0, a)) > load<f32>(boundAt(2, b)) ||
    load<f32>(boundAt(1, a)) > load<f32>(boundAt(3, b))
  );
}

function shouldCollide(a: Fixture, b: Fixture): bool {
  if (a.group == b.group && a.group != 0) return a.group > 0;
  return (a.mask & b.category) != 0 && (a.category & b.mask) != 0;
}

function bodiesCollide(indexA: i32, indexB: i32): bool {
  const a = body(indexA);
  const b = body(indexB);
  if (a.type != DYNAMIC && b.type != DYNAMIC) return false;
  for (let e = b.jointEdges; e >= 0; ) {
    const j = joint(e >> 1);
    const other = (e & 1) == 0 ? j.bodyB : j.bodyA;
    if (other == indexA && (j.flags & JOINT_COLLIDE) == 0) return false;
    e = (e & 1) == 0 ? j.nextA : j.nextB;
  }
  return true;
}

function report(begin: i32, a: i32, b: i32): void {
  const w = world();
  if (w.eventCount == w.eventCapacity) {
    w.eventsLost = w.eventsLost + 1;
    return;
  }
  const at = W + <usize>w.events + <usize>(w.eventCount * 12);
  store<i32>(at, begin);
  store<i32>(at, a, 4);
  store<i32>(at, b, 8);
  w.eventCount = w.eventCount + 1;
}

function edgeNext(e: i32): i32 {
  const c = contact(e >> 1);
  return (e & 1) == 0 ? c.nextA : c.nextB;
}

function setEdgeNext(e: i32, next: i32): void {
  const c = contact(e >> 1);
  if ((e & 1) == 0) c.nextA = next;
  else c.nextB = next;
}

function setEdgePrev(e: i32, prev: i32): void {
  const c = contact(e >> 1);
  if ((e & 1) == 0) c.prevA = prev;
  else c.prevB = prev;
}

function link(b: Body, e: i32): void {
  setEdgePrev(e, -1);
  setEdgeNext(e, b.contactEdges);
  if (b.contactEdges >= 0) setEdgePrev(b.contactEdges, e);
  b.contactEdges = e;
}

function unlink(b: Body, e: i32): void {
  const c = contact(e >> 1);
  const prev = (e & 1) == 0 ? c.prevA : c.prevB;
  const next = edgeNext(e);
  if (prev >= 0) setEdgeNext(prev, next);
  if (next >= 0) setEdgePrev(next, prev);
  if (b.contactEdges == e) b.contactEdges = next;
}

function destroy(index: i32): void {
  const w = world();
  const c = contact(index);
  if ((c.flags & CONTACT_TOUCHING) != 0) report(0, c.fixtureA, c.fixtureB);
  if (c.prev >= 0) contact(c.prev).next = c.next;
  if (c.next >= 0) contact(c.next).prev = c.prev;
  if (w.contactList == index) w.contactList = c.next;
  unlink(body(fixture(c.fixtureA).body), index << 1);
  unlink(body(fixture(c.fixtureB).body), (index << 1) | 1);
  c.next = w.contactFree;
  w.contactFree = index;
}

function addPair(first: i32, second: i32): void {
  let a = first;
  let b = second;
  const bodyA = fixture(a).body;
  const bodyB = fixture(b).body;
  if (bodyA == bodyB) return;
  for (let e = body(bodyB).contactEdges; e >= 0; e = edgeNext(e)) {
    const c = contact(e >> 1);
    if ((c.fixtureA == a && c.fixtureB == b) || (c.fixtureA == b && c.fixtureB == a)) return;
  }
  if (!bodiesCollide(bodyA, bodyB)) return;
  if (!shouldCollide(fixture(a), fixture(b))) return;
  let fa = fixture(a);
  let fb = fixture(b);
  if (fa.kind == EDGE && fb.kind == EDGE) return;
  // Edges come before polygons, both before circles: the kinds for which there is a manifold.
  const swap = fa.kind == CIRCLE ? fb.kind != CIRCLE : fb.kind == EDGE && fa.kind != EDGE;
  if (swap) {
    a = second;
    b = first;
    fa = fixture(a);
    fb = fixture(b);
  }
  const w = world();
  let index = w.contactFree;
  if (index >= 0) w.contactFree = contact(index).next;
  else {
    index = w.contactHigh;
    w.contactHigh = index + 1;
  }
  const c = contact(index);
  c.flags = CONTACT_ENABLED;
  c.fixtureA = a;
  c.fixtureB = b;
  c.count = 0;
  c.type = 0;
  c.toiCount = 0;
  c.toi = 1;
  c.friction = sqrt<f32>(fa.friction * fb.friction);
  c.restitution = fa.restitution > fb.restitution ? fa.restitution : fb.restitution;
  c.prev = -1;
  c.next = w.contactList;
  if (w.contactList >= 0) contact(w.contactList).prev = index;
  w.contactList = index;
  const ba = body(fa.body);
  const bb = body(fb.body);
  link(ba, index << 1);
  link(bb, (index << 1) | 1);
  if (((fa.flags | fb.flags) & FIXTURE_SENSOR) == 0) {
    wake(ba);
    wake(bb);
  }
}

/** Pairs that the last search met, in the scratch memory as far as there is room. */
let pairCount: i32 = 0;

function sortPairs(): void {
  let gap = 1;
  while (gap < pairCount / 3) gap = 3 * gap + 1;
  for (; gap > 0; gap /= 3) {
    for (let i = gap; i < pairCount; i++) {
      const key = load<u32>(scratch + (<usize>i << 2));
      let j = i;
      while (j >= gap) {
        const before = load<u32>(scratch + (<usize>(j - gap) << 2));
        if (before <= key) break;
        store<u32>(scratch + (<usize>j << 2), before);
        j -= gap;
      }
      store<u32>(scratch + (<usize>j << 2), key);
    }
  }
}

/**
 * Finds the pairs of fixtures whose bounds met since the last search.
 * @returns false if there is too little room, and nothing was done: the caller makes room by `pairsFound` and asks again
 */
export function findNewContacts(): bool {
  const w = world();
  pairCount = 0;
  const n = w.fixtureCount;
  for (let m = 0; m < w.moveCount; m++) {
    const q = load<i32>(W + <usize>w.moves + (<usize>m << 2));
    const fq = fixture(q);
    const still = body(fq.body).type == STATIC;
    const x1 = f32x4.splat(load<f32>(boundAt(0, q)));
    const y1 = f32x4.splat(load<f32>(boundAt(1, q)));
    const x2 = f32x4.splat(load<f32>(boundAt(2, q)));
    const y2 = f32x4.splat(load<f32>(boundAt(3, q)));
    const b0 = boundAt(0, 0);
    const b1 = boundAt(1, 0);
    const b2 = boundAt(2, 0);
    const b3 = boundAt(3, 0);
    for (let i = 0; i < n; i += 4) {
      const at = <usize>i << 2;
      const apart = v128.or(
        v128.or(f32x4.gt(v128.load(b0 + at), x2), f32x4.gt(v128.load(b1 + at), y2)),
        v128.or(f32x4.lt(v128.load(b2 + at), x1), f32x4.lt(v128.load(b3 + at), y1)),
      );
      let bits = i32x4.bitmask(v128.not(apart));
      while (bits != 0) {
        const k = i + ctz(bits);
        bits &= bits - 1;
        if (k >= n || k == q) continue;
        const fk = fixture(k);
        // A contact needs a body that moves; two static fixtures never make one.
        if (still && body(fk.body).type == STATIC) continue;
        const low = k < q ? k : q;
        const high = k < q ? q : k;
        if (pairCount < pairRoom) store<u32>(scratch + (<usize>pairCount << 2), (<u32>low << 16) | <u32>high);
        pairCount++;
      }
    }
  }
  // The fixtures stay in the list until there is room for all that they meet.
  if (pairCount > pairRoom || w.contactHigh + pairCount > w.contactCapacity) return false;
  w.moveCount = 0;
  sortPairs();
  let last: u32 = 0xffffffff;
  for (let i = 0; i < pairCount; i++) {
    const key = load<u32>(scratch + (<usize>i << 2));
    if (key == last) continue;
    last = key;
    addPair(<i32>(key >> 16), <i32>(key & 0xffff));
  }
  return true;
}

/** How many pairs the last search met, stored or not. */
export function pairsFound(): i32 {
  return pairCount;
}

export function update(c: Contact): void {
  const fa = fixture(c.fixtureA);
  const fb = fixture(c.fixtureB);
  const a = body(fa.body);
  const b = body(fb.body);
  c.flags |= CONTACT_ENABLED;
  const was = (c.flags & CONTACT_TOUCHING) != 0;
  let touching: bool;
  if (((fa.flags | fb.flags) & FIXTURE_SENSOR) != 0) {
    touching = overlap(fa, a, fb, b);
    c.count = 0;
  } else {
    const oldCount = c.count;
    const id0 = c.id0;
    const id1 = c.id1;
    const n0 = c.normalImpulse0;
    const n1 = c.normalImpulse1;
    const t0 = c.tangentImpulse0;
    const t1 = c.tangentImpulse1;
    evaluate(c, fa, a, fb, b);
    touching = c.count > 0;
    for (let i = 0; i < c.count; i++) {
      const p = point(c, i);
      p.normalImpulse = 0;
      p.tangentImpulse = 0;
      if (oldCount > 0 && p.id == id0) {
        p.normalImpulse = n0;
        p.tangentImpulse = t0;
      } else if (oldCount > 1 && p.id == id1) {
        p.normalImpulse = n1;
        p.tangentImpulse = t1;
      }
    }
    if (touching != was) {
      wake(a);
      wake(b);
    }
  }
  if (touching) c.flags |= CONTACT_TOUCHING;
  else c.flags &= ~CONTACT_TOUCHING;
  if (touching && !was) report(1, c.fixtureA, c.fixtureB);
  if (was && !touching) report(0, c.fixtureA, c.fixtureB);
}

/** Updates the contacts of bodies that move, and ends those whose bounds parted. */
export function collide(): void {
  let index = world().contactList;
  while (index >= 0) {
    const c = contact(index);
    const next = c.next;
    const fa = fixture(c.fixtureA);
    const fb = fixture(c.fixtureB);
    const a = body(fa.body);
    const b = body(fb.body);
    if ((c.flags & CONTACT_FILTER) != 0) {
      if (!bodiesCollide(fa.body, fb.body) || !shouldCollide(fa, fb)) {
        destroy(index);
        index = next;
        continue;
      }
      c.flags &= ~CONTACT_FILTER;
    }
    const activeA = (a.flags & BODY_AWAKE) != 0 && a.type != STATIC;
    const activeB = (b.flags & BODY_AWAKE) != 0 && b.type != STATIC;
    if (activeA || activeB) {
      if (boundsOverlap(c.fixtureA, c.fixtureB)) update(c);
      else destroy(index);
    }
    index = next;
  }
}

/** The contacts between two bodies are to be judged anew, as after a joint was made. */
export function refilter(indexA: i32, indexB: i32): void {
  for (let e = body(indexB).contactEdges; e >= 0; e = edgeNext(e)) {
    const c = contact(e >> 1);
    const other = (e & 1) == 0 ? fixture(c.fixtureB).body : fixture(c.fixtureA).body;
    if (other == indexA) c.flags |= CONTACT_FILTER;
  }
}

export { edgeNext };
