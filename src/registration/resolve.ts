import { usageError } from '../core/errors.js';
import type { EnvSpec } from '../core/spec.js';
import { exportedClass } from './make.js';
import { importModule } from './modules.js';
import { locateModule } from './packages.js';
import { loadPlugins } from './plugins.js';
import { isEnvId, registry, spec as specOf } from './registry.js';
import { isNamed, nameModule, untrusted } from './trust.js';

/** Where a reference is resolved from. */
export interface ResolveOptions {
  /** The folder that paths and packages are found from. */
  readonly cwd: string;
  /** The file of data that the reference stands in; absent for one that the user wrote. */
  readonly from?: string | undefined;
}

/** Notes that a module was named, or refuses one that only a file names. @throws `MODULE_UNTRUSTED` */
export function vouch(env: string, moduleUrl: string, { from }: Pick<ResolveOptions, 'from'>): void {
  if (from === undefined) nameModule(moduleUrl);
  else if (!isNamed(moduleUrl)) throw untrusted(env, moduleUrl, from);
}

/**
 * Turns what a user writes into a spec: an id, built-in or offered by a package of the folder (`plugins.ts`), `module:EnvId`, or `./file.ts:EnvId`, where EnvId is registered by that
 * module or is the name of a class that it exports. The module is bundled and imported: whoever writes a reference names the module. For a
 * reference out of a file, say which in `from`; only modules that were named otherwise are imported then.
 * @throws `MODULE_UNTRUSTED`; `INVALID_ENV_ID`, `ENV_NOT_FOUND`, `MODULE_NOT_FOUND`, `MODULE_LOAD_FAILED`, `EXPORT_NOT_FOUND`, `NOT_AN_ENV`.
 */
export async function resolveEnv(reference: string, options: ResolveOptions): Promise<EnvSpec> {
  if (typeof reference !== 'string') return specOf(reference);
  const colon = reference.lastIndexOf(':');
  const name = reference.slice(colon + 1);
  if (colon < 2 || !(isEnvId(name) || /^[A-Za-z_$][\w$]*$/.test(name))) {
    if (colon < 2 && !looksLikeFile(reference)) return await knownOrOffered(reference, options);
    const before = reference.slice(0, colon);
    const file = colon < 2 || before === 'file' ? reference : before;
    throw usageError(
      'INVALID_ENV_ID',
      `'${reference}' does not say which env of ${file} is meant. Write '${file}:EnvId': an id that it registers, or the name of a class that it exports.`,
      { got: reference, expected: `${file}:EnvId` },
    );
  }
  const moduleUrl = locateModule(reference.slice(0, colon), options.cwd);
  vouch(reference, moduleUrl, options);
  const before = registry.get(name);
  const module = await importModule(moduleUrl);
  const registered = registry.get(name);
  if (registered !== undefined && (registered !== before || registered.moduleUrl === moduleUrl)) return registered;
  const Class = exportedClass(module, name, moduleUrl);
  const id = name === 'default' && Class.name !== '' ? Class.name : name;
  return {
    id,
    moduleUrl,
    exportName: name,
    maxEpisodeSteps: null,
    rewardThreshold: null,
    nondeterministic: false,
    kwargs: {},
  };
}

/** A registered env, or one that a package of the folder offers under that id. */
async function knownOrOffered(id: string, { cwd, from }: ResolveOptions): Promise<EnvSpec> {
  if (!registry.has(id) && isEnvId(id)) {
    const { envs } = await loadPlugins(cwd, from);
    const offered = envs.find(({ spec }) => spec.id === id);
    if (offered !== undefined) return offered.spec;
  }
  return specOf(id);
}

function looksLikeFile(reference: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(reference) || /^(\.{1,2}[\\/]|file:)/.test(reference);
}
