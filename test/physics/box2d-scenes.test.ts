/** Scenes of stacks, circles, robots, chains and joints of all kinds move as in Box2D 2.3.10, bit for bit. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Body,
  type BodyOptions,
  type FixtureOptions,
  type Joint,
  PrismaticJoint,
  RevoluteJoint,
  type Vec2,
  World,
} from '../../src/physics/index.js';

interface FixtureData extends FixtureOptions {
  kind: 'box' | 'polygon' | 'edge' | 'circle';
  size?: Vec2;
  points?: Vec2[];
  radius?: number;
  center?: Vec2;
}

interface JointData {
  kind?: Joint['kind'];
  bodies: [number, number];
  anchors: [Vec2, Vec2];
}

/** What is done to a joint after a step. */
interface ChangeData {
  after: number;
  joint: number;
  set?: Record<string, number | boolean>;
  destroy?: boolean;
}

interface SceneData {
  name: string;
  gravity: Vec2;
  bodies: (BodyOptions & { fixtures: FixtureData[] })[];
  joints: JointData[];
  changes?: ChangeData[];
  /** Translation or angle and speed of the joints, as often as the states. */
  readings?: number[][][];
  states: [number, ...number[][]][];
}

const { scenes } = JSON.parse(
  readFileSync(new URL('../../../test/golden/box2d/scenes.json', import.meta.url), 'utf8'),
) as { scenes: SceneData[] };

function build(scene: SceneData): World {
  const world = new World({ gravity: scene.gravity });
  for (const { fixtures, ...options } of scene.bodies) {
    const body = world.createBody(options);
    for (const { kind, size, points, radius, center, ...rest } of fixtures) {
      if (kind === 'box') body.addBox(size![0], size![1], rest);
      else if (kind === 'polygon') body.addPolygon(points!, rest);
      else if (kind === 'edge') body.addEdge(points![0]!, points![1]!, rest);
      else body.addCircle(radius!, center ? { ...rest, center } : rest);
    }
  }
  for (const { kind = 'revolute', bodies, anchors, ...rest } of scene.joints) {
    const options = {
      ...rest,
      bodyA: world.bodies[bodies[0]]!,
      bodyB: world.bodies[bodies[1]]!,
      localAnchorA: anchors[0],
      localAnchorB: anchors[1],
    };
    if (kind === 'revolute') world.createRevoluteJoint(options);
    else if (kind === 'prismatic') world.createPrismaticJoint(options);
    else if (kind === 'distance') world.createDistanceJoint(options);
    else world.createWeldJoint(options);
  }
  return world;
}

/** Plays a scene from its start, with what is to be done to its joints after each step. */
function play(world: World, { states, changes = [] }: SceneData, seen: (step: number) => void): void {
  const last = states.at(-1)![0];
  for (let step = 1; step <= last; step++) {
    world.step(1 / 50);
    seen(step);
    for (const { after, joint, set, destroy } of changes) {
      if (after !== step) continue;
      if (destroy) world.destroyJoint(world.joints[joint]!);
      if (set) Object.assign(world.joints[joint]!, set);
    }
  }
}

function readingOf(joint: Joint): number[] {
  if (joint instanceof PrismaticJoint) return [joint.translation, joint.speed];
  return joint instanceof RevoluteJoint ? [joint.angle, joint.speed] : [];
}

function stateOf(body: Body): number[] {
  return [body.x, body.y, body.angle, body.vx, body.vy, body.omega, body.awake ? 1 : 0];
}

const moving = (world: World): number[][] => world.bodies.filter((body) => body.type !== 'static').map(stateOf);

for (const scene of scenes) {
  test(`${scene.name}: every float32 is Box2D's`, () => {
    const world = build(scene);
    const bodies = new Map(scene.states.map(([step, ...expected], i) => [step, { expected, i }]));
    let compared = 0;
    play(world, scene, (step) => {
      const row = bodies.get(step);
      if (row === undefined) return;
      assert.equal(moving(world), row.expected, `after step ${step}`);
      if (scene.readings) {
        assert.equal(world.joints.map(readingOf), scene.readings[row.i], `joints after step ${step}`);
      }
      compared++;
    });
    assert.is(compared, scene.states.length);
  });

  test(`${scene.name}: goes on from a snapshot to the same bits`, () => {
    const world = build(scene);
    for (let k = 0; k < 60; k++) world.step(1 / 50);
    const snapshot = world.save();
    for (let k = 0; k < 60; k++) world.step(1 / 50);
    const first = moving(world);
    world.restore(snapshot);
    for (let k = 0; k < 60; k++) world.step(1 / 50);
    assert.equal(moving(world), first);
    // A world built anew takes the snapshot, too.
    const other = build(scene);
    other.restore(snapshot);
    for (let k = 0; k < 60; k++) other.step(1 / 50);
    assert.equal(moving(other), first);
  });
}

test.run();
