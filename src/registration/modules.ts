/**
 * Users' own modules: bundled once on the main thread, so that a TypeScript env needs no build step and `import 'gymkhana'`
 * is always the running engine's own module, in every thread. Other packages stay where they are, imported by their file.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import type { BuildFailure, Plugin } from 'esbuild';
import { failure, usageError } from '../core/errors.js';
import type { EnvSpec } from '../core/spec.js';

/** Built-in envs' modules are named relative to the engine, so that specs mean the same on every machine. */
const BUILTIN = 'gymkhana:';
const engineRoot = new URL('../../', import.meta.url);

/** A user's module, as every thread imports it. */
export interface BundledModule {
  /** `file:` URL of the source. */
  readonly source: string;
  /** `file:` URL of the bundle. */
  readonly bundle: string;
  /** SHA-256 of the bundle's text, hexadecimal: the module's identity in a run. */
  readonly hash: string;
}
export type ModuleTable = readonly BundledModule[];

const bundles = new Map<string, BundledModule>();
let importing = 0;
let temporary: string | null = null;

/** The modules bundled so far, for worker threads. */
export function bundledModules(): ModuleTable {
  return [...bundles.values()];
}

/** Worker threads: takes over the main thread's bundles; they are imported when an env is built. */
export async function importModules(table: ModuleTable): Promise<void> {
  process.setSourceMapsEnabled(true);
  for (const entry of table) bundles.set(entry.source, entry);
}

/**
 * Ends an endless nest: a user's program that trains at its top level would train again in every worker that imports it.
 * @throws `NESTED_IN_WORKER` while a worker thread is importing a module.
 */
export function assertNotImporting(what: string): void {
  if (isMainThread || importing === 0) return;
  throw usageError(
    'NESTED_IN_WORKER',
    `${what}() was reached while a worker thread imports the module of an env. Put the env in its own file, or guard the program: if (isMainThread) { ... } (from 'node:worker_threads').`,
  );
}

/** @throws `ENV_NOT_PORTABLE` if a spec does not say what another thread should import. */
export function assertPortable(spec: EnvSpec): void {
  if (spec.moduleUrl !== null) return;
  throw usageError(
    'ENV_NOT_PORTABLE',
    `${spec.id} was registered without a moduleUrl, so other threads cannot build it. Add moduleUrl: import.meta.url to register({ id: '${spec.id}', ... }).`,
    { env: spec.id },
  );
}

/** Imports a module of a spec: a built-in one, or the bundle of a user's. */
export async function importModule(moduleUrl: string): Promise<Record<string, unknown>> {
  if (moduleUrl.startsWith(BUILTIN)) return await import(new URL(moduleUrl.slice(BUILTIN.length), engineRoot).href);
  let entry = bundles.get(moduleUrl);
  if (entry === undefined) {
    entry = await bundleModule(moduleUrl);
    bundles.set(moduleUrl, entry);
  }
  importing++;
  try {
    return (await import(entry.bundle)) as Record<string, unknown>;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'NESTED_IN_WORKER') throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure(
      'MODULE_LOAD_FAILED',
      `importing ${fileURLToPath(moduleUrl)} failed: ${reason}`,
      { file: fileURLToPath(moduleUrl) },
      cause,
    );
  } finally {
    importing--;
  }
}

/** The `file:` URL of a user's module: a path relative to `cwd`, or a package that is found from there. */
export function locateModule(reference: string, cwd: string): string {
  if (reference.startsWith('file:')) return reference;
  const isPath = /^(\.{1,2}[\\/]|[\\/]|[A-Za-z]:[\\/])/.test(reference) || /\.[cm]?[jt]sx?$/.test(reference);
  if (isPath) {
    const path = resolve(cwd, reference);
    if (!existsSync(path)) {
      throw usageError('MODULE_NOT_FOUND', `there is no file ${path} (from '${reference}').`, { file: path });
    }
    return pathToFileURL(path).href;
  }
  try {
    return pathToFileURL(createRequire(join(cwd, 'noop.js')).resolve(reference)).href;
  } catch (cause) {
    throw usageError(
      'MODULE_NOT_FOUND',
      `no package '${reference}' was found from ${cwd}. Install it there, or name a file: './${reference}.ts:EnvId'.`,
      {},
      cause,
    );
  }
}

/** Bundles one module with esbuild. Exported for tests; `importModule` calls it. */
export async function bundleModule(moduleUrl: string): Promise<BundledModule> {
  const path = fileURLToPath(moduleUrl);
  if (!existsSync(path)) throw usageError('MODULE_NOT_FOUND', `there is no file ${path}.`, { file: path });
  process.setSourceMapsEnabled(true);
  const { build } = await import('esbuild');
  let text: string;
  try {
    const result = await build({
      entryPoints: [path],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'inline',
      logLevel: 'silent',
      outfile: `${path}.bundle.mjs`,
      define: { 'import.meta.url': JSON.stringify(moduleUrl) },
      plugins: [linkToEngine],
    });
    text = result.outputFiles[0]!.text;
  } catch (cause) {
    const errors = (cause as BuildFailure).errors ?? [];
    const lines = errors.map((e) =>
      e.location ? `${e.location.file}:${e.location.line}:${e.location.column}: ${e.text}` : e.text,
    );
    const message = lines.length > 0 ? lines.join('\n') : String(cause);
    throw failure('MODULE_LOAD_FAILED', `${path} does not compile:\n${message}`, { file: path }, cause);
  }
  const hash = createHash('sha256').update(text).digest('hex');
  const directory = temporaryDirectory();
  const target = join(directory, `${hash.slice(0, 16)}.mjs`);
  writeFileSync(target, text);
  return { source: moduleUrl, bundle: pathToFileURL(target).href, hash };
}

/** `gymkhana` is the running engine; every other package is imported from where the user's folder finds it. */
const linkToEngine: Plugin = {
  name: 'link-to-engine',
  setup(build) {
    build.onResolve({ filter: /^gymkhana$/ }, () => ({
      path: new URL('src/index.js', engineRoot).href,
      external: true,
    }));
    build.onResolve({ filter: /^[^./]/ }, async (request) => {
      if (request.kind === 'entry-point' || request.pluginData === 'resolving' || isBuiltin(request.path))
        return undefined;
      if (/^[A-Za-z]:[\\/]/.test(request.path) || request.path.startsWith('file:')) return undefined;
      const found = await build.resolve(request.path, {
        resolveDir: request.resolveDir,
        kind: request.kind,
        importer: request.importer,
        pluginData: 'resolving',
      });
      if (found.errors.length > 0) return { errors: found.errors };
      if (found.external || !found.path.includes('node_modules')) return undefined;
      return { path: pathToFileURL(found.path).href, external: true };
    });
  },
};

function temporaryDirectory(): string {
  if (temporary === null) {
    const created = mkdtempSync(join(tmpdir(), 'gymkhana-modules-'));
    temporary = created;
    mkdirSync(created, { recursive: true });
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
  }
  return temporary;
}
