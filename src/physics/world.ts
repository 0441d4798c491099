/**
 * A world of rigid bodies in SI units: shapes, joints with motors, limits and springs, contacts with friction and restitution,
 * continuous collision against what does not move, sensors, rays and sleep. It takes Box2D 2.3's steps in float32, operation by
 * operation, so that a scene built as in Box2D moves to the same bits (README.md says how that is checked).
 *
 * A world's state is one block of memory: `save` and `restore` copy it, and nothing else remembers anything.
 */
import { failure, usageError } from '../core/errors.js';
import { Body, type BodyOptions, type Fixture } from './bodies.js';
import { checkFinite } from './finite.js';
import type {
  DistanceJoint,
  DistanceJointOptions,
  Joint,
  PrismaticJoint,
  PrismaticJointOptions,
  RevoluteJoint,
  RevoluteJointOptions,
  WeldJoint,
  WeldJointOptions,
} from './joints.js';
import {
  AUTO_SLEEP,
  AWAKE,
  BODY,
  BODY_WORDS,
  BULLET,
  type Capacities,
  CONTACT_WORDS,
  EVENT_WORDS,
  FIXED_ROTATION,
  FIXTURE_WORDS,
  HEADER,
  HEADER_WORDS,
  JOINT,
  JOINT_KINDS,
  JOINT_WORDS,
  layOut,
} from './layout.js';
import { makeDistanceJoint, makePrismaticJoint, makeRevoluteJoint, makeWeldJoint } from './make-joints.js';
import { type SolverMemory, solverMemory } from './solver.js';

/** Gravity of a world, in SI units. */
export interface WorldOptions {
  /** Acceleration of every moving body, m/s^2; `[0, -9.81]` by default, y upwards. */
  readonly gravity?: readonly [number, number];
  /**
   * Velocity iterations of a step end once none changes a velocity by more, m/s and rad/s. 0, the default, does them all, as Box2D
   * does; 1e-9 is several times faster, and differs from it in the last bits.
   */
  readonly tolerance?: number;
}

const KINDS = { static: 0, kinematic: 1, dynamic: 2 } as const;
/** A world's first block: enough for a lander. */
const FIRST: Capacities = { bodies: 8, fixtures: 16, joints: 4, contacts: 16, vertices: 96 };
const MOST_FIXTURES = 65535;

/** Bodies that move together, step by step. The same calls give the same bits on every machine and engine. */
export class World {
  /** In the order in which they were made. */
  readonly bodies: Body[] = [];
  /** In the order in which they were made. */
  readonly joints: Joint[] = [];
  /** @internal */
  readonly memory: SolverMemory;
  /** Where the block begins, words. @internal */
  at = 0;
  /** Word offsets of the block's parts. @internal */
  parts: ReturnType<typeof layOut>;
  readonly #fixtures: Fixture[] = [];
  readonly #gravity: readonly [number, number];
  readonly #tolerance: number;
  readonly #block = { at: 0, size: 0 };
  #room: Capacities = FIRST;

