/** What a world can do (b2World.cpp, b2Body.cpp, b2PolygonShape.cpp): the exports that src/physics/world.ts calls. */
import {
  BODY_AWAKE,
  BODY_BULLET,
  BODY_FIXED_ROTATION,
  BODY_ISLAND,
  Body,
  CIRCLE,
  CONTACT_ENABLED,
  CONTACT_ISLAND,
  CONTACT_TOI,
  CONTACT_TOUCHING,
  DYNAMIC,
  EDGE,
  EPSILON,
  FIXTURE_SENSOR,
  Fixture,
  JOINT_ISLAND,
  MAX_TOI_CONTACTS,
  MAX_VERTICES,
  POLYGON,
  POLYGON_RADIUS,
  STATIC,
  W,
  X,
  Y,
  body,
  contact,
  enter,
  fixture,
  joint,
  normal,
  scratch,
  setScratch,
  vertex,
  world,
} from './layout';
import {
  collide,
  createBounds,
  edgeNext,
  findNewContacts,
  pairsFound,
  refilter,
  sleep,
  synchronise,
  update,
  wake,
} from './contacts';
import { timeOfImpact } from './distance';
import { solveIsland, solveToiIsland, synchroniseTransform } from './island';
import { cosine, cross, dot, max, min, sine } from './math';
import {
  addBody,
  addContact,
  addJoint,
  bodyAt,
  clear,
  islandBodies,
  islandContacts,
  layOut,
  stack,
} from './state';

export { findNewContacts, pairsFound, setScratch };
export function select(at: usize): void {
  enter(at);
}

/** Where memory is free. */
export function heapBase(): usize {
  return __heap_base;
}

/** Sine and cosine as the solver has them, for tests. */
export function sineOf(x: f32): f32 {
  return sine(x);
}
export function cosineOf(x: f32): f32 {
  return cosine(x);
}

// Bodies and fixtures ------------------------------------------------------------------------------------------------------

/** Makes a body of what JavaScript wrote into its record: type, flags, position, angle, velocities, damping. */
export function startBody(index: i32): void {
  const b = body(index);
  b.s = sine(b.a);
  b.c = cosine(b.a);
  b.lx = 0;
  b.ly = 0;
  b.c0x = b.px;
  b.c0y = b.py;
  b.cx = b.px;
  b.cy = b.py;
  b.a0 = b.a;
  b.alpha0 = 0;
  b.fx = 0;
  b.fy = 0;
  b.torque = 0;
  b.sleepTime = 0;
  b.mass = b.type == DYNAMIC ? 1 : 0;
  b.invMass = b.mass;
  b.inertia = 0;
  b.invInertia = 0;
  b.fixtureList = -1;
  b.contactEdges = -1;
  b.jointEdges = -1;
  b.islandIndex = 0;
}

/** Convex hull by gift wrapping, from the right-most point on (b2PolygonShape::Set). @returns the number of its points */
function hull(f: Fixture): i32 {
  const n = f.count;
  const out = scratch;
  let i0 = 0;
  let x0 = X(vertex(f, 0));
  for (let i = 1; i < n; i++) {
    const x = X(vertex(f, i));
    if (x > x0 || (x == x0 && Y(vertex(f, i)) < Y(vertex(f, i0)))) {
      i0 = i;
      x0 = x;
    }
  }
  let m = 0;
  let ih = i0;
  for (;;) {
    if (m >= MAX_VERTICES) return 0;
    store<f32>(out + (<usize>m << 3), X(vertex(f, ih)));
    store<f32>(out + (<usize>m << 3), Y(vertex(f, ih)), 4);
    const hx = X(vertex(f, ih));
    const hy = Y(vertex(f, ih));
    let ie = 0;
    for (let j = 1; j < n; j++) {
      if (ie == ih) {
        ie = j;
        continue;
      }
      const rx = X(vertex(f, ie)) - hx;
      const ry = Y(vertex(f, ie)) - hy;
      const vx = X(vertex(f, j)) - hx;
      const vy = Y(vertex(f, j)) - hy;
      const c = cross(rx, ry, vx, vy);
      if (c < 0) ie = j;
      if (c == 0 && vx * vx + vy * vy > rx * rx + ry * ry) ie = j;
    }
    m++;
    ih = ie;
    if (ie == i0) break;
  }
  for (let i = 0; i < m; i++) {
    const at = vertex(f, i);
    store<f32>(at, load<f32>(out + (<usize>i << 3)));
    store<f32>(at, load<f32>(out + (<usize>i << 3), 4), 4);
  }
  return m;
}

