/**
 * An env as scripts for a page: its class, its wrappers and the part of the engine that runs them, made with esbuild. Nothing of
 * the env is run here.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  BuildFailure,
  BuildOptions,
  Message,
  OnLoadResult,
  OnResolveArgs,
  OnResolveResult,
  Plugin,
} from 'esbuild';
import { failure, usageError } from '../core/errors.js';
import { assertWrappersPortable, type EnvSpec, moduleUrlsOf } from '../core/spec.js';
import { bundleScript } from './page-script.js';

/** Scripts of a page, to be run in this order, each in a `<script>` of its own. */
export interface EnvBundle {
  /** Puts Node 20's mathematical functions into `Math`; it has to run before anything takes a function out of `Math`. */
  readonly install: string;
  /** Defines the global `gymkhanaSim`, whose type is `PageSim`. */
  readonly env: string;
}

/** The global `gymkhanaSim` of a page. */
export type PageSim = typeof import('./sim/index.js');

/** Root of the compiled engine, which holds `src/` and `envs/`. */
const ROOT = new URL('../../', import.meta.url);
const ENGINE = ['src/', 'envs/'].map((name) => fileURLToPath(new URL(name, ROOT)));
const path = (name: string): string => fileURLToPath(new URL(name, ROOT));

/** Folders whose exports from 'gymkhana' a page has. */
const IN_PAGES = /^\.\/(core|spaces|wrappers|render|physics)\/|^\.\.\/envs\//;

/** Options of all scripts of pages. */
export const PAGE_BUILD = {
  bundle: true,
  write: false,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  // No minifySyntax: it folds powers of constants with a function that is not the page's.
  minifyWhitespace: true,
  minifyIdentifiers: true,
  // States of wrappers go by the names of their classes.
  keepNames: true,
  supported: { 'exponent-operator': false },
  legalComments: 'none',
  logLevel: 'silent',
} as const satisfies BuildOptions;

/**
 * Bundles the env of a spec for a page.
 * @throws `ENV_NOT_FOR_PAGES` with the reason if its code needs Node, or a part of this library that pages have not;
 * `WRAPPER_NOT_PORTABLE`.
 */
export async function bundleEnv(spec: EnvSpec): Promise<EnvBundle> {
  assertWrappersPortable(spec);
  if (spec.moduleUrl === null) {
    throw notForPages(spec, 'it was registered without a moduleUrl, so there is no file to take its code from');
  }
  const modules = [...new Set(moduleUrlsOf(spec))];
  const { build } = await import('esbuild');
  try {
    const env = await build({
      ...PAGE_BUILD,
      stdin: { contents: entry(spec, modules), resolveDir: path('.'), loader: 'js' },
      globalName: 'gymkhanaSim',
      // What Node itself would take from a package, since its results are what the page's are compared with.
      mainFields: ['main', 'module', 'browser'],
      // A page does not say where on the disk its modules lay.
      define: {
        'import.meta.url': '"file:///page.js"',
        'import.meta.dirname': '"/"',
        'import.meta.filename': '"/page.js"',
      },
      plugins: [forPages],
    });
    install ??= installScript();
    return { install: await install, env: env.outputFiles[0]!.text.trim() };
  } catch (cause) {
    const [first] = (cause as Partial<BuildFailure>).errors ?? [];
    throw notForPages(spec, first === undefined ? String(cause) : describe(first), cause);
  }
}

let install: Promise<string> | null = null;

/** The first script, the same for every env. */
const installScript = (): Promise<string> => bundleScript(path('src/viewer/sim/install-math.js'), PAGE_BUILD);

function notForPages(spec: EnvSpec, reason: string, cause?: unknown): Error {
  return failure(
    'ENV_NOT_FOR_PAGES',
    `${spec.id} cannot run in a page: ${reason}.`,
    { env: spec.id, hint: 'Keep what needs Node out of the module of the env.' },
    cause,
  );
}

function describe({ text, location }: Message): string {
  const why = text.replace(/\.$/, '').replace('gymkhana-in-a-page:', '');
  return location === null ? why : `${why} (${basename(location.file)}:${location.line})`;
}

