/** Scripts of pages, bundled from the compiled modules beside this one. */
import { fileURLToPath } from 'node:url';

const scripts = new Map<string, Promise<string>>();

/** The script of a page whose first module is `entry`, a path from this folder such as `./page/main.js`. */
export function pageScript(entry: string): Promise<string> {
  let pending = scripts.get(entry);
  if (pending === undefined) {
    pending = bundle(fileURLToPath(new URL(entry, import.meta.url)));
    scripts.set(entry, pending);
  }
  return pending;
}

async function bundle(file: string): Promise<string> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  return outputFiles[0]!.text.trim();
}
