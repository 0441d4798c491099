// Compiles the TypeScript and the SIMD kernels into dist/, copies what they read at run time, and removes outputs whose source
// is gone. Usage: node scripts/build.mjs. The set-up script calls it when sources changed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesBelow, hashFiles } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const TREES = ['src', 'envs', 'agents', 'scripts', 'test'];
const ASSETS = /\.(html|css|svg|json)$|src[\\/]authoring[\\/]templates[\\/].*\.ts$/;
const OUTPUT = /(\.js|\.d\.ts|\.js\.map)$/;
const ASSEMBLIES = [join('src', 'backends', 'kernels', 'assembly'), join('src', 'physics', 'assembly')];
/** Written by build-kernels.mjs. */
const SOLVER = join('src', 'physics', 'solver-code.js');

function node(...words) {
  return new Promise((resolve) => {
    spawn(process.execPath, words, { cwd: root, stdio: 'inherit' }).on('close', (status) => resolve(status ?? 1));
  });
}

function emitted(source) {
  return join(root, 'dist', source.replace(/\.ts$/, '.js'));
}

function sources() {
  return TREES.flatMap((tree) => filesBelow(root, tree)).filter((file) => !file.split(/[\\/]/).includes('fixtures'));
}

async function compile() {
  const expected = sources().filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !ASSEMBLIES.some((folder) => file.startsWith(folder)),
  );
  const info = join(root, 'dist', '.tsbuildinfo');
  // The incremental compiler trusts its notes and would not write an output again that somebody deleted.
  if (existsSync(info) && expected.some((file) => !existsSync(emitted(file)))) {
    const known = JSON.parse(readFileSync(info, 'utf8')).fileNames?.map((name) => join('dist', name)) ?? [];
    if (expected.some((file) => !existsSync(emitted(file)) && known.includes(file))) rmSync(info);
  }
  return node(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.json');
}

/** Kernels take seconds to compile and seldom change. */
async function buildKernels() {
  const script = join(root, 'scripts', 'build-kernels.mjs');
  if (!existsSync(script)) return 0;
  const outDir = join(root, 'dist', 'src', 'backends', 'kernels');
  const stamp = join(outDir, '.kernels-hash');
  const inputs = [...ASSEMBLIES.flatMap((folder) => filesBelow(root, folder)), join('scripts', 'build-kernels.mjs')];
  const version = readFileSync(join(root, 'node_modules', 'assemblyscript', 'package.json'));
  const hash = createHash('sha256').update(hashFiles(root, inputs)).update(version).digest('hex');
  const fresh =
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === hash &&
    existsSync(join(outDir, 'kernels-fused.wasm')) &&
    existsSync(join(outDir, 'kernels-plain.wasm')) &&
    existsSync(join(root, 'dist', SOLVER));
  if (fresh) return 0;
  const status = await node(script, '--out-dir', outDir);
  if (status === 0) writeFileSync(stamp, hash);
  return status;
}

function copyAssets() {
  for (const file of sources().filter(
    (name) => ASSETS.test(name) && !name.startsWith('scripts') && !name.startsWith('test'),
  )) {
    const target = join(root, 'dist', file);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(root, file), target);
  }
}

/** A test or module that was deleted must not live on as its old output. */
function removeStale(folder) {
  const path = join(root, 'dist', folder);
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const name = join(folder, entry.name);
    if (entry.isDirectory()) {
      removeStale(name);
      if (readdirSync(join(root, 'dist', name)).length === 0) rmSync(join(root, 'dist', name), { recursive: true });
    } else if (name !== SOLVER && OUTPUT.test(name) && !existsSync(join(root, name.replace(OUTPUT, '.ts')))) {
      rmSync(join(root, 'dist', name));
    }
  }
}

/** Puts zod into the module that names its parts: one file instead of its 95. */
async function bundleZod() {
  const { build } = await import('esbuild');
  await build({
    entryPoints: [join(root, 'src', 'core', 'zod.ts')],
    outfile: join(root, 'dist', 'src', 'core', 'zod.js'),
    bundle: true,
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    // Its licence goes with every copy.
    banner: { js: `/*! zod\n${readFileSync(join(root, 'node_modules', 'zod', 'LICENSE'), 'utf8')}*/` },
  });
}

mkdirSync(join(root, 'dist'), { recursive: true });
const [compiled, kernels] = await Promise.all([compile(), buildKernels()]);
for (const tree of TREES) removeStale(tree);
copyAssets();
if (!compiled) await bundleZod();
process.exit(compiled || kernels);
