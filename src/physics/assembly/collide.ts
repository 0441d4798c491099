/** Contact manifolds of two shapes (b2CollideEdge.cpp, b2CollidePolygon.cpp, b2CollideCircle.cpp). */
import {
  ANGULAR_SLOP,
  Body,
  CIRCLE,
  CIRCLES,
  Contact,
  EDGE,
  EDGE_HAS_V0,
  EDGE_HAS_V3,
  EPSILON,
  FACE_A,
  FACE_B,
  Fixture,
  MAX_FLOAT,
  POLYGON_RADIUS,
  X,
  Y,
  normal,
  point,
  vertex,
} from './layout';
import { cross, dot, min } from './math';

const ID_FACE: u32 = 1;
const ID_VERTEX: u32 = 0;

/** Names the two features that make a contact point, so that the next step finds its impulse again. */
// @ts-ignore: decorator
@inline
function contactId(indexA: u32, indexB: u32, typeA: u32, typeB: u32): u32 {
  return (indexA & 255) | ((indexB & 255) << 8) | (typeA << 16) | (typeB << 24);
}

// @ts-ignore: decorator
@inline
function swapId(id: u32): u32 {
  return ((id & 255) << 8) | ((id >> 8) & 255) | (((id >> 16) & 255) << 24) | ((id >> 24) << 16);
}

@unmanaged
class Clip {
  x: f32;
  y: f32;
  id: u32;
}
const CLIP_BYTES: usize = 12;
const INCIDENT: usize = memory.data(24, 4);
const CLIP_1: usize = memory.data(24, 4);
const CLIP_2: usize = memory.data(24, 4);
const VERTICES: usize = memory.data(128, 8);
const NORMALS: usize = memory.data(128, 8);

// @ts-ignore: decorator
@inline
function clipAt(list: usize, i: i32): Clip {
  return changetype<Clip>(list + <usize>i * CLIP_BYTES);
}

function setClip(v: Clip, x: f32, y: f32, id: u32): void {
  v.x = x;
  v.y = y;
  v.id = id;
}

function clipSegment(out: usize, input: usize, nx: f32, ny: f32, offset: f32, indexA: u32): i32 {
  const a = clipAt(input, 0);
  const b = clipAt(input, 1);
  let n = 0;
  const distance0 = dot(nx, ny, a.x, a.y) - offset;
  const distance1 = dot(nx, ny, b.x, b.y) - offset;
  if (distance0 <= 0) setClip(clipAt(out, n++), a.x, a.y, a.id);
  if (distance1 <= 0) setClip(clipAt(out, n++), b.x, b.y, b.id);
  if (distance0 * distance1 < 0) {
    const share = distance0 / (distance0 - distance1);
    setClip(
      clipAt(out, n++),
      a.x + share * (b.x - a.x),
      a.y + share * (b.y - a.y),
      contactId(indexA, (a.id >> 8) & 255, ID_VERTEX, ID_FACE),
    );
  }
  return n;
}

