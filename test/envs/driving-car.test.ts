import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Car, WHEELBASE } from '../../envs/driving/car.js';
import { CONSTANTS } from '../../envs/driving/constants.js';

const STEP = CONSTANTS.PHYSICS_STEP.value;
const GRAVITY = CONSTANTS.GRAVITY.value;
const GRIP = CONSTANTS.GRIP.value;
const MASS = CONSTANTS.CAR_MASS.value;

function near(actual: number, expected: number, relative: number, what: string): void {
  assert.ok(Math.abs(actual / expected - 1) <= relative, `${what}: expected ${expected}, got ${actual}`);
}

test('a coasting car slows down by air and rolling resistance', () => {
  const car = new Car({ x: 0, y: 0, angle: 0.7, speed: 25 });
  const seconds = 20;
  for (let k = 0; k < seconds / STEP; k++) car.step(0, 0);
  // v' = -(a + b v^2), so v(t) = sqrt(a / b) tan(atan(v0 sqrt(b / a)) - sqrt(a b) t)
  const a = CONSTANTS.ROLLING.value * GRAVITY;
  const b = CONSTANTS.DRAG.value / MASS;
  const expected = Math.sqrt(a / b) * Math.tan(Math.atan(25 * Math.sqrt(b / a)) - Math.sqrt(a * b) * seconds);
  near(car.forward, expected, 2e-3, 'speed');
  assert.ok(Math.abs(car.body.y / car.body.x - Math.tan(0.7)) < 1e-9, 'it rolls straight on');
});

test('full braking stops within the distance that the grip allows, and stays', () => {
  for (const grip of [0.4, 0.8]) {
    const car = new Car({ x: 0, y: 0, angle: 0, speed: 20, grip });
    for (let k = 0; k < 10 / STEP; k++) {
      car.step(0, -1);
      assert.ok(car.forward > -1e-6, `it never rolls backwards: ${car.forward} m/s`);
    }
    // Drag and rolling resistance help: subtract their share at full speed and at rest.
    const longest = (20 * 20) / (2 * grip * GRAVITY);
    const helped =
      (20 * 20) / (2 * (grip * GRAVITY + CONSTANTS.ROLLING.value * GRAVITY + (CONSTANTS.DRAG.value * 400) / MASS));
    const slack = 20 * STEP;
    assert.ok(car.body.x <= longest && car.body.x >= helped - slack, `${helped} <= ${car.body.x} <= ${longest}`);
    assert.ok(Math.abs(car.forward) < 1e-6, 'it stands');
    const { x } = car.body;
    for (let k = 0; k < 50; k++) car.step(0.5, -1);
    assert.ok(Math.abs(car.body.x - x) < 1e-6, 'it stays');
  }
});

test('full throttle accelerates by force, then by power, and ends where drag takes all of it', () => {
  const car = new Car({ x: 0, y: 0, angle: 0 });
  for (let k = 0; k < 1 / STEP; k++) car.step(0, 1);
  const first = CONSTANTS.DRIVE_FORCE.value / MASS - CONSTANTS.ROLLING.value * GRAVITY;
  near(car.forward, first, 0.01, 'speed after a second');
  for (let k = 0; k < 200 / STEP; k++) car.step(0, 1);
  const v = car.forward;
  const resistance = CONSTANTS.DRAG.value * v * v + CONSTANTS.ROLLING.value * MASS * GRAVITY;
  near(resistance * v, CONSTANTS.DRIVE_POWER.value, 1e-3, 'power at top speed');
});

test('a car in a steady bend turns on the radius of its steering angle, and no tighter than its grip', () => {
  const hold = (steer: number, speed: number): Car => {
    const car = new Car({ x: 0, y: 0, angle: 0, speed });
    for (let k = 0; k < 15 / STEP; k++) car.step(steer, Math.max(-1, Math.min(1, speed - car.forward)));
    return car;
  };
  for (const [steer, speed] of [
    [0.1, 5],
    [0.2, 7],
    [-0.3, 6],
  ] as const) {
    const car = hold(steer, speed);
    // Equal slip angles at both axles: the radius of the wheels' geometry.
    const radius = WHEELBASE / Math.tan(steer * CONSTANTS.STEER_LIMIT.value);
    near(car.forward / car.body.omega, radius, 0.03, `radius at steer ${steer}`);
  }
  const sliding = hold(1, 14);
  const speed = Math.hypot(sliding.forward, sliding.sideways);
  assert.ok(
    Math.abs(speed * sliding.body.omega) <= GRIP * GRAVITY * 1.02,
    `lateral acceleration ${speed * sliding.body.omega}`,
  );
});

test('no axle ever transmits more than its friction circle, and the energy of a car without drive never grows', () => {
  const share = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(share, share), { minLength: 1, maxLength: 80 }),
      fc.double({ min: 0, max: 35, noNaN: true }),
      fc.double({ min: 0.2, max: 1.5, noNaN: true }),
      fc.double({ min: 600, max: 2000, noNaN: true }),
      (actions, speed, grip, mass) => {
        const car = new Car({ x: 0, y: 0, angle: 0, speed, grip, mass });
        let energy = 0.5 * mass * speed * speed;
        for (const [steer, drive] of actions) {
          car.step(steer, drive);
          assert.ok(car.frontForce <= car.frontLimit * (1 + 1e-12));
          assert.ok(car.rearForce <= car.rearLimit * (1 + 1e-12));
          assert.ok(Math.abs(car.steer) <= CONSTANTS.STEER_LIMIT.value + 1e-12);
          const { vx, vy, omega, inertia } = car.body;
          const now = 0.5 * (mass * (vx * vx + vy * vy) + inertia * omega * omega);
          const worked = drive > 0 ? CONSTANTS.DRIVE_FORCE.value * (car.forward + 3) * STEP : 0;
          // Explicit forces on a turning car: a step may err by a small share.
          assert.ok(now <= energy * 1.02 + Math.max(0, worked) + 50, `energy ${energy} became ${now}`);
          energy = now;
        }
      },
    ),
  );
});

test('the front wheels turn at their rate, not at once', () => {
  const car = new Car({ x: 0, y: 0, angle: 0 });
  car.step(1, 0);
  near(car.steer, CONSTANTS.STEER_RATE.value * STEP, 1e-12, 'angle after one step');
  for (let k = 0; k < 100; k++) car.step(1, 0);
  near(car.steer, CONSTANTS.STEER_LIMIT.value, 1e-12, 'angle in the end');
});

test.run();
