/** The solver against closed forms, its snapshots, events, rays and misuse. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Body, World } from '../../src/physics/index.js';
import * as layout from '../../src/physics/layout.js';
import { solverMemory } from '../../src/physics/solver.js';
import { throwsError } from '../support/misuse.js';

const STEP = 1 / 50;

function near(got: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(got - expected) <= tolerance, `${what}: expected ${expected} +- ${tolerance}, got ${got}`);
}

test('a thrown body follows semi-implicit Euler', () => {
  const world = new World({ gravity: [0, -10] });
  const body = world.createBody({ type: 'dynamic', linearVelocity: [3, 4], angularVelocity: 2 });
  body.addBox(0.5, 0.5, { density: 1 });
  for (let k = 0; k < 50; k++) world.step(STEP);
  near(body.x, 3, 1e-5, 'x');
  // Velocities first: y = v t - g t (t + h) / 2.
  near(body.y, 4 - (10 * 1 * (1 + STEP)) / 2, 1e-4, 'y');
  near(body.vy, -6, 1e-5, 'vy');
  near(body.angle, 2, 1e-5, 'angle');
});

test('mass and inertia of shapes', () => {
  const world = new World();
  const box = world.createBody({ type: 'dynamic' });
  box.addBox(1, 0.5, { density: 3 });
  near(box.mass, 6, 1e-6, 'mass of a box');
  near(box.inertia, (6 * (4 + 1)) / 12, 1e-5, 'inertia of a box');
  const disc = world.createBody({ type: 'dynamic' });
  disc.addCircle(0.5, { density: 2, center: [1, 0] });
  near(disc.mass, 2 * Math.PI * 0.25, 1e-6, 'mass of a disc');
  near(disc.inertia, (disc.mass * 0.25) / 2 + disc.mass, 1e-5, 'inertia of a disc about the origin beside it');
  near(disc.centerX, 1, 1e-6, 'centre of a disc beside the origin');
});

test('friction holds a box below its angle and lets it slide above', () => {
  const friction = 0.5;
  for (const [slope, slides] of [
    [Math.atan(friction) - 0.03, false],
    [Math.atan(friction) + 0.03, true],
  ] as const) {
    const world = new World({ gravity: [0, -10] });
    world.createBody({ angle: slope }).addBox(50, 0.5, { friction });
    const box = world.createBody({
      type: 'dynamic',
      angle: slope,
      position: [-Math.sin(slope) * 1.01, Math.cos(slope) * 1.01],
    });
    box.addBox(0.5, 0.5, { density: 1, friction });
    for (let k = 0; k < 100; k++) world.step(STEP);
    const way = Math.sqrt((box.x + Math.sin(slope) * 1.01) ** 2 + (box.y - Math.cos(slope) * 1.01) ** 2);
    if (slides) {
      const acceleration = 10 * (Math.sin(slope) - friction * Math.cos(slope));
      near(way, (acceleration * 4) / 2, 0.12 * ((acceleration * 4) / 2) + 0.02, 'way of a sliding box');
    } else assert.ok(way < 0.02, `a box at rest moved ${way} m`);
  }
});

test('a ball bounces by its restitution and keeps its energy without loss at 1', () => {
  for (const restitution of [0, 0.5, 0.9]) {
    const world = new World({ gravity: [0, -10] });
    world.createBody().addEdge([-10, 0], [10, 0]);
    const ball = world.createBody({ type: 'dynamic', position: [0, 3] });
    ball.addCircle(0.25, { density: 1, restitution });
    let before = 0;
    let bounced = Number.NaN;
    for (let k = 0; k < 100 && Number.isNaN(bounced); k++) {
      before = ball.vy;
      world.step(STEP);
      if (before < -1 && ball.vy > before + 1) bounced = ball.vy;
    }
    // Gravity of one step acts before the contact turns the velocity round.
    near(bounced, -restitution * (before - 10 * STEP), 0.05 + 0.02 * Math.abs(before), `velocity after ${restitution}`);
  }
});

test('two bodies that collide keep their momentum', () => {
  const world = new World({ gravity: [0, 0] });
  const make = (x: number, y: number, vx: number, density: number): Body => {
    const body = world.createBody({ type: 'dynamic', position: [x, y], linearVelocity: [vx, 0], bullet: true });
    body.addBox(0.5, 0.5, { density, restitution: 0.4, friction: 0.3 });
    return body;
  };
  const bodies = [make(-3, 0, 5, 1), make(0, 0.3, -1, 3), make(3, -0.2, -4, 0.5)];
  const sum = (): number[] => [
    bodies.reduce((total, b) => total + b.mass * b.vx, 0),
    bodies.reduce((total, b) => total + b.mass * b.vy, 0),
    bodies.reduce((total, b) => total + b.inertia * b.omega + b.mass * (b.centerX * b.vy - b.centerY * b.vx), 0),
  ];
  const start = sum();
  for (let k = 0; k < 100; k++) world.step(STEP);
  const end = sum();
  near(end[0]!, start[0]!, 1e-4, 'momentum along x');
  near(end[1]!, start[1]!, 1e-4, 'momentum along y');
  near(end[2]!, start[2]!, 0.02, 'angular momentum');
  assert.ok(
    bodies.some((b) => Math.abs(b.omega) > 0.01),
    'nothing collided',
  );
});

/** Energy that a pendulum on a joint lost in 2 s, J of the 3.14 J that it swings with. */
function pendulumLoss(stepsPerSecond: number): number {
  const world = new World({ gravity: [0, -10] });
  const post = world.createBody();
  const bob = world.createBody({ type: 'dynamic', position: [1, 0] });
  bob.addCircle(0.1, { density: 10 });
  world.createRevoluteJoint({ bodyA: post, bodyB: bob, localAnchorB: [-1, 0] });
  for (let k = 0; k < 2 * stepsPerSecond; k++) {
    world.step(1 / stepsPerSecond);
    near(Math.sqrt(bob.x * bob.x + bob.y * bob.y), 1, 0.01, 'length');
  }
  return -(
    bob.mass * 10 * bob.y +
    (bob.mass * (bob.vx * bob.vx + bob.vy * bob.vy) + bob.inertia * bob.omega * bob.omega) / 2
  );
}

