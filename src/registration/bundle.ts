/**
 * Bundles a user's module with esbuild, so that a TypeScript env needs no build step and `import 'gymkhana'` is always the
 * running engine's own module, whatever copy the user's folder has. Other packages stay where they are and are imported by
 * their file, which keeps CommonJS packages working.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { BuildFailure, ImportKind, Message, OnLoadResult, OnResolveResult, Plugin } from 'esbuild';
import { failure, usageError } from '../core/errors.js';
import { nearestManifest } from './packages.js';

/** A user's module, as every thread imports it. */
export interface BundledModule {
  /** `file:` URL of the source. */
  readonly source: string;
  /** `file:` URL of the bundle, in a folder of this process that is removed at its end. */
  readonly bundle: string;
  /** SHA-256 of the code, hexadecimal: the module's identity in a run, the same wherever its folder and the engine lie. */
  readonly hash: string;
}

/** Root of the running engine's compiled files, which holds `src/` and `envs/`. */
export const engineRoot = new URL('../../', import.meta.url);

const ENGINE_FOLDERS = ['src/', 'envs/'].map((name) => fileURLToPath(new URL(name, engineRoot)));

/** What users import, and the running engine's file for it. */
const ENTRY_POINTS: Readonly<Record<string, string>> = {
  gymkhana: 'src/index.js',
  'gymkhana/physics': 'src/physics/index.js',
  'gymkhana/testing': 'src/testing/index.js',
};

/** Names that stand for a file's own `import.meta` in the bundle, where the real one would be the bundle's. */
const META = {
  'import.meta.url': '__gymkhana_url',
  'import.meta.dirname': '__gymkhana_dirname',
  'import.meta.filename': '__gymkhana_filename',
} as const;

let temporary: string | null = null;

/**
 * Bundles the module at a `file:` URL.
 * @throws `MODULE_NOT_FOUND`, and `MODULE_LOAD_FAILED` with file and line if it does not compile or lacks an import.
 */
export async function bundleModule(moduleUrl: string): Promise<BundledModule> {
  if (!moduleUrl.startsWith('file:')) {
    throw usageError('INVALID_MODULE_URL', `only files can be imported as the module of an env, got '${moduleUrl}'.`, {
      expected: 'a file: URL',
      got: moduleUrl,
    });
  }
  const path = fileURLToPath(moduleUrl);
  if (!existsSync(path)) throw usageError('MODULE_NOT_FOUND', `there is no file ${path}.`, { file: path });
  const folder = dirname(path);
  const { build } = await import('esbuild');
  let code: string;
  let map: string;
  try {
    const result = await build({
      entryPoints: [path],
      absWorkingDir: folder,
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'external',
      logLevel: 'silent',
      // The text depends on this name, which therefore must not depend on the folder.
      outfile: join(folder, 'bundle.mjs'),
      define: META,
      // CommonJS parts of the module require packages as from their own place.
      banner: {
        js: `import { createRequire as __gymkhana_require } from 'node:module'; const require = __gymkhana_require(${JSON.stringify(moduleUrl)});`,
      },
      plugins: [linkToEngine],
    });
    code = textOf(result.outputFiles, '.mjs');
    map = textOf(result.outputFiles, '.map');
  } catch (cause) {
    const errors = (cause as Partial<BuildFailure>).errors ?? [];
    const lines = errors.map((error) => describe(error, folder));
    const message = lines.length > 0 ? lines.join('\n') : String(cause);
    throw failure('MODULE_LOAD_FAILED', `${path} does not load:\n${message}`, { file: path }, cause);
  }
  const places = code.replaceAll(engineRoot.href, 'gymkhana:').replaceAll(pathToFileURL(folder).href, '');
  const hash = createHash('sha256').update(places.replaceAll(folder, '')).digest('hex');
  const file = join(temporaryFolder(), `${createHash('sha256').update(code).digest('hex').slice(0, 16)}.mjs`);
  writeFileSync(file, `${code}\n//# sourceMappingURL=data:application/json;base64,${absoluteMap(map, folder)}\n`);
  return { source: moduleUrl, bundle: pathToFileURL(file).href, hash };
}

