/** What tells one engine's `Math` from another's, without a module of Node. */
import { crc32 } from './crc32.js';

const SAMPLES = 1024;

/** Functions of one or two numbers with the range their inputs are spread over. */
const FUNCTIONS: readonly (readonly [(x: number, y: number) => number, number, number])[] = [
  [Math.sin, -20, 20],
  [Math.cos, -20, 20],
  [Math.tan, -20, 20],
  [Math.asin, -1, 1],
  [Math.acos, -1, 1],
  [Math.atan, -10, 10],
  [Math.atan2, -10, 10],
  [Math.sinh, -10, 10],
  [Math.cosh, -10, 10],
  [Math.tanh, -5, 5],
  [Math.asinh, -10, 10],
  [Math.acosh, 1, 10],
  [Math.atanh, -0.999, 0.999],
  [Math.exp, -10, 10],
  [Math.expm1, -10, 10],
  [Math.log, 0.001, 100],
  [Math.log1p, -0.9, 100],
  [Math.log2, 0.001, 100],
  [Math.log10, 0.001, 100],
  [Math.pow, 0.001, 100],
  [Math.sqrt, 0, 100],
  [Math.cbrt, -100, 100],
  [Math.hypot, -100, 100],
];

let fingerprint: string | null = null;

/**
 * Eight hex digits that depend on every bit of 1,024 results of each of 23 `Math` functions over fixed inputs: engines with
 * the same digits very probably give the same trajectories.
 */
export function mathFingerprint(): string {
  if (fingerprint !== null) return fingerprint;
  const results = new Float64Array(SAMPLES);
  const bytes = new Uint8Array(results.buffer);
  let state = 12345;
  // A linear congruential generator (Numerical Recipes): exact in every engine, unlike the functions under test.
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  let crc = 0;
  for (const [apply, low, high] of FUNCTIONS) {
    for (let i = 0; i < SAMPLES; i++) {
      const x = low + (high - low) * next();
      const y = low + (high - low) * next();
      results[i] = apply(x, y);
    }
    crc = crc32(bytes, crc);
  }
  fingerprint = crc.toString(16).padStart(8, '0');
  return fingerprint;
}