// Relative transform of the polygon in the edge's frame.
function collideEdgePolygon(c: Contact, e: Fixture, bodyA: Body, p: Fixture, bodyB: Body): void {
  c.count = 0;
  // b2MulT(xfA, xfB)
  const qs = bodyA.c * bodyB.s - bodyA.s * bodyB.c;
  const qc = bodyA.c * bodyB.c + bodyA.s * bodyB.s;
  const tx = bodyB.px - bodyA.px;
  const ty = bodyB.py - bodyA.py;
  const px = bodyA.c * tx + bodyA.s * ty;
  const py = -bodyA.s * tx + bodyA.c * ty;

  const cx = qc * p.cx - qs * p.cy + px;
  const cy = qs * p.cx + qc * p.cy + py;

  const p1 = vertex(e, 0);
  const p2 = vertex(e, 1);
  const v1x = X(p1);
  const v1y = Y(p1);
  const v2x = X(p2);
  const v2y = Y(p2);
  let e1x = v2x - v1x;
  let e1y = v2y - v1y;
  let length = sqrt<f32>(e1x * e1x + e1y * e1y);
  if (length >= EPSILON) {
    const inverse = <f32>1.0 / length;
    e1x *= inverse;
    e1y *= inverse;
  }
  const n1x = e1y;
  const n1y = -e1x;
  const offset1 = dot(n1x, n1y, cx - v1x, cy - v1y);
  let offset0: f32 = 0;
  let offset2: f32 = 0;
  let convex1 = false;
  let convex2 = false;
  let n0x: f32 = 0;
  let n0y: f32 = 0;
  let n2x: f32 = 0;
  let n2y: f32 = 0;
  const has0 = (e.flags & EDGE_HAS_V0) != 0;
  const has3 = (e.flags & EDGE_HAS_V3) != 0;
  if (has0) {
    const q = vertex(e, 2);
    let ex = v1x - X(q);
    let ey = v1y - Y(q);
    length = sqrt<f32>(ex * ex + ey * ey);
    if (length >= EPSILON) {
      const inverse = <f32>1.0 / length;
      ex *= inverse;
      ey *= inverse;
    }
    n0x = ey;
    n0y = -ex;
    convex1 = cross(ex, ey, e1x, e1y) >= 0;
    offset0 = dot(n0x, n0y, cx - X(q), cy - Y(q));
  }
  if (has3) {
    const q = vertex(e, 3);
    let ex = X(q) - v2x;
    let ey = Y(q) - v2y;
    length = sqrt<f32>(ex * ex + ey * ey);
    if (length >= EPSILON) {
      const inverse = <f32>1.0 / length;
      ex *= inverse;
      ey *= inverse;
    }
    n2x = ey;
    n2y = -ex;
    convex2 = cross(e1x, e1y, ex, ey) > 0;
    offset2 = dot(n2x, n2y, cx - v2x, cy - v2y);
  }

  // Which side the polygon is on, and between which normals a contact may point.
  let front: bool;
  let lowX: f32;
  let lowY: f32;
  let highX: f32;
  let highY: f32;
  if (has0 && has3) {
    if (convex1 && convex2) {
      front = offset0 >= 0 || offset1 >= 0 || offset2 >= 0;
      lowX = front ? n0x : -n1x;
      lowY = front ? n0y : -n1y;
      highX = front ? n2x : -n1x;
      highY = front ? n2y : -n1y;
    } else if (convex1) {
      front = offset0 >= 0 || (offset1 >= 0 && offset2 >= 0);
      lowX = front ? n0x : -n2x;
      lowY = front ? n0y : -n2y;
      highX = front ? n1x : -n1x;
      highY = front ? n1y : -n1y;
    } else if (convex2) {
      front = offset2 >= 0 || (offset0 >= 0 && offset1 >= 0);
      lowX = front ? n1x : -n1x;
      lowY = front ? n1y : -n1y;
      highX = front ? n2x : -n0x;
      highY = front ? n2y : -n0y;
    } else {
      front = offset0 >= 0 && offset1 >= 0 && offset2 >= 0;
      lowX = front ? n1x : -n2x;
      lowY = front ? n1y : -n2y;
      highX = front ? n1x : -n0x;
      highY = front ? n1y : -n0y;
    }
  } else if (has0) {
    front = convex1 ? offset0 >= 0 || offset1 >= 0 : offset0 >= 0 && offset1 >= 0;
    if (front) {
      lowX = convex1 ? n0x : n1x;
      lowY = convex1 ? n0y : n1y;
      highX = -n1x;
      highY = -n1y;
    } else {
      lowX = n1x;
      lowY = n1y;
      highX = convex1 ? -n1x : -n0x;
      highY = convex1 ? -n1y : -n0y;
    }
  } else if (has3) {
    front = convex2 ? offset1 >= 0 || offset2 >= 0 : offset1 >= 0 && offset2 >= 0;
    if (front) {
      lowX = -n1x;
      lowY = -n1y;
      highX = convex2 ? n2x : n1x;
      highY = convex2 ? n2y : n1y;
    } else {
      lowX = convex2 ? -n1x : -n2x;
      lowY = convex2 ? -n1y : -n2y;
      highX = n1x;
      highY = n1y;
    }
  } else {
    front = offset1 >= 0;
    lowX = front ? -n1x : n1x;
    lowY = front ? -n1y : n1y;
    highX = lowX;
    highY = lowY;
  }
  const nx = front ? n1x : -n1x;
  const ny = front ? n1y : -n1y;

  const count = p.count;
  for (let i = 0; i < count; i++) {
    const v = vertex(p, i);
    const n = normal(p, i);
    const at = <usize>i << 3;
    store<f32>(VERTICES + at, qc * X(v) - qs * Y(v) + px);
    store<f32>(VERTICES + at, qs * X(v) + qc * Y(v) + py, 4);
    store<f32>(NORMALS + at, qc * X(n) - qs * Y(n));
    store<f32>(NORMALS + at, qs * X(n) + qc * Y(n), 4);
  }
  const radius: f32 = <f32>2.0 * POLYGON_RADIUS;

  // Separation along the edge's normal.
  let edgeSeparation: f32 = MAX_FLOAT;
  for (let i = 0; i < count; i++) {
    const v = VERTICES + (<usize>i << 3);
    const s = dot(nx, ny, X(v) - v1x, Y(v) - v1y);
    if (s < edgeSeparation) edgeSeparation = s;
  }
  if (edgeSeparation > radius) return;

  // Separation along the polygon's normals, those that adjacent edges allow.
  let known = false;
  let best = -1;
  let polygonSeparation: f32 = -MAX_FLOAT;
  const perpX = -ny;
  const perpY = nx;
  for (let i = 0; i < count; i++) {
    const v = VERTICES + (<usize>i << 3);
    const n = NORMALS + (<usize>i << 3);
    const mx = -X(n);
    const my = -Y(n);
    const s1 = dot(mx, my, X(v) - v1x, Y(v) - v1y);
    const s2 = dot(mx, my, X(v) - v2x, Y(v) - v2y);
    const s = min(s1, s2);
    if (s > radius) return;
    if (dot(mx, my, perpX, perpY) >= 0) {
      if (dot(mx - highX, my - highY, nx, ny) < -ANGULAR_SLOP) continue;
    } else {
      if (dot(mx - lowX, my - lowY, nx, ny) < -ANGULAR_SLOP) continue;
    }
    if (s > polygonSeparation) {
      known = true;
      best = i;
      polygonSeparation = s;
    }
  }
  const byPolygon = known && polygonSeparation > <f32>0.98 * edgeSeparation + <f32>0.001;

  // Clip the incident edge against the reference face.
  let i1: u32;
  let i2: u32;
  let r1x: f32;
  let r1y: f32;
  let r2x: f32;
  let r2y: f32;
  let rnx: f32;
  let rny: f32;
  if (!byPolygon) {
    c.type = FACE_A;
    let bestIndex = 0;
    let bestValue = dot(nx, ny, X(NORMALS), Y(NORMALS));
    for (let i = 1; i < count; i++) {
      const n = NORMALS + (<usize>i << 3);
      const value = dot(nx, ny, X(n), Y(n));
      if (value < bestValue) {
        bestValue = value;
        bestIndex = i;
      }
    }
    const k1 = bestIndex;
    const k2 = k1 + 1 < count ? k1 + 1 : 0;
    let v = VERTICES + (<usize>k1 << 3);
    setClip(clipAt(INCIDENT, 0), X(v), Y(v), contactId(0, k1, ID_FACE, ID_VERTEX));
    v = VERTICES + (<usize>k2 << 3);
    setClip(clipAt(INCIDENT, 1), X(v), Y(v), contactId(0, k2, ID_FACE, ID_VERTEX));
    i1 = front ? 0 : 1;
    i2 = front ? 1 : 0;
    r1x = front ? v1x : v2x;
    r1y = front ? v1y : v2y;
    r2x = front ? v2x : v1x;
    r2y = front ? v2y : v1y;
    rnx = front ? n1x : -n1x;
    rny = front ? n1y : -n1y;
  } else {
    c.type = FACE_B;
    setClip(clipAt(INCIDENT, 0), v1x, v1y, contactId(0, best, ID_VERTEX, ID_FACE));
    setClip(clipAt(INCIDENT, 1), v2x, v2y, contactId(0, best, ID_VERTEX, ID_FACE));
    i1 = best;
    i2 = best + 1 < count ? best + 1 : 0;
    let v = VERTICES + (<usize>i1 << 3);
    r1x = X(v);
    r1y = Y(v);
    v = VERTICES + (<usize>i2 << 3);
    r2x = X(v);
    r2y = Y(v);
    const n = NORMALS + (<usize>i1 << 3);
    rnx = X(n);
    rny = Y(n);
  }
  const sx = rny;
  const sy = -rnx;
  if (clipSegment(CLIP_1, INCIDENT, sx, sy, dot(sx, sy, r1x, r1y), i1) < 2) return;
  if (clipSegment(CLIP_2, CLIP_1, -sx, -sy, dot(-sx, -sy, r2x, r2y), i2) < 2) return;
  if (!byPolygon) {
    c.nx = rnx;
    c.ny = rny;
    c.x = r1x;
    c.y = r1y;
  } else {
    const n = normal(p, <i32>i1);
    const v = vertex(p, <i32>i1);
    c.nx = X(n);
    c.ny = Y(n);
    c.x = X(v);
    c.y = Y(v);
  }
  let points = 0;
  for (let i = 0; i < 2; i++) {
    const v = clipAt(CLIP_2, i);
    if (dot(rnx, rny, v.x - r1x, v.y - r1y) <= radius) {
      const m = point(c, points++);
      if (!byPolygon) {
        const dx = v.x - px;
        const dy = v.y - py;
        m.x = qc * dx + qs * dy;
        m.y = -qs * dx + qc * dy;
        m.id = v.id;
      } else {
        m.x = v.x;
        m.y = v.y;
        m.id = swapId(v.id);
      }
    }
  }
  c.count = points;
}

