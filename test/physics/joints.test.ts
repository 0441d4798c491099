/** Joints against closed forms: sliders, springs, rods and welds, joints that are destroyed, snapshots and misuse. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Body,
  type Joint,
  PrismaticJoint,
  type PrismaticJointOptions,
  RevoluteJoint,
  World,
} from '../../src/physics/index.js';
import { throwsError } from '../support/misuse.js';

const STEP = 1 / 50;

function near(got: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(got - expected) <= tolerance, `${what}: expected ${expected} +- ${tolerance}, got ${got}`);
}

/** A post at the origin and a disc of 1 kg at a place, without a joint. */
function postAndDisc(position: readonly [number, number], gravity = 0): { world: World; post: Body; disc: Body } {
  const world = new World({ gravity: [0, -gravity] });
  const post = world.createBody();
  const disc = world.createBody({ type: 'dynamic', position, allowSleep: false });
  disc.addCircle(0.5, { density: 1 / (Math.PI * 0.25) });
  near(disc.mass, 1, 1e-6, 'mass');
  return { world, post, disc };
}

function slider(
  options: Partial<PrismaticJointOptions>,
  gravity = 0,
): { world: World; disc: Body; joint: PrismaticJoint } {
  const { world, post, disc } = postAndDisc([0, 0], gravity);
  return { world, disc, joint: world.createPrismaticJoint({ bodyA: post, bodyB: disc, ...options }) };
}

test('a slider falls along its axis by the slope and does not turn', () => {
  const slope = 0.5;
  const { world, disc, joint } = slider({ localAxisA: [3 * Math.cos(slope), -3 * Math.sin(slope)] }, 10);
  for (let k = 0; k < 50; k++) world.step(STEP);
  const acceleration = 10 * Math.sin(slope);
  near(joint.speed, acceleration, 1e-4, 'speed after 1 s');
  // Velocities first, then positions.
  near(joint.translation, (acceleration * (1 + STEP)) / 2, 1e-4, 'way');
  near(disc.x, joint.translation * Math.cos(slope), 1e-4, 'x');
  near(disc.y, -joint.translation * Math.sin(slope), 1e-4, 'y');
  near(disc.angle, 0, 1e-6, 'angle');
});

test('a force beside the centre of a slider does not turn it', () => {
  const { world, disc, joint } = slider({});
  for (let k = 0; k < 50; k++) {
    disc.applyForce(2, 3, disc.x, disc.y + 0.4);
    world.step(STEP);
  }
  near(joint.speed, 2, 1e-4, 'speed after 1 s of 2 N');
  near(disc.y, 0, 1e-3, 'way across the axis');
  near(disc.angle, 0, 1e-3, 'angle');
});

test("a slider's motor pushes by its force until it has its speed", () => {
  const { world, joint } = slider({ enableMotor: true, motorSpeed: 4, maxMotorForce: 5 });
  for (let k = 1; k <= 30; k++) {
    world.step(STEP);
    near(joint.speed, 5 * k * STEP, 1e-5, `speed after step ${k}`);
  }
  for (let k = 0; k < 30; k++) world.step(STEP);
  near(joint.speed, 4, 1e-6, 'speed');
  joint.motorSpeed = -1;
  world.step(STEP);
  near(joint.speed, 4 - 5 * STEP, 1e-5, 'speed after it was turned round');
});

test("a slider's motor holds a weight that its force can hold, and no heavier one", () => {
  for (const [force, holds] of [
    [10.1, true],
    [9.5, false],
  ] as const) {
    const { world, joint } = slider({ localAxisA: [0, 1], enableMotor: true, maxMotorForce: force }, 10);
    for (let k = 0; k < 50; k++) world.step(STEP);
    near(joint.speed, holds ? 0 : force - 10, 1e-4, `speed at ${force} N`);
  }
});