function setNormals(f: Fixture): void {
  for (let i = 0, n = f.count; i < n; i++) {
    const p = vertex(f, i);
    const q = vertex(f, i + 1 < n ? i + 1 : 0);
    const ex = X(q) - X(p);
    const ey = Y(q) - Y(p);
    let nx = <f32>1.0 * ey;
    let ny = <f32>-1.0 * ex;
    const length = sqrt<f32>(nx * nx + ny * ny);
    if (length >= EPSILON) {
      const inverse = <f32>1.0 / length;
      nx *= inverse;
      ny *= inverse;
    }
    store<f32>(normal(f, i), nx);
    store<f32>(normal(f, i), ny, 4);
  }
}

function setCentroid(f: Fixture): void {
  let cx: f32 = 0;
  let cy: f32 = 0;
  let area: f32 = 0;
  const third: f32 = <f32>1.0 / <f32>3.0;
  for (let i = 0, n = f.count; i < n; i++) {
    const p = vertex(f, i);
    const q = vertex(f, i + 1 < n ? i + 1 : 0);
    const d = cross(X(p), Y(p), X(q), Y(q));
    const triangle = <f32>0.5 * d;
    area += triangle;
    // The reference point is the origin: 0 + p + q.
    cx += triangle * third * (X(p) + X(q));
    cy += triangle * third * (Y(p) + Y(q));
  }
  const inverse = <f32>1.0 / area;
  f.cx = cx * inverse;
  f.cy = cy * inverse;
}

/**
 * Makes a fixture of what JavaScript wrote into its record and its vertices.
 * @returns 0, or 1 if a polygon's points have no hull of at least 3 corners and some area
 */
export function startFixture(index: i32, box: i32): i32 {
  const f = fixture(index);
  if (f.kind == POLYGON) {
    f.radius = POLYGON_RADIUS;
    if (box != 0) {
      f.cx = 0;
      f.cy = 0;
      setBoxNormals(f);
    } else {
      const n = hull(f);
      if (n < 3) return 1;
      f.count = n;
      setNormals(f);
      setCentroid(f);
      if (!(abs<f32>(f.cx) < <f32>1e9 && abs<f32>(f.cy) < <f32>1e9)) return 1;
    }
  } else if (f.kind == EDGE) f.radius = POLYGON_RADIUS;
  else {
    f.cx = X(vertex(f, 0));
    f.cy = Y(vertex(f, 0));
  }
  createBounds(index);
  const b = body(f.body);
  f.next = b.fixtureList;
  b.fixtureList = index;
  if (f.density > 0) resetMass(b);
  world().newFixtures = 1;
  return 0;
}

function setBoxNormals(f: Fixture): void {
  for (let i = 0; i < 4; i++) {
    const at = normal(f, i);
    store<f32>(at, i == 1 ? 1 : i == 3 ? -1 : 0);
    store<f32>(at, i == 0 ? -1 : i == 2 ? 1 : 0, 4);
  }
}