/** Separation of `b` from the given edge of `a`, along that edge's normal. */
function edgeSeparation(a: Fixture, bodyA: Body, edge: i32, b: Fixture, bodyB: Body): f32 {
  const n = normal(a, edge);
  const wx = bodyA.c * X(n) - bodyA.s * Y(n);
  const wy = bodyA.s * X(n) + bodyA.c * Y(n);
  const nx = bodyB.c * wx + bodyB.s * wy;
  const ny = -bodyB.s * wx + bodyB.c * wy;
  let index = 0;
  let least: f32 = MAX_FLOAT;
  for (let i = 0, count = b.count; i < count; i++) {
    const v = vertex(b, i);
    const d = dot(X(v), Y(v), nx, ny);
    if (d < least) {
      least = d;
      index = i;
    }
  }
  const p = vertex(a, edge);
  const q = vertex(b, index);
  const ax = bodyA.c * X(p) - bodyA.s * Y(p) + bodyA.px;
  const ay = bodyA.s * X(p) + bodyA.c * Y(p) + bodyA.py;
  const bx = bodyB.c * X(q) - bodyB.s * Y(q) + bodyB.px;
  const by = bodyB.s * X(q) + bodyB.c * Y(q) + bodyB.py;
  return dot(bx - ax, by - ay, wx, wy);
}