test('limits stop a slider on both sides, and a slider whose limits are equal stays', () => {
  const { world, joint } = slider({
    enableLimit: true,
    lowerTranslation: -0.5,
    upperTranslation: 1.5,
    enableMotor: true,
    motorSpeed: 3,
    maxMotorForce: 20,
  });
  for (let k = 0; k < 100; k++) {
    world.step(STEP);
    // One step's way may go beyond a limit before it is known; 0.005 m of slop is Box2D's.
    assert.ok(joint.translation < 1.5 + 0.0051, `it is at ${joint.translation} m`);
  }
  near(joint.translation, 1.5, 0.0051, 'translation at the upper limit');
  near(joint.speed, 0, 1e-4, 'speed at the upper limit');
  joint.motorSpeed = -3;
  for (let k = 0; k < 100; k++) world.step(STEP);
  near(joint.translation, -0.5, 0.0051, 'translation at the lower limit');
  joint.enableLimit = false;
  for (let k = 0; k < 50; k++) world.step(STEP);
  // 20 m/s^2 up to 3 m/s, then at that speed.
  near(joint.translation, -0.5 - 3 + (3 * 3) / 20 / 2, 0.04, 'translation without limits');
  joint.lowerTranslation = 0;
  joint.upperTranslation = 0;
  joint.enableLimit = true;
  for (let k = 0; k < 100; k++) world.step(STEP);
  near(joint.translation, 0, 0.0051, 'translation at equal limits');
});

test('two bodies on a slider that spin fly apart as their angular momentum says', () => {
  const world = new World({ gravity: [0, 0] });
  const [base, rider] = [-0.5, 0.5].map((x) => {
    const body = world.createBody({ type: 'dynamic', position: [x, 0], linearVelocity: [0, x], angularVelocity: 1 });
    body.addBox(0.3, 0.3, { density: 1 });
    return body;
  });
  const joint = world.createPrismaticJoint({ bodyA: base!, bodyB: rider!, localAnchorA: [1, 0] });
  for (let k = 0; k < 400; k++) {
    world.step(STEP / 4);
    near(rider!.angle - base!.angle, 0, 0.01, 'angle between the two');
    const across = (rider!.y - base!.y) * Math.cos(base!.angle) - (rider!.x - base!.x) * Math.sin(base!.angle);
    near(across, 0, 0.01, 'way across the axis');
  }
  // Their distance r: r'' = omega^2 r, and omega by the angular momentum.
  const inertia = (r: number): number => 2 * base!.inertia + (base!.mass * r * r) / 2;
  const h = 1e-5;
  let r = 1;
  let speed = 0;
  for (let k = 0; k < 2 / h; k++) {
    const omega = inertia(1) / inertia(r);
    speed += h * omega * omega * r;
    r += h * speed;
  }
  near(joint.translation, r - 1, 0.01 * r, 'way');
  near(joint.speed, speed, 0.02 * speed, 'speed');
  near(base!.omega, inertia(1) / inertia(r), 0.01, 'angular velocity');
});

test('a rod keeps its length, and a pendulum on it has the period of its length', () => {
  const length = 2;
  const { world, post, disc } = postAndDisc([length * Math.sin(0.1), -length * Math.cos(0.1)], 10);
  const joint = world.createDistanceJoint({ bodyA: post, bodyB: disc });
  near(joint.length, length, 1e-6, 'length by default');
  const crossings: number[] = [];
  for (let k = 1; k <= 3000; k++) {
    const before = disc.x;
    world.step(1 / 500);
    near(Math.sqrt(disc.x * disc.x + disc.y * disc.y), length, 0.006, 'length');
    if (before < 0 !== disc.x < 0) crossings.push(k / 500);
  }
  // A disc at the end of a rod does not turn with it: a point of mass.
  near(crossings[2]! - crossings[0]!, 2 * Math.PI * Math.sqrt(length / 10), 0.02, 'period');
});

/** Extremes of a spring of 1 Hz at which a disc hangs 0.5 m beyond its rest, in m from the rest, with their times in s. */
function swings(dampingRatio: number): { time: number; way: number }[] {
  const { world, post, disc } = postAndDisc([0, -2.5]);
  world.createDistanceJoint({ bodyA: post, bodyB: disc, length: 2, frequencyHz: 1, dampingRatio });
  const found = [];
  for (let k = 1; k <= 6000; k++) {
    const before = disc.vy;
    world.step(1 / 2000);
    if (k > 1 && before < 0 !== disc.vy < 0) found.push({ time: k / 2000, way: -2 - disc.y });
  }
  return found;
}

