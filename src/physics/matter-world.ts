/**
 * A fixed-step world of rigid bodies in SI units on matter-js, which integrates them and resolves their collisions.
 * The only file that knows matter-js's units: pixels, milliseconds, and velocities hidden in the previous position.
 *
 * The same calls give the same bits, provided that a world is built anew for every episode: bodies moved back to where they
 * began keep rounding errors of where they have been, so there is no `reset`. `restore` goes back to the bits of a moment.
 */
import { usageError } from '../core/errors.js';
import { type MatterBody, type MatterEngine, matter } from './matter.js';

/** matter-js units per metre; a power of two, so that converting a length loses no bits. */
const UNITS_PER_METRE = 32;
/** matter-js force per newton: kg units / ms^2. */
const FORCE_PER_NEWTON = UNITS_PER_METRE * 1e-6;
/** matter-js torque per newton metre: kg units^2 / ms^2. */
const TORQUE_PER_NEWTON_METRE = UNITS_PER_METRE * UNITS_PER_METRE * 1e-6;

/** Longest step, s, for which matter-js's collision response is made. */
const LONGEST_COLLISION_STEP = 1 / 60;

/** A rectangular body: where it is, how it moves and how heavy it is, in SI units. */
export interface BoxBodyOptions {
  /** Centre of mass, m. */
  readonly x: number;
  readonly y: number;
  /** Heading of the body's own x axis, rad, counter-clockwise. */
  readonly angle?: number;
  /** Velocity of the centre of mass, m/s. */
  readonly vx?: number;
  readonly vy?: number;
  /** Angular velocity, rad/s. */
  readonly omega?: number;
  /** Extent along the body's own x axis, m. */
  readonly length: number;
  /** Extent along the body's own y axis, m. */
  readonly width: number;
  /** kg. */
  readonly mass: number;
  /** Moment of inertia about the centre of mass, kg m^2; a uniform rectangle's if left out. */
  readonly inertia?: number;
}

/** Time step and gravity of a world, in SI units. */
export interface MatterWorldOptions {
  /** Duration of every step, s. */
  readonly timeStep: number;
  /** Acceleration of every body, m/s^2; none by default, since a world is seen from above unless told otherwise. */
  readonly gravity?: readonly [number, number];
}

/** The matter-js body behind one of ours, for the world alone. */
let matterOf: (body: RigidBody) => MatterBody;

/** A free body of a `MatterWorld`. Forces act during the next step only. */
export class RigidBody {
  /** kg. */
  readonly mass: number;
  /** kg m^2, about the centre of mass. */
  readonly inertia: number;
  readonly #matter: MatterBody;
  readonly #perMetreSecond: number;
  readonly #perSecond: number;

  static {
    matterOf = (body) => body.#matter;
  }

