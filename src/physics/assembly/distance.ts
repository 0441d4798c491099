/** Distance of two convex shapes (GJK, b2Distance.cpp) and the time of impact of two that move (b2TimeOfImpact.cpp). */
import { Body, EPSILON, Fixture, LINEAR_SLOP, MAX_FLOAT, X, Y, vertex } from './layout';
import { abs32, cosine, cross, dot, max, min, sine } from './math';

/** A vertex of the simplex: support points in A and B, their difference, its weight and where the points came from. */
@unmanaged
class SimplexVertex {
  ax: f32;
  ay: f32;
  bx: f32;
  by: f32;
  x: f32;
  y: f32;
  a: f32;
  indexA: i32;
  indexB: i32;
}
const VERTEX_BYTES: usize = 36;
const SIMPLEX: usize = memory.data(4 * 36, 16);
let count: i32 = 0;

/** The simplex cache of a time-of-impact query. */
let cacheMetric: f32 = 0;
let cacheCount: i32 = 0;
const CACHE_A: usize = memory.data(12, 4);
const CACHE_B: usize = memory.data(12, 4);

// Transforms of the two shapes.
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
function sv(i: i32): SimplexVertex {
  return changetype<SimplexVertex>(SIMPLEX + <usize>i * VERTEX_BYTES);
}

// @ts-ignore: decorator
@inline
function copyVertex(to: i32, from: i32): void {
  memory.copy(SIMPLEX + <usize>to * VERTEX_BYTES, SIMPLEX + <usize>from * VERTEX_BYTES, VERTEX_BYTES);
}

/** Sets both shapes' transforms from their bodies. */
export function placeAt(a: Body, b: Body): void {
  apx = a.px;
  apy = a.py;
  as = a.s;
  ac = a.c;
  bpx = b.px;
  bpy = b.py;
  bs = b.s;
  bc = b.c;
}

function support(f: Fixture, dx: f32, dy: f32): i32 {
  let best = 0;
  let p = vertex(f, 0);
  let bestValue = dot(X(p), Y(p), dx, dy);
  for (let i = 1, n = f.count; i < n; i++) {
    p = vertex(f, i);
    const value = dot(X(p), Y(p), dx, dy);
    if (value > bestValue) {
      best = i;
      bestValue = value;
    }
  }
  return best;
}

function setVertex(v: SimplexVertex, a: Fixture, b: Fixture, indexA: i32, indexB: i32): void {
  v.indexA = indexA;
  v.indexB = indexB;
  const p = vertex(a, indexA);
  const q = vertex(b, indexB);
  v.ax = ac * X(p) - as * Y(p) + apx;
  v.ay = as * X(p) + ac * Y(p) + apy;
  v.bx = bc * X(q) - bs * Y(q) + bpx;
  v.by = bs * X(q) + bc * Y(q) + bpy;
  v.x = v.bx - v.ax;
  v.y = v.by - v.ay;
}

function metric(): f32 {
  if (count == 2) {
    const v1 = sv(0);
    const v2 = sv(1);
    const x = v1.x - v2.x;
    const y = v1.y - v2.y;
    return sqrt<f32>(x * x + y * y);
  }
  if (count == 3) {
    const v1 = sv(0);
    const v2 = sv(1);
    const v3 = sv(2);
    return cross(v2.x - v1.x, v2.y - v1.y, v3.x - v1.x, v3.y - v1.y);
  }
  return 0;
}

function readCache(a: Fixture, b: Fixture): void {
  count = cacheCount;
  for (let i = 0; i < count; i++) {
    const v = sv(i);
    setVertex(v, a, b, load<i32>(CACHE_A + (<usize>i << 2)), load<i32>(CACHE_B + (<usize>i << 2)));
    v.a = 0;
  }
  if (count > 1) {
    const metric1 = cacheMetric;
    const metric2 = metric();
    if (metric2 < <f32>0.5 * metric1 || <f32>2.0 * metric1 < metric2 || metric2 < EPSILON) count = 0;
  }
  if (count == 0) {
    const v = sv(0);
    setVertex(v, a, b, 0, 0);
    v.a = 1;
    count = 1;
  }
}