/** The text of the bundle's first module. */
function entry(spec: EnvSpec, modules: readonly string[]): string {
  const sim = JSON.stringify(path('src/viewer/sim/index.js'));
  const make = JSON.stringify(path('src/viewer/sim/make.js'));
  const imports = modules.map((url, i) => `import * as module${i} from ${JSON.stringify(fileOf(spec, url))};`);
  const table = modules.map((url, i) => `${JSON.stringify(url)}: module${i}`);
  return [
    `export * from ${sim};`,
    `import { provide } from ${make};`,
    ...imports,
    // Parsed, since an object literal takes the key `__proto__` for something else.
    `provide(JSON.parse(${JSON.stringify(JSON.stringify(spec))}), { ${table.join(', ')} });`,
  ].join('\n');
}

function fileOf(spec: EnvSpec, url: string): string {
  const file = url.startsWith('gymkhana:')
    ? path(url.slice('gymkhana:'.length))
    : url.startsWith('file:')
      ? fileURLToPath(url)
      : null;
  if (file === null) {
    throw usageError('INVALID_MODULE_URL', `only files can be bundled for a page, got '${url}'.`, {
      env: spec.id,
      got: url,
    });
  }
  if (!existsSync(file)) throw usageError('MODULE_NOT_FOUND', `there is no file ${file}.`, { file, env: spec.id });
  return file;
}

const isEngine = (file: string): boolean => ENGINE.some((folder) => file.startsWith(folder));

/** The engine as pages have it: modules of Node are empty there, and everything of it that nobody uses stays out. */
const forPages: Plugin = {
  name: 'for-pages',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^gymkhana(\/|$)/ }, ({ path: name }): OnResolveResult => {
      if (name === 'gymkhana') return { path: name, namespace: 'gymkhana-in-a-page', sideEffects: false };
      if (name === 'gymkhana/physics') return { path: path('src/physics/index.js'), sideEffects: false };
      return { errors: [{ text: `it imports '${name}', which pages have not` }] };
    });
    onLoad(
      { filter: /^gymkhana$/, namespace: 'gymkhana-in-a-page' },
      (): OnLoadResult => ({
        contents: publicExports(),
        resolveDir: path('src'),
        loader: 'js',
      }),
    );
    onLoad({ filter: /[\\/]src[\\/]physics[\\/]matter\.js$/ }, ({ path: file }): OnLoadResult | undefined =>
      isEngine(file)
        ? { contents: `import matter from 'matter-js'; export { matter };`, resolveDir: dirname(file), loader: 'js' }
        : undefined,
    );
    onResolve({ filter: /.*/ }, async (request: OnResolveArgs): Promise<OnResolveResult | undefined> => {
      const { path: name, importer, kind, resolveDir, namespace } = request;
      if (isBuiltin(name)) {
        if (isEngine(importer)) return { path: name, namespace: 'node-in-a-page', sideEffects: false };
        const named = name.startsWith('node:') ? name : `node:${name}`;
        return { errors: [{ text: `it imports ${named}, a module of Node` }] };
      }
      // Relative and absolute imports of the engine's own files.
      if (request.pluginData === 'resolving' || !(isEngine(importer) || namespace !== 'file')) return undefined;
      const found = await resolve(name, { resolveDir, kind, importer, pluginData: 'resolving' });
      if (found.errors.length > 0) return { errors: found.errors };
      return { path: found.path, sideEffects: isEngine(found.path) ? false : found.sideEffects };
    });
    onLoad(
      { filter: /.*/, namespace: 'node-in-a-page' },
      (): OnLoadResult => ({ contents: 'module.exports = {};', loader: 'js' }),
    );
  },
};

/** `gymkhana` in a page: the exports of the public list that come from folders without Node, and a registry of the page's own. */
function publicExports(): string {
  const list = readFileSync(path('src/index.js'), 'utf8');
  const lines = [...list.matchAll(/export \{[^}]*\} from '([^']+)';/g)].filter(([, from]) => IN_PAGES.test(from!));
  return [...lines.map(([line]) => line), `export { register, registerWrapper } from './viewer/sim/registry.js';`].join(
    '\n',
  );
}
