/** Finds what a user's module names: a file, or a package seen from a folder, as Node's ES modules do. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { usageError } from '../core/errors.js';

/** The fields of a package.json that say what a package is. */
export interface PackageManifest {
  readonly name?: string;
  readonly main?: string;
  readonly exports?: unknown;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  /** What the package offers to gymkhana; see `plugins.ts`. */
  readonly gymkhana?: unknown;
}

const CONDITIONS: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'default']);

/**
 * The `file:` URL of a module: a `file:` URL, a path relative to `cwd`, or a package found from there.
 * @throws `MODULE_NOT_FOUND`.
 */
export function locateModule(reference: string, cwd: string): string {
  if (reference.startsWith('file:')) {
    const path = fileURLToPath(reference);
    if (isFile(path)) return pathToFileURL(path).href;
    throw usageError('MODULE_NOT_FOUND', `there is no file ${path}.`, { file: path });
  }
  const isPath = /^(\.{1,2}[\\/]|[\\/]|[A-Za-z]:[\\/])/.test(reference) || /\.[cm]?[jt]sx?$/.test(reference);
  if (isPath) {
    const path = resolve(cwd, reference);
    if (isFile(path)) return pathToFileURL(realpathSync(path)).href;
    const problem = existsSync(path) ? `${path} is not a file` : `there is no file ${path}`;
    throw usageError('MODULE_NOT_FOUND', `${problem} (from '${reference}').`, { file: path });
  }
  const found = resolvePackage(reference, cwd);
  if (found !== null) return pathToFileURL(found).href;
  throw usageError(
    'MODULE_NOT_FOUND',
    `no package '${reference}' was found from ${cwd}. Install it there, or name a file: './${reference}.ts:EnvId'.`,
    { got: reference },
  );
}

/** The file that `import reference` loads from a module in `folder`, or null. */
export function resolvePackage(reference: string, folder: string): string | null {
  const match = /^((?:@[^/]+\/)?[^/@.][^/]*)(\/.+)?$/.exec(reference);
  if (match === null) return null;
  const [, name, rest = ''] = match;
  for (let at = resolve(folder); ; at = dirname(at)) {
    const root = join(at, 'node_modules', name!);
    if (existsSync(root)) {
      const file = insidePackage(root, rest);
      if (file !== null) return realpathSync(file);
    }
    if (at === parse(at).root) return null;
  }
}

/** The real folder of an installed package as seen from `folder`, or null. */
export function packageFolder(name: string, folder: string): string | null {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const root = join(at, 'node_modules', name);
    if (existsSync(root)) return realpathSync(root);
    if (at === parse(at).root) return null;
  }
}

/** The nearest package.json at or above a folder, and where it is; null without one. */
export function nearestManifest(folder: string): { folder: string; manifest: PackageManifest } | null {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const manifest = readManifest(at);
    if (manifest !== null) return { folder: at, manifest };
    if (at === parse(at).root) return null;
  }
}

function readManifest(folder: string): PackageManifest | null {
  const path = join(folder, 'package.json');
  if (!isFile(path)) return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as PackageManifest;
  } catch (cause) {
    throw usageError('MODULE_NOT_FOUND', `${path} is not JSON.`, { file: path }, cause);
  }
}

function insidePackage(root: string, rest: string): string | null {
  const manifest = readManifest(root);
  if (manifest?.exports !== undefined && manifest.exports !== null) {
    const target = exportTarget(manifest.exports, `.${rest}`);
    return target === null ? null : existingFile(join(root, target));
  }
  if (rest !== '') return existingFile(join(root, rest));
  return existingFile(join(root, manifest?.main ?? 'index.js')) ?? existingFile(join(root, 'index.js'));
}

/** Looks up `subpath` (`.` or `./...`) in a package's `exports`. */
function exportTarget(exports: unknown, subpath: string): string | null {
  const isMap = typeof exports === 'object' && exports !== null && !Array.isArray(exports);
  const table = isMap && Object.keys(exports).some((key) => key.startsWith('.')) ? exports : { '.': exports };
  const entries = Object.entries(table as Record<string, unknown>);
  const exact = entries.find(([key]) => key === subpath);
  if (exact !== undefined) return conditional(exact[1]);
  for (const [key, value] of entries) {
    const [before, after] = key.split('*');
    if (after === undefined || !subpath.startsWith(before!) || !subpath.endsWith(after)) continue;
    const star = subpath.slice(before!.length, subpath.length - after.length);
    return conditional(value)?.replaceAll('*', star) ?? null;
  }
  return null;
}

function conditional(target: unknown): string | null {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return null;
  const choices = Array.isArray(target)
    ? target
    : Object.entries(target).flatMap(([condition, value]) => (CONDITIONS.has(condition) ? [value as unknown] : []));
  for (const choice of choices) {
    const found = conditional(choice);
    if (found !== null) return found;
  }
  return null;
}

/** A path as `require` completes it. */
function existingFile(path: string): string | null {
  for (const candidate of [path, `${path}.js`, `${path}.cjs`, `${path}.mjs`, join(path, 'index.js')]) {
    if (isFile(candidate)) return candidate;
  }
  return null;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
