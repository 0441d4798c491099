/**
 * The car: a hull and four wheels on revolute joints, seen from above, with Gymnasium's tyres (`car_dynamics.py`): a wheel rolls on
 * its own, and a force that grows with its slip, up to a limit, pulls it and the car together.
 *
 * Arithmetic is float64 around the float32 physics, in the original's order.
 */
import type { Body, RevoluteJoint, World } from '../../src/physics/index.js';
import { CAR_SIZE, CONSTANTS, HULL_POLYGONS, WHEEL_POSITIONS } from './constants.js';

const ENGINE_POWER = CONSTANTS.ENGINE_POWER.value;
const INERTIA = CONSTANTS.WHEEL_MOMENT_OF_INERTIA.value;
const FRICTION_LIMIT = CONSTANTS.FRICTION_LIMIT.value;
const GRASS_LIMIT = FRICTION_LIMIT * CONSTANTS.GRASS_FRICTION.value;
const STIFFNESS = CONSTANTS.SLIP_STIFFNESS.value;
const BRAKE_FORCE = CONSTANTS.BRAKE_FORCE.value;
const BRAKE_LOCK = CONSTANTS.BRAKE_LOCK.value;
const GAS_RAMP = CONSTANTS.GAS_RAMP.value;
const STEER_GAIN = CONSTANTS.STEER_GAIN.value;
const STEER_RATE = CONSTANTS.STEER_RATE.value;
const STEER_LIMIT = CONSTANTS.STEER_LIMIT.value;
const STEER_TORQUE = CONSTANTS.STEER_TORQUE.value;
const RADIUS = CONSTANTS.WHEEL_RADIUS.value;

const scaled = (points: readonly (readonly [number, number])[]): [number, number][] =>
  points.map(([x, y]) => [x * CAR_SIZE, y * CAR_SIZE]);
const HULL = HULL_POLYGONS.map(scaled);
const WHEEL = scaled([
  [-14, 27],
  [14, 27],
  [14, -27],
  [-14, -27],
]);
/** Category of a wheel's shape, and what it touches: tiles, not the hull's kind. */
const WHEEL_CATEGORY = 0x20;
const WHEEL_MASK = 0x1;

/** A wheel: its controls, its rolling and what it stands on. */
export class Wheel {
  /** Gas that has come so far, 0 to 1. */
  gas = 0;
  brake = 0;
  /** Wanted angle, rad, positive to the left. */
  steer = 0;
  /** How far it has turned, rad. */
  phase = 0;
  /** Rolling speed, rad/s. */
  omega = 0;
  /** Tiles that it touches; none is grass. */
  tiles = 0;
  /** Whether its tyre was far beyond its limit in the last step, which leaves a mark. */
  skids = false;

  constructor(
    readonly body: Body,
    readonly joint: RevoluteJoint,
  ) {}
}

/** A car in a world. */
export class Car {
  readonly hull: Body;
  /** Front left, front right, rear left, rear right. */
  readonly wheels: readonly Wheel[];
  /** The hull, then the wheels. */
  readonly bodies: readonly Body[];

  /** At `(x, y)`, m, with its nose along `angle`, rad from +y. The joints turn the wheels into place in the first steps, as in the original. */
  constructor(world: World, angle: number, x: number, y: number) {
    this.hull = world.createBody({ type: 'dynamic', position: [x, y], angle });
    for (const polygon of HULL) this.hull.addPolygon(polygon, { density: 1 });
    this.wheels = WHEEL_POSITIONS.map(([wx, wy]) => {
      const body = world.createBody({
        type: 'dynamic',
        position: [x + wx * CAR_SIZE, y + wy * CAR_SIZE],
        angle,
      });
      body.addPolygon(WHEEL, { density: 0.1, categoryBits: WHEEL_CATEGORY, maskBits: WHEEL_MASK });
      const joint = world.createRevoluteJoint({
        bodyA: this.hull,
        bodyB: body,
        localAnchorA: [wx * CAR_SIZE, wy * CAR_SIZE],
        localAnchorB: [0, 0],
        referenceAngle: 0,
        enableMotor: true,
        enableLimit: true,
        maxMotorTorque: STEER_TORQUE,
        motorSpeed: 0,
        lowerAngle: -STEER_LIMIT,
        upperAngle: STEER_LIMIT,
      });
      return new Wheel(body, joint);
    });
    this.bodies = [this.hull, ...this.wheels.map(({ body }) => body)];
  }

  /** Gas for the rear wheels, clipped to 0 .. 1; it comes gradually and goes at once. */
  gas(amount: number): void {
    const wanted = amount < 0 ? 0 : amount > 1 ? 1 : amount;
    for (let k = 2; k < 4; k++) {
      const wheel = this.wheels[k]!;
      const rise = wanted - wheel.gas;
      wheel.gas += rise > GAS_RAMP ? GAS_RAMP : rise;
    }
  }

  /** Brake on all wheels, 0 to 1; from 0.9 on they stand still. */
  brake(amount: number): void {
    for (let k = 0; k < 4; k++) this.wheels[k]!.brake = amount;
  }

  /** Wanted angle of the front wheels, rad, positive to the left; they take time to get there. */
  steer(angle: number): void {
    this.wheels[0]!.steer = angle;
    this.wheels[1]!.steer = angle;
  }

  /** Rolls the wheels on and sets the forces of the world's next step of `dt` seconds. */
  step(dt: number): void {
    for (let k = 0; k < 4; k++) stepWheel(this.wheels[k]!, dt);
  }
}

function stepWheel(wheel: Wheel, dt: number): void {
  const { body, joint } = wheel;
  const off = wheel.steer - joint.angle;
  joint.motorSpeed = Math.sign(off) * Math.min(STEER_GAIN * Math.abs(off), STEER_RATE);

  const limit = wheel.tiles > 0 ? FRICTION_LIMIT : GRASS_LIMIT;
  const forwardX = body.worldVectorX(0, 1);
  const forwardY = body.worldVectorY(0, 1);
  const sideX = body.worldVectorX(1, 0);
  const sideY = body.worldVectorY(1, 0);
  const { vx, vy } = body;
  const forward = forwardX * vx + forwardY * vy;
  const sideways = sideX * vx + sideY * vy;

  // Power over speed; 5 rad/s more, so that it starts from rest.
  wheel.omega += (dt * ENGINE_POWER * wheel.gas) / INERTIA / (Math.abs(wheel.omega) + 5);
  if (wheel.brake >= BRAKE_LOCK) {
    wheel.omega = 0;
  } else if (wheel.brake > 0) {
    let change = BRAKE_FORCE * wheel.brake;
    if (Math.abs(change) > Math.abs(wheel.omega)) change = Math.abs(wheel.omega);
    wheel.omega += -Math.sign(wheel.omega) * change;
  }
  wheel.phase += wheel.omega * dt;

  let along = (-forward + wheel.omega * RADIUS) * STIFFNESS;
  let across = -sideways * STIFFNESS;
  const force = Math.sqrt(along * along + across * across);
  wheel.skids = force > 2 * limit;
  if (force > limit) {
    along = (along / force) * limit;
    across = (across / force) * limit;
  }
  wheel.omega -= (dt * along * RADIUS) / INERTIA;
  body.applyForceToCenter(across * sideX + along * forwardX, across * sideY + along * forwardY);
}