let bestEdge: i32 = 0;
function maxSeparation(a: Fixture, bodyA: Body, b: Fixture, bodyB: Body): f32 {
  const count = a.count;
  const dx = bodyB.c * b.cx - bodyB.s * b.cy + bodyB.px - (bodyA.c * a.cx - bodyA.s * a.cy + bodyA.px);
  const dy = bodyB.s * b.cx + bodyB.c * b.cy + bodyB.py - (bodyA.s * a.cx + bodyA.c * a.cy + bodyA.py);
  const lx = bodyA.c * dx + bodyA.s * dy;
  const ly = -bodyA.s * dx + bodyA.c * dy;
  let edge = 0;
  let most: f32 = -MAX_FLOAT;
  for (let i = 0; i < count; i++) {
    const n = normal(a, i);
    const d = dot(X(n), Y(n), lx, ly);
    if (d > most) {
      most = d;
      edge = i;
    }
  }
  let s = edgeSeparation(a, bodyA, edge, b, bodyB);
  const before = edge - 1 >= 0 ? edge - 1 : count - 1;
  const sBefore = edgeSeparation(a, bodyA, before, b, bodyB);
  const after = edge + 1 < count ? edge + 1 : 0;
  const sAfter = edgeSeparation(a, bodyA, after, b, bodyB);
  let best: i32;
  let bestSeparation: f32;
  let forward: bool;
  if (sBefore > s && sBefore > sAfter) {
    forward = false;
    best = before;
    bestSeparation = sBefore;
  } else if (sAfter > s) {
    forward = true;
    best = after;
    bestSeparation = sAfter;
  } else {
    bestEdge = edge;
    return s;
  }
  for (;;) {
    if (forward) edge = best + 1 < count ? best + 1 : 0;
    else edge = best - 1 >= 0 ? best - 1 : count - 1;
    s = edgeSeparation(a, bodyA, edge, b, bodyB);
    if (s > bestSeparation) {
      best = edge;
      bestSeparation = s;
    } else break;
  }
  bestEdge = best;
  return bestSeparation;
}

