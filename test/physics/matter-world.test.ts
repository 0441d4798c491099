import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GymkhanaError } from '../../src/core/errors.js';
import { type BoxBodyOptions, MatterWorld } from '../../src/physics/matter-world.js';

const BOX: BoxBodyOptions = { x: 0, y: 0, length: 4, width: 2, mass: 1000 };

function near(actual: number, expected: number, relative: number, what: string): void {
  const bound = relative * Math.max(1, Math.abs(expected));
  assert.ok(Math.abs(actual - expected) <= bound, `${what}: expected ${expected}, got ${actual}`);
}

test('a constant force gives the positions of semi-implicit Euler, in SI units', () => {
  for (const timeStep of [0.005, 1 / 60, 0.04]) {
    const world = new MatterWorld({ timeStep });
    const body = world.addBox({ ...BOX, x: 3, y: -7, vx: 2, vy: 1, omega: 0.5 });
    const n = 200;
    for (let k = 0; k < n; k++) {
      body.applyForce(500, -250, 300);
      world.step();
    }
    const t = n * timeStep;
    const sum = (timeStep * timeStep * n * (n + 1)) / 2;
    near(world.time, t, 1e-12, 'time');
    near(body.vx, 2 + 0.5 * t, 1e-9, 'vx');
    near(body.vy, 1 - 0.25 * t, 1e-9, 'vy');
    near(body.x, 3 + 2 * t + 0.5 * sum, 1e-9, 'x');
    near(body.y, -7 + t - 0.25 * sum, 1e-9, 'y');
    const inertia = (1000 * (16 + 4)) / 12;
    near(body.inertia, inertia, 1e-12, 'inertia of a rectangle');
    near(body.omega, 0.5 + (300 / inertia) * t, 1e-9, 'omega');
    near(body.angle, 0.5 * t + (300 / inertia) * sum, 1e-9, 'angle');
  }
});

test('forces last for one step, and a free body keeps its velocity', () => {
  const world = new MatterWorld({ timeStep: 0.02 });
  const body = world.addBox({ ...BOX, inertia: 1500 });
  body.applyForce(1000, 0);
  world.step();
  const { vx } = body;
  near(vx, 0.02, 1e-12, 'velocity after one step');
  for (let k = 0; k < 1000; k++) world.step();
  near(body.vx, vx, 1e-9, 'velocity after coasting');
  assert.is(body.vy, 0);
  assert.is(body.omega, 0);
});

test('a force off the centre of mass turns the body', () => {
  const world = new MatterWorld({ timeStep: 0.01 });
  const body = world.addBox({ ...BOX, x: 10, y: 5, inertia: 2000 });
  body.applyForceAt(0, 400, 12, 5);
  world.step();
  near(body.omega, (2 * 400 * 0.01) / 2000, 1e-9, 'omega');
  near(body.vy, (400 * 0.01) / 1000, 1e-9, 'vy');
});

test('gravity accelerates bodies of any mass alike; there is none by default', () => {
  for (const mass of [1, 1000]) {
    const world = new MatterWorld({ timeStep: 0.01, gravity: [0, -9.81] });
    const body = world.addBox({ ...BOX, mass });
    for (let k = 0; k < 100; k++) world.step();
    near(body.vy, -9.81, 1e-9, 'vy');
  }
});

test('a lone body moves to the same bits as beside another one far away', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -9000, max: 9000 }), fc.integer({ min: -9000, max: 9000 })), {
        maxLength: 40,
      }),
      (forces) => {
        const alone = new MatterWorld({ timeStep: 1 / 60 });
        const both = new MatterWorld({ timeStep: 1 / 60 });
        const a = alone.addBox({ ...BOX, vx: 3 });
        const b = both.addBox({ ...BOX, vx: 3 });
        both.addBox({ ...BOX, x: 10_000 });
        for (const [fx, fy] of forces) {
          a.applyForce(fx, fy, fx - fy);
          b.applyForce(fx, fy, fx - fy);
          alone.step();
          both.step();
          assert.equal([b.x, b.y, b.angle, b.vx, b.vy, b.omega], [a.x, a.y, a.angle, a.vx, a.vy, a.omega]);
        }
      },
    ),
  );
});

test('bodies that meet push each other and keep their common momentum', () => {
  const world = new MatterWorld({ timeStep: 1 / 60 });
  const left = world.addBox({ ...BOX, vx: 5 });
  const right = world.addBox({ ...BOX, x: 8, mass: 3000 });
  for (let k = 0; k < 120; k++) world.step();
  assert.ok(right.vx > 0.5, `the right one moves, at ${right.vx} m/s`);
  assert.ok(right.x - left.x > 3.8, `they do not overlap: ${right.x - left.x} m between their centres`);
  near(left.vx * 1000 + right.vx * 3000, 5000, 1e-2, 'momentum');
});

test('a saved world of one body goes on with the same bits, in place and in another world', () => {
  const make = (): MatterWorld => {
    const world = new MatterWorld({ timeStep: 0.04 });
    world.addBox({ ...BOX, x: 1, vx: 3, omega: 0.2 });
    return world;
  };
  const goOn = (world: MatterWorld): number[][] =>
    Array.from({ length: 30 }, (_, k) => {
      world.bodies[0]!.applyForce(700 * Math.cos(k), 300, 40 * k);
      world.step();
      const { x, y, angle, vx, vy, omega } = world.bodies[0]!;
      return [world.time, x, y, angle, vx, vy, omega];
    });
  const world = make();
  goOn(world);
  const saved = JSON.parse(JSON.stringify(world.save())) as number[];
  const expected = goOn(world);
  const other = make();
  for (const one of [other, world]) {
    one.restore(saved);
    assert.equal(goOn(one), expected);
  }
});

test('impossible worlds and bodies are usage errors', () => {
  const world = (): MatterWorld => new MatterWorld({ timeStep: 0.02 });
  const table: [() => unknown, string, RegExp][] = [
    [() => new MatterWorld({ timeStep: 0 }), 'INVALID_WORLD', /above 0 and at most 0.1 s, got 0/],
    [() => new MatterWorld({ timeStep: Number.NaN }), 'INVALID_WORLD', /got NaN/],
    [() => world().addBox({ ...BOX, mass: 0 }), 'INVALID_BODY', /mass to be a positive finite number, got 0/],
    [() => world().addBox({ ...BOX, width: -1 }), 'INVALID_BODY', /width to be a positive/],
    [
      () => world().addBox({ ...BOX, x: Number.POSITIVE_INFINITY }),
      'INVALID_BODY',
      /x to be a finite number, got Infinity/,
    ],
    [
      () => {
        const crowded = world();
        crowded.addBox(BOX);
        crowded.addBox(BOX);
      },
      'INVALID_WORLD',
      /at most 1\/60 s in a world of several bodies/,
    ],
    [() => world().save(), 'INVALID_WORLD', /Only a world of one body is saved and restored, got 0/],
    [() => world().restore([0, 0, 0, 0, 0, 0, 0]), 'INVALID_WORLD', /got 0/],
  ];
  for (const [call, code, text] of table) {
    try {
      call();
    } catch (error) {
      assert.instance(error, GymkhanaError);
      assert.is((error as GymkhanaError).code, code);
      assert.match((error as GymkhanaError).message, text);
      continue;
    }
    assert.unreachable(`expected ${code}`);
  }
});

test.run();
