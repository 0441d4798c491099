/** The world of an episode: the moon, the lander and its two legs on sprung joints, and what touches what. */
import type { Generator } from '../../src/core/seeding/generator.js';
import { type Body, World } from '../../src/physics/index.js';
import { CONSTANTS, LANDER_POLY } from './fields.js';
import { drawMoon, HEIGHT, MOON_X, WIDTH } from './moon.js';

const SCALE = CONSTANTS.SCALE.value;
const INITIAL_RANDOM = CONSTANTS.INITIAL_RANDOM.value;
const LEG_AWAY = CONSTANTS.LEG_AWAY.value / SCALE;
const LEG_DOWN = CONSTANTS.LEG_DOWN.value / SCALE;
const OUTLINE = LANDER_POLY.map(([x, y]) => [x / SCALE, y / SCALE] as const);

/** Change of velocity, m/s, below which a world that need not be exact ends its iterations; 1e-4 would change how landings end. */
const TOLERANCE = 1e-6;

/** Names of the bodies, in their order. */
export const BODY_NAMES: readonly string[] = ['lander', 'right leg', 'left leg'];

/** The moving bodies of one env, rebuilt for every episode. */
export class Craft {
  readonly world: World;
  /** Heights of the surface at `MOON_X`, m. */
  readonly moon = new Float64Array(MOON_X.length);
  /** The lander, its right leg and its left leg; empty before the first `build`. */
  bodies: readonly Body[] = [];
  /** Whether the body of the lander has touched the ground. */
  crashed = false;
  rightContact = false;
  leftContact = false;

  /**
   * @param gravity - m/s^2, negative
   * @param exact - whether the solver does all its iterations
   */
  constructor(gravity: number, exact: boolean) {
    this.world = new World({ gravity: [0, gravity], tolerance: exact ? 0 : TOLERANCE });
  }

  /** Builds an episode's world, with the original's draws in the original's order. */
  build(rng: Generator): void {
    const { world, moon } = this;
    world.clear();
    drawMoon(rng, moon);
    const ground = world.createBody();
    ground.addEdge([0, 0], [WIDTH, 0]);
    for (let i = 0; i + 1 < moon.length; i++) {
      ground.addEdge([MOON_X[i]!, moon[i]!], [MOON_X[i + 1]!, moon[i + 1]!], { friction: 0.1 });
    }
    const lander = world.createBody({ type: 'dynamic', position: [WIDTH / 2, HEIGHT] });
    lander.addPolygon(OUTLINE, { density: 5, friction: 0.1, categoryBits: 0x10, maskBits: 1 });
    const forceX = rng.uniform(-INITIAL_RANDOM, INITIAL_RANDOM);
    const forceY = rng.uniform(-INITIAL_RANDOM, INITIAL_RANDOM);
    lander.applyForceToCenter(forceX, forceY);
    this.bodies = [lander, this.#addLeg(lander, -1), this.#addLeg(lander, 1)];
    this.crashed = false;
    this.rightContact = false;
    this.leftContact = false;
  }

  /** One leg, `way` -1 the right and 1 the left one, on a joint with a motor that spreads it and little room to give. */
  #addLeg(lander: Body, way: -1 | 1): Body {
    const { world } = this;
    const leg = world.createBody({
      type: 'dynamic',
      position: [WIDTH / 2 - way * LEG_AWAY, HEIGHT],
      angle: way * 0.05,
    });
    leg.addBox(CONSTANTS.LEG_W.value / SCALE, CONSTANTS.LEG_H.value / SCALE, {
      density: 1,
      categoryBits: 0x20,
      maskBits: 1,
    });
    world.createRevoluteJoint({
      bodyA: lander,
      bodyB: leg,
      localAnchorA: [0, 0],
      localAnchorB: [way * LEG_AWAY, LEG_DOWN],
      enableMotor: true,
      enableLimit: true,
      maxMotorTorque: CONSTANTS.LEG_SPRING_TORQUE.value,
      motorSpeed: 0.3 * way,
      lowerAngle: way === -1 ? 0.9 - 0.5 : -0.9,
      upperAngle: way === -1 ? 0.9 : -0.9 + 0.5,
    });
    return leg;
  }

  /** Takes in which contacts began and ended during the last step. Hot path: allocates nothing. */
  readContacts(): void {
    const { world } = this;
    const lander = this.bodies[0];
    const right = this.bodies[1];
    const left = this.bodies[2];
    for (let i = 0; i < world.eventCount; i++) {
      const begins = world.eventBegins(i);
      const a = world.eventFixtureA(i).body;
      const b = world.eventFixtureB(i).body;
      if (begins && (a === lander || b === lander)) this.crashed = true;
      if (a === right || b === right) this.rightContact = begins;
      if (a === left || b === left) this.leftContact = begins;
    }
  }
}
