/** A step's first part, its islands, and its end (b2World.cpp). */
import { collide, edgeNext, findNewContacts, synchronise, wake } from './contacts';
import { solveIsland } from './island';
import { BODY_AWAKE, BODY_ISLAND, CONTACT_ENABLED, CONTACT_ISLAND, CONTACT_TOUCHING, FIXTURE_SENSOR, JOINT_ISLAND, STATIC, body, contact, fixture, joint, world } from './layout';
import { cosine, sine } from './math';
import { addBody, addContact, addJoint, bodyAt, clear, islandBodies, layOut, stack } from './state';

/** The first part of a step: contacts, islands, positions. @returns whether there was room for all new contacts */
export function stepIslands(h: f32, velocityIterations: i32, positionIterations: i32): bool {
  const w = world();
  w.eventCount = 0;
  const ratio = w.inverseStep * h;
  collide();
  layOut();
  for (let i = 0; i < w.bodyCount; i++) body(i).flags &= ~BODY_ISLAND;
  for (let i = w.contactList; i >= 0; i = contact(i).next) contact(i).flags &= ~CONTACT_ISLAND;
  for (let i = 0; i < w.jointCount; i++) joint(i).flags &= ~JOINT_ISLAND;
  for (let seed = w.bodyCount - 1; seed >= 0; seed--) {
    const first = body(seed);
    if ((first.flags & BODY_ISLAND) != 0) continue;
    if ((first.flags & BODY_AWAKE) == 0 || first.type == STATIC) continue;
    clear();
    let depth = 0;
    store<i32>(stack, seed);
    depth = 1;
    first.flags |= BODY_ISLAND;
    while (depth > 0) {
      depth--;
      const index = load<i32>(stack + (<usize>depth << 2));
      const b = body(index);
      addBody(index);
      wake(b);
      if (b.type == STATIC) continue;
      for (let e = b.contactEdges; e >= 0; e = edgeNext(e)) {
        const c = contact(e >> 1);
        if ((c.flags & CONTACT_ISLAND) != 0) continue;
        if ((c.flags & CONTACT_ENABLED) == 0 || (c.flags & CONTACT_TOUCHING) == 0) continue;
        if (((fixture(c.fixtureA).flags | fixture(c.fixtureB).flags) & FIXTURE_SENSOR) != 0) continue;
        addContact(e >> 1);
        c.flags |= CONTACT_ISLAND;
        const other = (e & 1) == 0 ? fixture(c.fixtureB).body : fixture(c.fixtureA).body;
        const o = body(other);
        if ((o.flags & BODY_ISLAND) != 0) continue;
        store<i32>(stack + (<usize>depth << 2), other);
        depth++;
        o.flags |= BODY_ISLAND;
      }
      for (let e = b.jointEdges; e >= 0; ) {
        const j = joint(e >> 1);
        const next = (e & 1) == 0 ? j.nextA : j.nextB;
        if ((j.flags & JOINT_ISLAND) == 0) {
          addJoint(e >> 1);
          j.flags |= JOINT_ISLAND;
          const other = (e & 1) == 0 ? j.bodyB : j.bodyA;
          const o = body(other);
          if ((o.flags & BODY_ISLAND) == 0) {
            store<i32>(stack + (<usize>depth << 2), other);
        depth++;
            o.flags |= BODY_ISLAND;
          }
        }
        e = next;
      }
    }
    solveIsland(h, ratio, velocityIterations, positionIterations);
    for (let i = 0; i < islandBodies; i++) {
      const b = body(bodyAt(i));
      if (b.type == STATIC) b.flags &= ~BODY_ISLAND;
    }
  }
  for (let i = w.bodyCount - 1; i >= 0; i--) {
    const b = body(i);
    if ((b.flags & BODY_ISLAND) == 0 || b.type == STATIC) continue;
    const s = sine(b.a0);
    const c = cosine(b.a0);
    synchronise(b, s, c, b.c0x - (c * b.lx - s * b.ly), b.c0y - (s * b.lx + c * b.ly));
  }
  return findNewContacts();
}

export function endStep(h: f32): void {
  const w = world();
  w.inverseStep = <f32>1.0 / h;
  for (let i = 0; i < w.bodyCount; i++) {
    const b = body(i);
    b.fx = 0;
    b.fy = 0;
    b.torque = 0;
  }
}
