/** The modules that specs name: built-in ones, and users' bundles, which the main thread makes and every thread imports. */
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { failure, GymkhanaError, usageError } from '../core/errors.js';
import { assertWrappersPortable, type EnvSpec, moduleUrlsOf } from '../core/spec.js';
import { type BundledModule, bundleModule, engineRoot } from './bundle.js';

/** Plain JSON that carries the main thread's bundles to a worker. */
export type ModuleTable = readonly BundledModule[];
export type ModuleExports = Readonly<Record<string, unknown>>;

/** Built-in envs' modules are named relative to the engine, so that specs mean the same on every machine. */
const BUILTIN = 'gymkhana:';

const bundles = new Map<string, BundledModule>();
const imports = new Map<string, Promise<ModuleExports>>();
/** URLs of the users' modules whose top level is running now. */
const running: string[] = [];
/** This thread serves an engine in another one. */
let serves = false;

/** The modules bundled so far, for worker threads. */
export function bundledModules(): ModuleTable {
  return [...bundles.values()];
}

/** What the worker threads of a spec need: bundles its module if this process has not. */
export async function modulesFor(spec: EnvSpec): Promise<ModuleTable> {
  assertPortable(spec);
  for (const url of moduleUrlsOf(spec)) if (!url.startsWith(BUILTIN)) await bundleOf(url);
  return bundledModules();
}

/** Worker threads: takes over the main thread's bundles; each is imported when an env of it is built. */
export async function importModules(table: ModuleTable): Promise<void> {
  serves = !isMainThread;
  for (const entry of table) bundles.set(entry.source, entry);
}

/** Whether this is a worker thread that runs the top level of a user's module. */
function isImportingInWorker(): boolean {
  return !isMainThread && running.length > 0;
}

/**
 * Ends an endless nest: a user's program that trains at its top level would train again in every worker that imports it.
 * @throws `NESTED_IN_WORKER` while a worker thread is importing a module, and ever after in an engine's own worker threads.
 */
export function assertNotImporting(what: string): void {
  if (!isImportingInWorker() && !serves) return;
  throw usageError(
    'NESTED_IN_WORKER',
    `${what}() was reached while a worker thread imports the module of an env. Put the env in its own file, or guard the program: if (isMainThread) { ... } (from 'node:worker_threads').`,
    running.length === 0 ? {} : { file: fileURLToPath(running.at(-1)!) },
  );
}

/** @throws `ENV_NOT_PORTABLE` if a spec does not say what another thread should import. */
export function assertPortable(spec: EnvSpec): void {
  assertWrappersPortable(spec);
  if (spec.moduleUrl !== null) return;
  throw usageError(
    'ENV_NOT_PORTABLE',
    `${spec.id} was registered without a moduleUrl, so other threads cannot build it. Add moduleUrl: import.meta.url to register({ id: '${spec.id}', ... }).`,
    { env: spec.id },
  );
}

/** The user's module that is being imported, if exactly one is: what an env registered without a `moduleUrl` comes from. */
export function moduleBeingImported(): string | null {
  return running.length === 1 ? running[0]! : null;
}

/**
 * Imports a module of a spec: a built-in one, or the bundle of a user's.
 * @throws `MODULE_NOT_FOUND`, `MODULE_LOAD_FAILED`, and any error of this library that the module's top level meets.
 */
export async function importModule(moduleUrl: string): Promise<ModuleExports> {
  let pending = imports.get(moduleUrl);
  if (pending === undefined) {
    pending = moduleUrl.startsWith(BUILTIN) ? importBuiltin(moduleUrl) : importBundle(moduleUrl);
    imports.set(moduleUrl, pending);
    pending.catch(() => imports.delete(moduleUrl));
  }
  return await pending;
}

async function importBuiltin(moduleUrl: string): Promise<ModuleExports> {
  try {
    return (await import(new URL(moduleUrl.slice(BUILTIN.length), engineRoot).href)) as ModuleExports;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure('MODULE_LOAD_FAILED', `this version has no module ${moduleUrl}: ${reason}`, {}, cause);
  }
}

async function importBundle(moduleUrl: string): Promise<ModuleExports> {
  const { bundle } = await bundleOf(moduleUrl);
  // So that a stack names the user's own file and line.
  process.setSourceMapsEnabled(true);
  running.push(moduleUrl);
  try {
    return (await import(bundle)) as ModuleExports;
  } catch (cause) {
    if (cause instanceof GymkhanaError) throw cause;
    const path = fileURLToPath(moduleUrl);
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    const where = firstFrame(cause, bundle);
    throw failure('MODULE_LOAD_FAILED', `importing ${path} failed: ${reason}${where}`, { file: path }, cause);
  } finally {
    running.splice(running.indexOf(moduleUrl), 1);
  }
}

/** Where an error of the user's own code was thrown, by its source map: "\n  at file:line:column"; empty if that is unknown. */
function firstFrame(error: unknown, bundle: string): string {
  const frame = error instanceof Error ? /\n\s+at (?:.*\()?([^()\n]+:\d+:\d+)\)?/.exec(error.stack ?? '') : null;
  const place = frame?.[1];
  return place === undefined || place.startsWith('node:') || place.startsWith(bundle) ? '' : `\n  at ${place}`;
}

const bundling = new Map<string, Promise<BundledModule>>();

async function bundleOf(moduleUrl: string): Promise<BundledModule> {
  const known = bundles.get(moduleUrl);
  if (known !== undefined) return known;
  let pending = bundling.get(moduleUrl);
  if (pending === undefined) {
    pending = bundleModule(moduleUrl).finally(() => bundling.delete(moduleUrl));
    bundling.set(moduleUrl, pending);
  }
  const entry = await pending;
  bundles.set(moduleUrl, entry);
  return entry;
}