function collidePolygons(c: Contact, a: Fixture, bodyA: Body, b: Fixture, bodyB: Body): void {
  c.count = 0;
  const radius = a.radius + b.radius;
  const separationA = maxSeparation(a, bodyA, b, bodyB);
  const edgeA = bestEdge;
  if (separationA > radius) return;
  const separationB = maxSeparation(b, bodyB, a, bodyA);
  const edgeB = bestEdge;
  if (separationB > radius) return;
  const flip = separationB > <f32>0.98 * separationA + <f32>0.001;
  const f1 = flip ? b : a;
  const f2 = flip ? a : b;
  const b1 = flip ? bodyB : bodyA;
  const b2 = flip ? bodyA : bodyB;
  const edge1 = flip ? edgeB : edgeA;
  c.type = flip ? FACE_B : FACE_A;

  // The incident edge.
  const n = normal(f1, edge1);
  const wx = b1.c * X(n) - b1.s * Y(n);
  const wy = b1.s * X(n) + b1.c * Y(n);
  const lx = b2.c * wx + b2.s * wy;
  const ly = -b2.s * wx + b2.c * wy;
  const count2 = f2.count;
  let index = 0;
  let least: f32 = MAX_FLOAT;
  for (let i = 0; i < count2; i++) {
    const m = normal(f2, i);
    const d = dot(lx, ly, X(m), Y(m));
    if (d < least) {
      least = d;
      index = i;
    }
  }
  const k2 = index + 1 < count2 ? index + 1 : 0;
  let v = vertex(f2, index);
  setClip(
    clipAt(INCIDENT, 0),
    b2.c * X(v) - b2.s * Y(v) + b2.px,
    b2.s * X(v) + b2.c * Y(v) + b2.py,
    contactId(edge1, index, ID_FACE, ID_VERTEX),
  );
  v = vertex(f2, k2);
  setClip(
    clipAt(INCIDENT, 1),
    b2.c * X(v) - b2.s * Y(v) + b2.px,
    b2.s * X(v) + b2.c * Y(v) + b2.py,
    contactId(edge1, k2, ID_FACE, ID_VERTEX),
  );

  const iv2 = edge1 + 1 < f1.count ? edge1 + 1 : 0;
  const p = vertex(f1, edge1);
  const q = vertex(f1, iv2);
  let tx = X(q) - X(p);
  let ty = Y(q) - Y(p);
  const length = sqrt<f32>(tx * tx + ty * ty);
  if (length >= EPSILON) {
    const inverse = <f32>1.0 / length;
    tx *= inverse;
    ty *= inverse;
  }
  const planeX = <f32>0.5 * (X(p) + X(q));
  const planeY = <f32>0.5 * (Y(p) + Y(q));
  const localNx = <f32>1.0 * ty;
  const localNy = <f32>-1.0 * tx;
  const gx = b1.c * tx - b1.s * ty;
  const gy = b1.s * tx + b1.c * ty;
  const nx = <f32>1.0 * gy;
  const ny = <f32>-1.0 * gx;
  const v1x = b1.c * X(p) - b1.s * Y(p) + b1.px;
  const v1y = b1.s * X(p) + b1.c * Y(p) + b1.py;
  const v2x = b1.c * X(q) - b1.s * Y(q) + b1.px;
  const v2y = b1.s * X(q) + b1.c * Y(q) + b1.py;
  const front = dot(nx, ny, v1x, v1y);
  const side1 = -dot(gx, gy, v1x, v1y) + radius;
  const side2 = dot(gx, gy, v2x, v2y) + radius;
  if (clipSegment(CLIP_1, INCIDENT, -gx, -gy, side1, edge1) < 2) return;
  if (clipSegment(CLIP_2, CLIP_1, gx, gy, side2, iv2) < 2) return;
  c.nx = localNx;
  c.ny = localNy;
  c.x = planeX;
  c.y = planeY;
  let points = 0;
  for (let i = 0; i < 2; i++) {
    const k = clipAt(CLIP_2, i);
    if (dot(nx, ny, k.x, k.y) - front <= radius) {
      const m = point(c, points++);
      const dx = k.x - b2.px;
      const dy = k.y - b2.py;
      m.x = b2.c * dx + b2.s * dy;
      m.y = -b2.s * dx + b2.c * dy;
      m.id = flip ? swapId(k.id) : k.id;
    }
  }
  c.count = points;
}

