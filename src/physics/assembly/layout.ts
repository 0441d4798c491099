/**
 * How a world lies in memory: one block of 32-bit words, found through the offsets in its header, so that a copy of the block is
 * an exact snapshot. Lists are indices, never addresses; -1 ends a list. `src/physics/layout.ts` knows the same words.
 */

export const STATIC: i32 = 0;
export const KINEMATIC: i32 = 1;
export const DYNAMIC: i32 = 2;

export const CIRCLE: i32 = 0;
export const EDGE: i32 = 1;
export const POLYGON: i32 = 2;

export const MAX_VERTICES: i32 = 16;

// Box2D's constants (b2Settings.h), m, kg, s.
export const EPSILON: f32 = 1.1920928955078125e-7;
export const MAX_FLOAT: f32 = 3.4028234663852886e38;
export const PI: f32 = 3.14159265359;
export const LINEAR_SLOP: f32 = 0.005;
export const MOST_LINEAR_CORRECTION: f32 = 0.2;
export const ANGULAR_SLOP: f32 = (<f32>2.0 / <f32>180.0) * PI;
export const POLYGON_RADIUS: f32 = <f32>2.0 * LINEAR_SLOP;
export const AABB_EXTENSION: f32 = 0.1;
export const MAX_TOI_CONTACTS: i32 = 32;

@unmanaged
export class World {
  bodyCount: i32;
  bodyCapacity: i32;
  fixtureCount: i32;
  fixtureCapacity: i32;
  jointCount: i32;
  jointCapacity: i32;
  contactCapacity: i32;
  /** Slots below this one have been in use. */
  contactHigh: i32;
  contactFree: i32;
  contactList: i32;
  vertexCount: i32;
  vertexCapacity: i32;
  eventCount: i32;
  eventCapacity: i32;
  moveCount: i32;
  /** 1: new fixtures await their contacts. */
  newFixtures: i32;
  gravityX: f32;
  gravityY: f32;
  /** 1 / duration of the step before, 0 at first. */
  inverseStep: f32;
  eventsLost: i32;
  // Offsets from the world's address, bytes.
  bodies: i32;
  fixtures: i32;
  joints: i32;
  contacts: i32;
  vertices: i32;
  bounds: i32;
  moves: i32;
  events: i32;
  /** Velocity iterations end once none changes a velocity by more, m/s and rad/s; 0: they are all done. */
  tolerance: f32;
}

export const BODY_AWAKE: i32 = 1;
export const BODY_AUTO_SLEEP: i32 = 2;
export const BODY_BULLET: i32 = 4;
export const BODY_FIXED_ROTATION: i32 = 8;
export const BODY_ISLAND: i32 = 16;

@unmanaged
export class Body {
  type: i32;
  flags: i32;
  /** Transform of the origin: position, sine, cosine. */
  px: f32;
  py: f32;
  s: f32;
  c: f32;
  /** Sweep: centre of mass in the body, at the interval's start and end, angles there, and where the interval starts. */
  lx: f32;
  ly: f32;
  c0x: f32;
  c0y: f32;
  cx: f32;
  cy: f32;
  a0: f32;
  a: f32;
  alpha0: f32;
  vx: f32;
  vy: f32;
  w: f32;
  fx: f32;
  fy: f32;
  torque: f32;
  mass: f32;
  invMass: f32;
  inertia: f32;
  invInertia: f32;
  linearDamping: f32;
  angularDamping: f32;
  gravityScale: f32;
  sleepTime: f32;
  fixtureList: i32;
  /** Contact edges (contact * 2 + side) and joint edges (joint * 2 + side). */
  contactEdges: i32;
  jointEdges: i32;
  islandIndex: i32;
}
export const BODY_BYTES: i32 = 33 * 4;

export const FIXTURE_SENSOR: i32 = 1;
export const EDGE_HAS_V0: i32 = 2;
export const EDGE_HAS_V3: i32 = 4;

@unmanaged
export class Fixture {
  kind: i32;
  body: i32;
  next: i32;
  /** Where its vertices begin in the vertices, in points; a polygon's normals follow; an edge has v1, v2, v0, v3. */
  first: i32;
  count: i32;
  cx: f32;
  cy: f32;
  radius: f32;
  density: f32;
  friction: f32;
  restitution: f32;
  flags: i32;
  category: i32;
  mask: i32;
  group: i32;
}
export const FIXTURE_BYTES: i32 = 15 * 4;

export const JOINT_LIMIT: i32 = 1;
export const JOINT_MOTOR: i32 = 2;
export const JOINT_COLLIDE: i32 = 4;
export const JOINT_ISLAND: i32 = 8;

export const REVOLUTE: i32 = 0;
export const PRISMATIC: i32 = 1;
export const DISTANCE: i32 = 2;
export const WELD: i32 = 3;

export const LIMIT_INACTIVE: i32 = 0;
export const LIMIT_LOWER: i32 = 1;
export const LIMIT_UPPER: i32 = 2;
export const LIMIT_EQUAL: i32 = 3;

