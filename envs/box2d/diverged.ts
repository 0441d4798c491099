/** Envs of rigid bodies notice a world that has blown up at the step where it happens. */
import { failure } from '../../src/core/errors.js';
import type { Body } from '../../src/physics/index.js';

/** A body that is farther out than this, m, along either axis has not got there by the task's own forces. */
export const FARTHEST = 1e6;

/**
 * Checks that every body is somewhere sensible. Hot path: allocates nothing.
 * @throws `PHYSICS_DIVERGED` with the body's name, its position and the step.
 */
export function checkBodies(env: string, bodies: readonly Body[], names: readonly string[], step: number): void {
  for (let i = 0; i < bodies.length; i++) {
    const { x, y, angle } = bodies[i]!;
    // NaN fails every comparison.
    if (x < FARTHEST && x > -FARTHEST && y < FARTHEST && y > -FARTHEST && Number.isFinite(angle)) continue;
    throw diverged(env, names[i]!, x, y, angle, step);
  }
}

function diverged(env: string, name: string, x: number, y: number, angle: number, step: number): Error {
  const got = `(${x}, ${y}) m at ${angle} rad`;
  const expected = `finite numbers, within ${FARTHEST} m`;
  const hint = 'Replay the episode up to this step to see what led there, and reset() to go on.';
  return failure(
    'PHYSICS_DIVERGED',
    `${env}: the simulation blew up: body '${name}' is at ${got} after step ${step}; expected ${expected}. ${hint}`,
    { env, step, field: name, expected, got, hint },
  );
}