function onePoint(c: Contact, type: i32, nx: f32, ny: f32, x: f32, y: f32, circle: Fixture, id: u32): void {
  c.count = 1;
  c.type = type;
  c.nx = nx;
  c.ny = ny;
  c.x = x;
  c.y = y;
  c.x0 = circle.cx;
  c.y0 = circle.cy;
  c.id0 = id;
}

function collideCircles(c: Contact, a: Fixture, bodyA: Body, b: Fixture, bodyB: Body): void {
  c.count = 0;
  const ax = bodyA.c * a.cx - bodyA.s * a.cy + bodyA.px;
  const ay = bodyA.s * a.cx + bodyA.c * a.cy + bodyA.py;
  const bx = bodyB.c * b.cx - bodyB.s * b.cy + bodyB.px;
  const by = bodyB.s * b.cx + bodyB.c * b.cy + bodyB.py;
  const dx = bx - ax;
  const dy = by - ay;
  const radius = a.radius + b.radius;
  if (dx * dx + dy * dy > radius * radius) return;
  onePoint(c, CIRCLES, 0, 0, a.cx, a.cy, b, 0);
}

/** Sets the normalised `(x, y)` as the manifold's normal. */
function faceAt(c: Contact, x: f32, y: f32, px: f32, py: f32, circle: Fixture, id: u32): void {
  const length = sqrt<f32>(x * x + y * y);
  if (length >= EPSILON) {
    const inverse = <f32>1.0 / length;
    x *= inverse;
    y *= inverse;
  }
  onePoint(c, FACE_A, x, y, px, py, circle, id);
}

function collidePolygonCircle(c: Contact, a: Fixture, bodyA: Body, b: Fixture, bodyB: Body): void {
  c.count = 0;
  const wx = bodyB.c * b.cx - bodyB.s * b.cy + bodyB.px;
  const wy = bodyB.s * b.cx + bodyB.c * b.cy + bodyB.py;
  const dx = wx - bodyA.px;
  const dy = wy - bodyA.py;
  const x = bodyA.c * dx + bodyA.s * dy;
  const y = -bodyA.s * dx + bodyA.c * dy;
  const radius = a.radius + b.radius;
  const count = a.count;
  let index = 0;
  let separation: f32 = -MAX_FLOAT;
  for (let i = 0; i < count; i++) {
    const v = vertex(a, i);
    const n = normal(a, i);
    const s = dot(X(n), Y(n), x - X(v), y - Y(v));
    if (s > radius) return;
    if (s > separation) {
      separation = s;
      index = i;
    }
  }
  const p = vertex(a, index);
  const q = vertex(a, index + 1 < count ? index + 1 : 0);
  const n = normal(a, index);
  const v1x = X(p);
  const v1y = Y(p);
  const v2x = X(q);
  const v2y = Y(q);
  const midX = <f32>0.5 * (v1x + v2x);
  const midY = <f32>0.5 * (v1y + v2y);
  if (separation < EPSILON) {
    onePoint(c, FACE_A, X(n), Y(n), midX, midY, b, 0);
    return;
  }
  const u1 = dot(x - v1x, y - v1y, v2x - v1x, v2y - v1y);
  const u2 = dot(x - v2x, y - v2y, v1x - v2x, v1y - v2y);
  if (u1 <= 0) {
    const ex = x - v1x;
    const ey = y - v1y;
    if (ex * ex + ey * ey <= radius * radius) faceAt(c, ex, ey, v1x, v1y, b, 0);
  } else if (u2 <= 0) {
    const ex = x - v2x;
    const ey = y - v2y;
    if (ex * ex + ey * ey <= radius * radius) faceAt(c, ex, ey, v2x, v2y, b, 0);
  } else if (dot(x - midX, y - midY, X(n), Y(n)) <= radius) {
    onePoint(c, FACE_A, X(n), Y(n), midX, midY, b, 0);
  }
}