  /** @throws `INVALID_WORLD` unless gravity is two finite numbers. */
  constructor(options: WorldOptions = {}) {
    const { gravity = [0, -9.81], tolerance = 0 } = options;
    if (gravity.length !== 2 || !gravity.every(Number.isFinite)) {
      throw usageError('INVALID_WORLD', `Expected gravity [x, y] of two finite numbers, m/s^2, got [${gravity}].`, {
        field: 'gravity',
        expected: 'two finite numbers',
        got: `[${gravity}]`,
      });
    }
    if (!(tolerance >= 0 && tolerance <= 1)) {
      throw usageError('INVALID_WORLD', `Expected a tolerance from 0 to 1 m/s, got ${tolerance}.`, {
        field: 'tolerance',
        expected: '0 to 1',
        got: String(tolerance),
      });
    }
    this.#gravity = [gravity[0], gravity[1]];
    this.#tolerance = tolerance;
    this.memory = solverMemory();
    this.memory.reserveScratch(4096);
    this.parts = layOut(this.#room);
    this.#take();
    this.memory.watch(this, this.#block);
    this.clear();
  }

  /** Empties the world, as if it were new; what was made in it must not be used any more. */
  clear(): void {
    this.bodies.length = 0;
    this.joints.length = 0;
    this.#fixtures.length = 0;
    const { f32, i32 } = this.memory;
    const { at, parts } = this;
    i32.fill(0, at, at + parts.length);
    this.#writeRoom();
    i32[at + HEADER.contactFree] = -1;
    i32[at + HEADER.contactList] = -1;
    f32[at + HEADER.gravityX] = this.#gravity[0];
    f32[at + HEADER.gravityY] = this.#gravity[1];
    f32[at + HEADER.tolerance] = this.#tolerance;
  }

  /**
   * Makes a body without a shape; add edges, polygons and circles to it.
   * @throws `INVALID_BODY` for a type it does not know or a number that is not finite.
   */
  createBody(options: BodyOptions = {}): Body {
    const { type = 'static', position = [0, 0], angle = 0, linearVelocity = [0, 0], angularVelocity = 0 } = options;
    const { linearDamping = 0, angularDamping = 0, gravityScale = 1 } = options;
    const kind = KINDS[type];
    if (kind === undefined) {
      throw usageError('INVALID_BODY', `Expected a body's type to be static, kinematic or dynamic, got ${type}.`, {
        field: 'type',
        expected: 'static, kinematic or dynamic',
        got: String(type),
      });
    }
    const [x, y] = position;
    const [vx, vy] = linearVelocity;
    // A sum of finite numbers tells without an object being made for every body.
    if (!Number.isFinite(x + y + angle + vx + vy + angularVelocity + linearDamping + angularDamping + gravityScale)) {
      const numbers = { x, y, angle, vx, vy, angularVelocity, linearDamping, angularDamping, gravityScale };
      checkFinite('a body', numbers);
    }
    const index = this.bodies.length;
    this.#need('bodies', index + 1);
    const { f32, i32 } = this.memory;
    const at = this.at + this.parts.bodies + BODY_WORDS * index;
    i32[at + BODY.type] = kind;
    i32[at + BODY.flags] =
      AWAKE |
      (options.allowSleep === false ? 0 : AUTO_SLEEP) |
      (options.bullet ? BULLET : 0) |
      (options.fixedRotation ? FIXED_ROTATION : 0);
    f32[at + BODY.px] = x;
    f32[at + BODY.py] = y;
    f32[at + BODY.a] = angle;
    f32[at + BODY.vx] = vx;
    f32[at + BODY.vy] = vy;
    f32[at + BODY.w] = angularVelocity;
    f32[at + BODY.linearDamping] = linearDamping;
    f32[at + BODY.angularDamping] = angularDamping;
    f32[at + BODY.gravityScale] = gravityScale;
    i32[this.at + HEADER.bodyCount] = index + 1;
    this.select().startBody(index);
    const body = new Body(this, index, type);
    this.bodies.push(body);
    return body;
  }

  /**
   * Joins two bodies at a point round which they turn.
   * @throws `INVALID_JOINT` for bodies of another world, one body twice or limits in the wrong order, `INVALID_BODY` for a number
   * that is not finite.
   */
  createRevoluteJoint(options: RevoluteJointOptions): RevoluteJoint {
    return makeRevoluteJoint(this, options);
  }

  /**
   * Joins two bodies so that one slides along an axis of the other and does not turn against it.
   * @throws `INVALID_JOINT` for bodies of another world, one body twice, an axis of no length, limits in the wrong order or a
   * negative force, `INVALID_BODY` for a number that is not finite.
   */
  createPrismaticJoint(options: PrismaticJointOptions): PrismaticJoint {
    return makePrismaticJoint(this, options);
  }

  /**
   * Keeps two points of two bodies at a distance: with a rod, or with a spring and a damper.
   * @throws `INVALID_JOINT` for bodies of another world, one body twice or a negative length, frequency or damping, `INVALID_BODY`
   * for a number that is not finite.
   */
  createDistanceJoint(options: DistanceJointOptions): DistanceJoint {
    return makeDistanceJoint(this, options);
  }

  /**
   * Holds two bodies together at a point and an angle, rigidly or with a spring for the angle.
   * @throws `INVALID_JOINT` for bodies of another world, one body twice or a negative frequency or damping, `INVALID_BODY` for a
   * number that is not finite.
   */
  createWeldJoint(options: WeldJointOptions): WeldJoint {
    return makeWeldJoint(this, options);
  }

  /**
   * Takes a joint out and wakes its bodies; later joints move up in `joints`. The handle must not be used any more.
   * @throws `INVALID_JOINT` for a joint of another world or one that is gone.
   */
  destroyJoint(joint: Joint): void {
    if (this.joints[joint.index] !== joint) {
      throw usageError('INVALID_JOINT', 'Expected a joint of this world to destroy.', {
        field: 'joint',
        expected: 'one of world.joints',
        got: 'a joint of another world, or one that was destroyed or cleared',
      });
    }
    this.select().destroyJoint(joint.index);
    this.joints.splice(joint.index, 1);
    for (let i = joint.index; i < this.joints.length; i++) this.joints[i]!.index = i;
    joint.index = -1;
  }

  /**
   * Advances all bodies and clears their forces.
   * @param dt - s; the same in every step, or nearly: impulses are kept from step to step
   * @throws `INVALID_WORLD` unless dt is positive and at most 1 s and the iterations are positive integers.
   */
  step(dt: number, velocityIterations = 180, positionIterations = 60): void {
    if (!(dt > 0 && dt <= 1 && velocityIterations > 0 && positionIterations > 0)) {
      throw usageError(
        'INVALID_WORLD',
        `Expected a step of 0 < dt <= 1 s and positive iterations, got ${dt} s, ${velocityIterations} and ${positionIterations}.`,
        {
          field: 'dt',
          expected: 'above 0 and at most 1 s',
          got: String(dt),
        },
      );
    }
    const h = Math.fround(dt);
    if (this.memory.i32[this.at + HEADER.newFixtures] !== 0) {
      this.findContacts();
      this.memory.i32[this.at + HEADER.newFixtures] = 0;
    }
    this.#reserve();
    this.#contacts(this.select().stepIslands(h, velocityIterations, positionIterations));
    this.select().beginImpacts();
    while (this.select().stepImpacts(h, velocityIterations) !== 0) this.#contacts(0);
    this.select().endStep(h);
    if (this.memory.i32[this.at + HEADER.eventsLost] !== 0) {
      throw failure('PHYSICS_FAILED', 'internal: more contacts began and ended in a step than a world can report.');
    }
  }

  /** Contacts that began or ended in the last step; see `eventBegins`, `eventFixtureA` and `eventFixtureB`. */
  get eventCount(): number {
    return this.memory.i32[this.at + HEADER.eventCount]!;
  }

  /** Whether the i-th event is a contact that began, not one that ended. */
  eventBegins(i: number): boolean {
    return this.memory.i32[this.at + this.parts.events + EVENT_WORDS * i] === 1;
  }

  /** One fixture of the i-th event. */
  eventFixtureA(i: number): Fixture {
    return this.#fixtures[this.memory.i32[this.at + this.parts.events + EVENT_WORDS * i + 1]!]!;
  }

  /** The other fixture of the i-th event. */
  eventFixtureB(i: number): Fixture {
    return this.#fixtures[this.memory.i32[this.at + this.parts.events + EVENT_WORDS * i + 2]!]!;
  }

  /**
   * Where a ray from `(x1, y1)` to `(x2, y2)`, m, meets the nearest fixture whose `categoryBits` are in the mask.
   * @returns the share of the way, 0 to 1; 1 if it meets none
   */
  rayCast(x1: number, y1: number, x2: number, y2: number, maskBits = 0xffff): number {
    return this.select().rayCast(x1, y1, x2, y2, maskBits);
  }

  /** The fixture that the last `rayCast` met, or null. */
  get rayFixture(): Fixture | null {
    return this.#fixtures[this.memory.solver.rayHit.value] ?? null;
  }

  /** A copy of the whole state: positions, velocities, contacts with their impulses, sleep. */
  save(): Uint8Array {
    const { at, parts } = this;
    const end = parts.contacts + CONTACT_WORDS * this.memory.i32[at + HEADER.contactHigh]!;
    return new Uint8Array(this.memory.solver.memory.buffer, at * 4, end * 4).slice();
  }

  /**
   * Goes back to a state that `save` gave, exactly.
   * @throws `INVALID_SNAPSHOT` for one of a world with other bodies, fixtures or joints.
   */
  restore(snapshot: Uint8Array): void {
    const copy = snapshot.byteOffset % 4 === 0 ? snapshot : snapshot.slice();
    const words = new Int32Array(copy.buffer, copy.byteOffset, Math.floor(copy.byteLength / 4));
    const got = [words[HEADER.bodyCount], words[HEADER.fixtureCount], words[HEADER.jointCount]];
    const expected = [this.bodies.length, this.#fixtures.length, this.joints.length];
    if (words.length < HEADER_WORDS || expected.some((count, i) => count !== got[i])) {
      throw usageError(
        'INVALID_SNAPSHOT',
        `Expected a snapshot of a world with ${expected.join(', ')} bodies, fixtures and joints, got one with ${got.join(', ')}. Build the world as it was, then restore.`,
        { expected: expected.join(', '), got: got.join(', ') },
      );
    }
    const first = words[HEADER.joints]! / 4 + JOINT.kind;
    const strange = this.joints.find(({ kind }, i) => JOINT_KINDS[words[first + JOINT_WORDS * i]!] !== kind);
    if (strange !== undefined) {
      const got = JOINT_KINDS[words[first + JOINT_WORDS * strange.index]!];
      throw usageError(
        'INVALID_SNAPSHOT',
        `Expected a snapshot of a world whose joint ${strange.index} is a ${strange.kind} joint, got one with a ${got} joint there. Build the world as it was, then restore.`,
        { expected: strange.kind, got: String(got) },
      );
    }
    const room: Capacities = {
      bodies: words[HEADER.bodyCapacity]!,
      fixtures: words[HEADER.fixtureCapacity]!,
      joints: words[HEADER.jointCapacity]!,
      contacts: words[HEADER.contactCapacity]!,
      vertices: words[HEADER.vertexCapacity]!,
    };
    const keys = Object.keys(room) as (keyof Capacities)[];
    if (keys.some((key) => room[key] !== this.#room[key])) this.#grow(room);
    this.memory.i32.set(words, this.at);
  }

  /** The solver, set to this world. @internal */
  select(): SolverMemory['solver'] {
    const { solver } = this.memory;
    solver.select(this.at * 4);
    return solver;
  }

  /** Makes the contacts of fixtures that were added or put elsewhere. @internal */
  findContacts(): void {
    this.#reserve();
    this.#contacts(this.select().findNewContacts());
  }

  /** Room and a zeroed record for another joint. @internal */
  reserveJoint(): number {
    const index = this.joints.length;
    this.#need('joints', index + 1);
    return index;
  }

  /** Takes in a joint whose record is written. @internal */
  addJoint(joint: Joint): void {
    this.memory.i32[this.at + HEADER.jointCount] = joint.index + 1;
    this.select().startJoint(joint.index);
    this.joints.push(joint);
  }

  /** Room and a record for another fixture. @internal */
  reserveFixture(points: number): { index: number; first: number } {
    const index = this.#fixtures.length;
    if (index >= MOST_FIXTURES) {
      throw failure('PHYSICS_MEMORY', `A world has at most ${MOST_FIXTURES} fixtures.`);
    }
    const first = this.memory.i32[this.at + HEADER.vertexCount]!;
    this.#need('fixtures', index + 1);
    this.#need('vertices', first + points);
    this.memory.i32.fill(
      0,
      this.at + this.parts.fixtures + FIXTURE_WORDS * index,
      this.at + this.parts.fixtures + FIXTURE_WORDS * (index + 1),
    );
    return { index, first };
  }

  /** Takes in a fixture whose record is written. @internal */
  addFixture(fixture: Fixture, points: number, box: boolean): void {
    const { i32 } = this.memory;
    i32[this.at + HEADER.fixtureCount] = fixture.index + 1;
    i32[this.at + HEADER.vertexCount] = i32[this.at + HEADER.vertexCount]! + points;
    if (this.select().startFixture(fixture.index, box ? 1 : 0) !== 0) {
      i32[this.at + HEADER.fixtureCount] = fixture.index;
      i32[this.at + HEADER.vertexCount] = i32[this.at + HEADER.vertexCount]! - points;
      throw usageError('INVALID_BODY', 'Expected the corners of a convex polygon with an area, got points without.', {
        field: 'vertices',
        expected: '3 to 16 corners that span an area',
        got: 'points on a line, or the same point',
      });
    }
    this.#fixtures.push(fixture);
  }

  #writeRoom(): void {
    const { i32 } = this.memory;
    const { at, parts } = this;
    const room = this.#room;
    i32[at + HEADER.bodyCapacity] = room.bodies;
    i32[at + HEADER.fixtureCapacity] = room.fixtures;
    i32[at + HEADER.jointCapacity] = room.joints;
    i32[at + HEADER.contactCapacity] = room.contacts;
    i32[at + HEADER.vertexCapacity] = room.vertices;
    i32[at + HEADER.eventCapacity] = parts.eventRoom;
    for (const name of ['bodies', 'fixtures', 'joints', 'contacts', 'vertices', 'bounds', 'moves', 'events'] as const) {
      i32[at + HEADER[name]] = 4 * parts[name];
    }
  }

  #take(): void {
    const { at, size } = this.memory.take(4 * this.parts.length);
    this.#block.at = at;
    this.#block.size = size;
    this.at = at / 4;
  }

  /** Makes room for at least as many of one kind. */
  #need(kind: keyof Capacities, count: number): void {
    const room = this.#room;
    if (count <= room[kind]) return;
    // Whole vectors of four bounds.
    this.#grow({ ...room, [kind]: (Math.max(count, 2 * room[kind]) + 3) & ~3 });
  }

  #grow(next: Capacities): void {
    const old = { at: this.at, parts: this.parts, room: this.#room, block: { ...this.#block } };
    this.#room = next;
    this.parts = layOut(next);
    this.#take();
    const { i32 } = this.memory;
    const move = (from: number, to: number, words: number): void => {
      i32.copyWithin(this.at + to, old.at + from, old.at + from + words);
    };
    move(0, 0, HEADER_WORDS);
    move(old.parts.bodies, this.parts.bodies, BODY_WORDS * Math.min(old.room.bodies, next.bodies));
    move(old.parts.fixtures, this.parts.fixtures, FIXTURE_WORDS * Math.min(old.room.fixtures, next.fixtures));
    move(old.parts.joints, this.parts.joints, JOINT_WORDS * Math.min(old.room.joints, next.joints));
    move(old.parts.vertices, this.parts.vertices, 2 * Math.min(old.room.vertices, next.vertices));
    move(old.parts.moves, this.parts.moves, Math.min(old.room.fixtures, next.fixtures) + 64);
    move(old.parts.events, this.parts.events, EVENT_WORDS * Math.min(old.parts.eventRoom, this.parts.eventRoom));
    move(old.parts.contacts, this.parts.contacts, CONTACT_WORDS * Math.min(old.room.contacts, next.contacts));
    const fixtures = Math.min(old.room.fixtures, next.fixtures);
    for (let side = 0; side < 4; side++) {
      move(old.parts.bounds + side * old.room.fixtures, this.parts.bounds + side * next.fixtures, fixtures);
    }
    this.#writeRoom();
    this.memory.release(old.block.at, old.block.size);
  }

  /** If a search for contacts found too little room: makes it and searches again. */
  #contacts(done: number): void {
    if (done !== 0) return;
    const found = this.memory.solver.pairsFound();
    this.#need('contacts', this.memory.i32[this.at + HEADER.contactHigh]! + found);
    this.#reserve();
    this.memory.reserveScratch(4 * found);
    this.select().findNewContacts();
  }

  /** Scratch memory for the island of a step; assembly/state.ts lays it out. */
  #reserve(): void {
    const bodies = this.bodies.length * (24 + 4 + 4 + 12);
    const contacts = this.#room.contacts * (4 + 256 + 16);
    const joints = (this.joints.length + 1) * (4 + 16);
    this.memory.reserveScratch(bodies + contacts + joints + 1024);
  }
}