function solve2(): void {
  const v1 = sv(0);
  const v2 = sv(1);
  const ex = v2.x - v1.x;
  const ey = v2.y - v1.y;
  const d2 = -dot(v1.x, v1.y, ex, ey);
  if (d2 <= 0) {
    v1.a = 1;
    count = 1;
    return;
  }
  const d1 = dot(v2.x, v2.y, ex, ey);
  if (d1 <= 0) {
    v2.a = 1;
    count = 1;
    copyVertex(0, 1);
    return;
  }
  const inverse = <f32>1.0 / (d1 + d2);
  v1.a = d1 * inverse;
  v2.a = d2 * inverse;
  count = 2;
}

function solve3(): void {
  const v1 = sv(0);
  const v2 = sv(1);
  const v3 = sv(2);
  const e12x = v2.x - v1.x;
  const e12y = v2.y - v1.y;
  const d12_1 = dot(v2.x, v2.y, e12x, e12y);
  const d12_2 = -dot(v1.x, v1.y, e12x, e12y);
  const e13x = v3.x - v1.x;
  const e13y = v3.y - v1.y;
  const d13_1 = dot(v3.x, v3.y, e13x, e13y);
  const d13_2 = -dot(v1.x, v1.y, e13x, e13y);
  const e23x = v3.x - v2.x;
  const e23y = v3.y - v2.y;
  const d23_1 = dot(v3.x, v3.y, e23x, e23y);
  const d23_2 = -dot(v2.x, v2.y, e23x, e23y);
  const n123 = cross(e12x, e12y, e13x, e13y);
  const d123_1 = n123 * cross(v2.x, v2.y, v3.x, v3.y);
  const d123_2 = n123 * cross(v3.x, v3.y, v1.x, v1.y);
  const d123_3 = n123 * cross(v1.x, v1.y, v2.x, v2.y);
  if (d12_2 <= 0 && d13_2 <= 0) {
    v1.a = 1;
    count = 1;
    return;
  }
  if (d12_1 > 0 && d12_2 > 0 && d123_3 <= 0) {
    const inverse = <f32>1.0 / (d12_1 + d12_2);
    v1.a = d12_1 * inverse;
    v2.a = d12_2 * inverse;
    count = 2;
    return;
  }
  if (d13_1 > 0 && d13_2 > 0 && d123_2 <= 0) {
    const inverse = <f32>1.0 / (d13_1 + d13_2);
    v1.a = d13_1 * inverse;
    v3.a = d13_2 * inverse;
    count = 2;
    copyVertex(1, 2);
    return;
  }
  if (d12_1 <= 0 && d23_2 <= 0) {
    v2.a = 1;
    count = 1;
    copyVertex(0, 1);
    return;
  }
  if (d13_1 <= 0 && d23_1 <= 0) {
    v3.a = 1;
    count = 1;
    copyVertex(0, 2);
    return;
  }
  if (d23_1 > 0 && d23_2 > 0 && d123_1 <= 0) {
    const inverse = <f32>1.0 / (d23_1 + d23_2);
    v2.a = d23_1 * inverse;
    v3.a = d23_2 * inverse;
    count = 2;
    copyVertex(0, 2);
    return;
  }
  const inverse = <f32>1.0 / (d123_1 + d123_2 + d123_3);
  v1.a = d123_1 * inverse;
  v2.a = d123_2 * inverse;
  v3.a = d123_3 * inverse;
  count = 3;
}

const SAVE_A: usize = memory.data(12, 4);
const SAVE_B: usize = memory.data(12, 4);