test('a spring swings at its frequency and loses by its damping', () => {
  // Without damping it swings 0.5 m about its rest, less what implicit Euler loses in a small step.
  const free = swings(0);
  near(free[1]!.time - free[0]!.time, 0.5, 0.002, 'half a period');
  near(free[0]!.way, -0.5, 0.01, 'first extreme');
  const ratio = 0.2;
  const damped = swings(ratio);
  const root = Math.sqrt(1 - ratio * ratio);
  near(damped[1]!.time - damped[0]!.time, 0.5 / root, 0.005, 'half a period with damping');
  near(-damped[1]!.way / damped[0]!.way, Math.exp((-Math.PI * ratio) / root), 0.01, 'loss in half a period');
  assert.equal(swings(1.05), [], 'a critically damped spring does not swing');
});

test('a weight stretches a spring by its force over the stiffness', () => {
  const { world, post, disc } = postAndDisc([0, -2], 10);
  world.createDistanceJoint({ bodyA: post, bodyB: disc, length: 2, frequencyHz: 2, dampingRatio: 1 });
  for (let k = 0; k < 300; k++) world.step(STEP);
  near(disc.y, -2 - 10 / (4 * Math.PI) ** 2, 1e-4, 'height at rest');
});

test('a weld keeps place and angle, and two welded bodies move as one', () => {
  const { world, post, disc } = postAndDisc([1, 0], 10);
  world.createWeldJoint({ bodyA: post, bodyB: disc, localAnchorA: [1, 0] });
  for (let k = 0; k < 100; k++) world.step(STEP);
  near(disc.x, 1, 0.005, 'x');
  near(disc.y, 0, 0.005, 'y');
  near(disc.angle, 0, 0.002, 'angle');

  const free = new World({ gravity: [0, 0] });
  const [left, right] = [-1, 1].map((x) => {
    const body = free.createBody({ type: 'dynamic', position: [x, 0], angle: x * 0.3, allowSleep: false });
    body.addBox(0.2, 0.2, { density: 2 });
    return body;
  });
  const joint = free.createWeldJoint({ bodyA: left!, bodyB: right!, localAnchorA: [1, 0], localAnchorB: [-1, 0] });
  near(joint.referenceAngle, 0.6, 1e-6, 'reference angle by default');
  left!.applyAngularImpulse(0.1);
  const spin = 0.1;
  for (let k = 0; k < 200; k++) {
    free.step(STEP);
    near(right!.angle - left!.angle, 0.6, 0.01, 'angle between the two');
  }
  const about = (b: Body): number => b.inertia * b.omega + b.mass * (b.centerX * b.vy - b.centerY * b.vx);
  near(about(left!) + about(right!), spin, 0.002, 'angular momentum');
  near(left!.omega, right!.omega, 1e-4, 'angular velocity');
});

test('a soft weld turns back at its frequency', () => {
  const { world, post, disc } = postAndDisc([0, 0]);
  const joint = world.createWeldJoint({ bodyA: post, bodyB: disc, frequencyHz: 1 });
  disc.setTransform(0, 0, 0.5);
  const times: number[] = [];
  for (let k = 1; k <= 4000; k++) {
    const before = disc.angle;
    world.step(1 / 2000);
    if (before < 0 !== disc.angle < 0) times.push(k / 2000);
  }
  near(times[0]!, 0.25, 0.002, 'first crossing');
  near(times[2]! - times[0]!, 1, 0.004, 'period');
  joint.dampingRatio = 1;
  for (let k = 0; k < 4000; k++) world.step(1 / 2000);
  near(disc.angle, 0, 1e-3, 'angle in the end');
});

