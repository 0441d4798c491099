/** The world of an episode: the land, and on it a hull with two legs of two parts each, on four joints with motors. */
import { type Body, type RevoluteJoint, World } from '../../src/physics/index.js';
import { CONSTANTS, HULL_POLY } from './fields.js';
import type { Terrain } from './terrain.js';

const SCALE = CONSTANTS.SCALE.value;
const LEG_DOWN = CONSTANTS.LEG_DOWN.value;
const LEG_W = CONSTANTS.LEG_W.value;
const LEG_H = CONSTANTS.LEG_H.value;
const MOTORS_TORQUE = CONSTANTS.MOTORS_TORQUE.value;
const GROUND = { friction: CONSTANTS.FRICTION.value } as const;
const START_X = (CONSTANTS.TERRAIN_STEP.value * CONSTANTS.TERRAIN_STARTPAD.value) / 2;
const START_Y = CONSTANTS.TERRAIN_HEIGHT.value + 2 * LEG_H;
const OUTLINE = HULL_POLY.map(([x, y]) => [x / SCALE, y / SCALE] as const);

/** What collides with the ground (category 1) and with nothing else. */
const LIMB = { categoryBits: 0x20, maskBits: 1 } as const;

/** Names of the bodies, in their order. */
export const BODY_NAMES: readonly string[] = ['hull', 'upper leg 1', 'lower leg 1', 'upper leg 2', 'lower leg 2'];

/** The moving bodies of one env, rebuilt for every episode. */
export class Walker {
  readonly world = new World({ gravity: [0, -10] });
  /** The hull, then the upper and lower part of either leg; empty before the first `build`. */
  bodies: readonly Body[] = [];
  /** Hip 1, knee 1, hip 2, knee 2. */
  joints: readonly RevoluteJoint[] = [];
  /** Whether the hull has touched the ground. */
  fallen = false;
  /** Whether the lower part of leg 1 and of leg 2 touches the ground. */
  contact1 = false;
  contact2 = false;

  /** Builds an episode's world; `force` (N) pushes the hull during the first step. */
  build(terrain: Terrain, force: () => number): void {
    const { world } = this;
    world.clear();
    // The original has a body for each part of the land. Bodies that stand still are the same to all that moves, and one is less.
    const land = world.createBody();
    for (const outline of terrain.obstacles) land.addPolygon(outline, GROUND);
    const { x, y } = terrain;
    for (let i = 0; i + 1 < x.length; i++) land.addEdge([x[i]!, y[i]!], [x[i + 1]!, y[i + 1]!], GROUND);
    const hull = world.createBody({ type: 'dynamic', position: [START_X, START_Y] });
    hull.addPolygon(OUTLINE, { density: 5, friction: 0.1, ...LIMB });
    hull.applyForceToCenter(force(), 0);
    const bodies: Body[] = [hull];
    const joints: RevoluteJoint[] = [];
    for (const way of [-1, 1]) this.#addLeg(hull, way, bodies, joints);
    this.bodies = bodies;
    this.joints = joints;
    this.fallen = false;
    this.contact1 = false;
    this.contact2 = false;
  }

  #addLeg(hull: Body, way: number, bodies: Body[], joints: RevoluteJoint[]): void {
    const { world } = this;
    const angle = way * 0.05;
    const upper = world.createBody({
      type: 'dynamic',
      position: [START_X, START_Y - LEG_H / 2 - LEG_DOWN],
      angle,
    });
    upper.addBox(LEG_W / 2, LEG_H / 2, { density: 1, ...LIMB });
    const motor = { enableMotor: true, enableLimit: true, maxMotorTorque: MOTORS_TORQUE };
    const hip = world.createRevoluteJoint({
      bodyA: hull,
      bodyB: upper,
      localAnchorA: [0, LEG_DOWN],
      localAnchorB: [0, LEG_H / 2],
      ...motor,
      motorSpeed: way,
      lowerAngle: -0.8,
      upperAngle: 1.1,
    });
    const lower = world.createBody({
      type: 'dynamic',
      position: [START_X, START_Y - (LEG_H * 3) / 2 - LEG_DOWN],
      angle,
    });
    lower.addBox((0.8 * LEG_W) / 2, LEG_H / 2, { density: 1, ...LIMB });
    const knee = world.createRevoluteJoint({
      bodyA: upper,
      bodyB: lower,
      localAnchorA: [0, -LEG_H / 2],
      localAnchorB: [0, LEG_H / 2],
      ...motor,
      motorSpeed: 1,
      lowerAngle: -1.6,
      upperAngle: -0.1,
    });
    bodies.push(upper, lower);
    joints.push(hip, knee);
  }

  /** Sets joint `k`'s motor: it goes for `speed` (rad/s) in the direction of `drive` with the share |drive| of its torque. */
  drive(k: number, speed: number, drive: number): void {
    const joint = this.joints[k]!;
    const share = Math.abs(drive);
    joint.motorSpeed = speed * Math.sign(drive);
    joint.maxMotorTorque = MOTORS_TORQUE * (share > 1 ? 1 : share);
  }

  /** Takes in which contacts began and ended during the last step. Hot path: allocates nothing. */
  readContacts(): void {
    const { world } = this;
    const hull = this.bodies[0];
    const lower1 = this.bodies[2];
    const lower2 = this.bodies[4];
    for (let i = 0; i < world.eventCount; i++) {
      const begins = world.eventBegins(i);
      const a = world.eventFixtureA(i).body;
      const b = world.eventFixtureB(i).body;
      if (begins && (a === hull || b === hull)) this.fallen = true;
      if (a === lower1 || b === lower1) this.contact1 = begins;
      if (a === lower2 || b === lower2) this.contact2 = begins;
    }
  }
}