/** Distance between the shapes without their radii, m; leaves the simplex in the cache. */
function gjk(a: Fixture, b: Fixture): f32 {
  readCache(a, b);
  let iterations = 0;
  while (iterations < 20) {
    const saved = count;
    for (let i = 0; i < saved; i++) {
      store<i32>(SAVE_A + (<usize>i << 2), sv(i).indexA);
      store<i32>(SAVE_B + (<usize>i << 2), sv(i).indexB);
    }
    if (count == 2) solve2();
    else if (count == 3) solve3();
    if (count == 3) break;
    const v1 = sv(0);
    let dx: f32;
    let dy: f32;
    if (count == 1) {
      dx = -v1.x;
      dy = -v1.y;
    } else {
      const v2 = sv(1);
      const ex = v2.x - v1.x;
      const ey = v2.y - v1.y;
      if (cross(ex, ey, -v1.x, -v1.y) > 0) {
        dx = <f32>-1.0 * ey;
        dy = <f32>1.0 * ex;
      } else {
        dx = <f32>1.0 * ey;
        dy = <f32>-1.0 * ex;
      }
    }
    if (dx * dx + dy * dy < EPSILON * EPSILON) break;
    const v = sv(count);
    const nx = -dx;
    const ny = -dy;
    const indexA = support(a, ac * nx + as * ny, -as * nx + ac * ny);
    const indexB = support(b, bc * dx + bs * dy, -bs * dx + bc * dy);
    setVertex(v, a, b, indexA, indexB);
    iterations++;
    let duplicate = false;
    for (let i = 0; i < saved; i++) {
      if (indexA == load<i32>(SAVE_A + (<usize>i << 2)) && indexB == load<i32>(SAVE_B + (<usize>i << 2))) {
        duplicate = true;
        break;
      }
    }
    if (duplicate) break;
    count++;
  }
  // Witness points.
  const v1 = sv(0);
  const v2 = sv(1);
  let x: f32 = 0;
  let y: f32 = 0;
  if (count == 1) {
    x = v1.ax - v1.bx;
    y = v1.ay - v1.by;
  } else if (count == 2) {
    x = v1.a * v1.ax + v2.a * v2.ax - (v1.a * v1.bx + v2.a * v2.bx);
    y = v1.a * v1.ay + v2.a * v2.ay - (v1.a * v1.by + v2.a * v2.by);
  }
  const distance = sqrt<f32>(x * x + y * y);
  cacheMetric = metric();
  cacheCount = count;
  for (let i = 0; i < count; i++) {
    store<i32>(CACHE_A + (<usize>i << 2), sv(i).indexA);
    store<i32>(CACHE_B + (<usize>i << 2), sv(i).indexB);
  }
  return distance;
}

/** Whether two shapes overlap, radii included (b2TestOverlap). */
export function overlap(a: Fixture, bodyA: Body, b: Fixture, bodyB: Body): bool {
  cacheCount = 0;
  placeAt(bodyA, bodyB);
  let distance = gjk(a, b);
  const radius = a.radius + b.radius;
  if (distance > radius && distance > EPSILON) distance -= radius;
  else distance = 0;
  return distance < <f32>10.0 * EPSILON;
}

/** The movement of a body's centre over the interval of a time-of-impact query. */
@unmanaged
class Sweep {
  lx: f32;
  ly: f32;
  c0x: f32;
  c0y: f32;
  cx: f32;
  cy: f32;
  a0: f32;
  a: f32;
}
const SWEEP_A = changetype<Sweep>(memory.data(32, 4));
const SWEEP_B = changetype<Sweep>(memory.data(32, 4));

function takeSweep(s: Sweep, b: Body): void {
  s.lx = b.lx;
  s.ly = b.ly;
  s.c0x = b.c0x;
  s.c0y = b.c0y;
  s.cx = b.cx;
  s.cy = b.cy;
  const twoPi: f32 = <f32>2.0 * <f32>3.14159265359;
  const d = twoPi * floor<f32>(b.a0 / twoPi);
  s.a0 = b.a0 - d;
  s.a = b.a - d;
}

function placeAtTime(t: f32): void {
  const rest = <f32>1.0 - t;
  let s = SWEEP_A;
  apx = rest * s.c0x + t * s.cx;
  apy = rest * s.c0y + t * s.cy;
  let angle = rest * s.a0 + t * s.a;
  as = sine(angle);
  ac = cosine(angle);
  apx = apx - (ac * s.lx - as * s.ly);
  apy = apy - (as * s.lx + ac * s.ly);
  s = SWEEP_B;
  bpx = rest * s.c0x + t * s.cx;
  bpy = rest * s.c0y + t * s.cy;
  angle = rest * s.a0 + t * s.a;
  bs = sine(angle);
  bc = cosine(angle);
  bpx = bpx - (bc * s.lx - bs * s.ly);
  bpy = bpy - (bs * s.lx + bc * s.ly);
}

