/** Replaces the functions of `Math` whose bits differ between engines. */
import { exp, expm1 } from './exponential.js';
import { acosh, asinh, atanh, cosh, sinh, tanh } from './hyperbolic.js';
import { acos, asin, atan, atan2 } from './inverse-trigonometry.js';
import { log, log1p, log2, log10 } from './logarithm.js';
import { cbrt, hypot, pow } from './power.js';
import { cos, sin, tan } from './trigonometry.js';

/** The functions of this folder under `Math`'s names; everything else in `Math` is exact by the language's own definition. */
export const portableMath = {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cbrt,
  cos,
  cosh,
  exp,
  expm1,
  hypot,
  log,
  log10,
  log1p,
  log2,
  pow,
  sin,
  sinh,
  tan,
  tanh,
} as const;

/** The name of a function that `installPortableMath` replaces. */
export type PortableName = keyof typeof portableMath;

/**
 * Puts this folder's functions into the global `Math`, for good: from here on this thread has Node 20's bits. The `**` operator
 * does not ask `Math.pow`; code that is bundled for a page has it rewritten.
 */
export function installPortableMath(): void {
  for (const [name, value] of Object.entries(portableMath)) {
    Object.defineProperty(Math, name, { value, writable: true, configurable: true, enumerable: false });
  }
}
