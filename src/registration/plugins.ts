/**
 * Envs that packages offer: a package lists modules under `"gymkhana": { "envs": [...] }` in its package.json, and the command
 * line finds those of the package it is run in and of its dependencies.
 */
import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GymkhanaError, usageError } from '../core/errors.js';
import type { EnvSpec } from '../core/spec.js';
import { importModule } from './modules.js';
import { nearestManifest, type PackageManifest, packageFolder } from './packages.js';
import { registry } from './registry.js';
import { resolveEnv, vouch } from './resolve.js';

/** A package that lists envs. */
export interface Plugin {
  readonly packageName: string;
  readonly folder: string;
  /** `./module.ts`, whose registrations count, or `./module.ts:EnvId`. */
  readonly entries: readonly string[];
}

/** What the plugins of a folder offer; an error for each entry that does not load, which harms no other. */
export interface PluginEnvs {
  readonly envs: readonly { readonly packageName: string; readonly spec: EnvSpec }[];
  readonly errors: readonly GymkhanaError[];
}

function invalidPlugin(packageName: string, problem: string, cause?: unknown): GymkhanaError {
  return usageError(
    'INVALID_PLUGIN',
    `package '${packageName}' lists envs for gymkhana that cannot be used: ${problem}`,
    { field: 'gymkhana.envs', hint: 'Write "gymkhana": { "envs": ["./src/index.ts"] } in its package.json.' },
    cause,
  );
}

function pluginOf(folder: string, manifest: PackageManifest): Plugin | GymkhanaError | null {
  if (manifest.gymkhana === undefined) return null;
  const packageName = manifest.name ?? folder;
  const envs = (manifest.gymkhana as { envs?: unknown } | null)?.envs;
  if (!Array.isArray(envs) || !envs.every((entry) => typeof entry === 'string' && /^\.{1,2}\//.test(entry))) {
    return invalidPlugin(
      packageName,
      `"gymkhana": { "envs": [...] } must be a list of './module.ts' or './module.ts:EnvId'.`,
    );
  }
  return { packageName, folder, entries: envs as string[] };
}

/** The packages with envs seen from a folder: the one it is in, then its dependencies by name. */
export function findPlugins(cwd: string): { plugins: readonly Plugin[]; errors: readonly GymkhanaError[] } {
  if (typeof cwd !== 'string') {
    throw usageError('INVALID_OPTION', `loadPlugins takes a folder, such as process.cwd(); got ${String(cwd)}.`, {
      expected: 'a folder',
      got: String(cwd),
    });
  }
  const home = nearestManifest(cwd);
  const found: (Plugin | GymkhanaError | null)[] = [];
  if (home !== null) {
    found.push(pluginOf(home.folder, home.manifest));
    const names = Object.keys({ ...home.manifest.dependencies, ...home.manifest.devDependencies }).sort();
    for (const name of names) {
      const folder = packageFolder(name, home.folder);
      if (folder === null || !existsSync(join(folder, 'package.json'))) continue;
      const dependency = nearestManifest(folder);
      if (dependency !== null) found.push(pluginOf(dependency.folder, dependency.manifest));
    }
  }
  const isPlugin = (one: Plugin | GymkhanaError | null): one is Plugin => one !== null && 'entries' in one;
  return {
    plugins: found.filter(isPlugin),
    errors: found.filter((one) => one !== null && !isPlugin(one)) as GymkhanaError[],
  };
}

/**
 * Imports the modules that the plugins of a folder list: the folder one is in names them. Where a file of data chose the folder, say which in
 * `from`; only modules that were named otherwise are imported then.
 * @throws `MODULE_UNTRUSTED` in that case.
 */
export async function loadPlugins(cwd: string, from?: string): Promise<PluginEnvs> {
  const { plugins, errors } = findPlugins(cwd);
  const envs: { packageName: string; spec: EnvSpec }[] = [];
  const problems = [...errors];
  for (const { packageName, folder, entries } of plugins) {
    for (const entry of entries) {
      try {
        for (const spec of await specsOf(entry, folder, from)) envs.push({ packageName, spec });
      } catch (cause) {
        if (cause instanceof GymkhanaError && cause.code === 'MODULE_UNTRUSTED') throw cause;
        problems.push(
          invalidPlugin(packageName, `${entry}: ${cause instanceof Error ? cause.message : String(cause)}`, cause),
        );
      }
    }
  }
  return { envs, errors: problems };
}

async function specsOf(entry: string, folder: string, from?: string): Promise<EnvSpec[]> {
  if (/:[^/\\]+(\/[^/\\]+)?$/.test(entry)) return [await resolveEnv(entry, { cwd: folder, from })];
  const path = resolve(folder, entry);
  if (!existsSync(path)) throw usageError('MODULE_NOT_FOUND', `there is no file ${path}.`, { file: path });
  const moduleUrl = pathToFileURL(realpathSync(path)).href;
  vouch(entry, moduleUrl, { from });
  const before = new Set(registry.values());
  await importModule(moduleUrl);
  const specs = [...registry.values()].filter((spec) => !before.has(spec) || spec.moduleUrl === moduleUrl);
  if (specs.length === 0) throw usageError('ENV_NOT_FOUND', 'it registers no env.', { file: path });
  return specs;
}