// The separating axis of the present query.
const AXIS_POINTS: i32 = 0;
const AXIS_A: i32 = 1;
const AXIS_B: i32 = 2;
let axisType: i32 = 0;
let axisX: f32 = 0;
let axisY: f32 = 0;
let localX: f32 = 0;
let localY: f32 = 0;
let witnessA: i32 = 0;
let witnessB: i32 = 0;

function normaliseAxis(): f32 {
  const length = sqrt<f32>(axisX * axisX + axisY * axisY);
  if (length < EPSILON) return 0;
  const inverse = <f32>1.0 / length;
  axisX *= inverse;
  axisY *= inverse;
  return length;
}

function initialiseAxis(a: Fixture, b: Fixture, t: f32): void {
  placeAtTime(t);
  const a0 = load<i32>(CACHE_A);
  const a1 = load<i32>(CACHE_A, 4);
  const b0 = load<i32>(CACHE_B);
  const b1 = load<i32>(CACHE_B, 4);
  if (cacheCount == 1) {
    axisType = AXIS_POINTS;
    const p = vertex(a, a0);
    const q = vertex(b, b0);
    const pax = ac * X(p) - as * Y(p) + apx;
    const pay = as * X(p) + ac * Y(p) + apy;
    axisX = bc * X(q) - bs * Y(q) + bpx - pax;
    axisY = bs * X(q) + bc * Y(q) + bpy - pay;
    normaliseAxis();
    return;
  }
  if (a0 == a1) {
    axisType = AXIS_B;
    const p1 = vertex(b, b0);
    const p2 = vertex(b, b1);
    const ex = X(p2) - X(p1);
    const ey = Y(p2) - Y(p1);
    axisX = <f32>1.0 * ey;
    axisY = <f32>-1.0 * ex;
    normaliseAxis();
    const nx = bc * axisX - bs * axisY;
    const ny = bs * axisX + bc * axisY;
    localX = <f32>0.5 * (X(p1) + X(p2));
    localY = <f32>0.5 * (Y(p1) + Y(p2));
    const pbx = bc * localX - bs * localY + bpx;
    const pby = bs * localX + bc * localY + bpy;
    const p = vertex(a, a0);
    const pax = ac * X(p) - as * Y(p) + apx;
    const pay = as * X(p) + ac * Y(p) + apy;
    if (dot(pax - pbx, pay - pby, nx, ny) < 0) {
      axisX = -axisX;
      axisY = -axisY;
    }
    return;
  }
  axisType = AXIS_A;
  const p1 = vertex(a, a0);
  const p2 = vertex(a, a1);
  const ex = X(p2) - X(p1);
  const ey = Y(p2) - Y(p1);
  axisX = <f32>1.0 * ey;
  axisY = <f32>-1.0 * ex;
  normaliseAxis();
  const nx = ac * axisX - as * axisY;
  const ny = as * axisX + ac * axisY;
  localX = <f32>0.5 * (X(p1) + X(p2));
  localY = <f32>0.5 * (Y(p1) + Y(p2));
  const pax = ac * localX - as * localY + apx;
  const pay = as * localX + ac * localY + apy;
  const q = vertex(b, b0);
  const pbx = bc * X(q) - bs * Y(q) + bpx;
  const pby = bs * X(q) + bc * Y(q) + bpy;
  if (dot(pbx - pax, pby - pay, nx, ny) < 0) {
    axisX = -axisX;
    axisY = -axisY;
  }
}

