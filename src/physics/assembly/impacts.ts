/** Continuous collision: a step's second part (b2World::SolveTOI). */
import { edgeNext, findNewContacts, synchronise, update, wake } from './contacts';
import { timeOfImpact } from './distance';
import { solveToiIsland, synchroniseTransform } from './island';
import { BODY_AWAKE, BODY_BULLET, BODY_ISLAND, Body, CONTACT_ENABLED, CONTACT_ISLAND, CONTACT_TOI, CONTACT_TOUCHING, DYNAMIC, EPSILON, FIXTURE_SENSOR, MAX_TOI_CONTACTS, STATIC, body, contact, fixture, world } from './layout';
import { cosine, min, sine } from './math';
import { addBody, addContact, bodyAt, clear, islandBodies, islandContacts, layOut } from './state';

export function beginImpacts(): void {
  const w = world();
  for (let i = 0; i < w.bodyCount; i++) {
    const b = body(i);
    b.flags &= ~BODY_ISLAND;
    b.alpha0 = 0;
  }
  for (let i = w.contactList; i >= 0; i = contact(i).next) {
    const c = contact(i);
    c.flags &= ~(CONTACT_TOI | CONTACT_ISLAND);
    c.toiCount = 0;
    c.toi = 1;
  }
}

function advanceSweep(b: Body, alpha: f32): void {
  const beta = (alpha - b.alpha0) / (<f32>1.0 - b.alpha0);
  const rest = <f32>1.0 - beta;
  b.c0x = rest * b.c0x + beta * b.cx;
  b.c0y = rest * b.c0y + beta * b.cy;
  b.a0 = rest * b.a0 + beta * b.a;
  b.alpha0 = alpha;
}

function advance(b: Body, alpha: f32): void {
  advanceSweep(b, alpha);
  b.cx = b.c0x;
  b.cy = b.c0y;
  b.a = b.a0;
  synchroniseTransform(b);
}

// A body's sweep, from c0x to alpha0, is seven words in a row.
const SWEEP: usize = offsetof<Body>('c0x');
const SWEEP_BYTES: usize = 28;
const BACKUP_A: usize = memory.data(28, 4);
const BACKUP_B: usize = memory.data(28, 4);
const BACKUP_OTHER: usize = memory.data(28, 4);

function backUp(to: usize, b: Body): void {
  memory.copy(to, changetype<usize>(b) + SWEEP, SWEEP_BYTES);
}

function restoreSweep(b: Body, from: usize): void {
  memory.copy(changetype<usize>(b) + SWEEP, from, SWEEP_BYTES);
  synchroniseTransform(b);
}

/** Adds what else touches a body at the time of impact. */
function gather(index: i32, alpha: f32): void {
  const b = body(index);
  if (b.type != DYNAMIC) return;
  for (let e = b.contactEdges; e >= 0; e = edgeNext(e)) {
    if (islandBodies == 2 * MAX_TOI_CONTACTS || islandContacts == MAX_TOI_CONTACTS) return;
    const c = contact(e >> 1);
    if ((c.flags & CONTACT_ISLAND) != 0) continue;
    const otherIndex = (e & 1) == 0 ? fixture(c.fixtureB).body : fixture(c.fixtureA).body;
    const other = body(otherIndex);
    if (other.type == DYNAMIC && (b.flags & BODY_BULLET) == 0 && (other.flags & BODY_BULLET) == 0) continue;
    if (((fixture(c.fixtureA).flags | fixture(c.fixtureB).flags) & FIXTURE_SENSOR) != 0) continue;
    backUp(BACKUP_OTHER, other);
    if ((other.flags & BODY_ISLAND) == 0) advance(other, alpha);
    update(c);
    if ((c.flags & CONTACT_ENABLED) == 0 || (c.flags & CONTACT_TOUCHING) == 0) {
      restoreSweep(other, BACKUP_OTHER);
      continue;
    }
    c.flags |= CONTACT_ISLAND;
    addContact(e >> 1);
    if ((other.flags & BODY_ISLAND) != 0) continue;
    other.flags |= BODY_ISLAND;
    if (other.type != STATIC) wake(other);
    addBody(otherIndex);
  }
}

