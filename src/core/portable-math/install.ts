/** Replaces the functions of `Math` whose bits differ between engines. */
import { usageError } from '../errors.js';
import { exp, expm1 } from './exponential.js';
import { acosh, asinh, atanh, cosh, sinh, tanh } from './hyperbolic.js';
import { acos, asin, atan, atan2 } from './inverse-trigonometry.js';
import { log, log1p, log2, log10 } from './logarithm.js';
import { cbrt, hypot, pow } from './power.js';
import { cos, sin, tan } from './trigonometry.js';

/** The functions of this folder under `Math`'s names; every other one in `Math` is exact by the language's own definition. */
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

const NAMES: readonly PortableName[] = Object.keys(portableMath) as PortableName[];

/**
 * Puts this folder's functions into `target`, the global `Math` unless another object is given, and returns what takes them out
 * again. Where they are installed already nothing happens, and what is returned does nothing; a function that something else was
 * put over since then stays as it is when they are taken out.
 *
 * It acts on calls of `Math.sin` and the like from then on. Two things pass it by: a reference taken before (`const { sin } =
 * Math` in a module that ran earlier), and the operator `**`, which asks no `Math.pow`. esbuild's option
 * `supported: { 'exponent-operator': false }` writes calls in its place, for modules that raise no BigInt to a power; these take
 * `Math.pow` at the top of the output, so this function has to run before. Its `minifySyntax` computes powers of constants
 * while bundling, with yet another function.
 * @throws `MATH_LOCKED` if the target's properties cannot be replaced; nothing has been replaced then.
 */
export function installPortableMath(target: Math = globalThis.Math): () => void {
  if (typeof target !== 'object' || target === null) {
    throw usageError('MATH_LOCKED', 'The portable functions are installed into an object.', {
      expected: 'Math, or an object with functions of the same names',
      got: target === null ? 'null' : typeof target,
      hint: 'Call installPortableMath() for the global Math.',
    });
  }
  const before = new Map<PortableName, PropertyDescriptor | undefined>();
  for (const name of NAMES) {
    const descriptor = Object.getOwnPropertyDescriptor(target, name);
    if (descriptor?.value === portableMath[name]) continue;
    if (descriptor === undefined ? !Object.isExtensible(target) : descriptor.configurable === false) {
      throw usageError('MATH_LOCKED', `The portable functions cannot be installed: the target's ${name} is locked.`, {
        expected: 'an object whose properties can be replaced, as those of Math can',
        got: Object.isFrozen(target) ? 'a frozen object' : `a property '${name}' that cannot be configured`,
        hint: 'Install them before anything freezes Math.',
      });
    }
    before.set(name, descriptor);
  }
  for (const name of before.keys()) {
    // Like the properties of `Math` itself: they can be replaced, and no loop over the object meets them.
    const property = { value: portableMath[name], writable: true, configurable: true, enumerable: false };
    Object.defineProperty(target, name, property);
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (Object.getOwnPropertyDescriptor(target, name)?.value !== portableMath[name]) continue;
      if (descriptor === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, descriptor);
    }
    before.clear();
  };
}