/** A cart with a piston, a sprung wheel, a welded bar and a motor, on the ground. */
function machine(): World {
  const world = new World({ gravity: [0, -10] });
  world.createBody().addTerrain(
    [
      [-20, 0],
      [0, 0],
      [2, 0.3],
      [20, 0],
    ],
    { friction: 0.8 },
  );
  const part = (x: number, y: number, w: number, h: number): Body => {
    const body = world.createBody({ type: 'dynamic', position: [x, y] });
    body.addBox(w, h, { density: 1, friction: 0.5 });
    return body;
  };
  const cart = part(0, 1.5, 1, 0.2);
  const bar = part(1.5, 1.5, 0.5, 0.1);
  const piston = part(0, 2.2, 0.1, 0.4);
  const wheel = world.createBody({ type: 'dynamic', position: [-0.7, 0.6] });
  wheel.addCircle(0.4, { density: 1, friction: 1 });
  const other = world.createBody({ type: 'dynamic', position: [0.7, 0.9] });
  other.addCircle(0.4, { density: 1, friction: 1 });
  world.createWeldJoint({ bodyA: cart, bodyB: bar, localAnchorA: [1, 0], localAnchorB: [-0.5, 0], frequencyHz: 6 });
  world.createPrismaticJoint({
    bodyA: cart,
    bodyB: piston,
    localAnchorA: [0, 0.7],
    localAxisA: [0, 1],
    enableLimit: true,
    upperTranslation: 0.5,
    enableMotor: true,
    motorSpeed: 1,
    maxMotorForce: 30,
  });
  world.createDistanceJoint({ bodyA: cart, bodyB: wheel, localAnchorA: [-0.7, 0], frequencyHz: 5, dampingRatio: 0.4 });
  world.createDistanceJoint({ bodyA: cart, bodyB: wheel, localAnchorA: [0.3, 0] });
  world.createRevoluteJoint({
    bodyA: cart,
    bodyB: other,
    localAnchorA: [0.7, -0.6],
    enableMotor: true,
    motorSpeed: -5,
    maxMotorTorque: 8,
  });
  return world;
}

const stateOf = (world: World): number[][] =>
  world.bodies.map((b) => [b.x, b.y, b.angle, b.vx, b.vy, b.omega, b.awake ? 1 : 0]);

function drive(world: World, from: number, to: number): void {
  for (let k = from; k < to; k++) {
    const piston = world.joints.find((joint) => joint instanceof PrismaticJoint);
    if (piston) piston.motorSpeed = k % 40 < 20 ? 1 : -1;
    world.step(STEP);
  }
}

test('a snapshot in mid-motion goes on to the same bits, here and in a world built anew', () => {
  for (const [at, gone] of [
    [7, -1],
    [33, -1],
    [60, 1],
    [90, 0],
  ] as const) {
    const build = (): World => {
      const world = machine();
      if (gone >= 0) world.destroyJoint(world.joints[gone]!);
      return world;
    };
    const world = build();
    drive(world, 0, at);
    const snapshot = world.save();
    drive(world, at, at + 100);
    const expected = stateOf(world);
    world.restore(snapshot);
    drive(world, at, at + 100);
    assert.equal(stateOf(world), expected);
    const other = build();
    other.restore(snapshot);
    drive(other, at, at + 100);
    assert.equal(stateOf(other), expected);
    assert.equal(other.save(), world.save());
  }
});