function textOf(files: readonly { path: string; text: string }[] | undefined, ending: string): string {
  return files?.find((file) => file.path.endsWith(ending))?.text ?? '';
}

function describe({ location, text }: Message, folder: string): string {
  return location === null
    ? text
    : `${resolve(folder, location.file)}:${location.line}:${location.column + 1}: ${text}`;
}

/** The bundle lies in another folder than its sources, so the map names them in full. */
function absoluteMap(map: string, folder: string): string {
  const json = JSON.parse(map) as { sources: string[] };
  json.sources = json.sources.map((source) => pathToFileURL(resolve(folder, source)).href);
  return Buffer.from(JSON.stringify(json)).toString('base64');
}

const linkToEngine: Plugin = {
  name: 'link-to-engine',
  setup(build) {
    build.onResolve({ filter: /^gymkhana(\/|$)/ }, ({ path, kind }): OnResolveResult => {
      const entry = ENTRY_POINTS[path];
      if (entry !== undefined) return external(fileURLToPath(new URL(entry, engineRoot)), kind);
      if (path === 'gymkhana/package.json') return { path: fileURLToPath(new URL('../package.json', engineRoot)) };
      return {
        errors: [
          {
            text: `'${path}' is not a part of gymkhana that can be imported; import from 'gymkhana'; there are also gymkhana/physics and gymkhana/testing.`,
          },
        ],
      };
    });
    // A module of this project that reaches for the engine's files directly gets the running ones, too.
    build.onResolve({ filter: /^\.{1,2}\/.*\.js$/ }, ({ path, kind, resolveDir }): OnResolveResult | undefined => {
      const found = resolve(resolveDir, path);
      return ENGINE_FOLDERS.some((folder) => found.startsWith(folder)) ? external(found, kind) : undefined;
    });
    build.onResolve({ filter: /^[^./]/ }, async (request): Promise<OnResolveResult | undefined> => {
      const { path, kind, resolveDir, importer } = request;
      if (kind === 'entry-point' || request.pluginData === 'resolving' || isBuiltin(path)) return undefined;
      if (path.startsWith('file:')) return { path, external: true };
      if (/^([A-Za-z]:[\\/]|[a-z]+:)/.test(path)) return undefined;
      const found = await build.resolve(path, { resolveDir, kind, importer, pluginData: 'resolving' });
      if (found.errors.length > 0) return { errors: found.errors };
      if (found.external || !isForeignCode(found.path, importer)) return undefined;
      return external(found.path, kind);
    });
    build.onLoad(
      { filter: /\.[cm]?[jt]sx?$/, namespace: 'file' },
      async ({ path }): Promise<OnLoadResult | undefined> => {
        const text = await readFile(path, 'utf8');
        if (!text.includes('import.meta')) return undefined;
        const values = [pathToFileURL(path).href, dirname(path), path].map((value) => JSON.stringify(value));
        const names = Object.values(META).map((name, k) => `${name} = ${values[k]}`);
        const start = text.startsWith('#!') ? text.indexOf('\n') + 1 : 0;
        return {
          contents: `${text.slice(0, start)}const ${names.join(', ')}; ${text.slice(start)}`,
          loader: 'default',
        };
      },
    );
  },
};

function external(path: string, kind: ImportKind): OnResolveResult {
  const required = kind === 'require-call' || kind === 'require-resolve';
  return { path: required ? path : pathToFileURL(path).href, external: true };
}

/** Compiled code of another package stays outside, unless it is an env package: its `gymkhana` must be the engine too. */
function isForeignCode(path: string, importer: string): boolean {
  if (!/\.[cm]?js$/.test(path)) return false;
  const home = nearestManifest(dirname(path));
  if (home === null || home.folder === nearestManifest(dirname(importer))?.folder) return path.includes('node_modules');
  const { dependencies, peerDependencies } = home.manifest;
  return dependencies?.['gymkhana'] === undefined && peerDependencies?.['gymkhana'] === undefined;
}

function temporaryFolder(): string {
  if (temporary === null) {
    const created = mkdtempSync(join(tmpdir(), 'gymkhana-modules-'));
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
    temporary = created;
  }
  return temporary;
}