test('a pendulum on a joint keeps its length; its energy is lost in proportion to the step', () => {
  const coarse = pendulumLoss(500);
  const fine = pendulumLoss(1000);
  assert.ok(Math.abs(coarse) < 0.03 * Math.PI, `lost ${coarse} J`);
  near(fine / coarse, 0.5, 0.1, 'loss at half the step');
});

test('a motor turns at its speed within its torque, and limits hold', () => {
  const world = new World({ gravity: [0, 0] });
  const post = world.createBody();
  const wheel = world.createBody({ type: 'dynamic' });
  wheel.addCircle(0.5, { density: 1 });
  const joint = world.createRevoluteJoint({
    bodyA: post,
    bodyB: wheel,
    enableMotor: true,
    motorSpeed: 5,
    maxMotorTorque: 0.1,
  });
  world.step(STEP);
  near(joint.speed, (0.1 / wheel.inertia) * STEP, 1e-5, 'speed after one step of the largest torque');
  for (let k = 0; k < 300; k++) world.step(STEP);
  near(joint.speed, 5, 1e-4, 'speed');
  joint.enableLimit = true;
  joint.upperAngle = joint.angle + 1;
  joint.lowerAngle = -1;
  for (let k = 0; k < 100; k++) world.step(STEP);
  near(joint.angle, joint.upperAngle, 0.05, 'angle at the limit');
});

test('a fast small body does not fall through an edge', () => {
  const world = new World({ gravity: [0, 0] });
  world.createBody().addEdge([-10, 0], [10, 0]);
  const shot = world.createBody({ type: 'dynamic', position: [0, 3], linearVelocity: [0, -90] });
  shot.addCircle(0.05, { density: 1 });
  for (let k = 0; k < 20; k++) world.step(STEP);
  assert.ok(shot.y > 0, `it is at ${shot.y}`);
});

test('a box glides over the joints of a terrain whose edges know each other', () => {
  const world = new World({ gravity: [0, -10] });
  world.createBody().addTerrain(
    Array.from({ length: 60 }, (_, i): [number, number] => [i - 30, 0]),
    { friction: 0 },
  );
  const box = world.createBody({ type: 'dynamic', position: [-20, 0.52], linearVelocity: [8, 0] });
  box.addBox(0.5, 0.5, { density: 1, friction: 0 });
  for (let k = 0; k < 150; k++) world.step(STEP);
  near(box.vx, 8, 1e-3, 'speed');
  near(box.angle, 0, 1e-3, 'angle');
});