test('a destroyed joint lets go and wakes its bodies; the others keep theirs', () => {
  const world = new World({ gravity: [0, -10] });
  const post = world.createBody();
  const hang = (x: number): Body => {
    const body = world.createBody({ type: 'dynamic', position: [x, 0] });
    body.addCircle(0.2, { density: 1 });
    return body;
  };
  const bodies = [hang(0), hang(1), hang(2)];
  const joints: Joint[] = bodies.map((bodyB, i) => world.createWeldJoint({ bodyA: post, bodyB, localAnchorA: [i, 0] }));
  for (let k = 0; k < 60; k++) world.step(STEP);
  assert.equal(
    bodies.map((body) => body.awake),
    [false, false, false],
  );
  world.destroyJoint(joints[1]!);
  assert.equal(
    bodies.map((body) => body.awake),
    [false, true, false],
  );
  assert.equal(world.joints, [joints[0], joints[2]]);
  for (let k = 0; k < 50; k++) world.step(STEP);
  near(bodies[1]!.vy, -10, 1e-4, 'velocity of the body that fell');
  near(bodies[2]!.y, 0, 0.01, 'height of one that hangs');
  // The joint that moved up is still its handle's.
  world.destroyJoint(joints[2]!);
  for (let k = 0; k < 50; k++) world.step(STEP);
  near(bodies[2]!.vy, -10, 1e-4, 'velocity of the other');
  near(bodies[0]!.y, 0, 0.01, 'height of the last one');
  // Its place is free for another.
  const again = world.createRevoluteJoint({ bodyA: post, bodyB: bodies[0]! });
  assert.equal(world.joints, [joints[0], again]);
  assert.instance(again, RevoluteJoint);
  world.destroyJoint(joints[0]!);
  world.destroyJoint(again);
  for (let k = 0; k < 50; k++) world.step(STEP);
  near(bodies[0]!.vy, -10, 1e-4, 'velocity without joints');
});

test('many joints that come and go leave the world as one that never had them', () => {
  const run = (detours: boolean): number[][] => {
    const world = new World({ gravity: [0, -10] });
    const links = Array.from({ length: 12 }, (_, i) => {
      const body = world.createBody({ type: i === 0 ? 'static' : 'dynamic', position: [i, 0] });
      body.addBox(0.4, 0.1, { density: 1 });
      return body;
    });
    for (let i = 1; i < links.length; i++) {
      const [bodyA, bodyB] = [links[i - 1]!, links[i]!];
      const spare = detours ? world.createWeldJoint({ bodyA, bodyB: links[(i + 3) % 12]! }) : null;
      world.createDistanceJoint({ bodyA, bodyB, localAnchorA: [0.4, 0], localAnchorB: [-0.4, 0] });
      if (spare) world.destroyJoint(spare);
    }
    assert.equal(
      world.joints.map((joint) => joint.index),
      world.joints.map((_, i) => i),
    );
    for (let k = 0; k < 100; k++) world.step(STEP);
    return stateOf(world);
  };
  assert.equal(run(true), run(false));
});

test('handles tell their kind and their numbers', () => {
  const world = machine();
  assert.equal(
    world.joints.map((joint) => joint.kind),
    ['weld', 'prismatic', 'distance', 'distance', 'revolute'],
  );
  assert.is(world.joints[0]!.collideConnected, false);
  const { world: next, post, disc } = postAndDisc([2, 0]);
  const slide = next.createPrismaticJoint({ bodyA: post, bodyB: disc, collideConnected: true, maxMotorForce: 2 });
  assert.is(slide.collideConnected, true);
  assert.is(slide.translation, 2);
  assert.equal([slide.enableLimit, slide.enableMotor, slide.maxMotorForce, slide.motorSpeed], [false, false, 2, 0]);
  slide.maxMotorForce = 3;
  slide.enableMotor = true;
  assert.equal([slide.maxMotorForce, slide.enableMotor], [3, true]);
  const rod = next.createDistanceJoint({ bodyA: post, bodyB: disc, frequencyHz: 0.5, dampingRatio: 0.25 });
  assert.equal([rod.length, rod.frequencyHz, rod.dampingRatio], [2, 0.5, 0.25]);
  rod.length = 1.5;
  rod.frequencyHz = 0;
  rod.dampingRatio = 0;
  assert.equal([rod.length, rod.frequencyHz, rod.dampingRatio], [1.5, 0, 0]);
});

