/** The words of a world's block, as src/physics/assembly/layout.ts lays them out (a test compares the two). */

/** Words of the header. */
export const HEADER = {
  bodyCount: 0,
  bodyCapacity: 1,
  fixtureCount: 2,
  fixtureCapacity: 3,
  jointCount: 4,
  jointCapacity: 5,
  contactCapacity: 6,
  contactHigh: 7,
  contactFree: 8,
  contactList: 9,
  vertexCount: 10,
  vertexCapacity: 11,
  eventCount: 12,
  eventCapacity: 13,
  moveCount: 14,
  newFixtures: 15,
  gravityX: 16,
  gravityY: 17,
  inverseStep: 18,
  eventsLost: 19,
  bodies: 20,
  fixtures: 21,
  joints: 22,
  contacts: 23,
  vertices: 24,
  bounds: 25,
  moves: 26,
  events: 27,
  tolerance: 28,
} as const;
export const HEADER_WORDS = 32;

export const BODY = {
  type: 0,
  flags: 1,
  px: 2,
  py: 3,
  s: 4,
  c: 5,
  lx: 6,
  ly: 7,
  cx: 10,
  cy: 11,
  a: 13,
  vx: 15,
  vy: 16,
  w: 17,
  mass: 21,
  inertia: 23,
  linearDamping: 25,
  angularDamping: 26,
  gravityScale: 27,
} as const;
export const BODY_WORDS = 33;
export const AWAKE = 1;
export const AUTO_SLEEP = 2;
export const BULLET = 4;
export const FIXED_ROTATION = 8;

export const FIXTURE = {
  kind: 0,
  body: 1,
  first: 3,
  count: 4,
  radius: 7,
  density: 8,
  friction: 9,
  restitution: 10,
  flags: 11,
  category: 12,
  mask: 13,
  group: 14,
} as const;
export const FIXTURE_WORDS = 15;
export const SENSOR = 1;
export const HAS_V0 = 2;
export const HAS_V3 = 4;

export const JOINT = {
  kind: 0,
  bodyA: 1,
  bodyB: 2,
  flags: 3,
  anchorAx: 4,
  anchorAy: 5,
  anchorBx: 6,
  anchorBy: 7,
  reference: 8,
  lower: 9,
  upper: 10,
  maxMotor: 11,
  motorSpeed: 12,
  axisX: 13,
  axisY: 14,
  length: 15,
  frequency: 16,
  damping: 17,
  limitState: 18,
  impulseX: 19,
  impulseY: 20,
  impulseZ: 21,
  motorImpulse: 22,
} as const;
export const JOINT_WORDS = 57;
/** Kinds of joints by number. */
export const JOINT_KINDS = ['revolute', 'prismatic', 'distance', 'weld'] as const;
export const LIMIT = 1;
export const MOTOR = 2;
export const COLLIDE_CONNECTED = 4;

export const CONTACT_WORDS = 29;
export const EVENT_WORDS = 3;

/** How many of each a block has room for. */
export interface Capacities {
  readonly bodies: number;
  readonly fixtures: number;
  readonly joints: number;
  readonly contacts: number;
  readonly vertices: number;
}

/** Word offsets of a block's parts and its length in words. */
export function layOut(
  room: Capacities,
): Record<
  'bodies' | 'fixtures' | 'joints' | 'contacts' | 'vertices' | 'bounds' | 'moves' | 'events' | 'eventRoom' | 'length',
  number
> {
  let at = HEADER_WORDS;
  const part = (words: number): number => {
    const start = at;
    at = (at + words + 3) & ~3;
    return start;
  };
  const bounds = part(4 * room.fixtures);
  const bodies = part(BODY_WORDS * room.bodies);
  const fixtures = part(FIXTURE_WORDS * room.fixtures);
  const joints = part(JOINT_WORDS * room.joints);
  const vertices = part(2 * room.vertices);
  // A fixture may move several times in a step: after the islands and after each impact.
  const moves = part(room.fixtures + 64);
  const eventRoom = 4 * room.contacts + 16;
  const events = part(EVENT_WORDS * eventRoom);
  const contacts = part(CONTACT_WORDS * room.contacts);
  return { bodies, fixtures, joints, contacts, vertices, bounds, moves, events, eventRoom, length: at };
}