test('sensors report what enters and leaves and push nothing', () => {
  const world = new World({ gravity: [0, 0] });
  const gate = world.createBody().addBox(1, 1, { sensor: true });
  const body = world.createBody({ type: 'dynamic', position: [-4, 0], linearVelocity: [4, 0] });
  const shape = body.addBox(0.2, 0.2, { density: 1 });
  const seen: [number, boolean][] = [];
  for (let k = 0; k < 120; k++) {
    world.step(STEP);
    for (let i = 0; i < world.eventCount; i++) {
      assert.is(world.eventFixtureA(i), gate);
      assert.is(world.eventFixtureB(i), shape);
      seen.push([k, world.eventBegins(i)]);
    }
  }
  assert.equal(
    seen.map(([, begins]) => begins),
    [true, false],
  );
  near(body.vx, 4, 1e-6, 'speed');
});

test('rays find the nearest shape of their categories', () => {
  const world = new World();
  const ground = world.createBody();
  ground.addEdge([0, 0], [10, 0], { categoryBits: 1 });
  world.createBody({ position: [5, 4] }).addBox(1, 1, { categoryBits: 2 });
  world.createBody({ position: [5, 8] }).addCircle(1, { categoryBits: 4 });
  near(world.rayCast(5, 10, 5, -10, 1), 0.5, 1e-6, 'ground');
  near(world.rayCast(5, 10, 5, -10, 2), 0.25, 1e-6, 'box');
  near(world.rayCast(5, 10, 5, -10), 0.05, 1e-6, 'circle');
  assert.is(world.rayFixture?.kind, 'circle');
  assert.is(world.rayCast(0, 20, 10, 20), 1);
  assert.is(world.rayFixture, null);
});

test('worlds that grow, are emptied and live beside others keep their bits', () => {
  const run = (): string => {
    const world = new World({ gravity: [0, -10] });
    world.createBody().addEdge([-50, 0], [50, 0]);
    for (let i = 0; i < 40; i++) {
      world
        .createBody({ type: 'dynamic', position: [(i % 8) - 4, 1 + Math.floor(i / 8)] })
        .addBox(0.45, 0.45, { density: 1 });
    }
    for (let k = 0; k < 100; k++) world.step(STEP, 20, 5);
    return world.bodies.map((b) => `${b.x},${b.y},${b.angle}`).join(';');
  };
  const first = run();
  const others = Array.from({ length: 50 }, () => new World());
  assert.is(run(), first);
  assert.is(others.length, 50);
  const world = new World({ gravity: [0, -10] });
  const once = (): number[] => {
    world.clear();
    world.createBody().addEdge([-5, 0], [5, 0]);
    const box = world.createBody({ type: 'dynamic', position: [0, 2], angle: 0.5 });
    box.addBox(0.5, 0.3, { density: 1 });
    for (let k = 0; k < 80; k++) world.step(STEP);
    return [box.x, box.y, box.angle];
  };
  assert.equal(once(), once());
});

test('a crowd in which everything meets everything has its contacts', () => {
  const world = new World({ gravity: [0, 0] });
  for (let i = 0; i < 150; i++) {
    world.createBody({ type: 'dynamic', position: [i / 1000, 0] }).addCircle(1, { density: 1, sensor: true });
  }
  const beside = new World({ gravity: [0, -10] });
  const falling = beside.createBody({ type: 'dynamic' });
  falling.addCircle(1, { density: 1 });
  world.step(STEP);
  assert.is(world.eventCount, (150 * 149) / 2);
  beside.step(STEP);
  near(falling.vy, -0.2, 1e-6, 'velocity in the world beside');
});

test('sine and cosine are within a unit in the last place of the exact ones', () => {
  const { solver } = solverMemory();
  for (let i = -20000; i <= 20000; i++) {
    const x = Math.fround(i * 0.00371);
    assert.ok(Math.abs(solver.sineOf(x) - Math.sin(x)) < 6.1e-8, `sine of ${x}`);
    assert.ok(Math.abs(solver.cosineOf(x) - Math.cos(x)) < 6.1e-8, `cosine of ${x}`);
  }
});

