/** Rays against all fixtures. */
import { CIRCLE, EDGE, EPSILON, Fixture, W, X, Y, body, fixture, normal, vertex, world } from './layout';
import { dot, max, min } from './math';

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
