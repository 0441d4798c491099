/**
 * Whose code may run: the engine's own, and modules that the user named. What a file of data says (an episode, a run, a launch,
 * a job) names no module by itself, since such files come from others too.
 *
 * A module is named when a program or a command line refers to it: `make('./my-env.ts:MyEnv')`, `register({ moduleUrl })`,
 * `gymkhana train ./my-env.ts:MyEnv`, `--module ./my-env.ts`. The command line remembers what was named, so that `eval`, `replay` and
 * programs know the module of an env that was trained before.
 */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { usageError } from '../core/errors.js';
import { type EnvSpec, moduleUrlsOf } from '../core/spec.js';
import { locateModule } from './packages.js';
import { registry } from './registry.js';

/** The built-in envs' own modules and nothing else of the engine. */
export const BUILTIN_MODULE: RegExp = /^gymkhana:envs\/[a-z0-9-]+\/[a-z0-9-]+\.js$/;

const named = new Set<string>();
/** Whether what is named is remembered: not in a program, which leaves nothing behind. */
let remembers = false;

/** `$XDG_STATE_HOME/gymkhana/modules.txt`, or below `~/.local/state`: one address a line. */
export function namedModulesFile(): string {
  const { XDG_STATE_HOME: state } = process.env;
  const folder = state === undefined || state === '' ? join(homedir(), '.local', 'state') : state;
  return join(folder, 'gymkhana', 'modules.txt');
}

function remembered(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

/** For the command line: remembers what this command names. */
export function rememberNamedModules(): void {
  remembers = true;
}

/** Notes that the user named a module, by its `file:` URL. */
export function nameModule(moduleUrl: string): void {
  if (BUILTIN_MODULE.test(moduleUrl) || named.has(moduleUrl)) return;
  named.add(moduleUrl);
  const memory = namedModulesFile();
  if (!remembers || remembered(memory).includes(moduleUrl)) return;
  try {
    mkdirSync(dirname(memory), { recursive: true });
    appendFileSync(memory, `${moduleUrl}\n`);
  } catch {
    // Then it has to be named again the next time.
  }
}

/** Notes that a program gave a spec: its modules are the program's choice. */
export function nameModules(spec: EnvSpec): void {
  for (const url of moduleUrlsOf(spec)) nameModule(url);
}

/**
 * Lets files name a module: `trustModule('./my-env.ts')` before a run or an episode of that env is opened.
 * @param reference a path from `cwd`, a `file:` URL or a package.
 * @throws `MODULE_NOT_FOUND`.
 */
export function trustModule(reference: string, options: { readonly cwd?: string } = {}): void {
  if (typeof reference !== 'string' || reference === '') {
    throw usageError('MODULE_NOT_FOUND', `trustModule takes the path of a module, got ${JSON.stringify(reference)}.`, {
      expected: 'a path',
      got: String(reference),
    });
  }
  nameModule(locateModule(reference, options.cwd ?? process.cwd()));
}

/** Whether a module's code may run. */
export function isNamed(moduleUrl: string): boolean {
  if (BUILTIN_MODULE.test(moduleUrl) || named.has(moduleUrl)) return true;
  for (const spec of registry.values()) if (spec.moduleUrl === moduleUrl) return true;
  return remembered(namedModulesFile()).includes(moduleUrl);
}

/** The first module of a spec that nobody named; null if all may run. */
export function unnamedModule(spec: EnvSpec): string | null {
  return moduleUrlsOf(spec).find((url) => !isNamed(url)) ?? null;
}

/**
 * Refuses a spec that a file gives, unless its modules were named.
 * @param from the file, for the message.
 * @throws `MODULE_UNTRUSTED`
 */
export function assertModulesNamed(spec: EnvSpec, from: string): void {
  const url = unnamedModule(spec);
  if (url !== null) throw untrusted(spec.id, url, from);
}

/** The error for a module that only a file names. */
export function untrusted(env: string, moduleUrl: string, from: string): Error {
  const shown = moduleUrl.slice(0, 200);
  return usageError(
    'MODULE_UNTRUSTED',
    `${from} says that ${env} comes from ${JSON.stringify(shown)}, and a file's word alone runs no code. Name the module yourself if you trust it: --module <file>, or trustModule('<file>') in a program.`,
    { file: from, env, got: shown, expected: 'a module that you name' },
  );
}