function collideEdgeCircle(c: Contact, a: Fixture, bodyA: Body, b: Fixture, bodyB: Body): void {
  c.count = 0;
  const wx = bodyB.c * b.cx - bodyB.s * b.cy + bodyB.px;
  const wy = bodyB.s * b.cx + bodyB.c * b.cy + bodyB.py;
  const tx = wx - bodyA.px;
  const ty = wy - bodyA.py;
  const qx = bodyA.c * tx + bodyA.s * ty;
  const qy = -bodyA.s * tx + bodyA.c * ty;
  const p1 = vertex(a, 0);
  const p2 = vertex(a, 1);
  const ax = X(p1);
  const ay = Y(p1);
  const bx = X(p2);
  const by = Y(p2);
  const ex = bx - ax;
  const ey = by - ay;
  const u = dot(ex, ey, bx - qx, by - qy);
  const v = dot(ex, ey, qx - ax, qy - ay);
  const radius = a.radius + b.radius;
  if (v <= 0) {
    const dx = qx - ax;
    const dy = qy - ay;
    if (dx * dx + dy * dy > radius * radius) return;
    if ((a.flags & EDGE_HAS_V0) != 0) {
      const p0 = vertex(a, 2);
      if (dot(ax - X(p0), ay - Y(p0), ax - qx, ay - qy) > 0) return;
    }
    onePoint(c, CIRCLES, 0, 0, ax, ay, b, contactId(0, 0, ID_VERTEX, ID_VERTEX));
    return;
  }
  if (u <= 0) {
    const dx = qx - bx;
    const dy = qy - by;
    if (dx * dx + dy * dy > radius * radius) return;
    if ((a.flags & EDGE_HAS_V3) != 0) {
      const p3 = vertex(a, 3);
      if (dot(X(p3) - bx, Y(p3) - by, qx - bx, qy - by) > 0) return;
    }
    onePoint(c, CIRCLES, 0, 0, bx, by, b, contactId(1, 0, ID_VERTEX, ID_VERTEX));
    return;
  }
  const share = <f32>1.0 / dot(ex, ey, ex, ey);
  const dx = qx - share * (u * ax + v * bx);
  const dy = qy - share * (u * ay + v * by);
  if (dx * dx + dy * dy > radius * radius) return;
  let nx = -ey;
  let ny = ex;
  if (dot(nx, ny, qx - ax, qy - ay) < 0) {
    nx = -nx;
    ny = -ny;
  }
  faceAt(c, nx, ny, ax, ay, b, contactId(0, 0, ID_FACE, ID_VERTEX));
}

/** Writes the manifold of two fixtures, whose kinds are in the order that `ordered` makes. */
export function evaluate(c: Contact, a: Fixture, bodyA: Body, b: Fixture, bodyB: Body): void {
  if (b.kind == CIRCLE) {
    if (a.kind == CIRCLE) collideCircles(c, a, bodyA, b, bodyB);
    else if (a.kind == EDGE) collideEdgeCircle(c, a, bodyA, b, bodyB);
    else collidePolygonCircle(c, a, bodyA, b, bodyB);
  } else if (a.kind == EDGE) collideEdgePolygon(c, a, bodyA, b, bodyB);
  else collidePolygons(c, a, bodyA, b, bodyB);
}
