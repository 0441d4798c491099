/** Scenes of stacks, circles, robots and chains move as in Box2D 2.3.10, bit for bit. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Body,
  type BodyOptions,
  type FixtureOptions,
  type RevoluteJointOptions,
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

interface SceneData {
  name: string;
  gravity: Vec2;
  bodies: (BodyOptions & { fixtures: FixtureData[] })[];
  joints: (Omit<RevoluteJointOptions, 'bodyA' | 'bodyB'> & { bodies: [number, number]; anchors: [Vec2, Vec2] })[];
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
  for (const { bodies, anchors, ...rest } of scene.joints) {
    world.createRevoluteJoint({
      ...rest,
      bodyA: world.bodies[bodies[0]]!,
      bodyB: world.bodies[bodies[1]]!,
      localAnchorA: anchors[0],
      localAnchorB: anchors[1],
    });
  }
  return world;
}

function stateOf(body: Body): number[] {
  return [body.x, body.y, body.angle, body.vx, body.vy, body.omega, body.awake ? 1 : 0];
}

const moving = (world: World): number[][] => world.bodies.filter((body) => body.type !== 'static').map(stateOf);

for (const scene of scenes) {
  test(`${scene.name}: every float32 is Box2D's`, () => {
    const world = build(scene);
    let at = 0;
    for (const [step, ...expected] of scene.states) {
      for (; at < step; at++) world.step(1 / 50);
      assert.equal(moving(world), expected, `after step ${step}`);
    }
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