let massOf: f32 = 0;
let centreX: f32 = 0;
let centreY: f32 = 0;
let inertiaOf: f32 = 0;
function computeMass(f: Fixture): void {
  if (f.kind == CIRCLE) {
    massOf = f.density * <f32>3.14159265359 * f.radius * f.radius;
    centreX = f.cx;
    centreY = f.cy;
    inertiaOf = massOf * (<f32>0.5 * f.radius * f.radius + dot(f.cx, f.cy, f.cx, f.cy));
    return;
  }
  if (f.kind == EDGE) {
    massOf = 0;
    centreX = 0;
    centreY = 0;
    inertiaOf = 0;
    return;
  }
  const n = f.count;
  let sx: f32 = 0;
  let sy: f32 = 0;
  for (let i = 0; i < n; i++) {
    sx += X(vertex(f, i));
    sy += Y(vertex(f, i));
  }
  const share = <f32>1.0 / <f32>n;
  sx *= share;
  sy *= share;
  let cx: f32 = 0;
  let cy: f32 = 0;
  let area: f32 = 0;
  let inertia: f32 = 0;
  const third: f32 = <f32>1.0 / <f32>3.0;
  for (let i = 0; i < n; i++) {
    const p = vertex(f, i);
    const q = vertex(f, i + 1 < n ? i + 1 : 0);
    const ax = X(p) - sx;
    const ay = Y(p) - sy;
    const bx = X(q) - sx;
    const by = Y(q) - sy;
    const d = cross(ax, ay, bx, by);
    const triangle = <f32>0.5 * d;
    area += triangle;
    cx += triangle * third * (ax + bx);
    cy += triangle * third * (ay + by);
    const x2 = ax * ax + bx * ax + bx * bx;
    const y2 = ay * ay + by * ay + by * by;
    inertia += <f32>0.25 * third * d * (x2 + y2);
  }
  massOf = f.density * area;
  const inverse = <f32>1.0 / area;
  cx *= inverse;
  cy *= inverse;
  centreX = cx + sx;
  centreY = cy + sy;
  inertiaOf = f.density * inertia;
  inertiaOf += massOf * (dot(centreX, centreY, centreX, centreY) - dot(cx, cy, cx, cy));
}

function resetMass(b: Body): void {
  b.mass = 0;
  b.invMass = 0;
  b.inertia = 0;
  b.invInertia = 0;
  b.lx = 0;
  b.ly = 0;
  if (b.type != DYNAMIC) {
    b.c0x = b.px;
    b.c0y = b.py;
    b.cx = b.px;
    b.cy = b.py;
    b.a0 = b.a;
    return;
  }
  let lx: f32 = 0;
  let ly: f32 = 0;
  for (let i = b.fixtureList; i >= 0; ) {
    const f = fixture(i);
    if (f.density != 0) {
      computeMass(f);
      b.mass += massOf;
      lx += massOf * centreX;
      ly += massOf * centreY;
      b.inertia += inertiaOf;
    }
    i = f.next;
  }
  if (b.mass > 0) {
    b.invMass = <f32>1.0 / b.mass;
    lx *= b.invMass;
    ly *= b.invMass;
  } else {
    b.mass = 1;
    b.invMass = 1;
  }
  if (b.inertia > 0 && (b.flags & BODY_FIXED_ROTATION) == 0) {
    b.inertia -= b.mass * dot(lx, ly, lx, ly);
    b.invInertia = <f32>1.0 / b.inertia;
  } else {
    b.inertia = 0;
    b.invInertia = 0;
  }
  const oldX = b.cx;
  const oldY = b.cy;
  b.lx = lx;
  b.ly = ly;
  b.cx = b.c * lx - b.s * ly + b.px;
  b.cy = b.s * lx + b.c * ly + b.py;
  b.c0x = b.cx;
  b.c0y = b.cy;
  b.vx += -b.w * (b.cy - oldY);
  b.vy += b.w * (b.cx - oldX);
}

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

// Rays ---------------------------------------------------------------------------------------------------------------------

