/** What the browser test bundles: hashes of the portable functions' results, as the page's own engine computes them. */
import { portableMath } from '../../../src/core/portable-math/index.js';
import { resultHash } from '../../support/math-inputs.js';

/** The hashes of all functions by name. */
export function portableHashes(seed: number, count: number): Record<string, number> {
  const entries = Object.entries(portableMath) as [string, (x: number, y: number) => number][];
  return Object.fromEntries(entries.map(([name, value]) => [name, resultHash(value, seed, count)]));
}