@unmanaged
export class Joint {
  kind: i32;
  bodyA: i32;
  bodyB: i32;
  flags: i32;
  anchorAx: f32;
  anchorAy: f32;
  anchorBx: f32;
  anchorBy: f32;
  /** Angle of B in A where the joint's angle is 0, rad. */
  reference: f32;
  /** Limits of the angle, rad, or the translation, m. */
  lower: f32;
  upper: f32;
  /** Largest torque of the motor, N m, or force, N. */
  maxMotor: f32;
  motorSpeed: f32;
  /** Unit vector in A along which a prismatic joint slides. */
  axisX: f32;
  axisY: f32;
  /** m; a distance joint's. */
  length: f32;
  /** Of a spring, 1/s; 0: rigid. */
  frequency: f32;
  damping: f32;
  limitState: i32;
  impulseX: f32;
  impulseY: f32;
  impulseZ: f32;
  motorImpulse: f32;
  nextA: i32;
  nextB: i32;
  // What a step works out: arms, the symmetric 3x3 matrix, the cross product of its last two columns, inverse determinants of its upper 2x2 and of it all.
  rAx: f32;
  rAy: f32;
  rBx: f32;
  rBy: f32;
  exx: f32;
  exy: f32;
  exz: f32;
  eyy: f32;
  eyz: f32;
  ezz: f32;
  crossX: f32;
  crossY: f32;
  crossZ: f32;
  inverse2: f32;
  inverse3: f32;
  /** Of a motor; of all of a distance joint. */
  motorMass: f32;
  /** Softness and velocity of a spring. */
  gamma: f32;
  bias: f32;
  // Direction of a distance joint; axis of a prismatic joint, its normal, and their levers about the centres of A and B.
  ux: f32;
  uy: f32;
  perpX: f32;
  perpY: f32;
  s1: f32;
  s2: f32;
  a1: f32;
  a2: f32;
  /** Addresses of the bodies' states in this step, and their masses and inertias. */
  stateA: usize;
  stateB: usize;
  mA: f32;
  mB: f32;
  iA: f32;
  iB: f32;
}
export const JOINT_BYTES: i32 = 57 * 4;

export const CONTACT_TOUCHING: i32 = 1;
export const CONTACT_ENABLED: i32 = 2;
export const CONTACT_ISLAND: i32 = 4;
export const CONTACT_TOI: i32 = 8;
export const CONTACT_FILTER: i32 = 16;

export const CIRCLES: i32 = 0;
export const FACE_A: i32 = 1;
export const FACE_B: i32 = 2;

@unmanaged
export class ManifoldPoint {
  x: f32;
  y: f32;
  normalImpulse: f32;
  tangentImpulse: f32;
  id: u32;
}
export const POINT_BYTES: i32 = 5 * 4;

@unmanaged
export class Contact {
  flags: i32;
  fixtureA: i32;
  fixtureB: i32;
  prev: i32;
  next: i32;
  prevA: i32;
  nextA: i32;
  prevB: i32;
  nextB: i32;
  toiCount: i32;
  toi: f32;
  friction: f32;
  restitution: f32;
  /** Manifold: kind, number of points, normal and reference point in the reference body. */
  type: i32;
  count: i32;
  nx: f32;
  ny: f32;
  x: f32;
  y: f32;
  // Two ManifoldPoints.
  x0: f32;
  y0: f32;
  normalImpulse0: f32;
  tangentImpulse0: f32;
  id0: u32;
  x1: f32;
  y1: f32;
  normalImpulse1: f32;
  tangentImpulse1: f32;
  id1: u32;
}
export const CONTACT_BYTES: i32 = 29 * 4;
/** Bytes from a contact to its first point. */
export const CONTACT_POINTS: usize = 19 * 4;

/** The world that the present call works on. */
export let W: usize = 0;
export function enter(world: usize): void {
  W = world;
}

// @ts-ignore: decorator
@inline
export function world(): World {
  return changetype<World>(W);
}

// @ts-ignore: decorator
@inline
export function body(index: i32): Body {
  return changetype<Body>(W + <usize>world().bodies + <usize>(index * BODY_BYTES));
}

// @ts-ignore: decorator
@inline
export function fixture(index: i32): Fixture {
  return changetype<Fixture>(W + <usize>world().fixtures + <usize>(index * FIXTURE_BYTES));
}

// @ts-ignore: decorator
@inline
export function joint(index: i32): Joint {
  return changetype<Joint>(W + <usize>world().joints + <usize>(index * JOINT_BYTES));
}

// @ts-ignore: decorator
@inline
export function contact(index: i32): Contact {
  return changetype<Contact>(W + <usize>world().contacts + <usize>(index * CONTACT_BYTES));
}

// @ts-ignore: decorator
@inline
export function point(c: Contact, i: i32): ManifoldPoint {
  return changetype<ManifoldPoint>(changetype<usize>(c) + CONTACT_POINTS + <usize>(i * POINT_BYTES));
}

/** Address of the i-th point of a fixture. */
// @ts-ignore: decorator
@inline
export function vertex(f: Fixture, i: i32): usize {
  return W + <usize>world().vertices + <usize>((f.first + i) << 3);
}

/** Address of the i-th normal of a polygon. */
// @ts-ignore: decorator
@inline
export function normal(f: Fixture, i: i32): usize {
  return W + <usize>world().vertices + <usize>((f.first + f.count + i) << 3);
}

// @ts-ignore: decorator
@inline
export function X(p: usize): f32 {
  return load<f32>(p);
}

// @ts-ignore: decorator
@inline
export function Y(p: usize): f32 {
  return load<f32>(p, 4);
}

/** Shared by all worlds of the thread: nothing in it outlives a step. */
export let scratch: usize = 0;
/** Pairs of fixtures for which it has room. */
export let pairRoom: i32 = 0;
export function setScratch(at: usize, bytes: usize): void {
  scratch = at;
  pairRoom = <i32>(bytes >> 2);
}