function impactTime(index: i32): f32 {
  const c = contact(index);
  if ((c.flags & CONTACT_TOI) != 0) return c.toi;
  const fa = fixture(c.fixtureA);
  const fb = fixture(c.fixtureB);
  if (((fa.flags | fb.flags) & FIXTURE_SENSOR) != 0) return 1;
  const a = body(fa.body);
  const b = body(fb.body);
  const activeA = (a.flags & BODY_AWAKE) != 0 && a.type != STATIC;
  const activeB = (b.flags & BODY_AWAKE) != 0 && b.type != STATIC;
  if (!activeA && !activeB) return 1;
  const collideA = (a.flags & BODY_BULLET) != 0 || a.type != DYNAMIC;
  const collideB = (b.flags & BODY_BULLET) != 0 || b.type != DYNAMIC;
  if (!collideA && !collideB) return 1;
  let alpha0 = a.alpha0;
  if (a.alpha0 < b.alpha0) {
    alpha0 = b.alpha0;
    advanceSweep(a, alpha0);
  } else if (b.alpha0 < a.alpha0) {
    alpha0 = a.alpha0;
    advanceSweep(b, alpha0);
  }
  const beta = timeOfImpact(fa, a, fb, b);
  const alpha: f32 = beta >= 0 ? min(alpha0 + (<f32>1.0 - alpha0) * beta, 1) : 1;
  c.toi = alpha;
  c.flags |= CONTACT_TOI;
  return alpha;
}

/**
 * Continuous collision: the earliest impact of a moving with a static body, one after another, until there is none.
 * @returns 0 when done, 1 when there was no room for a new contact: make room, `findNewContacts`, and call again
 */
export function stepImpacts(h: f32, velocityIterations: i32): i32 {
  const w = world();
  let room = true;
  while (room) {
    let best = -1;
    let least: f32 = 1;
    for (let i = w.contactList; i >= 0; i = contact(i).next) {
      const c = contact(i);
      if ((c.flags & CONTACT_ENABLED) == 0 || c.toiCount > 8) continue;
      const alpha = impactTime(i);
      if (alpha < least) {
        best = i;
        least = alpha;
      }
    }
    if (best < 0 || <f32>1.0 - <f32>10.0 * EPSILON < least) return 0;
    layOut();
    const c = contact(best);
    const indexA = fixture(c.fixtureA).body;
    const indexB = fixture(c.fixtureB).body;
    const a = body(indexA);
    const b = body(indexB);
    backUp(BACKUP_A, a);
    backUp(BACKUP_B, b);
    advance(a, least);
    advance(b, least);
    update(c);
    c.flags &= ~CONTACT_TOI;
    c.toiCount = c.toiCount + 1;
    if ((c.flags & CONTACT_ENABLED) == 0 || (c.flags & CONTACT_TOUCHING) == 0) {
      c.flags &= ~CONTACT_ENABLED;
      restoreSweep(a, BACKUP_A);
      restoreSweep(b, BACKUP_B);
      continue;
    }
    wake(a);
    wake(b);
    clear();
    addBody(indexA);
    addBody(indexB);
    addContact(best);
    a.flags |= BODY_ISLAND;
    b.flags |= BODY_ISLAND;
    c.flags |= CONTACT_ISLAND;
    gather(indexA, least);
    gather(indexB, least);
    solveToiIsland((<f32>1.0 - least) * h, velocityIterations, a.islandIndex, b.islandIndex);
    for (let i = 0; i < islandBodies; i++) {
      const other = body(bodyAt(i));
      other.flags &= ~BODY_ISLAND;
      if (other.type != DYNAMIC) continue;
      const s = sine(other.a0);
      const k = cosine(other.a0);
      synchronise(other, s, k, other.c0x - (k * other.lx - s * other.ly), other.c0y - (s * other.lx + k * other.ly));
      for (let e = other.contactEdges; e >= 0; e = edgeNext(e)) {
        contact(e >> 1).flags &= ~(CONTACT_TOI | CONTACT_ISLAND);
      }
    }
    room = findNewContacts();
  }
  return 1;
}
