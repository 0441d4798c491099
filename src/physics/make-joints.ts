/** Makes a world's joints: checks what they begin with and writes their records. */
import { usageError } from '../core/errors.js';
import type { Body } from './bodies.js';
import { checkFinite } from './finite.js';
import {
  checkAtLeastZero,
  checkLimits,
  DistanceJoint,
  type DistanceJointOptions,
  type Joint,
  type JointOptions,
  PrismaticJoint,
  type PrismaticJointOptions,
  RevoluteJoint,
  type RevoluteJointOptions,
  WeldJoint,
  type WeldJointOptions,
} from './joints.js';
import { COLLIDE_CONNECTED, JOINT, JOINT_KINDS, JOINT_WORDS, LIMIT, MOTOR } from './layout.js';
import type { World } from './world.js';

type Switches = { readonly enableLimit?: boolean; readonly enableMotor?: boolean };
type Numbers = Partial<
  Record<Exclude<keyof typeof JOINT, 'kind' | 'bodyA' | 'bodyB' | 'flags' | 'limitState'>, number>
>;

function checkBodies(world: World, bodyA: Body, bodyB: Body): void {
  if (bodyA === bodyB || world.bodies[bodyA.index] !== bodyA || world.bodies[bodyB.index] !== bodyB) {
    throw usageError('INVALID_JOINT', 'Expected a joint between two different bodies of this world.', {
      expected: 'two bodies of this world',
      got: bodyA === bodyB ? 'one body twice' : 'a body of another world, or one from before clear()',
    });
  }
}

/** Angle of B less that of A. */
function angleBetween({ bodyA, bodyB }: JointOptions): number {
  return bodyB.angle - bodyA.angle;
}

/** Checks the anchors, then writes the record of a joint and hands it to its world. */
function add<J extends Joint>(
  world: World,
  options: JointOptions & Switches,
  make: (index: number) => J,
  numbers: Numbers,
): J {
  const { localAnchorA = [0, 0], localAnchorB = [0, 0] } = options;
  const [ax, ay] = localAnchorA;
  const [bx, by] = localAnchorB;
  checkFinite('a joint', { ax, ay, bx, by });
  const index = world.reserveJoint();
  const joint = make(index);
  const { f32, i32 } = world.memory;
  const at = world.at + world.parts.joints + JOINT_WORDS * index;
  i32[at + JOINT.kind] = JOINT_KINDS.indexOf(joint.kind);
  i32[at + JOINT.bodyA] = options.bodyA.index;
  i32[at + JOINT.bodyB] = options.bodyB.index;
  i32[at + JOINT.flags] =
    (options.enableLimit ? LIMIT : 0) |
    (options.enableMotor ? MOTOR : 0) |
    (options.collideConnected ? COLLIDE_CONNECTED : 0);
  f32[at + JOINT.anchorAx] = ax;
  f32[at + JOINT.anchorAy] = ay;
  f32[at + JOINT.anchorBx] = bx;
  f32[at + JOINT.anchorBy] = by;
  for (const [name, value] of Object.entries(numbers)) f32[at + JOINT[name as keyof Numbers]] = value;
  world.addJoint(joint);
  return joint;
}

/** See `World.createRevoluteJoint`. @internal */
export function makeRevoluteJoint(world: World, options: RevoluteJointOptions): RevoluteJoint {
  const { bodyA, bodyB, lowerAngle = 0, upperAngle = 0, motorSpeed = 0, maxMotorTorque = 0 } = options;
  checkBodies(world, bodyA, bodyB);
  const { referenceAngle = angleBetween(options) } = options;
  checkFinite('a joint', { referenceAngle, lowerAngle, upperAngle, motorSpeed, maxMotorTorque });
  checkLimits('lowerAngle', lowerAngle, 'upperAngle', upperAngle);
  return add(world, options, (index) => new RevoluteJoint(world, index, bodyA, bodyB), {
    reference: referenceAngle,
    lower: lowerAngle,
    upper: upperAngle,
    maxMotor: maxMotorTorque,
    motorSpeed,
  });
}

/** See `World.createPrismaticJoint`. @internal */
export function makePrismaticJoint(world: World, options: PrismaticJointOptions): PrismaticJoint {
  const { bodyA, bodyB, localAxisA = [1, 0], lowerTranslation = 0, upperTranslation = 0 } = options;
  const { motorSpeed = 0, maxMotorForce = 0 } = options;
  checkBodies(world, bodyA, bodyB);
  const { referenceAngle = angleBetween(options) } = options;
  const [axisX, axisY] = localAxisA;
  checkFinite('a joint', { referenceAngle, axisX, axisY, lowerTranslation, upperTranslation, motorSpeed });
  checkLimits('lowerTranslation', lowerTranslation, 'upperTranslation', upperTranslation);
  checkAtLeastZero('maxMotorForce', maxMotorForce);
  // b2Vec2::Normalize
  const f = Math.fround;
  const x = f(axisX);
  const y = f(axisY);
  const length = f(Math.sqrt(f(f(x * x) + f(y * y))));
  if (!(length > 1e-6 && length < 1e18)) {
    throw usageError('INVALID_JOINT', `Expected localAxisA to be a direction, got [${axisX}, ${axisY}].`, {
      field: 'localAxisA',
      expected: 'a vector of a length that is not 0',
      got: `[${axisX}, ${axisY}]`,
    });
  }
  const inverse = f(1 / length);
  return add(world, options, (index) => new PrismaticJoint(world, index, bodyA, bodyB), {
    axisX: f(x * inverse),
    axisY: f(y * inverse),
    reference: referenceAngle,
    lower: lowerTranslation,
    upper: upperTranslation,
    maxMotor: maxMotorForce,
    motorSpeed,
  });
}

/** Distance of two points of two bodies, m. */
function distanceBetween({ bodyA, bodyB, localAnchorA = [0, 0], localAnchorB = [0, 0] }: JointOptions): number {
  const [ax, ay] = localAnchorA;
  const [bx, by] = localAnchorB;
  const dx = bodyB.worldX(bx, by) - bodyA.worldX(ax, ay);
  const dy = bodyB.worldY(bx, by) - bodyA.worldY(ax, ay);
  return Math.sqrt(dx * dx + dy * dy);
}

/** See `World.createDistanceJoint`. @internal */
export function makeDistanceJoint(world: World, options: DistanceJointOptions): DistanceJoint {
  const { bodyA, bodyB, frequencyHz = 0, dampingRatio = 0 } = options;
  checkBodies(world, bodyA, bodyB);
  const { length = distanceBetween(options) } = options;
  checkAtLeastZero('length', length);
  checkAtLeastZero('frequencyHz', frequencyHz);
  checkAtLeastZero('dampingRatio', dampingRatio);
  return add(world, options, (index) => new DistanceJoint(world, index, bodyA, bodyB), {
    length,
    frequency: frequencyHz,
    damping: dampingRatio,
  });
}

/** See `World.createWeldJoint`. @internal */
export function makeWeldJoint(world: World, options: WeldJointOptions): WeldJoint {
  const { bodyA, bodyB, frequencyHz = 0, dampingRatio = 0 } = options;
  checkBodies(world, bodyA, bodyB);
  const { referenceAngle = angleBetween(options) } = options;
  checkFinite('a joint', { referenceAngle });
  checkAtLeastZero('frequencyHz', frequencyHz);
  checkAtLeastZero('dampingRatio', dampingRatio);
  return add(world, options, (index) => new WeldJoint(world, index, bodyA, bodyB), {
    reference: referenceAngle,
    frequency: frequencyHz,
    damping: dampingRatio,
  });
}
