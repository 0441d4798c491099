/** `gymkhana/physics`: rigid bodies in SI units, joints, contacts and rays. */
export { Body, type BodyOptions, Fixture, type FixtureOptions, type Vec2 } from './bodies.js';
export {
  DistanceJoint,
  type DistanceJointOptions,
  type Joint,
  type JointOptions,
  type MotorJoint,
  PrismaticJoint,
  type PrismaticJointOptions,
  RevoluteJoint,
  type RevoluteJointOptions,
  type SpringJoint,
  WeldJoint,
  type WeldJointOptions,
} from './joints.js';
export { type BoxBodyOptions, MatterWorld, type MatterWorldOptions, RigidBody } from './matter-world.js';
export { SegmentGrid } from './rays.js';
export { World, type WorldOptions } from './world.js';