test('misuse is told', () => {
  const world = new World();
  const bodyA = world.createBody();
  const bodyB = world.createBody();
  const stranger = new World().createBody();
  const gone = world.createWeldJoint({ bodyA, bodyB });
  const slide = world.createPrismaticJoint({ bodyA, bodyB });
  const rod = world.createDistanceJoint({ bodyA, bodyB });
  const weld = world.createWeldJoint({ bodyA, bodyB });
  const turned = world.createRevoluteJoint({ bodyA, bodyB });
  world.destroyJoint(gone);
  world.destroyJoint(turned);
  const other = new World();
  const [first, second] = [other.createBody(), other.createBody()];
  for (let i = 0; i < 3; i++) other.createDistanceJoint({ bodyA: first, bodyB: second });
  const cases: [() => unknown, string, RegExp][] = [
    [() => world.createPrismaticJoint({ bodyA, bodyB: bodyA }), 'INVALID_JOINT', /two different bodies of this world/],
    [
      () => world.createDistanceJoint({ bodyA, bodyB: stranger }),
      'INVALID_JOINT',
      /two different bodies of this world/,
    ],
    [() => world.createWeldJoint({ bodyA: stranger, bodyB }), 'INVALID_JOINT', /two different bodies of this world/],
    [
      () => world.createPrismaticJoint({ bodyA, bodyB, localAxisA: [0, 0] }),
      'INVALID_JOINT',
      /direction, got \[0, 0\]/,
    ],
    [() => world.createPrismaticJoint({ bodyA, bodyB, localAxisA: [0, Number.NaN] }), 'INVALID_BODY', /axisY/],
    [() => world.createPrismaticJoint({ bodyA, bodyB, lowerTranslation: 1 }), 'INVALID_JOINT', /got 1 and 0/],
    [() => world.createPrismaticJoint({ bodyA, bodyB, maxMotorForce: -1 }), 'INVALID_JOINT', /maxMotorForce.*got -1/],
    [() => world.createPrismaticJoint({ bodyA, bodyB, motorSpeed: Number.NaN }), 'INVALID_BODY', /motorSpeed/],
    [() => world.createRevoluteJoint({ bodyA, bodyB, lowerAngle: 1 }), 'INVALID_JOINT', /lowerAngle <= upperAngle/],
    [() => world.createDistanceJoint({ bodyA, bodyB, length: -1 }), 'INVALID_JOINT', /length to be at least 0, got -1/],
    [() => world.createDistanceJoint({ bodyA, bodyB, frequencyHz: -2 }), 'INVALID_JOINT', /frequencyHz.*got -2/],
    [() => world.createDistanceJoint({ bodyA, bodyB, localAnchorA: [Number.NaN, 0] }), 'INVALID_BODY', /NaN/],
    [() => world.createWeldJoint({ bodyA, bodyB, dampingRatio: -0.1 }), 'INVALID_JOINT', /dampingRatio.*got -0.1/],
    [() => world.createWeldJoint({ bodyA, bodyB, referenceAngle: Number.NaN }), 'INVALID_BODY', /referenceAngle/],
    [() => world.createWeldJoint({ bodyA, bodyB, localAnchorB: [0, Number.NaN] }), 'INVALID_BODY', /by to be/],
    [() => Object.assign(slide, { maxMotorForce: -1 }), 'INVALID_JOINT', /at least 0/],
    [() => Object.assign(slide, { upperTranslation: Number.NaN }), 'INVALID_BODY', /upperTranslation/],
    [() => Object.assign(rod, { length: -1 }), 'INVALID_JOINT', /length/],
    [() => Object.assign(weld, { frequencyHz: Number.NaN }), 'INVALID_BODY', /frequencyHz/],
    [() => world.destroyJoint(gone), 'INVALID_JOINT', /joint of this world/],
    [() => world.destroyJoint(other.joints[0]!), 'INVALID_JOINT', /joint of this world/],
    [() => gone.frequencyHz, 'INVALID_JOINT', /destroyed/],
    [() => turned.speed, 'INVALID_JOINT', /destroyed/],
    [
      () => world.restore(other.save()),
      'INVALID_SNAPSHOT',
      /joint 0 is a prismatic joint, got one with a distance joint/,
    ],
  ];
  for (const [call, code, text] of cases) throwsError(call, { code, says: [text] });
  assert.is(world.joints.length, 3);
  world.step(STEP);
});

test.run();
