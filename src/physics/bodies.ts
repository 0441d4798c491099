/** Handles of what a `World` holds: their numbers live in the world's block, these objects only know where. */
import { usageError } from '../core/errors.js';
import { checkFinite } from './finite.js';
import { AWAKE, BODY, BODY_WORDS, FIXTURE, FIXTURE_WORDS, HAS_V0, HAS_V3, HEADER, SENSOR } from './layout.js';
import type { World } from './world.js';

/** A point or direction, m. */
export type Vec2 = readonly [number, number];

/** How a body begins. Angles in rad, counter-clockwise. */
export interface BodyOptions {
  /** Static bodies never move, kinematic ones move at their velocity, dynamic ones by forces; static by default. */
  readonly type?: 'static' | 'kinematic' | 'dynamic';
  /** Of the body's origin, m. */
  readonly position?: Vec2;
  readonly angle?: number;
  /** m/s. */
  readonly linearVelocity?: Vec2;
  /** rad/s. */
  readonly angularVelocity?: number;
  /** Share of the velocity lost in a second, 1/s. */
  readonly linearDamping?: number;
  readonly angularDamping?: number;
  readonly fixedRotation?: boolean;
  /** Continuous collision against moving bodies, too. */
  readonly bullet?: boolean;
  /** Whether it may come to rest; true by default. */
  readonly allowSleep?: boolean;
  /** Factor of the world's gravity; 1 by default. */
  readonly gravityScale?: number;
}

/** What a shape is made of and what it touches. */
export interface FixtureOptions {
  /** kg/m^2; 0 by default, which gives its body no mass. */
  readonly density?: number;
  /** Coulomb coefficient; two shapes have the geometric mean. 0.2 by default. */
  readonly friction?: number;
  /** Bounce, 0 to 1; two shapes have the larger one. */
  readonly restitution?: number;
  /** Reports what it touches and pushes nothing. */
  readonly sensor?: boolean;
  /** Two shapes touch if each one's categories (16 bits) are in the other's mask. */
  readonly categoryBits?: number;
  readonly maskBits?: number;
  /** Shapes of one group other than 0 always touch (positive) or never (negative). */
  readonly groupIndex?: number;
}

const MOST_CORNERS = 16;

/** A shape of a body. */
export class Fixture {
  /** Made by `Body.addEdge`, `addPolygon`, `addBox` and `addCircle`. @internal */
  constructor(
    readonly body: Body,
    readonly index: number,
    readonly kind: 'edge' | 'polygon' | 'circle',
  ) {}

