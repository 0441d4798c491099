/**
 * What a recording says about the engine that made it. Trajectories repeat bit for bit only where `Math` gives the same bits:
 * browsers, other JavaScript engines and now and then a new V8 differ in the last place.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from './crc32.js';

/** Where a recording was made: the versions that matter for its bits, and nothing that names a machine or a user. */
export interface EngineInfo {
  /** `process.version`, such as `v20.20.0`. */
  readonly node: string;
  readonly v8: string;
  readonly arch: string;
  readonly platform: string;
  /** See `mathFingerprint`. */
  readonly mathFingerprint: string;
  /** Version of this library. */
  readonly gymkhana: string;
}

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

let version: string | null = null;

/** The version in this library's own package.json. */
export function libraryVersion(): string {
  if (version !== null) return version;
  version = '0.0.0';
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { name, version: found } = JSON.parse(readFileSync(manifest, 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (name === 'gymkhana') {
        version = found ?? version;
        break;
      }
    }
    if (dirname(folder) === folder) break;
  }
  return version;
}

/** The running engine. */
export function engineInfo(): EngineInfo {
  return {
    node: process.version,
    v8: process.versions.v8,
    arch: process.arch,
    platform: process.platform,
    mathFingerprint: mathFingerprint(),
    gymkhana: libraryVersion(),
  };
}
