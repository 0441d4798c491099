import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Generator } from '../../src/core/seeding/index.js';
import { SegmentGrid } from '../../src/physics/rays.js';

/** The same question asked of every segment. */
function bruteForce(segments: Float64Array, ox: number, oy: number, dx: number, dy: number, most: number): number {
  let best = most;
  for (let i = 0; i < segments.length; i += 4) {
    const ax = segments[i]! - ox;
    const ay = segments[i + 1]! - oy;
    const ex = segments[i + 2]! - segments[i]!;
    const ey = segments[i + 3]! - segments[i + 1]!;
    const across = dx * ey - dy * ex;
    // Along the segment, to rounding: the crossing would be noise.
    if (Math.abs(across) < 1e-12) continue;
    const distance = (ax * ey - ay * ex) / across;
    const along = (ax * dy - ay * dx) / across;
    if (distance >= 0 && distance < best && along >= -1e-9 && along <= 1 + 1e-9) best = distance;
  }
  return best;
}

test('casts agree with brute force: any segments, cells, origins (outside the grid too) and directions', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 0, max: 60 }),
      fc.constantFrom(0.3, 1, 4, 25, 1000),
      fc.boolean(),
      (seed, count, cellSize, whole) => {
        const rng = Generator.fromSeed(seed);
        const place = (low: number, high: number): number => {
          const value = rng.uniform(low, high);
          // Whole coordinates make rays through corners of cells, along their borders and along segments.
          return whole ? Math.round(value) : value;
        };
        const segments = Float64Array.from({ length: 4 * count }, () => place(-20, 20));
        const grid = new SegmentGrid(cellSize);
        grid.build(segments);
        for (let k = 0; k < 20; k++) {
          const ox = place(-35, 35);
          const oy = place(-35, 35);
          const angle = whole ? (Math.PI / 4) * rng.integers(0, 8) : rng.uniform(0, 2 * Math.PI);
          const dx = whole && k % 2 === 0 ? Math.round(Math.cos(angle)) : Math.cos(angle);
          const dy = whole && k % 2 === 0 && dx !== 0 ? 0 : Math.sin(angle);
          const most = rng.uniform(1, 80);
          const expected = bruteForce(segments, ox, oy, dx, dy, most);
          const actual = grid.cast(ox, oy, dx, dy, most);
          assert.ok(
            Math.abs(actual - expected) <= 1e-9,
            `expected ${expected}, got ${actual} from ${ox}, ${oy} towards ${dx}, ${dy}`,
          );
        }
      },
    ),
    { numRuns: 400 },
  );
});

test('a ray that only touches a corner of the grid sees what ends there', () => {
  const grid = new SegmentGrid(0.3);
  grid.build(Float64Array.from([-4, 8, 13, -3, 15, 15, -5, 3, -8, 9, -18, -7]));
  const direction = [0.7071067811865474, -0.7071067811865477] as const;
  assert.ok(Math.abs(grid.cast(-30, 5, ...direction, 59) - 12 * Math.SQRT2) < 1e-9);
});

test('no ray leaves a closed outline', () => {
  const corners = 60;
  const segments = new Float64Array(4 * corners);
  for (let i = 0; i < corners; i++) {
    for (const [at, k] of [
      [0, i],
      [2, (i + 1) % corners],
    ] as const) {
      segments[4 * i + at] = 10 * Math.cos((2 * Math.PI * k) / corners);
      segments[4 * i + at + 1] = 10 * Math.sin((2 * Math.PI * k) / corners);
    }
  }
  const grid = new SegmentGrid(1.5);
  grid.build(segments);
  for (let k = 0; k < corners * 8; k++) {
    const angle = (2 * Math.PI * k) / (corners * 8);
    const distance = grid.cast(0, 0, Math.cos(angle), Math.sin(angle), 1000);
    assert.ok(distance > 9.98 && distance < 10.001, `distance ${distance} at ${angle} rad`);
  }
});

test('a grid may be built again, and then knows nothing of before', () => {
  const grid = new SegmentGrid(2);
  grid.build(Float64Array.from([5, -50, 5, 50]));
  assert.is(grid.cast(0, 0, 1, 0, 100), 5);
  grid.build(Float64Array.from([7, -1, 7, 1, 9, -1, 9, 1]), 1);
  assert.is(grid.cast(0, 0, 1, 0, 100), 7);
  assert.is(grid.cast(8, 0, 1, 0, 100), 100);
  grid.build(new Float64Array(0));
  assert.is(grid.cast(0, 0, 1, 0, 100), 100);
});

test('impossible grids are usage errors', () => {
  const grid = new SegmentGrid(1);
  assert.throws(() => new SegmentGrid(0), /positive cell size in metres, got 0/);
  assert.throws(() => grid.build(new Float64Array(7), 2), /Expected 8 numbers for 2 segments, got 7/);
  assert.throws(() => grid.build(Float64Array.from([0, 0, Number.NaN, 1])), /finite segment ends, got \(NaN, 1\)/);
});

test.run();
