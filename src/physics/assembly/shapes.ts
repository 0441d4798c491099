/** Bodies and fixtures as they begin: hulls, normals, centres, masses (b2PolygonShape.cpp, b2Body.cpp). */
import { createBounds } from './contacts';
import { BODY_FIXED_ROTATION, Body, CIRCLE, DYNAMIC, EDGE, EPSILON, Fixture, MAX_VERTICES, POLYGON, POLYGON_RADIUS, X, Y, body, fixture, normal, scratch, vertex, world } from './layout';
import { cosine, cross, dot, sine } from './math';

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