test("sine and cosine of small and of large angles are glibc's, which Box2D calls", () => {
  const { solver } = solverMemory();
  // Angle, sinf and cosf.
  const known = [
    [-27.79494857788086, -0.46123385429382324, -0.8872786164283752],
    [5.4181084632873535, -0.7611451148986816, 0.6485816240310669],
    [-100.05157470703125, 0.46123820543289185, 0.8872763514518738],
    [0.8432124257087708, 0.746783435344696, 0.6650672554969788],
    [-327064.875, 0.05295514687895775, 0.9985969066619873],
    [515474.09375, 0.9999999403953552, -0.0003526599321048707],
    [-464441.1875, -0.6411254405975342, 0.7674360871315002],
    [-311622.5, -0.9975011944770813, -0.0706498846411705],
    [-345509.21875, 0.00030084812897257507, -0.9999999403953552],
    [345172.90625, -0.16108037531375885, 0.9869412779808044],
    [21645162971136, -0.30755704641342163, 0.9515296220779419],
    [-39367092, -0.9731659293174744, -0.23010455071926117],
    [3.978638495172055e25, 0.9924054741859436, 0.12300977855920792],
  ] as const;
  for (const [x, sine, cosine] of known) {
    assert.is(solver.sineOf(x), sine, `sine of ${x}`);
    assert.is(solver.cosineOf(x), cosine, `cosine of ${x}`);
  }
});

test('the two descriptions of a block agree', () => {
  const source = readFileSync(new URL('../../../src/physics/assembly/layout.ts', import.meta.url), 'utf8');
  const words = (name: string): string[] => {
    const text = source.match(new RegExp(`class ${name} \\{([\\s\\S]*?)\\n\\}`))![1]!;
    return [...text.matchAll(/^ {2}(\w+): \w+;/gm)].map((match) => match[1]!);
  };
  const check = (name: string, table: Record<string, number>, length?: number): void => {
    const fields = words(name);
    for (const [field, at] of Object.entries(table)) assert.is(fields[at], field, `${name}.${field}`);
    if (length !== undefined) assert.is(fields.length, length, name);
  };
  check('World', layout.HEADER);
  check('Body', layout.BODY, layout.BODY_WORDS);
  check('Fixture', layout.FIXTURE, layout.FIXTURE_WORDS);
  check('Joint', layout.JOINT, layout.JOINT_WORDS);
  assert.is(words('Contact').length, layout.CONTACT_WORDS);
});

test('misuse is told', () => {
  const world = new World();
  const body = world.createBody();
  const other = new World().createBody();
  const cases: [() => unknown, string, RegExp][] = [
    [() => new World({ gravity: [0, Number.NaN] }), 'INVALID_WORLD', /two finite numbers/],
    [() => new World({ tolerance: -1 }), 'INVALID_WORLD', /tolerance from 0 to 1/],
    [() => world.step(0), 'INVALID_WORLD', /0 < dt <= 1 s/],
    [() => world.createBody({ type: 'solid' as 'static' }), 'INVALID_BODY', /static, kinematic or dynamic, got solid/],
    [() => world.createBody({ position: [0, Number.POSITIVE_INFINITY] }), 'INVALID_BODY', /y to be a finite number/],
    [() => body.addBox(0, 1), 'INVALID_BODY', /positive extents/],
    [() => body.addCircle(-1), 'INVALID_BODY', /positive radius/],
    [
      () =>
        body.addPolygon([
          [0, 0],
          [1, 0],
        ]),
      'INVALID_BODY',
      /3 to 16 corners, got 2/,
    ],
    [
      () =>
        body.addPolygon([
          [0, 0],
          [1, 0],
          [2, 0],
        ]),
      'INVALID_BODY',
      /an area/,
    ],
    [() => body.addBox(1, 1, { density: -1 }), 'INVALID_BODY', /at least 0/],
    [
      () => world.createRevoluteJoint({ bodyA: body, bodyB: other }),
      'INVALID_JOINT',
      /two different bodies of this world/,
    ],
    [() => world.createRevoluteJoint({ bodyA: body, bodyB: body }), 'INVALID_JOINT', /two different bodies/],
    [() => world.restore(new World().save()), 'INVALID_SNAPSHOT', /Build the world as it was/],
  ];
  for (const [call, code, text] of cases) throwsError(call, { code, says: [text] });
  assert.is(body.fixtures.length, 0);
  body.addBox(1, 1);
  world.step(STEP);
});

test.run();
