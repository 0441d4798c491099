/**
 * What the engines blew out lately, for the picture alone. Particles fly freely from where they began: they touch neither the
 * physics nor the generator, so a render mode never changes an episode. Hot path: adding one allocates nothing.
 */

/** Frames for which a particle is seen: the original fades it by 0.15 a frame from its engine's power of at most 1. */
export const LIFETIME = 7;
const FADE = 0.15;
/** Numbers of a particle: the step it began in (0: none), its power, place (m) and velocity (m/s). */
const STRIDE = 6;
/** In every step each kind of engine may leave one. */
const KINDS = 2;

/** A ring of the particles of the last steps. */
export class Exhaust {
  readonly #particles = new Float64Array(LIFETIME * KINDS * STRIDE);

  clear(): void {
    this.#particles.fill(0);
  }

  /** Adds what an engine of `kind` (0 main, 1 side) blew out in `step` (1 is the first) with `power` from 0.5 to 1. */
  add(step: number, kind: number, power: number, x: number, y: number, vx: number, vy: number): void {
    const at = ((step % LIFETIME) * KINDS + kind) * STRIDE;
    const particles = this.#particles;
    particles[at] = step;
    particles[at + 1] = power;
    particles[at + 2] = x;
    particles[at + 3] = y;
    particles[at + 4] = vx;
    particles[at + 5] = vy;
  }

  /** Calls `paint` with place (m) and remaining life (0 to 1) of each particle that is seen after `step` steps of `dt` seconds. */
  forEach(step: number, dt: number, gravity: number, paint: (x: number, y: number, life: number) => void): void {
    const particles = this.#particles;
    for (let at = 0; at < particles.length; at += STRIDE) {
      const began = particles[at]!;
      const age = step - began + 1;
      const life = particles[at + 1]! - FADE * age;
      if (began === 0 || age < 1 || life < 0) continue;
      const t = age * dt;
      const x = particles[at + 2]! + particles[at + 4]! * t;
      const y = particles[at + 3]! + (particles[at + 5]! + 0.5 * gravity * t) * t;
      paint(x, y, life);
    }
  }

  /** All of it as numbers, for a snapshot. */
  save(): number[] {
    return Array.from(this.#particles);
  }

  load(numbers: readonly number[]): void {
    this.#particles.set(numbers);
  }
}
