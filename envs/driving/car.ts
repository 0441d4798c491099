/**
 * A car as one rigid body on two axles. Each axle transmits a force of at most grip times load, in any direction (the friction
 * circle); below that the lateral force grows with the slip angle. Loads do not shift, and both axles drive and brake in
 * proportion to their load.
 *
 * Body axes: x forward, y to the left. SI units.
 */
import { MatterWorld, type RigidBody } from '../../src/physics/matter-world.js';
import { CONSTANTS } from './constants.js';

const STEP = CONSTANTS.PHYSICS_STEP.value;
const GRAVITY = CONSTANTS.GRAVITY.value;
const FRONT = CONSTANTS.FRONT_AXLE.value;
const REAR = CONSTANTS.REAR_AXLE.value;
const STIFFNESS = CONSTANTS.CORNERING_STIFFNESS.value;
const STEER_LIMIT = CONSTANTS.STEER_LIMIT.value;
const STEER_STEP = CONSTANTS.STEER_RATE.value * STEP;
const DRIVE_FORCE = CONSTANTS.DRIVE_FORCE.value;
const DRIVE_POWER = CONSTANTS.DRIVE_POWER.value;
const BRAKE_FORCE = CONSTANTS.BRAKE_FORCE.value;
const DRAG = CONSTANTS.DRAG.value;
const ROLLING = CONSTANTS.ROLLING.value;
const SLIP_SPEED = CONSTANTS.SLIP_SPEED.value;

/** Distance between the axles, m. */
export const WHEELBASE: number = FRONT + REAR;

/** Where a car starts and what is special about it. */
export interface CarOptions {
  /** Centre of mass, m. */
  readonly x: number;
  readonly y: number;
  /** Heading, rad. */
  readonly angle: number;
  /** Forward speed, m/s; at rest by default. */
  readonly speed?: number;
  /** Friction coefficient. */
  readonly grip?: number;
  /** kg. */
  readonly mass?: number;
}

/** A car in a world of its own. A new one is made for every episode: the world is never rewound. */
export class Car {
  readonly body: RigidBody;
  /** Friction coefficient. */
  readonly grip: number;
  /** kg. */
  readonly mass: number;
  /** Angle of the front wheels, rad, positive to the left. */
  steer = 0;
  /** Forward velocity, m/s, of the present state. */
  forward = 0;
  /** Velocity to the left, m/s, of the present state. */
  sideways = 0;
  /** Force between tyres and road in the last physics step, N. */
  frontForce = 0;
  rearForce = 0;
  /** Largest such force: grip times load, N. */
  readonly frontLimit: number;
  readonly rearLimit: number;
  readonly #world: MatterWorld;
  readonly #frontShare: number;
  readonly #rearShare: number;