function rayFixture(f: Fixture, x1: f32, y1: f32, x2: f32, y2: f32, most: f32): f32 {
  const b = body(f.body);
  if (f.kind == CIRCLE) {
    const px = b.c * f.cx - b.s * f.cy + b.px;
    const py = b.s * f.cx + b.c * f.cy + b.py;
    const sx = x1 - px;
    const sy = y1 - py;
    const q = dot(sx, sy, sx, sy) - f.radius * f.radius;
    const rx = x2 - x1;
    const ry = y2 - y1;
    const c = dot(sx, sy, rx, ry);
    const rr = dot(rx, ry, rx, ry);
    const sigma = c * c - rr * q;
    if (sigma < 0 || rr < EPSILON) return -1;
    const a = -(c + sqrt<f32>(sigma));
    if (0 <= a && a <= most * rr) return a / rr;
    return -1;
  }
  // In the body's frame.
  let tx = x1 - b.px;
  let ty = y1 - b.py;
  const p1x = b.c * tx + b.s * ty;
  const p1y = -b.s * tx + b.c * ty;
  tx = x2 - b.px;
  ty = y2 - b.py;
  const dx = b.c * tx + b.s * ty - p1x;
  const dy = -b.s * tx + b.c * ty - p1y;
  if (f.kind == EDGE) {
    const v1 = vertex(f, 0);
    const v2 = vertex(f, 1);
    const ex = X(v2) - X(v1);
    const ey = Y(v2) - Y(v1);
    let nx = ey;
    let ny = -ex;
    const length = sqrt<f32>(nx * nx + ny * ny);
    if (length >= EPSILON) {
      const inverse = <f32>1.0 / length;
      nx *= inverse;
      ny *= inverse;
    }
    const numerator = dot(nx, ny, X(v1) - p1x, Y(v1) - p1y);
    const denominator = dot(nx, ny, dx, dy);
    if (denominator == 0) return -1;
    const t = numerator / denominator;
    if (t < 0 || most < t) return -1;
    const qx = p1x + t * dx;
    const qy = p1y + t * dy;
    const rr = dot(ex, ey, ex, ey);
    if (rr == 0) return -1;
    const s = dot(qx - X(v1), qy - Y(v1), ex, ey) / rr;
    if (s < 0 || 1 < s) return -1;
    return t;
  }
  let lower: f32 = 0;
  let upper = most;
  let hit = false;
  for (let i = 0, n = f.count; i < n; i++) {
    const m = normal(f, i);
    const v = vertex(f, i);
    const numerator = dot(X(m), Y(m), X(v) - p1x, Y(v) - p1y);
    const denominator = dot(X(m), Y(m), dx, dy);
    if (denominator == 0) {
      if (numerator < 0) return -1;
    } else if (denominator < 0 && numerator < lower * denominator) {
      lower = numerator / denominator;
      hit = true;
    } else if (denominator > 0 && numerator < upper * denominator) upper = numerator / denominator;
    if (upper < lower) return -1;
  }
  return hit ? lower : -1;
}

/** The fixture that the last ray met, -1 for none. */
export let rayHit: i32 = -1;

/** The share of the way from (x1, y1) to (x2, y2) at which a ray meets the nearest fixture of the categories; 1 if it meets none. */
export function rayCast(x1: f32, y1: f32, x2: f32, y2: f32, mask: i32): f32 {
  const w = world();
  const n = w.fixtureCount;
  const lowX = f32x4.splat(min(x1, x2));
  const lowY = f32x4.splat(min(y1, y2));
  const highX = f32x4.splat(max(x1, x2));
  const highY = f32x4.splat(max(y1, y2));
  const stride = <usize>w.fixtureCapacity << 2;
  const b0 = W + <usize>w.bounds;
  let best: f32 = 1;
  rayHit = -1;
  for (let i = 0; i < n; i += 4) {
    const at = b0 + (<usize>i << 2);
    const apart = v128.or(
      v128.or(f32x4.gt(v128.load(at), highX), f32x4.gt(v128.load(at + stride), highY)),
      v128.or(f32x4.lt(v128.load(at + 2 * stride), lowX), f32x4.lt(v128.load(at + 3 * stride), lowY)),
    );
    let bits = i32x4.bitmask(v128.not(apart));
    while (bits != 0) {
      const k = i + ctz(bits);
      bits &= bits - 1;
      if (k >= n) break;
      const f = fixture(k);
      if ((f.category & mask) == 0) continue;
      const t = rayFixture(f, x1, y1, x2, y2, best);
      if (t >= 0 && t <= best) {
        best = t;
        rayHit = k;
      }
    }
  }
  return best;
}

