/**
 * The part of matter-js that is used here, typed by hand: its published declarations need a browser's types, which a library
 * for Node should not force on its users.
 */
import { createRequire } from 'node:module';

/** A point or vector in matter-js units. */
export interface MatterVector {
  x: number;
  y: number;
}

/** A rigid body of matter-js; `positionPrev` and `anglePrev` hold its velocities. */
export interface MatterBody {
  readonly position: MatterVector;
  readonly positionPrev: MatterVector;
  angle: number;
  anglePrev: number;
  readonly force: MatterVector;
  torque: number;
}

/** What a body is created from; what is left out takes matter-js's defaults. */
export interface MatterBodyDefinition {
  readonly position: MatterVector;
  readonly vertices: readonly MatterVector[];
  readonly angle: number;
  readonly mass: number;
  readonly inertia: number;
  readonly frictionAir: number;
  /** Duration, ms, of the step before the first. */
  readonly deltaTime: number;
}

/** A world of bodies with collision detection and response. */
export interface MatterEngine {
  readonly world: object;
}

/** The module's functions. Durations are in ms. */
export interface MatterModule {
  readonly Body: {
    create(definition: MatterBodyDefinition): MatterBody;
    update(body: MatterBody, duration: number): void;
  };
  readonly Composite: { add(composite: object, body: MatterBody): void };
  readonly Engine: {
    create(options: { gravity: MatterVector & { scale: number } }): MatterEngine;
    update(engine: MatterEngine, duration: number): void;
  };
}

/** matter-js itself. */
export const matter: MatterModule = createRequire(import.meta.url)('matter-js');
