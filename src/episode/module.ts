/** Which env modules a file may name: replaying runs the env's code, so the name is checked before anything is imported. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Env, RenderMode } from '../core/env.js';
import { failure, usageError } from '../core/errors.js';
import { type EnvSpec, moduleUrlsOf } from '../core/spec.js';
import { BUILTIN_MODULE, isNamed, makeFromSpec, registry } from '../registration/index.js';
import type { EpisodeFile } from './reader.js';

export { replayReset } from './start.js';

/** What is known of an episode file before its episodes are read. */
export type EpisodeFileHead = Pick<EpisodeFile, 'path' | 'header' | 'observationSpace' | 'actionSpace'>;

/** Replace what a file says about the env. */
export interface EnvOverride {
  /** Build this env instead. */
  readonly spec?: EnvSpec;
  /** Import the env from this `file:` URL, for a module that has moved. */
  readonly moduleUrl?: string;
}

/**
 * Checks where a spec's code would come from: this library, a file that exists, or the running program's own registry.
 * @throws `EPISODE_MODULE_MISSING` if it is not there, `EPISODE_MODULE_REFUSED` for any other kind of address.
 */
export function checkModule(spec: EnvSpec, path: string): void {
  for (const wrapper of spec.wrappers ?? []) {
    if (wrapper.moduleUrl !== null) checkModuleUrl(`${spec.id}'s wrapper ${wrapper.name}`, wrapper.moduleUrl, path);
  }
  const { id, moduleUrl } = spec;
  if (moduleUrl === null) {
    if (spec.exportName === null && registry.has(id)) return;
    throw failure(
      'EPISODE_MODULE_MISSING',
      `${path} was recorded with ${id}, which was registered without a moduleUrl. Register ${id} in this program first, or give the module of the env.`,
      { file: path, env: id },
    );
  }
  checkModuleUrl(id, moduleUrl, path);
}

function checkModuleUrl(id: string, moduleUrl: string, path: string): void {
  if (BUILTIN_MODULE.test(moduleUrl)) return;
  if (!moduleUrl.startsWith('file:')) {
    throw failure(
      'EPISODE_MODULE_REFUSED',
      `${path} names ${JSON.stringify(moduleUrl.slice(0, 80))} as the module of ${id}. Only built-in envs and local files are run.`,
      { file: path, env: id, got: moduleUrl.slice(0, 80) },
    );
  }
  let file: string;
  try {
    file = fileURLToPath(moduleUrl);
  } catch (cause) {
    throw failure(
      'EPISODE_MODULE_REFUSED',
      `${path} names ${JSON.stringify(moduleUrl.slice(0, 80))} as the module of ${id}, which is not a local file.`,
      { file: path, env: id },
      cause,
    );
  }
  if (existsSync(file)) return;
  throw failure(
    'EPISODE_MODULE_MISSING',
    `${path} was recorded with ${id} from ${file}, which does not exist. Put the file back, or give the module's new place.`,
    { file: path, env: id, got: file },
  );
}

function specOf(file: EpisodeFileHead, { spec = file.header.spec, moduleUrl }: EnvOverride): EnvSpec {
  return moduleUrl === undefined ? spec : { ...spec, moduleUrl };
}

/**
 * Builds the env that a file was recorded with, whoever named its module: for files of which that is known.
 * @throws what `checkModule` and `makeFromSpec` throw; `EPISODE_SPACE_MISMATCH` if its spaces are no longer those of the file.
 */
async function makeRecordedEnv(file: EpisodeFileHead, override: EnvOverride, renderMode?: RenderMode): Promise<Env> {
  const spec = specOf(file, override);
  checkModule(spec, file.path);
  const env = await makeFromSpec(spec, { renderMode });
  for (const [role, now, then] of [
    ['observation', env.observationSpace, file.observationSpace],
    ['action', env.actionSpace, file.actionSpace],
  ] as const) {
    if (now.equals(then)) continue;
    env.close();
    throw failure(
      'EPISODE_SPACE_MISMATCH',
      `${file.path} was recorded with the ${role} space ${String(then)}; ${spec.id} now has ${String(now)}. Replay it with the version of the env that recorded it.`,
      { file: file.path, env: spec.id, expected: String(then), got: String(now), field: role },
    );
  }
  return env;
}

/**
 * Builds the env that a file was recorded with, if its code is known: a built-in env, a module that this program registered
 * the env from or the user named, or the one that the override names. A stranger's file may name any file of this machine as its env, so a
 * module is not run just because a file says so.
 * @throws `EPISODE_MODULE_UNTRUSTED` for other modules; what `makeRecordedEnv` throws.
 */
export async function makeTrustedEnv(
  file: EpisodeFileHead,
  override: EnvOverride,
  renderMode?: RenderMode,
): Promise<Env> {
  const url = untrustedModule(file, override);
  if (url === null) return await makeRecordedEnv(file, override, renderMode);
  // That it cannot be had at all is the better answer.
  checkModule(specOf(file, override), file.path);
  const { id } = file.header.spec;
  const shown = JSON.stringify(url.slice(0, 120));
  throw usageError(
    'EPISODE_MODULE_UNTRUSTED',
    `${file.path} says that ${id} comes from ${shown}, and a file's word alone runs no code. Name the module yourself if you trust it (--module <file>; trustModule() or moduleUrl in a program).`,
    { file: file.path, env: id, got: url.slice(0, 120), expected: 'a module that you name' },
  );
}

/** The address of code that a file names and nobody else vouches for; null if there is none. */
export function untrustedModule(file: EpisodeFileHead, override: EnvOverride): string | null {
  if (override.spec !== undefined) return null;
  const urls = moduleUrlsOf(specOf(file, override));
  return urls.find((url) => url !== override.moduleUrl && !isNamed(url)) ?? null;
}
