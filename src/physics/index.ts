/** `gymkhana/physics`: rigid bodies on matter-js in SI units, and rays. */
export { SegmentGrid } from './rays.js';
export { type BoxBodyOptions, RigidBody, World, type WorldOptions } from './world.js';
