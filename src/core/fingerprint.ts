/**
 * What a recording says about the engine that made it. Trajectories repeat bit for bit only where `Math` gives the same bits:
 * browsers, other JavaScript engines and now and then a new V8 differ in the last place.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mathFingerprint } from './math-fingerprint.js';

export { mathFingerprint };

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