// Stepping -----------------------------------------------------------------------------------------------------------------

/** The first part of a step: contacts, islands, positions. @returns whether there was room for all new contacts */
export function stepIslands(h: f32, velocityIterations: i32, positionIterations: i32): bool {
  const w = world();
  w.eventCount = 0;
  const ratio = w.inverseStep * h;
  collide();
  layOut();
  for (let i = 0; i < w.bodyCount; i++) body(i).flags &= ~BODY_ISLAND;
  for (let i = w.contactList; i >= 0; i = contact(i).next) contact(i).flags &= ~CONTACT_ISLAND;
  for (let i = 0; i < w.jointCount; i++) joint(i).flags &= ~JOINT_ISLAND;
  for (let seed = w.bodyCount - 1; seed >= 0; seed--) {
    const first = body(seed);
    if ((first.flags & BODY_ISLAND) != 0) continue;
    if ((first.flags & BODY_AWAKE) == 0 || first.type == STATIC) continue;
    clear();
    let depth = 0;
    store<i32>(stack, seed);
    depth = 1;
    first.flags |= BODY_ISLAND;
    while (depth > 0) {
      depth--;
      const index = load<i32>(stack + (<usize>depth << 2));
      const b = body(index);
      addBody(index);
      wake(b);
      if (b.type == STATIC) continue;
      for (let e = b.contactEdges; e >= 0; e = edgeNext(e)) {
        const c = contact(e >> 1);
        if ((c.flags & CONTACT_ISLAND) != 0) continue;
        if ((c.flags & CONTACT_ENABLED) == 0 || (c.flags & CONTACT_TOUCHING) == 0) continue;
        if (((fixture(c.fixtureA).flags | fixture(c.fixtureB).flags) & FIXTURE_SENSOR) != 0) continue;
        addContact(e >> 1);
        c.flags |= CONTACT_ISLAND;
        const other = (e & 1) == 0 ? fixture(c.fixtureB).body : fixture(c.fixtureA).body;
        const o = body(other);
        if ((o.flags & BODY_ISLAND) != 0) continue;
        store<i32>(stack + (<usize>depth << 2), other);
        depth++;
        o.flags |= BODY_ISLAND;
      }
      for (let e = b.jointEdges; e >= 0; ) {
        const j = joint(e >> 1);
        const next = (e & 1) == 0 ? j.nextA : j.nextB;
        if ((j.flags & JOINT_ISLAND) == 0) {
          addJoint(e >> 1);
          j.flags |= JOINT_ISLAND;
          const other = (e & 1) == 0 ? j.bodyB : j.bodyA;
          const o = body(other);
          if ((o.flags & BODY_ISLAND) == 0) {
            store<i32>(stack + (<usize>depth << 2), other);
        depth++;
            o.flags |= BODY_ISLAND;
          }
        }
        e = next;
      }
    }
    solveIsland(h, ratio, velocityIterations, positionIterations);
    for (let i = 0; i < islandBodies; i++) {
      const b = body(bodyAt(i));
      if (b.type == STATIC) b.flags &= ~BODY_ISLAND;
    }
  }
  for (let i = w.bodyCount - 1; i >= 0; i--) {
    const b = body(i);
    if ((b.flags & BODY_ISLAND) == 0 || b.type == STATIC) continue;
    const s = sine(b.a0);
    const c = cosine(b.a0);
    synchronise(b, s, c, b.c0x - (c * b.lx - s * b.ly), b.c0y - (s * b.lx + c * b.ly));
  }
  return findNewContacts();
}

