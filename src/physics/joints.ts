/** Handles of a `World`'s joints: their numbers live in the world's block, these objects only know where. */
import { usageError } from '../core/errors.js';
import type { Body, Vec2 } from './bodies.js';
import { checkFinite } from './finite.js';
import { COLLIDE_CONNECTED, JOINT, JOINT_WORDS, LIMIT, MOTOR } from './layout.js';
import type { World } from './world.js';

/** How every joint begins. */
export interface JointOptions {
  readonly bodyA: Body;
  readonly bodyB: Body;
  /** The joint's point in each body, m; the body's origin by default. */
  readonly localAnchorA?: Vec2;
  readonly localAnchorB?: Vec2;
  /** Whether the two bodies touch each other; false by default. */
  readonly collideConnected?: boolean;
}

/** How a revolute joint begins. */
export interface RevoluteJointOptions extends JointOptions {
  /** Angle of B less that of A where the joint's angle is 0, rad; what it is now by default. */
  readonly referenceAngle?: number;
  readonly enableLimit?: boolean;
  /** rad; 0 by default, as the upper one. */
  readonly lowerAngle?: number;
  readonly upperAngle?: number;
  readonly enableMotor?: boolean;
  /** rad/s. */
  readonly motorSpeed?: number;
  /** N m. */
  readonly maxMotorTorque?: number;
}

/** How a prismatic joint begins. */
export interface PrismaticJointOptions extends JointOptions {
  /** Direction in A along which B slides; its length does not matter. `[1, 0]` by default. */
  readonly localAxisA?: Vec2;
  /** Angle of B less that of A that the joint keeps, rad; what it is now by default. */
  readonly referenceAngle?: number;
  readonly enableLimit?: boolean;
  /** m; 0 by default, as the upper one. */
  readonly lowerTranslation?: number;
  readonly upperTranslation?: number;
  readonly enableMotor?: boolean;
  /** m/s. */
  readonly motorSpeed?: number;
  /** N. */
  readonly maxMotorForce?: number;
}

/** How a distance joint begins. */
export interface DistanceJointOptions extends JointOptions {
  /** Between the two points, m; what it is now by default. */
  readonly length?: number;
  /** Of the spring with the bodies that it joins, 1/s, less than half the steps in a second; 0, the default, is a rigid rod. */
  readonly frequencyHz?: number;
  /** Share of critical damping, 1 for none of the swing; 0 by default. */
  readonly dampingRatio?: number;
}

/** How a weld joint begins. */
export interface WeldJointOptions extends JointOptions {
  /** Angle of B less that of A that the joint keeps, rad; what it is now by default. */
  readonly referenceAngle?: number;
  /** Of the spring that turns the bodies back, 1/s, less than half the steps in a second; 0, the default, is rigid. */
  readonly frequencyHz?: number;
  /** Share of critical damping, 1 for none of the swing; 0 by default. */
  readonly dampingRatio?: number;
}

/** Throws unless a length, force, frequency or damping is finite and at least 0. @internal */
export function checkAtLeastZero(field: string, value: number): void {
  checkFinite('a joint', { [field]: value });
  if (value < 0) {
    throw usageError('INVALID_JOINT', `Expected a joint's ${field} to be at least 0, got ${value}.`, {
      field,
      expected: 'at least 0',
      got: String(value),
    });
  }
}

/** Throws unless the lower limit is at most the upper one. @internal */
export function checkLimits(field: string, lower: number, upperField: string, upper: number): void {
  if (lower > upper) {
    throw usageError('INVALID_JOINT', `Expected ${field} <= ${upperField}, got ${lower} and ${upper}.`, {
      field,
      expected: `at most ${upper}`,
      got: String(lower),
    });
  }
}

/** What holds two bodies of a `World` together. Numbers are float32. */
export abstract class Joint {
  /** What the joint lets the bodies do; tells its class. */
  abstract readonly kind: 'revolute' | 'prismatic' | 'distance' | 'weld';

  /** Made by `World.createRevoluteJoint` and the like. @internal */
  constructor(
    readonly world: World,
    /** Place in `world.joints`; -1 once it was destroyed. */
    public index: number,
    readonly bodyA: Body,
    readonly bodyB: Body,
  ) {}

  /** Whether the two bodies touch each other. */
  get collideConnected(): boolean {
    return this.readFlag(COLLIDE_CONNECTED);
  }

