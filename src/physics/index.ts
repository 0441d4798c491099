/** `gymkhana/physics`: rigid bodies in SI units, joints, contacts and rays. */
export {
  Body,
  type BodyOptions,
  Fixture,
  type FixtureOptions,
  RevoluteJoint,
  type RevoluteJointOptions,
  type Vec2,
} from './bodies.js';
export { type BoxBodyOptions, MatterWorld, type MatterWorldOptions, RigidBody } from './matter-world.js';
export { SegmentGrid } from './rays.js';
export { World, type WorldOptions } from './world.js';