/** Separation along the axis of the witness points, whose transforms are set. */
function separationOfWitnesses(a: Fixture, b: Fixture): f32 {
  if (axisType == AXIS_POINTS) {
    const p = vertex(a, witnessA);
    const q = vertex(b, witnessB);
    const pax = ac * X(p) - as * Y(p) + apx;
    const pay = as * X(p) + ac * Y(p) + apy;
    const pbx = bc * X(q) - bs * Y(q) + bpx;
    const pby = bs * X(q) + bc * Y(q) + bpy;
    return dot(pbx - pax, pby - pay, axisX, axisY);
  }
  if (axisType == AXIS_A) {
    const nx = ac * axisX - as * axisY;
    const ny = as * axisX + ac * axisY;
    const pax = ac * localX - as * localY + apx;
    const pay = as * localX + ac * localY + apy;
    const q = vertex(b, witnessB);
    const pbx = bc * X(q) - bs * Y(q) + bpx;
    const pby = bs * X(q) + bc * Y(q) + bpy;
    return dot(pbx - pax, pby - pay, nx, ny);
  }
  const nx = bc * axisX - bs * axisY;
  const ny = bs * axisX + bc * axisY;
  const pbx = bc * localX - bs * localY + bpx;
  const pby = bs * localX + bc * localY + bpy;
  const p = vertex(a, witnessA);
  const pax = ac * X(p) - as * Y(p) + apx;
  const pay = as * X(p) + ac * Y(p) + apy;
  return dot(pax - pbx, pay - pby, nx, ny);
}

function evaluate(a: Fixture, b: Fixture, t: f32): f32 {
  placeAtTime(t);
  return separationOfWitnesses(a, b);
}

function minSeparation(a: Fixture, b: Fixture, t: f32): f32 {
  placeAtTime(t);
  if (axisType == AXIS_POINTS) {
    const mx = -axisX;
    const my = -axisY;
    witnessA = support(a, ac * axisX + as * axisY, -as * axisX + ac * axisY);
    witnessB = support(b, bc * mx + bs * my, -bs * mx + bc * my);
  } else if (axisType == AXIS_A) {
    const nx = -(ac * axisX - as * axisY);
    const ny = -(as * axisX + ac * axisY);
    witnessB = support(b, bc * nx + bs * ny, -bs * nx + bc * ny);
  } else {
    const nx = -(bc * axisX - bs * axisY);
    const ny = -(bs * axisX + bc * axisY);
    witnessA = support(a, ac * nx + as * ny, -as * nx + ac * ny);
  }
  return separationOfWitnesses(a, b);
}

/**
 * The share of the interval after which the two moving shapes touch, or -1 if they do not (or overlap already: then the solver's
 * position correction is what helps).
 */
export function timeOfImpact(a: Fixture, bodyA: Body, b: Fixture, bodyB: Body): f32 {
  takeSweep(SWEEP_A, bodyA);
  takeSweep(SWEEP_B, bodyB);
  const totalRadius = a.radius + b.radius;
  const target = max(LINEAR_SLOP, totalRadius - <f32>3.0 * LINEAR_SLOP);
  const tolerance = <f32>0.25 * LINEAR_SLOP;
  let t1: f32 = 0;
  let iterations = 0;
  cacheCount = 0;
  for (;;) {
    placeAtTime(t1);
    const distance = gjk(a, b);
    if (distance <= 0) return -1;
    if (distance < target + tolerance) return t1;
    initialiseAxis(a, b, t1);
    let t2: f32 = 1;
    let pushBacks = 0;
    for (;;) {
      let s2 = minSeparation(a, b, t2);
      if (s2 > target + tolerance) return -1;
      if (s2 > target - tolerance) {
        t1 = t2;
        break;
      }
      let s1 = evaluate(a, b, t1);
      if (s1 < target - tolerance) return -1;
      if (s1 <= target + tolerance) return t1;
      let roots = 0;
      let a1 = t1;
      let a2 = t2;
      for (;;) {
        let t: f32;
        if (roots & 1) t = a1 + ((target - s1) * (a2 - a1)) / (s2 - s1);
        else t = <f32>0.5 * (a1 + a2);
        roots++;
        const s = evaluate(a, b, t);
        if (abs32(s - target) < tolerance) {
          t2 = t;
          break;
        }
        if (s > target) {
          a1 = t;
          s1 = s;
        } else {
          a2 = t;
          s2 = s;
        }
        if (roots == 50) break;
      }
      pushBacks++;
      if (pushBacks == 16) break;
    }
    iterations++;
    if (iterations == 20) break;
  }
  return -1;
}