  /** @internal */
  protected read(word: number): number {
    return this.world.memory.f32[this.#at + word]!;
  }

  /** @internal */
  protected readFlag(bit: number): boolean {
    return (this.world.memory.i32[this.#at + JOINT.flags]! & bit) !== 0;
  }

  /** @internal */
  protected writeFlag(bit: number, on: boolean): void {
    const { i32 } = this.world.memory;
    if (on) i32[this.#at + JOINT.flags]! |= bit;
    else i32[this.#at + JOINT.flags]! &= ~bit;
  }

  /** Writes a number. @internal */
  protected write(word: number, field: string, value: number): void {
    if (!Number.isFinite(value)) checkFinite('a joint', { [field]: value });
    this.world.memory.f32[this.#at + word] = value;
  }

  /** The index of a joint that was not destroyed. @internal */
  protected get live(): number {
    if (this.index < 0) {
      throw usageError('INVALID_JOINT', 'Expected a joint of a world, got one that was destroyed.', {
        expected: 'one of world.joints',
        got: 'a destroyed joint',
      });
    }
    return this.index;
  }

  get #at(): number {
    return this.world.at + this.world.parts.joints + JOINT_WORDS * this.live;
  }
}

/** A joint with a motor and limits. Setting a number or a switch wakes the bodies. */
export abstract class MotorJoint extends Joint {
  /** Of the motor, rad/s of a revolute joint, m/s of a prismatic one. */
  get motorSpeed(): number {
    return this.read(JOINT.motorSpeed);
  }

  set motorSpeed(value: number) {
    this.drive(JOINT.motorSpeed, 'motorSpeed', value);
  }

  get enableMotor(): boolean {
    return this.readFlag(MOTOR);
  }

  set enableMotor(value: boolean) {
    this.writeFlag(MOTOR, value);
    this.#wake();
  }

  get enableLimit(): boolean {
    return this.readFlag(LIMIT);
  }

  set enableLimit(value: boolean) {
    if (this.readFlag(LIMIT) === value) return;
    this.writeFlag(LIMIT, value);
    this.#unlimit();
  }

  /** Writes a motor's number and wakes the bodies. @internal */
  protected drive(word: number, field: string, value: number): void {
    this.write(word, field, value);
    this.#wake();
  }

  /** Writes a limit; if it is another one, wakes the bodies, and the limit's impulse begins anew. @internal */
  protected limit(word: number, field: string, value: number): void {
    const before = this.read(word);
    this.write(word, field, value);
    if (this.read(word) !== before) this.#unlimit();
  }

  #unlimit(): void {
    this.write(JOINT.impulseZ, 'impulse', 0);
    this.#wake();
  }

  #wake(): void {
    const solver = this.world.select();
    solver.wakeBody(this.bodyA.index);
    solver.wakeBody(this.bodyB.index);
  }
}

/** A joint that may be a spring with a damper. Setting a number does not wake the bodies, as in Box2D: set `body.awake` where they may sleep. */
export abstract class SpringJoint extends Joint {
  /** Of the spring, 1/s; 0 is rigid. @throws `INVALID_JOINT` where it is set below 0. */
  get frequencyHz(): number {
    return this.read(JOINT.frequency);
  }

  set frequencyHz(value: number) {
    checkAtLeastZero('frequencyHz', value);
    this.write(JOINT.frequency, 'frequencyHz', value);
  }

  /** Share of critical damping. @throws `INVALID_JOINT` where it is set below 0. */
  get dampingRatio(): number {
    return this.read(JOINT.damping);
  }

  set dampingRatio(value: number) {
    checkAtLeastZero('dampingRatio', value);
    this.write(JOINT.damping, 'dampingRatio', value);
  }
}

/** Two bodies that turn round a common point, with a motor and limits. Setting a number or a switch wakes the bodies. */
export class RevoluteJoint extends MotorJoint {
  readonly kind = 'revolute';

  /** Angle of B less that of A and the reference angle, rad. */
  get angle(): number {
    const f = Math.fround;
    return f(f(this.bodyB.angle - this.bodyA.angle) - this.read(JOINT.reference));
  }

  /** rad/s. @throws `INVALID_JOINT` once the joint is destroyed. */
  get speed(): number {
    void this.live;
    return Math.fround(this.bodyB.omega - this.bodyA.omega);
  }

  /** N m. */
  get maxMotorTorque(): number {
    return this.read(JOINT.maxMotor);
  }

  set maxMotorTorque(value: number) {
    this.drive(JOINT.maxMotor, 'maxMotorTorque', value);
  }

  /** rad. */
  get lowerAngle(): number {
    return this.read(JOINT.lower);
  }

  set lowerAngle(value: number) {
    this.limit(JOINT.lower, 'lowerAngle', value);
  }

  /** rad. */
  get upperAngle(): number {
    return this.read(JOINT.upper);
  }

  set upperAngle(value: number) {
    this.limit(JOINT.upper, 'upperAngle', value);
  }
}

/** A body that slides along an axis of another, with a motor and limits. Setting a number or a switch wakes the bodies. */
export class PrismaticJoint extends MotorJoint {
  readonly kind = 'prismatic';

  /** Way of B's point from A's along the axis, m. */
  get translation(): number {
    return this.world.select().translationOf(this.live);
  }

  /** Velocity of B's point against A along the axis, m/s. */
  get speed(): number {
    return this.world.select().slidingSpeedOf(this.live);
  }

  /** N. @throws `INVALID_JOINT` where it is set below 0. */
  get maxMotorForce(): number {
    return this.read(JOINT.maxMotor);
  }

  set maxMotorForce(value: number) {
    checkAtLeastZero('maxMotorForce', value);
    this.drive(JOINT.maxMotor, 'maxMotorForce', value);
  }

  /** m. */
  get lowerTranslation(): number {
    return this.read(JOINT.lower);
  }

  set lowerTranslation(value: number) {
    this.limit(JOINT.lower, 'lowerTranslation', value);
  }

  /** m. */
  get upperTranslation(): number {
    return this.read(JOINT.upper);
  }

  set upperTranslation(value: number) {
    this.limit(JOINT.upper, 'upperTranslation', value);
  }
}

/**
 * Two points of two bodies at a distance, rigidly or with a spring and a damper. Setting a number does not wake the bodies, as in
 * Box2D: set `body.awake` where they may sleep.
 */
export class DistanceJoint extends SpringJoint {
  readonly kind = 'distance';

  /** At which a rod holds its points, or a spring rests, m. @throws `INVALID_JOINT` where it is set below 0. */
  get length(): number {
    return this.read(JOINT.length);
  }

  set length(value: number) {
    checkAtLeastZero('length', value);
    this.write(JOINT.length, 'length', value);
  }
}

/**
 * Two bodies held together at a point and an angle, rigidly or with a spring for the angle. Setting a number does not wake the
 * bodies, as in Box2D: set `body.awake` where they may sleep.
 */
export class WeldJoint extends SpringJoint {
  readonly kind = 'weld';

  /** Angle of B less that of A that the joint keeps, rad. */
  get referenceAngle(): number {
    return this.read(JOINT.reference);
  }
}