export function beginImpacts(): void {
  const w = world();
  for (let i = 0; i < w.bodyCount; i++) {
    const b = body(i);
    b.flags &= ~BODY_ISLAND;
    b.alpha0 = 0;
  }
  for (let i = w.contactList; i >= 0; i = contact(i).next) {
    const c = contact(i);
    c.flags &= ~(CONTACT_TOI | CONTACT_ISLAND);
    c.toiCount = 0;
    c.toi = 1;
  }
}

function advanceSweep(b: Body, alpha: f32): void {
  const beta = (alpha - b.alpha0) / (<f32>1.0 - b.alpha0);
  const rest = <f32>1.0 - beta;
  b.c0x = rest * b.c0x + beta * b.cx;
  b.c0y = rest * b.c0y + beta * b.cy;
  b.a0 = rest * b.a0 + beta * b.a;
  b.alpha0 = alpha;
}

function advance(b: Body, alpha: f32): void {
  advanceSweep(b, alpha);
  b.cx = b.c0x;
  b.cy = b.c0y;
  b.a = b.a0;
  synchroniseTransform(b);
}

// A body's sweep, from c0x to alpha0, is seven words in a row.
const SWEEP: usize = offsetof<Body>('c0x');
const SWEEP_BYTES: usize = 28;
const BACKUP_A: usize = memory.data(28, 4);
const BACKUP_B: usize = memory.data(28, 4);
const BACKUP_OTHER: usize = memory.data(28, 4);

function backUp(to: usize, b: Body): void {
  memory.copy(to, changetype<usize>(b) + SWEEP, SWEEP_BYTES);
}

function restoreSweep(b: Body, from: usize): void {
  memory.copy(changetype<usize>(b) + SWEEP, from, SWEEP_BYTES);
  synchroniseTransform(b);
}

/** Adds what else touches a body at the time of impact. */
function gather(index: i32, alpha: f32): void {
  const b = body(index);
  if (b.type != DYNAMIC) return;
  for (let e = b.contactEdges; e >= 0; e = edgeNext(e)) {
    if (islandBodies == 2 * MAX_TOI_CONTACTS || islandContacts == MAX_TOI_CONTACTS) return;
    const c = contact(e >> 1);
    if ((c.flags & CONTACT_ISLAND) != 0) continue;
    const otherIndex = (e & 1) == 0 ? fixture(c.fixtureB).body : fixture(c.fixtureA).body;
    const other = body(otherIndex);
    if (other.type == DYNAMIC && (b.flags & BODY_BULLET) == 0 && (other.flags & BODY_BULLET) == 0) continue;
    if (((fixture(c.fixtureA).flags | fixture(c.fixtureB).flags) & FIXTURE_SENSOR) != 0) continue;
    backUp(BACKUP_OTHER, other);
    if ((other.flags & BODY_ISLAND) == 0) advance(other, alpha);
    update(c);
    if ((c.flags & CONTACT_ENABLED) == 0 || (c.flags & CONTACT_TOUCHING) == 0) {
      restoreSweep(other, BACKUP_OTHER);
      continue;
    }
    c.flags |= CONTACT_ISLAND;
    addContact(e >> 1);
    if ((other.flags & BODY_ISLAND) != 0) continue;
    other.flags |= BODY_ISLAND;
    if (other.type != STATIC) wake(other);
    addBody(otherIndex);
  }
}