  /** Made by `MatterWorld.addBox`. @internal */
  constructor(options: BoxBodyOptions, timeStep: number) {
    const { x, y, angle = 0, vx = 0, vy = 0, omega = 0, length, width, mass } = options;
    const inertia = options.inertia ?? (mass * (length * length + width * width)) / 12;
    for (const [field, value] of Object.entries({ x, y, angle, vx, vy, omega, length, width, mass, inertia })) {
      const positive = field === 'length' || field === 'width' || field === 'mass' || field === 'inertia';
      if (!Number.isFinite(value) || (positive && value <= 0)) {
        const expected = `a ${positive ? 'positive ' : ''}finite number`;
        throw usageError('INVALID_BODY', `Expected a body's ${field} to be ${expected}, got ${value}.`, {
          field,
          expected,
          got: String(value),
        });
      }
    }
    this.mass = mass;
    this.inertia = inertia;
    const halfLength = (length / 2) * UNITS_PER_METRE;
    const halfWidth = (width / 2) * UNITS_PER_METRE;
    // matter-js rescales the first step by 1 / (60 deltaTime) unless the body knows its step from the start.
    this.#matter = matter.Body.create({
      deltaTime: timeStep * 1000,
      frictionAir: 0,
      mass,
      inertia: inertia * UNITS_PER_METRE * UNITS_PER_METRE,
      angle,
      position: { x: x * UNITS_PER_METRE, y: y * UNITS_PER_METRE },
      vertices: [
        { x: -halfLength, y: -halfWidth },
        { x: halfLength, y: -halfWidth },
        { x: halfLength, y: halfWidth },
        { x: -halfLength, y: halfWidth },
      ],
    });
    this.#perMetreSecond = 1 / (UNITS_PER_METRE * timeStep);
    this.#perSecond = 1 / timeStep;
    this.setVelocity(vx, vy, omega);
  }

  /** Centre of mass, m. */
  get x(): number {
    return this.#matter.position.x / UNITS_PER_METRE;
  }

  /** Centre of mass, m. */
  get y(): number {
    return this.#matter.position.y / UNITS_PER_METRE;
  }

  /** Heading, rad, counter-clockwise, not wrapped. */
  get angle(): number {
    return this.#matter.angle;
  }

  /** Velocity of the centre of mass, m/s. */
  get vx(): number {
    return (this.#matter.position.x - this.#matter.positionPrev.x) * this.#perMetreSecond;
  }

  /** Velocity of the centre of mass, m/s. */
  get vy(): number {
    return (this.#matter.position.y - this.#matter.positionPrev.y) * this.#perMetreSecond;
  }

  /** Angular velocity, rad/s. */
  get omega(): number {
    return (this.#matter.angle - this.#matter.anglePrev) * this.#perSecond;
  }

  /** Sets the velocity of the centre of mass, m/s, and the angular velocity, rad/s. */
  setVelocity(vx: number, vy: number, omega: number): void {
    const body = this.#matter;
    body.positionPrev.x = body.position.x - vx / this.#perMetreSecond;
    body.positionPrev.y = body.position.y - vy / this.#perMetreSecond;
    body.anglePrev = body.angle - omega / this.#perSecond;
  }

  /** Adds a force at the centre of mass, N in world axes, and a torque, N m, for the next step. */
  applyForce(fx: number, fy: number, torque = 0): void {
    const body = this.#matter;
    body.force.x += fx * FORCE_PER_NEWTON;
    body.force.y += fy * FORCE_PER_NEWTON;
    body.torque += torque * TORQUE_PER_NEWTON_METRE;
  }

  /** Adds a force, N in world axes, at the point `(px, py)`, m in world axes, for the next step. */
  applyForceAt(fx: number, fy: number, px: number, py: number): void {
    this.applyForce(fx, fy, (px - this.x) * fy - (py - this.y) * fx);
  }
}

/** Positions and angles now and a step ago, which hold the velocities: matter-js's own numbers. */
function rawState({ position, positionPrev, angle, anglePrev }: MatterBody): number[] {
  return [position.x, position.y, positionPrev.x, positionPrev.y, angle, anglePrev];
}

/**
 * Bodies that move together in steps of one fixed duration (semi-implicit Euler: velocities first, then positions).
 * A body that is alone has nothing to collide with and skips matter-js's collision pipeline, to the same bits at half the cost.
 */
export class MatterWorld {
  /** s. */
  readonly timeStep: number;
  /** In the order in which they were added. */
  readonly bodies: RigidBody[] = [];
  readonly #gravityX: number;
  readonly #gravityY: number;
  #engine: MatterEngine | null = null;
  #steps = 0;

  /** @throws `INVALID_WORLD` unless the time step is positive and at most 0.1 s. */
  constructor(options: MatterWorldOptions) {
    const { timeStep, gravity = [0, 0] } = options;
    if (!(timeStep > 0 && timeStep <= 0.1)) {
      throw usageError('INVALID_WORLD', `Expected a time step above 0 and at most 0.1 s, got ${timeStep}.`, {
        field: 'timeStep',
        got: String(timeStep),
      });
    }
    this.timeStep = timeStep;
    [this.#gravityX, this.#gravityY] = gravity;
  }

  /** Time since the world was made, s. */
  get time(): number {
    return this.#steps * this.timeStep;
  }

  /**
   * Adds a rectangular body.
   * @throws `INVALID_BODY` unless all is finite, and the extents, mass and inertia are positive; `INVALID_WORLD` for a second
   * body where the time step is beyond 1/60 s, up to which matter-js resolves collisions well.
   */
  addBox(options: BoxBodyOptions): RigidBody {
    if (this.bodies.length === 1 && this.timeStep > LONGEST_COLLISION_STEP) {
      throw usageError(
        'INVALID_WORLD',
        `Expected a time step of at most 1/60 s in a world of several bodies, got ${this.timeStep} s. Take smaller steps.`,
        { field: 'timeStep', expected: 'at most 1/60 s', got: String(this.timeStep) },
      );
    }
    const body = new RigidBody(options, this.timeStep);
    this.bodies.push(body);
    if (this.#engine !== null) {
      matter.Composite.add(this.#engine.world, matterOf(body));
    } else if (this.bodies.length > 1) {
      this.#engine = matter.Engine.create({ gravity: { x: 0, y: 0, scale: 0 } });
      for (const each of this.bodies) matter.Composite.add(this.#engine.world, matterOf(each));
    }
    return body;
  }

  /**
   * Steps since the world was made, and what a step depends on of its body, for `restore`: plain numbers.
   * @throws `INVALID_WORLD` unless the world has one body: contacts between several are matter-js's own.
   */
  save(): number[] {
    return [this.#steps, ...rawState(matterOf(this.#only()))];
  }

  /**
   * Goes back to what `save` gave: the next step is the same to the last bit.
   * @throws `INVALID_WORLD` unless the world has one body.
   */
  restore(numbers: readonly number[]): void {
    const body = matterOf(this.#only());
    [
      this.#steps = 0,
      body.position.x = 0,
      body.position.y = 0,
      body.positionPrev.x = 0,
      body.positionPrev.y = 0,
      body.angle = 0,
      body.anglePrev = 0,
    ] = numbers;
  }

  #only(): RigidBody {
    const [body] = this.bodies;
    if (body !== undefined && this.bodies.length === 1) return body;
    throw usageError('INVALID_WORLD', `Only a world of one body is saved and restored, got ${this.bodies.length}.`, {
      field: 'bodies',
      expected: 'one body',
      got: String(this.bodies.length),
    });
  }

  /** Advances all bodies by one time step and clears their forces. */
  step(): void {
    const { bodies } = this;
    if (this.#gravityX !== 0 || this.#gravityY !== 0) {
      for (const body of bodies) body.applyForce(body.mass * this.#gravityX, body.mass * this.#gravityY);
    }
    if (this.#engine !== null) {
      matter.Engine.update(this.#engine, this.timeStep * 1000);
    } else if (bodies.length === 1) {
      const body = matterOf(bodies[0]!);
      matter.Body.update(body, this.timeStep * 1000);
      body.force.x = 0;
      body.force.y = 0;
      body.torque = 0;
    }
    this.#steps++;
  }
}