  constructor(options: CarOptions) {
    const { x, y, angle, speed = 0 } = options;
    this.grip = options.grip ?? CONSTANTS.GRIP.value;
    this.mass = options.mass ?? CONSTANTS.CAR_MASS.value;
    this.#world = new MatterWorld({ timeStep: STEP });
    this.body = this.#world.addBox({
      x,
      y,
      angle,
      vx: speed * Math.cos(angle),
      vy: speed * Math.sin(angle),
      length: CONSTANTS.CAR_LENGTH.value,
      width: CONSTANTS.CAR_WIDTH.value,
      mass: this.mass,
      // Close to measured cars; it makes the axles independent: a force at one does not move the other sideways.
      inertia: this.mass * FRONT * REAR,
    });
    this.#frontShare = REAR / WHEELBASE;
    this.#rearShare = FRONT / WHEELBASE;
    this.frontLimit = this.grip * this.mass * GRAVITY * this.#frontShare;
    this.rearLimit = this.grip * this.mass * GRAVITY * this.#rearShare;
    this.forward = speed;
  }

  /** Seconds since the car was made. */
  get time(): number {
    return this.#world.time;
  }

  /** All numbers that a step depends on or leaves behind, for `restore`. */
  save(): number[] {
    return [...this.#world.save(), this.steer, this.forward, this.sideways, this.frontForce, this.rearForce];
  }

  /** Goes back to what `save` gave, of a car of the same grip and mass. */
  restore(numbers: readonly number[]): void {
    const own = numbers.length - 5;
    this.#world.restore(numbers.slice(0, own));
    [this.steer, this.forward, this.sideways, this.frontForce, this.rearForce] = numbers.slice(own) as [
      number,
      number,
      number,
      number,
      number,
    ];
  }

  /**
   * Advances one physics step.
   * @param steer - wanted share of the largest steering angle, -1 (right) to 1 (left).
   * @param drive - share of the largest driving force, 0 to 1, or of the largest braking force, 0 to -1.
   */
  step(steer: number, drive: number): void {
    const { body, mass } = this;
    const angle = body.angle;
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    const worldX = body.vx;
    const worldY = body.vy;
    const vx = worldX * c + worldY * s;
    const vy = worldY * c - worldX * s;
    const omega = body.omega;

    const turn = steer * STEER_LIMIT - this.steer;
    this.steer += turn > STEER_STEP ? STEER_STEP : Math.max(turn, -STEER_STEP);
    const wheelC = Math.cos(this.steer);
    const wheelS = Math.sin(this.steer);

    // Velocities of the axles along and across their wheels.
    const frontY = vy + FRONT * omega;
    const frontAlong = vx * wheelC + frontY * wheelS;
    const frontAcross = frontY * wheelC - vx * wheelS;
    const rearAcross = vy - REAR * omega;

    // Engine or brake: a brake only slows, so within a step it can at most stop the wheel's share of the car.
    let frontForce: number;
    let rearForce: number;
    if (drive >= 0) {
      const force = drive * Math.min(DRIVE_FORCE, DRIVE_POWER / Math.max(Math.abs(vx), 1));
      frontForce = force * this.#frontShare;
      rearForce = force * this.#rearShare;
    } else {
      const force = -drive * BRAKE_FORCE;
      frontForce = brake(force * this.#frontShare, frontAlong, (mass * this.#frontShare) / STEP);
      rearForce = brake(force * this.#rearShare, vx, (mass * this.#rearShare) / STEP);
    }

    // Tyres: lateral force by slip angle, at most what stops the sideways motion in this step, then the friction circle.
    const frontSide = lateral(frontAcross, frontAlong, mass * this.#frontShare);
    const rearSide = lateral(rearAcross, vx, mass * this.#rearShare);
    const frontScale = circle(frontForce, frontSide, this.frontLimit);
    const rearScale = circle(rearForce, rearSide, this.rearLimit);
    const frontX = (frontForce * wheelC - frontSide * wheelS) * frontScale;
    const frontZ = (frontForce * wheelS + frontSide * wheelC) * frontScale;
    const rearX = rearForce * rearScale;
    const rearZ = rearSide * rearScale;
    this.frontForce = Math.sqrt(frontX * frontX + frontZ * frontZ);
    this.rearForce = Math.sqrt(rearX * rearX + rearZ * rearZ);

    // Air and rolling resistance at the centre of mass, against the motion; rolling stops what the tyres leave of it.
    const speed = Math.sqrt(vx * vx + vy * vy);
    const rolling = brake(ROLLING * mass * GRAVITY, vx + ((frontX + rearX) * STEP) / mass, mass / STEP);
    const forceX = frontX + rearX - DRAG * speed * vx + rolling;
    const forceY = frontZ + rearZ - DRAG * speed * vy;
    body.applyForce(forceX * c - forceY * s, forceX * s + forceY * c, FRONT * frontZ - REAR * rearZ);
    this.#world.step();

    const after = body.angle;
    const c1 = Math.cos(after);
    const s1 = Math.sin(after);
    const nextX = body.vx;
    const nextY = body.vy;
    this.forward = nextX * c1 + nextY * s1;
    this.sideways = nextY * c1 - nextX * s1;
  }
}

/** A force, N, of size `force` against the velocity `along`, m/s, at most what stops it: `stopping`, kg/s, times the velocity. */
function brake(force: number, along: number, stopping: number): number {
  const most = Math.abs(along) * stopping;
  const size = Math.min(force, most);
  return along > 0 ? -size : size;
}

/** Lateral force of an axle, N, that carries `share` kg and moves at `across` and `along`, m/s, relative to its wheels. */
function lateral(across: number, along: number, share: number): number {
  const rolling = Math.abs(along);
  const bySlip = (STIFFNESS * GRAVITY) / Math.max(rolling, SLIP_SPEED);
  return -across * share * Math.min(bySlip, 1 / STEP);
}

/** Factor that brings a force into the friction circle of radius `limit`, N. */
function circle(along: number, across: number, limit: number): number {
  const size2 = along * along + across * across;
  return size2 > limit * limit ? limit / Math.sqrt(size2) : 1;
}