function impactTime(index: i32): f32 {
  const c = contact(index);
  if ((c.flags & CONTACT_TOI) != 0) return c.toi;
  const fa = fixture(c.fixtureA);
  const fb = fixture(c.fixtureB);
  if (((fa.flags | fb.flags) & FIXTURE_SENSOR) != 0) return 1;
  const a = body(fa.body);
  const b = body(fb.body);
  const activeA = (a.flags & BODY_AWAKE) != 0 && a.type != STATIC;
  const activeB = (b.flags & BODY_AWAKE) != 0 && b.type != STATIC;
  if (!activeA && !activeB) return 1;
  const collideA = (a.flags & BODY_BULLET) != 0 || a.type != DYNAMIC;
  const collideB = (b.flags & BODY_BULLET) != 0 || b.type != DYNAMIC;
  if (!collideA && !collideB) return 1;
  let alpha0 = a.alpha0;
  if (a.alpha0 < b.alpha0) {
    alpha0 = b.alpha0;
    advanceSweep(a, alpha0);
  } else if (b.alpha0 < a.alpha0) {
    alpha0 = a.alpha0;
    advanceSweep(b, alpha0);
  }
  const beta = timeOfImpact(fa, a, fb, b);
  const alpha: f32 = beta >= 0 ? min(alpha0 + (<f32>1.0 - alpha0) * beta, 1) : 1;
  c.toi = alpha;
  c.flags |= CONTACT_TOI;
  return alpha;
}

/**
 * Continuous collision: the earliest impact of a moving with a static body, one after another, until there is none.
 * @returns 0 when done, 1 when there was no room for a new contact: make room, `findNewContacts`, and call again
 */
export function stepImpacts(h: f32, velocityIterations: i32): i32 {
  const w = world();
  let room = true;
  while (room) {
    let best = -1;
    let least: f32 = 1;
    for (let i = w.contactList; i >= 0; i = contact(i).next) {
      const c = contact(i);
      if ((c.flags & CONTACT_ENABLED) == 0 || c.toiCount > 8) continue;
      const alpha = impactTime(i);
      if (alpha < least) {
        best = i;
        least = alpha;
      }
    }
    if (best < 0 || <f32>1.0 - <f32>10.0 * EPSILON < least) return 0;
    layOut();
    const c = contact(best);
    const indexA = fixture(c.fixtureA).body;
    const indexB = fixture(c.fixtureB).body;
    const a = body(indexA);
    const b = body(indexB);
    backUp(BACKUP_A, a);
    backUp(BACKUP_B, b);
    advance(a, least);
    advance(b, least);
    update(c);
    c.flags &= ~CONTACT_TOI;
    c.toiCount = c.toiCount + 1;
    if ((c.flags & CONTACT_ENABLED) == 0 || (c.flags & CONTACT_TOUCHING) == 0) {
      c.flags &= ~CONTACT_ENABLED;
      restoreSweep(a, BACKUP_A);
      restoreSweep(b, BACKUP_B);
      continue;
    }
    wake(a);
    wake(b);
    clear();
    addBody(indexA);
    addBody(indexB);
    addContact(best);
    a.flags |= BODY_ISLAND;
    b.flags |= BODY_ISLAND;
    c.flags |= CONTACT_ISLAND;
    gather(indexA, least);
    gather(indexB, least);
    solveToiIsland((<f32>1.0 - least) * h, velocityIterations, a.islandIndex, b.islandIndex);
    for (let i = 0; i < islandBodies; i++) {
      const other = body(bodyAt(i));
      other.flags &= ~BODY_ISLAND;
      if (other.type != DYNAMIC) continue;
      const s = sine(other.a0);
      const k = cosine(other.a0);
      synchronise(other, s, k, other.c0x - (k * other.lx - s * other.ly), other.c0y - (s * other.lx + k * other.ly));
      for (let e = other.contactEdges; e >= 0; e = edgeNext(e)) {
        contact(e >> 1).flags &= ~(CONTACT_TOI | CONTACT_ISLAND);
      }
    }
    room = findNewContacts();
  }
  return 1;
}

export function endStep(h: f32): void {
  const w = world();
  w.inverseStep = <f32>1.0 / h;
  for (let i = 0; i < w.bodyCount; i++) {
    const b = body(i);
    b.fx = 0;
    b.fy = 0;
    b.torque = 0;
  }
}

export function sleepBody(index: i32): void {
  sleep(body(index));
}
