/** Scripts of pages, bundled from the compiled modules beside this one. */
import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';

/** Scripts that compute nothing of an env. */
const MINIFIED = {
  bundle: true,
  write: false,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  logLevel: 'silent',
} as const satisfies BuildOptions;

const scripts = new Map<string, Promise<string>>();

/** The script of a page whose first module is `entry`, a path from this folder such as `./page/main.js`. */
export function pageScript(entry: string): Promise<string> {
  let pending = scripts.get(entry);
  if (pending === undefined) {
    pending = bundleScript(fileURLToPath(new URL(entry, import.meta.url)), MINIFIED);
    scripts.set(entry, pending);
  }
  return pending;
}

/** Bundles one compiled module, with what it imports, into the text of a script. */
export async function bundleScript(file: string, options: BuildOptions & { readonly write: false }): Promise<string> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({ ...options, entryPoints: [file] });
  return outputFiles[0]!.text.trim();
}
