/** The island that is being solved, in the scratch memory: its bodies' positions and velocities, its contacts and joints. */
import { body, scratch, world } from './layout';

/** Position of the centre of mass, angle, velocity and angular velocity of a body of the island. */
@unmanaged
export class State {
  cx: f32;
  cy: f32;
  a: f32;
  vx: f32;
  vy: f32;
  w: f32;
}
const STATE_BYTES: i32 = 24;

export let islandBodies: i32 = 0;
export let islandContacts: i32 = 0;
export let islandJoints: i32 = 0;
let states: usize = 0;
let bodies: usize = 0;
let contacts: usize = 0;
let joints: usize = 0;
export let stack: usize = 0;
export let constraints: usize = 0;
export let saved: usize = 0;

export const CONSTRAINT_BYTES: i32 = 64 * 4;

/**
 * Lays the scratch memory out for the world, for all contacts that its block has room for: more may begin between two impacts.
 * `World` reserves as much.
 */
export function layOut(): void {
  const w = world();
  const b = <usize>w.bodyCount;
  const c = <usize>w.contactCapacity;
  const j = <usize>(w.jointCount + 1);
  let at = scratch;
  states = at;
  at += b * <usize>STATE_BYTES;
  bodies = at;
  at += b << 2;
  stack = at;
  at += b << 2;
  contacts = at;
  at += c << 2;
  joints = at;
  at += j << 2;
  constraints = at;
  at += c * <usize>CONSTRAINT_BYTES;
  saved = at;
  // 3 words a body, 4 a joint, 4 a contact.
}

export function clear(): void {
  islandBodies = 0;
  islandContacts = 0;
  islandJoints = 0;
}

export function addBody(index: i32): void {
  body(index).islandIndex = islandBodies;
  store<i32>(bodies + (<usize>islandBodies << 2), index);
  islandBodies++;
}

export function addContact(index: i32): void {
  store<i32>(contacts + (<usize>islandContacts << 2), index);
  islandContacts++;
}

export function addJoint(index: i32): void {
  store<i32>(joints + (<usize>islandJoints << 2), index);
  islandJoints++;
}

// @ts-ignore: decorator
@inline
export function bodyAt(i: i32): i32 {
  return load<i32>(bodies + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
export function contactAt(i: i32): i32 {
  return load<i32>(contacts + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
export function jointAt(i: i32): i32 {
  return load<i32>(joints + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
export function state(i: i32): State {
  return changetype<State>(states + <usize>(i * STATE_BYTES));
}