  get #at(): number {
    return this.body.world.at + this.body.world.parts.fixtures + FIXTURE_WORDS * this.index;
  }

  /** Skin of an edge or polygon, radius of a circle, m. */
  get radius(): number {
    return this.body.world.memory.f32[this.#at + FIXTURE.radius]!;
  }

  /** Corners in the body's axes, m, counter-clockwise; a circle's centre. */
  get vertices(): Vec2[] {
    const { memory, at, parts } = this.body.world;
    const first = at + parts.vertices + 2 * memory.i32[this.#at + FIXTURE.first]!;
    const count = memory.i32[this.#at + FIXTURE.count]!;
    return Array.from({ length: count }, (_, i): Vec2 => [memory.f32[first + 2 * i]!, memory.f32[first + 2 * i + 1]!]);
  }

  /** Whether it only reports what it touches. */
  get sensor(): boolean {
    return (this.body.world.memory.i32[this.#at + FIXTURE.flags]! & SENSOR) !== 0;
  }

  set sensor(value: boolean) {
    const { i32 } = this.body.world.memory;
    if (value) i32[this.#at + FIXTURE.flags]! |= SENSOR;
    else i32[this.#at + FIXTURE.flags]! &= ~SENSOR;
  }
}

/** A rigid body of a `World`. Numbers are float32; positions in m, angles in rad, velocities in m/s and rad/s. */
export class Body {
  /** In the order in which they were added. */
  readonly fixtures: Fixture[] = [];

  /** Made by `World.createBody`. @internal */
  constructor(
    readonly world: World,
    readonly index: number,
    readonly type: 'static' | 'kinematic' | 'dynamic',
  ) {}

  /** A line from v1 to v2; `v0` and `v3` are the points before and after it where it is part of a terrain, so that nothing trips over the joint. */
  addEdge(v1: Vec2, v2: Vec2, options: FixtureOptions & { readonly v0?: Vec2; readonly v3?: Vec2 } = {}): Fixture {
    const { v0, v3 } = options;
    const flags = (v0 ? HAS_V0 : 0) | (v3 ? HAS_V3 : 0);
    return this.#add('edge', [v1, v2, v0 ?? [0, 0], v3 ?? [0, 0]], 2, options, flags);
  }

  /** Edges along a line of points, each knowing its neighbours. */
  addTerrain(points: readonly Vec2[], options: FixtureOptions = {}): Fixture[] {
    return points.slice(1).map((v2, i) => {
      const v0 = points[i - 1];
      const v3 = points[i + 2];
      return this.addEdge(points[i]!, v2, { ...options, ...(v0 && { v0 }), ...(v3 && { v3 }) });
    });
  }

  /** The convex hull of 3 to 16 points. @throws `INVALID_BODY` for another number or points on a line. */
  addPolygon(vertices: readonly Vec2[], options: FixtureOptions = {}): Fixture {
    return this.#add('polygon', vertices, vertices.length, options);
  }

  /** A rectangle round the body's origin. */
  addBox(halfWidth: number, halfHeight: number, options: FixtureOptions = {}): Fixture {
    const corners: Vec2[] = [
      [-halfWidth, -halfHeight],
      [halfWidth, -halfHeight],
      [halfWidth, halfHeight],
      [-halfWidth, halfHeight],
    ];
    if (!(halfWidth > 0 && halfHeight > 0)) {
      throw usageError('INVALID_BODY', `Expected a box of positive extents, got ${halfWidth} and ${halfHeight} m.`, {
        field: 'halfWidth, halfHeight',
        expected: 'positive numbers',
        got: `${halfWidth}, ${halfHeight}`,
      });
    }
    return this.#add('polygon', corners, 4, options, 0, 0, true);
  }

  addCircle(radius: number, options: FixtureOptions & { readonly center?: Vec2 } = {}): Fixture {
    if (!(radius > 0)) {
      throw usageError('INVALID_BODY', `Expected a circle of a positive radius, got ${radius} m.`, {
        field: 'radius',
        expected: 'a positive number',
        got: String(radius),
      });
    }
    return this.#add('circle', [options.center ?? [0, 0]], 1, options, 0, radius);
  }

  #add(
    kind: Fixture['kind'],
    points: readonly Vec2[],
    count: number,
    options: FixtureOptions,
    flags = 0,
    radius = 0,
    box = false,
  ): Fixture {
    const {
      density = 0,
      friction = 0.2,
      restitution = 0,
      categoryBits = 1,
      maskBits = 0xffff,
      groupIndex = 0,
    } = options;
    if (!Number.isFinite(density + friction + restitution + radius)) {
      checkFinite('a shape', { density, friction, restitution, radius });
    }
    for (const [x, y] of points) if (!Number.isFinite(x + y)) checkFinite('a shape', { x, y });
    if (kind === 'polygon' && (count < 3 || count > MOST_CORNERS)) {
      throw usageError('INVALID_BODY', `Expected a polygon of 3 to ${MOST_CORNERS} corners, got ${count}.`, {
        field: 'vertices',
        expected: `3 to ${MOST_CORNERS}`,
        got: String(count),
      });
    }
    if (density < 0 || friction < 0 || restitution < 0) {
      throw usageError(
        'INVALID_BODY',
        `Expected density, friction and restitution of at least 0, got ${density}, ${friction} and ${restitution}.`,
        {
          expected: 'at least 0',
          got: `${density}, ${friction}, ${restitution}`,
        },
      );
    }
    const { world } = this;
    // A polygon's normals follow its corners.
    const words = kind === 'polygon' ? 2 * count : points.length;
    const { index, first } = world.reserveFixture(words);
    const { f32, i32 } = world.memory;
    const at = world.at + world.parts.fixtures + FIXTURE_WORDS * index;
    i32[at + FIXTURE.kind] = kind === 'circle' ? 0 : kind === 'edge' ? 1 : 2;
    i32[at + FIXTURE.body] = this.index;
    i32[at + FIXTURE.first] = first;
    i32[at + FIXTURE.count] = count;
    f32[at + FIXTURE.radius] = radius;
    f32[at + FIXTURE.density] = density;
    f32[at + FIXTURE.friction] = friction;
    f32[at + FIXTURE.restitution] = restitution;
    i32[at + FIXTURE.flags] = flags | (options.sensor ? SENSOR : 0);
    i32[at + FIXTURE.category] = categoryBits;
    i32[at + FIXTURE.mask] = maskBits;
    i32[at + FIXTURE.group] = groupIndex;
    const start = world.at + world.parts.vertices + 2 * first;
    for (let i = 0; i < points.length; i++) {
      f32[start + 2 * i] = points[i]![0];
      f32[start + 2 * i + 1] = points[i]![1];
    }
    const fixture = new Fixture(this, index, kind);
    world.addFixture(fixture, words, box);
    this.fixtures.push(fixture);
    return fixture;
  }

  #number(word: number): number {
    const { world } = this;
    return world.memory.f32[world.at + world.parts.bodies + BODY_WORDS * this.index + word]!;
  }

  /** Position of the body's origin, m. */
  get x(): number {
    return this.#number(BODY.px);
  }

  get y(): number {
    return this.#number(BODY.py);
  }

  /** Position of the centre of mass, m. */
  get centerX(): number {
    return this.#number(BODY.cx);
  }

  get centerY(): number {
    return this.#number(BODY.cy);
  }

  /** rad, not wrapped. */
  get angle(): number {
    return this.#number(BODY.a);
  }

  /** Velocity of the centre of mass, m/s. */
  get vx(): number {
    return this.#number(BODY.vx);
  }

  get vy(): number {
    return this.#number(BODY.vy);
  }

  /** rad/s. */
  get omega(): number {
    return this.#number(BODY.w);
  }

  /** kg. */
  get mass(): number {
    return this.#number(BODY.mass);
  }

  /** Moment of inertia about the body's origin, kg m^2. */
  get inertia(): number {
    const f = Math.fround;
    const lx = this.#number(BODY.lx);
    const ly = this.#number(BODY.ly);
    return f(this.#number(BODY.inertia) + f(this.mass * f(f(lx * lx) + f(ly * ly))));
  }

  /** Whether it moves: bodies that rest for half a second sleep until something touches them. */
  get awake(): boolean {
    const { world } = this;
    return (world.memory.i32[world.at + world.parts.bodies + BODY_WORDS * this.index + BODY.flags]! & AWAKE) !== 0;
  }

  set awake(value: boolean) {
    const solver = this.world.select();
    if (value) solver.wakeBody(this.index);
    else solver.sleepBody(this.index);
  }

  /** A point of the body in world axes, m. */
  worldX(lx: number, ly: number): number {
    return this.#number(BODY.c) * lx - this.#number(BODY.s) * ly + this.x;
  }

  worldY(lx: number, ly: number): number {
    return this.#number(BODY.s) * lx + this.#number(BODY.c) * ly + this.y;
  }

  /** A direction of the body in world axes; float32, as Box2D's GetWorldVector. */
  worldVectorX(lx: number, ly: number): number {
    const f = Math.fround;
    return f(f(this.#number(BODY.c) * f(lx)) - f(this.#number(BODY.s) * f(ly)));
  }

  worldVectorY(lx: number, ly: number): number {
    const f = Math.fround;
    return f(f(this.#number(BODY.s) * f(lx)) + f(this.#number(BODY.c) * f(ly)));
  }

  /** Sets the velocity of the centre of mass, m/s, and the angular velocity, rad/s, and wakes the body. */
  setVelocity(vx: number, vy: number, omega: number): void {
    checkFinite('a body', { vx, vy, omega });
    const { world } = this;
    world.select().wakeBody(this.index);
    const at = world.at + world.parts.bodies + BODY_WORDS * this.index;
    world.memory.f32[at + BODY.vx] = vx;
    world.memory.f32[at + BODY.vy] = vy;
    world.memory.f32[at + BODY.w] = omega;
  }

  /** Puts the body's origin at a place, m and rad. */
  setTransform(x: number, y: number, angle: number): void {
    checkFinite('a body', { x, y, angle });
    const { world } = this;
    const { i32 } = world.memory;
    // The list of moved fixtures has room for each fixture and 64 more; contacts of earlier moves are found first.
    if (i32[world.at + HEADER.moveCount]! + this.fixtures.length > i32[world.at + HEADER.fixtureCapacity]!)
      world.findContacts();
    world.select().setTransform(this.index, x, y, angle);
    i32[world.at + HEADER.newFixtures] = 1;
  }

  /** Adds a force, N, at a point in world axes, m, for the next step. */
  applyForce(fx: number, fy: number, px: number, py: number): void {
    this.world.select().applyForce(this.index, fx, fy, px, py);
  }

  /** Adds a force, N, at the centre of mass for the next step. */
  applyForceToCenter(fx: number, fy: number): void {
    this.world.select().applyForceToCenter(this.index, fx, fy);
  }

  /** Adds a torque, N m, for the next step. */
  applyTorque(torque: number): void {
    this.world.select().applyTorque(this.index, torque);
  }

  /** Changes the velocity by an impulse, N s, at a point in world axes, m, at once. */
  applyLinearImpulse(ix: number, iy: number, px: number, py: number): void {
    this.world.select().applyLinearImpulse(this.index, ix, iy, px, py);
  }

  /** Changes the angular velocity by an impulse, N m s, at once. */
  applyAngularImpulse(impulse: number): void {
    this.world.select().applyAngularImpulse(this.index, impulse);
  }
}
